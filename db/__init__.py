"""Storage of participants and their answers: the only package with SQL."""
