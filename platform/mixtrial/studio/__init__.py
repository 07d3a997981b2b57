"""The studio: a server that manages a folder of studies and opens each study in a process."""
