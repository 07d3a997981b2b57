"""Tables read from the database: ratings, trials, comments, listening, counts."""
