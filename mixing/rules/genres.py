"""Levels of vocals relative to the accompaniment in five genres.

The study [1]_ used songs that were nominated for a Grammy from 1990 to 2020. Relative to the
accompaniment, lead vocals were loudest in country, second in rap, and third in pop. Lead vocals
were about as loud as the accompaniment in rock, and softer in metal [1]_. The order of the genres
and the signs of the differences come from the study [1]_. The sizes of the differences (relative to
pop) were chosen for mixtrial. The differences are added to the balance of the profile, which is the
constant that fits mixed songs best. The estimates of [1]_ are not used directly, because they
concern only the lead vocal.

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
