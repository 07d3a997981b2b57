"""How people hear of a study: its link as a picture, the invitation, links of one's own."""
