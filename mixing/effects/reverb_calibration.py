"""Setting of the delay network for which the measured reverb time has the target value.

Every resonance of the delay network decays exactly with the reverb time that was set. The decay
curve is not straight if the room is large and the reverb time is short. In a large room, sound
leaves the long delay lines late, and passes through them only a few times. In a large room, T30
(ISO 3382) can differ by up to 7 % from the reverb time that was set. The ``corrected`` profile
therefore sets the network so that the *measured* T30 equals the parameter.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np

from mixing.effects.decay import decay_time_s
from mixing.effects.delay_network import network_response
from mixing.parameters import ReverbParameters

_RATE = 16_000  # the sample rate hardly changes the decay, and a low sample rate saves time
_ROUNDS = 3
# The correction multiplies or divides the reverb time by at most this factor. In a large room, a
# decay shorter than 0.3 s cannot be measured clearly.
_MOST = 1.15
_SHORTEST_S = 0.2  # reverb times below this value are not corrected


def calibrated(parameters: ReverbParameters) -> ReverbParameters:
    """Parameters with which the network, without shelf gains, has a T30 of ``reverb_time_s``."""
    time_s = network_time_s(parameters.reverb_time_s, round(parameters.room_size))
    return replace(parameters, reverb_time_s=time_s)


@lru_cache(maxsize=256)
def network_time_s(reverb_time_s: float, room_size: int) -> float:
    """Reverb time to set for a T30 of ``reverb_time_s``, found by a few short renderings."""
    if not np.isfinite(reverb_time_s) or reverb_time_s < _SHORTEST_S:
        return reverb_time_s
    neutral = ReverbParameters(
        1.0, reverb_time_s, 0.0, room_size, 100.0, 0.0, 0.5, 8000.0, 0.0, 0.5
    )
    # the response is long enough for a decay of 50 dB plus one round trip of the sound through the
    # room
    n_samples = round((0.9 * reverb_time_s + 0.4) * _RATE)
    time_s = reverb_time_s
    for _ in range(_ROUNDS):
        response = network_response(neutral, time_s, _RATE, n_samples, (1.0, 1.0))
        response[:, 0] = 0  # the direct sound
        time_s *= reverb_time_s / decay_time_s(response.astype(np.float32), _RATE)
        time_s = min(max(time_s, reverb_time_s / _MOST), reverb_time_s * _MOST)
    return float(time_s)
