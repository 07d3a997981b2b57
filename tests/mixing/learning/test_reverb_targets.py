"""Reverb targets: decay in closed form, networks found for it, rooms heard in a vocal alone."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import places
from mixing.audio import Audio, AudioError
from mixing.effects.reverb import decay_time_by_frequency_s, impulse_response
from mixing.ingest.decoding import read_audio
from mixing.learning.reverb_targets import blind, training
from mixing.learning.reverb_targets.blind import HeardReverb, hear_reverb
from mixing.learning.reverb_targets.decay_model import (
    BANDS_HZ,
    EDGES_S,
    exponential_relief_db,
    measured_relief_db,
    modelled_relief_db,
)
from mixing.learning.reverb_targets.matching import match_heard, match_relief
from mixing.learning.reverb_targets.training import in_room, random_room, train
from mixing.learning.weight_files import WeightsError
from mixing.parameters import ReverbParameters

RATE = 44_100
SONGS = places.ROOT / "stimuli" / "demo" / "songs"
DATA = places.SHARED / "data"
ROOM = ReverbParameters(0.3, 1.8, 0.2, 15, 100, -5, 0.5, 4000, -16, 0.7)


def heard(relief_db: np.ndarray) -> np.ndarray:
    """Where a relief is within 50 dB of its loudest."""
    return relief_db > relief_db.max() - 50


# --- the model --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "parameters",
    [
        ROOM,
        replace(ROOM, fade_in_s=0.0),
        replace(ROOM, room_size=28, reverb_time_s=3.0, dry_wet=0.6),
        replace(ROOM, high_shelf_gain_db_per_s=-40, high_shelf_frequency_hz=2000, high_shelf_q=0.3),
    ],
)
def test_the_model_decays_as_the_rendered_network_does(parameters: ReverbParameters) -> None:
    """Energy over direct sound in every band and frame: within 2 dB on average."""
    response = impulse_response(parameters, RATE, 3.2)
    direct = float(np.square(response[:, 0], dtype=np.float64).mean())
    tail = response.copy()
    tail[:, 0] = 0
    rendered = measured_relief_db(tail, RATE, direct)
    difference = (modelled_relief_db(parameters, RATE) - rendered)[heard(rendered)]
    assert abs(difference).mean() < 2
    assert abs(difference.mean()) < 1.6


def test_a_relief_of_exponentials_holds_their_energy() -> None:
    """Energy from 0.05 to 3 s of a tail of T60 1 s and level −10 dB, by its integral."""
    relief = exponential_relief_db([1.0] * 5, -10.0)
    whole = 0.1 * (10 ** (-6 * EDGES_S[0]) - 10 ** (-6 * EDGES_S[-1]))
    np.testing.assert_allclose(np.sum(10 ** (relief / 10), axis=1), whole, rtol=1e-4)


def test_a_measured_relief_is_that_of_the_decay() -> None:
    """White noise that decays with T60 1 s: a measured and an exponential relief agree."""
    time = np.arange(4 * RATE) / RATE
    noise = np.random.default_rng(0).standard_normal((2, time.size)) * 10 ** (-3 * time)
    noise /= np.sqrt(np.square(noise).sum(axis=1, keepdims=True))
    measured = measured_relief_db(noise.astype(np.float32), RATE)
    expected = exponential_relief_db([1.0] * 5, 0.0)
    difference = (measured - expected)[heard(expected)]
    assert abs(difference).mean() < 1
    assert abs(difference.mean()) < 0.3


# --- the search -------------------------------------------------------------------------------


def test_a_rendered_network_is_found_again() -> None:
    """Decay times within 10 % in all bands; the same seed finds the same parameters."""
    response = impulse_response(ROOM, RATE, 3.2)
    direct = float(np.square(response[:, 0], dtype=np.float64).mean())
    response[:, 0] = 0
    wanted = measured_relief_db(response, RATE, direct)
    match = match_relief(wanted, RATE, seed=1)
    assert match.error_db < 1.5
    found = decay_time_by_frequency_s(match.parameters, RATE, BANDS_HZ)
    np.testing.assert_allclose(found, decay_time_by_frequency_s(ROOM, RATE, BANDS_HZ), rtol=0.1)
    assert match_relief(wanted, RATE, seed=1) == match


def test_a_heard_reverb_becomes_a_network_of_its_decay_and_level() -> None:
    """Rendered, the network decays as heard, and its tail has the level that was heard."""
    times = (1.3, 1.2, 1.1, 1.0, 0.8)
    match = match_heard(HeardReverb(times, -10.0), RATE, seed=0)
    found = decay_time_by_frequency_s(match.parameters, RATE, BANDS_HZ)
    np.testing.assert_allclose(found, times, rtol=0.15)
    response = impulse_response(match.parameters, RATE)
    energy = np.square(response, dtype=np.float64).mean(axis=0)
    level_db = 10 * np.log10(energy[int(0.05 * RATE) :].sum() / energy[0])
    expected_db = -10 + 10 * np.log10(10 ** (-6 * 0.05 / 1.1))
    assert level_db == pytest.approx(expected_db, abs=2.5)


# --- hearing ----------------------------------------------------------------------------------


def bursts(seconds: float = 16) -> Audio:
    """Notes of a quarter of a second with pauses between them, one channel of pink-like noise."""
    rng = np.random.default_rng(2)
    noise = np.cumsum(rng.standard_normal(round(seconds * RATE)))
    noise = noise - np.convolve(noise, np.ones(400) / 400, mode="same")
    gate = np.repeat(np.tile([1.0, 0, 0, 0], round(seconds)), RATE // 4)
    return (0.1 * noise / noise.std() * gate[: noise.size])[None].astype(np.float32)


def room(decay_s: float, level_db: float) -> Audio:
    """White noise that decays exponentially, its energy ``level_db``; (1, n)."""
    time = np.arange(round(1.2 * decay_s * RATE)) / RATE
    noise = np.random.default_rng(3).standard_normal(time.size) * 10 ** (-3 * time / decay_s)
    noise *= 10 ** (level_db / 20) / np.sqrt(np.square(noise).sum())
    return noise[None].astype(np.float32)


def test_longer_and_louder_rooms_are_heard_as_such() -> None:
    """Times even in sounds that are no voice; levels in a demo vocal, within 5 dB."""
    dry = bursts()
    times = [hear_reverb(in_room(dry, room(s, -3)), RATE).decay_time_s[2] for s in (0.5, 1.2, 3)]
    assert times[0] < times[1] < times[2]
    vocal = read_audio(SONGS / "harbour_lights" / "vocal.flac")[0].mean(axis=0, keepdims=True)
    levels = [hear_reverb(in_room(vocal, room(1.5, x)), RATE).level_db for x in (-20, -10, 0)]
    np.testing.assert_allclose(levels, (-20, -10, 0), atol=5)


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.skipif(not DATA.is_dir(), reason="the data folder is not beside the checkout")
def test_a_measured_plate_is_heard_in_a_vocal_it_was_not_taught_with() -> None:
    """T20 of the plate at 500, 1000 and 2000 Hz (rirs.csv): 2.06, 2.03, 1.65 s, within a third."""
    vocal = read_audio(DATA / "synth" / "pop_1_vocal.flac")[0].mean(axis=0, keepdims=True)
    plate = read_audio(DATA / "rirs" / "emt_140_bright_2.flac")[0].mean(axis=0, keepdims=True)
    tail = plate[:, np.abs(plate).argmax() :].copy()
    tail[:, :220] = 0
    tail *= np.float32(10 ** (-5 / 20) / np.sqrt(np.square(tail).sum()))
    answer = hear_reverb(in_room(vocal, tail), RATE)
    np.testing.assert_allclose(np.log(answer.decay_time_s[1:4]), np.log([2.06, 2.03, 1.65]),
                               atol=0.33)  # fmt: skip
    assert hear_reverb(vocal, RATE).level_db < answer.level_db - 10


def test_nothing_is_heard_in_silence_or_in_a_moment() -> None:
    """One sentence each."""
    with pytest.raises(AudioError, match="too short to estimate its reverb; at least 5 s"):
        hear_reverb(bursts(4), RATE)
    with pytest.raises(AudioError, match="The vocal is silent"):
        hear_reverb(np.zeros((2, 6 * RATE), np.float32), RATE)


def test_weights_that_were_not_evaluated_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One changed byte is noticed, and so is a missing card."""
    content = blind.WEIGHTS.read_bytes()
    copy = tmp_path / "blind.safetensors"
    copy.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    monkeypatch.setattr(blind, "WEIGHTS", copy)
    blind.read_weights.cache_clear()
    with pytest.raises(WeightsError, match="card are missing"):
        blind.read_weights()
    copy.with_suffix(".json").write_text(json.dumps({"sha256": "0" * 64}))
    with pytest.raises(WeightsError, match="not the file that was evaluated"):
        blind.read_weights()


# --- training ---------------------------------------------------------------------------------


def test_rooms_of_noise_are_what_their_answers_say() -> None:
    """Energy of the tail is the level; the decay of each band is its time."""
    for seed in range(3):
        tail, answer = random_room(np.random.default_rng(seed))
        level_db = 10 * np.log10(np.square(tail, dtype=np.float64).sum())
        assert level_db == pytest.approx(answer[-1], abs=0.01)
        levels = measured_relief_db(tail[:, np.flatnonzero(tail[0])[0] :], RATE)
        expected = exponential_relief_db(np.exp(answer[:-1]), answer[-1])
        slope = np.diff(levels[:, [1, 7]], axis=1)
        np.testing.assert_allclose(slope, np.diff(expected[:, [1, 7]], axis=1), atol=4)


def test_the_same_seed_teaches_the_same_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line is learnt better than its constant, and twice the same."""
    monkeypatch.setattr(training, "N_STEPS", 300)
    rng = np.random.default_rng(0)
    features = rng.standard_normal((400, 4))
    answers = features @ rng.standard_normal((4, 6))
    first, second = train((features, answers)), train((features, answers))
    assert all(np.array_equal(first[name], second[name]) for name in first)
    errors = training.check(first, (features, answers), (features, answers))
    assert errors["level_db"] < 0.6 * errors["level_db_constant"]
