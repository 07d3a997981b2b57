"""What participants ask of a study, passed on to its server and back."""
