"""A study as its author wrote it: ``study.yaml``, checked and immutable.

Conventions
-----------
Every field of ``Study`` and of its parts is a key of the file. All keys are explained in
docs/study-file.md. Paths in a study are relative to the folder of the study file. A study is never
changed after it was read. This module checks every key by itself, without the other keys. The
module :mod:`stimuli.loading.load` reads the file, and checks whether the keys fit together.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    PrivateAttr,
    SerializeAsAny,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from stimuli.page_types.attributes import Options as Li2022Options
from stimuli.page_types.base import Part, PartOptions
from stimuli.study.found_files import with_found_files
from stimuli.study.own_language import OwnLanguage, known_language, with_own_texts
from stimuli.study.read_parts import asks_for_ratings, read_parts
from stimuli.study.study_system import StudySystem, SystemEntry
from stimuli.study_keys.conditions import Conditions
from stimuli.study_keys.declared_plan import DeclaredPlan
from stimuli.study_keys.default_texts import (
    DEFAULT_ATTRIBUTES,
    DEFAULT_CONSENT,
    DEFAULT_DEVICES,
    DEFAULT_GROUPS,
    DEFAULT_THANKS,
    DEFAULT_WELCOME,
    FALLBACK,
    LANGUAGES,
    default_item,
    default_labels,
    in_its_language,
)
from stimuli.study_keys.embed_origins import Origins
from stimuli.study_keys.faults import nearest
from stimuli.study_keys.keys import (
    AnswerOption,
    Arm,
    Calibration,
    Contact,
    FilledText,
    Headphones,
    Item,
    Name,
    Number,
    Pages,
    Stratum,
    StudyKeys,
    StudySong,
    Text,
    Whole,
    refuse_repeats,
)
from stimuli.study_keys.publication import Publication
from stimuli.study_keys.questionnaires import Questionnaire, ReadyMade
from stimuli.study_keys.rated_scale import (
    Attribute,
    Range,
    RatingScale,
    scale_of,
    with_end_words,
)
from stimuli.study_keys.recruiting.admission import Admission
from stimuli.study_keys.recruiting.recruitment import PROLIFIC, Recruitment, WayBack


class StudyError(ValueError):
    """A study that cannot be used; the message is one sentence for its author."""


ADDED_KEYS = (
    "analysis", "arms", "ask", "calibration", "comments", "contact", "headphones", "item",
    "language", "languages", "loudness", "parts", "questionnaires", "strata",
)  # fmt: skip
"""Keys of the study file that came later; at their default they are no part of the fingerprint."""


ADDED_PAGE_KEYS = (
    "break_after", "stimuli_per_page", "balance_within", "abandoned_after_hours", "back",
    "training_feedback", "link_days",
)  # fmt: skip
"""The same of the keys under ``pages``."""

UNCOUNTED_KEYS = ("admission", "conditions", "embed_origins", "publication", "recruitment")
"""Keys that change nothing of what participants meet: no part of the fingerprint, whatever they
hold."""


def _known_language(language: str, info: ValidationInfo) -> str:
    return known_language(language, (info.context or {}).get("folder"))


Language = Annotated[
    str,
    AfterValidator(_known_language),
    WithJsonSchema({"type": "string", "enum": list(LANGUAGES)}),
]
"""One that mixtrial brings, or that a file beside the study brings."""


class Study(StudyKeys):
    """A whole study, with all keys of its file."""

    title: Annotated[FilledText, Field(max_length=200)]
    identifier: Name = ""
    seed: Annotated[Whole, Field(ge=0, lt=2**63)] = 1
    description: Text = ""
    language: Language = FALLBACK
    languages: tuple[Language, ...] = ()
    welcome: FilledText = DEFAULT_WELCOME
    consent: FilledText = DEFAULT_CONSENT
    thanks: FilledText = DEFAULT_THANKS
    completion_code: FilledText | None = None
    completion_link: FilledText | None = None
    item: Item | None = None
    songs: Annotated[tuple[StudySong, ...], Field(min_length=1)]
    systems: Annotated[tuple[SystemEntry, ...], Field(min_length=1)]
    strata: tuple[Stratum, ...] = ()
    arms: tuple[Arm, ...] = ()
    profile: Literal["li2022", "corrected"] = "corrected"
    attributes: Annotated[tuple[Attribute, ...], Field(min_length=1, max_length=12)] = tuple(
        Attribute(**entry) for entry in DEFAULT_ATTRIBUTES
    )
    range: Range = Range()
    groups: Annotated[tuple[AnswerOption, ...], Field(min_length=1)] = tuple(
        AnswerOption(**entry) for entry in DEFAULT_GROUPS
    )
    devices: Annotated[tuple[AnswerOption, ...], Field(min_length=1)] = tuple(
        AnswerOption(**entry) for entry in DEFAULT_DEVICES
    )
    ask: tuple[ReadyMade, ...] = ("years",)
    questionnaires: tuple[Questionnaire, ...] = ()
    headphones: Headphones = Headphones()
    calibration: Calibration = Calibration()
    comments: Literal["none", "page", "stimulus", "both"] = "none"
    contact: Contact = Contact()
    pages: Pages = Pages()
    parts: tuple[SerializeAsAny[PartOptions], ...] = ()
    loudness: Literal["match", "check"] = "match"
    loudness_target_lufs: Annotated[Number, Field(ge=-50.0, le=-6.0)] = -23.0
    bit_depth: Literal[16, 24] = 24
    analysis: DeclaredPlan | None = None
    conditions: Conditions = Conditions()
    embed_origins: Origins = ()
    publication: Publication = Publication()
    recruitment: Recruitment = PROLIFIC
    admission: Admission = Admission()

    _folder: Path = PrivateAttr(default_factory=Path)
    _own_languages: Mapping[str, OwnLanguage] = PrivateAttr(default_factory=dict)
    _translations: Mapping[str, Study] = PrivateAttr(default_factory=dict)
    _spoken: tuple[str, ...] = PrivateAttr(default=())

    @property
    def folder(self) -> Path:
        """Folder of the study file; by default, the build and the ratings are stored there, too."""
        return self._folder

    @property
    def spoken(self) -> tuple[str, ...]:
        """Languages in which participants can take the test, the language of the file first."""
        return self._spoken or tuple(dict.fromkeys((self.language, *self.languages)))

    def in_language(self, language: str | None) -> Study:
        """The study with the texts of a language; unchanged for a language that the study lacks."""
        return self._translations.get(language or "", self)

    def own_language(self, language: str) -> OwnLanguage:
        """Content of the language's file beside the study; empty without a file."""
        return self._own_languages.get(language, OwnLanguage())

    @property
    def fingerprint(self) -> str:
        """SHA-256 (hex) of the content as sorted JSON, with paths relative to the study file.

        If the value of a key changes, the hash changes, unless the key is in ``UNCOUNTED_KEYS``.
        The hash stays the same if comments, the order of keys or the place of the folder on the
        machine change.
        """
        content = self.model_dump(mode="json", exclude=set(UNCOUNTED_KEYS))
        # The hash contains the key's earlier name, so that running studies keep their hash.
        content["completion_redirect"] = content.pop("completion_link")
        for key in ADDED_KEYS:  # new keys are left out, so that running studies keep their hash
            if getattr(self, key) == type(self).model_fields[key].default:
                del content[key]
        own = {code: file.heard_or_read for code, file in self._own_languages.items()}
        if any(own.values()):
            content["locales"] = {code: texts for code, texts in own.items() if texts}
        if content.get("item"):
            content["item"] = {form: word for form, word in content["item"].items() if word}
        for key in ADDED_PAGE_KEYS:
            if getattr(self.pages, key) == type(self.pages).model_fields[key].default:
                del content["pages"][key]
        for song, entry in zip(self.songs, content["songs"], strict=True):
            for key in ("vocal", "backing", "human", "reference"):
                path = getattr(song, key)
                entry[key] = path and self._seen_from_file(path)
            if song.reference is None:
                del entry["reference"]
            entry["files"] = {name: self._seen_from_file(path) for name, path in song.files.items()}
            if not song.files:  # an empty key is left out, so that running studies keep their hash
                del entry["files"]
        content |= self._scales_as_before(content)
        content["systems"] = [self._as_heard(system) for system in self.systems]
        canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(unicodedata.normalize("NFC", canonical).encode()).hexdigest()

    def _scales_as_before(self, content: dict[str, Any]) -> dict[str, Any]:
        """Content as earlier versions wrote it: the old key for scale words, and no empty range."""
        for entry in (*content["attributes"], *content.get("parts", ())):
            if entry["range"] is None:
                del entry["range"]
        own = {key: value for key, value in content.pop("range").items() if value is not None}
        words: Any = default_labels(self.language)
        if isinstance(self.range.labels, tuple):
            words = own.pop("labels")
        if replace(self.scale, labels=()) == RatingScale():
            own = {key: value for key, value in own.items() if key == "labels"}
        return {"scale_labels": words} | ({"range": own} if own else {})

    def _as_heard(self, system: StudySystem) -> Any:
        keys = system.as_heard()
        for key in ("weights", "reference"):
            path = getattr(system, key)
            if path is not None:
                keys[key] = self._seen_from_file(path)
        return keys

    def _seen_from_file(self, path: Path) -> str:
        return Path(os.path.relpath(path, self._folder)).as_posix()

    @property
    def has_stems(self) -> bool:
        """Whether the study mixes anything: at least one song has a vocal and a backing."""
        return any(song.vocal is not None for song in self.songs)

    def item_in(self, language: str) -> Item:
        """What the study calls its songs: its own words, or the usual words of a language."""
        return self.item or Item.model_validate(default_item(language, self.has_stems))

    def called(self, song: str) -> str:
        """A song, called by the study's word for songs, in texts for researchers: ``song 'x'``."""
        return f"{self.item_in('en').one} {song!r}"

    def song(self, name: str) -> StudySong:
        """Return the song called ``name``; raise ``StudyError`` if no song has this name."""
        for song in self.songs:
            if song.name == name:
                return song
        raise StudyError(f"The study has no song {name!r}.{nearest(name, self._song_names())}")

    @property
    def system_names(self) -> tuple[str, ...]:
        """Names of the systems, in the order of the study file."""
        return tuple(system.name for system in self.systems)

    def shown(self, system: str) -> str:
        """Name of a system for researchers: ``Our network (cnn_ours)``, or only its name."""
        label = self.system_labels.get(system)
        return f"{label} ({system})" if label else system

    @property
    def system_labels(self) -> dict[str, str]:
        """Labels of the systems that have a label, by name."""
        return {system.name: system.label for system in self.systems if system.label}

    @property
    def song_titles(self) -> dict[str, str]:
        """Titles of the songs that have a title, by name."""
        return {song.name: song.title for song in self.songs if song.title}

    @property
    def training_song(self) -> str | None:
        """Name of the song of the training page; None without a training page."""
        if not self.pages.training:
            return None
        return self.pages.training_song or self.songs[0].name

    @property
    def rated_songs(self) -> tuple[str, ...]:
        """Names of the songs for rated pages, in the order of the study file."""
        left_out = None if self.pages.rate_training_song else self.training_song
        return tuple(name for name in self._song_names() if name != left_out)

    @cached_property
    def page_parts(self) -> tuple[Part, ...]:
        """Parts with all defaults filled in; a study without parts has one part, ``attributes``."""
        return tuple(self._filled(options) for options in self.parts or (Li2022Options(),))

    def part(self, name: str) -> Part:
        """Return the part called ``name``; raise ``StudyError`` if no part has this name.

        Pages that were planned before the file had parts belong to the part without a name.
        """
        for part in self.page_parts:
            if part.name == name:
                return part
        if name == Li2022Options().name:
            return self._filled(Li2022Options())
        raise StudyError(f"The study has no part {name!r}.{nearest(name, self._part_names())}")

    @property
    def rated_names(self) -> tuple[str, ...]:
        """Names under which ratings are stored: the systems, a hidden reference, the anchors."""
        rated = (name for part in self.page_parts for name in part.rated)
        return tuple(dict.fromkeys((*self.system_names, *rated)))

    def made_names(self, song: str) -> tuple[str, ...]:
        """Names of the stimuli that the build makes for a song besides the mixes of the systems."""
        here = [p for p in self.page_parts if song in p.songs or song == self.training_song]
        return tuple(dict.fromkeys(name for part in here for name in part.options.made()))

    def systems_of(self, song: StudySong) -> tuple[str, ...]:
        """Names of the systems that have a version of a song.

        If a song has finished files, the file of a system can be missing, provided that no part
        plays this system for this song.
        """
        return tuple(
            system.name
            for system in self.systems
            if song.vocal is not None or system.command or system.name in song.files
        )

    def is_played(self, song: str, system: str) -> bool:
        """Whether any part plays a system's version of a song, on practice or rated pages."""
        return any(
            system in part.systems and (song in part.songs or song == self.training_song)
            for part in self.page_parts
        )

    def n_files(self, song: str, name: str) -> int:
        """Number of files that the build makes of a stimulus: one for each time it can be heard.

        If the same file were played twice, on one page or on two pages, its bytes would show that
        both are the same stimulus.
        """
        n_files = 0
        for part in self.page_parts:
            if song in part.songs:
                is_repeated = self.pages.repeated_songs > 0 and part.options.repeats_songs
                n_hearings = part.n_hearings(name, self.pages.stimuli_per_page)
                n_files += n_hearings * (2 if is_repeated else 1)
            if song == self.training_song:
                n_files += part.n_at_once(name)
        return max(n_files, 1)

    @property
    def scale(self) -> RatingScale:
        """Scale of all questions for which no other scale is set."""
        return scale_of((self.range,), default_labels(self.language))

    @property
    def way_back(self) -> WayBack:
        """Code and link for the end of the study; the study file can have them in two places."""
        told = self.recruitment.way_back(self.recruitment.completion)
        return WayBack(self.completion_code or told.code, self.completion_link or told.link)

    def _filled(self, options: PartOptions) -> Part:
        attributes = [attribute.name for attribute in self.attributes]
        words, intervals = options.usual_words(self.language), options.name_intervals
        of_part = (self.range, options.usual_range, options.range)
        return Part(
            options=options,
            name=options.name,
            songs=options.songs or self.rated_songs,
            systems=options.systems or self.system_names,
            attributes=options.attributes or options.usual_attributes(attributes),
            scale=scale_of(of_part, words, intervals),
            scales={
                each.name: with_end_words(scale_of((*of_part, each.range), words, intervals), each)
                for each in self.attributes
            },
        )

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy with new values of some keys; values derived from them are new, too."""
        copied = super().model_copy(update=update, deep=deep)
        copied.__dict__.pop("page_parts", None)
        return copied

    def _part_names(self) -> list[str]:
        return [part.name for part in self.parts]

    def _song_names(self) -> list[str]:
        return [song.name for song in self.songs]

    @field_validator(
        "songs", "systems", "attributes", "groups", "devices", "strata", "arms", mode="after"
    )
    @classmethod
    def _names_differ(cls, entries: tuple[Any, ...], info: ValidationInfo) -> tuple[Any, ...]:
        refuse_repeats([entry.name for entry in entries], f"Two of the {info.field_name} are")
        return entries

    @field_validator("languages", mode="after")
    @classmethod
    def _each_language_once(cls, languages: tuple[str, ...]) -> tuple[str, ...]:
        refuse_repeats(list(languages), "Two of the languages are")
        return languages

    @field_validator("ask", mode="after")
    @classmethod
    def _asked_once(cls, ask: tuple[str, ...]) -> tuple[str, ...]:
        refuse_repeats(list(ask), "Two of the questions to ask are")
        return ask

    @field_validator("parts", mode="before")
    @classmethod
    def _parts_of_their_types(cls, entries: Any, info: ValidationInfo) -> Any:
        return read_parts(entries, info.context)

    @model_validator(mode="before")
    @classmethod
    def _texts_beside_the_study(cls, values: Any, info: ValidationInfo) -> Any:
        """Add a language's texts before other validators run; pydantic runs the last one first."""
        if not isinstance(values, dict) or not isinstance(values.get("language", ""), str):
            return values
        folder = (info.context or {}).get("folder")
        return with_own_texts(values, folder, values.get("language", FALLBACK))

    @model_validator(mode="before")
    @classmethod
    def _finished_files(cls, values: Any, info: ValidationInfo) -> Any:
        folder = (info.context or {}).get("folder")
        return with_found_files(values, folder) if isinstance(values, dict) else values

    @model_validator(mode="before")
    @classmethod
    def _identifier_from_title(cls, values: Any) -> Any:
        if isinstance(values, dict) and isinstance(values.get("title"), str):
            return {"identifier": _slug(values["title"]), **values}
        return values

    @model_validator(mode="before")
    @classmethod
    def _texts_of_the_language(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        return in_its_language(values, asks_for_ratings(values))


def _slug(title: str) -> str:
    """Lower-case letters and digits of a title, with hyphens between words; if empty, ``study``."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:64].strip("-") or "study"
