"""Checks that each system can provide each song: by mixing, from a file, or by a program.

Conventions
-----------
Both checks raise ``PlacedError`` with a place relative to the top of the study file.
"""

from __future__ import annotations

from collections.abc import Sequence

from mixing.rules.genres import OF_THE_REFERENCE
from mixing.systems.registry import takes_reference, takes_weights
from stimuli.page_types.base import MADE_NAMES
from stimuli.study.study import Study
from stimuli.study.study_system import StudySystem
from stimuli.study_keys.faults import PlacedError, nearest
from stimuli.study_keys.keys import StudySong
from stimuli.study_keys.yaml_source import Place


def check_human(study: Study) -> None:
    """Raise ``PlacedError`` if the human system has no mix for a song."""
    human = next((each.name for each in study.systems if each.mixed_by == "human"), None)
    if human is None:
        return
    for index, song in enumerate(study.songs):
        if song.human is None and human not in song.files:
            raise PlacedError(
                f"The system {human!r} is listed, but the song {song.name!r} has no human mix; add "
                "human: FILE to the song (a finished mix, or parameters as JSON).",
                ("songs", index),
            )


def check_systems(study: Study, mixing: Sequence[str]) -> None:
    """Raise ``PlacedError`` if a song has no file of a system, and no stems that it could mix.

    ``mixing`` holds the names of the systems that mix stems themselves.
    """
    _check_labels(study)
    given = [name for song in study.songs for name in song.files]
    for index, system in enumerate(study.systems):
        _check_entry(system, mixing, given, ("systems", index))
    for index, song in enumerate(study.songs):
        _check_files(study, song, mixing, ("songs", index))
        here = study.systems_of(song)
        for system in study.systems:
            is_needed = system.name in here or study.is_played(song.name, system.name)
            if is_needed and system.name not in song.files:
                _check_can_make(system, song, mixing, ("songs", index))


def _check_labels(study: Study) -> None:
    """Refuse a label that readers would mistake for another system."""
    for index, system in enumerate(study.systems):
        names = (each for each in (*study.rated_names, *MADE_NAMES) if each != system.name)
        others = {each.lower() for each in names}
        others |= {each.label.lower() for each in study.systems[:index] if each.label}
        if system.label and system.label.lower() in others:
            raise PlacedError(
                f"The label {system.label!r} of the system {system.name!r} is the name or label of "
                "another system; choose another label.",
                ("systems", index),
            )


def _check_entry(
    system: StudySystem, mixing: Sequence[str], given: Sequence[str], place: Place
) -> None:
    """Refuse a system whose name is already used, or whose mixing system is unknown."""
    name, mixed_by = system.name, system.mixed_by
    if name in MADE_NAMES:
        raise PlacedError(
            f"A system cannot be called {name!r}, because the build makes a stimulus of that name.",
            place,
        )
    if name in mixing and mixed_by != name:
        raise PlacedError(
            f"The system {name!r} has the name of one of mixtrial's own systems; give it another "
            "name.",
            place,
        )
    if system.system is not None and mixed_by not in mixing:
        hint = nearest(system.system, mixing) or f" There are {', '.join(mixing)}."
        raise PlacedError(f"There is no mixing system {system.system!r}.{hint}", (*place, "system"))
    if mixed_by is not None and mixed_by not in (*mixing, *given):
        known = list(dict.fromkeys((*mixing, *given)))
        hint = nearest(name, known) or f" Choose from {', '.join(known)}."
        raise PlacedError(
            f"Unknown system {name!r}.{hint} A system of your own needs a file of each song under "
            "files.",
            place,
        )
    if system.weights is not None and not (mixed_by in mixing and takes_weights(str(mixed_by))):
        raise PlacedError(
            f"The system {name!r} has weights, but {mixed_by} does not use any; leave them out.",
            (*place, "weights"),
        )
    if mixed_by in mixing:
        _check_reference(system, takes_reference(str(mixed_by)), place)
    elif mixed_by is not None and (system.amount or system.level is not None or system.reference):
        raise PlacedError(
            f"The system {system.name!r} consists of finished files, which are played as they are; "
            "leave amount, level and reference out.",
            place,
        )


def _check_reference(system: StudySystem, is_needed: bool, place: Place) -> None:
    """Refuse a reference that nothing uses, and a system whose reference is missing."""
    if is_needed and system.reference is None:
        raise PlacedError(
            f"The system {system.name!r} needs a finished mix as its target; add reference: FILE "
            "to it.",
            place,
        )
    if system.reference is not None and not (is_needed or system.level == OF_THE_REFERENCE):
        raise PlacedError(
            f"The system {system.name!r} has a reference, but {system.mixed_by} does not use one; "
            "leave it out, or add level: reference.",
            (*place, "reference"),
        )
    if system.reference is not None and system.mixed_by == "human":
        raise PlacedError(
            f"The system {system.name!r} takes the human mix of each song; leave reference out.",
            (*place, "reference"),
        )


def _check_files(study: Study, song: StudySong, mixing: Sequence[str], place: Place) -> None:
    """Refuse a file for a system that makes its own mixes, or a file that is also the reference."""
    made = {each.name for each in study.systems if each.system or each.command}
    for name, path in song.files.items():
        if name in mixing and (name != "human" or song.human is not None):
            raise PlacedError(
                f"The song {song.name!r} has a file of the system {name!r}, which is the name of "
                "one of mixtrial's own systems; give the file's system another name.",
                (*place, "files", name),
            )
        if name in made:
            raise PlacedError(
                f"The song {song.name!r} has a file of the system {name!r}, but that system makes "
                "its own mixes; leave the file out, or rename one of the two.",
                (*place, "files", name),
            )
        if path == song.reference and name in study.system_names:
            raise PlacedError(
                f"The song {song.name!r} has the same file as its reference and as the system "
                f"{name!r}. Leave the system out; a part with a reference rates the hidden "
                "reference anyway.",
                (*place, "files", name),
            )


def _check_can_make(
    system: StudySystem, song: StudySong, mixing: Sequence[str], place: Place
) -> None:
    """Refuse a system without the input for a song, unless the song has a finished file of it."""
    end = "or leave the system or the song out"
    if system.command is not None:
        for key in system.command_inputs:
            if getattr(song, key) is None:
                raise PlacedError(
                    f"The song {song.name!r} has no {key} for the command of the system "
                    f"{system.name!r}; add it, {end}.",
                    place,
                )
    elif system.files is not None:
        wanted = system.files.replace("{song}", song.name)
        raise PlacedError(
            f"The song {song.name!r} has no file of the system {system.name!r}; add {wanted}, "
            f"{end}.",
            place,
        )
    elif system.mixed_by not in mixing:
        raise PlacedError(
            f"The song {song.name!r} has no file of the system {system.name!r}; add it under "
            f"files, {end}.",
            place,
        )
    elif song.vocal is None:
        raise PlacedError(
            f"The song {song.name!r} has no vocal and backing for the system {system.name!r} to "
            f"mix; add them, {end}.",
            place,
        )
    elif (path := system.reference_of(song.name)) is not None and not path.is_file():
        raise PlacedError(
            f"There is no reference {path.name} of the song {song.name!r} for the system "
            f"{system.name!r}; add it, {end}.",
            place,
        )
