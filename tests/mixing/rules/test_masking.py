"""Masking EQ: Li's (2022) rule on planted spectra, the search at equal loudness, frozen frames."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.signal import butter, sosfilt

import places
from mixing.effects.eq import BAND_FREQUENCIES_HZ, apply_eq, response_db
from mixing.effects.level import apply_gain, balance_gain_db
from mixing.ingest.decoding import read_audio
from mixing.meters.loudness import integrated_loudness
from mixing.profiles import CORRECTED, LI2022
from mixing.rules import masking
from mixing.rules.bands import band_edges_hz, band_levels
from mixing.rules.masking import li2022_gains_db, masking_decision

RATE = 44_100
SHARED = places.SHARED / "data"


def balanced(vocal, backing, sample_rate, wanted_lu):
    """The vocal, turned so that it stands as far above the backing as wanted."""
    vocal_lufs = integrated_loudness(vocal, sample_rate)
    backing_lufs = integrated_loudness(backing, sample_rate)
    return apply_gain(vocal, balance_gain_db(vocal_lufs, backing_lufs, wanted_lu))


def octaves(levels_db, seconds=5.0, seed=0, sample_rate=RATE):
    """Noise whose nine octave bands have the given levels in dBFS, two equal channels."""
    rng = np.random.default_rng(seed)
    total = np.zeros(int(seconds * sample_rate))
    edges = band_edges_hz(sample_rate)
    for level_db, (low, high) in zip(levels_db, edges, strict=True):
        if not math.isfinite(level_db) or high == 0:
            continue
        inside = (low * 1.1, min(high * 0.9, 0.45 * sample_rate))
        band = sosfilt(
            butter(4, inside, "bandpass", fs=sample_rate, output="sos"),
            rng.standard_normal(total.size),
        )
        total += band / band.std() * 10 ** (level_db / 20)
    return np.repeat(total[None].astype(np.float32), 2, axis=0)


# 63, 125, 250, 500, 1k, 2k, 4k, 8k, 16k
VOCAL = octaves([-70, -50, -24, -20, -22, -28, -32, -45, -60])
BACKING = octaves([-20, -24, -28, -26, -30, -18, -30, -34, -44], seed=1)


def test_bands_are_octaves_in_hertz():
    """Edges are a factor of √2 from the centre; the top edge stays under half the rate."""
    edges = band_edges_hz(RATE)
    np.testing.assert_allclose(edges[4], [707.1, 1414.2], rtol=1e-3)
    assert edges[8, 1] < RATE / 2


@pytest.mark.parametrize("band", range(9))
def test_a_tone_at_a_centre_reads_its_own_level_in_its_band(band):
    """A sine of −20 dBFS RMS: −20 dB in its octave, at least 12 dB less in the others."""
    time_s = np.arange(2 * RATE) / RATE
    tone = np.sqrt(2) * 0.1 * np.sin(2 * np.pi * BAND_FREQUENCIES_HZ[band] * time_s)
    audio = np.repeat(tone[None].astype(np.float32), 2, axis=0)
    levels = band_levels(audio, audio, RATE)
    mean_db = levels.vocal_db.mean(axis=0)
    assert mean_db[band] == pytest.approx(-20, abs=0.3)
    # a second-order band-pass one octave from its centre: about 10 dB per octave of skirt
    assert np.delete(mean_db, band).max() < -20 - 8
    assert levels.vocal_rms_db.mean() == pytest.approx(-20, abs=0.1)


def test_k_weighted_power_of_the_bands_is_the_loudness():
    """The spectrum's K-weighted mean agrees with the meter, 3 dB less for the mono average."""
    levels = band_levels(VOCAL, BACKING, RATE)
    # two equal channels: the meter sums two, the bands average to one
    lufs = -0.691 + 10 * math.log10(2 * levels.vocal_power.mean())
    assert lufs == pytest.approx(integrated_loudness(VOCAL, RATE), abs=0.2)


@pytest.mark.parametrize(
    ("vocal_db", "backing_db", "expected"),
    [
        # Essential to the vocal: 125 … 4k; to the backing: 63, 125. Mean difference 0.44.
        # 2k and 4k are covered by 4 and 6 dB; 125 belongs to both, 63 is not too loud.
        (
            [-40, -30, -20, -20, -20, -20, -30, -40, -50],
            [-20, -20, -34, -30, -28, -16, -24, -44, -50],
            {2000: 3.56, 4000: 5.56},
        ),
        # Vocal 125 … 4k, backing 63 and 125, mean −0.22: the vocal covers 63, where only the
        # backing lives, by 2 dB.
        (
            [-30, -24, -20, -20, -20, -20, -20, -60, -60],
            [-32, -30, -30, -28, -27, -25, -24, -40, -40],
            {63: -1.78},
        ),
        # Vocal 125 … 4k, backing 63 and 8k, mean 9.39: 125 by 11.1 (clipped), 250 by 2.6, 500 and
        # 2k by 1.6, 1k by 0.6 (a fifth band: dropped).
        (
            [-34, -30, -20, -20, -20, -20, -20, -22, -24],
            [0, -9.5, -8, -9, -10, -9, -14, 0, -66],
            {125: 8.0, 250: 2.61, 500: 1.61, 2000: 1.61},
        ),
        # Vocal 125 … 4k, backing 63 and 1k, mean 7.33: nothing essential to the vocal is covered.
        (
            [-50, -28, -20, -18, -20, -26, -30, -60, -70],
            [-14, -26, -30, -30, -16, -24, -36, -40, -40],
            {},
        ),
    ],
)
def test_li2022s_rule_gives_the_gains_computed_by_hand(vocal_db, backing_db, expected):
    """Ranks by level less 5 log10(width): 8.2 dB at 63 Hz, 1.5 dB more each octave."""
    gains = li2022_gains_db(np.array(vocal_db, float), np.array(backing_db, float), RATE)
    found = {
        int(frequency): round(float(gain), 2)
        for frequency, gain in zip(BAND_FREQUENCIES_HZ, gains, strict=True)
        if gain
    }
    assert found == pytest.approx(expected, abs=0.005)


def test_li2022s_rule_finds_a_planted_collision_in_audio():
    """Equal spectra but for 6 dB more backing at 2 kHz: that band is raised, by under 6 dB."""
    flat = [-24.0] * 9
    backing = list(flat)
    backing[5] += 6.0
    bands = masking_decision(octaves(flat, 8.0), octaves(backing, 8.0), RATE, LI2022).bands
    largest = max(bands, key=lambda band: abs(band.gain_db))
    assert largest.frequency_hz == 2000
    assert 4.0 < largest.gain_db < 6.0  # 6 dB less the mean difference, in which the skirts count
    assert largest.q == 1.0


def test_the_search_reduces_masking_and_says_by_how_much():
    """Masking after is lower than before; gains stay within ±6 dB, four bands, low ones not up."""
    decision = masking_decision(VOCAL, BACKING, RATE, CORRECTED)
    assert 0 < len(decision.bands) <= 4
    assert decision.masking_after_db < 0.95 * decision.masking_before_db
    for band in decision.bands:
        assert 0.5 <= abs(band.gain_db) <= 6.0
        assert band.frequency_hz > 125 or band.gain_db < 0


def test_the_reported_reduction_is_what_rendered_audio_shows_at_equal_loudness():
    """Equalise, balance, and measure with the frames and bands frozen before: the same number."""
    decision = masking_decision(VOCAL, BACKING, RATE, CORRECTED)
    lu = CORRECTED.relative_loudness_lu
    before = balanced(VOCAL, BACKING, RATE, lu)
    after = balanced(apply_eq(VOCAL, RATE, decision.bands), BACKING, RATE, lu)
    levels_before = band_levels(before, BACKING, RATE)
    levels_after = band_levels(after, BACKING, RATE)
    strongest = np.argsort(-levels_before.vocal_db, axis=1)[:, :4]
    for levels, expected in (
        (levels_before, decision.masking_before_db),
        (levels_after, decision.masking_after_db),
    ):
        hidden = np.clip(levels.backing_db - levels.vocal_db, 0, 20)
        masking_db = np.take_along_axis(hidden, strongest, axis=1).sum(axis=1).mean()
        assert masking_db == pytest.approx(expected, abs=0.6)


def test_a_vocal_that_nothing_hides_is_left_alone():
    """No masking, no filter."""
    backing = octaves([-30, -40, -80, -80, -80, -80, -80, -80, -80])
    assert masking_decision(VOCAL, backing, RATE, CORRECTED).bands == ()


def test_the_search_does_not_depend_on_the_levels_of_the_files():
    """20 dB quieter vocal or backing: the same filters, because the balance comes later."""
    expected = masking_decision(VOCAL, BACKING, RATE, CORRECTED).bands
    quiet = masking_decision(VOCAL * np.float32(0.1), BACKING, RATE, CORRECTED).bands
    assert [band.frequency_hz for band in quiet] == [band.frequency_hz for band in expected]
    np.testing.assert_allclose(
        [band.gain_db for band in quiet], [band.gain_db for band in expected], atol=0.1
    )


def test_the_decision_is_deterministic_and_hears_the_song_once(monkeypatch):
    """Twice the same; the search works on band levels, measured once (its cost: ``make bench``)."""
    measured = []

    def counted(*stems):
        measured.append(stems)
        return band_levels(*stems)

    monkeypatch.setattr(masking, "band_levels", counted)
    vocal, backing = np.tile(VOCAL, 6), np.tile(BACKING, 6)
    first = masking_decision(vocal, backing, RATE, CORRECTED)
    assert len(measured) == 1
    assert first.bands
    assert masking_decision(vocal, backing, RATE, CORRECTED) == first


@pytest.mark.parametrize("profile", [LI2022, CORRECTED])
@pytest.mark.parametrize("silent", ["vocal", "backing", "both"])
def test_silence_gets_no_filters(profile, silent):
    """Nothing to hide or nothing that hides: no bands, masking 0."""
    nothing = np.zeros_like(VOCAL)
    vocal = VOCAL if silent == "backing" else nothing
    backing = BACKING if silent == "vocal" else nothing
    decision = masking_decision(vocal, backing, RATE, profile)
    assert decision.bands == ()
    assert decision.masking_before_db == decision.masking_after_db == 0.0


@pytest.mark.parametrize("sample_rate", [32_000, 96_000])
def test_other_sample_rates_give_usable_filters(sample_rate):
    """At 32 kHz the top octave has hardly room; gains stay finite and in range."""
    vocal = octaves([-70, -50, -24, -20, -22, -28, -32, -45, -60], 3.0, 0, sample_rate)
    backing = octaves([-20, -24, -28, -26, -30, -18, -30, -34, -44], 3.0, 1, sample_rate)
    for profile in (LI2022, CORRECTED):
        bands = masking_decision(vocal, backing, sample_rate, profile).bands
        response = response_db(bands, np.geomspace(20, sample_rate / 2.1, 50), sample_rate)
        assert np.isfinite(response).all()


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data folder is absent")
def test_the_search_unmasks_recorded_vocals_more_than_li2022s_rule():
    """Four recorded excerpts: less masking than before, and than the rule leaves, on average."""
    searched, ruled = [], []
    for path in sorted((SHARED / "stems").glob("*/*_1_vocal.flac"))[:4]:
        vocal, rate = read_audio(path)
        backing, _ = read_audio(path.with_name(path.name.replace("vocal", "backing")))
        levelled = balanced(vocal, backing, rate, LI2022.relative_loudness_lu)
        for profile, reductions in ((CORRECTED, searched), (LI2022, ruled)):
            decision = masking_decision(levelled, backing, rate, profile)
            reductions.append(decision.masking_after_db / decision.masking_before_db)
    assert max(searched) <= 1.0
    assert np.mean(searched) < np.mean(ruled) - 0.01
