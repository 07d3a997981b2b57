"""What ``mixtrial plan`` asks of a study, says of it and keeps beside it."""
