"""A study file as text that is changed value by value, undone, merged and saved."""
