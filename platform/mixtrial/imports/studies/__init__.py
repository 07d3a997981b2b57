"""Studies of other tools: read into neutral words, written as study file, audio and import.md."""
