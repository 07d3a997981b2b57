"""The chain as a whole: its order, its promises about level, and every kind of bad input."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pyebur128
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixing.audio import Audio, AudioError, Song
from mixing.chain import render, run_chain
from mixing.effects.compressor_laws import compress
from mixing.effects.eq import apply_eq
from mixing.effects.level import relative_loudness_lu
from mixing.effects.reverb import REVERB_RANGES
from mixing.meters.loudness import integrated_loudness
from mixing.meters.true_peak import true_peak_dbtp
from mixing.parameters import (
    CompressionSettings,
    CompressionTarget,
    EqBand,
    MixParameters,
    ReverbParameters,
)
from mixing.profiles import CORRECTED, LI2022, Profile

RATE = 32_000  # the lowest rate allowed: the quickest to test
EQ = (EqBand(250.0, 5.0), EqBand(4000.0, -6.0))
COMPRESSION = CompressionSettings(-30.0, 3.0, 10.0, 100.0)
REVERB = ReverbParameters(0.3, 0.6, 0.1, 10.0, 100.0, -2.0, 0.5, 10_000.0, -16.0, 0.7)
PARAMETERS = MixParameters(EQ, COMPRESSION, REVERB, -4.0)


def music(seconds: float = 4.0, rate: int = RATE, seed: int = 0) -> Audio:
    """Two channels of tones and noise with a wandering level."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(seconds * rate)) / rate
    swell = 10 ** (
        np.interp(t, np.arange(0, seconds + 1), rng.uniform(-30, -10, int(seconds) + 1)) / 20
    )
    tone = sum(np.sin(2 * np.pi * rng.uniform(80, 6000) * t) for _ in range(4)) / 4
    audio = swell * (tone + 0.2 * rng.standard_normal((2, t.size)))
    return np.asarray(audio, dtype=np.float32)


@pytest.fixture(scope="module")
def song() -> Song:
    """Four seconds at 32 kHz."""
    return Song(music(seed=1), music(seed=2), RATE)


def libebur128(audio: Audio, rate: int = RATE) -> tuple[float, float]:
    """Integrated loudness (LUFS) and true peak (dBTP) by another meter."""
    mode = pyebur128.MeasurementMode
    state = pyebur128.R128State(2, rate, mode.MODE_I)
    peaks = pyebur128.R128State(2, rate, mode.MODE_TRUE_PEAK)
    frames = np.ascontiguousarray(audio.T.ravel(), dtype=np.float64)
    state.add_frames(frames, audio.shape[1])
    peaks.add_frames(frames, audio.shape[1])
    peak = max(pyebur128.get_true_peak(peaks, channel) for channel in (0, 1))
    return pyebur128.get_loudness_global(state), 20 * math.log10(peak)


ANSWERS = {
    "choose_eq": EQ,
    "choose_compression": COMPRESSION,
    "choose_reverb": None,
    "choose_relative_loudness": 2.0,
}


class Spy:
    """Decisions with fixed answers that keep the vocal each of them was shown."""

    def __init__(self) -> None:
        self.seen: dict[str, Audio] = {}

    def __getattr__(self, name: str) -> Callable[[Audio, Audio, int], object]:
        """Replace each of the four decisions."""
        if name not in ANSWERS:
            raise AttributeError(name)

        def choose(vocal: Audio, *_: object) -> object:
            self.seen[name] = vocal.copy()
            return ANSWERS[name]

        return choose

    def facts(self) -> dict[str, float]:
        """One fact that is a number and one that is not."""
        return {"tempo_bpm": 120.0, "unknown": math.nan}


def test_vocal_and_backing_add_up_to_the_mix(song: Song) -> None:
    """Sample for sample, float32, as long as the song."""
    mix = render(song, PARAMETERS, "test")
    assert mix.vocal is not None
    assert mix.backing is not None
    assert np.array_equal(mix.vocal + mix.backing, mix.audio)
    assert mix.audio.shape == song.vocal.shape
    assert mix.audio.dtype == mix.vocal.dtype == mix.backing.dtype == np.float32


@pytest.mark.parametrize("profile", [CORRECTED, LI2022])
def test_levels_are_what_another_meter_reads(song: Song, profile: Profile) -> None:
    """Mix loudness, vocal over backing, and true peak, by libebur128."""
    mix = render(song, PARAMETERS, "test", profile)
    loudness, peak = libebur128(mix.audio)
    assert loudness == pytest.approx(profile.mix_loudness_lufs, abs=0.02)
    assert mix.report.integrated_lufs == pytest.approx(loudness, abs=0.02)
    assert mix.report.true_peak_dbtp == pytest.approx(peak, abs=0.2)
    assert mix.vocal is not None
    assert mix.backing is not None
    relative = libebur128(mix.vocal)[0] - libebur128(mix.backing)[0]
    assert relative == pytest.approx(-4.0, abs=0.02)
    assert mix.report.relative_loudness_lu == -4.0


def test_each_choice_sees_the_vocal_as_processed_so_far(song: Song) -> None:
    """EQ sees the file, compression the equalised vocal, reverb and level the compressed one."""
    spy = Spy()
    run_chain(song, spy, "spy")
    equalised = apply_eq(song.vocal, RATE, EQ)
    compressed = compress(equalised, RATE, COMPRESSION)
    assert np.array_equal(spy.seen["choose_eq"], song.vocal)
    assert np.array_equal(spy.seen["choose_compression"], equalised)
    assert np.array_equal(spy.seen["choose_reverb"], compressed)
    assert np.array_equal(spy.seen["choose_relative_loudness"], compressed)


def test_levels_can_be_balanced_before_the_first_choice(song: Song) -> None:
    """Li's (2022) baseline looks at a vocal already 1.77 LU below the backing."""
    spy = Spy()
    run_chain(song, spy, "spy", LI2022, first_relative_loudness_lu=-1.77)
    first = integrated_loudness(spy.seen["choose_eq"], RATE)
    assert first - integrated_loudness(song.backing, RATE) == pytest.approx(-1.77, abs=1e-3)


def test_the_report_tells_what_was_done(song: Song) -> None:
    """Parameters as used, the facts that are numbers, the system's and the profile's name."""
    report = run_chain(song, Spy(), "spy").report
    assert (report.system, report.profile) == ("spy", "corrected")
    assert report.eq == EQ
    assert report.reverb is None
    assert report.compression is not None
    assert report.compression.ratio == 3.0
    assert report.extra.keys() == {"tempo_bpm", "vocal_gain_db", "backing_gain_db"}
    assert report.extra["tempo_bpm"] == 120.0
    assert report.notes == ()


def test_reverb_is_reported_by_how_loud_and_how_long_it_is(song: Song) -> None:
    """More wet is louder by as many dB; a longer reverb time decays more slowly."""
    soft = render(song, replace(PARAMETERS, reverb=replace(REVERB, fade_in_s=0.0)), "test")
    longer = replace(REVERB, fade_in_s=0.0, reverb_time_s=1.5)
    long = render(song, replace(PARAMETERS, reverb=longer), "test")
    assert soft.report.reverb is not None
    assert soft.report.reverb.dry_wet == 0.3
    assert -60 < soft.report.extra["relative_reverb_loudness_lu"] < 0
    assert long.report.extra["early_decay_time_s"] > soft.report.extra["early_decay_time_s"] > 0


def test_parameters_that_do_nothing_leave_the_vocal_as_it_was(song: Song) -> None:
    """0 dB, ratio 1, dry/wet 0: the vocal is the file's, times one gain."""
    nothing = MixParameters(
        tuple(EqBand(f, 0.0) for f in (63.0, 1000.0, 16_000.0)),
        CompressionSettings(-60.0, 1.0, 10.0, 100.0),
        replace(REVERB, dry_wet=0.0),
        0.0,
    )
    for parameters in (nothing, MixParameters((), None, None, 0.0)):
        mix = render(song, parameters, "test")
        assert mix.vocal is not None
        index = np.unravel_index(np.abs(song.vocal).argmax(), song.vocal.shape)
        gain = float(mix.vocal[index] / song.vocal[index])
        assert np.allclose(mix.vocal, gain * song.vocal, rtol=1e-5, atol=1e-7)


def test_the_same_song_and_parameters_give_the_same_mix(song: Song) -> None:
    """Bit for bit, and the song is not changed on the way."""
    before = song.vocal.copy(), song.backing.copy()
    first, second = (render(song, PARAMETERS, "test") for _ in range(2))
    assert np.array_equal(first.audio, second.audio)
    assert first.report == second.report
    assert np.array_equal(song.vocal, before[0])
    assert np.array_equal(song.backing, before[1])


def test_a_missed_range_is_noted(song: Song) -> None:
    """The compressor's honest ``reached: false`` becomes a sentence."""
    mix = render(song, replace(PARAMETERS, compression=CompressionTarget(0.0)), "test")
    assert mix.report.compression is not None
    assert not mix.report.compression.reached
    assert any("could be brought to" in note for note in mix.report.notes)


def test_a_silent_vocal_leaves_the_backing(song: Song) -> None:
    """The mix is the backing at the mix's loudness, and a note says so; nothing is chosen."""
    spy = Spy()
    mix = run_chain(replace(song, vocal=np.zeros_like(song.vocal)), spy, "spy")
    assert spy.seen == {}
    assert mix.backing is not None
    assert np.array_equal(mix.audio, mix.backing)
    assert libebur128(mix.audio)[0] == pytest.approx(-23.0, abs=0.02)
    assert "the vocal is silent" in mix.report.notes[0]
    assert mix.report.relative_loudness_lu is None


def test_a_silent_backing_leaves_the_vocal(song: Song) -> None:
    """Processed and at the mix's loudness; there is no relative loudness."""
    mix = render(replace(song, backing=np.zeros_like(song.backing)), PARAMETERS, "test")
    assert np.isfinite(mix.audio).all()
    assert mix.vocal is not None
    assert np.array_equal(mix.audio, mix.vocal)
    assert libebur128(mix.audio)[0] == pytest.approx(-23.0, abs=0.02)
    assert "the backing is silent" in mix.report.notes[0]
    assert mix.report.relative_loudness_lu is None


def test_a_peaky_mix_stays_below_its_loudness_and_says_so(song: Song) -> None:
    """Clicks in the backing: turned down to −1 dBTP, never limited."""
    backing = (0.001 * song.backing).astype(np.float32)
    backing[:, ::RATE] = 1.0
    mix = render(
        replace(song, vocal=song.vocal * np.float32(1e-3), backing=backing), PARAMETERS, "x"
    )
    assert true_peak_dbtp(mix.audio) == pytest.approx(-1.0, abs=0.01)
    assert mix.report.integrated_lufs < -24
    assert any("peaks or its stems" in note for note in mix.report.notes)


def test_stems_that_nearly_cancel_stay_within_full_scale(song: Song) -> None:
    """The sum is faint, and could be turned up further than its stems: files of them would clip."""
    click = np.zeros_like(song.vocal)
    click[:, RATE] = 1.0
    vocal, backing = (np.float32(0.05) * stem for stem in (song.vocal, song.backing))
    opposite = Song(vocal + click, backing - click, RATE)
    as_given_lu = relative_loudness_lu(opposite.vocal, opposite.backing, RATE)
    assert as_given_lu is not None
    mix = render(opposite, MixParameters((), None, None, as_given_lu), "test")
    assert mix.vocal is not None
    assert mix.backing is not None
    assert 0.99 < max(np.abs(mix.vocal).max(), np.abs(mix.backing).max()) <= 1.0
    assert mix.report.integrated_lufs == pytest.approx(libebur128(mix.audio)[0], abs=0.02)
    assert any("its stems" in note for note in mix.report.notes)


def test_profiles_differ_as_documented(song: Song) -> None:
    """Same parameters: other filters, another compressor law, another loudness."""
    corrected, li2022 = (render(song, PARAMETERS, "test", p) for p in (CORRECTED, LI2022))
    assert corrected.report.integrated_lufs - li2022.report.integrated_lufs == pytest.approx(5.0)
    assert corrected.vocal is not None
    assert li2022.vocal is not None
    level = float(np.sqrt((corrected.vocal**2).mean() / (li2022.vocal**2).mean()))
    assert not np.allclose(corrected.vocal, level * li2022.vocal, rtol=0.01, atol=1e-3)


def test_mono_stems_are_heard_on_both_sides(song: Song) -> None:
    """One channel becomes two equal ones."""
    mono = Song(song.vocal[:1], song.backing[:1], RATE)
    mix = render(mono, MixParameters(EQ, COMPRESSION, None, 0.0), "test")
    assert mix.audio.shape == song.vocal.shape
    assert np.array_equal(mix.audio[0], mix.audio[1])


@pytest.mark.parametrize("rate", [44_100, 96_000])
def test_any_usual_sample_rate_will_do(rate: int) -> None:
    """32 kHz is used everywhere else here."""
    song = Song(music(3, rate, 1), music(3, rate, 2), rate)
    mix = render(song, PARAMETERS, "test")
    assert libebur128(mix.audio, rate)[0] == pytest.approx(-23.0, abs=0.02)


def broken(song: Song, stem: str, value: float) -> Song:
    """The song with one bad sample."""
    audio = getattr(song, stem).copy()
    audio[0, 1000] = value
    return replace(song, **{stem: audio})


@pytest.mark.parametrize("stem", ["vocal", "backing"])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_samples_that_are_not_numbers_are_refused(song: Song, stem: str, value: float) -> None:
    """The sentence names the stem."""
    with pytest.raises(AudioError, match=f"The {stem} holds samples that are not numbers"):
        render(broken(song, stem, value), PARAMETERS, "test")


def test_songs_that_cannot_be_mixed_are_refused(song: Song) -> None:
    """Too short, unequal, at an odd rate, or silent on both sides: one sentence each."""
    short = Song(song.vocal[:, :RATE], song.backing[:, :RATE], RATE)
    unequal = replace(song, backing=song.backing[:, 1:])
    nothing = Song(np.zeros_like(song.vocal), np.zeros_like(song.vocal), RATE)
    for bad, sentence in (
        (short, "at least 3 s"),
        (unequal, "equally long"),
        (replace(song, sample_rate=22_050), "22050 Hz is outside"),
        (nothing, "both silent"),
        (replace(nothing, vocal=song.vocal * np.float32(1e-5)), "both silent"),
    ):
        with pytest.raises(AudioError, match=sentence):
            render(bad, PARAMETERS, "test")


def test_stems_that_cancel_each_other_are_refused(song: Song) -> None:
    """There is no loudness to bring silence to."""
    opposite = Song(song.vocal, -song.vocal, RATE)
    with pytest.raises(AudioError, match="cancel each other"):
        render(opposite, MixParameters((), None, None, 0.0), "test")


@pytest.mark.parametrize("name", ["offset", "clipped", "faint", "huge", "one click"])
def test_odd_signals_stay_finite_and_under_the_ceiling(song: Song, name: str) -> None:
    """DC, clipping, and levels far from usual."""
    click = np.zeros_like(song.vocal)
    click[:, RATE] = 1.0
    odd = {
        "offset": song.vocal + np.float32(0.7),
        "clipped": np.clip(song.vocal * 100, -1, 1),
        "faint": song.vocal * np.float32(1e-4),
        "huge": song.vocal * np.float32(1e4),
        "one click": click,
    }[name]
    for bad in (replace(song, vocal=odd), replace(song, backing=odd)):
        mix = render(bad, PARAMETERS, "test")
        assert np.isfinite(mix.audio).all()
        assert true_peak_dbtp(mix.audio) <= -0.95


bands = st.builds(
    EqBand,
    st.floats(20, 16_000),
    st.floats(-15, 15),
    st.floats(0.2, 8),
)
compressions = st.one_of(
    st.none(),
    st.builds(CompressionTarget, st.floats(0, 30)),
    st.builds(
        CompressionSettings,
        st.floats(-60, 10),
        st.floats(1, 20),
        st.floats(0, 100),
        st.floats(0, 500),
    ),
)
# a short tail, because each set of parameters costs one impulse response
short = {"reverb_time_s": (0.1, 0.4), "fade_in_s": (0.0, 0.4)}
reverb_ranges = REVERB_RANGES | short
reverbs = st.builds(
    ReverbParameters, **{name: st.floats(*bounds) for name, bounds in reverb_ranges.items()}
)
any_parameters = st.builds(
    MixParameters,
    st.lists(bands, max_size=9).map(tuple),
    compressions,
    st.one_of(st.none(), reverbs),
    st.floats(-40, 40),
)


@pytest.mark.parametrize("n_examples", [8, pytest.param(60, marks=pytest.mark.slow)])
def test_every_parameter_gives_a_finite_mix_under_the_ceiling(song: Song, n_examples: int) -> None:
    """Eight draws of parameters and profile, and 60 by `make validate`."""
    given_any = given(parameters=any_parameters, profile=st.sampled_from([CORRECTED, LI2022]))

    def check(parameters: MixParameters, profile: Profile) -> None:
        check_finite_under_the_ceiling(song, parameters, profile)

    settings(max_examples=n_examples)(given_any(check))()


def check_finite_under_the_ceiling(song: Song, parameters: MixParameters, profile: Profile) -> None:
    """Finite, as long as the song, at its loudness or the ceiling, and vocal + backing = mix."""
    mix = render(song, parameters, "test", profile)
    assert mix.audio.shape == song.vocal.shape
    assert np.isfinite(mix.audio).all()
    assert true_peak_dbtp(mix.audio) <= -1.0 + 0.05
    assert integrated_loudness(mix.audio, RATE) <= profile.mix_loudness_lufs + 0.05
    assert mix.vocal is not None
    assert mix.backing is not None
    assert np.array_equal(mix.vocal + mix.backing, mix.audio)
