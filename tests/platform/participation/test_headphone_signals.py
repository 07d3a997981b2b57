"""The sounds of the headphone check: phases between the ears and levels, by closed form."""

from __future__ import annotations

import numpy as np
import pytest

from mixtrial.participation.headphone_signals import (
    GAP_S,
    NOISE_FADE_S,
    RMS_DBFS,
    SAMPLE_RATE,
    SOUND_S,
    HeadphoneTest,
    Sound,
    antiphase_tone,
    headphone_trial,
    huggins_noise,
)


def rms_db(sound: Sound) -> float:
    """Level in dB of full scale, as a root mean square."""
    return float(10 * np.log10(np.mean(sound.astype(np.float64) ** 2)))


def intervals_of(trial: Sound) -> list[Sound]:
    """The three sounds of a trial."""
    n_sound, n_gap = round(SOUND_S * SAMPLE_RATE), round(GAP_S * SAMPLE_RATE)
    starts = [number * (n_sound + n_gap) for number in range(3)]
    return [trial[:, start : start + n_sound] for start in starts]


def test_huggins_noise_is_turned_by_180_degrees_within_six_percent_of_600_hz() -> None:
    """One second of noise has bins of 1 Hz: 564 to 636 Hz are turned, and no other is."""
    left, right = np.fft.rfft(huggins_noise(np.random.default_rng(1), True).astype(np.float64))
    frequency_hz = np.arange(left.size)
    in_noise = (frequency_hz >= 100) & (frequency_hz <= 2000)
    phase = np.angle(right[in_noise] / left[in_noise])
    is_turned = (frequency_hz[in_noise] >= 564) & (frequency_hz[in_noise] <= 636)
    np.testing.assert_allclose(np.abs(phase[is_turned]), np.pi, atol=1e-3)
    np.testing.assert_allclose(phase[~is_turned], 0.0, atol=1e-3)


def test_each_ear_of_the_huggins_target_is_noise_of_the_same_spectrum() -> None:
    """Alone, an ear has nothing to go by: the magnitudes are the same, and so is the level."""
    sound = huggins_noise(np.random.default_rng(2), True).astype(np.float64)
    left, right = np.abs(np.fft.rfft(sound))
    np.testing.assert_allclose(right, left, atol=1e-3)
    assert rms_db(sound[0]) == pytest.approx(RMS_DBFS, abs=1e-4)
    assert rms_db(sound[1]) == pytest.approx(RMS_DBFS, abs=1e-4)


def test_noises_without_a_tone_are_the_same_in_both_ears() -> None:
    """Nothing is to be heard in the two other intervals."""
    left, right = huggins_noise(np.random.default_rng(3), False)
    np.testing.assert_array_equal(left, right)


def test_a_mono_sum_of_the_huggins_target_lacks_the_band() -> None:
    """Everything that is turned cancels when the channels are added, as over one loudspeaker."""
    summed = np.abs(np.fft.rfft(huggins_noise(np.random.default_rng(4), True).sum(axis=0)))
    assert summed[564:637].max() < 1e-2 * np.median(summed[300:500])


def test_the_antiphase_tones_are_one_turned_one_quieter_and_one_plain() -> None:
    """Levels are 0 and −6 dB of each other, the frequency is 200 Hz, the turned sum is nothing."""
    plain, quieter, turned = antiphase_tone(), antiphase_tone(-6.0), antiphase_tone(0.0, True)
    assert rms_db(plain) == pytest.approx(RMS_DBFS, abs=1e-4)
    assert rms_db(quieter) - rms_db(plain) == pytest.approx(-6.0, abs=1e-4)
    assert rms_db(turned) == pytest.approx(rms_db(plain), abs=1e-6)
    np.testing.assert_array_equal(turned.sum(axis=0), 0.0)
    np.testing.assert_array_equal(quieter[0], quieter[1])
    assert np.argmax(np.abs(np.fft.rfft(plain[0]))) == 200


@pytest.mark.parametrize("right", [1, 2, 3])
def test_the_right_interval_is_where_it_is_asked_for(right: int) -> None:
    """The ears differ in the Huggins target alone; the antiphase target is the quieter one."""
    noises = intervals_of(headphone_trial("huggins", right, np.random.default_rng(right)))
    differ = [bool(np.abs(sound[0] - sound[1]).max() > 0.01) for sound in noises]
    assert differ == [place == right for place in (1, 2, 3)]
    tones = intervals_of(headphone_trial("antiphase", right, np.random.default_rng(right)))
    assert int(np.argmin([rms_db(sound) for sound in tones])) + 1 == right
    is_turned = [bool(np.abs(sound.sum(axis=0)).max() < 1e-6) for sound in tones]
    assert (sum(is_turned), is_turned[right - 1]) == (1, False)


@pytest.mark.parametrize("test", ["huggins", "antiphase"])
def test_a_trial_lasts_four_seconds_without_clicks_or_clipping(test: HeadphoneTest) -> None:
    """Three sounds and two gaps; sounds begin and end in silence; peaks leave headroom."""
    trial = headphone_trial(test, 2, np.random.default_rng(5))
    assert trial.shape == (2, 4 * SAMPLE_RATE)
    assert trial.dtype == np.float32
    assert np.abs(trial).max() < 0.5
    edge = np.concatenate([sound[:, :10] for sound in intervals_of(trial)], axis=1)
    assert np.abs(edge).max() < 0.01
    n_sound = round(SOUND_S * SAMPLE_RATE)
    assert not trial[:, n_sound : n_sound + round(GAP_S * SAMPLE_RATE)].any()


def test_fades_leave_the_phase_between_the_ears_as_it_was() -> None:
    """Both ears are faded alike: outside the faded ends nothing changes at all."""
    rng = np.random.default_rng(6)
    faded = intervals_of(headphone_trial("huggins", 1, rng))[0]
    plain = huggins_noise(np.random.default_rng(6), True)
    inner = slice(round(NOISE_FADE_S * SAMPLE_RATE), -round(NOISE_FADE_S * SAMPLE_RATE))
    np.testing.assert_allclose(faded[:, inner], plain[:, inner], atol=1e-7)


def test_a_trial_is_repeated_by_its_seed() -> None:
    """The same seed gives the same samples, another seed another noise."""
    trials = [headphone_trial("huggins", 1, np.random.default_rng(seed)) for seed in (7, 7, 8)]
    np.testing.assert_array_equal(trials[0], trials[1])
    assert np.abs(trials[0] - trials[2]).max() > 0.01


def test_there_is_no_fourth_interval() -> None:
    """An answer outside the three is refused."""
    with pytest.raises(ValueError, match="intervals 1 to 3, not 4"):
        headphone_trial("huggins", 4, np.random.default_rng(0))
