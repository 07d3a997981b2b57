"""A system of a study: it has a version of every song; its entry says where versions come from.

Conventions
-----------
A system is a name, or keys and values. A system has one of three sources: ``system`` (a mixing
system, which can have its own ``weights``), ``files`` (a pattern for finished files), or
``command`` (a program that makes the files). If the entry has none of these three keys, the system
is mixtrial's own system of this name, or a system for which each song has a file. For a system that
mixes, the entry can also set how strong the stages are (``amount``), a level balance (``level``)
and a finished mix to imitate (``reference``).
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationInfo, model_validator

from mixing.rules.genres import ABOVE_POP_LU, OF_THE_REFERENCE
from stimuli.study_keys.keys import FilledText, Name, Number, StudyKeys, place_shown

OUT = "out"
"""Placeholder of the file that a command writes."""

COMMAND_INPUTS = ("vocal", "backing", "reference")
"""Placeholders of the files that a command may read, called as the keys of a song."""

DEFAULT_TIMEOUT_S = 600.0
MOST_LU = 60.0

SONG = "{song}"
"""Stands for the song's name in the path of a reference."""

_SOURCES = ("system", "files", "command")
_OF_MIXES = ("weights", "amount", "level", "reference")
_HEARD_KEYS = ("name", "system", *_OF_MIXES, "command")


def _folder(value: Any, info: ValidationInfo) -> Any:
    """Path of an existing folder, relative to the folder of the study file."""
    if not isinstance(value, str | Path):
        raise ValueError(f"The key {info.field_name} must be the name of a folder, not {value!r}.")
    path = Path(os.path.normpath((info.context or {}).get("folder", Path()) / Path(value)))
    if not path.is_dir():
        raise ValueError(f"There is no {info.field_name} folder {place_shown(value, path)}.")
    return path


def _level(value: Any) -> Any:
    """A genre, ``reference``, or a number of LU."""
    words = (*ABOVE_POP_LU, OF_THE_REFERENCE)
    if value in words or (isinstance(value, int | float) and abs(value) <= MOST_LU):
        return value
    raise ValueError(
        f"The key level must be one of {', '.join(words)}, or the loudness difference of "
        f"vocal and backing from -{MOST_LU:g} to {MOST_LU:g} LU, not {value!r}."
    )


def _file(value: Any, info: ValidationInfo) -> Any:
    """Path of a file, relative to the folder of the study file; each song can have its own file."""
    if not isinstance(value, str | Path):
        raise ValueError(f"The value of reference must be the name of a file, not {value!r}.")
    path = Path(os.path.normpath((info.context or {}).get("folder", Path()) / Path(value)))
    if SONG not in str(value) and not path.is_file():
        raise ValueError(f"There is no reference file {place_shown(value, path)}.")
    return path


Share = Annotated[Number, Field(ge=0.0, le=1.0)]


class StageAmounts(StudyKeys):
    """How much of each stage of the mixing chain is applied; 0 leaves the sound unchanged."""

    eq: Share = Field(1.0, title="Equaliser (share)")
    compression: Share = Field(1.0, title="Compression (share)")
    reverb: Share = Field(1.0, title="Reverb (share)")
    level: Share = Field(1.0, title="Level (share)")


class StudySystem(StudyKeys):
    """One entry of ``systems``. ``label`` is the name for researchers."""

    name: Name
    label: FilledText | None = None
    system: Name | None = None
    weights: Annotated[Path, BeforeValidator(_folder)] | None = None
    amount: StageAmounts | None = None
    level: Annotated[str | float, BeforeValidator(_level)] | None = Field(
        None, title="Level of the vocal"
    )
    reference: Annotated[Path, BeforeValidator(_file)] | None = None
    files: FilledText | None = None
    command: FilledText | None = None
    timeout_s: Annotated[Number, Field(gt=0.0, le=86_400.0)] | None = None

    @property
    def mixed_by(self) -> str | None:
        """Name of the mixing system that is used; None if the system has files or a command."""
        return None if self.files or self.command else self.system or self.name

    @property
    def command_inputs(self) -> tuple[str, ...]:
        """Placeholders in the system's command, among ``COMMAND_INPUTS``."""
        return tuple(name for name in COMMAND_INPUTS if f"{{{name}}}" in (self.command or ""))

    def reference_of(self, song: str) -> Path | None:
        """Finished mix of a song that the system imitates, or whose level it uses; else None."""
        return self.reference and Path(str(self.reference).replace(SONG, song))

    def as_heard(self) -> Any:
        """Settings that change the sound, as JSON; if there are none, only the entry's name.

        Files belong to the songs and are not included; labels and time limits do not change the
        sound.
        """
        keys = self.model_dump(mode="json", include=set(_HEARD_KEYS), exclude_none=True)
        return keys if len(keys) > 1 else self.name

    @model_validator(mode="after")
    def _comes_from_one_place(self) -> StudySystem:
        sources = [key for key in _SOURCES if getattr(self, key) is not None]
        if len(sources) > 1:
            raise ValueError(
                f"The system {self.name!r} has both {' and '.join(sources)}; leave one of them out."
            )
        mixes = "system" in sources or not sources
        for key, needed, is_given in (
            *((key, "mixes", mixes) for key in _OF_MIXES),
            ("timeout_s", "has a command", "command" in sources),
        ):
            if getattr(self, key) is not None and not is_given:
                raise ValueError(
                    f"The system {self.name!r} has {key}, which is only for a system that "
                    f"{needed}; leave it out."
                )
        if self.level == OF_THE_REFERENCE and self.reference is None:
            raise ValueError(
                f"The system {self.name!r} has level: reference, but no reference; add reference: "
                "FILE, a finished mix."
            )
        if self.command is not None:
            _check_command(self.name, self.command)
        return self


def _check_command(name: str, command: str) -> None:
    """Raise ``ValueError`` if a command line cannot be split, or lacks a placeholder."""
    try:
        words = shlex.split(command)
    except ValueError:
        raise ValueError(
            f"The command of the system {name!r} opens a quote and never closes it."
        ) from None
    held = [found for word in words for found in re.findall(r"\{(\w+)\}", word)]
    inputs = " or ".join(f"{{{each}}}" for each in COMMAND_INPUTS)
    for placeholder in held:
        if placeholder not in (OUT, *COMMAND_INPUTS):
            raise ValueError(
                f"The command of the system {name!r} has the unknown placeholder "
                f"{{{placeholder}}}; the placeholders are {inputs}, and {{{OUT}}}."
            )
    if OUT not in held:
        raise ValueError(
            f"The command of the system {name!r} must contain {{{OUT}}}, the file that it writes."
        )
    if set(held) == {OUT}:
        raise ValueError(
            f"The command of the system {name!r} must contain {inputs}, so that it can read a file "
            "of the song."
        )


def _as_entry(value: Any) -> Any:
    """Keys of an entry of ``systems``; a text alone is the name of the system."""
    if isinstance(value, str):
        return {"name": value}
    if isinstance(value, Mapping | StudySystem):
        return value
    raise ValueError(f"Each system must be a name, or keys with a name, not {value!r}.")


SystemEntry = Annotated[StudySystem, BeforeValidator(_as_entry)]
