"""Commands that output answers: export, report, archive."""
