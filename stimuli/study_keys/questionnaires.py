"""A study's own questions to participants, asked before, between or after the rated pages.

Conventions
-----------
An answer is a text: the name of the choice, the names of several choices with a space between them,
a number with a decimal point, or free text, unchanged. ``PREFER_NOT_TO_SAY`` is the name of the
choice "prefer not to say". The module of the questionnaires stores nothing and shows nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from stimuli.study_keys.faults import PlacedError, nearest
from stimuli.study_keys.keys import AnswerOption, FilledText, Name, Number, StudyKeys, Text, Whole
from stimuli.study_keys.typed_number import stored_number, typed_number

ReadyMade = Literal["years", "age", "hearing"]
"""Questions that a study need not write itself: their texts are in the locale files."""

PREFER_NOT_TO_SAY = "prefer_not_to_say"
ANSWERED_AT = "answered_at"
"""Data stored beside a questionnaire's answers: when it was handed in."""

MAX_TEXT = 2000
"""Signs of a written answer."""

MOST_POINTS = 11
DEFAULT_ENDS = (1, 5)
Fault = Literal["missing", "not_a_number", "not_an_answer"]
ASKED_OF_ALL = ("group", "device")
"""Questions of every study, whose answers conditions may ask for."""


def _awaited(value: Any) -> Any:
    """Return a condition's answer (a name or a whole number); otherwise raise ``ValueError``."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        said = str(value).lower() if isinstance(value, bool) else repr(value)
        raise ValueError(
            f"Answers of show_if must be names of choices or whole numbers, not {said}."
        )
    return value


class ShowIf(StudyKeys):
    """A condition: an earlier question (or group, or device) has one of the given answers."""

    question: Name
    answers: Annotated[
        tuple[Annotated[str | int, BeforeValidator(_awaited)], ...], Field(min_length=1)
    ]

    def holds(self, answers: Mapping[str, str]) -> bool:
        """Whether a condition is met by the answers so far, which are given by question name."""
        given = answers.get(self.question, "").split()
        return any(str(wanted) in given for wanted in self.answers)


class Question(StudyKeys):
    """One question of a questionnaire.

    In a question of type ``choice``, participants choose one answer; in a question of type
    ``multiple``, they choose any number of answers. An answer of type ``number`` is between minimum
    and maximum, with at most ``decimals`` decimal places. A question of type ``scale`` is a row of
    whole numbers from minimum (1) to maximum (5). An answer of type ``text`` is free text.
    """

    name: Name
    type: Literal["choice", "multiple", "number", "text", "scale"]
    label: FilledText
    choices: tuple[AnswerOption, ...] = ()
    required: Annotated[bool, Field(strict=True)] = True
    prefer_not_to_say: Annotated[bool, Field(strict=True)] = False
    minimum: Number | None = None
    maximum: Number | None = None
    decimals: Annotated[Whole, Field(ge=0, le=3)] = 0
    unit: Text = ""
    low_label: Text = ""
    high_label: Text = ""
    show_if: ShowIf | None = None

    @property
    def points(self) -> range:
        """The numbers of a scale question."""
        low, high = DEFAULT_ENDS
        first = low if self.minimum is None else int(self.minimum)
        last = high if self.maximum is None else int(self.maximum)
        return range(first, last + 1)

    @property
    def possible(self) -> tuple[str, ...]:
        """All answers that participants can choose; empty if they type the answer."""
        names = tuple(choice.name for choice in self.choices)
        if self.type == "scale":
            names = tuple(map(str, self.points))
        return (*names, PREFER_NOT_TO_SAY) if self.prefer_not_to_say else names

    def is_asked(self, known: Mapping[str, str]) -> bool:
        """Whether the question is shown, given the earlier answers by question name."""
        return self.show_if is None or self.show_if.holds(known)

    def fault(self, answer: str | None) -> Fault | None:
        """Faults of an answer; None without faults."""
        if not answer or not answer.strip():
            return "missing" if self.required else None
        if self.type == "number":
            return self._fault_of_number(answer)
        return None if self._fits(answer) else "not_an_answer"

    def kept(self, answer: str | None) -> str | None:
        """An answer in the form that is stored; numbers have the same form in all languages."""
        value = typed_number(answer or "", self.decimals) if self.type == "number" else None
        return answer if value is None else stored_number(value, self.decimals)

    def _fits(self, answer: str) -> bool:
        if self.type == "text":
            return len(answer) <= MAX_TEXT and "\x00" not in answer
        if self.type == "multiple":
            return self._are_choices(answer.split())
        return answer in self.possible

    def _are_choices(self, names: Sequence[str]) -> bool:
        if PREFER_NOT_TO_SAY in names and len(names) > 1:
            return False
        return set(names) <= set(self.possible) and len(set(names)) == len(names)

    def _fault_of_number(self, answer: str) -> Fault | None:
        value = typed_number(answer, self.decimals)
        if value is None:
            return "not_a_number"
        low = float("-inf") if self.minimum is None else self.minimum
        high = float("inf") if self.maximum is None else self.maximum
        return None if low <= float(value) <= high else "not_an_answer"

    @model_validator(mode="after")
    def _keys_fit_the_type(self) -> Question:
        asks_for_choices = self.type in ("choice", "multiple")
        if asks_for_choices and len(self.choices) + self.prefer_not_to_say < 2:
            raise ValueError(f"The question {self.name!r} needs two or more choices.")
        if self.choices and not asks_for_choices:
            raise ValueError(f"The question {self.name!r} is a {self.type} and has no choices.")
        if self.name == ANSWERED_AT:
            raise ValueError(
                f"A question cannot be called {ANSWERED_AT!r}, because mixtrial "
                "stores a time under that name."
            )
        _refuse_repeats([choice.name for choice in self.choices], "Two choices")
        if PREFER_NOT_TO_SAY in (choice.name for choice in self.choices):
            raise ValueError(
                f"A choice cannot be called {PREFER_NOT_TO_SAY!r}; write {PREFER_NOT_TO_SAY}: true "
                "instead."
            )
        if self.prefer_not_to_say and self.type in ("number", "text"):
            raise ValueError(
                f"The question {self.name!r} is a {self.type}, which has no prefer_not_to_say; "
                "write required: false instead."
            )
        self._check_ends()
        self._check_words()
        return self

    def _check_words(self) -> None:
        """Refuse a key that has no effect for this type of question."""
        is_given = {
            "unit": (self.unit != "", "number"),
            "decimals": (self.decimals != 0, "number"),
            "low_label": (self.low_label != "", "scale"),
            "high_label": (self.high_label != "", "scale"),
        }
        for key, (given, wanted) in is_given.items():
            if given and self.type != wanted:
                raise ValueError(
                    f"The question {self.name!r} is a {self.type}, but {key} is for a {wanted}."
                )

    def _check_ends(self) -> None:
        ends = (self.minimum, self.maximum)
        if self.type not in ("number", "scale") and ends != (None, None):
            raise ValueError(
                f"The question {self.name!r} is a {self.type}, which has no minimum or maximum."
            )
        if None not in ends and self.minimum >= self.maximum:  # type: ignore[operator]
            raise ValueError(
                f"The minimum of the question {self.name!r} must be below its maximum."
            )
        if self.type != "scale":
            return
        if any(end is not None and not float(end).is_integer() for end in ends):
            raise ValueError(f"The ends of the scale {self.name!r} must be whole numbers.")
        if not 2 <= len(self.points) <= MOST_POINTS:
            raise ValueError(
                f"The scale {self.name!r} has {len(self.points)} points; 2 to {MOST_POINTS} are "
                "possible."
            )


def _after_pages(value: Any) -> Any:
    """Return a number of pages or the word ``each``; raise ``ValueError`` for any other value."""
    is_number = isinstance(value, int) and not isinstance(value, bool) and value >= 1
    if value in (None, "each") or is_number:
        return value
    raise ValueError(
        f"after_pages must be a whole number above 0 or the word 'each', not {value!r}."
    )


class Questionnaire(StudyKeys):
    """Questions on one page, before, between or after the rated pages.

    ``after_pages`` is the number of rated pages after which a questionnaire is shown; with
    ``each``, it is shown after every page.
    """

    name: Name
    when: Literal["before", "between", "after"]
    after_pages: Annotated[int | Literal["each"] | None, BeforeValidator(_after_pages)] = None
    title: FilledText
    text: Text = ""
    questions: Annotated[tuple[Question, ...], Field(min_length=1, max_length=50)]

    def shown(self, answers: Mapping[str, str]) -> tuple[Question, ...]:
        """Questions that are asked after the given answers; group and device count as answers.

        An answer to a question that is not shown is ignored.
        """
        known = {name: answers[name] for name in ASKED_OF_ALL if name in answers}
        asked = []
        for question in self.questions:
            if question.is_asked(known):
                asked.append(question)
                known[question.name] = answers.get(question.name) or ""
        return tuple(asked)

    @property
    def is_branching(self) -> bool:
        """Whether the answer to this question decides which other questions the page shows."""
        conditions = [each.show_if for each in self.questions if each.show_if is not None]
        return any(condition.question not in ASKED_OF_ALL for condition in conditions)

    @model_validator(mode="after")
    def _questions_fit_together(self) -> Questionnaire:
        if (self.when == "between") != (self.after_pages is not None):
            raise ValueError(
                f"The questionnaire {self.name!r} needs after_pages, because it comes between the "
                "pages."
                if self.when == "between"
                else "after_pages is for questionnaires between the pages, but this one comes "
                f"{self.when} them."
            )
        _refuse_repeats([question.name for question in self.questions], "Two questions")
        for number, question in enumerate(self.questions):
            if question.name in ASKED_OF_ALL:
                raise ValueError(
                    f"A question cannot be called {question.name!r}, because every study has a "
                    "question with this name."
                )
            _check_condition(question, self.questions[:number])
        return self


def check_questionnaires(
    questionnaires: Sequence[Questionnaire], groups: Sequence[str], devices: Sequence[str]
) -> None:
    """Raise ``PlacedError`` for a condition on a group or device that the study lacks."""
    try:
        _refuse_repeats([each.name for each in questionnaires], "Two questionnaires")
    except ValueError as error:
        raise PlacedError(str(error), ("questionnaires",)) from None
    known = {"group": groups, "device": devices}
    for index, questionnaire in enumerate(questionnaires):
        for number, question in enumerate(questionnaire.questions):
            condition = question.show_if
            if condition is None or condition.question not in known:
                continue
            place = ("questionnaires", index, "questions", number, "show_if")
            try:
                _check_answers(condition, known[condition.question])
            except ValueError as error:
                raise PlacedError(str(error), place) from None


def _check_condition(question: Question, earlier: Sequence[Question]) -> None:
    condition = question.show_if
    if condition is None or condition.question in ASKED_OF_ALL:
        return
    by_name = {each.name: each for each in earlier}
    other = by_name.get(condition.question)
    if other is None:
        names = (*by_name, *ASKED_OF_ALL)
        raise ValueError(
            f"show_if of {question.name!r} names {condition.question!r}, which is not an earlier "
            f"question of the page.{nearest(condition.question, names)}"
        )
    if not other.possible:
        raise ValueError(
            f"show_if of {question.name!r} names {other.name!r}, which is a {other.type}; only "
            "choices and scales can be conditions."
        )
    _check_answers(condition, other.possible)


def _check_answers(condition: ShowIf, possible: Sequence[str]) -> None:
    for answer in map(str, condition.answers):
        if answer not in possible:
            raise ValueError(
                f"show_if requires the answer {answer!r}, which {condition.question!r} does not "
                f"have.{nearest(answer, possible)}"
            )


def _refuse_repeats(names: Sequence[str], opening: str) -> None:
    for name in names:
        if [each.lower() for each in names].count(name.lower()) > 1:
            raise ValueError(f"{opening} are called {name!r}; every name may be used only once.")
