"""Rules of the recommendations, and the departures of a study from these rules."""
