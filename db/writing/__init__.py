"""Functions that write rows, in a transaction of their caller."""
