"""Parts of the declared plan that are groups of keys of their own."""
