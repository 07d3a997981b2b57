"""Simulated participants: their taste, their answers, their way through a study."""
