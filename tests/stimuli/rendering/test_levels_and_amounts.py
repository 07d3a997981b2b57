"""Systems of a study that differ in their level or amounts alone: the example of the docs."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
import soundfile

import places
from mixing.decisions import STAGES
from stimuli.loading.load import load_study
from stimuli.rendering.cache_keys import mix_jobs
from stimuli.rendering.heard_files import hear_files
from stimuli.rendering.render import build
from stimuli.standards.check import check_study
from stimuli.study.study import StudyError
from stimuli.study.study_system import StageAmounts

RATE = 44_100
PAGE = (places.ROOT / "docs" / "study-file.md").read_text(encoding="utf-8")
[STUDY] = re.findall(r"```yaml\n(title: How loud .*?)```", PAGE, re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Stems of 4 s that are noise, and a mix of them that somebody likes."""
    rng = np.random.default_rng(3)
    (tmp_path / "harbour").mkdir()
    vocal, backing = 0.1 * rng.standard_normal((2, 4 * RATE, 2))
    vocal[::RATE] *= 8
    soundfile.write(tmp_path / "harbour" / "vocal.flac", vocal, RATE)
    soundfile.write(tmp_path / "harbour" / "backing.flac", backing, RATE)
    soundfile.write(tmp_path / "liked.wav", 2 * vocal + backing, RATE, subtype="FLOAT")
    (tmp_path / "study.yaml").write_text(STUDY, encoding="utf-8")
    return tmp_path


def test_mixes_differ_in_their_level_alone(folder: Path) -> None:
    """As the manifest says: genres apart by what the page has, the liked mix's level 6 LU up."""
    study = load_study(folder / "study.yaml")
    stimuli = build(study, folder / "build", workers=1).stimuli
    told = {each.system: json.loads(each.parameters) for each in stimuli}
    level = {name: each["level"]["relative_loudness_lu"] for name, each in told.items()}
    assert level["pop"] - level["metal"] == pytest.approx(3.0, abs=0.01)
    assert level["half"] == pytest.approx(level["pop"], abs=0.01)
    assert level["liked"] == pytest.approx(level["liked_level"], abs=0.01)
    assert level["liked"] == pytest.approx(6.02, abs=0.1)
    assert told["pop"]["eq"] == told["metal"]["eq"] == told["liked_level"]["eq"]
    assert [band["gain_db"] for band in told["half"]["eq"]] == pytest.approx(
        [band["gain_db"] / 2 for band in told["pop"]["eq"]], abs=0.01
    )


def test_another_level_amount_or_reference_is_another_mix(folder: Path) -> None:
    """Each has a key of its own; what is not said is not in the key."""

    def keys(text: str) -> list[str]:
        (folder / "study.yaml").write_text(text, encoding="utf-8")
        study = load_study(folder / "study.yaml")
        return [job.key for job in mix_jobs(study, study.songs[0])]

    first = keys(STUDY)
    assert keys(STUDY) == first
    changed = STUDY.replace("level: pop", "level: rap").replace("eq: 0.5", "eq: 0.4")
    assert [a == b for a, b in zip(first, keys(changed), strict=True)] == [
        False, True, False, True, True,
    ]  # fmt: skip
    soundfile.write(folder / "liked.wav", np.zeros((RATE, 2)), RATE)
    assert [a == b for a, b in zip(first, keys(STUDY), strict=True)] == [True] * 3 + [False] * 2


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("match", "line 5: The system 'match' needs a finished mix as its target; add reference:"),
        ('{name: match, reference: "{song}.wav"}', "There is no reference harbour.wav of the song"),
        ("{name: x, system: human, level: reference, reference: liked.wav}", "leave reference"),
        (
            "{name: made, level: rock}",
            "'made' consists of finished files, which are played as they",
        ),
    ],
)
def test_a_level_or_reference_that_leads_nowhere_is_refused(
    folder: Path, entry: str, said: str
) -> None:
    """With its line, and with what to do."""
    song = (
        "{name: harbour, vocal: harbour/vocal.flac, backing: harbour/backing.flac, "
        "human: liked.wav, files: {made: liked.wav}}"
    )
    text = f"title: T\nsongs:\n  - {song}\nsystems:\n  - {entry}\n"
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(StudyError, match=said):
        load_study(folder / "study.yaml")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "liked.wav cannot be read as audio; export it as WAV or FLAC"),
        (0.0, "liked.wav is silent"),
        (0.1, None),
    ],
)
def test_the_check_opens_what_is_mixed_towards(
    folder: Path, content: float | None, said: str | None
) -> None:
    """What the build would stop at after the first mixes is said before, once, with the system."""
    if content is None:
        (folder / "liked.wav").write_text("no sound", encoding="utf-8")
    else:
        sound = content * np.random.default_rng(4).standard_normal((RATE, 2))
        soundfile.write(folder / "liked.wav", sound, RATE)
    study = load_study(folder / "study.yaml")
    refusals = hear_files(study).refusals
    if said is None:
        assert refusals == []
    else:
        [told] = refusals
        assert told.startswith("the song 'harbour', liked: ")
        assert told.endswith(said)
    assert check_study(study, None, hear_files(study)).can_run == (said is None)


def test_the_stages_are_those_of_the_chain() -> None:
    """A stage that the chain gains is a key of the study file."""
    assert tuple(StageAmounts.model_fields) == STAGES
