"""Parts of docs/ that come from the report: sentences with their conditions, the JSON schema."""
