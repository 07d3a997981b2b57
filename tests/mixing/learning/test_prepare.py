"""Datasets: songs found, measured against closed forms, split by song, never half written."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from scipy.signal import oaconvolve
from typer.testing import CliRunner

import places
from mixing.audio import Audio, AudioError, write_flac
from mixing.effects.reverb import decay_time_by_frequency_s
from mixing.ingest.decoding import read_audio
from mixing.learning.data import measuring
from mixing.learning.data import prepare as preparation
from mixing.learning.data.dataset import ARRAYS, TABLES, DatasetError, open_dataset
from mixing.learning.data.measuring import REVERB_FIGURES, cut_into_clips, measure_song
from mixing.learning.data.prepare import Step, prepare
from mixing.learning.data.song_files import find_song_files
from mixing.learning.data.splits import SPLITS, split_songs
from mixing.learning.features.features import clips_of, log_mel_of
from mixing.parameters import ReverbParameters
from mixtrial.commands.learning.prepare import prepare as prepare_command
from stimuli.rendering.processes import InThisProcess, process_pool

RATE = 44_100
SONGS = places.ROOT / "stimuli" / "demo" / "songs"


def sine(seconds: float, level_db: float, frequency_hz: float = 1000.0) -> Audio:
    """A stereo sine whose peak is ``level_db`` below full scale."""
    time = np.arange(round(seconds * RATE)) / RATE
    tone = 10 ** (level_db / 20) * np.sin(2 * np.pi * frequency_hz * time)
    return np.repeat(tone[None], 2, axis=0).astype(np.float32)


def write_pair(folder: Path, vocal: Audio, backing: Audio) -> None:
    """A song of two files in a folder of its own."""
    folder.mkdir(parents=True)
    write_flac(folder / "vocal.flac", vocal, RATE)
    write_flac(folder / "backing.flac", backing, RATE)


def write_songs(folder: Path, n_songs: int) -> None:
    """Songs of 4.8 s, each with a vocal of its own; too short to spend time on their reverb."""
    for i in range(n_songs):
        write_pair(folder / f"song_{i}", sine(4.8, -20 - i), sine(4.8, -20, 300))


@pytest.fixture
def songs(tmp_path: Path) -> Path:
    """A folder of four songs."""
    write_songs(tmp_path / "songs", 4)
    return tmp_path / "songs"


@pytest.fixture
def reverb_unheard(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens for the reverb of a song, which takes longest."""
    unheard = np.full(len(REVERB_FIGURES), np.nan)
    monkeypatch.setattr(measuring, "_reverb", lambda _song: unheard)


def touch(folder: Path, *names: str) -> None:
    """Empty files: finding songs does not open them."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


# --- finding ----------------------------------------------------------------------------------


def test_songs_of_all_three_kinds_are_found(tmp_path: Path) -> None:
    """MUSDB18-HQ with its split, pairs of stems, and finished mixes."""
    for song in ("train/Ann - One", "test/Bob - Two"):
        touch(
            tmp_path, *(f"{song}/{s}.wav" for s in ("mixture", "vocals", "drums", "bass", "other"))
        )
    touch(tmp_path, "own/vocal.flac", "own/backing.ogg", "own/lead.flac")
    touch(tmp_path, "two/a_vocal.wav", "two/a_backing.wav", "two/b_vocal.wav", "two/b_backing.wav")
    touch(tmp_path, "long/c_1_vocal.flac", "long/c_1_backing.flac")
    touch(tmp_path, "long/c_full_vocal.ogg", "long/c_full_backing.ogg")
    touch(tmp_path, "mixes/Tune.mp3", "mixes/notes.txt", "mixes/._Tune.mp3", ".old/Other.mp3")
    found = find_song_files(tmp_path)
    assert [(s.song, s.source, s.given_split) for s in found.songs] == [
        ("Ann - One", "musdb", "train"),
        ("Bob - Two", "musdb", "test"),
        ("Tune", "mix", None),
        ("a", "stems", None),
        ("b", "stems", None),
        ("c", "stems", None),
        ("own", "stems", None),
    ]
    assert [path.name for path in found.songs[0].backing] == ["drums.wav", "bass.wav", "other.wav"]
    assert found.songs[5].vocal.name == "c_full_vocal.ogg"
    assert found.problems == {}


def test_a_stem_alone_is_told_and_equal_names_become_paths(tmp_path: Path) -> None:
    """A vocal without a backing does not do, nor the reverse; songs of one name are both kept."""
    touch(tmp_path, "lonely/vocal.flac", "mute/a_backing.wav", "x/tune.wav", "y/tune.wav")
    found = find_song_files(tmp_path)
    assert [song.song for song in found.songs] == ["x/tune", "y/tune"]
    assert found.problems == {
        "lonely/vocal.flac": "It has no backing beside it.",
        "mute/a_backing.wav": "It has no vocal beside it.",
    }


def test_folders_without_songs_are_refused(tmp_path: Path) -> None:
    """Missing, a file or empty: one sentence."""
    with pytest.raises(AudioError, match="There is no folder"):
        find_song_files(tmp_path / "none")
    touch(tmp_path, "text.txt")
    with pytest.raises(AudioError, match="is a file; name the folder of the songs"):
        find_song_files(tmp_path / "text.txt")
    with pytest.raises(AudioError, match="There is no song in"):
        find_song_files(tmp_path)


# --- splitting --------------------------------------------------------------------------------


def test_musdb_keeps_its_test_songs() -> None:
    """Fifty test songs stay the test; the hundred others give training and validation."""
    given: dict[str, str | None] = {f"song {i}": "test" if i < 50 else "train" for i in range(150)}
    split = split_songs(given, seed=0)
    assert {song for song in split if split[song] == "test"} == {f"song {i}" for i in range(50)}
    assert list(split.values()).count("validation") == 22
    assert list(split) == list(given)


@pytest.mark.parametrize("n_songs", [3, 4, 20, 100])
def test_free_songs_are_divided_as_told(n_songs: int) -> None:
    """15 % each for validation and test, at least one; the same seed gives the same songs."""
    given: dict[str, str | None] = {f"song {i}": None for i in range(n_songs)}
    split = split_songs(given, seed=1)
    counts = [list(split.values()).count(name) for name in SPLITS]
    held_out = max(1, round(0.15 * n_songs))
    assert counts == [n_songs - 2 * held_out, held_out, held_out]
    assert split == split_songs(dict(reversed(given.items())), seed=1)
    if n_songs == 100:
        assert split != split_songs(given, seed=2)


@pytest.mark.parametrize("n_songs", [1, 2])
def test_too_few_songs_cannot_be_split(n_songs: int) -> None:
    """One song, or two, cannot be three splits: said in words."""
    with pytest.raises(AudioError, match="at least three are needed"):
        split_songs({f"song {i}": None for i in range(n_songs)}, seed=0)


# --- measuring --------------------------------------------------------------------------------


def test_figures_of_a_song_are_those_of_the_standards(tmp_path: Path, reverb_unheard: None) -> None:
    """EBU Tech 3342 case 1 has a loudness range of 10 LU; equal sounds differ by their gain."""
    vocal = np.concatenate([sine(20, -20), sine(20, -30)], axis=1)
    write_pair(tmp_path / "a", vocal, sine(40, -26))
    measured = measure_song(find_song_files(tmp_path).songs[0], "auto")
    relative_lu, lra_lu, _ = measured.figures
    assert lra_lu == pytest.approx(10, abs=0.1)
    # Gated mean of both halves: 10 log10 of the mean power, the transition aside.
    assert relative_lu == pytest.approx(10 * np.log10((1 + 0.1) / 2) + 6, abs=0.1)
    assert measured.duration_s == 40
    first, last = measured.clip_figures[0], measured.clip_figures[-1]
    assert first[0] == pytest.approx(6, abs=0.05)
    assert last[0] == pytest.approx(-4, abs=0.05)
    assert first[1] == pytest.approx(0, abs=0.05)


def test_li2022s_meter_reads_its_own_range(tmp_path: Path, reverb_unheard: None) -> None:
    """Syllables faster than three seconds are range to the 100 ms meter and none to the EBU's."""
    loud = np.repeat(np.tile([1.0, 0.25], 30), RATE // 5).astype(np.float32)
    vocal = sine(12, -20) * loud
    write_pair(tmp_path / "a", vocal, sine(12, -20))
    _, lra_lu, lra_100ms_lu = measure_song(find_song_files(tmp_path).songs[0], "auto").figures
    assert lra_lu < 1
    assert lra_100ms_lu == pytest.approx(20 * np.log10(4), abs=0.1)


def test_clips_lie_where_the_vocal_sings(tmp_path: Path, reverb_unheard: None) -> None:
    """A vocal that is silent for 20 of 40 s has clips from about 13 s on, 10 s each, every 5 s."""
    vocal = np.concatenate([0 * sine(20, -20), sine(20, -20)], axis=1)
    write_pair(tmp_path / "a", vocal, sine(40, -20, 300))
    measured = measure_song(find_song_files(tmp_path).songs[0], "auto")
    step_s = 27 * 8 * 1024 / RATE
    np.testing.assert_allclose(measured.clip_start_s, step_s * np.arange(3, 6), atol=1e-9)
    assert measured.log_mel.shape == (3, 2, 54, 64)
    # The loudest triangle of each channel: 300 Hz behind, 1 kHz in front.
    peaks = measured.average_spectrum.argmax(axis=1)
    assert peaks[0] < peaks[1]
    # A steady tone: its mean spectrum is that of any frame that holds nothing else.
    np.testing.assert_allclose(measured.clip_spectrum[-1, 1], measured.log_mel[-1, 1, 9], atol=0.2)


def test_clips_are_the_ones_that_networks_are_trained_on() -> None:
    """Cutting a song's log-mel gives what ``clips_of`` gives, short songs included."""
    rng = np.random.default_rng(0)
    for seconds in (4, 10.5, 21):
        gate = np.repeat(rng.uniform(size=int(seconds * 2) + 1) > 0.5, RATE // 2)
        noise = rng.normal(0, 0.1, (2, round(seconds * RATE))).astype(np.float32)
        vocal = noise * gate[: noise.shape[1]]
        backing_mel = log_mel_of(noise[::-1], RATE)
        expected = clips_of(vocal, backing_mel, RATE)
        _, clips = cut_into_clips(np.stack([backing_mel, log_mel_of(vocal, RATE)]))
        assert len(clips) == len(expected)
        for clip, wanted in zip(clips, expected, strict=True):
            np.testing.assert_array_equal(clip, wanted.log_mel)


def test_a_backing_of_three_stems_is_their_sum(tmp_path: Path, reverb_unheard: None) -> None:
    """MUSDB's drums, bass and other: three equal ones are 9.54 dB above one; DC is none of it."""
    place = tmp_path / "train" / "Ann - One"
    place.mkdir(parents=True)
    for name in ("vocals", "drums", "bass", "other", "mixture"):
        write_flac(place / f"{name}.flac", sine(11, -30), RATE)
    write_flac(place / "drums.flac", sine(11, -30)[:, :-1] + np.float32(0.3), RATE)
    measured = measure_song(find_song_files(tmp_path).songs[0], "auto")
    assert measured.figures[0] == pytest.approx(-20 * np.log10(3), abs=0.01)


@pytest.mark.parametrize(
    ("vocal", "backing", "sentence"),
    [
        (0 * sine(11, -20), sine(11, -20), "The song has no section of 10 s"),
        (sine(2, -20), sine(2, -20), "at least 3 s"),
        (sine(11, -20), sine(10, -20), r"has 441000 samples at 44100 Hz, vocal\.\w+ 485100"),
        (0 * sine(11, -20), 0 * sine(11, -20), "both silent"),
    ],
)
def test_songs_that_teach_nothing_are_refused(
    tmp_path: Path, vocal: Audio, backing: Audio, sentence: str
) -> None:
    """Each with its own sentence."""
    write_pair(tmp_path / "a", vocal, backing)
    with pytest.raises(AudioError, match=sentence):
        measure_song(find_song_files(tmp_path).songs[0], "auto")


def test_a_silent_backing_has_no_relative_loudness(tmp_path: Path, reverb_unheard: None) -> None:
    """NaN in the figures, not infinity; tempo neither."""
    write_pair(tmp_path / "a", sine(11, -20), 0 * sine(11, -20))
    measured = measure_song(find_song_files(tmp_path).songs[0], "auto")
    assert np.isnan(measured.figures[0])
    assert np.isnan(measured.tempo_bpm)
    assert np.isnan(measured.average_spectrum[0]).all()


def test_a_song_teaches_the_reverb_that_is_in_its_vocal(tmp_path: Path) -> None:
    """Room noise of T60 1.5 s at −5 dB behind a dry vocal: heard, and matched by the network."""
    vocal = read_audio(SONGS / "harbour_lights" / "vocal.flac")[0][:, : 16 * RATE]
    time = np.arange(2 * RATE) / RATE
    tail = np.random.default_rng(0).standard_normal((1, time.size)) * 10 ** (-3 * time / 1.5)
    tail *= 10 ** (-5 / 20) / np.sqrt(np.square(tail).sum())
    wet = (vocal + oaconvolve(vocal, tail, axes=1)[:, : vocal.shape[1]]).astype(np.float32)
    write_pair(tmp_path / "a", 0.5 * wet, sine(16, -20)[:1])
    measured = measure_song(find_song_files(tmp_path).songs[0], "auto")
    reverb = dict(zip(REVERB_FIGURES, measured.reverb.tolist(), strict=True))
    assert reverb["heard_tail_db"] == pytest.approx(-5, abs=4)
    assert np.log(reverb["heard_decay_time_1000_hz_s"]) == pytest.approx(np.log(1.5), abs=0.4)
    parameters = ReverbParameters(*measured.reverb[-10:].tolist())
    found = decay_time_by_frequency_s(parameters, RATE, 1000)[0]
    assert found == pytest.approx(reverb["heard_decay_time_1000_hz_s"], rel=0.2)


class QuarterVocal:
    """A separator that calls a quarter of the mix the vocal."""

    name = "quarter 1"
    sample_rate = RATE

    def vocal_of(self, mix: Audio) -> Audio:
        """A quarter of every sample."""
        return np.float32(0.25) * mix


def test_finished_mixes_are_separated_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A quarter is 9.54 dB below the other three; the table names the model."""
    for module in (measuring, preparation):
        monkeypatch.setattr(module, "open_separator", lambda _backend: QuarterVocal())
    (tmp_path / "mixes").mkdir()
    for i in range(3):
        write_flac(tmp_path / "mixes" / f"{i}.flac", sine(4.8, -20 - i), RATE)
    table = prepare(tmp_path / "mixes", tmp_path / "out", InThisProcess()).dataset.songs
    assert table["song"].tolist() == ["0", "1", "2"]
    assert set(table["model"]) == {"quarter 1"}
    np.testing.assert_allclose(table["relative_loudness_lu"], -20 * np.log10(3), atol=0.01)


# --- preparing --------------------------------------------------------------------------------


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a dataset."""
    return {name: (folder / name).read_bytes() for name in (*ARRAYS, *TABLES, "dataset.json")}


def test_any_number_of_processes_gives_the_same_files(songs: Path, tmp_path: Path) -> None:
    """Byte by byte; and arrays, tables and features agree with each other."""
    steps: list[Step] = []
    here = prepare(songs, tmp_path / "here", InThisProcess(), on_progress=steps.append)
    with process_pool(2) as pool:
        prepare(songs, tmp_path / "pool", pool)
    assert contents(tmp_path / "here") == contents(tmp_path / "pool")
    assert [(step.done, step.total) for step in steps] == [(i, 4) for i in range(5)]
    dataset = here.dataset
    assert isinstance(dataset.log_mel, np.memmap)
    assert dataset.log_mel.shape == (4, 2, 54, 64)
    rows = [dataset.clips_in(split) for split in SPLITS]
    assert sorted(np.concatenate(rows).tolist()) == [0, 1, 2, 3]
    assert dataset.songs["split"].tolist() == dataset.clips["split"].tolist()
    vocal_mel = log_mel_of(sine(4.8, -22), RATE)
    vocal_mel = vocal_mel[np.arange(54) % len(vocal_mel)]
    np.testing.assert_allclose(dataset.log_mel[2, 1], vocal_mel, atol=0.1)


def test_an_interrupted_preparation_goes_on_where_it_was(songs: Path, tmp_path: Path) -> None:
    """Everything that was measured is kept; a changed song and a damaged part are measured anew."""

    def interrupt(step: Step) -> None:
        if step.done == 2:
            raise KeyboardInterrupt

    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        prepare(songs, out, InThisProcess(), on_progress=interrupt)
    with pytest.raises(DatasetError, match="There is no finished dataset"):
        open_dataset(out)
    assert prepare(songs, out, InThisProcess()).n_measured == 2
    first = contents(out)
    assert prepare(songs, out, InThisProcess()).n_measured == 0
    assert contents(out) == first
    next((out / "parts").iterdir()).write_bytes(b"damaged")
    assert prepare(songs, out, InThisProcess()).n_measured == 1
    assert contents(out) == first
    write_flac(songs / "song_1" / "vocal.flac", sine(4.8, -40), RATE)
    assert prepare(songs, out, InThisProcess()).n_measured == 1
    assert contents(out) != first


def test_bad_songs_are_skipped_and_listed(songs: Path, tmp_path: Path) -> None:
    """Truncated, silent, copied, lonely: the others become the dataset all the same."""
    write_pair(songs / "cut", sine(4.8, -19), sine(4.8, -20))
    whole = (songs / "cut" / "vocal.flac").read_bytes()
    (songs / "cut" / "vocal.flac").write_bytes(whole[: len(whole) // 2])
    write_pair(songs / "mute", 0 * sine(4.8, -20), sine(4.8, -20))
    write_pair(songs / "zcopy", sine(4.8, -22), sine(4.8, -30))
    touch(songs, "lonely/vocal.wav")
    prepared = prepare(songs, tmp_path / "out", InThisProcess())
    assert prepared.dataset.songs["song"].tolist() == [f"song_{i}" for i in range(4)]
    assert sorted(prepared.skipped) == ["cut", "lonely/vocal.wav", "mute", "zcopy"]
    assert "breaks off before its end" in prepared.skipped["cut"]
    assert prepared.skipped["zcopy"] == "its vocal is that of song_2"
    index = json.loads((tmp_path / "out" / "dataset.json").read_text())
    assert index["skipped"].keys() == prepared.skipped.keys()


def test_too_few_songs_are_refused_before_one_is_measured(tmp_path: Path) -> None:
    """An executor that would fail is not asked, and nothing is written."""
    write_songs(tmp_path / "songs", 2)
    with pytest.raises(AudioError, match=r"2 songs cannot be divided .* needed\.$"):
        prepare(tmp_path / "songs", tmp_path / "out", DyingPool())
    touch(tmp_path / "songs", "lonely/vocal.wav")
    with pytest.raises(
        AudioError, match=r"These songs were skipped:\n  lonely/vocal.wav: It has no"
    ):
        prepare(tmp_path / "songs", tmp_path / "out", DyingPool())
    assert not (tmp_path / "out").exists()


def test_too_few_songs_that_are_left_lose_nothing(tmp_path: Path) -> None:
    """Two of three will do and are measured, then refused; with a fourth it alone is measured."""
    write_songs(tmp_path / "songs", 2)
    write_pair(tmp_path / "songs" / "mute", 0 * sine(11, -20), sine(11, -20))
    with pytest.raises(
        AudioError, match=r"2 songs cannot .*skipped:\n  mute: The song has no section of 10 s"
    ):
        prepare(tmp_path / "songs", tmp_path / "out", InThisProcess())
    shutil.rmtree(tmp_path / "songs" / "mute")
    write_pair(tmp_path / "songs" / "song_2", sine(4.8, -22), sine(4.8, -20))
    assert prepare(tmp_path / "songs", tmp_path / "out", InThisProcess()).n_measured == 1


def test_a_folder_of_nothing_but_bad_songs_says_why(tmp_path: Path) -> None:
    """The reasons are in the sentence."""
    for name in "abc":
        write_pair(tmp_path / "songs" / name, 0 * sine(11, -20), sine(11, -20))
    with pytest.raises(
        AudioError, match=r"None of the songs can be used:\n  a: The song has no section of 10 s"
    ):
        prepare(tmp_path / "songs", tmp_path / "out", InThisProcess())


class DyingPool(Executor):
    """An executor whose processes are killed, or fail otherwise."""

    def __init__(self, failure: BaseException | None = None) -> None:
        self.failure = failure or BrokenProcessPool("a child process terminated abruptly")

    def submit(self, _fn: Any, /, *_args: Any, **_kwargs: Any) -> Future[Any]:
        """Return a future that holds what a pool says of a dead process."""
        future: Future[Any] = Future()
        future.set_exception(self.failure)
        return future


def test_a_process_that_dies_is_told(songs: Path, tmp_path: Path) -> None:
    """One sentence, and the advice to go on."""
    with pytest.raises(AudioError, match="A process died while measuring"):
        prepare(songs, tmp_path / "out", DyingPool())


# --- the dataset on disk ----------------------------------------------------------------------


@pytest.fixture
def dataset_folder(songs: Path, tmp_path: Path) -> Path:
    """A dataset of four songs."""
    prepare(songs, tmp_path / "out", InThisProcess())
    return tmp_path / "out"


def test_damaged_datasets_are_refused(dataset_folder: Path) -> None:
    """Another byte, a missing end, a missing file: each is told."""
    open_dataset(dataset_folder)
    array = dataset_folder / "log_mel.npy"
    whole = array.read_bytes()
    array.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(DatasetError, match="is not the file that was prepared"):
        open_dataset(dataset_folder)
    open_dataset(dataset_folder, verify=False)
    array.write_bytes(whole[:-10])
    with pytest.raises(DatasetError, match="cut short"):
        open_dataset(dataset_folder, verify=False)
    array.unlink()
    with pytest.raises(DatasetError, match="missing"):
        open_dataset(dataset_folder)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"format_version": 99}', "has format 99; this version reads 1"),
        ('{"format_version": 1, "files": {}}', "is not the index of a dataset"),
        ("[]", "is not the index of a dataset"),
        ("{", "is not the index of a dataset"),
    ],
)
def test_indexes_of_another_making_are_refused(
    dataset_folder: Path, text: str, sentence: str
) -> None:
    """Another version says so; anything else is not an index."""
    (dataset_folder / "dataset.json").write_text(text)
    with pytest.raises(DatasetError, match=sentence):
        open_dataset(dataset_folder)


# --- the command, here and on a cluster -------------------------------------------------------


@pytest.fixture
def app() -> typer.Typer:
    """The command alone."""
    app = typer.Typer()
    app.command()(prepare_command)
    return app


def test_the_command_prepares_and_lists_what_it_skipped(
    app: typer.Typer, songs: Path, tmp_path: Path
) -> None:
    """One line on stdout; what was skipped on stderr."""
    touch(songs, "lonely/vocal.wav")
    call = [str(songs), "--out", str(tmp_path / "out"), "--workers", "1"]
    result = CliRunner().invoke(app, call)
    assert result.exit_code == 0
    assert "4 songs (2 train, 1 validation, 1 test), 4 clips in" in result.stdout
    assert "skipped lonely/vocal.wav: It has no backing beside it." in result.stderr
