"""One page of the survey a file."""
