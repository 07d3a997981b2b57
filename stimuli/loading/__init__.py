"""A study file read and checked against its audio and its parts."""
