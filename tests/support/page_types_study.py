"""A small study with a part of every page type, as tests of planning, saving and pages need it."""

from __future__ import annotations

from pathlib import Path

from browser_study import SYSTEMS, write_build, write_study
from stimuli.loading.load import load_study

PAGE_TYPES = (
    "attributes", "multi_stimulus", "mushra", "ape", "preference", "abx", "acr", "bs1116",
    "ranking", "best", "dcr", "ccr", "triangle", "same_different",
)  # fmt: skip
PARTS = f"""
parts:
  - type: attributes
    scale: labels
    songs: [amber]
    attributes: [level, overall]
    references: [dry_vocal, dry_backing]
  - type: multi_stimulus
    songs: [birch]
    references: [dry_mix]
  - type: mushra
    name: quality
    songs: [amber]
    systems: [{SYSTEMS[0]}, {SYSTEMS[3]}]
    reference: human
  - type: ape
    songs: [birch]
    attributes: [reverb, overall]
  - type: preference
    songs: [amber]
    pairs: [[{SYSTEMS[0]}, {SYSTEMS[1]}]]
    ties: true
  - type: abx
    songs: [birch]
    pairs: [[{SYSTEMS[0]}, {SYSTEMS[2]}]]
    trials: 2
  - type: acr
    songs: [amber]
    systems: [{SYSTEMS[1]}, {SYSTEMS[2]}]
  - type: bs1116
    songs: [birch]
    systems: [{SYSTEMS[1]}]
    reference: human
  - type: ranking
    songs: [birch]
    systems: [{SYSTEMS[0]}, {SYSTEMS[1]}, {SYSTEMS[2]}]
  - type: best
    songs: [amber]
    systems: [{SYSTEMS[0]}, {SYSTEMS[1]}, {SYSTEMS[2]}]
  - type: dcr
    songs: [birch]
    systems: [{SYSTEMS[1]}, human]
    reference: human
  - type: ccr
    songs: [amber]
    systems: [{SYSTEMS[1]}, {SYSTEMS[3]}]
    reference: human
  - type: triangle
    songs: [amber]
    pairs: [[{SYSTEMS[0]}, {SYSTEMS[2]}]]
    trials: 2
  - type: same_different
    songs: [birch]
    pairs: [[{SYSTEMS[0]}, {SYSTEMS[2]}]]
pages: {{training: false}}
"""


def write_page_types_study(
    folder: Path, *, is_built: bool = True, parts: str = PARTS, title: str = "Every page"
) -> Path:
    """Write a study of two songs and four systems with the given parts; return the study file.

    The stimuli are made-up sound, as in :mod:`browser_study`; nothing is mixed.
    """
    path = write_study(folder, is_built=False, title=title, more=parts.strip().splitlines())
    if is_built:
        study = load_study(path)
        made = dict.fromkeys(name for song in study.songs for name in study.made_names(song.name))
        write_build(folder / "build", tuple(made))
    return path
