"""Files of other tools, converted to our own form: studies and results."""
