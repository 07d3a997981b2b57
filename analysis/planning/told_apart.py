"""Power of tests of what can be told apart, and of the bound on how many listeners hear it.

**Conventions.** As :mod:`analysis.discrimination.heard_by`. Listeners answer each pair of systems
as often as there are trials; the exact binomial test takes all answers of a pair together, at .05
divided by the number of pairs. The bound has the report's coverage, and counts as hearing what the
report's does. The mixed logit is planned for one pair by itself, at .05.

Of same-different trials half are of different pairs, and Fisher's test takes all answers to a pair
together. The report's test, which leaves each listener a criterion of their own, is about as
powerful where all have one.
"""

import math
from collections.abc import Mapping

import numpy as np
from scipy import stats

from analysis.discrimination.differencing import FARTHEST, criterion, share_different
from analysis.discrimination.fisher_power import fisher_power
from analysis.discrimination.heard_by import HEARS, power_to_bound, power_to_hear, right_of_some
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
_JUDGED = {
    "share": _BELIEFS["share"],
    "hears": _BELIEFS["hears"],
    "d_prime": Belief("sensitivity d' of all listeners, otherwise", 1.5, 0.05, FARTHEST),
    "false_alarms": Belief('share of same pairs called "different"', 0.2, 0.01, 0.99),
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


def _judged_claims(
    given: ChoicesToCome,
    believed: Mapping[str, float],
    seed: int,  # noqa: ARG001
) -> list[ChoiceClaim]:
    n_pairs = len(given.pairs)
    alpha = ALPHA / n_pairs
    share, hears, d_prime, guessed = (believed[name] for name in _JUDGED)
    level = "" if n_pairs == 1 else f" (at .05 / {n_pairs}, the strictest step over all pairs)"
    called = share_different(d_prime, criterion(guessed))

    def each(songs: int) -> int:
        """Trials of a listener, half of each kind; of an odd number, one more is different."""
        return songs * given.n_trials

    def heard_by_some(n: int, songs: int) -> float:
        n_different = (each(songs) + 1) // 2
        hits = right_of_some([n_different] * n, guessed, hears, share)
        return fisher_power(hits, n * (each(songs) // 2), guessed, alpha)

    def heard_by_all(n: int, songs: int) -> float:
        n_different = n * ((each(songs) + 1) // 2)
        hits = stats.binom.pmf(np.arange(n_different + 1), n_different, called)
        return fisher_power(hits, n * (each(songs) // 2), guessed, alpha)

    return [
        ChoiceClaim(
            f"a difference to be told that {100 * share:g} % of listeners hear on "
            f"{100 * hears:g} % of occasions, the others never{level}",
            heard_by_some,
        ),
        ChoiceClaim(
            f"a difference to be told that all listeners hear with a d' of {d_prime:g}, calling "
            f"{100 * called:.1f} % of different pairs different{level}",
            heard_by_all,
        ),
    ]


JUDGED = AnswerKind("Fisher's exact test of all answers to a pair", _JUDGED, _judged_claims)
