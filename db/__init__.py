"""Storage of participants and their answers. Only the package ``db`` uses SQL."""
