"""Storage of participants and their answers. Only this package uses SQL."""
