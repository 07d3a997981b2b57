"""A study's questionnaires: where they come, what they store, and that nothing is lost."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from browser_study import write_study
from db.records.participation import Page, Participant, Slot
from db.records.steps import Step
from mixtrial.exports.csv_text import download
from mixtrial.participation.enrolment import enrol
from mixtrial.participation.questionnaire_times import checked_answers, due_occasion
from mixtrial.server.installation import Installation
from mixtrial.survey.question_fields import plain
from stimuli.design.session_length import session_length
from stimuli.loading.load import load_study
from stimuli.study.study import Study
from survey_pages import html_of, player_of, press, save, served, survey

QUESTIONS = """
ask: [years, age, hearing]
questionnaires:
  - name: background
    when: before
    title: Your background
    text: These help us to understand the ratings.
    questions:
      - {name: plays, type: choice, label: "Do you play an instrument?",
         choices: [{name: "yes", label: "Yes: on most days"}, {name: "no", label: "No"}]}
      - {name: instrument, type: text, label: "Which one?",
         show_if: {question: plays, answers: ["yes"]}}
      - {name: studio, type: text, label: "Which studio?",
         show_if: {question: group, answers: [professional]}}
  - name: effort
    when: between
    after_pages: each
    title: How is it going?
    questions:
      - {name: tired, type: scale, label: "How tired are your ears?", low_label: fresh,
         high_label: very tired, prefer_not_to_say: true}
  - name: closing
    when: after
    title: Nearly done
    questions:
      - {name: daws, type: multiple, label: "What do you mix with?", required: false,
         choices: [{name: desk, label: A desk}, {name: box, label: A computer}]}
      - {name: hours, type: number, label: "How long do you listen a day?", unit: hours,
         minimum: 0, maximum: 24, decimals: 1}
      - {name: wishes, type: text, label: "What would you change?"}
""".strip().splitlines()


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    """A study that asks before, between and after its two songs."""
    yield from served(write_study(tmp_path, more=QUESTIONS), monkeypatch)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """The same study, only read."""
    return load_study(write_study(tmp_path_factory.mktemp("q"), is_built=False, more=QUESTIONS))


def somebody(step: str, page_index: int = 0, **answers: str) -> Participant:
    """A participant with a practice page and two songs, and these answers."""
    pages = tuple(
        Page(index, "training" if index == 0 else "rating", "song", 0, (Slot(0, "baseline", "t"),))
        for index in range(3)
    )
    named = {key.replace("__", "."): answer for key, answer in answers.items()}
    return Participant(
        "t" * 32,
        "study",
        0,
        "participant",
        Step(step),
        page_index,
        pages,
        "hobbyist",
        answers=named,
    )


@pytest.mark.parametrize(
    ("participant", "prefix"),
    [
        (somebody("consent"), None),
        (somebody("questionnaire"), None),
        (somebody("volume"), "background"),
        (somebody("volume", background__answered_at="now"), None),
        (somebody("volume", background__plays="no"), "background"),
        (somebody("training"), None),
        (somebody("rating", 1), None),
        (somebody("rating", 2), "effort.1"),
        (somebody("rating", 2, effort__1__answered_at="now"), None),
        (somebody("thanks", 2, effort__1__answered_at="now"), "effort.2"),
        (somebody("thanks", 2, effort__2__answered_at="now"), "closing"),
        (somebody("thanks", 2, effort__2__answered_at="x", closing__answered_at="x"), None),
        (somebody("refused"), None),
        (somebody("withdrawn"), None),
    ],
)
def test_a_questionnaire_comes_in_its_place_and_once(
    study: Study, participant: Participant, prefix: str | None
) -> None:
    """Before the volume page, after each rated page, before the thanks."""
    due = due_occasion(study, participant)
    assert (due and due.prefix) == prefix


def test_one_whose_page_never_comes_is_asked_at_the_end(study: Study) -> None:
    """After the fifth of two songs: before the thanks, rather than never."""
    (effort,) = (each for each in study.questionnaires if each.name == "effort")
    late = effort.model_copy(update={"after_pages": 5})
    only = study.model_copy(update={"questionnaires": (late,)})
    assert due_occasion(only, somebody("rating", 2)) is None
    due = due_occasion(only, somebody("thanks", 2))
    assert due is not None
    assert due.prefix == "effort"


def test_a_questionnaire_that_asks_somebody_nothing_is_passed_over(study: Study) -> None:
    """Its only question is for professionals; a hobbyist goes straight on."""
    background = study.questionnaires[0]
    only = background.model_copy(update={"questions": background.questions[2:]})
    asked = study.model_copy(update={"questionnaires": (only,)})
    assert due_occasion(asked, somebody("volume")) is None


def test_an_answer_to_what_is_no_longer_asked_is_taken_away(study: Study) -> None:
    """Who changes a yes to a no has said nothing of an instrument."""
    occasion = due_occasion(study, somebody("volume"))
    assert occasion is not None
    known = {"group": "hobbyist", "device": "headphones"}
    stored, faults = checked_answers(occasion, known, {"plays": "no", "instrument": "oboe"})
    assert stored == {
        "background.plays": "no", "background.instrument": None, "background.studio": None,
    }  # fmt: skip
    assert faults == {}
    _, faults = checked_answers(occasion, known, {"plays": "yes"})
    assert faults == {"instrument": "missing"}


@pytest.mark.parametrize(
    ("label", "escaped"),
    [
        ("Which one: A & B, 50 %?", None),
        ("a_b > c, #2 - $5 [x]", None),
        ("5 * 3 *", r"5 \* 3 \*"),
        ("_now_", r"\_now\_"),
        ("from $3 to $5", r"from \$3 to \$5"),
        ("[R&B](x)", r"\[R&B](x)"),
        (":smile: :red[x]", ":\u2060smile: :\u2060red\\[x]"),
        ("a -> b", "a -\u2060> b"),
        ("12:30 to 13:45", None),
        ("# 1", r"\# 1"),
        ("1. First", r"1\. First"),
        ("`x` ~~y~~", r"\`x\` \~\~y\~\~"),
    ],
)
def test_labels_are_shown_as_they_are_written(label: str, escaped: str | None) -> None:
    """Only what Streamlit would take for Markdown is escaped; screen readers hear the rest bare."""
    assert plain(label) == (escaped or label)


def comer(installation: Installation) -> str:
    """Token of somebody who has answered what everybody is asked."""
    token = enrol(installation).token
    installation.store.record_consent(token, "v", accepted=True)
    installation.store.record_questionnaire(token, "hobbyist", "headphones")
    return token


def filled(at: AppTest, token: str, name: str) -> str:
    """Key of a field."""
    return f"questions-{token[:8]}-{name}"


def test_the_ready_made_questions_are_asked_and_may_be_left_unsaid(
    installation: Installation,
) -> None:
    """Years are optional; age and hearing take a plain refusal to say for an answer."""
    token = enrol(installation).token
    installation.store.record_consent(token, "v", accepted=True)
    at = survey(token)
    at.radio(key="group").set_value("hobbyist")
    at.radio(key="device").set_value("headphones")
    at.radio(key="age").set_value("25-34")
    press(at, "Continue")
    assert html_of(at).count("Please answer this question.") == 1
    at.radio(key="hearing").set_value("prefer_not_to_say")
    press(at, "Continue")
    answers = installation.store.find_participant(token).answers
    assert answers == {"age": "25-34", "hearing": "prefer_not_to_say"}


@pytest.mark.parametrize(
    ("years", "sentence"),
    [
        ("81", "Please give a number from 0 to 80."),
        ("-1", "Please give a number from 0 to 80."),
        ("2,5", "Please give a whole number, in digits."),
        ("1,000", "Please give a whole number, in digits."),
        ("many", "Please give a whole number, in digits."),
    ],
)
def test_years_that_are_no_answer_are_told_at_their_question(
    installation: Installation, years: str, sentence: str
) -> None:
    """The page says what fits, in the study's language, and stores nothing."""
    token = enrol(installation).token
    installation.store.record_consent(token, "v", accepted=True)
    at = survey(token)
    at.text_input(key="numeric-years").set_value(years)
    press(at, "Continue")
    assert sentence in html_of(at)
    assert html_of(at).count("Please answer this question.") == 4
    assert installation.store.find_participant(token).answers == {}


def test_questions_before_the_pages_follow_the_answers(installation: Installation) -> None:
    """A yes opens the next question; texts are kept letter for letter; then comes the volume."""
    token = comer(installation)
    at = survey(token)
    assert "Your background" in html_of(at)
    assert [each.label for each in at.text_area] == []
    at.radio(key=filled(at, token, "background-plays")).set_value("yes").run()
    assert [each.label for each in at.text_area] == ["Which one?"]
    press(at, "Continue")
    assert "Some questions still need an answer" in html_of(at)
    assert "Please answer this question." in html_of(at)
    again = survey(token)
    assert again.radio(key=filled(at, token, "background-plays")).value == "yes"
    area = again.text_area(key=filled(at, token, "background-instrument"))
    area.set_value("R&B + 50% wet").run()
    press(again, "Continue")
    answers = installation.store.find_participant(token).answers
    assert answers.pop("background.answered_at").endswith("Z")
    assert answers == {"background.plays": "yes", "background.instrument": "R&B + 50% wet"}
    assert player_of(again)["mode"] == "volume"


def test_questions_between_and_after_the_pages_come_in_their_place(
    installation: Installation,
) -> None:
    """Each page has its own answers; the code is given when the last question is answered."""
    token = comer(installation)
    installation.store.record_answers(token, {"background.answered_at": "now"})
    installation.store.record_volume(token, 0.5)
    for index, value in ((0, None), (1, "2"), (2, "prefer_not_to_say")):
        at = survey(token)
        assert player_of(at)["page"] == index
        save(installation, token, index, 50.0)
        if value is None:
            continue
        at = survey(token)
        assert "How is it going?" in html_of(at)
        scale = at.radio(key=filled(at, token, f"effort.{index}-tired"))
        assert scale.label == "How tired are your ears? (1 = fresh, 5 = very tired)"
        scale.set_value(value)
        press(at, "Continue")
    assert "Nearly done" in html_of(at)
    assert installation.store.find_participant(token).completion_code is None
    hours = at.text_input(key=f"decimal-{filled(at, token, 'closing-hours')}")
    hours.set_value("25")
    at.text_area(key=filled(at, token, "closing-wishes")).set_value("007")
    press(at, "Continue")
    assert "Please give a number from 0 to 24." in html_of(at)
    hours = at.text_input(key=f"decimal-{filled(at, token, 'closing-hours')}")
    hours.set_value("2,55")
    press(at, "Continue")
    assert "in digits, with at most 1 of them behind the decimal sign." in html_of(at)
    hours = at.text_input(key=f"decimal-{filled(at, token, 'closing-hours')}")
    hours.set_value("2,5")
    at.button_group(key=filled(at, token, "closing-daws")).set_value(["desk", "box"])
    press(at, "Continue")
    assert "That was the last song" in html_of(at)
    answers = installation.store.find_participant(token).answers
    kept = {key: value for key, value in answers.items() if "answered_at" not in key}
    assert kept == {
        "effort.1.tired": "2", "effort.2.tired": "prefer_not_to_say",
        "closing.daws": "desk box", "closing.hours": "2.5", "closing.wishes": "007",
    }  # fmt: skip


def test_two_tabs_at_once_store_one_set_of_answers(installation: Installation) -> None:
    """Whoever hands in second is shown where they stand; the first answers stay."""
    token = comer(installation)
    key = filled(survey(token), token, "background-plays")
    tabs = [survey(token), survey(token)]
    for tab in tabs:
        tab.radio(key=key).set_value("no").run()
    press(tabs[0], "Continue")
    first = installation.store.find_participant(token).answers
    press(tabs[1], "Continue")
    assert installation.store.find_participant(token).answers == first
    assert player_of(tabs[1])["mode"] == "volume"


def test_answers_leave_as_columns_that_the_codebook_explains(installation: Installation) -> None:
    """One column per question that was answered, in the study's order; zeros and signs survive."""
    token = comer(installation)
    installation.store.record_answers(
        token,
        {"years": "3", "closing.wishes": "007", "background.plays": "yes",
         "background.instrument": "R&B + 50% wet",
         "effort.2.tired": "4", "headphones_given_1": "1 2 3", "prolific_pid": "5f2a"},
    )  # fmt: skip
    table = pd.read_csv(
        io.StringIO(download(installation, "participants")), dtype=str, keep_default_na=False
    )
    row = table.iloc[0]
    assert row["closing.wishes"] == "007"
    assert row["background.instrument"] == "R&B + 50% wet"
    after = list(table.columns[list(table.columns).index("answers") + 1 :])
    assert after == [
        "years", "background.plays", "background.instrument", "effort.2.tired", "closing.wishes",
        "headphones_given_1", "prolific_pid",
    ], "a column without a value in any row is left out"  # fmt: skip
    book = pd.read_csv(io.StringIO(download(installation, "codebook"))).set_index("column")[
        "meaning"
    ]
    assert all(isinstance(book[name], str) and len(book[name]) > 5 for name in after)
    assert book["background.plays"] == "Do you play an instrument? (yes: Yes: on most days; no: No)"
    assert book["effort.2.tired"] == (
        "How tired are your ears? (1: fresh; 5: very tired; "
        "prefer_not_to_say: Prefer not to say) after page 2"
    )


def test_own_questions_count_towards_the_length_of_a_session(tmp_path: Path, study: Study) -> None:
    """Ten seconds each: three before, one after each of two songs, three at the end."""
    plain = load_study(write_study(tmp_path, is_built=False))
    longer_s = session_length(study).duration_s - session_length(plain).duration_s
    assert longer_s == 10.0 * (3 + 2 * 1 + 3)
