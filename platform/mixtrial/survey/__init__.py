"""Pages of a participant, whose position in the test is stored in the database."""
