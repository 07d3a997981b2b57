"""GoListen: a test as GoListen's server stores it, as JSON with a list of items.

A test does not say of which kind it is; its kind follows from the questions on its pages. The audio
is on GoListen's server. The reader looks for the audio in the folder of the file, under the name
that the audio had when it was uploaded.
"""

from __future__ import annotations

import json
import re
from pathlib import Path, PurePosixPath

from mixtrial.imports.reading.lenient_yaml import Entry, read_lenient_yaml
from mixtrial.imports.reading.notes import Keys, Notes
from mixtrial.imports.reading.project import Project
from mixtrial.imports.studies.gathered import MOST_OF_A_TITLE, Gathered, choice_keys
from mixtrial.imports.studies.imported_study import (
    Asked,
    ChoiceKeys,
    ImportedPage,
    ImportedStudy,
    PageOptions,
    QuestionKeys,
    RangeKeys,
    StudyReader,
)
from mixtrial.imports.studies.naming import Naming
from stimuli.study.study import StudyError
from stimuli.study_keys.questionnaires import ASKED_OF_ALL
from stimuli.study_keys.recommendations import scale_words

_SECTION, _QUESTION, _EXAMPLE, _TRAINING = range(4)
_TEXT, _RADIO, _CHECKBOX, _DESCRIPTION = range(4)
_TYPES = {_TEXT: "text", _RADIO: "choice", _CHECKBOX: "multiple"}
_PAIR = 2
_POINTS: dict[float, str] = dict(enumerate(scale_words("quality", "en"), start=1))
_LOST = {
    "_id": "it is the platform's own",
    "userId": "it is the platform's own",
    "createdAt": "it is the platform's own",
    "modifiedAt": "it is the platform's own",
    "creator": "it is the platform's own",
    "isTemplate": "it is the platform's own",
    "responseNum": "results are imported by themselves",
    "stopReceivingRes": "a study is closed on the dashboard",
    "isIndividual": "who takes part is told by their link",
    "isTimed": "times are always recorded",
    "time": "times are always recorded",
    "collapsed": "it is about the editor",
    "id": "it is the platform's own",
    "tags": "songs and systems go by their names",
    "value": "no answer is given beforehand",
    "disabled": "no question is shown without being asked",
    "blockNext": "a page is left when it is complete",
    "playedOnce": "what was played is always recorded",
    "gotoQuestionMapping": "no question is jumped over; see show_if",
    "loopTimes": "a recording is repeated until the page is left",
    "disablePlayerSlider": "listeners can always move along the recording",
    "fixLastInternalQuestion": "the order of stimuli is always balanced over participants",
    "sectionSettings": "the order of pages is always balanced over participants",
}


def _is_mine(text: str) -> bool:
    """Whether the file has items with media; a file with a ``testId`` holds answers, no items."""
    is_json = text.lstrip("\ufeff \t\r\n").startswith("{")
    return is_json and '"items"' in text and '"medias"' in text and '"testId"' not in text


def _read(project: Project, notes: Notes) -> ImportedStudy:
    text = project.text
    try:
        json.loads(text)
    except (ValueError, RecursionError) as error:
        raise StudyError(f"{project.file.name} is not valid JSON ({error}).") from None
    # JSON without tabs is also valid YAML. Values of JSON have line numbers if the JSON is read as
    # YAML.
    source = read_lenient_yaml(project.file.name, text.replace("\t", " "))
    reading = _Reading(project, notes)
    reading.read(source.root)
    return reading.study()


class _Reading(Gathered):
    """One test, from its name to its last item."""

    def read(self, root: Entry) -> None:
        keys = Keys(root, self.notes, _LOST)
        name, description = keys.taken("name", "the title"), keys.taken("description", "welcome")
        self.title = self.cut(self._plain(name), name.line if name else 0, MOST_OF_A_TITLE)
        self.add_text("welcome", self._plain(description), description.line if description else 0)
        self.keys["loudness"] = "check"
        self.notes.assumed(0, "recordings are played as loud as they come (loudness: check)")
        self.notes.assumed(0, "group and device are asked of everybody, as in every study here")
        self.notes.assumed(
            0, "every slider has to be moved; in GoListen it stands somewhere before"
        )
        settings, items = keys.get("settings"), keys.get("items")
        if settings is not None:
            Keys(settings, self.notes, _LOST).close()
        keys.close()
        names = Naming((*ASKED_OF_ALL, "answered_at"), "question")
        asked: dict[str, list[QuestionKeys]] = {"before": [], "after": []}
        for item in items.items if items else ():
            question = self._item(item, names)
            if question is not None:
                asked["after" if self.pages or self.as_they_are else "before"].append(question)
        for when, questions in asked.items():
            if questions:
                self.questionnaires.append(
                    {"name": when, "when": when, "title": "Questions", "questions": questions}
                )

    def _item(self, item: Entry, names: Naming) -> QuestionKeys | None:
        """Read an item; if it is a question of its own, return this question."""
        keys = Keys(item, self.notes, _LOST)
        kind, title = keys.get("type"), keys.taken("title", "the title")
        control, example = keys.get("questionControl"), keys.get("example")
        keys.close()
        number = kind.value if kind else None
        if number == _EXAMPLE and example is not None:
            self._page(item, self._plain(title), example)
        elif number == _QUESTION and control is not None:
            if self.pages:
                self.notes.assumed(item.line, "the question is asked after all pages")
            return self._question(control, names)
        elif number == _TRAINING:
            why = "practice is made of the study's own pages; see the key training"
            self.stays_as_it_is((item.line, item.last_line), "training", why)
        elif number == _SECTION:
            words = self._plain(title)
            self.notes.lost(item.line, f"a heading between pages: {words!r}")
        else:
            self.stays_as_it_is((item.line, item.last_line), "an item", "its type is not known")
        return None

    def _question(self, control: Entry, names: Naming) -> QuestionKeys | None:
        keys = Keys(control, self.notes, _LOST)
        kind, words = keys.get("type"), self._plain(keys.get("question"))
        options, number = keys.get("options"), kind.value if kind else None
        is_required = keys.flag("required", "required")
        keys.close()
        if number == _DESCRIPTION:
            self.add_text("thanks" if self.pages else "welcome", words, control.line)
            self.notes.taken(control.line, "the words stand in welcome or thanks")
            return None
        if number not in _TYPES:
            self.notes.lost(control.line, f"a question of an unknown type: {words!r}")
            return None
        own = names.of(words[:40], f"{words}\0{id(control)}")
        self.notes.taken(control.line, f"the question {own} ({_TYPES[number]})")
        question: QuestionKeys = {"name": own, "type": _TYPES[number], "label": words or own}
        if number != _TEXT:
            question |= self._choices(options, _TYPES[number])
        return question if is_required else {**question, "required": False}

    def _choices(self, options: Entry | None, kind: str) -> QuestionKeys:
        names = Naming(("prefer_not_to_say",), "choice")
        entries = options.items if options else ()
        words = [self._plain(each) for each in entries]
        choices: list[ChoiceKeys] = [
            {"name": names.of(each, str(number)), "label": each or str(number + 1)}
            for number, each in enumerate(words)
        ]
        keys = choice_keys(choices)
        return {**keys, "type": kind} if "choices" in keys else keys

    # pages with sound

    def _page(self, item: Entry, title: str, example: Entry) -> None:
        keys = Keys(example, self.notes, _LOST)
        medias, reference = keys.taken("medias", "the files of the song"), keys.get("mediaRef")
        fields, settings = keys.get("fields"), keys.get("settings")
        keys.close()
        files = self._files(medias)
        open_file = self._file(reference, "the reference") if reference else None
        controls = [each for each in (fields.items if fields else ()) if each.keys]
        options = self._settings(settings)
        kind, asked = self._kind(controls, files, open_file, options)
        if open_file is not None and kind != "mushra":
            self.notes.lost(item.line, f"the reference: a page of the type {kind} has none")
        if not files or (kind == "preference" and len(files) < _PAIR):
            why = "its stimuli cannot be taken"
            self.stays_as_it_is((item.line, item.last_line), f"page {title!r}", why)
            return
        self.pages.append(
            ImportedPage(
                title, title, item.line, kind, files, (asked,),
                reference=open_file if kind == "mushra" else None,
                pairs=(tuple(files),) if kind == "preference" else (),  # type: ignore[arg-type]
                options=options,
                n_more=_PAIR if kind == "mushra" else 0,
            )
        )  # fmt: skip

    def _kind(
        self,
        controls: list[Entry],
        files: dict[str, Path],
        reference: Path | None,
        options: PageOptions,
    ) -> tuple[str, Asked]:
        """Page type that follows from the questions, and its question; notes on other fields."""
        kinds = [each.keys["type"].value for each in controls if "type" in each.keys]
        words = [self._plain(each.keys.get("question")) for each in controls]
        line = controls[0].line if controls else 0
        question = words[0] if words else ""
        if kinds[:1] == [_RADIO] and len(files) == _PAIR:
            options["ties"] = False
            self.notes.assumed(line, "two recordings and a choice are a preference")
            self._left_over(controls[1:], words[1:])
            return "preference", Asked(question=question)
        if controls and len(controls) == len(files):
            options["scale"] = "labels"
            self.notes.assumed(line, "a text for each recording: one after the other, from 1 to 5")
            self._left_over(controls[1:], words[1:])
            ends: RangeKeys = {"minimum": 1, "maximum": len(_POINTS), "step": 1, "labels": _POINTS}
            return "acr", Asked("quality", question, range=ends)
        self.notes.assumed(line, "several recordings and no choice: a slider each, from 0 to 100")
        self._left_over(controls[1:], words[1:])
        if reference is None:
            return "multi_stimulus", Asked(question=question)
        options["anchors"] = []
        self.notes.assumed(line, "the reference is rated too, hidden among the stimuli")
        return "mushra", Asked(question=question)

    def _left_over(self, controls: list[Entry], words: list[str]) -> None:
        for control, text in zip(controls, words, strict=True):
            kind = control.keys.get("type")
            if kind is not None and kind.value == _TEXT:
                self.keys["comments"] = "page"
                self.notes.taken(control.line, f"{text!r} is comments: page")
            else:
                self.notes.lost(control.line, f"{text!r}: a page of this type asks one question")

    def _settings(self, settings: Entry | None) -> PageOptions:
        if settings is None or not settings.keys:
            return {}
        keys = Keys(settings, self.notes, _LOST)
        options: PageOptions = {}
        keys.flag("randomMedia", "the order of stimuli is always balanced over participants")
        keys.flag("sectionLooping", "a stretch to repeat can always be chosen")
        if keys.flag("requireClipEnded", "must_listen: 1"):
            options["must_listen"] = 1.0
        if keys.flag("alwaysStartFrom0", "on_switch: restart"):
            options["on_switch"] = "restart"
        keys.close()
        return options

    def _files(self, medias: Entry | None) -> dict[str, Path]:
        found: dict[str, Path] = {}
        for media in medias.items if medias else ():
            path = self._file(media, "a stimulus")
            if path is None:
                continue
            system = path.stem if path.stem not in found else f"{path.stem}_{len(found) + 1}"
            found[system] = path
        return found

    def _file(self, media: Entry, what: str) -> Path | None:
        """Audio beside the file, under the name of the uploaded file or of its copy."""
        keys = Keys(
            media, self.notes, {**_LOST, "settings": _LOST["value"], "isActive": _LOST["value"]}
        )
        names = [
            each.text for each in (keys.get("filename"), keys.get("src")) if each and each.value
        ]
        keys.close()
        if not names:
            self.notes.lost(media.line, f"{what}: it names no file")
            return None
        copy = PurePosixPath(re.sub(r"[?#].*", "", names[-1])).name
        is_there = (self.project.folder / copy).is_file() and bool(copy)
        return self.audio(copy if is_there and len(names) > 1 else names[0], media.line, what)

    def _plain(self, entry: Entry | None) -> str:
        return self.words(entry.text, entry.line) if entry and entry.value is not None else ""


READER = StudyReader("GoListen", _is_mine, _read)
