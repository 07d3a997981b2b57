"""Pages of the editor: sections of fields, the grid of sounds, the text, and faults."""
