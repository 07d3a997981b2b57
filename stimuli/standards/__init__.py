"""Rules of the recommendations on listening tests, and which rules a study does not follow."""
