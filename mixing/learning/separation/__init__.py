"""Vocal and backing out of finished mixes; one model a file, behind one interface."""
