"""Systems are found by looking, and an unknown name is answered with the nearest."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mixing.audio import Song
from mixing.parameters import Mix
from mixing.profiles import CORRECTED, LI2022
from mixing.systems import registry
from mixing.systems.base import SystemSettings
from mixing.systems.registry import UnknownSystemError, create_system, system_names

FIFTH_SYSTEM = '''
"""A fifth system."""
from mixing.parameters import Mix

NAME: str = "fifth"


def create(settings):
    return settings.profile.name
'''


@pytest.fixture
def extra_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A fifth file in the package's folder, as seen by the registry."""
    import mixing.systems

    (tmp_path / "fifth_system.py").write_text(FIFTH_SYSTEM, encoding="utf-8")
    (tmp_path / "no_system.py").write_text("OTHER = 1\n", encoding="utf-8")
    monkeypatch.setattr(registry, "__file__", str(tmp_path / "registry.py"))
    monkeypatch.setattr(mixing.systems, "__path__", [*mixing.systems.__path__, str(tmp_path)])
    registry._modules.cache_clear()
    yield "fifth"
    registry._modules.cache_clear()
    sys.modules.pop("mixing.systems.fifth_system", None)


def test_li2022s_four_systems_are_found() -> None:
    """More may join; these stay."""
    assert {"baseline", "human", "random"} <= set(system_names())
    assert list(system_names()) == sorted(system_names())


def test_a_new_file_is_a_new_system(extra_system: str) -> None:
    """One file with a NAME and a create: nothing else to edit."""
    assert extra_system in system_names()
    assert create_system(extra_system, SystemSettings(profile=LI2022)) == "li2022"


@pytest.mark.parametrize(
    ("wrong", "answer"),
    [
        ("basline", "Did you mean 'baseline'"),
        ("Random", "Did you mean 'random'"),
        ("zzz", "There are .*baseline.*human.*random"),
        ("chance", "There is no mixing system 'chance'"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(wrong: str, answer: str) -> None:
    """Or with all there are, when none is near."""
    with pytest.raises(UnknownSystemError, match=answer):
        create_system(wrong)


def test_asking_for_names_loads_no_system() -> None:
    """Names are read from the files: no numba, torch or librosa for a look at the list."""
    code = (
        "import sys; from mixing.systems.registry import system_names; assert system_names();"
        "print([m for m in ('torch', 'librosa', 'mixing.chain') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_a_created_system_mixes() -> None:
    """The interface holds: a song in, a Mix of the system's name and profile out."""
    noise = np.random.default_rng(0).standard_normal((2, 2, 4 * 32_000)).astype(np.float32) / 10
    song = Song(noise[0], noise[1], 32_000)
    for profile in (CORRECTED, LI2022):
        mix = create_system("random", replace(SystemSettings(), profile=profile)).mix(song)
        assert isinstance(mix, Mix)
        assert (mix.report.system, mix.report.profile) == ("random", profile.name)
