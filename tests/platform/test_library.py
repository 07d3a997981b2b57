"""``import mixtrial`` for programs: what it offers works as documented, loaded when asked for."""

from __future__ import annotations

import doctest
import importlib
import inspect
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import mixtrial
import places
from mixing.audio import AudioError, write_flac
from mixing.systems.registry import UnknownSystemError

SAMPLE_RATE = 44_100
HOUSES = ("mixing", "stimuli", "db", "analysis", "platform/mixtrial")
PAGE = places.ROOT / "docs" / "library.md"
RATINGS = places.ROOT / "tests" / "data" / "ratings" / "codec_mushra.csv"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that the page names; commands are given there."""
    rng = np.random.default_rng(4)
    for name in ("vocal", "backing"):
        noise = (0.05 * rng.standard_normal((2, 4 * SAMPLE_RATE))).astype(np.float32)
        write_flac(tmp_path / f"{name}.wav", noise, SAMPLE_RATE)
    ratings = pd.read_csv(RATINGS, dtype=str)
    kept = ratings["system"].isin(["Lyra 3", "Lyra 6"])
    ratings[kept].to_csv(tmp_path / "ratings.csv", index=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_examples_of_the_page_print_what_they_show(folder: Path) -> None:
    """Each of the documented functions, on files of a user's own."""
    text = PAGE.read_text(encoding="utf-8").replace("```", "")
    examples = doctest.DocTestParser().get_doctest(text, {}, PAGE.name, str(PAGE), 0)
    said: list[str] = []
    found = doctest.DocTestRunner().run(examples, out=said.append)
    assert (found.attempted, found.failed, said) == (16, 0, [])


def test_the_examples_of_docstrings_answer_what_they_show(folder: Path) -> None:
    """Those of the functions that programs call, and every other one of the house."""
    files = [path for house in HOUSES for path in (places.ROOT / house).rglob("*.py")]
    named = [path for path in files if ">>> " in path.read_text(encoding="utf-8")]
    said: list[str] = []
    shown = set()
    for path in named:
        name = ".".join(path.relative_to(places.ROOT).with_suffix("").parts)
        module = importlib.import_module(name.removeprefix("platform."))
        for examples in doctest.DocTestFinder(exclude_empty=True).find(module):
            if examples.examples:
                shown.add(examples.name.rpartition(".")[2])
                doctest.DocTestRunner().run(examples, out=said.append)
    assert said == []
    assert len(shown) >= len(named) > 20
    assert shown >= set(mixtrial.__all__) - {"__version__"}


def test_importing_mixtrial_loads_no_other_library() -> None:
    """A program pays for what it uses, when it uses it."""
    code = "import sys, mixtrial; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=places.ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "mixtrial" in loaded
    libraries = {"numpy", "scipy", "pandas", "streamlit", "torch", "numba", "typer", "pedalboard"}
    assert loaded & (libraries | {"analysis", "mixing", "stimuli", "db"}) == set()


def test_what_is_offered_is_documented() -> None:
    """Each name has a docstring of its own and stands on the page; another is refused by name."""
    page = PAGE.read_text(encoding="utf-8")
    for name in set(mixtrial.__all__) - {"__version__"}:
        assert f"mixtrial.{name}(" in page
        assert "Parameters" in str(inspect.getdoc(getattr(mixtrial, name)))
        assert name in dir(mixtrial)
    with pytest.raises(AttributeError, match="mixtrial has no master; it has analyse, mix"):
        _ = mixtrial.master


def test_a_system_an_amount_or_a_size_that_cannot_be_is_refused_in_a_sentence() -> None:
    """A program gets the sentence that the command prints."""
    with pytest.raises(UnknownSystemError, match="basline"):
        mixtrial.mix("vocal.wav", "backing.wav", system="basline")
    for amount, said in (
        ({"echo": 0.5}, "There is no stage 'echo'; choose eq, compression, reverb, level"),
        ({"eq": 1.5}, "The amount of eq is 1.5; it must lie between 0 and 1"),
        ({"eq": "half"}, "The amount of eq must be a number, not 'half'"),
    ):
        with pytest.raises(AudioError, match=said):
            mixtrial.mix("vocal.wav", "backing.wav", amount=amount)
    with pytest.raises(ValueError, match="two systems, two songs"):
        mixtrial.plan(n_systems=4, n_songs=1)
    with pytest.raises(ValueError, match="above 0 points"):
        mixtrial.plan(n_systems=4, n_songs=15, difference=-3)


def test_more_tests_and_fewer_songs_each_take_more_participants() -> None:
    """The level is shared by all pairs, and whoever rates half of the songs tells half as much."""
    known = {"variance": {"participant:system": 76.0, "song:system": 40.0, "residual": 220.0}}
    alone, shared, halved = (
        mixtrial.plan(4, 20, difference=10, **known, **more).n_for_difference
        for more in ({"n_tests": 1}, {}, {"songs_each": 10})
    )
    assert alone < shared < halved
    assert mixtrial.plan(4, 20, difference=10, **known, n_tests=6).n_for_difference == shared
