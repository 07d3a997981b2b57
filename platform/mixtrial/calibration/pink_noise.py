"""Pink noise with a study's loudness, which can be repeated without an audible gap.

Conventions
-----------
The noise is float32. The two channels of the noise are independent of each other and have the same
level. The noise has equal power in each octave from 20 Hz to 20 kHz, or to half the sample rate.
The study's seed determines the noise. All components of the noise have whole periods; for this
reason, it can be repeated without a gap.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from mixtrial.server.installation import Installation

DURATION_S = 10
LOWEST_HZ, HIGHEST_HZ = 20.0, 20_000.0
HIGHEST_SHARE = 0.45
"""Of the sample rate: the noise ends below the converter's own filter."""
PEAK_LIMIT_DBTP = -1.0
USUAL_RATE = 48_000
"""Hz, until a study is built."""
STREAM = 0x504E
"""Keeps these draws apart from others of the same seed."""

Noise = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class PinkNoise:
    """The noise: ``samples``, (2, n_samples), and their loudness ``lufs`` (ITU-R BS.1770)."""

    samples: Noise
    sample_rate: int
    lufs: float


def noise_of(installation: Installation) -> PinkNoise:
    """Pink noise of a study, at the sample rate of its stimuli."""
    study, manifest = installation.study, installation.manifest
    rates = [each.sample_rate for each in manifest.stimuli] if manifest else []
    rate = max(rates, default=USUAL_RATE)
    return pink_noise(study.seed, rate, study.loudness_target_lufs)


@lru_cache(maxsize=2)
def pink_noise(seed: int, sample_rate: int, target_lufs: float) -> PinkNoise:
    """Pink noise of a given loudness; quieter if its true peak would otherwise exceed −1 dBTP.

    Parameters
    ----------
    seed
        Random seed of the study.
    sample_rate
        Hz.
    target_lufs
        Integrated loudness of both channels together.
    """
    from mixing.meters.loudness import integrated_loudness
    from mixing.meters.true_peak import true_peak_dbtp

    rng = np.random.default_rng([seed, STREAM])
    n_samples = DURATION_S * sample_rate
    frequency_hz = np.fft.rfftfreq(n_samples, 1 / sample_rate)
    highest_hz = min(HIGHEST_HZ, HIGHEST_SHARE * sample_rate)
    in_noise = (frequency_hz >= LOWEST_HZ) & (frequency_hz <= highest_hz)
    magnitude = np.zeros(frequency_hz.size)
    magnitude[in_noise] = 1 / np.sqrt(frequency_hz[in_noise])
    # Fixed magnitudes and random phases give both channels exactly the same level.
    phase = rng.uniform(0.0, 2 * np.pi, (2, frequency_hz.size))
    exact = np.fft.irfft(magnitude * np.exp(1j * phase), n_samples)
    raw = (exact / np.abs(exact).max()).astype(np.float32)
    lufs = integrated_loudness(raw, sample_rate)
    most_lufs = PEAK_LIMIT_DBTP - (true_peak_dbtp(raw) - lufs)
    reached = min(target_lufs, most_lufs)
    samples = raw * np.float32(10 ** ((reached - lufs) / 20))
    return PinkNoise(samples, sample_rate, reached)
