"""Every exported table with participants says who is excluded, by which declared rule."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from harbour_study import open_installation, write_study
from mixtrial.commands.cli import app
from mixtrial.exports.csv_text import download
from mixtrial.reporting.exclusions.column import with_exclusions
from mixtrial.server.installation import Installation
from mixtrial.simulation.in_process import simulate_participants

PLAN = "analysis:\n  reference: human\n"


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Simulated listeners of a study whose hidden reference not all of them recognise."""
    path = write_study(tmp_path_factory.mktemp("excluded"))
    path.write_text(path.read_text("utf-8") + PLAN, "utf-8")
    installation = open_installation(path)
    list(simulate_participants(installation, 8, seed=3))
    yield installation
    installation.store.close()


def table_of(installation: Installation, name: str) -> pd.DataFrame:
    """An export as the dashboard gives it."""
    text = download(installation, name, with_exclusions)
    return pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)


def test_every_table_says_who_is_excluded(study: Installation) -> None:
    """As the rule of BS.1534-3 counts in the exported ratings themselves."""
    ratings = table_of(study, "ratings")
    reference = ratings[ratings["system"] == "human"]
    low = (reference["rating"].astype(float) < 90).groupby(reference["participant"]).mean()
    expected = {who: "hidden_reference" if share > 0.15 else "" for who, share in low.items()}
    assert "hidden_reference" in expected.values()
    for name in ("ratings", "participants", "listening", "events", "by_participant"):
        told = table_of(study, name)
        said = told.drop_duplicates("participant").set_index("participant")["excluded_by"]
        assert said.to_dict() == expected, name
        assert told.groupby("participant")["excluded_by"].nunique().max() == 1


def test_the_codebook_explains_it_in_each_of_them(study: Installation) -> None:
    """WebMUSHRA's columns stay webMUSHRA's, and a table without participants has none."""
    codebook = table_of(study, "codebook")
    told = codebook[codebook["column"] == "excluded_by"]
    named = set(codebook.loc[codebook["column"] == "participant", "table"])
    assert set(told["table"]) == named - {"webmushra"}
    assert told["meaning"].str.startswith("rules of the plan by which the report leaves").all()
    assert "excluded_by" not in table_of(study, "webmushra")
    assert "excluded_by" not in table_of(study, "stimuli")


def test_the_command_writes_the_same_column(study: Installation, tmp_path: Path) -> None:
    """`mixtrial export` and the dashboard's download agree."""
    out = tmp_path / "participants.csv"
    path = str(study.settings.study_path)
    done = CliRunner().invoke(
        app, ["export", path, "--table", "participants", "--out", str(out),
              "--database", study.settings.database_url],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert list(pd.read_csv(out, keep_default_na=False)["excluded_by"]) == list(
        table_of(study, "participants")["excluded_by"]
    )


def test_nobody_excluded_leaves_the_column_out(tmp_path: Path) -> None:
    """Without a rule that applies, tables are as they were."""
    installation = open_installation(write_study(tmp_path))
    list(simulate_participants(installation, 2, seed=3))
    assert "excluded_by" not in table_of(installation, "participants")
    assert "excluded_by" not in set(table_of(installation, "codebook")["column"])
    installation.store.close()
