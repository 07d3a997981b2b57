"""Publicity for a study: its link as a picture, the invitation, personal links."""
