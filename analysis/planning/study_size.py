"""How large a study must be, from a few numbers: what programs call as ``mixtrial.plan``.

**Conventions.** As :mod:`analysis.planning.grid`; differences and margins are in points of a scale
from 0 to 100.
"""

from collections.abc import Mapping

from analysis.defaults import DEFAULT_DIFFERENCE, DEFAULT_MARGIN
from analysis.mixed_model.power import ALPHA, DEFAULT_VARIANCE
from analysis.planning.advice import Advice, advice
from analysis.scale import SCALE


def plan(
    n_systems: int,
    n_songs: int,
    *,
    difference: float | None = None,
    margin: float | None = None,
    n_tests: int = 1,
    songs_each: int | None = None,
    variance: Mapping[str, float] = DEFAULT_VARIANCE,
) -> Advice:
    """How many participants a study needs, and whether more of them can help.

    Parameters
    ----------
    n_systems, n_songs
        How many are compared, and on how many songs.
    difference
        Difference to be found; None: 5 points.
    margin
        Equivalence margin; None: 5 points.
    n_tests
        Pairs that are tested; the level of 5 % is shared by them.
    songs_each
        Songs that each participant rates; None: all of them.
    variance
        Components by name, in points^2; by default those of one codec test.

    Returns
    -------
    Advice
        As `analysis.planning.advice.advice` returns it: `n_for_difference` is the fewest
        participants with 80 % power, None where 500 are not enough.

    Raises
    ------
    ValueError
        When fewer than two systems or two songs are compared, or a number makes no sense.
    """
    each = n_songs if songs_each is None else songs_each
    difference = SCALE.points(DEFAULT_DIFFERENCE) if difference is None else difference
    margin = SCALE.points(DEFAULT_MARGIN) if margin is None else margin
    if min(n_systems, n_songs) < 2 or not 1 <= each <= n_songs or n_tests < 1:
        raise ValueError(
            "A plan needs two systems and two songs at least, one test or more, and of those songs "
            "at least one for each participant."
        )
    if min(difference, margin) <= 0:
        raise ValueError("The difference and the margin of a plan lie above 0 points.")
    return advice(variance, n_systems, n_songs, each, difference, margin, ALPHA / n_tests)
