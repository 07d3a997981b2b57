"""Pages of a participant; the database has their position."""
