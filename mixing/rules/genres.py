"""Levels of vocals relative to the accompaniment in five genres.

The source studied songs nominated for a Grammy from 1990 to 2020. Relative to the accompaniment,
lead vocals were loudest in country, then in rap and in pop. Lead vocals were about as loud as the
accompaniment in rock, and softer in metal [1]_. The order and the signs of the genres come from the
cited source. The differences between genres, given relative to pop, were chosen for mixtrial. The
differences are added to the profile's balance, which is the best constant for mixed songs. The
estimates of [1]_ are not used directly, because they are only about the lead vocal.

References
----------
.. [1] K. Gerdes, K. Siedenburg, "Lead-vocal level in recordings of popular music 1946–2020", JASA
   Express Letters 3, 043201, 2023.
"""

from __future__ import annotations

ABOVE_POP_LU = {"country": 2.0, "rap": 1.0, "pop": 0.0, "rock": -1.0, "metal": -3.0}
"""Level of a vocal relative to its backing, compared with the level in pop, by genre."""

OF_THE_REFERENCE = "reference"
"""Value of ``level`` for the balance of a finished mix."""
