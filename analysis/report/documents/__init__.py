"""Parts of docs/ generated from the report: sentences with their conditions, the JSON schema."""
