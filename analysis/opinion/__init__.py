"""Mean opinion scores, and effects of listeners' habits on them."""
