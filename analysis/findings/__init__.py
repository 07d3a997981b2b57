"""What an analysis finds: frozen records, from which results.json and its schema are made."""
