"""Views of the answers: ratings, choices, figures, looks, the report."""
