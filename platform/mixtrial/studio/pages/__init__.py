"""Pages of the studio for researchers."""
