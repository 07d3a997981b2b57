"""The criterion of expertise: hear differences, and rate the same stimulus consistently.

**Conventions.** The criterion is declared before the ratings are seen. Reliability and
discrimination come from :func:`analysis.ratings.repeats.repeats`. For each participant, `repeats`
computes a one-way analysis of variance over the stimuli (attribute x song x system) that the
participant rated more than once. Participants who rated fewer than four stimuli twice are kept.
With three stimuli, one in fifteen random assignments puts the same ratings together, so that nobody
could be above the noise floor. The criterion does not use the names of the systems, and therefore
gives no system an advantage.

References
----------
.. [1] ITU-R BS.2300-0 (2014), Methods for assessor screening. The measures of eGauge and its noise
   floor by permutation are used, but not its scaling.
.. [2] Lorho, Le Ray & Zacharov (2010), eGauge - a measure of assessor expertise in audio quality
   evaluations, AES 38th International Conference.
"""

import numpy as np
import pandas as pd

from analysis.findings.screening import Exclusion, ExpertiseGate, RepeatMeasures, ScreeningRule
from analysis.ratings.participants import measures_of_repeats
from analysis.scale import Scale, on_one_scale

DISCRIMINATION = "expertise_discrimination"
RELIABILITY = "expertise_reliability"
FEWEST_REPEATED = 4
SOURCE = "after the idea of ITU-R BS.2300"


def measured_repeats(ratings: pd.DataFrame, seed: int) -> dict[str, RepeatMeasures]:
    """Reliability and discrimination of each participant who repeated enough ratings."""
    rated, _ = on_one_scale(ratings[ratings["rating"].notna()])
    times = rated.groupby(["participant", "attribute", "song", "system"]).size()
    n_repeated = (times > 1).groupby(level="participant").sum()
    enough = set(n_repeated.index[n_repeated >= FEWEST_REPEATED])
    return {
        str(who): measures_of_repeats(own, seed)
        for who, own in rated.groupby("participant")
        if who in enough
    }


def gated(ratings: pd.DataFrame, gate: ExpertiseGate, of: Scale, seed: int) -> list[Exclusion]:
    """Participants who do not fulfil the criterion of expertise.

    Parameters
    ----------
    ratings
        A checked rating table.
    gate
        Declarations.
    of
        Scale of the primary attribute; `gate.reliability_sd` is in points of this scale.
    seed
        Seed of the permutations from which the noise floor is computed.

    Returns
    -------
    list of Exclusion
        Exclusions, sorted by participant; a participant who fails both rules is listed twice. The
        limits of the criterion are exact. An F equal to its noise floor does not pass. A standard
        deviation equal to its limit passes.
    """
    _, scale = on_one_scale(ratings[ratings["rating"].notna()])
    limit = None if gate.reliability_sd is None else scale.points(gate.reliability_sd / of.range)
    found = []
    for who, row in measured_repeats(ratings, seed).items():
        f, floor, sd = row.repeats_f, row.repeats_floor, row.reliability_sd
        if gate.discriminates and np.isfinite(f) and f <= floor:
            why = (
                f"Distinguishes repeated stimuli no better than chance: F {f:.2f}, which is not "
                f"above {floor:.2f}."
            )
            found.append(Exclusion(who, DISCRIMINATION, f, floor, why, "F"))
        if limit is not None and sd > limit:
            why = f"Repeats lie {sd:.1f} points apart (standard deviation), more than {limit:g}."
            found.append(Exclusion(who, RELIABILITY, sd, limit, why, "points"))
    return found


def rules_of_gate(
    ratings: pd.DataFrame, gate: ExpertiseGate | None, seed: int
) -> list[ScreeningRule]:
    """Rows about the criterion in `screening.rules`, with how many participants were not judged."""
    if gate is None:
        return []
    n_judged = len(measured_repeats(ratings, seed))
    nobody = f"Nobody rated {FEWEST_REPEATED} stimuli twice, so the gate can judge nobody."
    asked = {DISCRIMINATION: gate.discriminates, RELIABILITY: gate.reliability_sd is not None}
    n_not_judged = ratings["participant"].nunique() - n_judged
    why = None if n_judged else nobody
    return [
        ScreeningRule(rule, n_judged > 0, why, SOURCE, n_not_judged)
        for rule, is_asked in asked.items()
        if is_asked
    ]
