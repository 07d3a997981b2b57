"""How participants are found and sent back: what a panel says in a link, and where it leads."""
