"""Mixing of vocal and backing; participants, pages and storage belong to other packages."""
