"""How long a report takes, told while it is made."""
