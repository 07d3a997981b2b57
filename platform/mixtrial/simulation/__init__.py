"""Simulated participants: their preferences, their answers, and their sessions."""
