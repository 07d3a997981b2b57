"""Mean opinion scores, and the influence of listeners' habits on them."""
