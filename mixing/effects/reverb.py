"""The reverb of the chain: a feedback delay network with the ten parameters of Li (2022).

Conventions
-----------
Audio is float32 ``(n_channels, n_samples)``; mono is doubled, because the network has a left and a
right input. The delay network of the reverb is linear and time-invariant. The impulse response of
the network is therefore rendered once for each set of parameters
(:mod:`mixing.effects.delay_network`), stored, and applied by convolution. The convolution gives the
same result as running the network sample by sample.

With ``w`` for ``dry_wet`` the output is ``(1 − w) · input + w · network(input)``. For a fade-in,
the response of a second network, which decays within the fade-in time, is subtracted. The
subtraction also removes the direct sound from the wet path. Without a fade-in, the gain of the
direct sound is about 1. With a fade-in, the gain of the direct sound is ``1 − w``, where ``w`` is
the dry/wet ratio. The output is as long as the song: the reverb tail is cut at the song's end.

References
----------
.. [1] IEM Plug-in Suite, FdnReverb (the algorithm, described in the documentation).
.. [2] B. De Man, K. McNally, J. Reiss, "Perceptual evaluation and analysis of reverberation in
   multitrack music production", J. Audio Eng. Soc. 65 (1/2), 2017.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, replace
from functools import lru_cache
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from mixing.audio import Audio, AudioError
from mixing.effects.convolution import convolved_pieces
from mixing.effects.delay_network import network_response, shelf_gain_db_per_s
from mixing.effects.reverb_loudness import relative_lu_of_powers
from mixing.meters.k_weighting import PowerMeter, Powers
from mixing.meters.loudness import block_powers
from mixing.parameters import ReverbParameters, ReverbTarget

Gains: TypeAlias = npt.NDArray[np.float64]

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
"""The plug-in's range of each parameter; values outside a range are moved to its nearest end."""

# longest decay in s, because shelf filters with a boost can make a delay network ring for ever
MAX_DECAY_S = 12.0
# In most stereo sounds, the channels already differ in the first part, so the second part is seldom
# compared.
_PARTS = (slice(2**16), slice(2**16, None))
# the plug-in's fade-in has steps of 10 ms, so a time below 5 ms means no fade-in
SHORTEST_FADE_IN_S = 0.005
# a response ends where it has decayed to this level, relative to its start
SILENT_BELOW_DB = -80.0
# the solver for the amount of reverb lowers the direct sound by at most 12 dB
MIN_DIRECT_GAIN = 0.25
KEPT_BYTES = 2**27  # a reverb tail of more bytes than this is rendered twice and not kept in memory


def usable_parameters(parameters: ReverbParameters, sample_rate: int) -> ReverbParameters:
    """Return the parameters, limited to ranges in which the sound decays at all frequencies.

    Shelf boosts of up to 10 dB per second with a long reverb time would make the sound grow louder.
    If a frequency would need more than 12 s to decay by 60 dB, reverb time and fade-in are
    shortened. The shortened times are ``60 / (60 / 12 + boost)`` seconds, where boost is the
    largest shelf gain in dB/s.

    Raises
    ------
    AudioError
        A parameter of the reverb is not a number.
    """
    values = {}
    for name, value in asdict(parameters).items():
        if not np.isfinite(value):
            raise AudioError(f"The reverb parameter {name} is {value}; it must be a number.")
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
    """Time in which the slowest frequency of the response decays by 80 dB; at most 16 s."""
    longer_s = max(parameters.reverb_time_s, parameters.fade_in_s)
    slower = replace(parameters, reverb_time_s=longer_s)
    times = decay_time_by_frequency_s(slower, sample_rate, _grid_hz(sample_rate))
    return min(float(times.max()), MAX_DECAY_S) * -SILENT_BELOW_DB / 60


def impulse_response(
    parameters: ReverbParameters, sample_rate: int, duration_s: float | None = None
) -> Audio:
    """Response, with direct sound, to an impulse in both channels: (2, n_samples) float32.

    The response ends after a decay of 80 dB, unless ``duration_s`` is given. The response is exact
    for a vocal with two equal channels. If left and right channel of the vocal differ,
    :func:`add_reverb` must be used, which computes all four paths from the inputs to the outputs.
    """
    usable = usable_parameters(parameters, sample_rate)
    if duration_s is None:
        duration_s = response_duration_s(usable, sample_rate)
    n_samples = round(duration_s * sample_rate)
    wet = _wet_response(replace(usable, dry_wet=1.0), sample_rate, n_samples, True)
    response = np.float32(usable.dry_wet) * wet[:, 0]
    response[:, 0] += np.float32(1 - usable.dry_wet)
    return response


def add_reverb(
    audio: Audio,
    sample_rate: int,
    choice: ReverbParameters | ReverbTarget,
    dry_powers: Powers | None = None,
) -> tuple[ReverbParameters, float]:
    """Add reverb to stereo ``audio`` (2, n_samples) in place; its block powers can be passed.

    Returns
    -------
        The parameters as used (for a :class:`~mixing.parameters.ReverbTarget` with the dry/wet
        ratio that was solved for), and the relative reverb loudness in LU, −inf without reverb.

    Notes
    -----
    −14 LU was preferred, −9 judged too much [2]_. With a fade-in, a higher dry/wet ratio means less
    direct sound, because the gain of the direct sound is ``1 − w``. With a fade-in, the ratio of
    reverberant to direct sound is ``w / (1 − w)``; the function computes ``w`` from this ratio. The
    level balance after the reverb sets the loudness of the vocal. With a fade-in, ``w`` is at most
    0.75: at this value, the direct sound is attenuated by 12 dB. Without a fade-in, ``w`` is at
    most 1, because the direct sound is not attenuated. If the largest allowed ``w`` gives too
    little reverb, the loudness of the reverb stays below the target. For a silent vocal, the
    dry/wet ratio is unchanged.
    """
    target, wanted = (
        (choice, choice.parameters) if isinstance(choice, ReverbTarget) else (None, choice)
    )
    usable = usable_parameters(wanted, sample_rate)
    if not audio.any() or (usable.dry_wet == 0 and target is None):
        return usable, float("-inf")
    dry_powers = block_powers(audio, sample_rate) if dry_powers is None else dry_powers
    tail, direct_gain = _tail_response(audio, sample_rate, usable)
    pieces: Iterable[tuple[int, Audio]] = convolved_pieces(_inputs(audio, tail), tail)
    meter = PowerMeter(sample_rate, audio.shape[1])
    if target is None:
        _add_pieces(audio, pieces, usable.dry_wet, direct_gain, meter)
        loudness = relative_lu_of_powers(meter.block_powers(), dry_powers)
    else:
        if audio.nbytes <= KEPT_BYTES:
            pieces = list(pieces)
        for _, piece in pieces:
            meter.add(piece)
        loudness = relative_lu_of_powers(meter.block_powers(), dry_powers)
        usable = _with_send(usable, loudness, direct_gain, target.relative_loudness_lu)
        if audio.nbytes > KEPT_BYTES:
            pieces = convolved_pieces(_inputs(audio, tail), tail)
        _add_pieces(audio, pieces, usable.dry_wet, direct_gain)
    direct = 1 - usable.dry_wet + usable.dry_wet * float(direct_gain.mean())
    ratio = usable.dry_wet / direct if direct > 0 else math.inf
    return usable, loudness + (20 * math.log10(ratio) if ratio > 0 else -math.inf)


def _with_send(
    parameters: ReverbParameters, loudness_lu: float, direct_gain: Gains, target_lu: float
) -> ReverbParameters:
    """Dry/wet ratio for a target, from the wet tail's loudness relative to the dry sound."""
    if not np.isfinite(loudness_lu):
        return parameters
    ratio = 10 ** ((target_lu - loudness_lu) / 20)  # = w / (1 - w + w * direct_gain)
    # share of the direct sound that is missing from the wet signal: 0 or 1
    lost = 1 - float(direct_gain.mean())
    most = min(1.0, (1 - MIN_DIRECT_GAIN) / max(lost, 1e-9))
    return replace(parameters, dry_wet=min(float(ratio / (1 + ratio * lost)), most))


def _add_pieces(
    audio: Audio,
    pieces: Iterable[tuple[int, Audio]],
    dry_wet: float,
    direct_gain: Gains,
    meter: PowerMeter | None = None,
) -> None:
    """Replace ``audio`` by direct sound plus reverb tail, in pieces; measure the fully wet tail."""
    direct = (1 - dry_wet + dry_wet * direct_gain).astype(np.float32)
    for first, piece in pieces:
        dry = audio[:, first : first + piece.shape[1]]
        if meter is not None:
            meter.add(piece)
        piece *= np.float32(dry_wet)
        if not (direct == 1).all():
            dry *= direct
        dry += piece


def _grid_hz(sample_rate: int) -> Gains:
    return np.geomspace(10, sample_rate / 2, 120)


def _tail_response(
    stereo: Audio, sample_rate: int, usable: ReverbParameters
) -> tuple[Audio, Gains]:
    """Fully wet responses without the direct sound, and the gain of the direct sound, (2, 1)."""
    n_samples = round(response_duration_s(usable, sample_rate) * sample_rate)
    centred = all(np.array_equal(*stereo[:, part]) for part in _PARTS)
    # The dry/wet ratio does not change the response, so it is not part of the cache key.
    wet = _wet_response(replace(usable, dry_wet=1.0), sample_rate, n_samples, centred)
    direct_gain = wet[:, 0, :1] if centred else np.diag(wet[:, :, 0])[:, None]
    tail = wet.copy()
    # only the direct sound has no delay, because every delay line delays its sound
    tail[:, :, 0] = 0
    return tail, direct_gain.astype(np.float64)


def _inputs(stereo: Audio, tail: Audio) -> Audio:
    return stereo[: tail.shape[1]]  # a centred sound needs only one channel


@lru_cache(maxsize=8)
def _wet_response(
    parameters: ReverbParameters, sample_rate: int, n_samples: int, centred: bool
) -> Audio:
    """Response of the network minus the response of the fade-in network; float32, read-only.

    The shape is (2 outputs, 1 input, n) for a centred sound, otherwise (2 outputs, 2 inputs, n).
    Eight cached responses of 3 s at 44.1 kHz need 17 MB.
    """
    main_s, fade_s = parameters.reverb_time_s, parameters.fade_in_s
    # The fade-in network is rendered until it has decayed by 120 dB at its slowest frequency.
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
