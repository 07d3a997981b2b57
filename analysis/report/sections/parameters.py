"""Parameters of the mixes as rows of a table; they are read from the manifest of the build."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.findings.sections import Count, Number

PLACES = {
    "relative_loudness_lu": ("level", "relative_loudness_lu"),
    "threshold_db": ("compression", "threshold_db"),
    "ratio": ("compression", "ratio"),
    "lra_before_lu": ("compression", "lra_before_lu"),
    "lra_after_lu": ("compression", "lra_after_lu"),
    "reverb_time_s": ("reverb", "reverb_time_s"),
    "relative_reverb_loudness_lu": ("measured", "relative_reverb_loudness_lu"),
}
"""Columns of the table, and where their values are in the manifest's JSON."""


@dataclass(frozen=True, slots=True)
class StimulusParameters:
    """Parameters of a stimulus; NaN for each parameter that its mix does not use."""

    song: str
    system: str
    n_eq_bands: Count
    eq: str
    relative_loudness_lu: Number
    threshold_db: Number
    ratio: Number
    lra_before_lu: Number
    lra_after_lu: Number
    reverb_time_s: Number
    relative_reverb_loudness_lu: Number


def parameters_of(manifest: pd.DataFrame | None) -> list[StimulusParameters]:
    """Mixing parameters, with one row per stimulus.

    Parameters
    ----------
    manifest
        Table with the columns song, system and parameters; the parameters are the JSON object that
        ``mixtrial mix`` wrote.

    Returns
    -------
    list
        The table is empty if this manifest is missing, or if no mix has parameters because the
        mixes were finished files.
    """
    if manifest is None or "parameters" not in manifest:
        return []
    rows = [
        _row(str(song), str(system), _content(text))
        for song, system, text in zip(
            manifest["song"], manifest["system"], manifest["parameters"], strict=True
        )
    ]
    told = any(not math.isnan(getattr(row, name)) for row in rows for name in PLACES)
    return rows if told else []


def _content(text: object) -> Mapping[str, object]:
    try:
        content = json.loads(str(text))
    except ValueError:
        return {}
    return content if isinstance(content, Mapping) else {}


def _row(song: str, system: str, content: Mapping[str, object]) -> StimulusParameters:
    bands = content.get("eq")
    usable = (
        [band for band in bands if isinstance(band, Mapping)] if isinstance(bands, list) else []
    )
    return StimulusParameters(
        song=song,
        system=system,
        n_eq_bands=len(usable),
        eq="; ".join(map(_band, usable)),
        **{name: _number(content.get(part), key) for name, (part, key) in PLACES.items()},
    )


def _number(section: object, key: str) -> float:
    value = section.get(key) if isinstance(section, Mapping) else None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return math.nan


def _band(band: Mapping[str, Any]) -> str:
    try:
        frequency_hz, gain_db = float(band["frequency_hz"]), float(band["gain_db"])
    except (KeyError, TypeError, ValueError):
        return "?"
    return f"{frequency_hz:.0f} Hz {gain_db:+.1f} dB".replace("-", "−")
