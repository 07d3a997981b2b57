"""One row a participant: use of the scale, agreement, consistency, and flags that exclude nobody.

**Conventions.** Statistics are over all attributes of a participant, in points of the scale that
they share; attributes on different scales count in per cent of their ranges. What the data do not
allow is NaN. The rules that do exclude are in `analysis.ratings.screening`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis.findings.screening import RepeatMeasures, ScreenedParticipant
from analysis.ratings.repeats import agreement, discrimination_p, most_common_share, repeats
from analysis.scale import Scale, on_one_scale
from analysis.statistics.estimable import NotEstimableError

Floats = NDArray[np.float64]

FLAT_SHARE = 0.05
"""A spread below this share of the scale's range is flat."""

IDENTICAL_SHARE = 0.5
FEWEST_RATINGS = 8
"""Below so many ratings a spread says nothing about a participant."""

DOES_NOT_DISCRIMINATE = "does_not_discriminate"
"""Flag of a listener whose own test does not tell the systems apart, where others' tests do."""

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
    """One row a participant with everything that speaks about care and agreement.

    Parameters
    ----------
    ratings
        A checked rating table.
    below, above
        By participant, the share of items with the hidden reference below 90 % of the range and
        with the mid anchor above it; None without them.
    excluded
        Names of the participants that a rule excludes.
    seed
        Of the permutations.

    Returns
    -------
    list of ScreenedParticipant
        Values that the data do not allow are NaN.
    """
    rated, scale = on_one_scale(ratings[ratings["rating"].notna()])
    stimulus = ["attribute", "song", "system"]
    twice = set(rated["participant"][rated.duplicated(["participant", *stimulus])])
    cells = rated.pivot_table(index="participant", columns=stimulus, values="rating")
    nothing = pd.Series(dtype=float)
    below, above = (nothing if part is None else part for part in (below, above))
    table = cells.to_numpy(dtype=float)
    by_song = _by_song(cells)
    known = np.isfinite(table)
    total, count = np.where(known, table, 0.0).sum(axis=0), known.sum(axis=0)
    rows = []
    for place, (who, own) in enumerate(rated.groupby("participant")):
        seen = known[place].astype(float)
        with np.errstate(divide="ignore", invalid="ignore"):
            others = (total - np.where(known[place], table[place], 0.0)) / (count - seen)
        has = np.isfinite(by_song[place]).any(axis=0)
        known_of = {
            "friedman_p": discrimination_p(by_song[place][:, has]),
            "reference_share_below_limit": float(below.get(who, np.nan)),
            "mid_anchor_share_above_limit": float(above.get(who, np.nan)),
        }
        again = measures_of_repeats(own, seed) if who in twice else NOTHING_TWICE
        row = _participant(own, table[place], others, seed, scale, asdict(again) | known_of)
        flags = _flags(row, own, scale)
        rows.append(replace(row, flags=flags, excluded=str(who) in excluded))
    if discriminating(rows).is_chance:
        rows = [
            replace(row, flags=[flag for flag in row.flags if flag != DOES_NOT_DISCRIMINATE])
            for row in rows
        ]
    return rows


@dataclass(frozen=True, slots=True)
class Discriminating:
    """How many listeners tell the systems apart by their own test, of those who have one.

    ``is_chance`` says that there are no more of them than the level of their tests gives by itself,
    so that a listener who does not is no worse than the others: the systems may not differ.
    """

    n: int
    n_judged: int
    is_chance: bool


def discriminating(rows: Sequence[ScreenedParticipant]) -> Discriminating:
    """How many discriminate, beside what chance gives: binomial, one-sided, at .05.

    Parameters
    ----------
    rows
        Of all participants. Those with repeats are judged by these, and are not counted.
    """
    p = np.array([row.friedman_p for row in rows if np.isnan(row.repeats_f)], dtype=float)
    judged = p[np.isfinite(p)]
    n = int((judged <= ALPHA).sum())
    if not len(judged):
        return Discriminating(0, 0, is_chance=False)
    by_chance = float(stats.binom.sf(n - 1, len(judged), ALPHA))
    return Discriminating(n, len(judged), is_chance=by_chance > ALPHA)


def _participant(
    own: pd.DataFrame,
    cells: Floats,
    others: Floats,
    seed: int,
    scale: Scale,
    known_of: Mapping[str, float],
) -> ScreenedParticipant:
    values = own["rating"].to_numpy(dtype=float)
    rho, floor = agreement(cells, others, seed)
    return ScreenedParticipant(
        participant=str(own["participant"].iloc[0]),
        group=str(own["group"].iloc[0]),
        n_ratings=len(own),
        mean=float(values.mean()),
        sd=float(values.std(ddof=1)) if len(values) > 1 else float("nan"),
        share_identical=most_common_share(values),
        share_at_ends=float(np.mean((values == scale.minimum) | (values == scale.maximum))),
        agreement=rho,
        agreement_floor=floor,
        **known_of,
        flags=(),
        excluded=False,
    )


def _by_song(cells: pd.DataFrame) -> Floats:
    """Ratings of shape (n_participants, n_songs of all attributes, n_systems)."""
    keys = [(column[:-1], column[-1]) for column in cells.columns]
    songs = {song: place for place, song in enumerate(dict.fromkeys(key[0] for key in keys))}
    systems = {name: place for place, name in enumerate(dict.fromkeys(key[1] for key in keys))}
    table = np.full((len(cells), len(songs), len(systems)), np.nan)
    for (song, system), values in zip(keys, cells.to_numpy(dtype=float).T, strict=True):
        table[:, songs[song], systems[system]] = values
    return table


def measures_of_repeats(own: pd.DataFrame, seed: int) -> RepeatMeasures:
    """Reliability and discrimination of one participant; NaN where nothing was rated twice."""
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


def _flags(row: ScreenedParticipant, own: pd.DataFrame, scale: Scale) -> list[str]:
    """Names of everything doubtful; comparisons with NaN are false, so unknown is not doubtful."""
    enough = row.n_ratings >= FEWEST_RATINGS
    checks = {
        "flat": enough and row.sd < scale.points(FLAT_SHARE),
        "identical": enough and scale.n_values != 2 and row.share_identical > IDENTICAL_SHARE,
        "disagrees": row.agreement < max(0.0, row.agreement_floor),
        "inconsistent": row.repeats_f < row.repeats_floor,
        DOES_NOT_DISCRIMINATE: np.isnan(row.repeats_f) and row.friedman_p > ALPHA,
        "too_fast": _any_below(own, "page_time_s", "duration_s"),
        "never_played": "play_count" in own and bool((own["play_count"].astype(float) == 0).any()),
    }
    return [name for name, doubtful in checks.items() if doubtful]


def _any_below(own: pd.DataFrame, shorter: str, longer: str) -> bool:
    if shorter not in own or longer not in own:
        return False
    return bool((own[shorter].astype(float) < own[longer].astype(float)).any())
