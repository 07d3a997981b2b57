"""A light installation does all but learning, without torch, librosa or another extra."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib

import places
from mixtrial.commands.cli import sentence_for
from mixtrial.terminal.extras import MODULES_OF, installed_extras

PROJECT = tomllib.loads((places.ROOT / "pyproject.toml").read_text("utf-8"))["project"]
PACKAGE_OF = {"av": "av", "jwt": "pyjwt"}
WITHOUT = """
import importlib, json, sys

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in hidden:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

hidden = set(json.loads(sys.argv[1]))
sys.meta_path.insert(0, Hidden())
for door in ("mixtrial.application.pages", "mixtrial.survey.router", "mixtrial.routes.route_table"):
    importlib.import_module(door)
assert "numba" not in sys.modules, "who takes part waits for no compiler"
importlib.import_module("mixtrial.dashboard.router")
if "soundfile" not in hidden:
    importlib.import_module("stimuli.singing.demo_songs")  # before anybody asks for a song
    assert not {"pysinsy", "pyworld", "pretty_midi"} & set(sys.modules)
from mixtrial.commands.cli import GROUPS, ROOMS, sentence_for
told = {}
for commands in (*ROOMS.values(), *GROUPS.values()):
    for command, module in commands.items():
        try:
            importlib.import_module(f"mixtrial.commands.{module}")
        except ModuleNotFoundError as error:
            told[command] = sentence_for(error)
print(json.dumps(told))
"""


def told_without(hidden: set[str]) -> dict[str, str | None]:
    """Sentences of commands that cannot be loaded when some packages are hidden; the doors open."""
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, json.dumps(sorted(hidden))],
        capture_output=True,
        text=True,
        check=True,
    )
    told: dict[str, str | None] = json.loads(done.stdout)
    return told


def test_survey_dashboard_and_reports_open_without_a_library_for_sound() -> None:
    """Only commands that make or learn mixes need one before they are asked for anything."""
    told = told_without({"soundfile", "pedalboard", "av"})
    assert set(told) == {"mix"}


def test_every_door_but_learning_opens_without_any_extra() -> None:
    """Torch and librosa hidden, and all else that an extra brings: what needs them says so.

    The demo's songs need no tool either before one is made.
    """
    told = told_without({module for modules in MODULES_OF.values() for module in modules})
    sentence = "this needs torch, which is not installed: pip install 'mixtrial[learn]'"
    assert told == dict.fromkeys(("separate", "prepare", "train", "evaluate"), sentence)


def test_the_extras_are_those_of_the_installation() -> None:
    """Each extra of pyproject.toml brings the modules that are looked for, `all` too."""
    extras = PROJECT["optional-dependencies"]
    assert set(MODULES_OF) == set(extras) - {"dev", "all"}
    for extra, modules in MODULES_OF.items():
        wanted = " ".join(extras[extra]).replace("mixtrial[learn]", " ".join(extras["learn"]))
        for module in modules:
            assert PACKAGE_OF.get(module, module) in re.findall(r"[a-z][a-z0-9]+", wanted)
    assert installed_extras()["learn"]


def test_a_module_that_no_extra_brings_is_a_fault_of_ours() -> None:
    """Only what an installation may lack becomes a sentence; the rest keeps its traceback."""
    assert sentence_for(ModuleNotFoundError("no", name="numpy")) is None
    assert sentence_for(ModuleNotFoundError("no", name="jwt.algorithms")) == (
        "this needs jwt.algorithms, which is not installed: pip install 'mixtrial[oidc]'"
    )
