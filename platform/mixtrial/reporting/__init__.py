"""From a study, an archive or a table to what the report is told."""
