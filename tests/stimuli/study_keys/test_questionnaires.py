"""A study's own questions: what fits, what is asked, and every mistake in one sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from browser_study import write_study
from stimuli.loading.load import load_study
from stimuli.study.study import StudyError
from stimuli.study_keys.default_texts import LANGUAGES, default_consent, default_texts
from stimuli.study_keys.questionnaires import Question, Questionnaire

YES_NO = [{"name": "yes", "label": "Yes"}, {"name": "no", "label": "No"}]


def question(**keys: Any) -> Question:
    """A question of a study file."""
    return Question.model_validate({"name": "q", "label": "What?", **keys})


@pytest.mark.parametrize(
    ("keys", "answer", "fault"),
    [
        ({"type": "choice", "choices": YES_NO}, "yes", None),
        ({"type": "choice", "choices": YES_NO}, "maybe", "not_an_answer"),
        ({"type": "choice", "choices": YES_NO}, None, "missing"),
        ({"type": "choice", "choices": YES_NO, "required": False}, None, None),
        ({"type": "choice", "choices": YES_NO}, "prefer_not_to_say", "not_an_answer"),
        ({"type": "choice", "choices": YES_NO, "prefer_not_to_say": True},
         "prefer_not_to_say", None),
        ({"type": "multiple", "choices": YES_NO}, "yes no", None),
        ({"type": "multiple", "choices": YES_NO}, "yes yes", "not_an_answer"),
        ({"type": "multiple", "choices": YES_NO, "prefer_not_to_say": True},
         "yes prefer_not_to_say", "not_an_answer"),
        ({"type": "number", "minimum": 0, "maximum": 80}, "80", None),
        ({"type": "number", "minimum": 0, "maximum": 80}, "81", "not_an_answer"),
        ({"type": "number", "minimum": 0}, "-1", "not_an_answer"),
        ({"type": "number"}, "nan", "not_a_number"),
        ({"type": "number"}, "inf", "not_a_number"),
        ({"type": "number"}, "many", "not_a_number"),
        ({"type": "number"}, "2.5", "not_a_number"),
        ({"type": "number", "decimals": 1, "minimum": 0.1, "maximum": 0.7}, "0,1", None),
        ({"type": "number", "decimals": 1, "minimum": 0.1, "maximum": 0.7}, "0.8",
         "not_an_answer"),
        ({"type": "scale"}, "5", None),
        ({"type": "scale"}, "6", "not_an_answer"),
        ({"type": "scale", "minimum": 0, "maximum": 10}, "0", None),
        ({"type": "text"}, "R&B + 50% wet", None),
        ({"type": "text"}, "  ", "missing"),
        ({"type": "text"}, "a" * 2001, "not_an_answer"),
        ({"type": "text"}, "a\x00b", "not_an_answer"),
    ],
)  # fmt: skip
def test_an_answer_fits_its_question_or_its_fault_is_named(
    keys: dict[str, Any], answer: str | None, fault: str | None
) -> None:
    """At the limits of each type, and a required question is not left empty."""
    assert question(**keys).fault(answer) == fault


def test_a_question_is_asked_when_its_condition_holds() -> None:
    """Conditions follow each other: what is not asked cannot be answered."""
    asked = Questionnaire.model_validate({
        "name": "background", "when": "before", "title": "You",
        "questions": [
            {"name": "plays", "type": "choice", "label": "Do you play?", "choices": YES_NO},
            {"name": "practises", "type": "choice", "label": "Often?", "choices": YES_NO,
             "show_if": {"question": "plays", "answers": ["yes"]}},
            {"name": "hours", "type": "number", "label": "How long?",
             "show_if": {"question": "practises", "answers": ["yes"]}},
            {"name": "studio", "type": "text", "label": "Where?",
             "show_if": {"question": "group", "answers": ["professional"]}},
        ],
    })  # fmt: skip

    def names(**answers: str) -> list[str]:
        return [each.name for each in asked.shown(answers)]

    assert names() == ["plays"]
    assert names(plays="yes") == ["plays", "practises"]
    assert names(plays="no", practises="yes") == ["plays"]
    assert names(plays="yes", practises="yes", group="professional") == [
        "plays", "practises", "hours", "studio",
    ]  # fmt: skip
    assert asked.is_branching


CHOICES = "choices: [{name: a, label: A}, {name: b, label: B}]"


def refused(folder: Path, lines: list[str]) -> str:
    """The sentence with which a study is refused."""
    with pytest.raises(StudyError) as caught:
        load_study(write_study(folder, is_built=False, more=lines))
    return str(caught.value)


TEXT = "[{name: a, type: text, label: A}]"


@pytest.mark.parametrize(
    ("inner", "sentence"),
    [
        (f"when: later, questions: {TEXT}", "must be 'before', 'between'"),
        (f"when: between, questions: {TEXT}", "needs after_pages"),
        (f"when: after, after_pages: 2, questions: {TEXT}", "but this one comes after them"),
        (
            f"when: between, after_pages: 0, questions: {TEXT}",
            "number above 0 or the word 'each', not 0",
        ),
        ("when: after, questions: []", "have 1 or more entries"),
    ],
)
def test_a_questionnaire_in_no_place_is_refused(tmp_path: Path, inner: str, sentence: str) -> None:
    """With the file and the line, as for every other key."""
    said = refused(tmp_path, ["questionnaires:", f"  - {{name: q, title: T, {inner}}}"])
    assert sentence in said
    assert said.startswith("study.yaml, line ")


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ("name: a, type: tekst", "Did you mean 'text'"),
        ("name: a, type: choice", "needs two or more choices"),
        (f"name: a, type: text, {CHOICES}", "is a text and has no choices"),
        ("name: a, type: text, minimum: 3", "no minimum or maximum"),
        ("name: a, type: scale, maximum: 12", "has 12 points; 2 to 11 are possible"),
        ("name: a, type: scale, minimum: 1.5", "must be whole numbers"),
        ("name: a, type: number, minimum: 5, maximum: 5", "must be below its maximum"),
        ("name: FIRST, type: text", "every name may be used only once"),
        ("name: answered_at, type: text", "A question cannot be called 'answered_at'"),
        ("name: group, type: text", "every study has a question with this name"),
        ("name: a, type: number, prefer_not_to_say: true", "write required: false"),
        ("name: a, type: text, show_if: {question: b, answers: [x]}", "not an earlier question"),
        ("name: a, type: text, show_if: {question: frist, answers: [b]}", "Did you mean 'first'"),
        ("name: a, type: text, show_if: {question: first, answers: [d]}", "the answer 'd', which"),
        ("name: a, type: text, show_if: {question: group, answers: [profesional]}",
         "Did you mean 'professional'"),
        ("name: a, type: text, hint: x", "Unknown key 'hint'"),
        ("name: a, type: text, unit: h", "is a text, but unit is for a number"),
        ("name: a, type: scale, decimals: 1", "is a scale, but decimals is for a number"),
        ("name: a, type: number, low_label: few", "is a number, but low_label is for a scale"),
        ("name: a, type: text, show_if: {question: first, answers: [true]}",
         "Answers of show_if must be names of choices or whole numbers, not true"),
        ("name: a, type: text, show_if: {question: first, answers: ['A, often']}",
         "requires the answer 'A, often'"),
    ],
)  # fmt: skip
def test_a_question_that_does_not_fit_is_one_sentence(
    tmp_path: Path, keys: str, sentence: str
) -> None:
    """Each key is checked against the type, and conditions against what comes before."""
    first = f"{{name: first, type: choice, label: F, {CHOICES}}}"
    questions = f"[{first}, {{label: A, {keys}}}]"
    lines = ["questionnaires:", f"  - {{name: q, title: T, when: after, questions: {questions}}}"]
    said = refused(tmp_path, lines)
    assert sentence in said
    assert "\n" not in said


def test_two_questionnaires_have_two_names(tmp_path: Path) -> None:
    """Their answers would be told apart no more."""
    entry = "  - {name: q, title: T, when: after, questions: [{name: a, type: text, label: A}]}"
    said = refused(tmp_path, ["questionnaires:", entry, entry])
    assert "Two questionnaires are called 'q'" in said
    assert not said.startswith("study.yaml, line 1:")  # but where the questionnaires begin


def test_ready_made_questions_are_known_by_name(tmp_path: Path) -> None:
    """A misspelt one is refused with the right one."""
    assert "Did you mean 'hearing'" in refused(tmp_path, ["ask: [years, hearin]"])
    assert "Two of the questions to ask are called 'age'" in refused(tmp_path, ["ask: [age, age]"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_usual_welcome_speaks_of_ratings_only_where_some_are_asked_for(
    tmp_path: Path, language: str
) -> None:
    """Who tells mixes apart is not asked how good they are."""
    said = []
    for number, types in enumerate((["abx"], ["abx", "ranking"], ["abx", "multi_stimulus"])):
        folder = tmp_path / str(number)
        folder.mkdir()
        parts = ", ".join(f"{{type: {each}}}" for each in types)
        lines = [f"language: {language}", f"parts: [{parts}]"]
        said.append(load_study(write_study(folder, is_built=False, more=lines)).welcome)
    to_compare, in_two_ways, with_ratings = said
    assert to_compare == in_two_ways == default_texts(language, has_ratings=False)["welcome"]
    assert with_ratings == default_texts(language)["welcome"]
    assert to_compare != with_ratings


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_usual_consent_is_true_of_a_study_that_asks_for_an_address(
    tmp_path: Path, language: str
) -> None:
    """It says that no e-mail address is stored only where none is asked for."""
    said = []
    for number, ask in enumerate(("none", "optional", "required")):
        folder = tmp_path / str(number)
        folder.mkdir()
        lines = [f"language: {language}", f"contact: {{ask: {ask}}}"]
        said.append(load_study(write_study(folder, is_built=False, more=lines)).consent)
    without, *asking = said
    assert without == default_texts(language)["consent"]
    assert asking == [default_consent(language, asks_for_address=True)] * 2
    assert without not in asking


def test_an_own_consent_is_kept_word_for_word(tmp_path: Path) -> None:
    """Whatever is asked for at the end."""
    lines = ["consent: I agree.", "contact: {ask: optional}"]
    assert load_study(write_study(tmp_path, is_built=False, more=lines)).consent == "I agree."


def test_studies_that_ask_nothing_new_keep_their_fingerprint(tmp_path: Path) -> None:
    """A running study is not another one after per update; what is asked is part of it."""
    (tmp_path / "plain").mkdir()
    (tmp_path / "said").mkdir()
    plain = load_study(write_study(tmp_path / "plain", is_built=False))
    said = load_study(
        write_study(
            tmp_path / "said", is_built=False,
            more=["ask: [years]", "questionnaires: []", "pages: {back: false}"],
        )
    )  # fmt: skip
    assert said.fingerprint == plain.fingerprint
    changed = said.model_copy(update={"ask": ("years", "age")})
    changed._folder = said.folder
    assert changed.fingerprint != plain.fingerprint
