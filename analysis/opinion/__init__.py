"""Mean opinion scores, and what listeners' habits add to them."""
