"""Views of what participants answered: ratings, choices, figures, looks, the report."""
