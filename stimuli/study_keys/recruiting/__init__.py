"""Recruiting of participants: parameters of panels, and the way back."""
