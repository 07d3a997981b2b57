"""Reading and checking the parts of a study; each part is an entry of ``parts`` with a page type.

Conventions
-----------
The checks raise ``PlacedError`` with a place relative to the top of the study file.
"""

from __future__ import annotations

from typing import Any

from stimuli.design.session import plan_session
from stimuli.loading.block_fit import check_blocks
from stimuli.page_types.base import (
    DRY_NAMES,
    LOW_ANCHOR,
    MID_ANCHOR,
    Part,
    PartOptions,
    check_names,
)
from stimuli.study.study import Study
from stimuli.study_keys.faults import PlacedError

MAX_PAGES = 1000
"""Most pages of one participant's session; more is a mistake in the file."""


def check_parts(study: Study) -> None:
    """Raise ``PlacedError`` for names that the study lacks, or for an impossible part."""
    if not study.parts:
        return
    for index, (options, part) in enumerate(zip(study.parts, study.page_parts, strict=True)):
        try:
            _check_part(study, options, part)
        except PlacedError as error:
            raise PlacedError(str(error), ("parts", index, *error.place)) from None
    _check_references(study)
    check_number_of_pages(study)


def check_marks(study: Study) -> None:
    """Raise ``PlacedError`` if the plan's reference or anchors are not those of a part."""
    plan = study.analysis
    marked = next((options for options in study.parts if options.fixed()), None)
    if plan is None or marked is None:
        return
    for key, used in (
        ("reference", marked.fixed()[0]),
        ("low_anchor", LOW_ANCHOR),
        ("mid_anchor", MID_ANCHOR),
    ):
        declared = getattr(plan, key)
        if declared is not None and declared != used:
            raise PlacedError(
                f"The plan declares {key}: {declared}, but the {marked.type} part has {used}. "
                "Leave it out; it follows from the part.",
                ("analysis", key),
            )


def check_number_of_pages(study: Study) -> None:
    """Raise ``PlacedError`` if a session would have too many pages."""
    n_pages = len(plan_session(study, 0).pages)
    if n_pages > MAX_PAGES:
        raise PlacedError(
            f"A session would have {n_pages} pages, but at most {MAX_PAGES} are possible; name "
            "fewer pairs, trials or songs.",
            ("parts",),
        )


def _check_part(study: Study, options: PartOptions, part: Part) -> None:
    rated_songs = study.rated_songs
    if study.training_song in options.songs and study.training_song not in rated_songs:
        raise PlacedError(
            f"The part {part.name!r} uses the training song {study.training_song!r}, which "
            "rate_training_song leaves out.",
            ("songs",),
        )
    attributes = [attribute.name for attribute in study.attributes]
    for key, known in (("songs", rated_songs), ("systems", study.system_names)):
        check_names(getattr(options, key), known, key, key[:-1], part.name)
    check_names(options.attributes, attributes, "attributes", "attribute", part.name)
    options.check(part, _songs_played(study, part), study.system_names)
    for song in _songs_played(study, part):
        dry = [name for name in options.made() if name in DRY_NAMES]
        if dry and song.vocal is None:
            raise PlacedError(
                f"The part {part.name!r} plays {dry[0]}, but the song {song.name!r} has no vocal "
                "and backing.",
                ("references",),
            )
    _check_size(study, part)


def _songs_played(study: Study, part: Part) -> list[Any]:
    return [song for song in study.songs if song.name in (*part.songs, study.training_song)]


def _check_size(study: Study, part: Part) -> None:
    """Raise ``PlacedError`` if a page has too many stimuli, or its stimuli cannot be divided."""
    n_rated = len(part.rated)
    if not part.options.is_blocked:
        return
    per_page = min(study.pages.stimuli_per_page or n_rated, n_rated)
    n_signals = per_page + len(part.references)
    if n_signals > study.pages.max_stimuli:
        raise PlacedError(
            f"A page of the part {part.name!r} has {n_signals} stimuli with references and "
            f"anchors, but {study.pages.max_stimuli} are allowed (12 in ITU-R BS.1534-3). Raise "
            "max_stimuli under pages, or divide the systems by stimuli_per_page.",
            (),
        )
    if per_page == n_rated:
        return
    fixed = part.options.fixed()
    dealt = [name for name in part.rated if name not in fixed]
    try:
        if per_page <= len(fixed):
            raise PlacedError(
                f"stimuli_per_page is {per_page}, but the hidden reference and anchors already "
                f"take {len(fixed)} places of each page; raise it.",
                (),
            )
        check_blocks(dealt, (), per_page - len(fixed))
    except PlacedError as error:
        raise PlacedError(f"In the part {part.name!r}: {error}", ()) from None


def _check_references(study: Study) -> None:
    """Raise ``PlacedError`` if two parts would have anchors made from different references."""
    found = [
        (index, options.name, options.fixed()[0])
        for index, options in enumerate(study.parts)
        if options.fixed()
    ]
    for index, name, reference in found[1:]:
        _, first_name, first = found[0]
        if reference != first:
            raise PlacedError(
                f"The parts {first_name!r} and {name!r} name different references ({first} and "
                f"{reference}), but all anchors are made from one reference.",
                ("parts", index, "reference"),
            )
