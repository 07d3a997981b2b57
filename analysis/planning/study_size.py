"""Size of a study from a few numbers: the function ``mixtrial.plan``.

**Conventions.** The conventions are those of :mod:`analysis.planning.grid`. Differences and margins
are in points of the scale. If no scale is given, it is 0 to 100.
"""

from collections.abc import Mapping, Sequence

from analysis.defaults import DEFAULT_DIFFERENCE, DEFAULT_MARGIN, DEFAULT_MODEL, PrimaryModel
from analysis.methods.planned import RatingsToCome
from analysis.mixed_model.power import ALPHA
from analysis.planning.advice import Advice, advice
from analysis.planning.arms import arm_advice
from analysis.planning.believed import default_variance, planned_model
from analysis.planning.claims import ClaimToShow, claim_to_show
from analysis.scale import SCALE, Scale
from analysis.statistics.one_sided import ONE_SIDED_ALPHA, Claim


def plan(
    n_systems: int,
    n_songs: int,
    *,
    difference: float | None = None,
    margin: float | None = None,
    n_tests: int | None = None,
    songs_each: int | None = None,
    variance: Mapping[str, float] | None = None,
    model: PrimaryModel = DEFAULT_MODEL,
    scale: Sequence[float] = (SCALE.minimum, SCALE.maximum),
    level: float | None = None,
    residual_sd: Mapping[str, float] | None = None,
    non_inferiority: float | None = None,
    superiority: float | None = None,
    n_arms: int = 1,
) -> Advice:
    """Number of participants that a study needs, and whether more participants can help.

    Parameters
    ----------
    n_systems, n_songs
        Number of systems that are compared, and number of songs.
    difference
        True difference that the study is meant to find; None: 5 % of the range of the scale.
    margin
        Equivalence margin; None: 5 % of the range of the scale.
    n_tests
        Number of contrasts that are tested together, each at 5 % divided by this number. None: the
        number of all pairs of systems, as in a report without declared contrasts.
    songs_each
        Number of songs that each participant rates; None: all songs.
    variance
        Variance of each component by name, in points^2. None: the variances of one codec test, as
        fractions of the range.
    model
        Model of the primary analysis: "lmm", "lmm_unequal" or "ordinal".
    scale
        The two ends of the rating scale; if the scale has steps, also its step: (1, 5, 1).
    level
        Mean rating of all systems, for "ordinal"; None: the middle of the scale.
    residual_sd
        Residual SD of each system, for "lmm_unequal"; the plan is made for the two systems with the
        largest SDs.
    non_inferiority, superiority
        Margins of the one-sided claims; each claim is tested at .025 divided by the number of
        claims. Margins to show that one of two equal systems is not inferior, and that a system is
        superior if its true difference exceeds the margin by `difference`.
    n_arms
        Number of arms, which get equal numbers of participants; 1: no arms.

    Returns
    -------
    Advice
        Result of `analysis.planning.advice.advice`. `n_for_difference` is the smallest number of
        participants with 80 % power; None if 500 are not enough. `claims` and `arms` have their own
        numbers of participants.

    Raises
    ------
    ValueError
        There are fewer than two systems or two songs, or one of the numbers is impossible.

    Examples
    --------
    >>> plan(n_systems=4, n_songs=20, difference=12).n_for_difference
    60
    """
    of = Scale(*scale)
    each = n_songs if songs_each is None else songs_each
    difference = of.points(DEFAULT_DIFFERENCE) if difference is None else difference
    margin = of.points(DEFAULT_MARGIN) if margin is None else margin
    n_tests = n_systems * (n_systems - 1) // 2 if n_tests is None else n_tests
    if min(n_systems, n_songs) < 2 or not 1 <= each <= n_songs or min(n_tests, n_arms) < 1:
        raise ValueError(
            "A plan needs at least two systems, two songs and one test, and each participant "
            "needs at least one song."
        )
    if not min(difference, margin) > 0:  # with "not", a difference or margin of NaN is refused too
        raise ValueError("The difference and the margin of a plan must be above 0 points.")
    if max(difference, margin) > of.range:
        raise ValueError(f"The difference and the margin must not exceed the scale, {of.in_words}.")
    claims = _claims(non_inferiority, superiority, difference, of)
    known = default_variance(of) if variance is None else variance
    ratings = RatingsToCome(known, n_systems, of, level, residual_sd or {})
    arms = arm_advice(known, n_systems, each, n_arms, difference) if n_arms > 1 else None
    planned = planned_model(model, ratings)
    return advice(planned, n_songs, each, difference, margin, ALPHA / n_tests, claims, arms)


def _claims(
    non_inferiority: float | None, superiority: float | None, difference: float, scale: Scale
) -> list[ClaimToShow]:
    if non_inferiority is not None and not 0 < non_inferiority <= scale.range:
        raise ValueError(
            "The margin of non-inferiority must be above 0 points and inside the scale."
        )
    if superiority is not None and not 0 <= superiority <= scale.range - difference:
        raise ValueError(
            "The margin of superiority must be 0 points or more; margin and difference together "
            "must fit inside the scale."
        )
    given = {Claim.NON_INFERIORITY: non_inferiority, Claim.SUPERIORITY: superiority}
    asked = {claim: margin for claim, margin in given.items() if margin is not None}
    alpha = ONE_SIDED_ALPHA / max(1, len(asked))
    return [claim_to_show(claim, margin, difference, alpha) for claim, margin in asked.items()]
