"""Separation of finished mixes into vocal and backing; all models have the same interface."""
