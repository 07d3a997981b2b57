"""Functions that write rows in a transaction that the caller has begun."""
