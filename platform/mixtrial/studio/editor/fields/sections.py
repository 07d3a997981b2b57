"""The sections of the editor, with the top-level keys of a study file that each one shows.

Conventions
-----------
Each key is in one section; other keys are in the last, so that a key of a later version has its
place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mixtrial.studio.editor.fields.field import Field
from mixtrial.studio.editor.fields.study_fields import PARTS, study_fields
from stimuli.study_keys.yaml_source import Place


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the editor: its title, its subject, and its keys in order."""

    title: str
    lead: str
    keys: tuple[str, ...]


GENERAL = Section(
    "General",
    "Name of the study, and the texts that participants read first and last.",
    ("title", "description", "language", "languages", "welcome", "consent", "thanks", "item",
     "identifier"),
)  # fmt: skip
SOUND = Section(
    "Sound",
    "The sounds: one version of each item by each system.",
    ("songs", "files", "reference", "systems", "strata", "profile", "loudness",
     "loudness_target_lufs", "bit_depth"),
)  # fmt: skip
TESTS = Section("Page types", "Parts of the test, worked through in this order.", (PARTS,))
LAST = Section(
    "Report",
    "Information for readers of the report and of the archive.",
    ("conditions", "publication"),
)
SECTIONS = (
    GENERAL,
    SOUND,
    TESTS,
    Section(
        "Questions",
        "Questions about every stimulus, and the scale of the answers.",
        ("attributes", "range", "comments"),
    ),
    Section(
        "Participants",
        "Questions to participants about themselves.",
        ("groups", "devices", "ask", "questionnaires", "contact"),
    ),
    Section(
        "Headphones",
        "The check of headphones, and the calibration of a laboratory's seats.",
        ("headphones", "calibration"),
    ),
    Section(
        "Order", "The pages that a participant sees, and their order.", ("pages", "arms", "seed")
    ),
    Section(
        "Panel",
        "How participants come, their number, the last day, and their return.",
        ("admission", "recruitment", "completion_code", "completion_link", "embed_origins"),
    ),
    Section("Analysis", "The plan, declared before anybody has listened.", ("analysis",)),
    LAST,
)
"""All sections but the text itself."""


def fields_of(section: Section) -> tuple[Field, ...]:
    """Fields of a section in order; the last section also has the fields that no section names."""
    by_key = {each.key: each for each in study_fields()}
    keys: Sequence[str] = section.keys
    if section is LAST:
        named = {key for each in SECTIONS for key in each.keys}
        keys = (*keys, *(key for key in by_key if key not in named))
    return tuple(by_key[key] for key in keys)


def section_of(place: Place) -> Section | None:
    """Section in which a value is shown; None for the whole text or an unknown key."""
    if not place or place[0] not in {each.key for each in study_fields()}:
        return None
    named = (each for each in SECTIONS if place[0] in each.keys)
    return next(named, LAST)
