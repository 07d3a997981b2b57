"""Power of tests of what can be told apart, and of the bound on how many listeners hear it.

**Conventions.** As :mod:`analysis.discrimination.heard_by`. Listeners answer each pair of systems
as often as there are trials; the exact binomial test takes all answers of a pair together, at .05
divided by the number of pairs. The bound has the report's coverage, and counts as hearing what the
report's does. The mixed logit is planned for one pair by itself, at .05.
"""

import math
from collections.abc import Mapping

from scipy import stats

from analysis.discrimination.heard_by import HEARS, power_to_bound, power_to_hear
from analysis.discrimination.paradigms import LARGEST, Paradigm
from analysis.mixed_model.power import ALPHA
from analysis.planning.choice_plan import AnswerKind, Belief, ChoiceClaim, ChoicesToCome
from analysis.planning.population import population_power

_BELIEFS = {
    "share": Belief("share of listeners who hear the difference", 0.5, 0.01, 1.0),
    "hears": Belief("share of occasions on which these hear it", HEARS, 0.01, 1.0),
    "d_prime": Belief("sensitivity d' of all listeners, otherwise", 1.0, 0.05, LARGEST),
    "most": Belief("share of listeners that is to be excluded", 0.5, 0.01, 1.0),
    "listener_sd": Belief("spread of listeners in log odds, for the mixed logit", 0.8, 0.0, 3.0),
}


def _claims(
    paradigm: Paradigm, given: ChoicesToCome, believed: Mapping[str, float], seed: int
) -> list[ChoiceClaim]:
    n_pairs = len(given.pairs)
    alpha = ALPHA / n_pairs
    share, hears, d_prime, most, spread = (believed[name] for name in _BELIEFS)
    level = "" if n_pairs == 1 else f" (at .05 / {n_pairs}, the strictest step over all pairs)"
    right, chance = paradigm.share_of(d_prime), paradigm.chance
    odds = math.log(right / (1 - right))

    def heard_by_some(n: int, songs: int) -> float:
        return power_to_hear(n, songs * given.n_trials, chance, share, hears, alpha)

    def heard_by_all(n: int, songs: int) -> float:
        n_answers = n * songs * given.n_trials
        return float(stats.binom.sf(stats.binom.isf(alpha, n_answers, chance), n_answers, right))

    def heard_by_few(n: int, songs: int) -> float:
        return power_to_bound(n, songs * given.n_trials, chance, most)

    return [
        ChoiceClaim(
            f"a difference to be told that {100 * share:g} % of listeners hear on "
            f"{100 * hears:g} % of occasions, the others never{level}",
            heard_by_some,
        ),
        ChoiceClaim(
            f"a difference to be told that all listeners hear with a d' of {d_prime:g}, "
            f"{100 * right:.1f} % of their answers being right{level}",
            heard_by_all,
        ),
        ChoiceClaim(
            f"a difference that nobody hears to be shown heard by less than {100 * most:g} % of "
            f"listeners (on {100 * HEARS:g} % of occasions or more)",
            heard_by_few,
        ),
        ChoiceClaim(
            "the population of such listeners to be told to hear it (mixed logit), where the "
            f"middle one has a d' of {d_prime:g} and they spread by {spread:g} in log odds",
            population_power(odds, chance, spread, given.n_trials, ALPHA, seed),
            is_simulated=True,
        ),
    ]


def told_apart_kind(paradigm: Paradigm) -> AnswerKind:
    """What can be planned of trials whose answers are right or wrong."""

    def claims(given: ChoicesToCome, believed: Mapping[str, float], seed: int) -> list[ChoiceClaim]:
        return _claims(paradigm, given, believed, seed)

    return AnswerKind(
        "the exact binomial test, the exact bound and simulated mixed logits", _BELIEFS, claims
    )
