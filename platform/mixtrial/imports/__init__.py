"""Other tools' projects, read into studies of ours."""
