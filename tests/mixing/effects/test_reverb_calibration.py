"""The reverb time that is asked for is the one that is measured."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest

from mixing.audio import Audio, Song
from mixing.chain import render
from mixing.effects.decay import decay_time_s
from mixing.effects.reverb import impulse_response
from mixing.effects.reverb_calibration import calibrated, network_time_s
from mixing.parameters import MixParameters, ReverbParameters
from mixing.profiles import CORRECTED, LI2022

RATE = 32_000


def neutral(reverb_time_s: float, room_size: float) -> ReverbParameters:
    """Fully wet, no fade-in, shelves of 0 dB per second."""
    return ReverbParameters(1.0, reverb_time_s, 0.0, room_size, 100.0, 0.0, 0.5, 8000.0, 0.0, 0.5)


def tail(parameters: ReverbParameters, rate: int = RATE) -> Audio:
    """Impulse response without the direct sound."""
    response = impulse_response(parameters, rate)
    response[:, 0] = 0
    return response


TIMES_S, ROOM_SIZES = (0.3, 0.6, 1.0, 1.5, 3.0, 6.0), (1, 8, 15, 20, 30)
# Every time in the worst room, every room at the time of that room, the ends of both; `make
# validate` has them all.
SOME = {*product(TIMES_S, [20]), *product([1.0], ROOM_SIZES), *product((0.3, 6.0), (1, 30))}


@pytest.mark.parametrize(
    ("reverb_time_s", "room_size"),
    [
        pytest.param(*each, marks=() if each in SOME else pytest.mark.slow)
        for each in product(TIMES_S, ROOM_SIZES)
    ],
)
def test_t30_is_the_parameter(reverb_time_s: float, room_size: float) -> None:
    """ISO 3382's T30 within 5 % over the whole range: the issue's line; in truth within 3 %."""
    response = tail(calibrated(neutral(reverb_time_s, room_size)))
    assert decay_time_s(response, RATE) == pytest.approx(reverb_time_s, rel=0.03)


def test_uncalibrated_the_worst_room_is_seven_percent_off() -> None:
    """Purpose of the calibration; the li2022 profile keeps it."""
    raw = decay_time_s(tail(neutral(1.0, 20), 44_100), 44_100)
    assert raw == pytest.approx(1.07, abs=0.01)


@pytest.mark.parametrize("reverb_time_s", [0.1, 9.0, math.nan])
def test_times_without_a_clear_decay_are_left_alone(reverb_time_s: float) -> None:
    """No correction is larger than 15 %; what cannot be measured stays as it is."""
    time_s = network_time_s(reverb_time_s, 30)
    if math.isnan(reverb_time_s):
        assert math.isnan(time_s)
    else:
        assert reverb_time_s / 1.16 < time_s < reverb_time_s * 1.16


def test_a_mix_reports_the_time_that_is_heard_and_the_network_s() -> None:
    """Corrected: the network runs with another time; li2022: with the parameter."""
    rng = np.random.default_rng(1)
    stems = (0.1 * rng.standard_normal((2, 2, 4 * RATE))).astype(np.float32)
    parameters = MixParameters((), None, neutral(1.0, 20), 0.0)
    corrected, li2022 = (
        render(Song(*stems, RATE), parameters, "test", profile).report
        for profile in (CORRECTED, LI2022)
    )
    for report in (corrected, li2022):
        assert report.reverb is not None
        assert report.reverb.reverb_time_s == 1.0
    assert corrected.extra["network_reverb_time_s"] == network_time_s(1.0, 20) < 0.97
    assert li2022.extra["network_reverb_time_s"] == 1.0
