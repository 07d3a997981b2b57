"""Mean opinion scores, and how listeners' habits influence the scores."""
