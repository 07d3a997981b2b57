"""The store: what the house asks of the database, by intention."""
