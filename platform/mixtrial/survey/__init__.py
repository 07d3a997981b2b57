"""Pages of a participant; where they stand is in the database."""
