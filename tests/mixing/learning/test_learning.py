"""Learning: features against closed forms, weights that are what they claim, honest training."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import places
from mixing.audio import AudioError, Song, write_flac
from mixing.effects.eq import apply_eq, response_db
from mixing.effects.reverb import REVERB_RANGES
from mixing.ingest.intake import read_song
from mixing.learning.data.songs import TaughtSong, find_stems, teach
from mixing.learning.features import features
from mixing.learning.features.reverberation import draw_reverb, reverberant
from mixing.learning.features.summaries import DYNAMICS, N_SUMMARY, summary_of
from mixing.learning.features.targets import NETWORKS
from mixing.learning.networks.forward import network_answers
from mixing.learning.networks.predict import predict
from mixing.learning.training.batches import (
    N_DAMAGED_BANDS,
    damaged,
    draw_batch,
    draw_damage,
    spread,
)
from mixing.learning.training.fitting import cases_of, truths_of
from mixing.learning.training.model_card import model_card
from mixing.learning.weight_files import (
    WEIGHTS_FOLDER,
    WeightsError,
    architecture_of,
    read_index,
    read_weights,
)
from mixing.parameters import CompressionTarget, EqBand
from mixing.profiles import CORRECTED, LI2022
from mixing.systems.base import SystemSettings
from mixing.systems.cnn import CnnDecisions, create

RATE = 44_100
SONGS = places.ROOT / "stimuli" / "demo" / "songs"


@pytest.fixture(scope="module")
def song() -> Song:
    """A demo song."""
    return read_song(SONGS / "harbour_lights" / "vocal.flac", SONGS / "harbour_lights/backing.ogg")


@pytest.fixture(scope="module")
def taught() -> list[TaughtSong]:
    """Four songs of noise with different colours, and made-up targets."""
    rng = np.random.default_rng(3)
    songs = []
    for i in range(4):
        noise = rng.normal(0, 0.1, (2, 11 * RATE)).astype(np.float32)
        vocal = apply_eq(noise, RATE, [EqBand(500 * 2**i, 6.0)])
        clips = features.clips_of(vocal, features.log_mel_of(noise[::-1], RATE), RATE)
        targets = {"level": np.array([-2.0 + i]), "range": np.array([8.0])}
        songs.append(TaughtSong(f"noise_{i}", "finished stems", RATE, clips, targets))
    return songs


# --- features ---------------------------------------------------------------------------------


@pytest.mark.parametrize("frequency_hz", [200.0, 997.0, 5000.0, 15_000.0])
@pytest.mark.parametrize("sample_rate", [44_100, 96_000])
def test_sine_peaks_in_the_triangle_that_holds_it(frequency_hz: float, sample_rate: int) -> None:
    """The loudest mel band of a sine is the one whose centre is nearest in mel."""
    time = np.arange(3 * sample_rate) / sample_rate
    sine = 0.5 * np.sin(2 * np.pi * frequency_hz * time)[None].astype(np.float32)
    mean = features.log_mel_of(sine, sample_rate).mean(axis=0)
    centres = features.mel(features.mel_centres_hz(sample_rate))
    assert np.argmax(mean) == np.argmin(np.abs(centres - features.mel(frequency_hz)))


def test_power_of_a_sine_does_not_depend_on_the_window() -> None:
    """A full-scale sine on a bin has a peak power of 1 (0 dB) in the spectrum."""
    frequency = features.bin_frequencies_hz(RATE)[100]
    sine = np.sin(2 * np.pi * frequency * np.arange(2 * RATE) / RATE)[None].astype(np.float32)
    power = features.power_spectra(sine, RATE)
    assert power[0].argmax() == 100
    assert 10 * np.log10(power[:, 100]) == pytest.approx(0.0, abs=0.01)


def test_twice_the_amplitude_is_six_decibels() -> None:
    """Log-mel follows level by 20 log10."""
    noise = np.random.default_rng(1).normal(0, 0.05, (1, 2 * RATE)).astype(np.float32)
    difference = features.log_mel_of(2 * noise, RATE) - features.log_mel_of(noise, RATE)
    assert difference == pytest.approx(20 * np.log10(2), abs=0.01)


@pytest.mark.parametrize(("of_a_dataset", "limit_db"), [(False, 0.3), (True, 0.5)])
def test_filter_in_the_feature_domain_equals_rendering(
    song: Song, of_a_dataset: bool, limit_db: float
) -> None:
    """Filtering a vocal's features and its audio differ by some tenths of a decibel in the mean."""
    rng = np.random.default_rng(5)
    backing_mel = features.log_mel_of(song.backing, RATE)
    clip = features.clips_of(song.vocal, backing_mel, RATE)[1]
    if of_a_dataset:
        clip = replace(clip, vocal_power=None)
    differences = []
    for _ in range(4):
        gains = draw_damage(rng)
        bands = [EqBand(63.0 * 2**i, g) for i, g in enumerate(gains)]
        bands = [replace(b, frequency_hz=f) for b, f in zip(bands, _centres(), strict=True)]
        rendered = apply_eq(song.vocal, RATE, bands)
        exact = features.clips_of(rendered, backing_mel, RATE)[1].log_mel[1]
        quick = damaged(clip, gains, RATE)[1]
        active = features.active_frames(clip.log_mel[1])
        differences.append((quick[active] - exact[active]).mean(axis=0))
    assert np.abs(differences).mean() < limit_db


def _centres() -> tuple[float, ...]:
    return (63.0, 125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0, 16000.0)


def test_flat_filter_changes_nothing(taught: list[TaughtSong]) -> None:
    """0 dB everywhere is the identity, +6 dB everywhere adds 6 dB."""
    clip = taught[0].clips[0]
    n_bins = features.bin_frequencies_hz(RATE).size
    assert features.filtered_log_mel(clip, np.zeros(n_bins), RATE) == pytest.approx(clip.log_mel[1])
    louder = features.filtered_log_mel(clip, np.full(n_bins, 6.0), RATE)
    assert louder - clip.log_mel[1] == pytest.approx(6.0, abs=1e-3)


@pytest.mark.parametrize("task", list(NETWORKS))
def test_networks_do_not_see_the_level_of_files(taught: list[TaughtSong], task: str) -> None:
    """A gain on vocal or backing leaves what the networks hear as it was."""
    clips = taught[0].clips
    gains = np.array([-9.0, 7.0], dtype=np.float32)[:, None, None]
    louder = [features.Clip(clip.log_mel + gains, None) for clip in clips]
    assert summary_of(louder, task) == pytest.approx(summary_of(clips, task), abs=1e-3)
    before, after = (features.picture_of(c[0].log_mel) for c in (clips, louder))
    assert after == pytest.approx(before, abs=1e-3)


def test_filter_moves_average_spectra_and_nothing_else(taught: list[TaughtSong]) -> None:
    """A tone colour adds to the mean of the decibels; how far powers lie above it stays."""
    clip = taught[0].clips[0]
    colour = np.linspace(-12, 12, features.N_MELS, dtype=np.float32)
    moved = features.average_spectra(clip.log_mel + colour) - clip.spectra
    assert moved[:, 0] == pytest.approx(np.tile(colour, (2, 1)), abs=1e-3)
    assert moved[:, 1] == pytest.approx(0, abs=1e-3)


def test_dynamics_of_a_vocal_are_its_loudness_range() -> None:
    """Two levels 10 dB apart, half of the clips each: the slow quantiles lie 10 dB apart."""
    noise = np.random.default_rng(1).normal(0, 1, (2, 54, features.N_MELS)).astype(np.float32)
    clips = [features.Clip(noise + level_db, None) for level_db in (-40.0, -30.0)]
    numbers = 10 * summary_of(clips, "range")[DYNAMICS]
    assert numbers[10] == pytest.approx(10.0, abs=0.3)


def test_reverb_on_features_decays_as_it_should() -> None:
    """After a burst, the modelled tail falls by 60 dB within the reverb time, at 1 kHz."""
    mel = np.full((2, 54, features.N_MELS), -120.0, dtype=np.float32)
    mel[1, 2] = -20.0
    values = dict(zip(_reverb_names(), draw_reverb(np.random.default_rng(3)), strict=True))
    values |= {"reverb_time_s": 2.0, "fade_in_s": 0.0}
    values |= {"low_shelf_gain_db_per_s": 0.0, "high_shelf_gain_db_per_s": 0.0}
    wet = reverberant(mel, np.array(list(values.values())))
    band = int(np.argmin(np.abs(features.mel_centres_hz(RATE) - 1000)))
    fall_db = wet[1, 4, band] - wet[1, 10, band]
    assert fall_db == pytest.approx(60 / 2.0 * 6 * 0.18576, rel=0.1)
    assert wet[1, 2] == pytest.approx(-20.0, abs=3.0)
    assert (wet[0] == mel[0]).all()


def _reverb_names() -> list[str]:
    return [output.name for output in NETWORKS["reverb"].outputs]


def test_song_without_a_vocal_has_no_clips() -> None:
    """Silence, and a vocal that sounds for a tenth of the time, give nothing to learn from."""
    backing = features.log_mel_of(np.ones((2, 12 * RATE), dtype=np.float32), RATE)
    vocal = np.zeros((2, 12 * RATE), dtype=np.float32)
    assert features.clips_of(vocal, backing, RATE) == ()
    vocal[:, :RATE] = 0.1 * np.random.default_rng(0).normal(size=RATE)
    assert features.clips_of(vocal, backing, RATE) == ()


def test_short_song_is_repeated_to_one_clip() -> None:
    """Four seconds of singing fill one clip of ten."""
    vocal = np.random.default_rng(0).normal(0, 0.1, (2, 4 * RATE)).astype(np.float32)
    clips = features.clips_of(vocal, features.log_mel_of(vocal, RATE), RATE)
    assert [clip.log_mel.shape for clip in clips] == [(2, features.CLIP_FRAMES, features.N_MELS)]


# --- truth and augmentation -------------------------------------------------------------------


def test_damage_is_four_bands_within_fifteen_decibels() -> None:
    """Over many draws each band is hit in 4 of 9, and the mean |gain| is 4/9 × 7.5 = 3.33 dB."""
    rng = np.random.default_rng(2)
    draws = np.array([draw_damage(rng) for _ in range(4000)])
    assert ((draws != 0).sum(axis=1) == N_DAMAGED_BANDS).all()
    assert np.abs(draws).max() <= 15
    assert (draws != 0).mean(axis=0) == pytest.approx(4 / 9, abs=0.03)
    assert np.abs(draws).mean() == pytest.approx(10 / 3, abs=0.1)


def test_spread_multiplies_level_differences(taught: list[TaughtSong]) -> None:
    """Spreading by 0.5 makes a vocal's frame-level differences half as large again."""
    picture = taught[0].clips[0].log_mel.copy()
    picture[1, ::2] -= 10.0

    def levels(mel: np.ndarray) -> np.ndarray:
        return 10 * np.log10(np.sum(10 ** (mel[1] / 10), axis=-1))

    before, after = levels(picture), levels(spread(picture, 0.5))
    assert np.ptp(after) == pytest.approx(1.5 * np.ptp(before), rel=1e-3)


@pytest.mark.parametrize("task", list(NETWORKS))
def test_scaled_targets_return_to_their_units(task: str) -> None:
    """Scaling and back is the identity inside the range and the nearest bound outside."""
    network = NETWORKS[task]
    low = np.array([output.low for output in network.outputs])
    high = np.array([output.high for output in network.outputs])
    inside = low + 0.3 * (high - low)
    assert network.to_natural(network.to_scaled(inside)) == pytest.approx(inside)
    assert network.to_natural(network.to_scaled(high + 1)) == pytest.approx(high)
    assert network.to_natural(np.full(len(low), -0.5)) == pytest.approx(low)


def test_hand_set_song_teaches_its_parameters() -> None:
    """A demo song's targets are those of its human.json; it teaches all but the drawn EQ."""
    (pair,) = [p for p in find_stems([SONGS]) if p.song == "paper_moons"]
    targets = teach(pair).targets
    human = json.loads((SONGS / "paper_moons" / "human.json").read_text(encoding="utf-8"))
    assert targets["level"] == human["level"]["relative_loudness_lu"]
    assert targets["range"] == human["compression"]["lra_lu"]
    assert targets["reverb"].tolist() == list(human["reverb"].values())


def test_finished_stems_teach_their_own_balance(tmp_path: Path) -> None:
    """A vocal of half its backing's amplitude teaches −6.02 LU; noise sounds like a reverb."""
    noise = np.random.default_rng(0).normal(0, 0.1, (2, 12 * RATE)).astype(np.float32)
    write_flac(tmp_path / "any_vocal.flac", 0.5 * noise, RATE)
    write_flac(tmp_path / "any_backing.flac", noise, RATE)
    (pair,) = find_stems([tmp_path])
    song = teach(pair)
    assert pair.song == "any"
    assert song.targets["level"] == pytest.approx(-6.02, abs=0.01)
    assert set(song.targets) == {"level", "range", "reverb"}
    assert not song.dry


def test_a_dry_vocal_is_raw_and_teaches_no_balance(tmp_path: Path) -> None:
    """A demo vocal without its parameters: no balance, no range, but reverbs to be put on it."""
    for name in ("vocal.flac", "backing.ogg"):
        shutil.copy(SONGS / "paper_moons" / name, tmp_path / name)
    (pair,) = find_stems([tmp_path])
    song = teach(pair)
    assert song.targets == {}
    assert song.dry
    assert [task for task in NETWORKS if song.teaches(task)] == ["eq", "reverb"]


def test_two_songs_of_one_name_are_both_found(tmp_path: Path) -> None:
    """The second is named by its path; the same stem in another format is not another song."""
    for place in ("a/tune", "b/tune"):
        (tmp_path / place).mkdir(parents=True)
        for name in ("vocal.flac", "vocal.wav", "backing.flac"):
            (tmp_path / place / name).touch()
    assert [pair.song for pair in find_stems([tmp_path])] == ["b/tune/vocal", "tune"]


def test_folder_without_stems_is_refused(tmp_path: Path) -> None:
    """An empty folder and a missing one are named."""
    with pytest.raises(AudioError, match="no pairs of stems"):
        find_stems([tmp_path])
    with pytest.raises(AudioError, match="There is no folder"):
        find_stems([tmp_path / "nowhere"])


# --- training ---------------------------------------------------------------------------------


def test_a_few_steps_lower_the_loss(taught: list[TaughtSong]) -> None:
    """A hundred steps on the equaliser of four songs: the loss falls by a tenth, and repeats."""
    from mixing.learning.training.fitting import Examples, FitSettings, fit

    losses = fit(Examples(taught), FitSettings("eq", 100), seed=4).losses
    assert np.mean(losses[-10:]) < 0.9 * np.mean(losses[:5])
    again = fit(Examples(taught), FitSettings("eq", 100), seed=4).losses
    assert again == losses


def test_reverb_is_asked_about_what_was_put_on(taught: list[TaughtSong]) -> None:
    """A dry song has eight cases, other for other seeds; one that is finished has its own."""
    dry = replace(taught[0], targets={}, dry=True)
    first, second = (truths_of(dry, "reverb", seed) for seed in (0, 1))
    assert first.shape == (8, 10)
    assert not np.allclose(first, second)
    cases = cases_of(dry, "reverb", 0)
    assert NETWORKS["reverb"].to_natural(cases.truth) == pytest.approx(first)
    heard = np.stack([summary for _, summary in cases.inputs])
    assert np.ptp(heard, axis=0).max() > 0.1
    finished = replace(taught[0], targets={"reverb": first[0]})
    assert (truths_of(finished, "reverb", 0) == first[:1]).all()


def test_spreading_a_finished_vocal_makes_another_range(taught: list[TaughtSong]) -> None:
    """Finished vocals are trained ranges of half to 1.6 times their own; raw ones what was set."""
    rng = np.random.default_rng(8)
    targets = draw_batch(taught, "range", 60, rng).targets
    ranges = NETWORKS["range"].to_natural(targets)
    assert ranges.min() < 6 < 10 < ranges.max()
    assert ranges.min() >= 4 - 1e-4
    assert ranges.max() <= 12.8 + 1e-4
    raw = [replace(song, source="set by hand", dry=True) for song in taught]
    targets = draw_batch(raw, "range", 20, rng).targets
    assert NETWORKS["range"].to_natural(targets) == pytest.approx(8.0, abs=1e-4)


def test_useless_network_is_shrunk_to_its_constant() -> None:
    """Noise gets a shrinkage of 0, perfection 1; a gain paid for by one source of songs gets 0."""
    from mixing.learning.training.fitting import Answers
    from mixing.learning.training.trust import HeldOutSong, evaluate

    rng = np.random.default_rng(6)
    constant = np.full(1, 0.5)

    def results(skill: float, skill_of_few: float) -> list[list[HeldOutSong]]:
        folds = []
        for i in range(5):
            truth = rng.uniform(0.2, 0.8, (4, 1, 1))
            noise = rng.uniform(0.0, 1.0, (4, 1, 1))
            songs = []
            for j, source in enumerate(("many", "many", "many", "few")):
                known = skill_of_few if source == "few" else skill
                predicted = known * truth[j] + (1 - known) * noise[j]
                answers = Answers(f"{i}{j}", source, truth[j], predicted)
                songs.append(HeldOutSong(answers, constant))
            folds.append(songs)
        return folds

    useless = evaluate(results(0.0, 0.0), "level")
    perfect = evaluate(results(1.0, 1.0), "level")
    one_sided = evaluate(results(1.0, 0.0), "level")
    assert useless.shrinkage == 0
    assert useless.errors["shrunk"] == useless.errors["constant"]
    assert one_sided.errors["network"] < 0.9 * one_sided.errors["constant"]
    assert one_sided.shrinkage == 0
    assert perfect.shrinkage == 1
    assert perfect.errors["shrunk"] == pytest.approx(0.0)
    assert perfect.errors["constant"] > 0


def test_batches_draw_every_song_and_repeat(taught: list[TaughtSong]) -> None:
    """The same seed gives the same batch; truth of EQ is the drawn damage, scaled."""
    first = draw_batch(taught, "eq", 8, np.random.default_rng(9))
    second = draw_batch(taught, "eq", 8, np.random.default_rng(9))
    assert (first.summaries == second.summaries).all()
    assert (first.targets == second.targets).all()
    assert ((first.targets != 0.5).sum(axis=1) == N_DAMAGED_BANDS).all()


# --- shipped weights --------------------------------------------------------------------------


@pytest.mark.parametrize("task", list(NETWORKS))
def test_shipped_weights_are_those_of_the_model_card(task: str) -> None:
    """Each file loads, is small, has the hash that index and card print, and fits the network."""
    from mixing.learning.networks.architectures import new_network
    from mixing.learning.networks.networks import tensors_of

    path = WEIGHTS_FOLDER / f"{task}.safetensors"
    assert path.stat().st_size < 1_000_000
    sha256 = read_index()["networks"][task]["sha256"]
    assert sha256 in (WEIGHTS_FOLDER / "model_card.md").read_text(encoding="utf-8")
    network = new_network(architecture_of(task), len(NETWORKS[task].outputs))
    fitting = {name: tensor.shape for name, tensor in tensors_of(network).items()}
    assert {name: tensor.shape for name, tensor in read_weights(task).items()} == fitting


def test_the_shipped_card_is_the_one_that_its_index_gives() -> None:
    """It says what the networks of the system ``cnn`` are: not convolutional ones."""
    card = (WEIGHTS_FOLDER / "model_card.md").read_text(encoding="utf-8")
    assert card == model_card(read_index())
    assert "`dense`: three dense layers on summaries of the song, no convolution." in card


def test_a_mix_says_what_the_networks_of_the_system_are(song: Song) -> None:
    """``mixtrial mix`` prints the report's notes."""
    notes = create(SystemSettings()).mix(song).report.notes
    assert any("dense, three dense layers" in note for note in notes)


@pytest.mark.parametrize("task", list(NETWORKS))
def test_no_shipped_output_loses_to_the_constant(task: str) -> None:
    """A shipped output errs 3 % less than the constant on held-out songs, or is the constant."""
    entry = read_index()["networks"][task]
    ships, constant = (entry["held_out_error"][kind] for kind in ("ships", "constant"))
    for name, factor in entry["shrinkage"].items():
        assert (
            ships[name] == constant[name] if factor == 0 else ships[name] < 0.975 * constant[name]
        )


@pytest.mark.parametrize("task", list(NETWORKS))
def test_predictions_repeat_and_stay_in_range(task: str, song: Song) -> None:
    """The same song gives the same numbers, inside the outputs' ranges."""
    backing_mel = features.log_mel_of(song.backing, RATE)
    first = predict(task, song.vocal, backing_mel, RATE)
    assert predict(task, song.vocal, backing_mel, RATE) == first
    for output in NETWORKS[task].outputs:
        assert output.low <= first.outputs[output.name] <= output.high


@pytest.mark.parametrize(
    ("architecture", "n_frames"), [("dense", 54), ("dense", 27), ("li2022", 54), ("li2022", 70)]
)
def test_networks_answer_without_torch_as_torch_answers(architecture: str, n_frames: int) -> None:
    """On clips of any length, with random weights, numpy's answer is that of torch's own layers."""
    import torch

    from mixing.learning.networks.architectures import new_network
    from mixing.learning.networks.networks import tensors_of

    torch.manual_seed(5)
    network = new_network(architecture, 9).eval()
    rng = np.random.default_rng(6)
    for name, value in network.state_dict().items():
        if value.ndim == 1 and not name.startswith("dense"):  # untaught, these do nothing
            value.copy_(torch.from_numpy(rng.uniform(0.5, 1.5, tuple(value.shape))))
    clip = rng.normal(0, 1, (2, n_frames, 64)).astype(np.float32)
    summary = rng.normal(0, 1, N_SUMMARY).astype(np.float32)
    with torch.inference_mode():
        expected = network(torch.from_numpy(clip)[None], torch.from_numpy(summary)[None])[0]
    answers = network_answers(tensors_of(network), clip, summary, architecture)
    assert answers == pytest.approx(expected.numpy(), abs=1e-5)


def test_unheard_vocal_gets_the_constant(song: Song) -> None:
    """A vocal that hardly sounds gets the networks' constant: for EQ, nothing."""
    vocal = np.zeros_like(song.vocal)
    prediction = predict("eq", vocal, features.log_mel_of(song.backing, RATE), RATE)
    assert prediction.n_clips == 0
    assert list(prediction.outputs.values()) == pytest.approx([0.0] * 9)


def test_changed_weights_are_refused(tmp_path: Path) -> None:
    """One flipped byte, a missing file, a foreign version and no index are each told apart."""
    for path in WEIGHTS_FOLDER.iterdir():
        shutil.copy(path, tmp_path / path.name)
    content = bytearray((tmp_path / "eq.safetensors").read_bytes())
    content[-1] ^= 1
    (tmp_path / "eq.safetensors").write_bytes(content)
    with pytest.raises(WeightsError, match="SHA-256 differs"):
        read_weights("eq", tmp_path)
    (tmp_path / "level.safetensors").unlink()
    with pytest.raises(WeightsError, match="are missing"):
        read_weights("level", tmp_path)
    index = json.loads((tmp_path / "weights.json").read_text(encoding="utf-8"))
    (tmp_path / "weights.json").write_text(json.dumps({**index, "format_version": 99}))
    with pytest.raises(WeightsError, match="format 99"):
        read_index(tmp_path)
    with pytest.raises(WeightsError, match="no trained weights"):
        read_index(tmp_path / "nowhere")


def test_weights_of_another_shape_are_refused(song: Song, tmp_path: Path) -> None:
    """A network with another number of outputs is named, with the shape that is needed."""
    for path in WEIGHTS_FOLDER.iterdir():
        shutil.copy(path, tmp_path / path.name)
    index = json.loads((tmp_path / "weights.json").read_text(encoding="utf-8"))
    index["networks"]["level"] = index["networks"]["eq"]
    (tmp_path / "weights.json").write_text(json.dumps(index), encoding="utf-8")
    shutil.copy(tmp_path / "eq.safetensors", tmp_path / "level.safetensors")
    with pytest.raises(WeightsError, match=r"level network do not fit .* shape \(1,\)"):
        predict("level", song.vocal, features.log_mel_of(song.backing, RATE), RATE, tmp_path)


# --- the system -------------------------------------------------------------------------------


def test_eq_of_the_system_takes_damage_back(song: Song, trusted: Path) -> None:
    """At most four bands of Q 1, which cancel exactly the damage that a trusted network names."""
    backing_mel = features.log_mel_of(song.backing, RATE)
    damage = predict("eq", song.vocal, backing_mel, RATE, trusted).outputs.values()
    bands = CnnDecisions(CORRECTED, trusted).choose_eq(song.vocal, song.backing, RATE)
    assert 1 <= len(bands) <= 4
    by_frequency = dict(zip(_centres(), damage, strict=True))
    for band in bands:
        undone = [EqBand(band.frequency_hz, by_frequency[band.frequency_hz]), band]
        assert response_db(undone, [band.frequency_hz, 1000.0], RATE) == pytest.approx(0, abs=1e-6)


def test_mix_by_networks_keeps_its_promises(song: Song) -> None:
    """The mix repeats, reaches the profile's loudness and has a reverb within the ranges."""
    system = create(SystemSettings())
    mix = system.mix(song)
    report = mix.report
    assert report.system == "cnn"
    assert report.integrated_lufs == pytest.approx(CORRECTED.mix_loudness_lufs, abs=0.1)
    assert report.reverb is not None
    for name, (low, high) in REVERB_RANGES.items():
        assert low <= getattr(report.reverb, name) <= high
    decades = np.log10(report.extra["early_decay_time_s"])
    preferred_lu = min(-14.0, -(6.7767 + 2.5619 * decades) / 0.4866)
    reverb_lu = report.extra["relative_reverb_loudness_lu"]
    assert reverb_lu == pytest.approx(preferred_lu, abs=0.1)
    assert report.extra["too_reverberant_logit"] <= 0
    assert (system.mix(song).audio == mix.audio).all()


def test_range_is_carried_over_to_the_li2022_profile_meter(song: Song) -> None:
    """Li's (2022) target lies above ours by the difference of the two profiles' constants."""
    ours = CnnDecisions(CORRECTED).choose_compression(song.vocal, song.backing, RATE)
    li2022s = CnnDecisions(LI2022).choose_compression(song.vocal, song.backing, RATE)
    assert isinstance(ours, CompressionTarget)
    difference = LI2022.lra_target_lu - CORRECTED.lra_target_lu
    assert li2022s.lra_lu - ours.lra_lu == pytest.approx(difference)


def test_the_system_mixes_without_the_network_library(trusted: Path) -> None:
    """Creating the system and asking a network about a song loads no torch."""
    code = (
        "import sys; from pathlib import Path; from mixing.ingest.intake import read_song; "
        "from mixing.profiles import CORRECTED; "
        "from mixing.systems.cnn import CnnDecisions, create; "
        "from mixing.systems.base import SystemSettings; create(SystemSettings()); "
        "folder = Path(sys.argv[1]); decisions = CnnDecisions(CORRECTED, Path(sys.argv[2])); "
        "song = read_song(folder / 'vocal.flac', folder / 'backing.ogg'); "
        "decisions.choose_eq(song.vocal, song.backing, song.sample_rate); "
        "print(decisions.facts()['eq_clips_heard'] > 0, 'torch' in sys.modules)"
    )
    command = [sys.executable, "-c", code, str(SONGS / "harbour_lights"), str(trusted)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True False"
