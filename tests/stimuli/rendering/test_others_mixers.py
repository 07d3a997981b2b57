"""The recipes of docs/others-mixers.md, run with stand-ins that take the same arguments."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

import places
from stimuli.loading.load import load_study
from stimuli.rendering.render import build

RATE = 44_100
PAGE = (places.ROOT / "docs" / "others-mixers.md").read_text(encoding="utf-8")
# Arguments as the programs' scripts declare them; what they compute is a plain sum.
FXNORM = """\
import argparse, os, soundfile
parser = argparse.ArgumentParser()
for name in ("vocals", "bass", "drums", "other", "training-params", "impulse-responses",
             "pre-impulse-responses", "nets", "weights", "output", "features"):
    parser.add_argument(f"--{name}", required=name in ("output", "features"))
given = parser.parse_args()
assert given.training_params and given.nets and given.weights and os.path.isdir("rooms")
(vocal, rate), other = soundfile.read(given.vocals), soundfile.read(given.other)[0]
soundfile.write(given.output, vocal + 0.5 * other, rate, subtype="PCM_16")
"""
TOOLKIT = """\
import argparse, glob, os, soundfile
parser = argparse.ArgumentParser()
parser.add_argument("ckpt_path")
parser.add_argument("track_dir")
parser.add_argument("--ext", default="wav")
parser.add_argument("--output", default="./mix.wav")
given = parser.parse_args()
tracks = sorted(glob.glob(os.path.join(given.track_dir, f"*.{given.ext}")))
(backing, rate), (vocal, _) = map(soundfile.read, tracks)
assert backing.ndim == 1
mix = vocal + 0.5 * backing
soundfile.write(given.output, mix / abs(mix).max(), rate)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Stems of 3.5 s, and the two programs where the page has them cloned."""
    rng = np.random.default_rng(1)
    for name in ("vocal", "backing"):
        mono = 0.1 * rng.standard_normal((round(3.5 * RATE), 1))
        soundfile.write(tmp_path / f"{name}.wav", mono.repeat(2, axis=1), RATE, subtype="FLOAT")
    for program, script, text in (
        ("FxNorm-automix", "automix/inference.py", FXNORM),
        ("automix-toolkit", "scripts/inference.py", TOOLKIT),
    ):
        path = tmp_path / program / script
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
        python = tmp_path / program / "env" / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
        python.chmod(0o755)
    (tmp_path / "rooms").mkdir()
    (tmp_path / "two_tracks.py").write_text(_blocks("python")[0], encoding="utf-8")
    return tmp_path


def _blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("recipe", _blocks("yaml"), ids=["fxnorm", "automix-toolkit"])
def test_the_recipe_makes_the_programs_mix_a_stimulus(recipe: str, folder: Path) -> None:
    """The line is a study's as it stands; what is heard is what the program wrote, matched."""
    study_file = folder / "study.yaml"
    # the baseline has its own tests: without it the build is quicker
    study_file.write_text(recipe.replace("  - baseline\n", ""), encoding="utf-8")
    manifest = build(load_study(study_file), folder / "build", workers=1)
    made = next(s for s in manifest.stimuli if s.system in ("fxnorm", "dmc"))
    sound = soundfile.read(manifest.path(made))[0]
    vocal, backing = (soundfile.read(folder / f"{n}.wav")[0] for n in ("vocal", "backing"))
    wanted = (vocal + 0.5 * backing)[RATE : 2 * RATE, 0]
    likeness = np.corrcoef(sound[RATE : 2 * RATE, 0], wanted)[0, 1]
    assert likeness > 0.999
