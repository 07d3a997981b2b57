"""Invitation to a study: the study's link as a picture, a text, and personal links."""
