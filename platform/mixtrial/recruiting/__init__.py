"""Invitation to a study: its link as a picture, a text, personal links."""
