"""Quality of the networks: each song is held out once, and errors are compared with constants."""
