"""How good the networks are: every song held out once, and set beside constants."""
