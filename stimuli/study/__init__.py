"""The study as an immutable record, and the manifest of its build."""
