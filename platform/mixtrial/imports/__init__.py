"""Files of other tools, converted to mixtrial's form: studies and results."""
