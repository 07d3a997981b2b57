"""``webmushra``: a study as a project of webMUSHRA, with a configuration and audio files.

webMUSHRA's YAML parser reads the compact form ``- - random`` as one text. Therefore, in a file for
webMUSHRA, the outer hyphen of a nested list stands alone on its line. The pages of webMUSHRA are
HTML, so the texts of a study are escaped.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import yaml

from mixing.audio import soundfile
from mixtrial.exports.studies.study_writer import StudyWriter
from stimuli.page_types.base import LOW_ANCHOR, MID_ANCHOR, Part
from stimuli.rendering.made_stimuli import is_dry
from stimuli.study.manifest import Manifest
from stimuli.study.study import Study, StudyError
from stimuli.study_keys.questionnaires import Question
from stimuli.study_keys.rated_scale import RatingScale

MEDIA_FOLDER, CONFIG_FOLDER = "media", "configs"
BUFFER_SIZE = 2048
_LANGUAGES = ("en", "de", "fr", "es")
_WIDE = 1_000_000
"""Columns of a line of YAML: each text stands on one."""

Page = dict[str, object]


def _write(study: Study, manifest: Manifest, folder: Path) -> tuple[str, ...]:
    """Write the configuration and the audio; return the parts without a counterpart in the tool."""
    project = _Project(study, manifest, folder)
    pages: list[Page | list[Any]] = [*project.first_pages()]
    for part in study.page_parts:
        pages_of_part = project.pages_of(part)
        if len(pages_of_part) > 1:
            pages.append(["random", *pages_of_part])
        else:
            pages += pages_of_part
    if len(pages) == len(project.first_pages()):
        raise StudyError(
            f"No part of {study.title!r} can be written for webMUSHRA ({'; '.join(project.left)})."
        )
    pages.append(project.last_page())
    top: Page = {
        "testname": _in_html(study.title),
        "testId": study.identifier,
        "bufferSize": BUFFER_SIZE,
        "stopOnErrors": True,
        "showButtonPreviousPage": study.pages.back,
        "remoteService": "service/write.php",
    }
    if study.language in _LANGUAGES:
        top["language"] = study.language
    (folder / CONFIG_FOLDER).mkdir()
    config = folder / CONFIG_FOLDER / f"{study.identifier}.yaml"
    config.write_text(_as_yaml({**top, "pages": pages}), encoding="utf-8")
    return tuple(dict.fromkeys(project.left))


class _Project:
    """Pages of a study in the tool's format; ``left`` collects parts without a counterpart."""

    def __init__(self, study: Study, manifest: Manifest, folder: Path) -> None:
        self.study = study
        self.left: list[str] = []
        self._manifest = manifest
        self._folder = folder
        (folder / MEDIA_FOLDER).mkdir()

    def first_pages(self) -> list[Page]:
        """Welcome and consent."""
        welcome = {"type": "generic", "id": "welcome", "name": _in_html(self.study.title)}
        consent = {"type": "consent", "id": "consent", "name": "Consent"}
        return [
            {**welcome, "content": _in_html(self.study.welcome)},
            {**consent, "content": _in_html(self.study.consent), "mustConsent": True},
        ]

    def pages_of(self, part: Part) -> list[Page]:
        """Pages of a part, one or more per song; none if the page type has no counterpart."""
        write = _PAGES.get((part.type, part.options.has_labels))
        if write is None:
            self.left.append(f"the part {part.name!r} ({part.type}) has no counterpart")
            return []
        if part.references and not part.options.fixed() and is_dry(part.references[0]):
            self.left.append(f"the dry stems of the part {part.name!r} are left out")
        if part.options.must_listen:
            self.left.append(f"must_listen of the part {part.name!r} is left out")
        if self.study.pages.training:
            self.left.append("practice pages are left out")
        return [page for song in part.songs for page in write(self, part, song)]

    def last_page(self) -> Page:
        """Last page: the thanks and all questions; the tool allows no questions on other pages."""
        page: Page = {
            "type": "finish",
            "name": "Thank you",
            "content": _in_html(self.study.thanks),
            "showResults": False,
            "writeResults": True,
        }
        asked = [
            _likert_question("group", "Group", self.study.groups),
            _likert_question("device", "Device", self.study.devices),
        ]
        for questionnaire in self.study.questionnaires:
            if questionnaire.when != "after":
                self.left.append(
                    f"the questionnaire {questionnaire.name!r} comes on the last page, as all do"
                )
            asked += [self._question(each) for each in questionnaire.questions]
        if self.study.ask:
            self.left.append(f"the ready-made questions {', '.join(self.study.ask)} are left out")
        return {**page, "questionnaire": asked}

    def mushra(self, part: Part, song: str) -> list[Page]:
        """Page with sliders and a reference; the tool makes the anchors."""
        [reference] = part.references
        rated = [name for name in part.rated if name not in (reference, LOW_ANCHOR, MID_ANCHOR)]
        page = {
            **self._head("mushra", part, song),
            "reference": self._copied(song, reference),
            "createAnchor35": LOW_ANCHOR in part.rated,
            "createAnchor70": MID_ANCHOR in part.rated,
            "enableLooping": part.options.playback == "loop",
            "showWaveform": False,
            "switchBack": part.options.on_switch == "restart",
            "stimuli": {name: self._copied(song, name) for name in rated},
        }
        return [page]

    def graded(self, part: Part, song: str) -> list[Page]:
        """Page with two grades and a reference; the tool places the hidden reference at random."""
        [reference] = part.references
        page = {
            **self._head("bs1116", part, song),
            "reference": self._copied(song, reference),
            "enableLooping": part.options.playback == "loop",
            "showWaveform": False,
            "stimuli": {name: self._copied(song, name) for name in part.rated if name != reference},
        }
        return [page]

    def pairs(self, part: Part, song: str) -> list[Page]:
        """One page per pair; the first system is the reference, which must be recognised."""
        self.left.append(f"X is always the first of a pair in the part {part.name!r}")
        pages = []
        options: Any = part.options
        for one, other in options.pairs or options.compared(part.systems):
            page = {
                **self._head("paired_comparison", part, song),
                "enableLooping": part.options.playback == "loop",
                "showWaveform": False,
                "reference": self._copied(song, one),
                "stimuli": {other: self._copied(song, other)},
            }
            pages.append({**page, "id": f"{page['id']}_{one}_{other}"})
        return pages

    def side_by_side(self, part: Part, song: str) -> list[Page]:
        """Pages for choosing words for several stimuli; one page per question."""
        pages = []
        for attribute in part.attributes:
            head = self._head("likert_multi_stimulus", part, song, attribute)
            response = _responses(part.scales[attribute])
            pages.append({**head, **self._likert(part, song), "response": response})
        return pages

    def alone(self, part: Part, song: str) -> list[Page]:
        """Pages for choosing words on several scales, for one stimulus after the other."""
        scales = [_responses(part.scales[attribute]) for attribute in part.attributes]
        response = scales if len(scales) > 1 else scales[0]
        head = self._head("likert_single_stimulus", part, song, *part.attributes)
        return [{**head, **self._likert(part, song), "response": response}]

    def _likert(self, part: Part, song: str) -> Page:
        return {
            "mustRate": part.options.must_move,
            "stimuli": {name: self._copied(song, name) for name in part.rated},
        }

    def _head(self, kind: str, part: Part, song: str, *attributes: str) -> Page:
        """First keys of a page; the page's identifier contains part, song and question."""
        asked = [
            each for each in self.study.attributes if each.name in (attributes or part.attributes)
        ]
        several = len(self.study.page_parts) > 1
        own = [part.name] * several + [song]
        if len(attributes) == 1 and len(part.attributes) > 1:
            own.append(attributes[0])
        return {
            "type": kind,
            "id": "_".join(own),
            "name": _in_html(self.study.song(song).shown_title),
            "content": _in_html("\n".join(each.question for each in asked)),
        }

    def _question(self, question: Question) -> Page:
        """A question in the tool's format; a question with several choices becomes a text field."""
        keys: Page = {"name": question.name, "label": _in_html(question.label)}
        if question.show_if is not None or question.type == "multiple":
            self.left.append(f"the question {question.name!r} is always asked, in the tool's form")
        if question.type == "choice" or question.type == "scale":
            labels = {each.name: each.label for each in question.choices}
            keys |= {"type": "likert", "response": [
                {"value": value, "label": _in_html(labels.get(value, value))}
                for value in question.possible
            ]}  # fmt: skip
        elif question.type == "number":
            keys["type"] = "number"
            ends = {"min": question.minimum, "max": question.maximum}
            keys |= {key: value for key, value in ends.items() if value is not None}
        else:
            keys["type"] = "text"
        return keys if question.required else {**keys, "optional": True}

    def _copied(self, song: str, system: str) -> str:
        """Path of a stimulus in the project: a WAV file with an opaque name."""
        stimulus = self._manifest.stimulus(song, system)
        name = hashlib.sha256(f"{self.study.seed}\0{song}\0{system}".encode()).hexdigest()[:16]
        place = f"{MEDIA_FOLDER}/{name}.wav"
        if not (self._folder / place).exists():
            sound, rate = soundfile.read(self._manifest.path(stimulus), dtype="int32")
            subtype = f"PCM_{self.study.bit_depth}"
            soundfile.write(self._folder / place, sound, rate, subtype=subtype)
        return place


_PAGES: dict[tuple[str, bool], Callable[[_Project, Part, str], list[Page]]] = {
    ("mushra", False): _Project.mushra,
    ("bs1116", False): _Project.graded,
    ("abx", False): _Project.pairs,
    ("attributes", True): _Project.side_by_side,
    ("acr", True): _Project.alone,
}
"""Pages of the tool by a type of ours, and whether words are chosen."""


def _responses(scale: RatingScale) -> list[Page]:
    return [{"value": f"{each.value:g}", "label": _in_html(each.word)} for each in scale.labels]


def _likert_question(name: str, label: str, options: Sequence[Any]) -> Page:
    response = [{"value": each.name, "label": _in_html(each.label)} for each in options]
    return {"type": "likert", "name": name, "label": label, "response": response}


def _in_html(text: str) -> str:
    """A text of the study as HTML, on one line."""
    return "<br>".join(html.escape(line, quote=False) for line in text.splitlines())


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, _data: Any) -> bool:
        """Write everything out."""
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        """Indent a list more than its key."""
        super().increase_indent(flow, indentless=False)


def _as_yaml(content: Any) -> str:
    """YAML in which a nested list never begins on the same line as the list around it."""
    text = yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDE)
    lines = []
    for line in text.split("\n"):
        while fit := re.match(r"( *)-( +- .*)$", line):
            lines.append(f"{fit[1]}-")
            line = f"{fit[1]} {fit[2]}"
        lines.append(line)
    return "\n".join(lines)


WRITER = StudyWriter("webMUSHRA", _write)
