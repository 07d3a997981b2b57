"""Separation of finished mixes into vocal and backing, with the same interface for all models."""
