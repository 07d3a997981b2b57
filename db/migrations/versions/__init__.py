"""Migrations of the tables, with one file per migration."""
