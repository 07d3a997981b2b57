"""Preview of a study for researchers; nothing is stored."""
