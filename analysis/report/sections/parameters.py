"""How each stimulus was mixed: the parameters of the build's manifest, as table rows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

PLACES = {
    "relative_loudness_lu": ("level", "relative_loudness_lu"),
    "threshold_db": ("compression", "threshold_db"),
    "ratio": ("compression", "ratio"),
    "lra_before_lu": ("compression", "lra_before_lu"),
    "lra_after_lu": ("compression", "lra_after_lu"),
    "reverb_time_s": ("reverb", "reverb_time_s"),
    "relative_reverb_loudness_lu": ("measured", "relative_reverb_loudness_lu"),
}
"""Columns of the table, and where their values stand in the manifest's JSON."""


def parameters_of(manifest: pd.DataFrame | None) -> list[dict[str, Any]]:
    """Mixing parameters, one row a stimulus.

    Parameters
    ----------
    manifest
        With the columns song, system and parameters (the JSON object of ``mixtrial mix``).

    Returns
    -------
    list
        {song, system, n_eq_bands, eq, and the keys of :data:`PLACES`}; what a mix lacks is None.
        Empty without such a manifest, or when no mix tells anything (finished mixes).
    """
    if manifest is None or "parameters" not in manifest:
        return []
    rows = [
        {"song": str(song), "system": str(system), **_row(_content(text))}
        for song, system, text in zip(
            manifest["song"], manifest["system"], manifest["parameters"], strict=True
        )
    ]
    told = any(value is not None for row in rows for key, value in row.items() if key in PLACES)
    return rows if told else []


def _content(text: object) -> Mapping[str, Any]:
    try:
        content = json.loads(str(text))
    except ValueError:
        return {}
    return content if isinstance(content, Mapping) else {}


def _row(content: Mapping[str, Any]) -> dict[str, Any]:
    bands = content.get("eq") or []
    usable = [band for band in bands if isinstance(band, Mapping)]
    row: dict[str, Any] = {"n_eq_bands": len(usable), "eq": "; ".join(map(_band, usable))}
    for name, (part, key) in PLACES.items():
        section = content.get(part)
        value = section.get(key) if isinstance(section, Mapping) else None
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        row[name] = float(value) if is_number and value is not None else None
    return row


def _band(band: Mapping[str, Any]) -> str:
    try:
        frequency_hz, gain_db = float(band["frequency_hz"]), float(band["gain_db"])
    except (KeyError, TypeError, ValueError):
        return "?"
    return f"{frequency_hz:.0f} Hz {gain_db:+.1f} dB".replace("-", "−")
