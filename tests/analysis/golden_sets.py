"""Ratings that R has answered about, and its answers."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from analysis.ratings.table import of_attribute, read_ratings
from places import RATINGS

EXCLUDED = ("P06", "P17")
"""Listeners whom the authors of the codec test left out."""


def golden_set(name: str) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Ratings and answers: ``synthetic``, or ``codec`` as its authors screened it."""
    if name == "synthetic":
        rows, answers = read_ratings(RATINGS / "synA_balanced.csv"), "golden.json"
    else:
        every = read_ratings(RATINGS / "codec_mushra.csv")
        rows, answers = every[~every["participant"].isin(EXCLUDED)], "golden_codec.json"
    golden: dict[str, Any] = json.loads((RATINGS / answers).read_text("utf-8"))
    return of_attribute(rows, "overall"), golden
