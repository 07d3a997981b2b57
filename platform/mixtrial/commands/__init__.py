"""One command of ``mixtrial`` a file; heavy imports wait inside the functions."""
