"""Reading of a study file, with checks against its audio and its parts."""
