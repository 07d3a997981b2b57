"""Commands that answer: export, report, archive."""
