"""Signs that an analysis would misunderstand a table."""

from __future__ import annotations

import re

import pandas as pd

from analysis.ratings.names import NAMED
from mixtrial.imports.reading.plain_text import unseen_signs

_SLOT = re.compile(r"(?:slot|rater|vote|col(?:umn)?)[ _-]?\d+", re.IGNORECASE)
_SESSION_COLUMNS = ("session", "run", "experiment", "test", "study_fingerprint")


def doubts_about(rows: pd.DataFrame) -> tuple[str, ...]:
    """One clause for each doubtful point; it names the option that settles the point."""
    return tuple(
        doubt for doubt in (_slots(rows), _one_hot(rows), *_sessions(rows)) if doubt is not None
    )


def unseen_in_names(rows: pd.DataFrame) -> tuple[str, ...]:
    """One clause per name with invisible characters, with the option that removes them."""
    found = (
        f"the {column} {name!a} holds {' and '.join(signs)}, which nobody sees: give it another "
        f"name with --rename {column.removesuffix('_a').removesuffix('_b')}."
        for column in NAMED
        if column in rows
        for name in rows[column].unique()
        if (signs := unseen_signs(name))
    )
    return tuple(dict.fromkeys(found))


def _slots(rows: pd.DataFrame) -> str | None:
    """Clause if participants are named only by a place in a file, which may not mean persons."""
    who = rows["participant"].str.strip()
    if len(who) and who.map(lambda name: _SLOT.fullmatch(name) is not None).all():
        return (
            f"participants are named {who.iloc[0]} and the like: if they are places in a file and "
            "no persons, no analysis of persons is right"
        )
    return None


def _one_hot(rows: pd.DataFrame) -> str | None:
    """Clause if each page has one rating of 1 and otherwise 0: such ratings are choices."""
    rating = pd.to_numeric(rows["rating"], errors="coerce")
    if rating.isna().all() or not rating.dropna().isin([0, 1]).all():
        return None
    page = ["participant", "song", "attribute", *(["replicate"] if "replicate" in rows else [])]
    pages = rows.assign(rating=rating).groupby(page)["rating"]
    chosen, n = pages.sum(), pages.count()
    if (n > 1).mean() > 0.5 and (chosen[n > 1] <= 1).all():
        return (
            "each page has one rating of 1 and otherwise 0: that is a choice of one, whose rows "
            "are not independent ratings"
        )
    return None


def _sessions(rows: pd.DataFrame) -> list[str]:
    """Clauses about a table that holds several tests or sessions."""
    found = []
    for column in _SESSION_COLUMNS:
        if column in rows:
            names = sorted(set(rows[column].str.strip()) - {""})
            if len(names) > 1:
                listed = ", ".join(names[:6]) + (", …" if len(names) > 6 else "")
                found.append(
                    f"its column {column} has {len(names)} values ({listed}): keep one with --only "
                    f"{column}={names[0]}, unless they belong together"
                )
    return found
