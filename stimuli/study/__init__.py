"""The study as a frozen record, and the manifest of what was built for it."""
