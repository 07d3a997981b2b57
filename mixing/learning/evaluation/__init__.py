"""Quality of the networks: every song is held out once, and compared with constants."""
