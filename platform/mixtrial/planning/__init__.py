"""Planning of a study with ``mixtrial plan``: questions, results and the stored record."""
