"""The standards check: each rule at its threshold, on studies made by hand."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from mixing.audio import write_flac
from stimuli.design.session_length import session_length
from stimuli.standards.check import Standing, check_study, method_of, summary
from stimuli.standards.rules import RULES
from stimuli.standards.sound_rules import SOUND_RULES
from stimuli.standards.study_checks import fewest_songs
from stimuli.study.manifest import Manifest, Stimulus
from stimuli.study.study import Study
from stimuli.study_keys.conditions import ASKED, Conditions
from stimuli.study_keys.declared_plan import DeclaredPlan
from stimuli.study_keys.keys import AnswerOption, Excerpt, Pages, StudySong
from stimuli.study_keys.rated_scale import Attribute, Range

SAMPLE_RATE = 48_000
MUSHRA_SYSTEMS = ("reference", "anchor35", "anchor70", "codec")


def study_of(**changes: Any) -> Study:
    """A study that keeps every rule that does not need a build, but for the changes."""
    keys: dict[str, Any] = {
        "title": "By the book",
        "songs": songs_of(6, 10.0),
        "systems": MUSHRA_SYSTEMS,
        "attributes": (Attribute(name="overall", question="How good?"),),
        "range": Range(labels=("Bad", "Poor", "Fair", "Good", "Excellent")),
        "groups": (AnswerOption(name="experienced", label="Experienced"),),
        "devices": (AnswerOption(name="headphones", label="Headphones"),),
        "pages": Pages(repeated_songs=1),
        "analysis": DeclaredPlan(
            reference="reference", low_anchor="anchor35", mid_anchor="anchor70"
        ),
        "conditions": Conditions(**dict.fromkeys(ASKED, "as it was")),
    }
    return Study(**(keys | changes))


def songs_of(count: int, duration_s: float) -> tuple[StudySong, ...]:
    """Songs of one excerpt length; their files are never opened."""
    nowhere = Path("nowhere.flac")
    return tuple(
        StudySong(name=f"song{n}", vocal=nowhere, backing=nowhere,
                  excerpt=Excerpt(duration_s=duration_s))
        for n in range(count)
    )  # fmt: skip


def manifest_of(study: Study, folder: Path, **of_last: Any) -> Manifest:
    """A complete and equal build, but for what is said of its last stimulus."""
    stimuli = [
        Stimulus(
            song=song.name, system=system, file=f"{song.name}-{system}.flac", sha256="0" * 64,
            integrated_lufs=-23.0, true_peak_dbtp=-1.0, lra_lu=6.0, duration_s=10.0,
            sample_rate=SAMPLE_RATE, gain_db=0.0, page_target_lufs=-23.0,
            mix_integrated_lufs=-20.0, mix_true_peak_dbtp=-0.5, profile="corrected", seed=1,
            key="0" * 64, parameters="{}", copies=" ".join(9 * [f"{song.name}-{system}.flac"]),
        )
        for song in study.songs
        for system in study.system_names
    ]  # fmt: skip
    stimuli[-1] = dataclasses.replace(stimuli[-1], **of_last)
    for stimulus in stimuli:
        (folder / stimulus.file).touch()
    return Manifest(folder, tuple(stimuli))


def found_in(standing: Standing) -> list[str]:
    """Names of the rules that are not kept."""
    return [departure.rule for departure in standing.departures]


# 10 s excerpts are right for MUSHRA and short for the practice of mix evaluation.
BY_THE_BOOK = ["range of the training", "length of segments"]


def test_a_study_by_the_book_departs_in_what_it_must_only(tmp_path: Path) -> None:
    """Training on one of six songs and short segments are noted; the method is MUSHRA."""
    study = study_of()
    standing = check_study(study, manifest_of(study, tmp_path))
    assert found_in(standing) == BY_THE_BOOK
    assert standing.can_run
    assert standing.method == "MUSHRA (ITU-R BS.1534-3)"
    assert summary(standing) == "MUSHRA (ITU-R BS.1534-3): 2 notes"


def test_rules_about_levels_wait_for_the_build() -> None:
    """They are neither kept nor broken before there is one, and counted."""
    standing = check_study(study_of())
    of_build = sum(rule.needs_build for rule in RULES)
    assert of_build == 5
    assert standing.n_unchecked == of_build + len(SOUND_RULES)
    assert f"{standing.n_unchecked} rules wait for the build" in summary(standing)


@pytest.mark.parametrize(
    ("changes", "rule", "severity"),
    [
        ({"songs": songs_of(5, 10.0)}, "number of excerpts", "warning"),
        ({"songs": songs_of(7, 12.1)}, "length of excerpts", "note"),
        ({"pages": Pages(repeated_songs=1, training=False)}, "training", "warning"),
        ({"pages": Pages()}, "replicates", "warning"),
        ({"range": Range(labels=("Bad", "Poor", "Fair", "Good", "Great"))}, "scale", "note"),
        ({"range": Range(minimum=0, maximum=10)}, "scale", "note"),
        (
            {"groups": (AnswerOption(name="inexperienced", label="New"),)},
            "experienced listeners",
            "note",
        ),
        (
            {
                "devices": (
                    AnswerOption(name="earphones", label="E"),
                    AnswerOption(name="speakers", label="S"),
                )
            },
            "one way of listening",
            "note",
        ),
        ({"analysis": None}, "plan declared", "warning"),
        ({"conditions": Conditions(room="A quiet one")}, "listening conditions", "note"),
    ],
)
def test_each_departure_is_found(changes: dict[str, Any], rule: str, severity: str) -> None:
    """One change breaks its rule, with the weight the rule has."""
    if "songs" in changes and len(changes["songs"]) == 5:
        # Five systems ask for 7.5, so 8 songs; five are too few.
        changes |= {"systems": (*MUSHRA_SYSTEMS, "mp3")}
    standing = check_study(study_of(**changes))
    weights = {entry.rule: entry.severity for entry in standing.departures}
    assert weights[rule] == severity


@pytest.mark.parametrize(
    ("n_systems", "wanted"), [(1, 5), (3, 5), (4, 6), (5, 8), (12, 18)]
)  # fmt: skip
def test_songs_number_one_and_a_half_times_the_systems(n_systems: int, wanted: int) -> None:
    """Clause 7.1: at least 5, and 1.5 a system, rounded up."""
    assert fewest_songs(n_systems) == wanted


def test_limits_belong_to_the_good_side() -> None:
    """Six songs for four systems, 12.0 s and 25.0 s, twelve stimuli: kept at the limit."""
    assert "number of excerpts" not in found_in(check_study(study_of(songs=songs_of(6, 10.0))))
    assert "number of excerpts" in found_in(check_study(study_of(songs=songs_of(5, 10.0))))
    assert "length of excerpts" not in found_in(check_study(study_of(songs=songs_of(6, 12.0))))
    assert "length of segments" not in found_in(check_study(study_of(songs=songs_of(6, 25.0))))
    assert "length of segments" in found_in(check_study(study_of(songs=songs_of(6, 60.1))))
    files = {name: Path("nowhere.flac") for name in MUSHRA_SYSTEMS}
    of_files = [StudySong(name=f"item{n}", files=files) for n in range(6)]
    short = [song.model_copy(update={"excerpt": Excerpt(duration_s=10.0)}) for song in of_files]
    assert "length of segments" not in found_in(check_study(study_of(songs=tuple(short))))
    twelve = (*MUSHRA_SYSTEMS, *(f"codec{n}" for n in range(8)))
    pages = Pages(repeated_songs=1, max_stimuli=13)
    assert "stimuli on a page" not in found_in(check_study(study_of(systems=twelve, pages=pages)))
    thirteen = study_of(systems=(*twelve, "one_more"), pages=pages)
    assert "stimuli on a page" in found_in(check_study(thirteen))


@pytest.mark.parametrize(
    ("of_last", "rule"),
    [
        ({"integrated_lufs": -22.9}, None),
        ({"integrated_lufs": -22.89}, "loudness of a page"),
        ({"integrated_lufs": -22.5}, "loudness of a page"),
        ({"integrated_lufs": -22.49}, "loudness tolerance"),
        ({"true_peak_dbtp": -0.99}, "true peak"),
        ({"duration_s": 10.001}, "equal lengths"),
        ({"sample_rate": 44_100}, "equal lengths"),
    ],
)
def test_levels_and_lengths_at_their_limits(
    of_last: dict[str, float], rule: str | None, tmp_path: Path
) -> None:
    """0.1 and 0.5 LU and -1 dBTP are kept at the limit; lengths must be equal."""
    study = study_of()
    standing = check_study(study, manifest_of(study, tmp_path, **of_last))
    assert sorted(found_in(standing)) == sorted([*BY_THE_BOOK, *([rule] if rule else [])])
    assert standing.can_run == (rule not in ("loudness tolerance", "equal lengths"))


def test_a_missing_stimulus_stops_the_study(tmp_path: Path) -> None:
    """A file that is gone is an error, named with its path."""
    study = study_of()
    manifest = manifest_of(study, tmp_path)
    manifest.path(manifest.stimuli[0]).unlink()
    first = check_study(study, manifest).departures[0]
    assert (first.rule, first.severity) == ("build complete", "error")
    assert "song0-reference.flac is missing" in first.found


def test_pages_that_share_the_systems_out_are_noted() -> None:
    """Fourteen systems on two pages of seven: no page too large, but a blocked design."""
    systems = (*MUSHRA_SYSTEMS, *(f"codec{n}" for n in range(10)))
    pages = Pages(repeated_songs=1, stimuli_per_page=7)
    study = study_of(systems=systems, pages=pages, songs=songs_of(21, 10.0))
    found = found_in(check_study(study))
    assert "incomplete pages" in found
    assert "stimuli on a page" not in found
    assert session_length(study).n_ratings == 14 * 22 + 7


def test_several_questions_and_their_order_are_noted() -> None:
    """Clause 6: one attribute per trial, overall quality before the details."""
    level, overall = (Attribute(name=name, question="?") for name in ("level", "overall"))
    first = found_in(check_study(study_of(attributes=(overall, level))))
    assert "one attribute at a time" in first
    assert "overall quality first" not in first
    assert "overall quality first" in found_in(check_study(study_of(attributes=(level, overall))))


def test_the_method_is_named_by_what_is_declared() -> None:
    """MUSHRA needs all three; a study of Li's (2022) questions says whose test it is."""
    assert "without both anchors" in method_of(study_of(analysis=DeclaredPlan(reference="codec")))
    assert method_of(study_of(analysis=None)).startswith("multi-stimulus rating without a given")
    plain = Study(title="Plain", songs=songs_of(2, 10.0), systems=("random", "baseline"))
    assert method_of(plain).startswith("the test of Li (2022)")


def test_a_session_is_long_by_its_pages_stimuli_and_questions() -> None:
    """8 pages of 4 stimuli of 10 s with one question: 3 min + 32 x (10 + 5) s = 11 min."""
    length = session_length(study_of())
    assert (length.n_pages, length.n_ratings) == (8, 32)
    assert length.duration_s == 180 + 32 * 15
    # 45 min is 2,700 s: 2,520 s of 8 x 4 stimuli are 73.75 s each with their question.
    assert "length of the session" not in found_in(check_study(study_of(songs=songs_of(6, 73.75))))
    assert "length of the session" in found_in(check_study(study_of(songs=songs_of(6, 73.8))))


def test_lengths_come_from_headers_where_nothing_else_tells(tmp_path: Path) -> None:
    """A song without an excerpt is as long as its file; an unreadable one leaves the sum open."""
    path = tmp_path / "vocal.flac"
    write_flac(path, np.zeros((1, 4 * SAMPLE_RATE), np.float32), SAMPLE_RATE)
    song = StudySong(name="tune", vocal=path, backing=path)
    assert session_length(study_of(songs=(song,), pages=Pages())).excerpt_s == pytest.approx(4.0)
    path.write_bytes(b"no music")
    assert session_length(study_of(songs=(song,), pages=Pages())).duration_s is None


def test_every_rule_has_a_clause_and_a_name_of_its_own() -> None:
    """A list that goes into a report names its sources."""
    rules = (*RULES, *SOUND_RULES)
    assert len({rule.name for rule in rules}) == len(rules)
    for rule in rules:
        assert rule.clause
        assert rule.asks
        assert rule.reason


def test_songs_that_cannot_be_mixed_are_errors(tmp_path: Path) -> None:
    """A file that is not audio, an excerpt past the end; at the very end is well."""
    good, bad = tmp_path / "good.wav", tmp_path / "bad.wav"
    soundfile.write(good, np.zeros((4 * 32_000, 2), dtype=np.float32), 32_000)
    bad.write_text("no sound")
    named = {"name": "s", "vocal": good, "backing": good}
    faults = {
        f"the song 's': {bad} cannot be read as audio; export it as WAV or FLAC": {
            **named,
            "backing": bad,
        },
        "the song 's': the excerpt ends at 4.1 s, the files at 4.000 s": {
            **named,
            "excerpt": {"start_s": 1.0, "duration_s": 3.1},
        },
        None: {**named, "excerpt": {"start_s": 1.0, "duration_s": 3.0}},
    }
    for fault, song in faults.items():
        standing = check_study(Study(title="S", songs=(song,), systems=("random", "baseline")))
        found = [each.found for each in standing.departures if each.rule == "songs"]
        assert found == ([] if fault is None else [fault])
        assert standing.can_run == (fault is None)


def test_the_scale_of_each_question_is_looked_at() -> None:
    """One with a range of its own stands on another scale; the words of the other are five."""
    own = Attribute(name="likert", question="How?", range=Range(minimum=1, maximum=5, step=1))
    both = check_study(study_of(attributes=(Attribute(name="overall", question="How?"), own)))
    [found] = [each.found for each in both.departures if each.rule == "scale"]
    assert found == "the scale is 1 to 5, step 1 (likert)"
    alone = check_study(study_of(attributes=(own,)))
    [found] = [each.found for each in alone.departures if each.rule == "scale"]
    assert found == "the scale is 1 to 5, step 1"
