"""`overlap`: which systems the same listeners heard, and what is compared between people."""

from analysis.methods.base import Method, MethodInput, Row
from analysis.ratings.overlap import overlap


def _compute(given: MethodInput) -> Row:
    found = overlap(given.rows)
    return {
        "status": "ok",
        "sets": [list(some) for some in found.sets],
        "between_people": [{"a": a, "b": b} for a, b in found.between_people],
    }


METHOD = Method(place=25, compute=_compute)
