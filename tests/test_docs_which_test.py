"""The page on which test to take: an example of every page type, each a study that can be built."""

from __future__ import annotations

import re
import wave
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import places
from db.records.steps import Step
from mixing.audio import write_flac
from mixtrial.reporting.design_text import design_of
from mixtrial.server.installation import load_installation
from mixtrial.server.settings import settings_for_study
from mixtrial.simulation.in_process import simulate_participants
from stimuli.design.session_length import session_length
from stimuli.loading.load import load_study
from stimuli.page_types.registry import page_types
from stimuli.rendering.render import build
from stimuli.study.study import Study

PAGE = (places.ROOT / "docs" / "which-test.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"^## `(\w+)`\n.*?^```yaml\n(.*?)^```$", PAGE, flags=re.DOTALL | re.M))
COSTS = "| page type | pages | answers | minutes |\n|---|---|---|---|\n"
MAX_LINES = 15
VERSIONS = ("codec_a", "codec_b", "codec_c", "original")
RECORDINGS = (
    "castanets", "speech", "bells", "choir", "guitar", "harpsichord", "organ", "piano", "quartet",
    "trumpet",
)  # fmt: skip
SAMPLE_RATE = 32_000


@pytest.fixture(scope="module")
def ten_recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with ten recordings of ten seconds, each in four versions and as a reference."""
    folder = tmp_path_factory.mktemp("ten")
    silence = bytes(2 * 10 * SAMPLE_RATE)
    for recording in RECORDINGS:
        for path in files_of(folder, recording):
            path = path.with_suffix(".wav")
            path.parent.mkdir(parents=True, exist_ok=True)
            with wave.open(str(path), "wb") as file:
                file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
                file.writeframes(silence)
    return folder


@pytest.fixture(scope="module")
def one_recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with a short recording of noise, in four versions and as a reference."""
    folder = tmp_path_factory.mktemp("one")
    random = np.random.default_rng(1)
    for recording in RECORDINGS[:1]:
        whole = random.normal(0.0, 0.1, (1, 3 * SAMPLE_RATE)).astype(np.float32)
        for at, path in enumerate(files_of(folder, recording)):
            path.parent.mkdir(parents=True, exist_ok=True)
            blurred = whole + np.float32(0.02 * at) * np.roll(whole, at, axis=1)
            write_flac(path.with_suffix(".flac"), blurred, SAMPLE_RATE)
    return folder


def files_of(folder: Path, recording: str) -> list[Path]:
    """Where a recording's original and its versions lie, without their suffix."""
    versions = [folder / "audio" / recording / version for version in VERSIONS]
    return [folder / "originals" / recording, *versions]


def example(name: str, folder: Path) -> Study:
    """Study of an example, its audio in ``folder``."""
    path = folder / f"{name}.yaml"
    path.write_text(EXAMPLES[name], encoding="utf-8")
    return load_study(path)


def test_every_page_type_is_in_the_table_and_has_a_short_example() -> None:
    """A type that is added without its place on the page fails here."""
    table = PAGE.split("\n\n", 3)[2]
    assert set(re.findall(r"\[`(\w+)`\]\(#\1\)", table)) == set(page_types())
    assert EXAMPLES.keys() == page_types().keys()
    longest = {name: text.count("\n") for name, text in EXAMPLES.items()}
    assert {name: n for name, n in longest.items() if n > MAX_LINES} == {}


def test_the_costs_are_those_of_the_examples(ten_recordings: Path) -> None:
    """Pages, answers and minutes as `mixtrial check` estimates them."""
    rows = []
    for name in EXAMPLES:
        length = session_length(example(name, ten_recordings))
        assert length.duration_s is not None
        minutes = round(length.duration_s / 60)
        rows.append(f"| `{name}` | {length.n_pages} | {length.n_ratings} | {minutes} |\n")
    assert PAGE.split(COSTS)[1].split("\n\n")[0] + "\n" == "".join(rows)


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_every_example_is_built(name: str, one_recording: Path) -> None:
    """From the lines of the page to blind files, with nothing but audio beside them."""
    study = example(name, one_recording)
    manifest = build(study, one_recording / name, workers=1)
    assert [part.type for part in study.page_parts] == [name]
    heard = {stimulus.system for stimulus in manifest.stimuli}
    assert heard >= set(study.page_parts[0].rated)


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_every_example_is_simulated(name: str, one_recording: Path, tmp_path: Path) -> None:
    """Listeners that were planted take part in each, and all of them come to its end."""
    example(name, one_recording)
    settings = replace(
        settings_for_study(one_recording / f"{name}.yaml"),
        database_url=f"sqlite:///{tmp_path / 'answers.sqlite'}",
    )
    installation = load_installation(settings)
    with closing(installation.store):
        tokens = [person.token for person in simulate_participants(installation, 2, seed=1)]
        steps = [installation.store.find_participant(token).step for token in tokens]
    assert steps == [Step.THANKS, Step.THANKS]


ONCE = "each stimulus plays to its end and stops; a switch fades one out and then the other in"


@pytest.mark.parametrize(
    ("name", "pages", "playback"),
    [
        ("mushra", "one recording a page with its 7 stimuli", "run in step and loop"),
        ("bs1116", "one system of a recording a page, with the hidden reference", "and loop"),
        ("dcr", "one of 3 versions of a recording a page (after reference, which is heard", ONCE),
        (
            "ccr",
            "one of 3 pairs of versions of a recording a page (beside reference, which is",
            ONCE,
        ),
        ("staircase", "three sounds of one recording a page", "run in step and loop"),
    ],
)
def test_the_design_is_told_as_it_is_heard(
    name: str, pages: str, playback: str, ten_recordings: Path
) -> None:
    """Content of a page, and whether it loops, as each type has it."""
    told = dict(design_of(example(name, ten_recordings), None))
    assert pages in told["Pages"]
    assert playback in told["Playback"]
