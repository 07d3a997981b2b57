"""Power for tests of audible differences, and for the bound of the share who hear them.

**Conventions.** As :mod:`analysis.discrimination.heard_by`. Each listener gets all trials of every
pair of systems. The exact binomial test combines all answers to a pair, and is made at .05 divided
by the number of pairs. The bound has the confidence that it has in the report, and "hearing" means
the same as in the report. The mixed logit model is planned for a single pair, tested at .05.

In parts with same-different trials, half of the trials have two different stimuli. The plan uses
the exact test of the report, in which each listener can have another criterion. The planned bound
is that of the report; it uses the false alarms. A same trial counts for every pair that contains
the repeated system, even if it was made for another pair. The plan is made for the pair that has
the fewest same trials.
"""

import math
from collections.abc import Mapping

from scipy import stats

from analysis.discrimination.differencing import FARTHEST, criterion, share_different
from analysis.discrimination.heard_by import HEARS, power_to_bound, power_to_hear
from analysis.discrimination.judged_power import (
    Judgements,
    power_to_bound_judged,
    stratified_power,
)
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
    "most": _BELIEFS["most"],
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
    """Results that can be planned if answers are right or wrong."""

    def claims(given: ChoicesToCome, believed: Mapping[str, float], seed: int) -> list[ChoiceClaim]:
        return _claims(paradigm, given, believed, seed)

    return AnswerKind(
        "the exact binomial test, the exact bound and simulated mixed logits", _BELIEFS, claims
    )


def _judged_claims(
    given: ChoicesToCome, believed: Mapping[str, float], seed: int
) -> list[ChoiceClaim]:
    n_pairs = len(given.pairs)
    alpha = ALPHA / n_pairs
    share, hears, d_prime, guessed, most = (believed[name] for name in _JUDGED)
    level = "" if n_pairs == 1 else f" (at .05 / {n_pairs}, the strictest step over all pairs)"
    called = share_different(d_prime, criterion(guessed))
    at_hearers = guessed + (1 - guessed) * hears
    times = _times_same(given)

    def of(songs: int, hit: float, of_listeners: float) -> Judgements:
        """Judgements of a listener.

        Number of trials with different recordings: half of the trials, rounded up.
        """
        n = songs * given.n_trials
        return Judgements((n + 1) // 2, int(times * (n // 2)), guessed, hit, of_listeners)

    def heard_by_some(n: int, songs: int) -> float:
        return stratified_power(of(songs, at_hearers, share), n, alpha, seed)

    def heard_by_all(n: int, songs: int) -> float:
        return stratified_power(of(songs, called, 1.0), n, alpha, seed)

    def heard_by_few(n: int, songs: int) -> float:
        return power_to_bound_judged(n, of(songs, guessed, 0.0), most)

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
        ChoiceClaim(
            f"a difference that nobody hears to be shown heard by less than {100 * most:g} % of "
            f"listeners (on {100 * HEARS:g} % of occasions or more)",
            heard_by_few,
        ),
    ]


def _times_same(given: ChoicesToCome) -> float:
    """Same trials per different trial of a pair; trials made for other pairs count as well.

    Both systems of a pair are played twice equally often.
    """
    return min(
        sum(len(set(pair) & set(other)) / 2 for other in given.pairs) for pair in given.pairs
    )


JUDGED = AnswerKind(
    "the exact test of hits against false alarms with a stratum for each listener, and the exact "
    "bound",
    _JUDGED,
    _judged_claims,
)
