"""The reverb of the chain: a feedback delay network with the seed's ten parameters.

Conventions
-----------
Audio is float32 ``(n_channels, n_samples)``; mono is doubled, because the network has a left and a
right input. The network is linear and does not change with time, so its impulse response is
rendered once per set of parameters (:mod:`mixing.effects.delay_network`), kept, and applied by
convolution: the result is that of running the network sample by sample.

With ``w`` for ``dry_wet`` the output is ``(1 − w) · input + w · network(input)``. A fade-in is made
by subtracting a second network that decays within the fade-in time; that also removes the direct
sound from the wet path, so the direct sound has a gain of about 1 without and ``1 − w`` with a
fade-in. The result is as long as the song: a tail that rings beyond its end is cut off.

Contents, in reading order: the response, its application, decay times, relative reverb loudness.

References
----------
.. [1] IEM Plug-in Suite, FdnReverb (the algorithm, described in the documentation).
.. [2] ISO 3382-1: decay times by backward integration (M. Schroeder, 1965).
.. [3] B. De Man, K. McNally, J. Reiss, "Perceptual evaluation and analysis of reverberation in
   multitrack music production", J. Audio Eng. Soc. 65 (1/2), 2017.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from mixing.audio import Audio, AudioError, as_stereo
from mixing.effects.convolution import convolve
from mixing.effects.delay_network import network_response, shelf_gain_db_per_s
from mixing.loudness import BLOCKS_MOMENTARY, block_powers, integrated_from_powers, lufs_of_power
from mixing.parameters import ReverbParameters

REVERB_RANGES: Final[dict[str, tuple[float, float]]] = {
    "dry_wet": (0.0, 1.0),
    "reverb_time_s": (0.1, 9.0),
    "fade_in_s": (0.0, 9.0),
    "room_size": (1.0, 30.0),
    "low_shelf_frequency_hz": (20.0, 20_000.0),
    "low_shelf_gain_db_per_s": (-80.0, 6.0),
    "low_shelf_q": (0.01, 0.9),
    "high_shelf_frequency_hz": (20.0, 20_000.0),
    "high_shelf_gain_db_per_s": (-80.0, 4.0),
    "high_shelf_q": (0.01, 0.9),
}
"""The plug-in's range of each parameter; values outside are moved to the nearest bound."""

MAX_DECAY_S = 12.0  # boosting shelves can make a network ring for ever: none rings longer than this
SHORTEST_FADE_IN_S = 0.005  # below half of the plug-in's step of 10 ms there is none
SILENT_BELOW_DB = -80.0  # a response ends where it has decayed by this much
MIN_DIRECT_GAIN = 0.25  # the direct sound loses at most 12 dB to a send that was solved for
QUIET_REVERB_DB = -60.0  # windows in which the reverb has hardly begun say nothing of its level
RELATIVE_GATE_LU = -10.0  # BS.1770: windows in which the dry sound pauses are left out


def usable_parameters(parameters: ReverbParameters, sample_rate: int) -> ReverbParameters:
    """Return the parameters moved into their ranges and decaying at every frequency.

    Boosts of up to 10 dB per second against a long reverb time would make the network grow. Where
    any frequency would need more than 12 s to fall by 60 dB, reverb time and fade-in are shortened
    to ``60 / (60 / 12 + boost)`` seconds, boost being the largest shelf gain in dB/s.

    Raises
    ------
    AudioError
        A parameter is not a number.
    """
    values = {}
    for name, value in asdict(parameters).items():
        if not np.isfinite(value):
            raise AudioError(f"the reverb parameter {name} is {value}; it must be a number")
        low, high = REVERB_RANGES[name]
        values[name] = min(max(float(value), low), high)
    clipped = ReverbParameters(**values)
    boost = float(shelf_gain_db_per_s(clipped, sample_rate, _grid_hz(sample_rate)).max())
    longest = 60 / (60 / MAX_DECAY_S + max(boost, 0.0))
    main_s, fade_s = min(clipped.reverb_time_s, longest), min(clipped.fade_in_s, longest)
    fade_s = fade_s if fade_s >= SHORTEST_FADE_IN_S else 0.0
    return replace(clipped, reverb_time_s=main_s, fade_in_s=fade_s)


def decay_time_by_frequency_s(
    parameters: ReverbParameters, sample_rate: int, frequency_hz: npt.ArrayLike
) -> npt.NDArray[np.float64]:
    """T60 at each frequency: ``60 / (60 / reverb time − low shelf − high shelf)``, in seconds."""
    usable = usable_parameters(parameters, sample_rate)
    frequency = np.atleast_1d(np.asarray(frequency_hz, dtype=np.float64))
    gain = shelf_gain_db_per_s(usable, sample_rate, frequency)
    return np.asarray(60 / (60 / usable.reverb_time_s - gain))


def response_duration_s(parameters: ReverbParameters, sample_rate: int) -> float:
    """Time in which the response decays by 80 dB at its slowest frequency: at most 16 s."""
    longer_s = max(parameters.reverb_time_s, parameters.fade_in_s)
    slower = replace(parameters, reverb_time_s=longer_s)
    times = decay_time_by_frequency_s(slower, sample_rate, _grid_hz(sample_rate))
    return min(float(times.max()), MAX_DECAY_S) * -SILENT_BELOW_DB / 60


def impulse_response(
    parameters: ReverbParameters, sample_rate: int, duration_s: float | None = None
) -> Audio:
    """Answer to an impulse in both channels, direct sound included: (2, n_samples) float32.

    It ends where it has decayed by 80 dB, unless ``duration_s`` is given. It is exact for a vocal
    with two equal channels; one that differs between left and right needs all four paths, which
    :func:`apply_reverb` takes.
    """
    usable = usable_parameters(parameters, sample_rate)
    if duration_s is None:
        duration_s = response_duration_s(usable, sample_rate)
    n_samples = round(duration_s * sample_rate)
    wet = _wet_response(replace(usable, dry_wet=1.0), sample_rate, n_samples, True)
    response = np.float32(usable.dry_wet) * wet[:, 0]
    response[:, 0] += np.float32(1 - usable.dry_wet)
    return response


def apply_reverb(audio: Audio, sample_rate: int, parameters: ReverbParameters) -> Audio:
    """``audio`` with its reverb, (2, n_samples): the tail is cut where the input ends."""
    direct, reverberation = split_reverb(audio, sample_rate, parameters)
    return np.asarray(direct + reverberation)


def split_reverb(
    audio: Audio, sample_rate: int, parameters: ReverbParameters
) -> tuple[Audio, Audio]:
    """Direct sound and reverberation, each (2, n_samples); their sum is the audio with reverb."""
    usable = usable_parameters(parameters, sample_rate)
    stereo = as_stereo(np.asarray(audio, dtype=np.float32))
    if usable.dry_wet == 0 or not stereo.any():
        return stereo.copy(), np.zeros_like(stereo)
    tail, direct_gain = _tail(stereo, sample_rate, usable)
    direct = (1 - usable.dry_wet + usable.dry_wet * direct_gain).astype(np.float32)
    tail *= np.float32(usable.dry_wet)
    return stereo * direct, tail


def early_decay_time_s(response: Audio, sample_rate: int) -> float:
    """Six times the time in which the first 10 dB of the decay pass, in seconds (De Man [3]_).

    ``response`` is (n_channels, n_samples); energies of channels are added. Raises ``AudioError``
    for silence.
    """
    level = _backward_level_db(response)
    below = np.flatnonzero(level <= -10)
    return 6 * float(below[0]) / sample_rate if below.size else 0.0


def decay_time_s(
    response: Audio, sample_rate: int, start_db: float = -5.0, stop_db: float = -35.0
) -> float:
    """Time of a 60 dB decay, from a straight line between two levels, in seconds (ISO 3382 [2]_).

    Parameters
    ----------
    response
        Impulse response (n_channels, n_samples); energies of channels are added.
    start_db, stop_db
        Levels of the backward-integrated curve between which the line is fitted: −5 and −25 for
        T20, −5 and −35 for T30.

    Raises
    ------
    AudioError
        The response is silent or does not hold such a decay.
    """
    level = _backward_level_db(response)
    inside = np.flatnonzero((level <= start_db) & (level >= stop_db))
    if inside.size < 2:
        raise AudioError(f"the response holds no decay from {start_db} to {stop_db} dB")
    slope = np.polyfit(inside / sample_rate, level[inside], 1)[0]
    return float(-60 / slope)


def relative_reverb_loudness_lu(wet: Audio, dry: Audio, sample_rate: int) -> float:
    """Loudness of the reverberation alone relative to the dry sound, in LU (De Man [3]_).

    Parameters
    ----------
    wet, dry
        Reverberation without direct sound, and the sound without reverberation, of one length.

    Returns
    -------
    float
        Mean over windows of 400 ms, every 100 ms, of the difference in momentary loudness; −inf
        where either is silent.

    Notes
    -----
    Windows in which the dry sound pauses (below −70 LUFS or 10 LU under its mean, the gates of
    BS.1770) are left out, otherwise the pauses of a vocal would decide; so are windows in which
    the reverberation lies 60 dB below its loudest, that is before it has set in.
    """
    wet_blocks, dry_blocks = block_powers(wet, sample_rate), block_powers(dry, sample_rate)
    wet_power, dry_power = _momentary(wet_blocks), _momentary(dry_blocks)
    gate = integrated_from_powers(dry_blocks) + RELATIVE_GATE_LU
    if not np.isfinite(gate) or not wet_power.any():
        return float("-inf")
    quiet = wet_power.max() * 10 ** (QUIET_REVERB_DB / 10)
    heard = (lufs_of_power(dry_power) > max(gate, -70.0)) & (wet_power > quiet)
    if not heard.any():
        return float("-inf")
    return float(np.mean(10 * np.log10(wet_power[heard] / dry_power[heard])))


def send_for_relative_loudness(
    vocal: Audio, sample_rate: int, parameters: ReverbParameters, target_lu: float
) -> ReverbParameters:
    """Set the dry/wet ratio so that the reverb of this vocal has the wanted loudness.

    Nothing else changes; a silent vocal leaves the ratio, too, as it is.

    Parameters
    ----------
    target_lu
        Relative reverb loudness in LU; −14 was preferred, −9 judged too much [3]_.

    Notes
    -----
    With a fade-in, more wet means less direct sound: its gain is ``1 − w``. Reverb over direct is
    then ``w / (1 − w)``, which is solved for here; the level balance after the reverb makes the
    vocal as loud as it should be. ``w`` stops at 0.75, where the direct sound has lost 12 dB (at 1
    without a fade-in, where it loses nothing): a reverb too faint for the target stays below it.
    """
    usable = usable_parameters(parameters, sample_rate)
    stereo = as_stereo(np.asarray(vocal, dtype=np.float32))
    tail, direct_gain = _tail(stereo, sample_rate, usable)
    loudness = relative_reverb_loudness_lu(tail, stereo, sample_rate)
    if not np.isfinite(loudness):
        return parameters
    ratio = 10 ** ((target_lu - loudness) / 20)  # = w / (1 - w + w * direct_gain)
    lost = 1 - float(direct_gain.mean())  # by the direct sound, fully wet: 0 or 1
    most = min(1.0, (1 - MIN_DIRECT_GAIN) / max(lost, 1e-9))
    return replace(parameters, dry_wet=min(float(ratio / (1 + ratio * lost)), most))


def _grid_hz(sample_rate: int) -> npt.NDArray[np.float64]:
    return np.geomspace(10, sample_rate / 2, 120)


def _tail(
    stereo: Audio, sample_rate: int, usable: ReverbParameters
) -> tuple[Audio, npt.NDArray[np.float64]]:
    """Fully wet reverberation without direct sound, and the direct gain of the wet path (2, 1)."""
    n_samples = round(response_duration_s(usable, sample_rate) * sample_rate)
    centred = bool(np.array_equal(stereo[0], stereo[1]))
    # The dry/wet ratio does not change the response, so it is no part of the key.
    wet = _wet_response(replace(usable, dry_wet=1.0), sample_rate, n_samples, centred)
    direct_gain = wet[:, 0, :1] if centred else np.diag(wet[:, :, 0])[:, None]
    tail = wet.copy()
    tail[:, :, 0] = 0  # the direct sound alone arrives at once: every line takes longer
    return convolve(stereo[:1] if centred else stereo, tail), direct_gain.astype(np.float64)


@lru_cache(maxsize=8)
def _wet_response(
    parameters: ReverbParameters, sample_rate: int, n_samples: int, centred: bool
) -> Audio:
    """Network minus fade-in network, float32, not writable.

    Shape (2 outputs, 1 input, n) for a centred sound, else (2 outputs, 2 inputs, n). Eight
    responses of 3 s at 44.1 kHz take 17 MB.
    """
    main_s, fade_s = parameters.reverb_time_s, parameters.fade_in_s
    # The fade-in network is rendered until it has fallen by 120 dB at its slowest frequency.
    fading = replace(parameters, reverb_time_s=fade_s) if fade_s else parameters
    slowest_s = decay_time_by_frequency_s(fading, sample_rate, _grid_hz(sample_rate)).max()
    n_fading = min(n_samples, int(2 * slowest_s * sample_rate)) if fade_s else 0
    responses = []
    for inputs in ((1.0, 1.0),) if centred else ((1.0, 0.0), (0.0, 1.0)):
        response = network_response(parameters, main_s, sample_rate, n_samples, inputs)
        if n_fading:
            fade = network_response(parameters, fade_s, sample_rate, n_fading, inputs)
            response[:, :n_fading] -= fade
        responses.append(response)
    wet = np.stack(responses, axis=1).astype(np.float32)
    wet.setflags(write=False)
    return wet


def _backward_level_db(response: Audio) -> npt.NDArray[np.float64]:
    """Energy still to come at each sample, in dB of all of it (Schroeder's integral)."""
    energy = np.square(np.atleast_2d(response).astype(np.float64)).sum(axis=0)
    remaining = np.cumsum(energy[::-1])[::-1]
    if remaining.size == 0 or remaining[0] <= 0:
        raise AudioError("the impulse response is silent")
    with np.errstate(divide="ignore"):
        return np.asarray(10 * np.log10(remaining / remaining[0]))


def _momentary(block_power: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """K-weighted power in windows of 400 ms, every 100 ms."""
    windows = np.lib.stride_tricks.sliding_window_view(block_power, BLOCKS_MOMENTARY)
    return np.asarray(windows.mean(axis=1))
