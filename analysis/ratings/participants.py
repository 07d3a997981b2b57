"""A row per participant: use of the scale, agreement, consistency, flags (nobody is excluded).

**Conventions.** The values of a participant are computed over all attributes, in points of their
common scale. If the attributes have different scales, all values are in per cent of the range of
each scale. Values that the data do not allow to compute are NaN. The rules that exclude
participants are in `analysis.ratings.screening`.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis.findings.screening import RepeatMeasures, ScreenedParticipant
from analysis.ratings.repeats import agreement, discrimination_p, most_common_share, repeats
from analysis.scale import Scale, on_one_scale
from analysis.statistics.estimable import NotEstimableError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Cell = tuple[str, ...]
"""Names of a stimulus: attribute, song and system."""

FLAT_SHARE = 0.05
"""Ratings with a spread below this share of the scale's range are flat."""

IDENTICAL_SHARE = 0.5
FEWEST_RATINGS = 8
"""Number of ratings below which a spread says nothing about a participant."""

DOES_NOT_DISCRIMINATE = "does_not_discriminate"
"""Flag of a listener whose own test does not distinguish the systems, while tests of others do."""

ALPHA = 0.05
"""Level of each listener's own test."""

NOTHING_TWICE = RepeatMeasures(*[float("nan")] * len(fields(RepeatMeasures)))


def participants(
    ratings: pd.DataFrame,
    below: pd.Series | None,
    above: pd.Series | None,
    excluded: Collection[str],
    seed: int,
) -> list[ScreenedParticipant]:
    """One row per participant, with all signs of care and agreement.

    Parameters
    ----------
    ratings
        A checked rating table.
    below, above
        Two shares of each participant's items: those on which the hidden reference was rated below
        90 % of the range, and those on which the mid anchor was rated above 90 % (None without
        reference or anchor).
    excluded
        Names of the participants that a rule excludes.
    seed
        Of the permutations.

    Returns
    -------
    list of ScreenedParticipant
        Values that the data do not allow to compute are NaN.
    """
    rated, scale = on_one_scale(ratings[ratings["rating"].notna()])
    stimulus = ["attribute", "song", "system"]
    code, names = pd.factorize(rated["participant"], sort=True)
    cells, stimuli, has_repeats = _cells(rated, code, len(names), stimulus)
    known = np.isfinite(cells)
    given = np.where(known, cells, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        others = (given.sum(axis=0) - given) / (known.sum(axis=0) - known)
    rho, floor = agreement(cells, others, seed)
    friedman_p = discrimination_p(_by_song(cells, stimuli))
    low, high = ({} if part is None else part.to_dict() for part in (below, above))
    again = {
        str(who): asdict(measures_of_repeats(own, seed))
        for who, own in rated[has_repeats[code]].groupby("participant")
    }
    nothing_twice, rows = asdict(NOTHING_TWICE), []
    for place, use in enumerate(_uses_of_scale(rated, code, names, scale)):
        who = str(names[place])
        known_of = {
            **use.shown,
            "agreement": float(rho[place]),
            "agreement_floor": float(floor[place]),
            "friedman_p": float(friedman_p[place]),
            "reference_share_below_limit": float(low.get(who, np.nan)),
            "mid_anchor_share_above_limit": float(high.get(who, np.nan)),
            **again.get(who, nothing_twice),
        }
        flags = _flags(known_of, scale, use.heard)
        rows.append(ScreenedParticipant(**known_of, flags=flags, excluded=who in excluded))
    if discriminating(rows).is_chance:
        rows = [
            replace(row, flags=[flag for flag in row.flags if flag != DOES_NOT_DISCRIMINATE])
            for row in rows
        ]
    return rows


@dataclass(frozen=True, slots=True)
class Discriminating:
    """Number of listeners whose own test shows that they distinguish the systems; number tested.

    ``is_chance`` is true if the number of listeners who distinguish the systems is not larger than
    expected by chance at the level of the tests. If ``is_chance`` is true, the other listeners are
    not necessarily worse: perhaps the systems sound the same.
    """

    n: int
    n_judged: int
    is_chance: bool


def discriminating(rows: Sequence[ScreenedParticipant]) -> Discriminating:
    """One-sided binomial test (at .05) of how many listeners distinguish the systems.

    Parameters
    ----------
    rows
        Of all participants. Listeners who repeated ratings are tested by these repeats, and are
        left out of this test.
    """
    p = np.array([row.friedman_p for row in rows if np.isnan(row.repeats_f)], dtype=float)
    judged = p[np.isfinite(p)]
    n = int((judged <= ALPHA).sum())
    if not len(judged):
        return Discriminating(0, 0, is_chance=False)
    by_chance = float(stats.binom.sf(n - 1, len(judged), ALPHA))
    return Discriminating(n, len(judged), is_chance=by_chance > ALPHA)


@dataclass(frozen=True, slots=True)
class UseOfScale:
    """Values from a participant's own ratings: fields of the row, and flags about listening."""

    shown: Mapping[str, Any]
    heard: Mapping[str, bool]


def _uses_of_scale(
    rated: pd.DataFrame, code: Integers, names: pd.Index, scale: Scale
) -> Iterator[UseOfScale]:
    """One result for each participant, sorted; ``code`` is the participant of each row."""
    order = np.argsort(code, kind="stable")
    sizes = np.bincount(code, minlength=len(names))
    starts = np.cumsum(sizes) - sizes
    figures = _figures(rated["rating"].to_numpy(dtype=float)[order], starts, sizes, scale)
    groups = rated["group"].to_numpy()[order][starts]
    too_fast = _anybody(_is_below(rated, "page_time_s", "duration_s"), code, len(names))
    unheard = rated["play_count"].astype(float) == 0 if "play_count" in rated else None
    never_played = _anybody(unheard, code, len(names))
    for place, name in enumerate(names):
        yield UseOfScale(
            {
                "participant": str(name),
                "group": str(groups[place]),
                "n_ratings": int(sizes[place]),
                **{key: float(values[place]) for key, values in figures.items()},
            },
            {"too_fast": bool(too_fast[place]), "never_played": bool(never_played[place])},
        )


def _figures(ratings: Floats, starts: Integers, sizes: Integers, scale: Scale) -> dict[str, Floats]:
    """Statistics of each participant's ratings.

    All ratings of a participant are in consecutive rows of ``ratings``.
    Participants who gave the same number of ratings are computed together.
    """
    keys = ("mean", "sd", "share_identical", "share_at_ends")
    found = {key: np.full(len(sizes), np.nan) for key in keys}
    for n in np.unique(sizes):
        alike = np.flatnonzero(sizes == n)
        values = ratings[starts[alike, None] + np.arange(n)]
        at_ends = (values == scale.minimum) | (values == scale.maximum)
        found["mean"][alike] = values.mean(axis=1)
        found["share_identical"][alike] = most_common_share(values)
        found["share_at_ends"][alike] = at_ends.mean(axis=1)
        if n > 1:
            found["sd"][alike] = values.std(axis=1, ddof=1)
    return found


def _anybody(doubtful: pd.Series | None, code: Integers, n: int) -> NDArray[np.bool_]:
    """For each of n participants, whether a condition holds in any row; for None, nobody's does."""
    found = np.zeros(n, dtype=bool)
    if doubtful is not None:
        found[code[doubtful.to_numpy(dtype=bool)]] = True
    return found


def _is_below(rated: pd.DataFrame, shorter: str, longer: str) -> pd.Series | None:
    if shorter not in rated or longer not in rated:
        return None
    return rated[shorter].astype(float) < rated[longer].astype(float)


def _cells(
    rated: pd.DataFrame, code: Integers, n_participants: int, stimulus: Sequence[str]
) -> tuple[Floats, list[Cell], NDArray[np.bool_]]:
    """Mean rating of each participant and stimulus; NaN without a rating.

    Two more results: the sorted names of the stimuli, and whether each participant rated a stimulus
    more than once.
    """
    parts = [pd.factorize(rated[name], sort=True) for name in stimulus]
    column = np.zeros(len(rated), dtype=np.int64)
    for own, values in parts:
        column = column * len(values) + own
    there, column = np.unique(column, return_inverse=True)
    at = code * len(there) + column
    means = rated["rating"].groupby(at).mean()
    cells = np.full((n_participants, len(there)), np.nan)
    cells.flat[means.index.to_numpy()] = means.to_numpy()
    n_ratings = np.bincount(at, minlength=cells.size).reshape(cells.shape)
    places = np.unravel_index(there, [len(values) for _, values in parts])
    found = (values[at].astype(str) for (_, values), at in zip(parts, places, strict=True))
    return cells, list(zip(*found, strict=True)), np.asarray((n_ratings > 1).any(axis=1))


def _by_song(cells: Floats, stimuli: Sequence[Cell]) -> Floats:
    """Ratings of shape (n_participants, n_songs of all attributes, n_systems)."""
    songs = {song: place for place, song in enumerate(dict.fromkeys(key[:-1] for key in stimuli))}
    systems = {name: place for place, name in enumerate(dict.fromkeys(key[-1] for key in stimuli))}
    table = np.full((len(cells), len(songs), len(systems)), np.nan)
    at = [songs[key[:-1]] for key in stimuli], [systems[key[-1]] for key in stimuli]
    table[:, at[0], at[1]] = cells
    return table


def measures_of_repeats(own: pd.DataFrame, seed: int) -> RepeatMeasures:
    """Reliability and discrimination of a participant; NaN if no stimulus was rated twice."""
    ordered = own.sort_values("replicate", kind="stable") if "replicate" in own else own
    stimuli = ordered["attribute"] + "\x1f" + ordered["song"] + "\x1f" + ordered["system"]
    try:
        found = repeats(ordered["rating"], stimuli, seed)
    except NotEstimableError:
        return NOTHING_TWICE
    return RepeatMeasures(
        repeats_rmsd=found.rmsd,
        repeats_mad=found.mad,
        repeats_r=found.r,
        reliability_sd=found.reliability_sd,
        discrimination=found.discrimination,
        repeats_f=found.f,
        repeats_floor=found.floor,
    )


def _flags(row: Mapping[str, Any], scale: Scale, heard: Mapping[str, bool]) -> list[str]:
    """Names of all doubtful values; NaN is never doubtful, as comparisons with NaN are false."""
    enough = row["n_ratings"] >= FEWEST_RATINGS
    has_choice = enough and scale.n_values != 2
    checks = {
        "flat": enough and row["sd"] < scale.points(FLAT_SHARE),
        "identical": has_choice and row["share_identical"] > IDENTICAL_SHARE,
        "disagrees": row["agreement"] < max(0.0, row["agreement_floor"]),
        "inconsistent": row["repeats_f"] < row["repeats_floor"],
        DOES_NOT_DISCRIMINATE: np.isnan(row["repeats_f"]) and row["friedman_p"] > ALPHA,
        "too_fast": heard["too_fast"],
        "never_played": heard["never_played"],
    }
    return [name for name, doubtful in checks.items() if doubtful]
