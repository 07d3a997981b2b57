"""R reads every exported table as it is meant: names as they stand, no column taken for empty."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from db.store.store import open_store
from mixtrial.exports.csv_text import as_csv
from mixtrial.exports.table import without_empty_columns
from tests.db.version_1 import STUDY, database_of_version_1

CHECK = """
for (path in commandArgs(trailingOnly = TRUE)) {
  table <- read.csv(path)
  header <- names(read.csv(path, check.names = FALSE))
  cat(basename(path), "renamed:", setdiff(header, names(table)), "\\n")
  cat(basename(path), "empty:", names(table)[sapply(table, function(x) all(is.na(x)))], "\\n")
  cat(basename(path), "logical:", names(table)[sapply(table, is.logical)], "\\n")
  flags <- table[intersect(c("finished", "consented", "correct"), names(table))]
  said <- as.logical(unlist(flags)[unlist(flags) != ""])
  cat(basename(path), "yes:", sum(said), "no:", sum(!said), "\\n")
}
"""
FLAGS = ("finished", "consented", "correct")


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="needs R (Debian: r-base-core)")
def test_r_keeps_every_name_and_finds_no_empty_column(tmp_path: Path) -> None:
    """``read.csv`` without any option; ``as.logical`` turns true and false into R's own."""
    store = open_store(f"sqlite:///{database_of_version_1(tmp_path)}")
    tables = {
        "ratings": store.ratings(STUDY).assign(part=""),  # as in a study without parts
        "trials": store.trials(STUDY),
        "comments": store.comments(STUDY),
        "listening": store.listening(STUDY),
        "participants": store.participants(STUDY),
        "pages": store.pages(STUDY),
        "events": store.events(STUDY),
    }
    store.close()
    paths = [tmp_path / f"{name}.csv" for name in tables]
    for path, table in zip(paths, tables.values(), strict=True):
        path.write_text(as_csv(without_empty_columns(table)), "utf-8", newline="")
    script = tmp_path / "check.R"
    script.write_text(CHECK, "utf-8")
    told = subprocess.run(
        ["Rscript", "--vanilla", script, *paths], capture_output=True, text=True, check=True
    )
    lines = [line.strip() for line in told.stdout.splitlines()]
    expected = []
    for name, table in tables.items():
        said = [table[flag].dropna().astype(bool) for flag in FLAGS if flag in table]
        yes = sum(int(flag.sum()) for flag in said)
        no = sum(map(len, said)) - yes
        expected += [f"{name}.csv {what}:" for what in ("renamed", "empty", "logical")]
        expected += [f"{name}.csv yes: {yes} no: {no}"]
    assert lines == expected
