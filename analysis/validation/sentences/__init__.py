"""Every sentence that the report can print, beside the condition that lets it."""
