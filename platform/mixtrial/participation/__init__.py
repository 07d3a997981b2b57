"""Rules for participants: enrolment, autosave, expiry, the headphone check, questionnaires."""
