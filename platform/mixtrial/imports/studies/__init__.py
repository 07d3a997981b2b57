"""Studies of other tools: read into a neutral form, written as study file, audio and import.md."""
