"""Pictures of page types, as the editor shows them."""
