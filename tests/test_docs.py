"""Documentation that cannot rot: what it shows runs, what it links to is there."""

from __future__ import annotations

import io
import re
import sys
import types
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from jsonschema import Draft202012Validator

import analysis.methods
import mixtrial.exports
import places
import stimuli.page_types
from analysis.findings.json_form import json_form, json_schema
from analysis.methods.registry import methods
from analysis.ratings.table import read_ratings
from analysis.report.placed import placed
from analysis.report.plain_tables import plain_tables
from analysis.report.tables import tables_of
from analysis.results import analyse
from docs_examples import example_of, one_more_file
from harbour_study import SYSTEMS, open_installation, write_study
from mixing.audio import Song
from mixing.meters.loudness import integrated_loudness
from mixing.systems.base import SystemSettings
from mixtrial.exports import registry
from mixtrial.exports.csv_text import download, rated_pages
from mixtrial.simulation.in_process import simulate_participants
from stimuli.design.session import plan_session
from stimuli.loading.load import load_study
from stimuli.page_types.registry import page_types
from stimuli.study.study import StudyError
from tests.analysis.results_schema import PUBLISHED

ROOT = places.ROOT
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_the_example_of_a_new_system_mixes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file that docs/add-a-system.md shows is a system: its vocal lies 12 LU below."""
    source = example_of("add-a-system.md")
    module = types.ModuleType("whisper")
    monkeypatch.setitem(sys.modules, "whisper", module)  # dataclasses look their module up
    exec(compile(source, "add-a-system.md", "exec"), module.__dict__)
    assert module.NAME == "whisper"
    rng = np.random.default_rng(5)
    vocal, backing = (
        (0.05 * rng.standard_normal((2, 4 * 44_100))).astype(np.float32) for _ in range(2)
    )
    mix = module.create(SystemSettings()).mix(Song(vocal, backing, 44_100))
    difference_lu = integrated_loudness(mix.vocal, 44_100) - integrated_loudness(
        mix.backing, 44_100
    )
    assert difference_lu == pytest.approx(-12.0, abs=0.05)


def test_the_example_of_a_new_format_leaves_the_study(tmp_path: Path) -> None:
    """The one file of docs/add-an-export.md is found, offered and written: a system a column."""
    installation = open_installation(write_study(tmp_path, n_songs=2))
    forget = registry.exports.cache_clear
    with one_more_file(mixtrial.exports, "wide", "add-an-export.md", tmp_path, forget):
        list(simulate_participants(installation, 2, seed=1))
        assert list(registry.offered_exports(installation.study))[:2] == ["ratings", "wide"]
        wide = pd.read_csv(io.StringIO(download(installation, "wide")))
    long = rated_pages(installation.store.ratings(installation.study.identifier))
    installation.store.close()
    systems = sorted(long["system"].unique())
    assert list(wide.columns[-len(systems) :]) == systems
    assert len(wide) * len(systems) == len(long)
    for _, row in long.iterrows():
        at = (wide["participant"] == row["participant"]) & (wide["song"] == row["song"])
        [found] = wide.loc[at & (wide["attribute"] == row["attribute"]), row["system"]]
        assert found == row["rating"]


def test_the_example_of_a_new_page_type_is_one(tmp_path: Path) -> None:
    """The file of docs/add-a-page-type.md is found; a study may name it, but not its fixed keys."""
    study = write_study(tmp_path, n_songs=2)
    asked = study.read_text(encoding="utf-8")
    forget = page_types.cache_clear
    with one_more_file(stimuli.page_types, "glance", "add-a-page-type.md", tmp_path, forget):
        study.write_text(f"{asked}parts: [{{type: glance}}]\n", encoding="utf-8")
        [part] = load_study(study, SYSTEMS).page_parts
        pages = plan_session(load_study(study, SYSTEMS), 0).pages
        study.write_text(f"{asked}parts: [{{type: glance, playback: loop}}]\n", encoding="utf-8")
        with pytest.raises(StudyError, match="playback"):
            load_study(study, SYSTEMS)
    assert (part.type, part.options.playback, part.options.on_switch) == (
        "glance", "once", "restart",
    )  # fmt: skip
    assert "at a glance" in part.options.method
    assert {page.page_type for page in pages} == {"glance"}
    assert all(sorted(page.systems) == sorted(SYSTEMS) for page in pages)


def test_the_example_of_a_new_test_is_computed_and_shown(tmp_path: Path) -> None:
    """The file of docs/add-a-test.md is run on every attribute: 8 of 8 listeners is p = 2 / 2^8."""
    ratings = pd.DataFrame(
        [(f"p{p}", song, system, "overall", 50.0 + p + gain + 3 * (song == "two"))
         for p in range(8) for song in ("one", "two")
         for system, gain in (("a", 5.0), ("b", 0.0), ("c", -20.0 if p else 7.0))],
        columns=["participant", "song", "system", "attribute", "rating"],
    )  # fmt: skip
    ratings.to_csv(tmp_path / "ratings.csv", index=False)
    forget = methods.cache_clear
    with one_more_file(analysis.methods, "sign_test", "add-a-test.md", tmp_path, forget):
        found = analyse(read_ratings(tmp_path / "ratings.csv"), n_bootstrap=50)
        results = json_form(found)
        rows = json_schema(list[import_module("analysis.methods.sign_test").SignTest])
        Draft202012Validator(rows).validate(results["attributes"]["overall"]["sign_test"])
        PUBLISHED.validate(results)
        [table] = plain_tables(placed(results).attributes.overall)
        csv = tables_of(found)["sign-test"]
    rows = results["attributes"]["overall"]["sign_test"]
    assert [(row["a"], row["b"], row["n_above"]) for row in rows] == [
        ("a", "b", 8), ("a", "c", 7), ("b", "c", 7),
    ]  # fmt: skip
    assert rows[0]["p"] == pytest.approx(2 / 2**8)
    assert rows[1]["p"] == pytest.approx(2 * 9 / 2**8)
    assert table.title == "Sign test on listener means"
    p = table.lines[0][list(table.columns).index("p")]
    assert p.value is not None
    assert p.value.place == ("attributes", "overall", "sign_test", 0, "p")
    assert p.style == "p_cell"
    assert csv["n_above"].to_list() == [8, 7, 7]


def test_the_example_of_an_analysis_from_python_finds_what_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two systems ten points apart for everybody, give or take a point."""
    rows = [
        f"p{who},s{song},{system},overall,{value + song}"
        for who in range(6) for song in range(3)
        for system, value in (("a", 60), ("b", 49 + who % 2 * 2))
    ]  # fmt: skip
    header = "participant,song,system,attribute,rating"
    (tmp_path / "ratings.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    scope: dict[str, Any] = {}
    exec(compile(example_of("results.md", name="analyse"), "results.md", "exec"), scope)
    assert scope["differences"] == {("a", "b"): pytest.approx(10.0)}
    assert scope["again"].attributes["overall"].paired_t == scope["pairs"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    """A link or picture within the repository names a file that is there."""
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    inner = [target for target in targets if not target.startswith(("http:", "https:", "mailto:"))]
    assert [target for target in inner if not (page.parent / target).exists()] == []


def test_the_readme_leads_to_every_page_of_the_docs() -> None:
    """No page of documentation is an orphan."""
    everything = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert [page.name for page in PAGES[1:] if f"({page.name}" not in everything
            and f"docs/{page.name}" not in everything] == []  # fmt: skip


def test_the_menu_of_make_is_complete() -> None:
    """Every target that a reader may call has its line in ``make help``."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.*)$", text, flags=re.MULTILINE)
    assert phony is not None
    for target in phony.group(1).split():
        assert re.search(rf"^{target}:.*## \S", text, flags=re.MULTILINE), target
