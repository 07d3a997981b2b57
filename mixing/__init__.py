"""Mixing of a vocal and a backing; other packages handle participants, pages and storage."""
