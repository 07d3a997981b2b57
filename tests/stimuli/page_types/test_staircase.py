"""A staircase: its rule by hand, its places, its files, and what it refuses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stimuli.design.part_pages import Draw, next_trial
from stimuli.design.session import plan_session
from stimuli.design.session_length import session_length
from stimuli.design.tracks import with_tracks
from stimuli.loading.load import load_study
from stimuli.page_types.adaptive import AdaptiveOptions, Answered
from stimuli.page_types.simulated import SimulatedPage
from stimuli.page_types.staircase import Options, planted_rank
from stimuli.page_types.trials import Turn
from stimuli.study.study import Study, StudyError

LEVELS = ("loud", "clear", "faint", "bare")
SYSTEMS = (*LEVELS, "human")
STUDY = """\
title: Heard
seed: 5
songs:
  - {name: harbour, vocal: v.flac, backing: b.flac, human: v.flac}
  - {name: lantern, vocal: v.flac, backing: b.flac, human: v.flac}
systems: [loud, clear, faint, bare, human]
pages: {training: false}
parts:
  - {type: staircase, KEYS}
"""


def study_of(folder: Path, keys: str = "reference: human, reversals: 6, max_trials: 20") -> Study:
    """Load the study with these keys of its part; nothing is heard of its files."""
    for name in ("v.flac", "b.flac"):
        (folder / name).write_bytes(b"")
    (folder / "study.yaml").write_text(STUDY.replace("KEYS", keys), encoding="utf-8")
    return load_study(folder / "study.yaml", SYSTEMS)


def answered(level: str, is_right: bool) -> Answered:
    """A trial of a level in the first place."""
    return Answered((level, "human", "human"), 0 if is_right else 1)


def turn(seed: int = 1, replicate: int = 0) -> Turn:
    """A track whose places a seed draws."""
    shared = np.random.default_rng(0)
    return Turn((), 0, 0, replicate, shared, np.random.default_rng(seed), SYSTEMS)


def walked(options: Options, rights: str) -> tuple[list[str], list[Answered]]:
    """Levels of a track whose trials are answered right (r) or wrong (w), and the answers."""
    levels: list[str] = []
    said: list[Answered] = []
    for each in rights:
        trial = options.next_trial(turn(), said)
        assert trial is not None
        [level] = set(trial.systems) - {"human"}
        levels.append(level)
        said.append(answered(level, each == "r"))
    return levels, said


def test_a_track_follows_the_rule_as_computed_by_hand() -> None:
    """Two right answers in a row lead on, one wrong leads back; six reversals, four averaged."""
    options = Options(reference="human", reversals=6, discard=2)
    levels, said = walked(options, "rrrrwrrwrrwwrr")
    assert levels == [
        "loud", "loud", "clear", "clear", "faint", "clear", "clear", "faint", "clear", "clear",
        "faint", "clear", "loud", "loud",
    ]  # fmt: skip
    steps = options.steps(said, LEVELS)
    # after trial 5 (first wrong), 7, 8, 10, 11 and 14 the track turns round
    assert [number for number, step in enumerate(steps, 1) if step.reversal] == [
        5,
        7,
        8,
        10,
        11,
        14,
    ]
    averaged = [step.rank for step in steps if step.is_averaged]
    assert averaged == [3, 2, 3, 1]
    assert steps[-1].ended == "reversals"
    assert options.next_trial(turn(), said) is None


def test_a_first_phase_takes_larger_steps() -> None:
    """Two levels at a time until the first reversal, then one."""
    options = Options(reference="human", first_step=2, reversals=6, max_trials=20)
    levels, _ = walked(options, "rrwrr")
    assert levels == ["loud", "loud", "faint", "clear", "clear"]


@pytest.mark.parametrize(("down", "percent"), [(1, 50.0), (2, 70.7), (3, 79.4), (4, 84.1)], ids=str)
def test_where_a_rule_settles_is_levitts_table(down: int, percent: float) -> None:
    """Levitt (1971), table I: one to four right answers in a row."""
    options = Options(reference="human", down=down)
    assert round(100 * options.target_share, 1) == percent
    assert f"{down}-down/1-up" in options.method


@pytest.mark.parametrize(
    ("rights", "end"), [("rrrrrrrrrrrr", "hardest"), ("www", "easiest")], ids=["hard", "easy"]
)
def test_three_wishes_beyond_an_end_end_a_track(rights: str, end: str) -> None:
    """Whoever hears the hardest level, or does not hear the easiest, is asked no further."""
    options = Options(reference="human", max_trials=20)
    _, said = walked(options, rights)
    steps = options.steps(said, LEVELS)
    assert [step.ended for step in steps] == [""] * (len(rights) - 1) + [end]
    assert options.next_trial(turn(), said) is None


def test_a_track_ends_after_its_most_trials() -> None:
    """With fewer reversals than asked for, and it says so."""
    options = Options(reference="human", reversals=4, max_trials=6)
    _, said = walked(options, "rrrrww")
    assert options.steps(said, LEVELS)[-1].ended == "trials"


def test_what_differs_stands_in_each_place_equally_often_and_comes_from_the_seed() -> None:
    """Of six trials two in each place; a repeated song has other ones."""
    options = Options(reference="human", max_trials=12)

    def places(replicate: int) -> list[int]:
        trials = [
            options.next_trial(turn(7, replicate), [answered("loud", n % 2 == 0)] * n)
            for n in range(2)
        ]
        found = [options._place(turn(7, replicate), n) for n in range(12)]
        shown = [trial.systems.index("loud") for trial in trials if trial is not None]
        assert shown == found[: len(shown)]
        return found

    first, again = places(0), places(1)
    assert first == places(0)
    assert first != again
    for track in (first, again):
        assert Counter(track[:6]) == Counter(track[6:]) == {0: 2, 1: 2, 2: 2}


def test_the_first_trial_is_dealt_and_the_others_are_open(tmp_path: Path) -> None:
    """Songs come round by round; a later trial follows from the same draw as the first."""
    study = study_of(tmp_path)
    pages = plan_session(study, 3).pages
    assert len(pages) == 2 * 20
    assert [len(page.systems) for page in pages] == [3, 3] + [0] * 38
    assert [page.song for page in pages[:2]] != [page.song for page in pages[1:3]]
    [part] = study.page_parts
    assert isinstance(part.options, AdaptiveOptions)
    draw = Draw(study, part, 3, None)
    first = next_trial(draw, part.options, pages[0].song, 0, [])
    assert first is not None
    assert first.systems == pages[0].systems
    assert session_length(study).n_ratings == 40


def test_there_are_as_many_files_as_any_track_can_play(tmp_path: Path) -> None:
    """No file is heard twice, whatever is answered; the bound is met at the end of the levels."""
    study = study_of(
        tmp_path, "reference: human, open_reference: true, reversals: 6, max_trials: 30"
    )
    [part] = study.page_parts
    assert isinstance(part.options, AdaptiveOptions)
    random, most = np.random.default_rng(2), Counter[str]()
    for chance in np.repeat(np.linspace(0.2, 0.95, 6), 12):
        draw, said, heard = Draw(study, part, 0, None), list[Answered](), Counter[str]()
        while (trial := next_trial(draw, part.options, "harbour", 0, said)) is not None:
            heard.update((*trial.systems, *trial.references))
            place = next(at for at, name in enumerate(trial.systems) if name != "human")
            is_right = random.random() < chance
            said.append(Answered(trial.systems, place if is_right else (place + 1) % 3))
        most |= heard
    files = {name: study.n_files("harbour", name) for name in SYSTEMS}
    assert files == {"loud": 24, "clear": 14, "faint": 14, "bare": 24, "human": 90}
    assert all(most[name] <= files[name] for name in SYSTEMS)


REFUSED: Sequence[tuple[str, str]] = (
    ("levels: [loud]", "has only 1 level besides its reference"),
    ("levels: [loud, claer]", "Did you mean 'clear'"),
    ("levels: [loud, human]", "has its reference 'human' among the levels"),
    ("levels: [loud, clear], systems: [loud, clear]", "names levels and systems"),
    ("levels: [loud, clear], level_values: [3]", "has 1 level_values for 2 levels"),
    ("levels: [loud, clear, bare], level_values: [3, 1, 2]", "must rise or fall"),
    ("start: human", "starts at 'human', which is not one of its levels"),
    ("first_step: 4", "larger than all of its 4 levels"),
    ("reversals: 8, discard: 3", "must be even,"),
    ("reversals: 8, max_trials: 8", "needs at least 12"),
    ("reference: nobody", "has the reference 'nobody'"),
    ("reference: reference", r"needs a reference\. Name one of the systems"),
    ("down: 5", "less than or equal to 4|at most 4|down"),
)


@pytest.mark.parametrize(("keys", "sentence"), REFUSED, ids=[keys for keys, _ in REFUSED])
def test_nonsense_is_refused_in_a_sentence(tmp_path: Path, keys: str, sentence: str) -> None:
    """Each with its place in the file."""
    text = keys if keys.startswith("reference") else f"reference: human, {keys}"
    with pytest.raises(StudyError, match=sentence):
        study_of(tmp_path, text)


def test_simulated_listeners_hear_by_a_known_threshold() -> None:
    """Half heard at the planted level, so with guesses two thirds right; a logistic around it."""
    options, random = Options(reference="human"), np.random.default_rng(4)
    shares = []
    for level in ("loud", "clear", "bare"):
        page = SimulatedPage(
            ("human", level, "human"), (), (), {}, lambda _: {}, lambda _: 0.0, 1.0, random,
            ("loud", "clear", "bare", "human"),
        )  # fmt: skip
        said = [options.simulated(page)[1, "odd_one"] for _ in range(3000)]
        shares.append(float(np.mean(said)) / 100)
    assert planted_rank(3) == 2
    assert shares[0] == pytest.approx(1 / 3 + 2 / 3 * 0.881, abs=0.03)
    assert shares[1] == pytest.approx(2 / 3, abs=0.03)
    assert shares[2] == pytest.approx(1 / 3 + 2 / 3 * 0.119, abs=0.03)


def test_a_level_that_left_the_study_is_no_trial_of_a_track(tmp_path: Path) -> None:
    """The trials behind it are told with their own levels."""
    study = study_of(tmp_path, "reference: human, levels: [loud, clear, faint]")
    shown = ["loud", "bare", "loud", "clear"]
    trials = pd.DataFrame(
        {
            "part": "staircase", "phase": "rating", "participant": "P001", "song": "harbour",
            "replicate": 0, "page_index": range(4), "system_a": shown, "system_b": "human",
            "system_c": "human", "answer": ["a", "a", "a", "b"],
        }
    )  # fmt: skip
    told = with_tracks(study, trials)
    assert told["level"].fillna("").tolist() == ["loud", "", "loud", "clear"]
    assert told["trial"].fillna(0).tolist() == [1, 0, 2, 3]
    assert told["reversal"].fillna(False).tolist() == [False, False, False, True]
