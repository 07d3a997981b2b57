"""Simulated participants: their preferences, their answers, their way through a study."""
