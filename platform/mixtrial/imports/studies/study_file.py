"""Keys of the study file for an imported study, and the paths of its audio.

If pages have the same questions about the same systems, they become songs of the same part. If a
name is not allowed in tables, it is changed, and a note says so.
"""

from __future__ import annotations

import json
from pathlib import Path

from mixing.systems.registry import system_names
from mixtrial.imports.reading.notes import Notes, shortened
from mixtrial.imports.studies.imported_study import (
    Asked,
    AttributeKeys,
    ImportedPage,
    ImportedStudy,
    SongKeys,
)
from mixtrial.imports.studies.naming import Naming
from stimuli.page_types.base import MADE_NAMES
from stimuli.study.study import Study
from stimuli.study_keys.default_texts import default_texts
from stimuli.study_keys.keys import Pages

_MOST_ATTRIBUTES = next(
    int(rule.max_length)
    for rule in Study.model_fields["attributes"].metadata
    if hasattr(rule, "max_length")
)
AUDIO_FOLDER = "audio"


class StudyFile:
    """A study file under construction.

    Attributes
    ----------
    keys
        Title of the study file, when all pages are read.
    pages
        Keys of the study file.
    copies
        Source of each audio file, by its place below the folder of the study file.
    """

    def __init__(self, study: ImportedStudy, notes: Notes) -> None:
        self.copies: dict[str, Path] = {}
        self.pages: list[ImportedPage] = []
        self._study = study
        self._notes = notes
        self._songs = Naming((), "page")
        self._systems = Naming((*MADE_NAMES, *system_names()), "system")
        self._attributes = Naming((), "rating")
        self._asked: dict[str, list[tuple[int, Asked]]] = {}
        self._parts: dict[str, dict[str, object]] = {}
        self._songs_of_parts: dict[str, list[str]] = {}
        self._names_of_parts = Naming((), "part")
        self._labels: dict[str, str] = {}
        songs = []
        for number, page in enumerate(study.pages):
            if self._has_room_for(page):
                self.pages.append(page)
                songs.append(self._song(page, number))
        self.keys = self._all_keys(songs)

    def _all_keys(self, songs: list[SongKeys]) -> dict[str, object]:
        keys: dict[str, object] = {"title": self._study.title, **self._study.keys}
        attributes = [self._attribute(name) for name in self._asked]
        if attributes:
            keys["attributes"] = attributes
        keys["pages"] = {"training": False, **self._study.page_keys, **self._room()}
        keys["songs"] = songs
        keys["systems"] = [
            {"name": name, "label": label} if label else name
            for name, label in self._labels.items()
        ]
        keys["parts"] = list(self._parts.values())
        return keys

    def _room(self) -> dict[str, int]:
        """Largest number of stimuli per page, if it exceeds the default."""
        sizes = [0 if page.pairs else len(page.files) + page.n_more for page in self.pages]
        most = max(sizes, default=0)
        usual = int(Pages.model_fields["max_stimuli"].default)
        return {"max_stimuli": most} if most > usual else {}

    def _has_room_for(self, page: ImportedPage) -> bool:
        """Whether a page's questions and those of earlier pages are together few enough."""
        asked = {**self._asked, **{self._attribute_name(each): [] for each in page.asked}}
        if len(asked) <= _MOST_ATTRIBUTES:
            return True
        self._notes.lost(
            page.line, f"the page {page.name}: a study asks {_MOST_ATTRIBUTES} questions at most"
        )
        return False

    def _song(self, page: ImportedPage, number: int) -> SongKeys:
        name = self._songs.of(page.name or f"page_{number + 1}", f"{page.name}\0{number}")
        self._notes.taken(page.line, f"the page is the song {name} ({page.type})")
        song: SongKeys = {"name": name}
        if page.title:
            song["title"] = page.title
        if page.files:
            song["files"] = {
                self._system(system, page.line): self._copied(name, self._system(system), path)
                for system, path in page.files.items()
            }
        if page.reference is not None:
            song["reference"] = self._copied(name, "reference", page.reference)
        self._add_to_part(page, name)
        return song

    def _copied(self, song: str, system: str, source: Path) -> str:
        place = f"{AUDIO_FOLDER}/{song}/{system}{source.suffix.lower()}"
        self.copies[place] = source
        return place

    def _system(self, theirs: str, line: int = 0) -> str:
        name = self._systems.of(theirs)
        if name not in self._labels:
            label = shortened(theirs)
            others = {*MADE_NAMES, *self._labels, *self._labels.values()}
            is_taken = label.lower() in map(str.lower, others)
            self._labels[name] = "" if label == name or is_taken else label
            if name != theirs:
                self._notes.assumed(line, f"the system {label} is called {name}")
        return name

    def _add_to_part(self, page: ImportedPage, song: str) -> None:
        systems = [self._system(system) for system in page.files]
        attributes = [self._attribute_name(asked) for asked in page.asked]
        for name, asked in zip(attributes, page.asked, strict=True):
            self._asked.setdefault(name, []).append((page.line, asked))
        pairs = [[self._system(each) for each in pair] for pair in page.pairs]
        keys = {"attributes": attributes} if attributes else {}
        own = {**page.options, **({"pairs": pairs} if pairs else {})}
        alike = json.dumps([page.type, sorted(systems), keys, own], sort_keys=True)
        if alike not in self._parts:
            name = self._names_of_parts.of(page.type, alike)
            songs = self._songs_of_parts[alike] = []
            self._parts[alike] = {
                "type": page.type, "name": name, "songs": songs, "systems": systems, **keys, **own,
            }  # fmt: skip
        self._songs_of_parts[alike].append(song)

    def _attribute_name(self, asked: Asked) -> str:
        alike = json.dumps([asked.name, asked.label, asked.range], sort_keys=True)
        return self._attributes.of(asked.name, alike)

    def _attribute(self, name: str) -> AttributeKeys:
        """Keys of an attribute; its question is the usual one if the pages' questions differ."""
        asked = self._asked[name]
        first = asked[0][1]
        questions = {each.question for _, each in asked if each.question}
        if len(questions) == 1:
            question = questions.pop()
        else:
            question = self._usual_question()
            self._notes.assumed(asked[0][0], f"the question of {name} is {question!r}")
            for line, each in asked:
                if each.question:
                    words = " ".join(each.question.split())
                    self._notes.lost(line, f"{words!r}: the pages of {name} have different texts")
        keys: AttributeKeys = {"name": name, "question": question}
        if first.label:
            keys["label"] = first.label
        if first.range:
            keys["range"] = first.range
        return keys

    def _usual_question(self) -> str:
        language = str(self._study.keys.get("language", "en"))
        return str(default_texts(language, is_mixed=False)["attributes"][0]["question"])
