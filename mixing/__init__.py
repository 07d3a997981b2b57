"""Mixing of vocal and backing, without participants, pages or storage."""
