"""Sounds that distinguish headphones from loudspeakers: three intervals, one of them different.

Conventions
-----------
A trial is float32, two channels, ``INTERVALS`` sounds of ``SOUND_S`` with ``GAP_S`` of silence
between them. Intervals of a trial are counted from 1. All sounds of the headphone check depend on
the given random generator.

Notes
-----
``huggins``: noise of 100 Hz to 2 kHz, the same in both ears; in one interval the right ear's is
polarity-inverted within 600 Hz ± 6 %. Over headphones, the noise with the inverted band contains a
faint tone of about 600 Hz. Each ear alone hears only noise, and both ears hear only noise if the
channels mix in a room [1]_.

In the test ``antiphase``, all sounds are 200 Hz tones, and one tone is 6 dB quieter than the other
tones. One of the louder tones has inverted polarity in the right ear. Over loudspeakers, the two
channels of the inverted tone cancel, so that this tone seems to be the quietest [2]_.

References
----------
.. [1] Milne, Bianco, Poole, Zhao, Oxenham, Billig, Chait, "An online headphone screening test
   based on dichotic pitch", Behavior Research Methods 53 (2021).
.. [2] Woods, Siegel, Traer, McDermott, "Headphone screening to facilitate web-based auditory
   experiments", Attention, Perception & Psychophysics 79 (2017).
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

HeadphoneTest = Literal["huggins", "antiphase"]
Sound = npt.NDArray[np.float32]

SAMPLE_RATE = 44_100
INTERVALS = 3
SOUND_S, GAP_S = 1.0, 0.5
NOISE_HZ = (100.0, 2000.0)
PITCH_HZ, PITCH_WIDTH = 600.0, 0.06
TONE_HZ, QUIETER_DB = 200.0, -6.0
NOISE_FADE_S, TONE_FADE_S = 0.01, 0.1
RMS_DBFS = -26.0
"""Of a noise, and of a tone at its full level."""


def huggins_noise(rng: np.random.Generator, is_target: bool) -> Sound:
    """Noise of one interval, without fade-in and fade-out; shape (2, n_samples).

    In a target interval, a band of the right channel is polarity-inverted.
    """
    n_samples = round(SOUND_S * SAMPLE_RATE)
    frequency_hz = np.fft.rfftfreq(n_samples, 1 / SAMPLE_RATE)
    in_noise = (frequency_hz >= NOISE_HZ[0]) & (frequency_hz <= NOISE_HZ[1])
    parts = rng.standard_normal((2, frequency_hz.size))
    left = np.where(in_noise, parts[0] + 1j * parts[1], 0.0)
    is_turned = is_target & (np.abs(frequency_hz - PITCH_HZ) <= PITCH_WIDTH * PITCH_HZ)
    both = np.fft.irfft(np.stack([left, np.where(is_turned, -left, left)]), n_samples)
    # Inverting the polarity does not change the level, so both ears have the same gain.
    gain = 10 ** (RMS_DBFS / 20) / np.sqrt(np.mean(both[0] ** 2))
    sound: Sound = (gain * both).astype(np.float32)
    return sound


def antiphase_tone(level_db: float = 0.0, is_turned: bool = False) -> Sound:
    """Tone of 200 Hz in one interval, without fade-in and fade-out; shape (2, n_samples).

    If ``is_turned``, the right channel is polarity-inverted.
    """
    time_s = np.arange(round(SOUND_S * SAMPLE_RATE)) / SAMPLE_RATE
    tone = 10 ** ((RMS_DBFS + level_db) / 20) * np.sqrt(2) * np.sin(2 * np.pi * TONE_HZ * time_s)
    return np.stack([tone, -tone if is_turned else tone]).astype(np.float32)


def headphone_trial(test: HeadphoneTest, right: int, rng: np.random.Generator) -> Sound:
    """A whole trial, (2, n_samples).

    Parameters
    ----------
    test
        One of the two tests for headphones.
    right
        Interval that is the right answer, 1 to 3.
    rng
        Random generator of the noise, and of the position of the polarity-inverted tone.

    Raises
    ------
    ValueError
        The interval does not exist.
    """
    if not 1 <= right <= INTERVALS:
        raise ValueError(f"A trial has the intervals 1 to {INTERVALS}, not {right}.")
    places = range(1, INTERVALS + 1)
    if test == "huggins":
        sounds = [huggins_noise(rng, place == right) for place in places]
        return _in_a_row(sounds, NOISE_FADE_S)
    turned = int(rng.choice([place for place in places if place != right]))
    sounds = [
        antiphase_tone(QUIETER_DB if place == right else 0.0, place == turned) for place in places
    ]
    return _in_a_row(sounds, TONE_FADE_S)


def _in_a_row(sounds: list[Sound], fade_s: float) -> Sound:
    """Sounds of a trial with raised-cosine fades, and with silence between the sounds."""
    n_fade = round(fade_s * SAMPLE_RATE)
    fade = 0.5 - 0.5 * np.cos(np.pi * (np.arange(n_fade) + 0.5) / n_fade)
    gap = np.zeros((2, round(GAP_S * SAMPLE_RATE)))
    row: list[npt.NDArray[np.floating]] = []
    for sound in sounds:
        faded = sound.astype(np.float64)
        faded[:, :n_fade] *= fade
        faded[:, -n_fade:] *= fade[::-1]
        row += [faded, gap]
    return np.concatenate(row[:-1], axis=1).astype(np.float32)
