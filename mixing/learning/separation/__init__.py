"""Separation of finished mixes into vocal and backing; one file per model, one interface."""
