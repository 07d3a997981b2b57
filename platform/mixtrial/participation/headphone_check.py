"""How far a participant is in the headphone check, computed from the stored answers.

Conventions
-----------
Attempts and trials count from 1 in stored answers, from 0 here; intervals count from 1. The right
answer of a trial depends on the study's seed, the participant's index, the attempt and the trial.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from db.records.participation import Participant
from mixtrial.participation.headphone_signals import INTERVALS, Sound, headphone_trial
from stimuli.study.study import Study

PASSED_KEY = "headphones_passed"
STREAM = 0x4850
"""Keeps these draws apart from others of the same seed."""


@dataclass(frozen=True, slots=True)
class HeadphoneCheck:
    """``given`` are the answers of the current attempt; the right answers stay on the server."""

    outcome: Literal["open", "passed", "failed"]
    attempt: int
    given: tuple[int, ...] = ()

    def is_stopping(self, study: Study) -> bool:
        """Whether the check is failed and the study requires headphones."""
        return self.outcome == "failed" and study.headphones.gate == "required"


def headphone_check_of(study: Study, participant: Participant) -> HeadphoneCheck | None:
    """State of a participant in the headphone check; None if the participant does not take it.

    A participant who began to rate before the study file had a headphone check does not get a
    check.
    """
    stored = participant.answers.get(PASSED_KEY)
    if study.headphones.test == "none":
        return None
    if stored is not None:
        return HeadphoneCheck("passed" if stored == "yes" else "failed", 0)
    if participant.page_index > 0:
        return None
    n_trials = study.headphones.trials
    for attempt in range(study.headphones.attempts):
        given = _numbers(participant.answers.get(_given_key(attempt), ""))
        if len(given) < n_trials:
            return HeadphoneCheck("open", attempt, given)
    return HeadphoneCheck("failed", study.headphones.attempts - 1)


def is_shut_out(study: Study, participant: Participant) -> bool:
    """Whether pages are closed to a participant, because a required check is not passed.

    Simulated participants use no headphones and are not checked.
    """
    if study.headphones.gate != "required" or participant.kind == "simulated":
        return False
    if not participant.step.is_on_page:
        return False
    check = headphone_check_of(study, participant)
    return check is not None and check.outcome != "passed"


def answered(
    study: Study, participant: Participant, attempt: int, trial: int, given: int
) -> Mapping[str, str] | None:
    """All answers including the new one; None if the new answer is not for the current trial."""
    now = headphone_check_of(study, participant)
    is_expected = (
        now is not None
        and (now.outcome, now.attempt, len(now.given)) == ("open", attempt, trial)
        and 1 <= given <= INTERVALS
    )
    if now is None or not is_expected:
        return None
    all_given = (*now.given, given)
    right = [right_interval(study, participant, attempt, n) for n in range(len(all_given))]
    answers = {
        **participant.answers,
        **_rule(study),
        f"headphones_right_{attempt + 1}": _written(right),
        _given_key(attempt): _written(all_given),
    }
    if len(all_given) < study.headphones.trials:
        return answers
    n_right = sum(one == other for one, other in zip(right, all_given, strict=True))
    if n_right >= study.headphones.needed:
        return {**answers, PASSED_KEY: "yes"}
    is_last = attempt + 1 == study.headphones.attempts
    return {**answers, PASSED_KEY: "no"} if is_last else answers


def _rule(study: Study) -> dict[str, str]:
    """Return the check's rules (test, threshold, attempts), to be stored for the participant."""
    check = study.headphones
    return {
        "headphones_test": check.test,
        "headphones_trials": str(check.trials),
        "headphones_needed": str(check.needed),
        "headphones_attempts": str(check.attempts),
        "headphones_gate": check.gate,
    }


def right_interval(study: Study, participant: Participant, attempt: int, trial: int) -> int:
    """Return the right answer of a trial: the number of an interval, 1 to 3."""
    rng = _generator(study, participant, attempt, trial)
    return int(rng.integers(1, INTERVALS + 1))


def trial_sound(study: Study, participant: Participant, attempt: int, trial: int) -> Sound:
    """Return the sound of a trial; raise ``ValueError`` if the study has no check."""
    test = study.headphones.test
    if test == "none":
        raise ValueError("The study has no headphone check.")
    rng = _generator(study, participant, attempt, trial)
    right = int(rng.integers(1, INTERVALS + 1))
    return headphone_trial(test, right, rng)


def _generator(
    study: Study, participant: Participant, attempt: int, trial: int
) -> np.random.Generator:
    return np.random.default_rng([study.seed, STREAM, participant.index, attempt, trial])


def _given_key(attempt: int) -> str:
    return f"headphones_given_{attempt + 1}"


def _written(numbers: list[int] | tuple[int, ...]) -> str:
    return " ".join(map(str, numbers))


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(word) for word in text.split())
