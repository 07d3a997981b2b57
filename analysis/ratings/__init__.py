"""Table of ratings: reading, description, repeats, screening, and participants."""
