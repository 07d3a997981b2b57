"""Programs of a study's own: what they are given, when they run again, and how they may fail."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from mixing.learning.weight_files import WEIGHTS_FOLDER, read_index, read_weights, write_weights
from stimuli.loading.load import load_study
from stimuli.rendering.render import build
from stimuli.study.manifest import Manifest
from stimuli.study.study import StudyError

RATE = 44_100
MIXER = """\
import sys, soundfile
vocal, backing, out = sys.argv[1:]
sound, rate = soundfile.read(vocal, dtype="float32")
assert soundfile.info(vocal).subtype == "FLOAT"
print("ran", file=open("runs.txt", "a"))
soundfile.write(out, sound + 0.5 * soundfile.read(backing)[0], rate, subtype="FLOAT")
"""


BUILD = """\
import sys
from stimuli.loading.load import load_study
from stimuli.rendering.render import build
build(load_study(sys.argv[1]), sys.argv[2], workers=1)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Stems of 3.5 s and a program that adds them up, in a folder whose name has spaces."""
    folder = tmp_path / "a study"
    folder.mkdir()
    rng = np.random.default_rng(1)
    for name in ("vocal", "backing"):
        sound = 0.1 * rng.standard_normal((round(3.5 * RATE), 2))
        soundfile.write(folder / f"{name}.wav", sound, RATE, subtype="FLOAT")
    (folder / "mixer.py").write_text(MIXER, encoding="utf-8")
    return folder


def built(
    folder: Path, command: str = "mixer.py {vocal} {backing} {out}", song: str = ""
) -> Manifest:
    """Build a study of one song and one command, in this process."""
    (folder / "study.yaml").write_text(
        f"title: Mixers\nsongs: [{{name: harbour, vocal: vocal.wav, backing: backing.wav{song}}}]\n"
        f"systems:\n  - name: theirs\n    command: {sys.executable} {command}\n"
        "    timeout_s: 240\n",
        encoding="utf-8",
    )
    return build(load_study(folder / "study.yaml"), folder / "build", workers=1)


def n_runs(folder: Path) -> int:
    """How often the program ran."""
    return len((folder / "runs.txt").read_text().splitlines())


def test_a_command_mixes_the_stems_it_is_given(folder: Path) -> None:
    """The stimulus is what the program's own arithmetic says, but for gain, fades and dither."""
    manifest = built(folder)
    [stimulus] = manifest.stimuli
    played = soundfile.read(manifest.path(stimulus))[0][1000:-1000]
    vocal, backing = (soundfile.read(folder / f"{n}.wav")[0] for n in ("vocal", "backing"))
    expected = (vocal + 0.5 * backing)[1000:-1000] * 10 ** (stimulus.gain_db / 20)
    np.testing.assert_allclose(played, expected, atol=2**-22)
    assert stimulus.report["source"] == "command"
    assert stimulus.report["command"].endswith("mixer.py {vocal} {backing} {out}")


def test_a_command_runs_again_when_its_inputs_or_its_program_change(folder: Path) -> None:
    """And not for another excerpt, which is cut out of what is kept."""
    built(folder)
    built(folder)
    whole = built(folder, song=", excerpt: {duration_s: 3.2}")
    assert whole.stimuli[0].duration_s == pytest.approx(3.2)
    assert n_runs(folder) == 1
    (folder / "mixer.py").write_text(MIXER.replace("0.5", "0.4"), encoding="utf-8")
    built(folder)
    assert n_runs(folder) == 2
    shutil.copyfile(folder / "backing.wav", folder / "vocal.wav")
    built(folder)
    assert n_runs(folder) == 3
    assert len(list((folder / "build" / "commands").iterdir())) == 1


def program(text: str) -> str:
    """Command line of a program of one line."""
    return f'-c "import sys, os, time, soundfile; {text}" {{vocal}} {{out}}'


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (
            program("print('first', file=sys.stderr); sys.exit('no such\\x1b codec')"),
            r"song 'harbour', system 'theirs': The command ended .* code 1: no such codec\.$",
        ),
        (program("os.abort()"), "The command was ended by signal 6, and said nothing"),
        (program("print('Done.')"), r"The command wrote no \{out\}, and said nothing"),
        (
            program("open(sys.argv[2], 'w').write('x')"),
            "The file that the command wrote cannot be used: ",
        ),
        (
            program("soundfile.write(sys.argv[2], [0.0] * 154350, 44100)"),
            "The file that the command wrote cannot be used: the file is silent",
        ),
        (
            program("soundfile.write(sys.argv[2], [0.1] * 154350, 22050)"),
            "cannot be used: the file has 308700 samples at 44100 Hz, the others 154350",
        ),
    ],
)
def test_a_command_that_fails_is_one_sentence(folder: Path, command: str, said: str) -> None:
    """Nothing is kept of it, and no manifest is written."""
    with pytest.raises(StudyError, match=said):
        built(folder, command)
    assert not (folder / "build" / "manifest.csv").exists()
    assert not list((folder / "build").rglob("*.wav"))


def test_a_command_that_cannot_be_started_is_named(folder: Path) -> None:
    """By the program's own name."""
    text = "title: T\nsongs: [{name: s, vocal: vocal.wav, backing: backing.wav}]\nsystems:\n"
    (folder / "study.yaml").write_text(
        f'{text}  - {{name: c, command: "mixx {{vocal}} {{out}}"}}\n'
    )
    with pytest.raises(StudyError, match="mixx cannot be started: No such file or directory"):
        build(load_study(folder / "study.yaml"), folder / "build", workers=1)


def hanging(folder: Path, timeout_s: int) -> Path:
    """Study of a command that starts a process of its own and never ends."""
    (folder / "hang.sh").write_text(  # a shell is up at once, on a busy machine too
        "sleep 600 &\necho $! > child.part\nmv child.part child.txt\necho 'still at it' >&2\nwait\n"
    )
    command = "sh hang.sh {vocal} {out}"
    study = folder / "study.yaml"
    study.write_text(
        "title: T\nsongs: [{name: s, vocal: vocal.wav, backing: backing.wav}]\nsystems:\n"
        f'  - {{name: c, command: "{command}", timeout_s: {timeout_s}}}\n'
    )
    return study


def has_ended(process: int) -> bool:
    """Whether a process is over."""
    status = Path(f"/proc/{process}/stat")
    try:
        return status.read_text().rsplit(")", 1)[1].split()[0] in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return True


def ends_soon(process: int) -> bool:
    """Whether a process that was sent SIGKILL is over before a long patience is."""
    until = time.monotonic() + 120
    while not has_ended(process) and time.monotonic() < until:
        time.sleep(0.05)
    return has_ended(process)


def test_what_a_hanging_command_started_ends_with_it(folder: Path) -> None:
    """After its time the whole group of processes is ended."""
    study = hanging(folder, timeout_s=3)
    with pytest.raises(StudyError, match=r"did not end within 3 s \(timeout_s\): still at it"):
        build(load_study(study), folder / "build", workers=1)
    assert ends_soon(int((folder / "child.txt").read_text()))


def test_a_killed_build_leaves_no_command_behind(folder: Path) -> None:
    """SIGKILL of the only process of a build ends the command and what that started."""
    study = hanging(folder, timeout_s=600)
    builder = subprocess.Popen((sys.executable, "-c", BUILD, str(study), str(folder / "build")))
    until = time.monotonic() + 120
    while not (folder / "child.txt").exists() and time.monotonic() < until:
        time.sleep(0.05)
    child = int((folder / "child.txt").read_text())
    assert not has_ended(child)
    builder.kill()
    builder.wait()
    assert ends_soon(child)


def other_weights(folder: Path) -> None:
    """Copy the networks that come with mixtrial; the balance answers with another constant."""
    shutil.copytree(WEIGHTS_FOLDER, folder)
    tensors = read_weights("level", folder)
    tensors |= {"constant": tensors["constant"] + 1, "shrinkage": 0 * tensors["shrinkage"]}
    index = read_index(folder)
    index["networks"]["level"]["sha256"] = write_weights(tensors, folder / "level.safetensors")
    (folder / "weights.json").write_text(json.dumps(index), encoding="utf-8")


def rebuilt(folder: Path, study: str) -> dict[str, Any]:
    """Sound of each system's stimulus, once the study is built."""
    (folder / "study.yaml").write_text(study, encoding="utf-8")
    manifest = build(load_study(folder / "study.yaml"), folder / "build", workers=1)
    return {each.system: soundfile.read(manifest.path(each))[0] for each in manifest.stimuli}


def rms(sound: npt.NDArray[np.float64]) -> float:
    """Root mean square."""
    return float(np.sqrt(np.mean(sound**2)))


def test_engineers_mixers_a_command_and_two_networks_are_one_study(folder: Path) -> None:
    """Each set of weights mixes in its own way, and again when other weights are named."""
    other_weights(folder / "ours")
    shutil.copytree(WEIGHTS_FOLDER, folder / "copied")
    rng = np.random.default_rng(2)
    files = ("engineer_a", "engineer_b", "mixer_a", "mixer_b", "mixer_c")
    for name in files:
        (folder / name).mkdir()
        sound = 0.1 * rng.standard_normal((round(3.5 * RATE), 2))
        soundfile.write(folder / name / "harbour.wav", sound, RATE)
    study = (
        "title: Who mixes best?\n"
        "songs: [{name: harbour, vocal: vocal.wav, backing: backing.wav}]\nsystems:\n"
        + "".join(f'  - {{name: {name}, files: "{name}/{{song}}.wav"}}\n' for name in files)
        + "  - name: theirs\n"
        f"    command: {sys.executable} mixer.py {{vocal}} {{backing}} {{out}}\n"
        "  - {name: cnn_ours, label: Our network, system: cnn, weights: WEIGHTS}\n"
        "  - {name: cnn_shipped, system: cnn}\n"
    )
    first, again = (rebuilt(folder, study.replace("WEIGHTS", name)) for name in ("ours", "copied"))
    assert list(first)[:5] == list(files)
    assert len(first) == 8
    assert rms(first["cnn_ours"] - first["cnn_shipped"]) > 1e-3
    assert rms(again["cnn_ours"] - again["cnn_shipped"]) < 1e-6
    assert n_runs(folder) == 1
