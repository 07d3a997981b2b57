"""Stimuli that no mixing system makes: dry stems, a reference's file, and the anchors under it.

Conventions
-----------
Names are those of :data:`stimuli.page_types.base.MADE_NAMES`. Dry stems are as they come, without
effects; like mixes they are brought to the loudness of their page afterwards, by gain alone.
"""

from __future__ import annotations

import json
from typing import Any

from mixing.audio import Audio, Song, as_stereo
from stimuli.page_types.base import CUTOFF_HZ, DRY_NAMES
from stimuli.rendering.anchors import STOP_DB, anchor_filter


def is_dry(name: str) -> bool:
    """Whether a stimulus is a stem, or the sum of both, without effects."""
    return name in DRY_NAMES


def dry_audio(name: str, song: Song) -> Audio:
    """Vocal, backing, or both added as they are; stereo, as long as the song."""
    if name == "dry_vocal":
        return as_stereo(song.vocal)
    if name == "dry_backing":
        return as_stereo(song.backing)
    return as_stereo(song.vocal) + as_stereo(song.backing)


def dry_report(name: str) -> str:
    """What the manifest says of a dry stem (JSON)."""
    return json.dumps({"system": name})


def anchor_report(name: str, made_from: str, sample_rate: int) -> str:
    """What the manifest says of an anchor (JSON): its reference and its filter."""
    facts: dict[str, Any] = {
        "system": name,
        "made_from": made_from,
        "cutoff_hz": CUTOFF_HZ[name],
        "stop_db": STOP_DB,
        "n_taps": len(anchor_filter(CUTOFF_HZ[name], sample_rate)),
    }
    return json.dumps(facts)
