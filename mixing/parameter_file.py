"""Mix parameters in a JSON file, which an engineer writes for the system ``human``.

The file contains one object (see ``docs/mixing.md`` for an example)::

    {"eq": [{"frequency_hz": 250, "gain_db": -3, "q": 1}],
     "compression": {"lra_lu": 9},
     "reverb": {"dry_wet": 0.2, "reverb_time_s": 1.6, ...},
     "level": {"relative_loudness_lu": -2}}

``compression`` can be a target loudness range (``lra_lu``), optionally with a target crest factor
(``crest_db``). ``compression`` can instead be four settings (``threshold_db``, ``ratio``,
``attack_ms``, ``release_ms``). If the entry ``compression`` or ``reverb`` is null, this stage is
left out. The output of ``mixtrial mix`` can also be used as a file of parameters; the measured
values in it are ignored.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from mixing.audio import AudioError
from mixing.effects.eq import MAX_GAIN_DB
from mixing.effects.reverb import REVERB_RANGES
from mixing.parameters import (
    CompressionSettings,
    CompressionTarget,
    EqBand,
    MixParameters,
    ReverbParameters,
)

Bounds = dict[str, tuple[float, float]]

EQ_RANGES: Bounds = {
    "frequency_hz": (20.0, 20_000.0),
    "gain_db": (-MAX_GAIN_DB, MAX_GAIN_DB),
    "q": (0.1, 10.0),
}
COMPRESSION_RANGES: Bounds = {
    "threshold_db": (-100.0, 20.0),
    "ratio": (1.0, 100.0),
    "attack_ms": (0.0, 1000.0),
    "release_ms": (0.0, 5000.0),
}
TARGET_RANGES: Bounds = {"lra_lu": (0.0, 60.0)}
CREST_RANGE: Bounds = {"crest_db": (0.0, 60.0)}
LEVEL_RANGES: Bounds = {"relative_loudness_lu": (-60.0, 60.0)}

_STAGES = ("eq", "compression", "reverb", "level")
# Keys of a report that are not parameters.
_REPORTED = {"system", "profile", "output", "measured", "notes"}
_REPORTED_RANGE = {
    f"{measure}_{moment}_{unit}"
    for measure, unit in (("lra", "lu"), ("crest", "db"))
    for moment in ("before", "after", "target")
} | {"reached"}


def read_parameters(path: Path) -> MixParameters:
    """Parameters from a JSON file; all entries are checked.

    Raises
    ------
    AudioError
        The file does not exist or is not JSON, or an entry is missing, unknown, not a number or out
        of its range. The error message names the wrong entry.
    """
    if not path.is_file():
        raise AudioError(f"There is no parameter file {path}.")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise AudioError(f"{path} is not readable as JSON.") from error
    return parameters_of(content, str(path))


def parameters_of(content: Any, source: str) -> MixParameters:
    """Parameters from parsed JSON; error messages name the ``source`` of the JSON.

    Raises the errors of :func:`read_parameters`.
    """
    if not isinstance(content, dict):
        raise AudioError(f"{source}: One JSON object is needed.")
    _check_keys(content, set(_STAGES), _REPORTED, source)
    bands = content["eq"]
    if not isinstance(bands, list):
        raise AudioError(f"{source}: eq must be a list of bands.")
    eq = tuple(
        EqBand(
            **_numbers(
                {"q": 1.0, **_table(band, f"{source}: eq[{i}]")}, EQ_RANGES, f"{source}: eq[{i}]"
            )
        )
        for i, band in enumerate(bands)
    )
    reverb = content["reverb"]
    level = _numbers(content["level"], LEVEL_RANGES, f"{source}: level")
    return MixParameters(
        eq=eq,
        compression=_compression(content["compression"], f"{source}: compression"),
        reverb=None
        if reverb is None
        else ReverbParameters(**_numbers(reverb, REVERB_RANGES, f"{source}: reverb")),
        relative_loudness_lu=level["relative_loudness_lu"],
    )


def as_json(parameters: MixParameters) -> dict[str, Any]:
    """JSON object with which :func:`parameters_of` gives the same parameters again."""
    compression, reverb = parameters.compression, parameters.reverb
    return {
        "eq": [asdict(band) for band in parameters.eq],
        "compression": None if compression is None else _given(asdict(compression)),
        "reverb": None if reverb is None else asdict(reverb),
        "level": {"relative_loudness_lu": parameters.relative_loudness_lu},
    }


def _given(entries: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entries.items() if value is not None}


def _compression(entry: Any, where: str) -> CompressionTarget | CompressionSettings | None:
    if entry is None:
        return None
    table = {k: v for k, v in _table(entry, where).items() if k not in _REPORTED_RANGE}
    if "lra_lu" in table:
        wanted = TARGET_RANGES | CREST_RANGE if "crest_db" in table else TARGET_RANGES
        return CompressionTarget(**_numbers(table, wanted, where))
    return CompressionSettings(**_numbers(table, COMPRESSION_RANGES, where))


def _numbers(entry: Any, ranges: Bounds, where: str) -> dict[str, float]:
    """All entries named in ``ranges``; each entry must be a number within its range."""
    table = _table(entry, where)
    _check_keys(table, set(ranges), set(), where)
    values = {}
    for key, (low, high) in ranges.items():
        value = table[key]
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not math.isfinite(value)
        ):
            raise AudioError(f"{where}: {key} must be a number, not {value!r}.")
        if not low <= value <= high:
            raise AudioError(
                f"{where}: {key} is {value:g}; it must lie between {low:g} and {high:g}."
            )
        values[key] = float(value)
    return values


def _table(entry: Any, where: str) -> dict[str, Any]:
    if not isinstance(entry, dict):
        raise AudioError(f"{where} must be an object with named numbers.")
    return entry


def _check_keys(table: dict[str, Any], needed: set[str], passed_over: set[str], where: str) -> None:
    for key in table:
        if key not in needed | passed_over:
            nearest = get_close_matches(key, sorted(needed), n=1)
            hint = f" Did you mean {nearest[0]}?" if nearest else ""
            raise AudioError(f"{where}: There is no entry {key}.{hint}")
    for key in sorted(needed - set(table)):
        raise AudioError(f"{where}: The entry {key} is missing.")
