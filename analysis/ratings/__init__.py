"""Table of ratings: reading, description, repeated ratings, screening and participants."""
