"""Ratings as a table: read, described, repeated, screened, and the participants who gave them."""
