"""How many listeners, how many songs? Simulated answers over a grid of study sizes.

**Conventions.** n participants rate s of S songs each, k systems a song; variances in points^2 of
participant:system (ps), song:system (ss) and the residual (e), as in :mod:`analysis.power`:

    Var(a - b) = 2 (phi_ps / n + phi_ss / S + phi_e / (n s))

Estimated from mean squares it is 2 (MS_ps + MS_ss - MS_e) / (n s). In a balanced study (s = S) the
mean squares are independent multiples of chi-squares, so a whole study is simulated by four random
numbers, with its own estimated standard error and Satterthwaite degrees of freedom; a component
that comes out negative is dropped and pooled, as REML does. With s < S this is an approximation.

In reading order: `Size`, `simulated_shares`, `planning_grid`, `advice`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from analysis.power import (
    ALPHA,
    GRID_PARTICIPANTS,
    GRID_SONGS,
    MOST_PARTICIPANTS,
    WANTED_POWER,
    detectable_difference,
    power_of_difference,
    power_of_equivalence,
)
from analysis.ratings import RatingsError
from analysis.reading import is_computed

Row = dict[str, Any]
COMPONENTS = ("participant:system", "song:system", "residual")
MANY_SONGS = 1000
SONGS_HOLD = 0.7
"""From this share of the variance on, more listeners hardly help."""


@dataclass(frozen=True, slots=True)
class Size:
    """Size of a study: participants, songs, songs of each participant, systems."""

    n: int
    n_songs: int
    n_own: int
    k: int

    def df(self) -> tuple[int, int, int]:
        """Degrees of freedom of the mean squares of ps, ss and e; the last may be 0 or less."""
        rest = self.n * self.n_own - self.n - self.n_songs + 1
        return tuple((self.k - 1) * m for m in (self.n - 1, self.n_songs - 1, rest))  # type: ignore[return-value]

    def mean_squares(self, variance: Mapping[str, float]) -> tuple[float, float, float]:
        """Expected mean squares of ps, ss and e, in points^2."""
        ps, ss, e = components(variance)
        return e + self.n_own * ps, e + self.n * self.n_own / self.n_songs * ss, e

    def se(self, variance: Mapping[str, float]) -> float:
        """Standard error of a difference of two systems, in points."""
        ps, ss, e = components(variance)
        each = ps / self.n + ss / self.n_songs + e / (self.n * self.n_own)
        return float(np.sqrt(2 * each))

    def satterthwaite(self, variance: Mapping[str, float]) -> float:
        """Degrees of freedom of that standard error."""
        ps, ss, e = self.mean_squares(variance)
        signed = zip((ps, ss, -e), self.df(), strict=True)
        return float((ps + ss - e) ** 2 / sum(square**2 / max(1, df) for square, df in signed))


def components(variance: Mapping[str, float]) -> tuple[float, float, float]:
    """Variances of participant:system, song:system and the residual, in points^2."""
    ps, ss, e = (float(variance.get(name, 0.0)) for name in COMPONENTS)
    return ps, ss, e + float(variance.get("participant:song:system", 0.0))


def fitted_variance(
    results: Mapping[str, Any], attribute: str | None = None
) -> tuple[str, dict[str, float]]:
    """Attribute of a results.json and the variances that its mixed model found.

    Parameters
    ----------
    results
        The content of a pilot's results.json.
    attribute
        Name; None takes ``overall``, else the first.

    Raises
    ------
    RatingsError
        It has no such attribute, or its model was not estimable.
    """
    sections = results.get("attributes")
    if not isinstance(sections, Mapping) or not sections:
        raise RatingsError("This file holds no results: it has no key 'attributes'.")
    name = attribute or ("overall" if "overall" in sections else next(iter(sections)))
    if name not in sections:
        raise RatingsError(f"The results have no attribute {name!r}; there are {list(sections)}.")
    model = sections[name].get("lmm")
    if not is_computed(model) or "residual" not in model.get("variance", {}):
        raise RatingsError(f"The results give no variances of {name}: its model was not estimable.")
    found = {key: float(value) for key, value in model["variance"].items()}
    absent = [part for part in COMPONENTS[:2] if part not in found]
    if absent:
        raise RatingsError(
            f"The pilot is too small to plan from: it does not tell {' and '.join(absent)} apart."
        )
    return name, found


def simulated_shares(
    size: Size,
    variance: Mapping[str, float],
    difference: float,
    margin: float,
    rng: np.random.Generator,
    n_draws: int,
) -> tuple[float, float]:
    """Shares of simulated studies that find a true difference, and that show equality.

    Parameters
    ----------
    size, variance
        The study; see the module's text.
    difference
        True difference of two systems for the first share, in points; it is 0 for the second.
    margin
        Equivalence margin in points.
    rng, n_draws
        Source and number of the simulated studies.

    Returns
    -------
    tuple
        Power of the t test at .05 (two-sided, one pair) and of the equivalence test; NaN when the
        study is too small to be analysed.
    """
    df = size.df()
    if min(df) < 1:
        return float("nan"), float("nan")
    expected = size.mean_squares(variance)
    squares = [m * rng.chisquare(d, n_draws) / d for m, d in zip(expected, df, strict=True)]
    total, own_df = _estimated(squares, df)
    se = np.sqrt(2 * total / (size.n * size.n_own))
    error = rng.normal(0.0, size.se(variance), n_draws)
    found = np.abs(difference + error) > stats.t.ppf(1 - ALPHA / 2, own_df) * se
    equal = np.abs(error) + stats.t.ppf(1 - ALPHA, own_df) * se < margin
    return float(found.mean()), float(equal.mean())


def _estimated(
    squares: Sequence[np.ndarray], df: tuple[int, int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Return MS_ps + MS_ss - MS_e and its df, components that come out negative pooled with e."""
    ps, ss, e = squares
    total = ps + ss - e
    own = total**2 / (ps**2 / df[0] + ss**2 / df[1] + e**2 / df[2])
    with_ps = (ps * df[0] + e * df[2]) / (df[0] + df[2])
    with_ss = (ss * df[1] + e * df[2]) / (df[1] + df[2])
    with_both = (ps * df[0] + ss * df[1] + e * df[2]) / sum(df)
    none = ((ps < e) & (ss < with_ps)) | ((ss < e) & (ps < with_ss))
    cases = [none, ps < e, ss < e]
    return (
        np.select(cases, [with_both, ss, ps], total),
        np.select(cases, [np.full_like(e, sum(df)), np.full_like(e, df[1]), np.full_like(e, df[0])],
                  own),
    )  # fmt: skip


def planning_grid(
    variance: Mapping[str, float],
    k: int,
    n_own: int | None,
    difference: float,
    margin: float,
    seed: int,
    also: tuple[int, ...] = (),
    n_draws: int = 4000,
    on_progress: Callable[[float], None] = lambda _share: None,
) -> pd.DataFrame:
    """Power over participants and songs.

    Parameters
    ----------
    variance
        By component, in points^2.
    k
        Systems.
    n_own
        Songs that a participant rates at most; None: all.
    difference, margin
        In points.
    seed, n_draws
        Of the simulated studies of each cell.
    also
        Further numbers of songs to show, such as the study's own.
    on_progress
        Called with the share done.

    Returns
    -------
    DataFrame
        Columns n_participants, n_songs, n_songs_each, se, detectable_difference (80 % power),
        power, power_equivalence.
    """
    songs = sorted({*GRID_SONGS, *(number for number in also if number > 1)})
    rows: list[Row] = []
    cells = [(people, count) for count in songs for people in GRID_PARTICIPANTS]
    for place, (people, count) in enumerate(cells):
        size = Size(people, count, min(count, n_own or count), k)
        rng = np.random.default_rng([seed, people, count])
        power, equal = simulated_shares(size, variance, difference, margin, rng, n_draws)
        row: Row = {"n_participants": people, "n_songs": count, "n_songs_each": size.n_own}
        se = size.se(variance)
        smallest = detectable_difference(se, size.satterthwaite(variance))
        row |= {"se": se, "detectable_difference": smallest}
        rows.append(row | {"power": power, "power_equivalence": equal})
        on_progress((place + 1) / len(cells))
    return pd.DataFrame(rows)


def advice(
    variance: Mapping[str, float],
    k: int,
    n_songs: int,
    n_own: int,
    difference: float,
    margin: float,
) -> Row:
    """What a study of these songs needs, and whether more listeners can help at all.

    Parameters
    ----------
    variance, k
        As `planning_grid`.
    n_songs, n_own
        Songs of the study, and of each participant.
    difference, margin
        In points.

    Returns
    -------
    dict
        `n_for_difference`, `n_for_equivalence`: fewest participants with 80 % power, None where
        500 are not enough; `power_limit`, `equivalence_limit`: power with endless participants;
        `songs_for_difference`, `songs_for_equivalence`: fewest songs with which endless
        participants reach 80 % (None beyond 1000); `n_these_songs`: fewest participants for a
        paired test on listener means (None with incomplete blocks or beyond 500); `floor`:
        standard error that participants cannot lower; `song_share`: its share of the variance
        with 30 participants.
    """
    ss = components(variance)[1]

    def finds(se: float, df: float) -> float:
        return power_of_difference(difference, se, df)

    def equals(se: float, df: float) -> float:
        return power_of_equivalence(margin, se, df)

    found: Row = {"n_songs": n_songs, "n_songs_each": n_own, "difference": difference}
    found |= {"margin": margin, "floor": float(np.sqrt(2 * ss / n_songs))}
    found["n_these_songs"] = _participants_for_these_songs(variance, n_songs, n_own, difference)
    found["song_share"] = (found["floor"] / Size(30, n_songs, n_own, k).se(variance)) ** 2
    for name, limit_name, power in (
        ("difference", "power_limit", finds), ("equivalence", "equivalence_limit", equals),
    ):  # fmt: skip
        found[f"n_for_{name}"] = _fewest_participants(variance, k, n_songs, n_own, power)
        found[limit_name] = _limit(ss, n_songs, k, power)
        found[f"songs_for_{name}"] = _fewest(
            lambda songs, power=power: _limit(ss, songs, k, power), 2, MANY_SONGS  # type: ignore[misc]
        )  # fmt: skip
    return found


def _limit(ss: float, n_songs: int, k: int, power: Callable[[float, float], float]) -> float:
    """Power with endless participants: only songs blur the difference."""
    if ss == 0:
        return 1.0
    return power(float(np.sqrt(2 * ss / n_songs)), float((n_songs - 1) * (k - 1)))


def _fewest_participants(
    variance: Mapping[str, float],
    k: int,
    n_songs: int,
    n_own: int,
    power: Callable[[float, float], float],
) -> int | None:
    def at(n: int) -> float:
        size = Size(n, n_songs, n_own, k)
        return power(size.se(variance), size.satterthwaite(variance)) if min(size.df()) > 0 else 0.0

    return _fewest(at, 3, MOST_PARTICIPANTS)


def _participants_for_these_songs(
    variance: Mapping[str, float], n_songs: int, n_own: int, difference: float
) -> int | None:
    if n_own < n_songs:
        return None  # listeners heard different songs, so their means are not comparable
    ps, _, e = components(variance)
    each = 2 * (ps + e / n_songs)
    return _fewest(
        lambda n: power_of_difference(difference, float(np.sqrt(each / n)), n - 1.0),
        3,
        MOST_PARTICIPANTS,
    )


def _fewest(power_at: Callable[[int], float], low: int, high: int) -> int | None:
    """Smallest number with 80 % power, by bisection: power rises with size."""
    if power_at(high) < WANTED_POWER:
        return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if power_at(middle) >= WANTED_POWER else (middle + 1, high)
    return low


def sentences(found: Mapping[str, Any]) -> list[str]:
    """Say in words what :func:`advice` found; warnings begin with ``More listeners``."""
    songs, d, m = found["n_songs"], found["difference"], found["margin"]
    told = []
    for name, what, limit in (
        ("difference", f"a difference of {d:g} points to be found", "power_limit"),
        ("equivalence", f"two equal systems to be shown equivalent within ±{m:g} points",
         "equivalence_limit"),
    ):  # fmt: skip
        people, enough = found[f"n_for_{name}"], found[f"songs_for_{name}"]
        start = f"With {songs} songs like these, {people} participants give"
        if people is not None:
            told.append(f"{start} a chance of 80 % for {what}.")
        elif found[limit] < WANTED_POWER:
            told.append(
                f"More listeners cannot help: with {songs} songs, endless participants give a "
                f"chance of {100 * found[limit]:.0f} % for {what}, because systems suit some songs "
                f"better than others (song × system). "
                + (
                    f"{enough} songs or more would do."
                    if enough
                    else "No number of songs would do."
                )
            )
        else:
            told.append(
                f"More listeners hardly help: with {songs} songs, more than {MOST_PARTICIPANTS} "
                f"participants would be needed for {what}."
            )
    if found["n_these_songs"] is not None:
        told.append(
            f"For these {songs} songs alone, not songs like them, {found['n_these_songs']} "
            f"participants give a chance of 80 % for a difference of {d:g} points to be found."
        )
    if found["song_share"] >= SONGS_HOLD:
        told.append(
            f"More listeners help little: with 30 of them, {100 * found['song_share']:.0f} % of "
            "the variance of a difference comes from the choice of songs. Add songs."
        )
    return told
