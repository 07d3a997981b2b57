"""A study file as text in which single values are changed, undone, merged and saved."""
