"""What taking part means: enrolment, autosave, expiry, the headphone check, questionnaires."""
