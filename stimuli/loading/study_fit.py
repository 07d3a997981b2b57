"""Whether the keys of a study fit together: pages, human mixes, plan and questionnaires.

Each check of a study takes one whose keys are right one by one, and raises ``PlacedError`` with
the place that is best blamed. Parts are looked at in :mod:`stimuli.loading.part_fit`.
"""

from __future__ import annotations

from collections.abc import Sequence

from stimuli.loading.block_fit import check_blocks
from stimuli.loading.part_fit import check_marks
from stimuli.page_types.base import MADE_NAMES
from stimuli.page_types.trials import TrialOptions
from stimuli.study.study import Study
from stimuli.study_keys.declared_plan import check_plan
from stimuli.study_keys.faults import PlacedError, nearest
from stimuli.study_keys.keys import StudySong
from stimuli.study_keys.questionnaires import check_questionnaires
from stimuli.study_keys.yaml_source import Place


def check_pages(study: Study) -> None:
    """Raise ``PlacedError`` when the pages ask for songs or sizes that cannot be."""
    pages, names = study.pages, [song.name for song in study.songs]
    if pages.training_song is not None and pages.training_song not in names:
        raise PlacedError(
            f"the training song {pages.training_song!r} is not among the songs"
            + nearest(pages.training_song, names),
            ("pages", "training_song"),
        )
    n_rated = len(study.rated_songs)
    if n_rated == 0:
        raise PlacedError(
            "no song is left to rate: the only song is the training song",
            ("pages", "rate_training_song"),
        )
    wanted = pages.songs_per_participant or n_rated
    if wanted > n_rated:
        raise PlacedError(
            f"songs_per_participant is {wanted}, but only {n_rated} song(s) can be rated",
            ("pages", "songs_per_participant"),
        )
    if pages.repeated_songs > wanted:
        raise PlacedError(
            f"repeated_songs is {pages.repeated_songs}, but only {wanted} song(s) are rated",
            ("pages", "repeated_songs"),
        )
    n_stimuli = pages.stimuli_per_page or len(study.systems)
    if n_stimuli > pages.max_stimuli and not study.parts:  # which are looked at one by one
        raise PlacedError(
            f"{n_stimuli} systems make as many stimuli on a page, but "
            f"{pages.max_stimuli} are allowed (ITU-R BS.1534-3 sets 12; the key max_stimuli "
            "under pages overrides it, stimuli_per_page shares them out)",
            ("pages", "stimuli_per_page") if pages.stimuli_per_page else ("systems",),
        )
    per_page = None if study.parts else pages.stimuli_per_page
    check_blocks(study.systems, study.strata, per_page)


def check_feedback(study: Study) -> None:
    """Raise ``PlacedError`` when there is no practice page that feedback could be about."""
    if not study.pages.training_feedback:
        return
    if not study.pages.training:
        raise PlacedError(
            "training_feedback needs a practice page, but training is false; leave one of them out",
            ("pages", "training_feedback"),
        )
    if all(isinstance(part.options, TrialOptions) for part in study.page_parts):
        raise PlacedError(
            "training_feedback tells how far the ratings of a page lie apart, but the pages of "
            f"{' and '.join(dict.fromkeys(part.type for part in study.page_parts))} ask for one "
            "answer each",
            ("pages", "training_feedback"),
        )


def check_human(study: Study) -> None:
    """Raise ``PlacedError`` when the human system is asked for a song that brings no mix."""
    if "human" not in study.systems:
        return
    for index, song in enumerate(study.songs):
        if song.human is None and "human" not in song.files:
            raise PlacedError(
                f"the system 'human' is listed, but the song {song.name!r} has no human mix; "
                "add human: FILE to the song (a finished mix or a parameters file)",
                ("songs", index),
            )


def check_systems(study: Study, mixing: Sequence[str]) -> None:
    """Raise ``PlacedError`` when a song has neither a file of a system nor stems for it.

    ``mixing`` has the names of the systems that mix stems themselves.
    """
    for index, system in enumerate(study.systems):
        if system in MADE_NAMES:
            raise PlacedError(
                f"no system can be called {system!r}: the build makes a stimulus of that name",
                ("systems", index),
            )
        if system not in mixing and not any(system in song.files for song in study.songs):
            given = [name for song in study.songs for name in song.files]
            known = list(dict.fromkeys((*mixing, *given)))
            hint = nearest(system, known) or f"; choose from {', '.join(known)}"
            raise PlacedError(
                f"unknown system {system!r}{hint}, or give each song a file of it under files",
                ("systems", index),
            )
    for index, song in enumerate(study.songs):
        _check_versions(study, song, mixing, ("songs", index))


def _check_versions(study: Study, song: StudySong, mixing: Sequence[str], place: Place) -> None:
    for name in song.files:
        if name in mixing and (name != "human" or song.human is not None):
            raise PlacedError(
                f"the song {song.name!r} has a file for {name!r}, which is what mixtrial's own "
                "system is called; give the file's system another name",
                (*place, "files", name),
            )
    for system in study.systems:
        if system in song.files:
            continue
        if system not in mixing:
            raise PlacedError(
                f"the song {song.name!r} has no file of the system {system!r}; add it under files, "
                "or leave the system or the song out",
                place,
            )
        if song.vocal is None:
            raise PlacedError(
                f"the song {song.name!r} has no vocal and backing for the system {system!r} to "
                "mix; add them, or leave the system or the song out",
                place,
            )


def check_analysis(study: Study) -> None:
    """Raise ``PlacedError`` when the declared plan names what the study does not have."""
    if study.analysis is not None:
        attributes = [entry.name for entry in study.attributes]
        check_plan(study.analysis, attributes, study.rated_names)
        check_marks(study)
        _check_margin(study.analysis.margin, study)


def _check_margin(margin: float | None, study: Study) -> None:
    """Raise ``PlacedError`` when a margin is wider than a scale that it is about."""
    scales = [
        part.scales[name] for part in study.page_parts if part.has_ratings for name in part.scales
    ]
    for scale in scales:
        if margin is not None and margin > scale.span:
            raise PlacedError(
                f"the margin {margin:g} is wider than the scale, {scale}; it is in the units of "
                "the scale",
                ("analysis", "margin"),
            )


def check_questions(study: Study) -> None:
    """Raise ``PlacedError`` when a question asks for a group or device that is not offered."""
    groups, devices = ([each.name for each in some] for some in (study.groups, study.devices))
    check_questionnaires(study.questionnaires, groups, devices)
