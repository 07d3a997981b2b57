"""Simulated participants and real ones are kept apart, on every way in and out."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from db.records.errors import StoreError
from db.store.store import open_store
from harbour_study import build_stimuli, write_study
from mixtrial.commands.cli import app
from mixtrial.exports.csv_text import of_kinds
from mixtrial.participation.enrolment import enrol
from mixtrial.server.installation import load_installation
from mixtrial.server.settings import settings_for_study
from mixtrial.simulation.in_process import simulate_participants
from mixtrial.simulation.rehearsal import RehearsalOverError, refuse_beside_real

STUDY = "harbour-lights"


def run(*arguments: object) -> str:
    """Content of a command, once it has ended well."""
    done = CliRunner().invoke(app, [*map(str, arguments)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def kinds_in(database: Path) -> list[str]:
    """Whose answers a database holds."""
    with closing(open_store(f"sqlite:///{database.as_posix()}")) as store:
        return sorted(store.participants(STUDY)["participant_kind"])


def test_the_rehearsal_is_read_until_somebody_real_comes_and_never_after(tmp_path: Path) -> None:
    """The commands of the README; then one real participant, and a rehearsal that is deleted."""
    build_stimuli(tmp_path, n_songs=2)
    study, csv = write_study(tmp_path, n_songs=2), tmp_path / "r.csv"
    load_installation(settings_for_study(study)).store.close()  # served, nobody has come
    assert "apart from real participants" in run("simulate", study, "--participants", 2)
    assert kinds_in(tmp_path / "mixtrial.sqlite") == []
    assert kinds_in(tmp_path / "rehearsal.sqlite") == ["simulated", "simulated"]
    assert "this is the rehearsal" in run("export", study, "--out", csv)
    assert set(pd.read_csv(csv)["participant_kind"]) == {"simulated"}
    run("report", study, "--out", tmp_path / "report", "--no-pictures")
    results = json.loads((tmp_path / "report" / "results.json").read_text())
    assert results["report"]["sample"]["n_simulated"] == 2
    own = load_installation(settings_for_study(study))
    enrol(own)
    own.store.close()
    run("simulate", study, "--participants", 1)  # goes on in the rehearsal
    assert kinds_in(tmp_path / "mixtrial.sqlite") == ["participant"]
    told = run("export", study, "--table", "participants", "--out", csv)
    assert "this is the rehearsal" not in told
    assert len(pd.read_csv(csv)) == 1
    for file in tmp_path.glob("rehearsal.sqlite*"):  # with the log of a store that is still open
        file.unlink()
    assert "(P001 to P001" in run("simulate", study, "--participants", 1)


def test_no_way_leads_simulated_participants_beside_real_ones(tmp_path: Path) -> None:
    """The study's own database by name, one of somebody real, and a server's doors."""
    study = write_study(tmp_path)
    own = f"sqlite:///{(tmp_path / 'mixtrial.sqlite').as_posix()}"
    refused = CliRunner().invoke(app, ["simulate", str(study), "--database", own])
    assert isinstance(refused.exception, StoreError)
    assert "Leave --database out" in str(refused.exception)
    other = f"sqlite:///{(tmp_path / 'other.sqlite').as_posix()}"
    installation = load_installation(settings_for_study(study, None, other))
    refuse_beside_real(installation)
    enrol(installation)
    with pytest.raises(RehearsalOverError, match="kept apart"):
        refuse_beside_real(installation)
    installation.store.close()
    refused = CliRunner().invoke(app, ["simulate", str(study), "--database", other])
    assert "real participants have taken part here" in str(refused.exception)
    assert kinds_in(tmp_path / "other.sqlite") == ["participant"]


def test_what_stands_beside_each_other_since_before_is_kept_and_read_apart(tmp_path: Path) -> None:
    """A database of an earlier version with both: nothing is lost, and the real ones are read."""
    build_stimuli(tmp_path, n_songs=2)
    study = write_study(tmp_path, n_songs=2)
    own = load_installation(settings_for_study(study))
    list(simulate_participants(own, 1, seed=1))
    enrol(own)
    own.store.close()
    csv = tmp_path / "people.csv"
    run("export", study, "--table", "participants", "--out", csv)
    assert list(pd.read_csv(csv)["participant_kind"]) == ["participant"]
    run("export", study, "--table", "participants", "--with-simulated", "--out", csv)
    assert len(pd.read_csv(csv)) == 2
    assert kinds_in(tmp_path / "mixtrial.sqlite") == ["participant", "simulated"]
    alone = pd.DataFrame({"participant_kind": ["simulated"]})
    assert len(of_kinds(alone, None)) == 1
