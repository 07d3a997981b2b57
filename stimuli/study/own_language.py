"""Texts of a study in another language: the files ``locales/xx.yaml`` beside the study file.

Conventions
-----------
A file can hold the sections of :class:`OwnLanguage`. ``study`` holds texts of the study file by
their keys. An entry of a list is found by its name: ``attributes: {overall: {question: …}}``. A
language file can contain only texts; for this reason, the test is the same in all languages of a
study. ``survey`` and ``player`` replace texts of mixtrial's own pages; the code that draws these
pages checks the texts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from stimuli.study_keys.default_texts import LANGUAGES
from stimuli.study_keys.faults import nearest
from stimuli.study_keys.yaml_source import Place, YamlSource, read_yaml

FOLDER = "locales"
CODE = re.compile(r"[a-z]{2,3}(-[A-Za-z]{2,4})?")
"""A language as BCP 47 writes it, with a script or region where one is needed."""

TEXT_KEYS = frozenset({
    "title", "description", "welcome", "consent", "thanks", "label", "question", "low_label",
    "high_label", "labels", "text", "instructions", "unit", "one", "few", "many", "other",
})  # fmt: skip
"""Keys of a study file that hold what participants read."""

SHORT = {"groups": "label", "devices": "label", "choices": "label", "songs": "title",
         "arms": "instructions", "attributes": "question"}  # fmt: skip
"""The text that is meant where an entry of a list is a text alone."""


@dataclass(frozen=True, slots=True)
class OwnLanguage:
    """One language file: the language's name, the person who checked the texts, the texts.

    ``reviewed_by`` names the native reader who checked the texts; it can be empty.
    """

    name: str = ""
    reviewed_by: str = ""
    direction: Literal["", "ltr", "rtl"] = ""
    study: Mapping[str, Any] = field(default_factory=dict)
    survey: Mapping[str, Any] = field(default_factory=dict)
    player: Mapping[str, str] = field(default_factory=dict)

    @property
    def heard_or_read(self) -> dict[str, Any]:
        """Texts and files of the language that participants see or hear; empty if none exist."""
        told = {"direction": self.direction, "study": dict(self.study),
                "survey": dict(self.survey), "player": dict(self.player)}  # fmt: skip
        return {key: value for key, value in told.items() if value}


def file_of(folder: Path, language: str) -> Path:
    """Path of the file of a language, which need not exist."""
    return folder / FOLDER / f"{language}.yaml"


def known_language(language: str, folder: Path | None) -> str:
    """Return the code of a language that a study can use.

    Raises
    ------
    ValueError
        mixtrial does not have the language, and beside the study there is no file for it.
    """
    if language in LANGUAGES:
        return language
    if folder is not None and CODE.fullmatch(language) and file_of(folder, language).is_file():
        return language
    raise ValueError(
        f"There are no texts in the language {language!r}.{nearest(language, LANGUAGES)} mixtrial "
        f"has {', '.join(LANGUAGES)}; texts in another language go into {FOLDER}/xx.yaml beside "
        "the study."
    )


def own_language(folder: Path | None, language: str) -> OwnLanguage:
    """Texts of a language from the file beside a study; empty without a file.

    Raises
    ------
    ValueError
        The file is not YAML, or has unknown sections.
    """
    path = None if folder is None else file_of(folder, language)
    if path is None or not path.is_file():
        return OwnLanguage()
    source = read_yaml(path)
    known = OwnLanguage.__dataclass_fields__
    for key, value in source.values.items():
        wanted = Mapping if key in ("study", "survey", "player") else str
        if key not in known:
            raise ValueError(f"{_where(source, (key,))}: Unknown section "
                             f"{key!r}.{nearest(str(key), known)}")  # fmt: skip
        if value is not None and not isinstance(value, wanted):
            kind = "texts by their keys" if wanted is Mapping else "a text"
            raise ValueError(f"{_where(source, (key,))}: {key} must be {kind}.")
    told = {key: value for key, value in source.values.items() if value is not None}
    if told.get("direction", "") not in ("", "ltr", "rtl"):
        raise ValueError(f"{_where(source, ('direction',))}: direction must be ltr or rtl.")
    return OwnLanguage(**told)


def with_own_texts(values: dict[str, Any], folder: Path | None, language: str) -> dict[str, Any]:
    """Return a study file's values with the texts of the language file beside it.

    Raises
    ------
    ValueError
        The language file holds something that is not a text of the study; the error message names
        the file and the line.
    """
    own = own_language(folder, language)
    if folder is None or not own.study:
        return values
    source = read_yaml(file_of(folder, language))
    merged: dict[str, Any] = _merged(values, own.study, ("study",), source)
    return merged


def _merged(known: Any, told: Mapping[str, Any], place: Place, source: YamlSource) -> Any:
    """Values of a group of keys, with some of its texts replaced."""
    found = dict(known) if isinstance(known, Mapping) else {}
    for key, text in told.items():
        at = (*place, key)
        if key in TEXT_KEYS:
            found[key] = _text(found.get(key), text, at, source)
        elif isinstance(text, Mapping) and isinstance(found.get(key), list | tuple):
            found[key] = _entries(key, found[key], text, at, source)
        elif isinstance(text, Mapping):
            found[key] = _merged(found.get(key), text, at, source)
        else:
            raise ValueError(f"{_where(source, at)}: {key!r} is not a text for "
                             f"participants.{nearest(str(key), TEXT_KEYS)}")  # fmt: skip
    return found


def _entries(
    key: str, known: Any, told: Mapping[str, Any], place: Place, source: YamlSource
) -> list[Any]:
    """Entries of a list; texts are replaced in the entries whose names the language file has."""
    names = [_name(entry) for entry in known]
    for name in told:
        if name not in names:
            hint = nearest(str(name), [each for each in names if each])
            raise ValueError(f"{_where(source, (*place, name))}: {key} of the study has no entry "
                             f"{name!r}.{hint}")  # fmt: skip
    return [
        _entry(key, entry, told[name], (*place, name), source) if name in told else entry
        for entry, name in zip(known, names, strict=True)
    ]


def _entry(key: str, entry: Any, told: Any, place: Place, source: YamlSource) -> Any:
    texts = {SHORT[key]: told} if isinstance(told, str) and key in SHORT else told
    if not isinstance(texts, Mapping) or not isinstance(entry, Mapping):
        raise ValueError(f"{_where(source, place)}: An entry of {key} must have keys with texts.")
    return _merged(entry, texts, place, source)


def _name(entry: Any) -> Any:
    """The name of a list's entry; a part without a name is called by its page type."""
    return entry.get("name", entry.get("type")) if isinstance(entry, Mapping) else None


def _text(known: Any, told: Any, place: Place, source: YamlSource) -> Any:
    if place[-1] != "labels":
        if isinstance(told, str):
            return told
        raise ValueError(f"{_where(source, place)}: {place[-1]} must be a text.")
    if known is not None and (type(known) is not type(told) or len(known) != len(told)):
        raise ValueError(
            f"{_where(source, place)}: labels must have as many words as in the study file."
        )
    return told


def _where(source: YamlSource, place: Place) -> str:
    return f"{FOLDER}/{source.where(place)}"
