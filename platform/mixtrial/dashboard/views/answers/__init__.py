"""Views of the answers: ratings, choices, figures, interim analyses, the report."""
