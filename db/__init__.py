"""Who said what, when: the only floor that speaks SQL."""
