"""The study file that `mixtrial new` writes, from a folder's files or from a template."""
