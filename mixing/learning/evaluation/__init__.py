"""Quality of the networks: every song is held out once, and errors are compared with constants."""
