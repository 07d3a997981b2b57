"""Parts of docs/ made from the report: its sentences with their conditions, the JSON schema."""
