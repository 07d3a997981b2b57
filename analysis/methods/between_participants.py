"""Sections `labs` and `arms`: factors that split participants, in the mixed model.

**Conventions.** The levels are fixed: what is found speaks for these labs, or these arms, each
counting the same. A difference between them is never inferred from "significant here, not there":
the factor x system interaction is tested. Comparisons of levels are comparisons of people.
"""

from collections.abc import Callable
from functools import partial
from itertools import combinations
from typing import Any

from analysis.factors import between_factors
from analysis.methods.base import Method, MethodInput, Row
from analysis.methods.lmm import fit_default
from analysis.mixed_model.design import contrast_row
from analysis.mixed_model.inference import Inference
from analysis.mixed_model.satterthwaite import Contrast
from analysis.statistics.estimable import NotEstimableError
from analysis.statistics.multiplicity import adjusted


def between_section(factor: str, given: MethodInput) -> Row:
    """One factor that splits participants.

    Parameters
    ----------
    factor
        Column of the ratings.
    given
        Of one attribute.

    Returns
    -------
    dict
        See docs/results.md.

    Raises
    ------
    NotEstimableError
        The model does not have the factor, with the model's reason.
    """
    fitted = fit_default(given.rows)
    if factor not in fitted.factors:
        raise NotEstimableError(fitted.why_left_out or f"The model has no {factor}.")
    inference = Inference(fitted.model, given.settings.df_method)
    design = fitted.model.design
    levels = design.levels_of(factor)
    pairs = list(combinations(design.systems, 2))
    of_levels = [
        {"a": a, "b": b, "system": system}
        for system in (None, *design.systems)
        for a, b in combinations(levels, 2)
    ]
    return {
        "status": "ok",
        "levels": [{factor: level, **_size(given, factor, level)} for level in levels],
        "main_effect": vars(inference.term_test(factor)),
        "interaction": vars(inference.term_test(f"{factor}:system")),
        "means": [
            {factor: level, "system": system, **_mean(inference, system, factor, level)}
            for level in levels
            for system in design.systems
        ],
        "pairs": [
            {factor: level, **row}
            for level in levels
            for row in _with_holm(
                [{"a": a, "b": b} for a, b in pairs],
                [_difference(inference, pair, **{factor: level}) for pair in pairs],
            )
        ],
        "level_pairs": _with_holm(
            of_levels, [_of_levels(inference, factor, row) for row in of_levels]
        ),
        "n_songs_in_common": _songs_in_common(given, factor),
    }


def _size(given: MethodInput, factor: str, level: str) -> Row:
    rows = given.rows[given.rows[factor] == level]
    n = {f"n_{name}s": int(rows[name].nunique()) for name in ("participant", "song")}
    return n | {"n_ratings": len(rows)}


def _songs_in_common(given: MethodInput, factor: str) -> int:
    songs = [set(part) for _, part in given.rows.groupby(factor)["song"]]
    return len(set.intersection(*songs))


def _mean(inference: Inference, system: str, factor: str, level: str) -> Row:
    row = contrast_row(inference.design, system=system, **{factor: level})
    return _told(inference.contrast(row))


def _difference(inference: Inference, pair: tuple[str, str], **level: str) -> Contrast:
    a, b = (contrast_row(inference.design, system=name, **level) for name in pair)
    return inference.contrast(a - b)


def _of_levels(inference: Inference, factor: str, row: Row) -> Contrast:
    """Level a minus level b, of one system or of all of them together."""
    system = {} if row["system"] is None else {"system": row["system"]}
    a, b = (contrast_row(inference.design, **{factor: row[side]}, **system) for side in ("a", "b"))
    return inference.contrast(a - b)


def _told(found: Contrast) -> Row:
    low, high = found.interval()
    return {"estimate": found.estimate, "se": found.se, "df": found.df,
            "ci_low": low, "ci_high": high}  # fmt: skip


def _with_holm(heads: list[Row], found: list[Contrast]) -> list[Row]:
    p_holm = adjusted([one.p for one in found])
    return [
        {**head, **_told(one), "p": one.p, "p_holm": p}
        for head, one, p in zip(heads, found, p_holm, strict=True)
    ]


def _with(factor: str) -> Callable[[MethodInput], bool]:
    return lambda given: factor in between_factors(given.rows)


def _method(factor: str, place: int) -> Method:
    compute: Callable[[MethodInput], Any] = partial(between_section, factor)
    return Method(place=place, compute=compute, applies=_with(factor))


METHODS = {"labs": _method("lab", 122), "arms": _method("arm", 124)}
