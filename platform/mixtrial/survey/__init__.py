"""Pages of a participant, whose position is stored in the database."""
