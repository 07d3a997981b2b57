"""Archives read by other programs: R gives their numbers again, published schemas hold."""

from __future__ import annotations

import json
import re
import runpy
import shutil
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pandas as pd
import pytest
import yaml

import places
from analysis.findings.json_form import json_form
from analysis.methods.lmm import lmm_section
from docs_examples import example_of
from mixtrial.commands.answers.archive import archive
from mixtrial.commands.study.simulate import simulate
from mixtrial.exports.column_meanings import type_of
from mixtrial.reporting.analysed_data import analysed_data
from mixtrial.reporting.archive_files import load_py, load_r
from mixtrial.reporting.archive_files.archive_file import PackedStudy
from mixtrial.reporting.archive_files.citation import citation
from mixtrial.reporting.archive_files.datapackage import data_package
from mixtrial.reporting.archive_files.script_text import quoted
from mixtrial.reporting.archive_reader import packed_data
from page_types_study import write_page_types_study
from stimuli.loading.load import load_study

SCHEMAS = places.ROOT / "tests" / "data" / "schemas"
PARTS = """
parts:
  - {type: mushra, name: quality, songs: [amber, birch], reference: human}
  - {type: preference, name: taste, songs: [amber], pairs: [[baseline, cnn], [cnn, random]]}
comments: page
pages: {training: false, repeated_songs: 1}
"""
HOSTILE = '=1+1 "quoted", ünïcödé, two\nlines'


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> PackedStudy:
    """An archive of a MUSHRA test; one of eight simulated participants is screened out."""
    path = write_page_types_study(tmp_path_factory.mktemp("study"), parts=PARTS)
    with path.open("a", encoding="utf-8") as file:
        file.write(example_of("archive.md", "yaml"))
    simulate(path, participants=8, seed=3)
    with closing(sqlite3.connect(path.with_name("rehearsal.sqlite"))) as database, database:
        database.execute(
            "UPDATE rating SET value = 10 WHERE slot_id IN (SELECT slot.id FROM slot JOIN page"
            " ON page.id = page_id JOIN participant ON participant.id = participant_id"
            " WHERE system = 'human' AND participant_index = 0)"
        )
        database.execute(
            "INSERT INTO event (page_id, epoch, seq, event_index, t_ms, kind, position, value,"
            " received_at) SELECT id, 9, 9, 1, 2.0, 'comment', NULL, ?, closed_at FROM page"
            " WHERE page_type = 'mushra' ORDER BY id LIMIT 1",
            [HOSTILE],
        )
    out = tmp_path_factory.mktemp("packed") / "archive"
    archive(path, out=out)
    return PackedStudy(out, load_study(path), packed_data(out), datetime(2026, 5, 4, tzinfo=UTC))


def in_r(archive_folder: Path, folder: Path) -> dict[str, Any]:
    """Tests and pairs that the archive's ``load.R`` comes to, and what type its columns have."""
    script = folder / "check.R"
    script.write_text(
        f"sink('/dev/null'); source('{archive_folder}/load.R', chdir = TRUE); sink()\n"
        "told <- list(omnibus = lapply(models, function(m) cbind(term = rownames(m$omnibus),"
        " data.frame(m$omnibus))), pairs = lapply(models, function(m) cbind(pair ="
        " rownames(m$pairs), data.frame(m$pairs))), types = lapply(ratings, class),"
        " comment = if (exists('comments')) comments$comment, title = title)\n"
        "cat(jsonlite::toJSON(told, digits = NA, auto_unbox = TRUE))\n",
        "utf-8",
    )
    done = subprocess.run(
        ["Rscript", "--vanilla", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def assert_same_numbers(told: dict[str, Any], lmm: dict[str, Any]) -> None:
    """R's tests of the terms and of each pair are those of a section ``lmm``, to 1e-6."""
    terms = {row["term"]: row for row in told["omnibus"]["overall"]}
    assert set(terms) == set(lmm["omnibus"])
    for term, found in lmm["omnibus"].items():
        row = terms[term]
        numbers = [row["F.value"], row["NumDF"], row["DenDF"], row["Pr..F."]]
        expected = [found["f"], found["df1"], found["df2"], found["p"]]
        assert numbers == pytest.approx(expected, rel=1e-6, abs=1e-6)
    pairs = {row["pair"]: row for row in told["pairs"]["overall"]}
    assert len(pairs) == len(lmm["pairs"]) > 1
    for found in lmm["pairs"]:
        row = pairs[f"system{found['a']} - system{found['b']}"]
        numbers = [row["Estimate"], row["Std..Error"], row["df"], row["Pr...t.."]]
        expected = [found["estimate"], found["se"], found["df"], found["p"]]
        assert numbers == pytest.approx(expected, rel=1e-6, abs=1e-6)


def has_lmer_test() -> bool:
    """Whether R is there with what ``load.R`` and this test need."""
    if shutil.which("Rscript") is None:
        return False
    needed = "for (p in c('lmerTest', 'pbkrtest', 'jsonlite')) library(p, character.only = TRUE)"
    done = subprocess.run(["Rscript", "--vanilla", "-e", needed], capture_output=True, check=False)
    return done.returncode == 0


@pytest.fixture(scope="module")
def r_packages() -> None:
    """Skip by name where R lacks a package."""
    if not has_lmer_test():
        pytest.skip("needs R with lmerTest, pbkrtest and jsonlite (Debian: r-cran-lmertest)")


def test_load_r_gives_the_archives_numbers_by_satterthwaite(
    packed: PackedStudy, r_packages: None, tmp_path: Path
) -> None:
    """One part, nobody excluded, no reference and no anchor; zero variances left out."""
    assert [one["participant"] for one in packed.results["data"]["excluded"]] == ["P001"]
    told = in_r(packed.folder, tmp_path)
    found = packed.results["attributes"]["overall"]["lmm"]
    assert found["df_method"] == "satterthwaite"
    assert_same_numbers(told, found)
    assert told["types"]["system"] == "factor"
    assert told["types"]["rating"] == "numeric"
    assert told["types"]["finished"] == "logical"
    assert told["types"]["opened_at"] == ["POSIXct", "POSIXt"]
    assert told["comment"] in (HOSTILE, [HOSTILE])


@pytest.mark.slow
def test_load_r_gives_the_archives_numbers_by_kenward_roger(
    packed: PackedStudy, r_packages: None, tmp_path: Path
) -> None:
    """Where the results count degrees of freedom so, R does: variances of zero count too."""
    options = packed.data.options.settled(packed.data.facts.plan)
    rows = analysed_data(packed.data, options).ratings
    rows = rows[~rows["system"].isin(packed.results["settings"]["apart"])]
    rows = rows[rows["participant"] != "P001"]
    section = lmm_section(rows, sorted(rows["system"].unique()), 5.0, "kenward-roger")
    results = json.loads(json.dumps(packed.results))
    results["attributes"]["overall"]["lmm"] = json_form(section)
    folder = tmp_path / "archive"
    shutil.copytree(packed.folder, folder)
    (folder / "results" / "results.json").write_text(json.dumps(results), "utf-8")
    (folder / "load.R").write_text(load_r.script(replace(packed, folder=folder)), "utf-8")
    told = in_r(folder, tmp_path)
    assert_same_numbers(told, results["attributes"]["overall"]["lmm"])


@pytest.mark.slow
def test_load_r_says_which_declared_model_it_does_not_fit(
    packed: PackedStudy, r_packages: None, tmp_path: Path
) -> None:
    """Where the plan declares the ordinal model, R prints the other one and says so."""
    assert "is not fitted here" not in (packed.folder / "load.R").read_text("utf-8")
    results = json.loads(json.dumps(packed.results))
    results["attributes"]["overall"]["primary_model"] = "ordinal"
    folder = tmp_path / "archive"
    shutil.copytree(packed.folder, folder)
    (folder / "results" / "results.json").write_text(json.dumps(results), "utf-8")
    (folder / "load.R").write_text(load_r.script(replace(packed, folder=folder)), "utf-8")
    command = ["Rscript", "--vanilla", "load.R"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "The declared primary model is the cumulative link mixed model" in done.stderr
    assert "under ordinal. It is not fitted here" in done.stderr
    assert done.stderr.rstrip().endswith("of: overall")


def test_load_r_fits_no_mixed_model_without_random_terms(
    packed: PackedStudy, tmp_path: Path
) -> None:
    """Where every variance is zero, lmer would stop; the script says so and reads the tables."""
    results = json.loads(json.dumps(packed.results))
    lmm = results["attributes"]["overall"]["lmm"]
    lmm["df_method"], lmm["dropped"] = "satterthwaite", re.findall(r"\(1\|(.+?)\)", lmm["formula"])
    folder = tmp_path / "archive"
    shutil.copytree(packed.folder, folder)
    (folder / "results" / "results.json").write_text(json.dumps(results), "utf-8")
    told = load_r.script(replace(packed, folder=folder))
    assert lmm["dropped"]
    assert '"overall" = fitted_again' not in told
    assert 'message("No random term of overall has a variance above zero' in told


def test_load_py_has_the_rows_that_were_analysed_with_their_types(packed: PackedStudy) -> None:
    """As many as the results say; categories, whole numbers, times, yes and no."""
    tables = runpy.run_path(str(packed.folder / "load.py"))
    analysed, found = tables["analysed"], packed.results["attributes"]["overall"]
    assert len(analysed) == found["lmm"]["n_ratings"]
    assert set(analysed["part"]) == {"quality"}
    median = analysed.groupby("system", observed=True)["rating"].median()
    told = {row["system"]: row["median"] for row in found["descriptives"] if not row["group"]}
    assert median.to_dict() == {name: told[name] for name in ("baseline", "cnn", "random")}
    dtypes = tables["ratings"].dtypes.astype(str)
    assert dtypes["system"] == "category"
    assert dtypes["rating"] == "float64"
    assert dtypes["page_index"] == "Int64"
    assert dtypes["finished"] == "boolean"
    assert dtypes["opened_at"].startswith("datetime64[")
    assert tables["comments"]["comment"].tolist() == [HOSTILE]


def test_the_example_of_the_docs_reads_the_archive(
    packed: PackedStudy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """As it stands there, beside a folder called archive."""
    (tmp_path / "archive").symlink_to(packed.folder)
    monkeypatch.chdir(tmp_path)
    exec(example_of("archive.md"), {})
    assert re.search(r"overall +baseline", capsys.readouterr().out)


def test_the_data_package_is_valid_and_its_tables_keep_what_it_says(packed: PackedStudy) -> None:
    """The published profile; columns, types, keys and links between tables hold in the files."""
    content = json.loads((packed.folder / "datapackage.json").read_text("utf-8"))
    schema = json.loads((SCHEMAS / "data-package-1.0.json").read_text("utf-8"))
    jsonschema.validate(content, schema)
    assert content["licenses"][0]["name"] == "CC-BY-4.0"
    resources = {one["name"]: one for one in content["resources"]}
    assert {"ratings", "participants", "pages", "trials", "comments", "manifest"} <= set(resources)
    cells = {
        name: pd.read_csv(packed.folder / one["path"], dtype=str, keep_default_na=False)
        for name, one in resources.items()
    }
    for name, one in resources.items():
        table, told = cells[name], one["schema"]
        assert [field["name"] for field in told["fields"]] == table.columns.tolist()
        assert all(field["description"] and field["unit"] for field in told["fields"]), name
        assert one["bytes"] == (packed.folder / one["path"]).stat().st_size
        key = told.get("primaryKey")
        assert key is None or not table[key].duplicated().any()
        assert key is None or (table[key] != "").all(axis=None)
        for link in told.get("foreignKeys", ()):
            there = cells[link["reference"]["resource"]][link["reference"]["fields"]]
            here = table[link["fields"]]
            assert set(map(tuple, here.to_numpy())) <= set(map(tuple, there.to_numpy()))
    types = {field["name"]: field["type"] for field in resources["ratings"]["schema"]["fields"]}
    assert types["rating"] == "number"
    assert types["page_index"] == "integer"
    assert types["rated_at"] == "datetime"
    assert types["finished"] == "boolean"
    assert types["system"] == "string"


def test_a_column_is_text_where_a_cell_does_not_fit_its_unit() -> None:
    """A number that can be declined; a count with a half; nothing at all fits everything."""
    assert type_of("years", pd.Series(["3", "", "4.5"])) == "number"
    assert type_of("years", pd.Series(["3", "prefer_not_to_say"])) == "string"
    assert type_of("count", pd.Series(["1", "1.5"])) == "string"
    assert type_of("true or false", pd.Series(["true", "no"])) == "string"
    assert type_of("time, UTC", pd.Series(["yesterday"])) == "string"
    assert type_of("time, UTC", pd.Series(["2026-05-04T01:02:03.004Z", ""])) == "datetime"


def test_the_citation_is_valid_and_names_authors_and_licence(packed: PackedStudy) -> None:
    """The published schema; without a key `publication` the authors are a group."""
    schema = json.loads((SCHEMAS / "citation-file-format-1.2.0.json").read_text("utf-8"))
    content = yaml.safe_load((packed.folder / "CITATION.cff").read_text("utf-8"))
    jsonschema.validate(content, schema)
    assert content["authors"][0] == {
        "family-names": "Lovelace", "given-names": "Ada", "affiliation": "A laboratory",
        "orcid": "https://orcid.org/0000-0002-1825-0097",
    }  # fmt: skip
    assert (content["license"], content["doi"]) == ("CC-BY-4.0", "10.5281/zenodo.1234567")
    nobody = packed.study.model_copy(
        update={"publication": type(packed.study.publication)(), "title": "“x”: {a: b}\n- c"}
    )
    unnamed = citation(replace(packed, study=nobody))
    jsonschema.validate(unnamed, schema)
    assert unnamed["authors"] == [{"name": "The authors of ““x”: {a: b}\n- c”"}]
    assert "licenses" not in data_package(replace(packed, study=nobody))


def test_the_research_object_keeps_the_rules_of_its_specification(packed: PackedStudy) -> None:
    """RO-Crate 1.1: a flat graph, one descriptor, a root with what it must have, all files."""
    content = json.loads((packed.folder / "ro-crate-metadata.json").read_text("utf-8"))
    assert content["@context"] == "https://w3id.org/ro/crate/1.1/context"
    graph = {entity["@id"]: entity for entity in content["@graph"]}
    assert len(graph) == len(content["@graph"])
    about = graph["ro-crate-metadata.json"]
    assert about["@type"] == "CreativeWork"
    assert about["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    root = graph[about["about"]["@id"]]
    assert (root["@id"], root["@type"]) == ("./", "Dataset")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", root["datePublished"])
    assert root["name"]
    assert root["description"]
    for entity in graph.values():
        assert entity["@type"]
        for value in entity.values():
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, dict):
                    assert set(each) == {"@id"}
                    assert each["@id"] in graph or each["@id"].startswith("https://w3id.org/")
    files = {path.relative_to(packed.folder).as_posix() for path in packed.folder.rglob("*.*")}
    listed = {part["@id"] for part in root["hasPart"]}
    assert listed == files - {"ro-crate-metadata.json"}
    for name in listed:
        assert graph[name]["@type"] == "File"
        assert graph[name]["contentSize"] == str((packed.folder / name).stat().st_size)
    assert graph[root["license"]["@id"]]["name"] == "CC-BY-4.0"
    assert [graph[each["@id"]]["@type"] for each in root["author"]] == ["Person", "Organization"]


def test_the_code_metadata_names_the_program(packed: PackedStudy) -> None:
    """CodeMeta 3: its context, and what identifies a version."""
    content = json.loads((packed.folder / "codemeta.json").read_text("utf-8"))
    assert content["@context"] == "https://w3id.org/codemeta/3.0"
    assert (content["type"], content["name"]) == ("SoftwareSourceCode", "mixtrial")
    assert content["version"] in (packed.folder / "environment.txt").read_text("utf-8")


def test_what_a_study_is_called_runs_in_no_script(packed: PackedStudy, tmp_path: Path) -> None:
    """A title with quotes and lines stays a text, in Python as in R."""
    title = '")\nraise SystemExit("run") #\n%s \U0001f3a7\\'
    named = replace(packed, study=packed.study.model_copy(update={"title": title}))
    for name, script in (("load.py", load_py.script(named)), ("load.R", load_r.script(named))):
        assert quoted(title) in script, name
        assert script.isascii()
    (tmp_path / "load.py").write_text(load_py.script(named), "utf-8")
    for folder in ("data", "stimuli"):
        (tmp_path / folder).symlink_to(packed.folder / folder)
    assert runpy.run_path(str(tmp_path / "load.py"))["TITLE"] == title
    assert data_package(named)["title"] == title
