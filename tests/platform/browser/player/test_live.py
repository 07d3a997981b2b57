"""The player recorded while it plays, sample by sample: what rendering off-line cannot see.

Each recording has presses at moments of chance; nothing is assumed of how busy the machine is. What
counts as a fault is in `live_recorder`.
"""

from __future__ import annotations

import numpy as np
import pytest

from live_recorder import FADE, RATE, Recording, record_in_chromium, record_in_firefox

pytestmark = pytest.mark.browser

SHORT = {"switches": 200, "pauses": 50}
SHORTEST = {"switches": 80, "pauses": 20}  # Firefox plays in real time, too, and starts slowly
LONG = {"switches": 2_000, "pauses": 500}


def assert_clean(recording: Recording, n_switches: int, n_pauses: int) -> None:
    """No cross-fade and no step after any press, and each press is followed by a fade."""
    for kind, n_presses in (("switch", n_switches), ("pause", n_pauses)):
        faults = recording.faults(kind)
        assert faults.n_presses == n_presses
        assert (faults.n_overlaps, faults.n_steps) == (0, 0)
        assert faults.largest_step <= 1.01 * np.pi / (2 * FADE)


def test_in_chromium_no_switch_mixes_and_no_pause_cuts() -> None:
    """200 switches and 50 pauses at a device buffer of 10 ms."""
    assert_clean(record_in_chromium(latency=0.01, **SHORT), 200, 50)


@pytest.mark.slow
def test_in_firefox_no_switch_mixes_and_no_pause_cuts() -> None:
    """80 switches and 20 pauses, at its smallest buffer (25 ms)."""
    assert_clean(record_in_firefox(latency=0.01, **SHORTEST), 80, 20)


def test_a_cross_fade_and_a_cut_are_found_in_a_recording() -> None:
    """One of each, made by hand: two gains at 0.5 for 5 ms, and a step from 1 to 0."""
    falling = 0.5 * (1 + np.cos(np.pi * np.arange(FADE + 1) / FADE))
    first, second = np.zeros(4 * RATE), np.zeros(4 * RATE)
    first[:RATE] = 1.0
    first[RATE : RATE + FADE + 1] = falling
    second[RATE : RATE + FADE + 1] = 1 - falling
    second[RATE + FADE : 3 * RATE] = 1.0
    presses = {"switch": (RATE - 132,), "pause": (3 * RATE - 441,)}
    recording = Recording(np.stack([first, second]), presses, 10.0)
    mixed, cut = recording.faults("switch"), recording.faults("pause")
    assert (mixed.n_overlaps, mixed.n_steps, cut.n_overlaps, cut.n_steps) == (1, 0, 0, 1)
    assert cut.largest_step == 1.0
    assert mixed.latency_ms == pytest.approx([1000 * 133 / RATE])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("latency_s", "meter", "slowed"),
    [
        (0.01, "worklet", 1),
        (0.04, "worklet", 1),
        (0.01, "worklet", 4),
        (0.04, "worklet", 4),
        (0.01, "script", 1),
    ],
)
def test_of_two_thousand_switches_in_chromium_none_mixes(
    latency_s: float, meter: str, slowed: int
) -> None:
    """Two buffers, a processor four times slower, and both threads that can render."""
    recording = record_in_chromium(slowed=slowed, latency=latency_s, meter=meter, **LONG)
    assert_clean(recording, 2_000, 500)


@pytest.mark.slow
@pytest.mark.parametrize("latency_s", [0.01, 0.04])
def test_of_two_thousand_switches_in_firefox_none_mixes(latency_s: float) -> None:
    """At its smallest buffer and at 40 ms."""
    assert_clean(record_in_firefox(latency=latency_s, **LONG), 2_000, 500)
