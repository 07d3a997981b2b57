"""Rules of taking part: enrolment, autosave, expiry, the headphone check, questionnaires."""
