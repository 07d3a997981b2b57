"""What a reader has collected from a project: pages, texts, questions and notes."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from mixtrial.imports.reading.notes import Notes, shortened
from mixtrial.imports.reading.plain_text import plain_text
from mixtrial.imports.reading.project import Project, ProjectFileError
from mixtrial.imports.studies.imported_study import (
    ChoiceKeys,
    ImportedPage,
    ImportedStudy,
    PageAsItIs,
    QuestionKeys,
    QuestionnaireKeys,
)

MOST_SIGNS, MOST_OF_A_TITLE = 20_000, 200

_FEWEST_CHOICES = 2


@dataclass(slots=True)
class Gathered:
    """The part of a study that has been read so far."""

    project: Project
    notes: Notes
    title: str = ""
    pages: list[ImportedPage] = field(default_factory=list)
    as_they_are: list[PageAsItIs] = field(default_factory=list)
    keys: dict[str, str | float] = field(default_factory=dict)
    page_keys: dict[str, int] = field(default_factory=dict)
    questionnaires: list[QuestionnaireKeys] = field(default_factory=list)

    def words(self, text: str, line: int, most: int = MOST_SIGNS) -> str:
        """A text of the source as mixtrial's pages show it; a note names what was removed."""
        plain = plain_text(text)
        if plain.dropped:
            self.notes.lost(line, f"{', '.join(plain.dropped)} in a text: only words are taken")
        elif plain.had_markup:
            self.notes.assumed(line, "markup of the text is taken off; its words stay")
        return self.cut(plain.text, line, most)

    def cut(self, text: str, line: int, most: int = MOST_SIGNS) -> str:
        """A text cut to a largest number of characters; a note says so if it was cut."""
        if len(text) > most:
            rest = shortened(text[most:])
            self.notes.lost(line, f"a text has {most} characters at most; left off: {rest!r}")
        return text[:most]

    def audio(self, name: str, line: int, what: str, base: str = "") -> Path | None:
        """Path of an audio file; None, with a note, if the audio cannot be used."""
        try:
            return self.project.found(name, base)
        except ProjectFileError as error:
            told = f"{shortened(what)}: the file {shortened(base + name)} {error}"
            self.notes.missing_audio(line, told)
            return None

    def stays_as_it_is(self, lines: tuple[int, int], what: str, why: str) -> None:
        """Store a page that cannot be converted, because mixtrial has no such page."""
        self.as_they_are.append(PageAsItIs(*lines, what, why))
        self.notes.lost(lines[0], f"{what}: {why}; see the pages that stay as they are")

    def add_text(self, key: str, text: str, line: int) -> None:
        """Add a text to the first or the last page of the imported study."""
        if text:
            before = self.keys.get(key)
            self.keys[key] = self.cut(f"{before}\n\n{text}" if before else text, line)

    def study(self) -> ImportedStudy:
        """The imported study; questionnaires without questions are left out."""
        keys: dict[str, object] = {**self.keys, "ask": []}
        if self.questionnaires:
            keys["questionnaires"] = self.questionnaires
        return ImportedStudy(
            self.title or self.cut(self.project.file.stem, 0, MOST_OF_A_TITLE),
            tuple(self.pages),
            tuple(self.as_they_are),
            keys,
            self.page_keys,
        )


def ends_of(low: float | None, high: float | None) -> QuestionKeys:
    """Keys of a question about a number: its limits, as far as they are known."""
    keys: QuestionKeys = {}
    if low is not None:
        keys["minimum"] = low
    if high is not None:
        keys["maximum"] = high
    return keys


def choice_keys(choices: list[ChoiceKeys]) -> QuestionKeys:
    """Keys of a question with choices, or with free text if it has fewer than two choices."""
    if len(choices) < _FEWEST_CHOICES:
        return {"type": "text"}
    return {"type": "choice", "choices": choices}
