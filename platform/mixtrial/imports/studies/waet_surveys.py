"""WAET's surveys and comment questions as questionnaires in mixtrial's format."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from mixtrial.imports.reading.guarded_xml import XmlElement
from mixtrial.imports.reading.notes import Keys, shown
from mixtrial.imports.studies.gathered import Gathered, choice_keys, ends_of
from mixtrial.imports.studies.imported_study import ChoiceKeys, QuestionKeys, QuestionnaireKeys
from mixtrial.imports.studies.naming import Naming
from mixtrial.imports.studies.waet_words import LOST_OF_AN_ITEM
from stimuli.study_keys.questionnaires import ASKED_OF_ALL

_TYPES = {
    "question": "text",
    "radio": "choice",
    "checkbox": "multiple",
    "number": "number",
    "slider": "number",
}
_STATEMENT = "statement"
_BEFORE = ("before", "pre")
_BETWEEN = "between"


class Surveys:
    """Questionnaires of a project; no two questions in them have the same name."""

    def __init__(self, gathered: Gathered) -> None:
        self._gathered = gathered
        self._names = Naming((*ASKED_OF_ALL, "answered_at"), "question")

    def of_the_test(self, survey: XmlElement) -> None:
        """Convert a survey before or after the test; a survey without questions becomes a page."""
        keys = Keys(survey.entry, self._gathered.notes, {})
        location = keys.taken("location", "when the questions come")
        keys.flag("showBackButton", "a page of questions is one page")
        keys.close()
        when = "before" if location is None or location.text in _BEFORE else "after"
        texts, questions = self._read(survey)
        if not questions:
            key = "welcome" if when == "before" else "thanks"
            self._gathered.add_text(key, "\n\n".join(texts), survey.line)
            return
        self._add(when, texts, questions)

    def of_the_only_page(self, surveys: Sequence[XmlElement]) -> None:
        """Convert the questions before and after the study's only page to questionnaires."""
        for when in ("before", "after"):
            items = [
                item for survey in surveys for item in survey.children
                if (survey.attributes.get("location") in _BEFORE) == (when == "before")
            ]  # fmt: skip
            texts, questions = self._read_items(items)
            if questions:
                self._add(when, texts, questions)
            elif texts:
                key = "welcome" if when == "before" else "thanks"
                self._gathered.add_text(key, "\n\n".join(texts), surveys[0].line)

    def of_pages(self, pages: Sequence[list[XmlElement]]) -> None:
        """Turn questions that all pages have into questions after each page; note all others."""
        items = [[item for survey in page for item in survey.children] for page in pages]
        alike = {json.dumps([_content(item) for item in page]) for page in items}
        if len(alike) == 1 and any(items):
            texts, questions = self._read_items(items[0])
            for survey in pages[0]:
                self._gathered.notes.assumed(survey.line, "asked after every page, as all pages do")
            if questions:
                self._add(_BETWEEN, texts, questions)
            return
        for item in (each for page in items for each in page):
            statement = " ".join(_statement(item).split())
            why = "questions of single pages are not asked; a questionnaire is after each or none"
            self._gathered.notes.lost(item.line, f"{item.name} ({statement}): {why}")

    def _add(self, when: str, texts: list[str], questions: list[QuestionKeys]) -> None:
        asked: QuestionnaireKeys = {
            "name": f"{when}_{len(self._gathered.questionnaires) + 1}",
            "when": when,
            "title": "Questions",
            "text": "\n\n".join(texts),
            "questions": questions,
        }
        if when == _BETWEEN:
            asked["after_pages"] = "each"
        self._gathered.questionnaires.append(asked)

    def _read(self, survey: XmlElement) -> tuple[list[str], list[QuestionKeys]]:
        return self._read_items(survey.children)

    def _read_items(self, items: Sequence[XmlElement]) -> tuple[list[str], list[QuestionKeys]]:
        texts, questions = [], []
        for item in items:
            kind = _kind(item)
            if kind == _STATEMENT:
                texts.append(self._gathered.words(_statement(item), item.line))
                self._gathered.notes.taken(item.line, "the statement stands above the questions")
            elif kind in _TYPES:
                questions.append(self._question(item, _TYPES[kind]))
            else:
                self._gathered.notes.lost(item.line, f"{item.name}: no question of ours")
        return texts, questions

    def _question(self, item: XmlElement, kind: str) -> QuestionKeys:
        notes = self._gathered.notes
        keys = Keys(item.entry, notes, LOST_OF_AN_ITEM)
        name, given = keys.get("id"), keys.get("name")
        keys.get("type")
        theirs = name.text if name else given.text if given else ""
        own = self._names.of(theirs, f"{theirs}\0{id(item)}")
        notes.taken(item.line, f"the question {own} ({kind})")
        label = self._gathered.words(_statement(item), item.line) or own
        question: QuestionKeys = {"name": own, "type": kind, "label": label}
        if not keys.flag("mandatory", "required"):
            question["required"] = False
        if kind == "number":
            question |= self._ends(keys)
        if kind in ("choice", "multiple"):
            question |= self._choices(item, kind)
        keys.close()
        known = ("statement", "option", "minText", "maxText")
        for child in item.children:
            if child.name == "conditional":
                notes.lost(child.line, "conditional: no question is jumped over; see show_if")
            elif child.name not in known[:2]:
                notes.lost(
                    child.line, f"{child.name} ({child.text.strip()}): no words stand beside"
                )
        return question

    def _ends(self, keys: Keys) -> QuestionKeys:
        ends = []
        for theirs in ("min", "max"):
            entry = keys.get(theirs)
            ends.append(entry.number if entry else None)
            if entry is not None and entry.number is None:
                self._gathered.notes.lost(keys.line, f"{theirs} ({shown(entry)}): no number")
        low, high = ends
        if low is not None and high is not None and low >= high:
            self._gathered.notes.lost(keys.line, "min and max: the first is not below the second")
            return {}
        return ends_of(low, high)

    def _choices(self, item: XmlElement, kind: str) -> QuestionKeys:
        names = Naming(("prefer_not_to_say",), "choice")
        choices: list[ChoiceKeys] = []
        for number, option in enumerate(item.all("option")):
            theirs = option.attributes.get("name", "")
            words = self._gathered.words(option.text, option.line) or theirs
            own = names.of(theirs or words, str(number))
            choices.append({"name": own, "label": words or own})
            self._gathered.notes.taken(option.line, f"the choice {own}")
        keys = choice_keys(choices)
        return {**keys, "type": kind} if "choices" in keys else keys


def _kind(item: XmlElement) -> str:
    """Type of an item: part of its name, or a key of the older ``surveyentry``."""
    if item.name == "surveyentry":
        return item.attributes.get("type", "")
    return item.name.removeprefix("survey").removeprefix("comment")


def _statement(item: XmlElement) -> str:
    statement = item.one("statement")
    return statement.text if statement else ""


def _content(item: XmlElement) -> list[Any]:
    """Question of an item; its identifier is left out, because it differs between pages."""
    rest = {key: value for key, value in item.attributes.items() if key not in ("id", "name")}
    options = [(o.attributes.get("name"), o.text.strip()) for o in item.all("option")]
    return [_kind(item), " ".join(_statement(item).split()), sorted(rest.items()), options]
