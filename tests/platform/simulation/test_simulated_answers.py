"""Answers of simulated participants are answers that the study's pages would have taken."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harbour_study import open_installation, write_study
from mixtrial.participation.standard_questions import ready_made
from mixtrial.server.language import locale_of
from mixtrial.simulation.in_process import simulate_participants
from mixtrial.simulation.questionnaire_answers import simulated_answers
from stimuli.loading.load import load_study
from stimuli.study.study import Study

MORE = """
ask: [years, age, hearing]
questionnaires:
  - name: own
    when: before
    title: You
    questions:
      - {name: plays, type: choice, label: Plays, choices: [{name: n, label: N},
         {name: y, label: Y}]}
      - {name: which, type: multiple, label: Which, choices: [{name: a, label: A},
         {name: b, label: B}], show_if: {question: plays, answers: [y]}}
      - {name: ears, type: scale, label: Ears, prefer_not_to_say: true}
      - {name: size, type: number, label: Size, minimum: 2, maximum: 3, decimals: 1}
      - {name: said, type: text, label: Said, required: false}
  - name: again
    when: between
    after_pages: each
    title: Again
    questions: [{name: tired, type: scale, label: Tired}]
"""


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """A study that asks in every way there is."""
    path = write_study(tmp_path)
    with path.open("a", encoding="utf-8") as file:
        file.write(MORE)
    return load_study(path)


def test_every_answer_is_one_that_its_question_takes(study: Study) -> None:
    """Forty participants: no fault, conditions kept, both branches met; the same again."""
    known = ready_made(locale_of("en"))
    own = {question.name: question for question in study.questionnaires[0].questions}
    branches = set()
    for index in range(40):
        answers = simulated_answers(study, index, "professional", "headphones")
        assert answers == simulated_answers(study, index, "professional", "headphones")
        branches.add("own.which" in answers)
        assert ("own.which" in answers) == (answers["own.plays"] == "y")
        for key, answer in answers.items():
            name = key.rpartition(".")[2]
            if key.startswith("own."):
                assert own[name].fault(answer) is None, (key, answer)
            elif key in known:
                assert known[key].fault(answer) is None, (key, answer)
        assert "own.said" not in answers
        assert answers["again.1.tired"] in ("1", "2", "3", "4", "5")
    assert branches == {True, False}


def test_simulated_participants_leave_their_answers(tmp_path: Path) -> None:
    """They are in the table of participants, beside group and device."""
    path = write_study(tmp_path)
    with path.open("a", encoding="utf-8") as file:
        file.write(MORE)
    installation = open_installation(path)
    list(simulate_participants(installation, 2, seed=1))
    for cell in installation.store.participants("harbour-lights")["answers"]:
        assert {"years", "age", "hearing", "own.plays"} <= set(json.loads(cell))
