"""Files of other tools, brought into the form of the house: studies and results."""
