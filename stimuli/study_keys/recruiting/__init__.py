"""Recruiting of participants: parameters of panels, and the return to the panel."""
