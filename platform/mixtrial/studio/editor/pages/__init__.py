"""What the editor draws: sections of fields, the grid of sounds, the text, and what is wrong."""
