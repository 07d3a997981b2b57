"""Sections `labs`, `arms` and `languages`: factors between participants in the mixed model.

**Conventions.** The levels of a factor are fixed effects: the findings are about exactly these
labs, arms or languages, all with the same weight. If a result is significant in only one lab, arm
or language, this alone never proves a difference. Only a test of the interaction of factor and
system can prove a difference between labs, arms or languages. A comparison of levels is a
comparison of different people.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import combinations
from typing import Any

import pandas as pd

from analysis.factors import LANGUAGE, between_factors
from analysis.findings.checks import (
    BetweenParticipants,
    DifferenceOfLevels,
    LevelDifference,
    LevelMean,
    LevelSize,
)
from analysis.methods.base import Method, MethodInput
from analysis.methods.lmm import fit_default
from analysis.methods.model_rows import term_test
from analysis.mixed_model.design import contrast_row
from analysis.mixed_model.inference import Inference
from analysis.mixed_model.satterthwaite import Contrast
from analysis.ratings.overlap import overlap
from analysis.statistics.estimable import NotEstimableError
from analysis.statistics.multiplicity import adjusted


def between_section(factor: str, given: MethodInput) -> BetweenParticipants:
    """Section of one factor between participants.

    Parameters
    ----------
    factor
        Column of the ratings that contains the factor.
    given
        Of one attribute.

    Raises
    ------
    NotEstimableError
        The factor is not in the model; the message gives the reason.
    """
    fitted = fit_default(given.rows)
    if factor not in fitted.factors:
        raise NotEstimableError(fitted.why_left_out or f"The model has no {factor}.")
    inference = Inference(fitted.model, given.settings.df_method)
    design = fitted.model.design
    levels = design.levels_of(factor)
    return BetweenParticipants(
        levels=[_size(given, factor, level) for level in levels],
        main_effect=inference.term_test(factor),
        interaction=term_test(inference, f"{factor}:system", given.rows),
        means=[
            _mean(inference, system, factor, level) for level in levels for system in design.systems
        ],
        pairs=[row for level in levels for row in _pairs(inference, factor, level, given.rows)],
        level_pairs=_level_pairs(inference, factor, levels),
        n_songs_in_common=_songs_in_common(given, factor),
    )


def _size(given: MethodInput, factor: str, level: str) -> LevelSize:
    rows = given.rows[given.rows[factor] == level]
    n_participants, n_songs = rows["participant"].nunique(), rows["song"].nunique()
    return LevelSize(n_participants, n_songs, len(rows), **{factor: level})


def _songs_in_common(given: MethodInput, factor: str) -> int:
    songs = [set(part) for _, part in given.rows.groupby(factor)["song"]]
    return len(set.intersection(*songs))


def _mean(inference: Inference, system: str, factor: str, level: str) -> LevelMean:
    of: Mapping[str, Any] = {factor: level}
    row = contrast_row(inference.design, system=system, **of)
    return LevelMean(system, *_told(inference.contrast(row)), **of)


def _pairs(
    inference: Inference, factor: str, level: str, rows: pd.DataFrame
) -> list[LevelDifference]:
    """Differences at one level of a factor; listeners of this level must link each pair."""
    heard = overlap(rows[rows[factor] == level])
    pairs = [
        pair for pair in combinations(inference.design.systems, 2) if heard.why_apart(*pair) is None
    ]
    of: Mapping[str, Any] = {factor: level}
    found = [_difference(inference, pair, **of) for pair in pairs]
    p_holm = adjusted([one.p for one in found])
    return [
        LevelDifference(*pair, *_told(one), one.p, p, **of)
        for pair, one, p in zip(pairs, found, p_holm, strict=True)
    ]


def _difference(inference: Inference, pair: tuple[str, str], **level: str) -> Contrast:
    a, b = (contrast_row(inference.design, system=name, **level) for name in pair)
    return inference.contrast(a - b)


def _level_pairs(
    inference: Inference, factor: str, levels: Sequence[str]
) -> list[DifferenceOfLevels]:
    """Level a minus level b: first over all systems together, then in each system."""
    asked = [
        (a, b, system)
        for system in (None, *inference.design.systems)
        for a, b in combinations(levels, 2)
    ]
    found = [_of_levels(inference, factor, *each) for each in asked]
    p_holm = adjusted([one.p for one in found])
    return [
        DifferenceOfLevels(*each, *_told(one), one.p, p)
        for each, one, p in zip(asked, found, p_holm, strict=True)
    ]


def _of_levels(inference: Inference, factor: str, a: str, b: str, system: str | None) -> Contrast:
    of = {} if system is None else {"system": system}
    row_a, row_b = (contrast_row(inference.design, **{factor: level}, **of) for level in (a, b))
    return inference.contrast(row_a - row_b)


def _told(found: Contrast) -> tuple[float, float, float, float, float]:
    """Estimate, standard error, degrees of freedom and confidence limits."""
    return found.estimate, found.se, found.df, *found.interval()


def _with(factor: str) -> Callable[[MethodInput], bool]:
    return lambda given: factor in between_factors(given.rows)


def _method(factor: str, place: int) -> Method:
    compute = partial(between_section, factor)
    return Method(place=place, compute=compute, applies=_with(factor))


METHODS = {
    "labs": _method("lab", 122),
    "arms": _method("arm", 124),
    "languages": _method(LANGUAGE, 126),
}
