"""mixtrial merge: one table of several labs, and what does not fit together."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.ratings.table import RatingsError
from mixtrial.commands.answers.merge import merge
from mixtrial.commands.answers.report import report

NAMES = ["participant", "song", "system", "attribute", "rating"]


def lab(shift: float, seed: int, n: int = 6) -> pd.DataFrame:
    """Ratings of two systems on three songs; the first lab's listeners prefer y by 20."""
    rng = np.random.default_rng(seed)
    rows = [
        (f"P{k}", f"s{s}", system, "overall", round(40 + level + 3 * s + rng.normal(0, 4)))
        for k in range(n)
        for s in range(3)
        for system, level in (("x", 0.0), ("y", 20.0 + shift))
    ]
    return pd.DataFrame(rows, columns=NAMES)


def written(table: pd.DataFrame, path: Path) -> Path:
    """The table as a file."""
    table.to_csv(path, index=False)
    return path


@pytest.fixture
def two(tmp_path: Path) -> list[Path]:
    """Two labs that disagree about y."""
    return [
        written(lab(0.0, 1), tmp_path / "north.csv"),
        written(lab(-25.0, 2), tmp_path / "south.csv"),
    ]


def test_two_labs_become_one_analysis(
    two: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Namesakes are two people; the report has the lab as a factor and says that they differ."""
    merge(two, out=tmp_path / "merged.csv")
    assert "72 rows of 12 participants (6 of north, 6 of south)." in capsys.readouterr().out
    merged = pd.read_csv(tmp_path / "merged.csv")
    assert set(merged["lab"]) == {"north", "south"}
    assert {"north P0", "south P0"} <= set(merged["participant"])
    report(tmp_path / "merged.csv", out=tmp_path / "o", pictures=False)
    results = json.loads((tmp_path / "o" / "results.json").read_text("utf-8"))
    section = results["attributes"]["overall"]
    assert section["lmm"]["formula"].startswith("rating ~ lab * system")
    north, south = (next(row for row in section["labs"]["pairs"] if row["lab"] == name)
                    for name in ("north", "south"))  # fmt: skip
    assert north["estimate"] < 0 < south["estimate"]
    assert section["labs"]["interaction"]["p"] < 0.001
    page = (tmp_path / "o" / "report.html").read_text("utf-8")
    text = " ".join(re.sub(r"<[^>]*>", "", page).split())
    assert "Do the labs agree? north, south: the differences between systems depend on the" in text
    assert "results of this model apply to these labs, with equal weights." in text
    assert "Lab × system (north, south; fixed" in (tmp_path / "o" / "methods.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            lambda t: t.replace({"system": {"y": "z"}}),
            "not rate the same systems: ",
        ),
        (
            lambda t: t.assign(rating=3, scale_minimum=1, scale_maximum=5),
            "overall has a different scale in each lab: 0 to 100 in north, 1 to 5",
        ),
        (lambda t: t.assign(lab="a"), "south is a merged table itself"),
        (lambda t: t.assign(song=t["song"].str.upper()), "s0 and S0|S0 and s0|S0|s0"),
        (lambda t: t.iloc[:0], "south has no ratings|no rows|empty"),
    ],
)
def test_what_does_not_fit_is_one_sentence(
    change: Callable[[pd.DataFrame], pd.DataFrame], sentence: str, two: list[Path], tmp_path: Path
) -> None:
    """Nothing is written."""
    written(change(lab(0.0, 2)), two[1])
    with pytest.raises(RatingsError, match=sentence):
        merge(two, out=tmp_path / "merged.csv")
    assert not (tmp_path / "merged.csv").exists()


def test_labs_are_named_each_once(two: list[Path], tmp_path: Path) -> None:
    """By --lab in their order, else by their files; never two alike."""
    out = tmp_path / "merged.csv"
    merge(two, out=out, lab=["Aalborg", "Zagreb"])
    assert set(pd.read_csv(out)["lab"]) == {"Aalborg", "Zagreb"}
    for given, sentence in (
        (["one"], "There are 2 sources, but 1 names"),
        (["one", "one"], "Two sources have the lab name 'one'"),
        (["one", " "], "The name of a lab is empty"),
    ):
        with pytest.raises(RatingsError, match=sentence):
            merge(two, out=out, lab=given)
    with pytest.raises(RatingsError, match="at least two labs"):
        merge(two[:1], out=out)


def test_labs_without_a_song_in_common_are_told(
    two: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """They are merged, with a sentence."""
    written(lab(0.0, 2).replace({"song": {"s0": "t0", "s1": "t1", "s2": "t2"}}), two[1])
    merge(two, out=tmp_path / "merged.csv")
    assert "no song was rated in all labs" in capsys.readouterr().err
