"""How well an objective measure tells what listeners said (ITU-T P.1401)."""
