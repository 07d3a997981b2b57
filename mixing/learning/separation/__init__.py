"""Vocal and backing out of finished mixes; one model per file, behind one interface."""
