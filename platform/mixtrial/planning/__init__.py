"""Planning of a study with ``mixtrial plan``: questions, results and the record beside it."""
