"""The study file that `mixtrial new` writes: of what lies in a folder, or of a template."""
