"""The commands ``mix`` and ``build``: what they print, what they write, what they refuse."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyebur128
import pytest

from mixing.audio import AudioError, write_flac
from mixing.ingest.decoding import read_audio
from mixing.systems.registry import UnknownSystemError
from mixtrial.commands.mix import mix
from mixtrial.commands.study.build import build
from mixtrial.server.settings import SettingsError

RATE = 44_100


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a vocal (a swelling tone) and a backing (noise) of four seconds."""
    folder = tmp_path_factory.mktemp("songs")
    time_s = np.arange(4 * RATE) / RATE
    tone = 0.2 * np.sin(2 * np.pi * 440 * time_s) * (0.5 + 0.5 * np.sin(2 * np.pi * time_s))
    noise = 0.05 * np.random.default_rng(4).standard_normal((2, 4 * RATE))
    write_flac(folder / "vocal.flac", tone[None].astype(np.float32), RATE)
    write_flac(folder / "backing.flac", noise.astype(np.float32), RATE)
    return folder


@pytest.fixture
def arguments(songs: Path, tmp_path: Path) -> dict[str, Any]:
    """Return the arguments of a random mix into an empty folder."""
    return {
        "vocal": songs / "vocal.flac",
        "backing": songs / "backing.flac",
        "system": "random",
        "out": tmp_path / "mix.flac",
    }


def test_mix_prints_one_json_object_that_another_meter_confirms(
    arguments: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """Stdout is JSON and nothing else; libebur128 measures the loudness that it states."""
    mix(**arguments, seed=3)
    report = json.loads(capsys.readouterr().out)
    assert {"eq", "compression", "reverb", "level", "output"} <= set(report)
    assert set(report["eq"][0]) == {"frequency_hz", "gain_db", "q"}
    assert len(report["reverb"]) == 10
    audio, rate = read_audio(arguments["out"])
    state = pyebur128.R128State(2, rate, pyebur128.MeasurementMode.MODE_I)
    state.add_frames(np.ascontiguousarray(audio.T).reshape(-1), audio.shape[1])
    loudness_lufs = pyebur128.get_loudness_global(state)
    assert report["output"]["integrated_lufs"] == pytest.approx(loudness_lufs, abs=0.1)


def test_the_stems_add_up_to_the_mix(arguments: dict[str, Any], tmp_path: Path) -> None:
    """vocal.flac + backing.flac is the mix, but for the rounding of three 24-bit files."""
    mix(**arguments, stems=tmp_path / "stems")
    whole, _ = read_audio(arguments["out"])
    parts = [read_audio(tmp_path / "stems" / f"{name}.flac")[0] for name in ("vocal", "backing")]
    assert np.abs(parts[0] + parts[1] - whole).max() <= 3 * 2.0**-23
    assert all(np.abs(part).max() > 0.001 for part in parts)
    assert sorted(p.name for p in tmp_path.rglob("*.flac")) == [
        "backing.flac", "mix.flac", "vocal.flac",
    ]  # fmt: skip


def test_a_seed_repeats_its_mix_and_another_does_not(arguments: dict[str, Any]) -> None:
    """The file is the same to the byte, or a different mix."""
    contents = []
    for seed in (3, 3, 4):
        mix(**arguments, seed=seed)
        contents.append(arguments["out"].read_bytes())
    assert contents[0] == contents[1] != contents[2]


def test_the_profiles_differ_in_loudness_as_documented(
    arguments: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """Li's (2022) mixes sit at −28 LUFS, the corrected ones at −23."""
    levels = {}
    for profile in ("li2022", "corrected"):
        mix(**arguments, profile=profile)
        levels[profile] = json.loads(capsys.readouterr().out)["output"]["integrated_lufs"]
    assert levels["li2022"] == pytest.approx(-28.0, abs=0.1)
    assert levels["corrected"] == pytest.approx(-23.0, abs=0.1)


@pytest.mark.parametrize(
    ("changes", "error", "sentence"),
    [
        ({"system": "baselin"}, UnknownSystemError, r"'baselin'. Did you mean 'baseline'"),
        ({"profile": "sed"}, SettingsError, r"Unknown profile 'sed'; choose li2022 or corrected"),
        ({"out": "mix.wav"}, SettingsError, r"mix.wav must end in .flac"),
        ({"out": "no/mix.flac"}, SettingsError, r"There is no folder .*no to write to"),
        ({"stems": "no/deep"}, SettingsError, r"There is no folder .*no to write to"),
        ({"stems": "file"}, SettingsError, r"file is a file; --stems takes a folder"),
        ({"out": "folder.flac"}, SettingsError, r"folder.flac is a folder; name a file"),
        ({"out": "vocal.flac", "stems": ""}, SettingsError, r"both the mix and a stem"),
        ({"sheet": "settings.txt"}, SettingsError, r"settings.txt must end in .csv"),
        ({"sheet": "no/settings.csv"}, SettingsError, r"There is no folder .*no to write to"),
        ({"vocal": "none.wav"}, AudioError, r"There is no audio file .*none.wav"),
        ({"vocal": "file"}, AudioError, r"file cannot be read as audio"),
        ({"reference": "none.json"}, SettingsError, r"There is no reference file .*none.json"),
        ({"system": "human"}, AudioError, r"reference"),
    ],
)
def test_bad_input_is_refused_and_nothing_is_written(
    arguments: dict[str, Any],
    tmp_path: Path,
    changes: dict[str, str],
    error: type[ValueError],
    sentence: str,
) -> None:
    """Each slip raises the sentence for the reader and leaves the folder as it was."""
    (tmp_path / "file").write_text("no audio")
    (tmp_path / "folder.flac").mkdir()
    words = {"system", "profile"}
    changed = {k: v if k in words else tmp_path / v for k, v in changes.items()}
    with pytest.raises(error, match=sentence):
        mix(**(arguments | changed))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder.flac"]


def test_an_input_is_never_overwritten(arguments: dict[str, Any], songs: Path) -> None:
    """``--out`` on the vocal, or ``--stems`` on its folder, is refused."""
    before = (songs / "vocal.flac").read_bytes()
    for changes in ({"out": songs / "vocal.flac"}, {"stems": songs}):
        with pytest.raises(SettingsError, match=r"is an input and would be overwritten"):
            mix(**(arguments | changes))
    assert (songs / "vocal.flac").read_bytes() == before


def test_a_finished_mix_has_no_stems_and_then_nothing_is_written(
    arguments: dict[str, Any], songs: Path, tmp_path: Path
) -> None:
    """All or nothing: neither the mix nor the folder of stems appears."""
    vocal, backing = (read_audio(songs / f"{name}.flac")[0] for name in ("vocal", "backing"))
    write_flac(tmp_path / "engineer.flac", vocal + backing, RATE)
    human = {"system": "human", "reference": tmp_path / "engineer.flac"}
    with pytest.raises(AudioError, match=r"A finished mix has no stems; leave --stems out"):
        mix(**(arguments | human), stems=tmp_path / "stems")
    assert [path.name for path in tmp_path.iterdir()] == ["engineer.flac"]
    mix(**(arguments | human))
    assert arguments["out"].is_file()


def test_the_sheet_holds_what_the_json_says(
    arguments: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One setting per row with its unit; the gains are those that repeat the mix."""
    mix(**arguments, sheet=tmp_path / "settings.csv", seed=3)
    report = json.loads(capsys.readouterr().out)
    with (tmp_path / "settings.csv").open(newline="") as file:
        rows = {(row["stage"], row["setting"]): row for row in csv.DictReader(file)}
    assert float(rows["eq 1", "gain_db"]["value"]) == report["eq"][0]["gain_db"]
    assert rows["eq 1", "frequency_hz"]["unit"] == "Hz"
    assert float(rows["reverb", "dry_wet"]["value"]) == report["reverb"]["dry_wet"]
    wanted_db = report["measured"]["backing_gain_db"]
    assert float(rows["gain", "backing_gain_db"]["value"]) == wanted_db


def test_a_finished_mix_has_no_settings_and_then_nothing_is_written(
    arguments: dict[str, Any], songs: Path, tmp_path: Path
) -> None:
    """All or nothing: the mix does not appear without the sheet."""
    vocal, backing = (read_audio(songs / f"{name}.flac")[0] for name in ("vocal", "backing"))
    write_flac(tmp_path / "engineer.flac", vocal + backing, RATE)
    human = {"system": "human", "reference": tmp_path / "engineer.flac"}
    with pytest.raises(AudioError, match=r"A finished mix has no settings; leave --sheet out"):
        mix(**(arguments | human), sheet=tmp_path / "settings.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["engineer.flac"]


def test_what_mix_prints_can_be_mixed_again_by_the_human_slot(
    arguments: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The JSON of one mix as the human reference of the next: the same sound."""
    mix(**arguments, seed=3)
    (tmp_path / "mix.json").write_text(capsys.readouterr().out)
    again = tmp_path / "again.flac"
    mix(**(arguments | {"system": "human", "out": again, "reference": tmp_path / "mix.json"}))
    first, second = (read_audio(path)[0] for path in (arguments["out"], again))
    np.testing.assert_allclose(first, second, atol=1e-5)


def test_a_mix_that_cannot_be_written_is_named_as_asked_for(
    arguments: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence is about the file on the command line, not about a temporary one."""

    def full_disk(path: Path, *_: object) -> None:
        path.write_bytes(b"half")
        raise AudioError(f"{path} cannot be written: is the folder there and writable?")

    monkeypatch.setattr("mixtrial.commands.mix.write_flac", full_disk)
    with pytest.raises(AudioError, match=r"/mix.flac cannot be written"):
        mix(**arguments)
    assert list(tmp_path.iterdir()) == []


def test_build_writes_beside_the_study_and_says_when_nothing_changed(
    songs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """``build/`` by default, two lines on stdout, the standards check's line beside, no bar."""
    (tmp_path / "study.yaml").write_text(
        "title: T\n"
        f"songs: [{{name: one, vocal: {songs}/vocal.flac, backing: {songs}/backing.flac}}]\n"
        "systems: [random]\n"
    )
    build(tmp_path / "study.yaml", workers=1)
    first = capsys.readouterr()
    assert first.out.startswith("1 stimulus of 1 song at -23.0 LUFS in ")
    assert (first.out.count("\n"), first.err.count("\n")) == (2, 1)
    assert "\nThe largest page: 1 stimulus of " in first.out
    assert "mixtrial: the test of Li (2022)" in first.err
    assert (tmp_path / "build" / "manifest.csv").is_file()
    assert (tmp_path / "build").stat().st_mode & 0o777 == 0o700
    build(tmp_path / "study.yaml", out=tmp_path / "build", workers=1)
    assert "(nothing has changed)" in capsys.readouterr().out
