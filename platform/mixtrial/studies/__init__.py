"""A folder of studies: which there are, how far they are, and what is done to a whole study."""
