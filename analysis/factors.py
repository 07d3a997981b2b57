"""Factors between participants: listener groups, labs, arms, languages.

Each participant has exactly one level of a factor.

A factor with at least two levels enters the default model as `factor * system`, together with the
other factors.
"""

import pandas as pd

LANGUAGE = "language"
"""Language of the participant's test; it is not a factor if a participant has two languages."""
BETWEEN = ("group", "lab", "arm", LANGUAGE)
"""Columns of factors in a rating table, in their order in a model."""


def between_factors(rows: pd.DataFrame) -> tuple[str, ...]:
    """Factors of the given ratings that have at least two levels."""
    several = [name for name in BETWEEN if name in rows and len(rows[name].unique()) > 1]
    return tuple(name for name in several if name != LANGUAGE or _splits_participants(rows, name))


def _splits_participants(rows: pd.DataFrame, name: str) -> bool:
    """Whether each participant has exactly one level; languages can also belong to stimuli."""
    return bool(rows.groupby("participant")[name].nunique().max() == 1)


def fixed_terms(factors: tuple[str, ...]) -> tuple[str, ...]:
    """Fixed effects of the default model: each factor, the systems, and each factor x system."""
    return (*factors, "system", *(f"{name}:system" for name in factors))


def fewer(factors: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Sets of factors, tried in turn until a model can be fitted: all, all without groups, none."""
    tries = [factors, tuple(name for name in factors if name != "group"), ()]
    return list(dict.fromkeys(tries))
