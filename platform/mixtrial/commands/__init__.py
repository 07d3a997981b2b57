"""Commands of ``mixtrial``, one per file; heavy imports are inside the functions."""
