"""Recruiting of participants: what panels write into a link, and the way back to the panel."""
