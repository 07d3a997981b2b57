"""The studio: the server that manages the studies of a folder and opens each in a process."""
