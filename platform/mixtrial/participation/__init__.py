"""Rules for participants: enrolment, autosave, expiry of links, headphone check, questionnaires."""
