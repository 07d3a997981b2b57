"""What other tools have, brought into the form of the house: studies and results."""
