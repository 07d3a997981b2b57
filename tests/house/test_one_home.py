"""One fact has one home: a constant that is changed once is followed wherever it is shown."""

from __future__ import annotations

import ast
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from typing import Any, get_args

import pytest

import places
from analysis.defaults import DF_NAMES, MODEL_NAMES
from analysis.sequential.spending import SPENDING
from harbour_study import write_study
from stimuli.standards import limits, rules
from stimuli.study_keys.declared_plan import DeclaredPlan
from stimuli.study_keys.plan_keys.looks import Spending

SHOWS_THE_MARGIN = """
import json, sys
from pathlib import Path
from unittest import mock
import numpy as np, pandas as pd
from typer.testing import CliRunner
from mixtrial.commands.cli import app
from mixtrial.dashboard.views.answers.explored_figure import explored_figure, look_for, model_of
from stimuli.loading.load import load_study

folder, study = Path(sys.argv[1]), Path(sys.argv[2])
index = pd.MultiIndex.from_product(
    [["P1", "P2", "P3", "P4"], ["a", "b"], ["cnn", "human"]],
    names=["participant", "song", "system"],
)
rows = index.to_frame(index=False).assign(group="all", attribute="overall")
rows["rating"] = np.random.default_rng(1).uniform(20, 80, len(rows)).round()
rows.to_csv(folder / "ratings.csv", index=False)

def mixtrial(*arguments):
    done = CliRunner().invoke(app, [str(one) for one in arguments], env={"COLUMNS": "200"})
    assert done.exit_code == 0, done.output
    return done.output

with mock.patch("mixtrial.commands.study.plan.chromium_path", lambda: None):
    mixtrial("report", folder / "ratings.csv", "--no-pictures", "--out", folder / "report")
    mixtrial("plan", study, "--draws", 100, "--out", folder / "plan")
loaded = load_study(study)
section = model_of(rows, loaded, "overall")
shown = {system: system for system in loaded.rated_names}
figure = explored_figure("forest", rows, section, look_for(rows, loaded, shown)).figure
print(json.dumps({
    "report": json.loads((folder / "report" / "results.json").read_text())["settings"]["margin"],
    "page": (folder / "report" / "report.html").read_text(),
    "plan": json.loads((folder / "plan" / "plan.json").read_text())["margin"],
    "section": section.lmm.pairs[0].margin,
    "explorer": [note.text for note in figure.layout.annotations],
    "help": [mixtrial(command, "--help") for command in ("report", "plan")],
}))
"""


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Output of report, planner, explorer and help after one line of the analysis was changed."""
    folder = tmp_path_factory.mktemp("margin")
    shutil.copytree(places.ROOT / "analysis", folder / "analysis")
    home = folder / "analysis" / "defaults.py"
    text = home.read_text("utf-8")
    assert text.count("DEFAULT_MARGIN = 0.05\n") == 1
    home.write_text(text.replace("DEFAULT_MARGIN = 0.05\n", "DEFAULT_MARGIN = 0.075\n"), "utf-8")
    path = os.pathsep.join(map(str, (folder, places.ROOT, places.ROOT / "platform")))
    done = subprocess.run(
        [sys.executable, "-c", SHOWS_THE_MARGIN, str(folder), str(write_study(folder))],
        cwd=folder, env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_a_margin_changed_once_is_the_reports(shown: dict[str, Any]) -> None:
    """Its number and its words."""
    assert shown["report"] == 7.5
    assert "±7.5 points" in re.sub(r"<[^>]*>", "", shown["page"])
    assert "±5 points" not in re.sub(r"<[^>]*>", "", shown["page"])


def test_a_margin_changed_once_is_the_planners(shown: dict[str, Any]) -> None:
    """Nothing in the study declares another."""
    assert shown["plan"] == 7.5


def test_a_margin_changed_once_is_the_explorers(shown: dict[str, Any]) -> None:
    """In the test of equivalence and in the band of the figure."""
    assert shown["section"] == 7.5
    assert "margin ±7.5" in shown["explorer"]


def test_a_margin_changed_once_stands_in_both_helps(shown: dict[str, Any]) -> None:
    """The help texts say the default that counts."""
    for text in shown["help"]:
        assert "default: as in the plan, or 7.5 % of the range." in " ".join(
            text.replace("│", " ").split()
        )


def lines_with(pattern: str, *suffixes: str) -> list[str]:
    """Files of the four floors and the platform that hold a pattern, once for each line."""
    found = []
    for floor in ("mixing", "stimuli", "db", "analysis", "platform"):
        for path in sorted((places.ROOT / floor).rglob("*")):
            if path.suffix in suffixes and "node_modules" not in path.parts:
                name = path.relative_to(places.ROOT).as_posix()
                lines = path.read_text("utf-8").splitlines()
                found += [name for line in lines if re.search(pattern, line)]
    return found


CODE = (".py", ".j2", ".html")


@pytest.mark.parametrize(
    ("fact", "pattern", "homes"),
    [
        (
            "the margin",
            r"(?i)margin\b[^=\n]*(=|\bor\b)[^=\n]*\b(5(\.0)?|0?\.05)\b",
            {"analysis/defaults.py"},
        ),
        (
            "the degrees of freedom",
            r"[\"'](satterthwaite|kenward-roger)[\"']",
            # a study file may name what the analysis knows; stimuli cannot ask the analysis
            {"analysis/defaults.py", "stimuli/study_keys/declared_plan.py"},
        ),
        (
            "the adjustment of p-values",
            r"[\"'](holm|benjamini-hochberg)[\"']",
            {"analysis/statistics/multiplicity.py"},
        ),
        (
            "the words of a verdict",
            r"trivially different|but trivially",
            {"analysis/findings/pairs.py"},
        ),
        (
            "the compressor's static curve",
            r"\b1(\.0)? / (max\()?(settings\.)?ratio\b",
            {"mixing/effects/range_solver.py"},
        ),
        (
            "the name of a file that is being written",
            r"\.part[{\"']",
            {"mixing/audio.py", "db/whole_files.py"},  # neither may import the other
        ),
        (
            "what a panel says in a link",
            r"(?i)[\"'](prolific_pid|session_id)[\"']",
            {"stimuli/study_keys/recruiting/panels.py"},
        ),
    ],
)  # fmt: skip
def test_a_fact_is_typed_in_its_home_alone(fact: str, pattern: str, homes: set[str]) -> None:
    """Two files at most know it by value; the others ask."""
    assert set(lines_with(pattern, *CODE)) == homes, fact


def test_a_page_names_the_adjustment_that_was_made() -> None:
    """The word is filled in; no template holds it."""
    assert not lines_with(r"\bHolm\b", ".j2")


def test_a_plan_may_declare_what_the_analysis_knows() -> None:
    """The one fact that two floors hold, as neither may import the other."""
    (declared, _none) = get_args(DeclaredPlan.model_fields["df_method"].annotation)
    assert set(get_args(declared)) == set(DF_NAMES)
    assert set(get_args(Spending)) == set(SPENDING)
    (model, _none) = get_args(DeclaredPlan.model_fields["model"].annotation)
    assert set(get_args(model)) == set(MODEL_NAMES)


def test_the_words_of_a_rule_follow_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit that is changed is asked for as changed."""
    with monkeypatch.context() as changed:
        changed.setattr(limits, "MAX_STIMULI", 15)
        changed.setattr(limits, "SEGMENT_S", (20.0, 50.0))
        asked = {rule.name: rule.asks for rule in importlib.reload(rules).RULES}
    importlib.reload(rules)
    assert asked["stimuli on a page"].startswith("at most 15 stimuli stand on a page")
    assert asked["length of segments"] == "segments for mix evaluation last 20 to 50 s"


def test_no_rule_types_a_number_of_its_own() -> None:
    """Requirements and reasons are text between the limits; a clause has its number."""
    tree = ast.parse((places.ROOT / "stimuli/standards/rules.py").read_text("utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and len(node.args) > 6]
    texts = [
        part.value
        for call in calls
        for words in call.args[4:6]
        for part in ast.walk(words)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    ]
    assert len(calls) > 20
    assert [text for text in texts if re.search(r"\d", text)] == []
