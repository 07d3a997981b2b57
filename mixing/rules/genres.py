"""Levels of vocals relative to the accompaniment in five genres.

The source studied songs nominated for a Grammy from 1990 to 2020. Lead vocals were loudest relative
to the accompaniment in country, then in rap and in pop; about equally loud in rock; softer in metal
[1]_. Order and signs of the genres are from the cited source. The distances between genres, given
here relative to pop, are chosen by mixtrial. The distances are added to the profile's balance,
which is the best constant for mixed songs, because the estimates of [1]_ are only about the lead
vocal.

References
----------
.. [1] K. Gerdes, K. Siedenburg, "Lead-vocal level in recordings of popular music 1946–2020", JASA
   Express Letters 3, 043201, 2023.
"""

from __future__ import annotations

ABOVE_POP_LU = {"country": 2.0, "rap": 1.0, "pop": 0.0, "rock": -1.0, "metal": -3.0}
"""How much louder than in pop a vocal stands over its backing, by genre."""

OF_THE_REFERENCE = "reference"
"""The word for a balance that is that of a finished mix."""
