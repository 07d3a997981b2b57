"""Targets for reverb: the estimated reverb of a finished vocal, imitated by the delay network."""
