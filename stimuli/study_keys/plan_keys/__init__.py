"""Parts of the declared plan that have their own group of keys."""
