"""What meters say of the mixes, set beside the ratings: distances from the reference mix."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

REFERENCE = "reference"
"""Column of the manifest that names the system each mix is compared with."""

COMPARISONS = (
    "bark_distance_db",
    "stft_distance",
    "audio_feature_loss",
    "centroid_difference_octaves",
    "crest_difference_db",
    "lra_difference_lu",
    "width_difference",
    "imbalance_difference",
)
"""Columns of the manifest with a mix's differences and distances from its reference."""


def objective_of(manifest: pd.DataFrame | None) -> dict[str, Any] | None:
    """Distances of the mixes from the reference mix of their song, as JSON.

    Returns
    -------
    dict or None
        ``reference``, ``systems`` (the mean of each system over songs, and ``n_songs``) and
        ``rows`` (one a stimulus), the reference itself left out; None where nothing was measured.
    """
    if manifest is None or not {REFERENCE, *COMPARISONS} <= set(manifest.columns):
        return None
    known = manifest[manifest[REFERENCE].notna() & (manifest["system"] != manifest[REFERENCE])]
    if known.empty:
        return None
    numbers = known[list(COMPARISONS)].apply(pd.to_numeric, errors="coerce")
    rows = [
        {"song": str(song), "system": str(system)} | _finite(line)
        for song, system, line in zip(
            known["song"], known["system"], numbers.to_dict("records"), strict=True
        )
    ]
    systems = [
        {"system": str(system), "n_songs": len(part)} | _finite(part.mean().to_dict())
        for system, part in numbers.groupby(known["system"], sort=False)
    ]
    return {"reference": str(known[REFERENCE].iloc[0]), "systems": systems, "rows": rows}


def _finite(values: dict[Any, Any]) -> dict[str, float | None]:
    """Return the values under the names of their columns, None where they are no numbers."""
    return {
        str(name): float(value) if math.isfinite(value) else None for name, value in values.items()
    }
