"""What docs/ takes from the report: every sentence beside its condition, and the JSON schema."""
