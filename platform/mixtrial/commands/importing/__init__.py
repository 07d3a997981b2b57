"""Import a study or results of another tool."""
