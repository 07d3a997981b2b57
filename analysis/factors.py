"""Factors between participants: listener groups, labs, arms and languages.

Each participant has exactly one level of a factor.

Each factor with at least two levels is in the default model as `factor * system`.
"""

import pandas as pd

LANGUAGE = "language"
"""Language of the participant's test; it is not a factor if a participant has two languages."""
BETWEEN = ("group", "lab", "arm", LANGUAGE)
"""Columns of factors in a rating table, in their order in a model."""


def between_factors(rows: pd.DataFrame) -> tuple[str, ...]:
    """Factors with at least two levels in the given ratings."""
    several = [name for name in BETWEEN if name in rows and len(rows[name].unique()) > 1]
    return tuple(name for name in several if name != LANGUAGE or _splits_participants(rows, name))


def _splits_participants(rows: pd.DataFrame, name: str) -> bool:
    """Whether each participant has only one level (a language can also belong to a stimulus)."""
    return bool(rows.groupby("participant")[name].nunique().max() == 1)


def fixed_terms(factors: tuple[str, ...]) -> tuple[str, ...]:
    """Fixed effects of the default model: each factor, the systems, and each factor x system."""
    return (*factors, "system", *(f"{name}:system" for name in factors))


def fewer(factors: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Sets of factors, tried until a model can be fitted: all, all except groups, none."""
    tries = [factors, tuple(name for name in factors if name != "group"), ()]
    return list(dict.fromkeys(tries))
