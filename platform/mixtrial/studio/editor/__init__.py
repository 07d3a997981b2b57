"""The editor of one study file: its text, its fields, and the pages that draw them."""
