"""Objective measures, and how well each predicts the mean ratings (ITU-T P.1401)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import numpy as np
import pandas as pd

from analysis.findings.attribute import Attribute
from analysis.findings.primary import AttributeFindings
from analysis.findings.sections import (
    Count,
    Estimate,
    NotEstimable,
    Number,
    P,
    Section,
    estimated,
)
from analysis.prediction.accuracy import accuracy
from analysis.prediction.mapping import MAPPING_NAMES, MappingName
from analysis.statistics.estimable import section

NAMED = ("song", "system")
"""Columns of a table of measures that say which stimulus a row is of."""

Level = Literal["stimuli", "systems"]


@dataclass(frozen=True, slots=True)
class PredictedPoint:
    """Measure, rating and prediction of a stimulus, or of a system if `song` is None."""

    song: str | None
    system: str
    value: Number
    rating: Number
    half_width: Number
    predicted: Number


@dataclass(frozen=True, slots=True)
class PredictionFit(Section):
    """Accuracy of the predictions after a mapping, with every single point."""

    n: Count
    pearson: Estimate
    spearman: Estimate
    rmse: Estimate
    rmse_star: Estimate
    outlier_ratio: P
    points: Sequence[PredictedPoint]


@dataclass(frozen=True, slots=True)
class Prediction:
    """A measure compared with the ratings of the primary attribute, by stimuli or by systems."""

    measure: str
    level: Level
    mapping: MappingName
    mapping_in_words: str
    fit: PredictionFit | NotEstimable


def predictions_of(
    measures: pd.DataFrame | None,
    found: AttributeFindings | None,
    mapping: MappingName,
    seed: int,
) -> list[Prediction]:
    """Accuracy of each measure, first by stimuli, then by systems; empty if nothing was measured.

    Parameters
    ----------
    measures
        The columns song and system, and one column for each measure; rows with the same song and
        system are averaged. None: the report has no measures.
    found
        Findings of the primary attribute.
    mapping
        Function that converts the measure to the scale of the ratings.
    seed
        Seed of the random resampling.
    """
    if measures is None or not isinstance(found, Attribute):
        return []
    names = [str(name) for name in measures.columns if name not in NAMED]
    numbers = measures[names].apply(pd.to_numeric, errors="coerce")
    keys = [measures[name].astype(str) for name in NAMED]
    by_stimulus = numbers.groupby(keys).mean()
    rated: dict[Level, list[PredictedPoint]] = {
        "stimuli": [
            _point(row.song, row.system, row.mean, row.ci_low, row.ci_high)
            for row in estimated(found.songs) or ()
        ],
        "systems": [
            _point(None, row.system, row.mean, row.ci_low, row.ci_high)
            for row in estimated(found.descriptives) or ()
            if row.group is None
        ],
    }
    return [
        Prediction(
            name, level, mapping, MAPPING_NAMES[mapping],
            section(partial(_fit, by_stimulus[name], rated[level], mapping, seed)),
        )
        for name in names
        for level in rated
    ]  # fmt: skip


def _point(song: str | None, system: str, mean: float, low: float, high: float) -> PredictedPoint:
    return PredictedPoint(song, system, math.nan, mean, (high - low) / 2, math.nan)


def _fit(
    values: pd.Series, rated: Sequence[PredictedPoint], mapping: MappingName, seed: int
) -> PredictionFit:
    of_system = values.groupby(level="system").mean()
    measured = [
        (each, values.get((each.song, each.system)) if each.song else of_system.get(each.system))
        for each in rated
    ]
    there = [(each, float(x)) for each, x in measured if x is not None and math.isfinite(x)]
    points = [each for each, _ in there]
    x = np.array([value for _, value in there])
    y = np.array([each.rating for each in points])
    width = np.array([each.half_width for each in points])
    found = accuracy(x, y, width, mapping, seed)
    return PredictionFit(
        n=found.n,
        pearson=found.pearson,
        spearman=found.spearman,
        rmse=found.rmse,
        rmse_star=found.rmse_star,
        outlier_ratio=found.outlier_ratio,
        points=[
            replace(each, value=value, predicted=float(p))
            for (each, value), p in zip(there, found.predicted, strict=True)
        ],
    )
