"""The studio: the server that makes the studies of a folder and opens them, each in a process."""
