"""Tempo of a song, and the reverb time that follows from it.

Method
------
Onsets show as sudden growth in a log spectrum (spectral flux). The score of a candidate tempo is
high if the spectral flux is repeated after one, two, three and four beats. A broad preference for
about 115 beats per minute decides between a tempo and its half or double. Only tempos from 70 to
160 beats per minute are candidates; this range is a little more than an octave. A tempo of 66 beats
per minute is therefore returned as 132, and a tempo of 180 as 90. Without the limited range of
candidates, a tempo and its double, which are two notations of the same song, could give reverb
times that differ by a second.

References
----------
The constants of the estimator were chosen for this project by measurement (see
``docs/reverb-and-rules.md``); none is claimed to be best.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy import fft

from mixing.audio import Audio
from mixing.profiles import Profile

SLOWEST_BPM, FASTEST_BPM, STEP_BPM = 70.0, 160.0, 0.25
# preferred tempo, and width of the range of preferred tempos in octaves
PREFERRED_BPM, PREFERENCE_OCTAVES = 115.0, 0.7
N_BEATS = 4  # the lags of 1, 2, 3 and 4 beats have the same weight
# averaging samples lowers the sample rate to a value between this rate and twice this rate
ANALYSIS_RATE_HZ = 22_050
FRAME_LENGTH, FRAMES_PER_SECOND = 1024, 100
# because of log1p(100 |X|), quiet onsets have nearly as much weight as loud onsets
LOG_GAIN = 100.0
# the local mean covers about 1 s, so that a slow increase is not taken for an onset
LOCAL_MEAN_FRAMES = 101
LONGEST_ANALYSED_S = 90.0  # the middle 90 s of a song are enough to find its tempo
# A sound with a mean spectral flux below this value has no onsets. A full-scale tone has a mean
# spectral flux of 1, music has 20 to 120.
STEADY_BELOW = 3.0
# A sound has no beat if its mean autocorrelation at the beats, relative to lag 0, is below this
# value. Noise has 0.03.
NO_BEAT_BELOW = 0.1

LI2022_DEFAULT_S = 1.5949  # mean reverb time of Li's (2022) 100 training songs
SHORTEST_PRE_DELAY_S, DEFAULT_PRE_DELAY_S = 0.030, 0.040
FADE_IN_PER_PRE_DELAY = 3.11  # 3 / -log10(1 - 10^(-1/20))
CORRECTED_DEFAULT_S = 1.5  # reverb time of the corrected rule for a tempo of 120 beats per minute


def tempo_bpm(audio: Audio, sample_rate: int) -> float | None:
    """Tempo in beats per minute, between 70 and 160; None if no beat is found.

    Parameters
    ----------
    audio
        Shape (n_channels, n_samples). Use the backing of a song, because its tempo is found more
        reliably than the tempo of its vocal. The result is None for silence, sound without onsets,
        noise, and audio shorter than 6 s.
    """
    flux = onset_strength(audio, sample_rate)
    if flux.size < 6 * FRAMES_PER_SECOND or float(np.abs(flux).mean()) < STEADY_BELOW:
        return None
    correlation = _autocorrelation(flux)
    candidates = np.arange(SLOWEST_BPM, FASTEST_BPM + STEP_BPM / 2, STEP_BPM)
    lags = 60 * FRAMES_PER_SECOND / candidates
    score = np.zeros(candidates.size)
    positions = np.arange(correlation.size)
    for beats in range(1, N_BEATS + 1):
        score += np.interp(beats * lags, positions, correlation) / N_BEATS
    octaves = np.log2(candidates / PREFERRED_BPM) / PREFERENCE_OCTAVES
    best = int(np.argmax(score * np.exp(-0.5 * octaves**2)))
    return float(candidates[best]) if score[best] >= NO_BEAT_BELOW else None


def reverb_time_s(bpm: float | None, profile: Profile) -> float:
    """Reverb time (T60) in seconds for a tempo; the profile's default if there is no tempo.

    Notes
    -----
    ``li2022``: ``(200 − bpm) / 45``, kept within the reverb's range of 0.1 to 9 s; above 195.5 Li's
    (2022) line falls below it. ``corrected``: ``2.9 − 0.01167 · bpm``, kept within 0.6 to 2.5 s. In
    ``corrected``, the reverb time is a straight line over the tempo: 1.5 s (three beats) at 120
    beats per minute, with half of Li's (2022) slope. No evidence is known for the slope of Li
    (2022). With Li's (2022) slope, a tempo that is found as its half or double would change the
    reverb time by 1 s or more.
    """
    if profile.name == "li2022":
        return LI2022_DEFAULT_S if bpm is None else min(max((200 - bpm) / 45, 0.1), 9.0)
    return CORRECTED_DEFAULT_S if bpm is None else min(max(2.9 - 0.01167 * bpm, 0.6), 2.5)


def fade_in_s(bpm: float | None) -> float:
    """Fade-in of the reverb of the corrected baseline; the fade-in replaces a pre-delay.

    Notes
    -----
    A usual pre-delay is a beat halved as often as possible without falling below 30 ms (D. Moffat,
    M. Sandler, 2019). The pre-delay is the length of a 1/32 or a 1/64 note, whichever is between 30
    and 60 ms long. The wet sound rises as ``1 − 10^(−3 t / fade-in)``. The fade-in is 3.11 times as
    long as the pre-delay: at the end of the pre-delay, the sound is within 1 dB of its full level.
    Without a tempo, the pre-delay is 40 ms.
    """
    pre_delay_s = DEFAULT_PRE_DELAY_S
    if bpm is not None:
        pre_delay_s = 60 / bpm
        while pre_delay_s >= 2 * SHORTEST_PRE_DELAY_S:
            pre_delay_s /= 2
    return round(FADE_IN_PER_PRE_DELAY * pre_delay_s, 3)


def onset_strength(audio: Audio, sample_rate: int) -> npt.NDArray[np.float64]:
    """Spectral flux above its local mean, in the middle 90 s of audio; 100 values per second."""
    factor = max(1, sample_rate // ANALYSIS_RATE_HZ)
    longest = int(LONGEST_ANALYSED_S * sample_rate)
    start = max(0, (audio.shape[1] - longest) // 2)
    mono = audio[:, start : start + longest].mean(axis=0)
    # The sound is scaled to a peak of 1, so that the loudness of a song does not change its tempo.
    mono /= max(float(np.abs(mono).max(initial=0.0)), 1e-9)
    mono = mono[: mono.size // factor * factor].reshape(-1, factor).mean(axis=1)
    rate = sample_rate / factor
    n_frames = math.floor((mono.size - FRAME_LENGTH) / rate * FRAMES_PER_SECOND) + 1
    if n_frames < 2:
        return np.zeros(0)
    starts = np.rint(np.arange(n_frames) * rate / FRAMES_PER_SECOND).astype(np.int64)
    window = np.hanning(FRAME_LENGTH + 1)[:-1].astype(np.float32)
    flux = np.zeros(n_frames)
    previous: npt.NDArray[np.float32] | None = None
    for first in range(0, n_frames, 1000):  # ten seconds are processed at a time, to save memory
        index = starts[first : first + 1000, None] + np.arange(FRAME_LENGTH)
        spectra = np.log1p(LOG_GAIN * np.abs(fft.rfft(mono[index] * window, axis=1)))
        before = spectra[:1] if previous is None else previous
        growth = np.diff(spectra, axis=0, prepend=before)
        flux[first : first + 1000] = np.maximum(growth, 0).sum(axis=1)
        previous = spectra[-1:]
    kernel = np.ones(LOCAL_MEAN_FRAMES) / LOCAL_MEAN_FRAMES
    return np.asarray(flux - np.convolve(flux, kernel, mode="same")[:n_frames])


def _autocorrelation(flux: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Autocorrelation for lags (in frames) of up to four beats of the slowest tempo; 1 at lag 0."""
    n_lags = math.ceil(N_BEATS * 60 * FRAMES_PER_SECOND / SLOWEST_BPM) + 1
    size = int(fft.next_fast_len(flux.size + n_lags, real=True))
    power = np.abs(fft.rfft(flux, size)) ** 2
    correlation = np.asarray(fft.irfft(power, size))[:n_lags]
    return np.asarray(correlation / correlation[0])
