"""A study of finished files goes the whole way: folders, check, build, listeners, report."""

from __future__ import annotations

import json
import re
import textwrap
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

import places
from docs_examples import example_of
from mixtrial.commands.cli import app
from stimuli.loading.load import load_study

RATE = 44_100
SYSTEMS = ("mp3_48", "mp3_96", "opus_64")


def run(*words: object) -> str:
    """Run a command that must end well, and return what it printed."""
    told = CliRunner().invoke(app, [str(word) for word in words])
    assert told.exit_code == 0, (words, told.output, told.exception)
    return told.output


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two recordings of three seconds by three codecs, with the study file that they make."""
    folder = tmp_path_factory.mktemp("codecs")
    rng = np.random.default_rng(2)
    for song in ("bells", "voice"):
        (folder / "audio" / song).mkdir(parents=True)
        sound = 0.1 * rng.standard_normal((3 * RATE, 2))
        for number, name in enumerate(("reference", *SYSTEMS)):
            kept = sound + 0.02 * number * rng.standard_normal(sound.shape)
            soundfile.write(folder / "audio" / song / f"{name}.flac", kept, RATE)
    run("new", folder)
    return folder / "study.yaml"


def test_the_study_found_in_the_folders_is_the_one_of_the_document(study: Path) -> None:
    """`mixtrial new` and docs/study-file.md hear and ask the same."""
    shown = study.with_name("codecs.yaml")
    shown.write_text(example_of("study-file.md", "yaml", "codecs"), encoding="utf-8")
    told, found = load_study(shown), load_study(study)
    assert (found.songs, found.systems, found.parts) == (told.songs, told.systems, told.parts)


def test_the_first_example_of_the_readme_is_that_study() -> None:
    """Letter for letter."""
    readme = (places.ROOT / "README.md").read_text(encoding="utf-8")
    first = re.search(r"```yaml\n(.*?)```", readme, re.DOTALL)
    assert first is not None
    assert (
        textwrap.dedent(first[1]).strip() == example_of("study-file.md", "yaml", "codecs").strip()
    )


def test_a_study_found_in_folders_is_built_rated_and_reported(study: Path) -> None:
    """MUSHRA with reference and anchors, of files alone; no stem is asked for anywhere."""
    told = run("check", study)
    assert "MUSHRA (ITU-R BS.1534-3)" in told
    assert "error" not in told
    assert " of 2 recordings at " in run("build", study, "--workers", 1)
    run("simulate", study, "--participants", 6, "--seed", 1)
    run("report", study, "--out", study.parent / "report", "--no-pictures")
    results = json.loads((study.parent / "report" / "results.json").read_text("utf-8"))
    # Two songs, and on each the codecs, the hidden reference and two anchors.
    assert results["data"]["n_ratings"] == 6 * 2 * (len(SYSTEMS) + 3)
    rated = {row["system"] for row in results["attributes"]["overall"]["descriptives"]}
    assert rated == {*SYSTEMS, "reference", "low_anchor", "mid_anchor"}
    design = {row["what"]: row["text"] for row in results["report"]["design"]}
    assert design["Chance"] == "random choices follow from the seed 1"
    page = (study.parent / "report" / "report.html").read_text("utf-8")
    assert "MUSHRA" in page
    assert "Which of these versions do listeners rate higher" in page
    assert re.findall(r">[^<>{}]*\b(?:[Ss]ongs|[Mm]ixes)\b[^<>{}]*<", page) == []
