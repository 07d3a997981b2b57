"""What a study file can say: its fields, what they mean, and the sections they are in."""
