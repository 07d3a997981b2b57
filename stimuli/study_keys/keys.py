"""The parts of a study file: one class per group of keys, one field per key.

Conventions
-----------
Parts are immutable and refuse unknown keys. ``Name`` is a word for tables and links; ``title``,
``label`` and ``question`` are texts that participants read. Relative paths are resolved against
``folder`` of the validation context.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    model_validator,
)

from stimuli.study_keys.yaml_source import OF_A_PATH

MIN_EXCERPT_S = 3.0
"""Below this BS.1770 loudness and the loudness range mean little."""


def _checked_name(name: str) -> str:
    """Return ``name`` if it is allowed in tables and links; raise ``ValueError`` otherwise."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", name):
        raise ValueError(
            f"The name {name!r} may contain only letters a-z, digits, - and _; put any other text "
            "into a title or label."
        )
    return name


def _resolved(value: Any, info: ValidationInfo) -> Any:
    """Path of an existing file, relative to the folder of the study file."""
    if not isinstance(value, str | Path):
        raise ValueError(f"The key {info.field_name} must be a file name, not {value!r}.")
    kind = "" if info.field_name == "files" else f"{info.field_name} "
    folder = (info.context or {}).get("folder")
    if folder is None:
        return Path(value)
    path = Path(os.path.normpath(folder / Path(value)))
    if not os.path.isfile(path):  # noqa: PTH113 - unlike Path.is_file, never raises
        raise ValueError(f"There is no {kind}file {place_shown(value, path)}.")
    return path


def place_shown(value: str | Path, path: Path) -> str:
    """A path as written, then the absolute path or a note about a control character in it."""
    given = str(value)
    return f"{given!r} ({path})" if given.isprintable() else f"{given!r}{OF_A_PATH}"


Name = Annotated[str, StringConstraints(strict=True, max_length=64), AfterValidator(_checked_name)]
Text = Annotated[str, StringConstraints(strict=True, strip_whitespace=True)]
FilledText = Annotated[
    str, StringConstraints(strict=True, strip_whitespace=True, min_length=1, max_length=20_000)
]
Whole = Annotated[int, Field(strict=True)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
StudyPath = Annotated[Path, BeforeValidator(_resolved)]


def refuse_repeats(names: Sequence[str], opening: str) -> None:
    """Raise ``ValueError`` if two names differ only in upper and lower case."""
    seen: set[str] = set()
    for name in names:
        if name.lower() in seen:
            raise ValueError(f"{opening} called {name!r}; every name may be used only once.")
        seen.add(name.lower())


class StudyKeys(BaseModel):
    """A group of keys: immutable; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Excerpt(StudyKeys):
    """The excerpt of a song that is played, in seconds from the start of its files."""

    start_s: Annotated[Number, Field(ge=0.0)] = 0.0
    duration_s: Annotated[Number, Field(ge=MIN_EXCERPT_S)]


class StudySong(StudyKeys):
    """One song, or another item in several versions: its stems, or its finished files.

    The systems mix ``vocal`` and ``backing``, which have equal length. ``files`` names the finished
    file of each system. ``human`` is a finished mix (an audio file) or a set of parameters of
    mixtrial's mixing chain (a ``.json`` file). ``reference`` has the same forms as ``human``; a
    part of type ``mushra`` can use the ``reference``.
    """

    name: Name
    title: FilledText | None = None
    vocal: StudyPath | None = None
    backing: StudyPath | None = None
    files: dict[Name, StudyPath] = Field(default_factory=dict)
    human: StudyPath | None = None
    reference: StudyPath | None = None
    excerpt: Excerpt | None = None

    @property
    def shown_title(self) -> str:
        """Title above the page, as participants see it: ``title``, or ``name`` with spaces."""
        return self.title or self.name.replace("_", " ")

    @property
    def measure_file(self) -> Path:
        """The file that sets the song's length: vocal, reference or first finished file."""
        return self.vocal or self.reference or next(iter(self.files.values()))

    @model_validator(mode="after")
    def _can_be_heard(self) -> StudySong:
        if (self.vocal is None) != (self.backing is None):
            has, lacks = ("backing", "vocal") if self.vocal is None else ("vocal", "backing")
            raise ValueError(
                f"The song {self.name!r} has a {has} and no {lacks}, but mixing needs both."
            )
        if self.vocal is not None:
            return self
        if not self.files and self.reference is None:
            raise ValueError(
                f"The song {self.name!r} needs vocal and backing, or finished files under the key "
                "files."
            )
        for key in ("human", "reference"):
            path = getattr(self, key)
            if path is not None and (key == "human" or path.suffix.lower() == ".json"):
                raise ValueError(
                    f"The song {self.name!r} has no vocal and backing, which its {key} needs; "
                    f"give an audio file under {'files' if key == 'human' else key}."
                )
        return self


class Item(StudyKeys):
    """Singular and plural of the word for an item that is heard in several versions.

    If a language has more than two forms, the forms have the names of the plural categories in CLDR
    (a database of language data). For example, the category ``few`` is for two to four in Polish.
    If a plural form is left out, the form ``many`` is used instead.
    """

    one: Annotated[FilledText, Field(max_length=40)]
    many: Annotated[FilledText, Field(max_length=40)]
    few: Annotated[FilledText, Field(max_length=40)] | None = None
    other: Annotated[FilledText, Field(max_length=40)] | None = None

    def form(self, category: str) -> str:
        """Form of a word for a plural category of CLDR (zero, one, two, few, many, other)."""
        forms = {"one": self.one, "few": self.few, "other": self.other}
        return forms.get(category) or self.many


class AnswerOption(StudyKeys):
    """One answer that a participant can choose: a listener group or a listening device."""

    name: Name
    label: FilledText


class Arm(StudyKeys):
    """A condition that some participants get: its instruction, and the number of participants.

    Participants read the ``instructions`` before anything is heard. At most ``quota`` participants
    are assigned to the arm; None means no limit.
    """

    name: Name
    instructions: Text = ""
    quota: Annotated[Whole, Field(ge=1)] | None = None


class Stratum(StudyKeys):
    """Systems of one kind; a page that shows only some systems shows equally many of each kind."""

    name: Name
    systems: Annotated[tuple[Name, ...], Field(min_length=1)]


class Headphones(StudyKeys):
    """The check whether a participant wears headphones, and its consequences.

    A participant passes an attempt with at least ``needed`` right answers in ``trials`` trials, and
    can make ``attempts`` attempts. Participants who fail all attempts are marked, and can continue.
    With ``required``, the test ends for participants who fail all attempts.
    """

    test: Literal["none", "huggins", "antiphase"] = "none"
    trials: Annotated[Whole, Field(ge=1, le=24)] = 6
    needed: Annotated[Whole, Field(ge=1, le=24)] = 5
    attempts: Annotated[Whole, Field(ge=1, le=5)] = 2
    gate: Literal["flag", "required"] = "flag"

    @model_validator(mode="after")
    def _can_be_passed(self) -> Headphones:
        if self.needed > self.trials:
            raise ValueError(
                f"The key headphones needs {self.needed} right answers, but has only {self.trials} "
                "trials."
            )
        return self


LEVELS_DB = (30.0, 120.0)
"""Sound pressure levels that can be the level of a listening test."""


class Calibration(StudyKeys):
    """Sound level at the seats of a laboratory, and whether a seat must be measured before use.

    ``seats`` is ``none`` if participants set the volume by themselves. With ``optional``,
    participants at a calibrated seat hear the stimuli with the gain of the seat. With ``required``,
    nobody can begin at a seat without calibration. ``level_db`` is the level of pink noise that a
    seat must reach, measured with the frequency ``weighting``.
    """

    seats: Literal["none", "optional", "required"] = "none"
    gain_db: Annotated[Number, Field(ge=-60.0, le=0.0)] = -6.0
    level_db: Annotated[Number, Field(ge=LEVELS_DB[0], le=LEVELS_DB[1])] | None = None
    weighting: Literal["A", "C", "Z"] = "A"

    @property
    def gain(self) -> float:
        """The digital gain as a linear factor."""
        return float(10.0 ** (self.gain_db / 20.0))


class Contact(StudyKeys):
    """Whether participants are asked for an e-mail address at the end, and with which words.

    With ``required``, participants must enter an address before they see the completion code and
    the link back. ``text`` is None if the default words of the study's language should be used.
    """

    ask: Literal["none", "optional", "required"] = "none"
    text: FilledText | None = None


def _song_count(value: Any) -> Any:
    """Return the number of songs; return None for the word ``all``."""
    if value is None or (isinstance(value, str) and value.strip().lower() == "all"):
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"songs_per_participant must be all or a whole number, not {value!r}.")
    return value


class Pages(StudyKeys):
    """The pages that a participant sees, and the number of pages.

    ``songs_per_participant`` is None if each participant rates all songs. ``training_song`` is None
    if the first song of the study is used for training. The training page comes first and is not
    analysed. If ``training_feedback`` is set, participants see after the training page how they
    used the scale on this page. ``back`` lets participants return to the previous page.
    ``stimuli_per_page`` is None if one page has all systems. If a participant is inactive for
    ``abandoned_after_hours``, the next participant gets this participant's plan; 0 means that plans
    are never passed on. The link of a participant is valid for ``link_days`` after consent; None
    means without limit.
    """

    songs_per_participant: Annotated[
        Annotated[int, Field(ge=1)] | None, BeforeValidator(_song_count)
    ] = None
    training: Annotated[bool, Field(strict=True)] = True
    training_song: Name | None = None
    training_feedback: Annotated[bool, Field(strict=True)] = False
    rate_training_song: Annotated[bool, Field(strict=True)] = True
    repeated_songs: Annotated[Whole, Field(ge=0)] = 0
    max_stimuli: Annotated[Whole, Field(ge=1, le=64)] = 12
    stimuli_per_page: Annotated[Whole, Field(ge=2, le=64)] | None = None
    break_after: Annotated[Whole, Field(ge=0)] = 0
    back: Annotated[bool, Field(strict=True)] = False
    balance_within: Literal["study", "groups"] = "study"
    abandoned_after_hours: Annotated[Number, Field(ge=0.0, le=100_000.0)] = 24.0
    link_days: Annotated[Number, Field(gt=0.0, le=10_000.0)] | None = None
