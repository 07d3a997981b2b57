"""Plug-ins of other packages: found, refused in one sentence, and loaded when they are needed."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from analysis.methods.registry import methods
from analysis.methods.registry import plugin_faults as method_faults
from docs_examples import example_of
from mixing import plugins
from mixing.plugins import PluginError
from mixing.systems import registry
from mixing.systems.registry import create_system, system_names
from stimuli.page_types.registry import page_types, plugin_scripts
from stimuli.rendering.cache_keys import mix_jobs
from stimuli.study.read_parts import read_parts
from stimuli.study.study import Study
from stimuli.study_keys.faults import PlacedError

SYSTEM = "NAME = {name!r}\n\n\ndef create(settings):\n    return {name!r}\n"
TYPE = """\
from typing import Literal

from stimuli.page_types.attributes import Options as Attributes


class Options(Attributes):
    type: Literal["glance"] = "glance"
"""

Install = Callable[..., Path]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Install a package of one module in a folder that Python looks into."""
    monkeypatch.syspath_prepend(str(tmp_path))
    modules: list[str] = []

    def forget() -> None:
        for each in (plugins.plugins, page_types, methods):
            each.cache_clear()

    def put(package: str, source: str, kind: str, *names: str) -> Path:
        info = tmp_path / f"{package}-1.2.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.2\n")
        points = "".join(f"{name} = {package}_code\n" for name in names)
        (info / "entry_points.txt").write_text(f"[mixtrial.{kind}]\n{points}")
        module = tmp_path / f"{package}_code.py"
        module.write_text(source)
        modules.append(module.stem)
        forget()
        return module

    yield put
    monkeypatch.undo()
    forget()
    for name in modules:
        sys.modules.pop(name, None)


def test_a_system_of_another_package_is_one_like_ours(install: Install) -> None:
    """Known by its name without being loaded, made when it is asked for."""
    install("quiet", SYSTEM.format(name="quiet"), "systems", "quiet")
    assert "quiet" in system_names()
    assert "quiet_code" not in sys.modules
    assert create_system("quiet") == "quiet"
    assert registry.plugin_faults() == {}


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import no_such_module\n", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("raise SystemExit(3)\n", "cannot be used: SystemExit: 3"),
        ("def broken(:\n", "cannot be used: SyntaxError"),
        ("NAME = 'quiet'\n", "has no attribute 'create'"),
        (
            SYSTEM.format(name="other"),
            "The NAME of the system is 'other', but its entry point is called 'quiet'",
        ),
    ],
)
def test_a_broken_system_is_one_sentence_and_harms_no_other(
    install: Install, source: str, said: str
) -> None:
    """Which plug-in, of which package, and why; all others work."""
    install("bad", source, "systems", "quiet")
    install("good", SYSTEM.format(name="calm"), "systems", "calm")
    with pytest.raises(PluginError, match=f"^The plug-in 'quiet' of the package bad 1.2.*{said}"):
        create_system("quiet")
    assert create_system("calm") == "calm"
    [sentence] = registry.plugin_faults().values()
    assert sentence.startswith("The plug-in 'quiet' of the package bad 1.2 (systems) cannot be")


def test_a_name_that_is_taken_is_refused(install: Install) -> None:
    """By mixtrial's own, and by the package that comes first in the alphabet."""
    install("thief", SYSTEM.format(name="baseline"), "systems", "baseline")
    install("a_first", SYSTEM.format(name="calm"), "systems", "calm")
    install("b_second", SYSTEM.format(name="calm"), "systems", "calm")
    assert create_system("baseline") != "baseline"
    create_system("calm")
    assert "b_second_code" not in sys.modules
    faults = {each.package: said for each, said in registry.plugin_faults().items()}
    assert sorted(faults) == ["b_second", "thief"]
    assert all(said.endswith("is already used.") for said in faults.values())


def test_changed_code_of_a_plugin_has_its_mixes_made_again(
    install: Install, tmp_path: Path
) -> None:
    """Its code is part of what a mix is made from, and of no other system's mixes."""
    module = install("quiet", SYSTEM.format(name="quiet"), "systems", "quiet")
    song = tmp_path / "song.wav"
    song.write_bytes(b"sound")
    study = Study(
        title="T",
        songs=({"name": "s", "vocal": song, "backing": song},),
        systems=("baseline", "quiet"),
    )
    before = [job.key for job in mix_jobs(study, study.songs[0])]
    module.write_text(module.read_text() + "# louder\n")
    after = [job.key for job in mix_jobs(study, study.songs[0])]
    assert [old == new for old, new in zip(before, after, strict=True)] == [True, False]


def test_a_page_type_brings_what_the_browser_runs(
    install: Install, caplog: pytest.LogCaptureFixture
) -> None:
    """Without that file it is none: studies that name it hear why, and the others are there."""
    module = install("looks", TYPE, "page_types", "glance")
    with caplog.at_level(logging.WARNING):
        assert "glance" not in page_types()
    assert "mushra" in page_types()
    assert "The script looks_code.js is missing beside the module" in caplog.text
    with pytest.raises(PlacedError, match="The plug-in 'glance' of the package looks"):
        read_parts([{"type": "glance"}], None)
    module.with_suffix(".js").write_text("export {};\n")
    page_types.cache_clear()
    assert read_parts([{"type": "glance"}], None)[0].type == "glance"
    assert plugin_scripts() == {"glance": module.with_suffix(".js")}


def test_a_method_of_another_package_is_one_like_ours(install: Install) -> None:
    """The name of its entry point is its key; what has not the form is left out."""
    install("signs", example_of("add-a-test.md"), "methods", "signs")
    install("odd", "METHOD = 3\n", "methods", "odd")
    assert methods()["signs"].title == "Sign test on listener means"
    assert "odd" not in methods()
    [sentence] = method_faults().values()
    assert sentence.endswith("TypeError: METHOD of the module is not a Method.")


def test_help_reads_no_entry_point() -> None:
    """Looking through all installed packages takes time, and is left to those who need it."""
    code = (
        "import sys; from importlib import metadata\n"
        "def entry_points(**_): raise SystemExit('entry points were read')\n"
        "metadata.entry_points = entry_points\n"
        "sys.argv = ['mixtrial', '--help']\n"
        "from mixtrial.commands.cli import main; main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert (done.returncode, "plugins" in done.stdout, done.stderr) == (0, True, "")
