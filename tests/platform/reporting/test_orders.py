"""Rankings and picks of the best: simulated, exported, read again, and reported as the study's."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from harbour_study import open_installation, write_study
from mixtrial.commands import cli
from mixtrial.exports.csv_text import download
from mixtrial.simulation.in_process import simulate_participants

N_PARTICIPANTS = 8
PARTS = "pages: {training: false}\nparts:\n  - {type: ranking}\n  - {type: best}\n"


def reported(source: Path, out: Path) -> tuple[dict[str, Any], str]:
    """Content of results.json and the page that ``mixtrial report`` writes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["mixtrial", "report", str(source), "--no-pictures", "--out",
                                    str(out)])  # fmt: skip
        with pytest.raises(SystemExit, match="0"):
            cli.main()
    page = (out / "report.html").read_text(encoding="utf-8")
    return json.loads((out / "results.json").read_text(encoding="utf-8")), page


def test_orders_are_exported_read_again_and_reported_alike(tmp_path: Path) -> None:
    """Four mixes: six pairs of a ranking, three of a pick; the table tells the same strengths."""
    study = write_study(tmp_path, n_songs=2)
    study.write_text(study.read_text(encoding="utf-8") + PARTS, encoding="utf-8")
    installation = open_installation(study)
    try:
        list(simulate_participants(installation, N_PARTICIPANTS, seed=1))
        text, balance = download(installation, "trials"), download(installation, "balance")
    finally:
        installation.store.close()
    trials = pd.read_csv(io.StringIO(text))
    n_pages = 2 * N_PARTICIPANTS
    assert trials.groupby("trial_kind").size().to_dict() == {
        "ranking": 6 * n_pages, "best": 3 * n_pages,
    }  # fmt: skip
    assert "ranking: system in a position on the page" in balance
    table = tmp_path / "trials.csv"
    table.write_text(text, encoding="utf-8")
    of_study, page = reported(study, tmp_path / "of-study")
    of_table, _ = reported(table, tmp_path / "of-table")
    for kind, model in (("ranking", "Plackett–Luce model"), ("best", "Conditional logit model")):
        (entry,), (again,) = of_study["trials"][kind], of_table["trials"][kind]
        assert (entry["n_trials"], entry["n_participants"]) == (n_pages, N_PARTICIPANTS)
        assert again["model"] == entry["model"]
        assert again["placed"] == entry["placed"]
        assert model in page
    assert 'id="ranking-1"' in page
    assert 'id="best-1"' in page
