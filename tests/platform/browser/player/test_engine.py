"""The player's sound engine, rendered offline in Chromium and compared sample by sample."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest

from browser_study import running_browser
from mixtrial.player.assets import player_files

pytestmark = pytest.mark.browser

RATE = 48_000
FADE = 240
# Four that are rated, and two open references after them.
LEVELS = (0.1, 0.2, 0.4, 0.8, 0.6, 0.3)
N_STIMULI = len(LEVELS)
ORIGIN = "http://127.0.0.1:9/"

# Stimuli: the left channel is the same noise in all, the right a level of its own. Moments are
# rounded up to the render quantum, as suspend() demands.
OFFLINE = """
async ({script, duration, length, levels, mono, once}) => {
  const { Engine } = await import("/sound/engine.js");
  const { Recordings } = await import("/sound/recordings.js");
  const rate = 48000, quantum = 128 / rate;
  const context = new OfflineAudioContext(2, Math.round(duration * rate), rate);
  let state = 12345;
  const noise = Float32Array.from({length}, () => {
    state = (1103515245 * state + 12345) % 2147483648;
    return 0.3 + 0.4 * state / 2147483648;
  });
  const buffers = levels.map((level) => {
    const buffer = context.createBuffer(mono ? 1 : 2, length, rate);
    buffer.getChannelData(0).set(noise);
    if (!mono) buffer.getChannelData(1).fill(level);
    return buffer;
  });
  const waiting = new Map();
  const failures = [];
  const at = (time, callback) => {
    let tick = Math.ceil(Math.max(time, context.currentTime) / quantum - 1e-9);
    if (tick * quantum <= context.currentTime) tick += 1;
    if (tick * quantum >= duration) return;
    if (waiting.has(tick)) { waiting.get(tick).push(callback); return; }
    waiting.set(tick, [callback]);
    context.suspend(tick * quantum).then(() => {
      // A failure must end the rendering, not leave it suspended for ever.
      try {
        for (const each of waiting.get(tick)) each();
      } catch (error) {
        failures.push(error.message);
      }
      context.resume();
    });
  };
  const ends = [];
  const onEnd = ({ from, elapsed }) => ends.push([context.currentTime, from, elapsed]);
  const engine = new Engine(context, new Recordings(buffers), { once, onEnd });
  const moments = [];
  for (const [time, method, ...values] of script) {
    if (time === 0) engine[method](...values);
    else at(time, () => { moments.push(context.currentTime); engine[method](...values); });
  }
  const rendered = await context.startRendering();
  const pack = (array) => {
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    let text = "";
    for (let i = 0; i < bytes.length; i += 8192) {
      text += String.fromCharCode(...bytes.subarray(i, i + 8192));
    }
    return btoa(text);
  };
  return {
    left: pack(rendered.getChannelData(0)), right: pack(rendered.getChannelData(1)),
    noise: pack(noise), moments, position: engine.position, audible: engine.audible,
    region: engine.region, isPlaying: engine.isPlaying, failures, ends,
  };
}
"""


@pytest.fixture(scope="module")
def page() -> Iterator[Any]:
    """A blank page that can import the player's modules."""
    with running_browser() as browser:
        page = browser.new_page()
        files = player_files()

        def answer(route: Any) -> None:
            name = route.request.url.removeprefix(ORIGIN)
            if name in files:
                kind = "text/javascript" if name.endswith(".js") else "text/css"
                route.fulfill(body=files[name], content_type=kind)
            else:
                route.fulfill(body="<!doctype html><title>test</title>", content_type="text/html")

        page.route(f"{ORIGIN}**", answer)
        page.goto(ORIGIN)
        yield page


def render(
    page: Any,
    script: list[list[Any]],
    duration_s: float,
    length: int,
    levels: Sequence[float] = LEVELS,
    **options: bool,
) -> dict[str, Any]:
    """Render a script of calls; arrays come back as float32.

    Options: ``mono`` stimuli, played ``once``.
    """
    result: dict[str, Any] = page.evaluate(
        OFFLINE,
        {"script": script, "duration": duration_s, "length": length, "levels": levels, **options},
    )
    assert result["failures"] == []
    for name in ("left", "right", "noise"):
        result[name] = np.frombuffer(base64.b64decode(result[name]), dtype=np.float32)
    return result


def falling() -> np.ndarray:
    """Half a cosine from 1 to 0 over 240 samples, both ends included (closed form)."""
    return 0.5 * (1 + np.cos(np.pi * np.arange(FADE + 1) / FADE))


def loop_gain(n_samples: int, start: int, length: int) -> np.ndarray:
    """Gain of the loop's seam from the common start on: in over 5 ms, out over 5 ms."""
    turn = np.ones(length)
    turn[:FADE] = 1 - falling()[:FADE]
    # The last sample of a turn is one step above 0; the 0 itself is the first of the next turn.
    turn[length - FADE :] = (1 - falling()[1:])[::-1]
    gain = np.zeros(n_samples)
    gain[start:] = turn[np.arange(n_samples - start) % length]
    return gain


def play_start(result_left: np.ndarray) -> int:
    """Sample of the common start: the fade's first value is 0, so one before the first sound."""
    return int(np.flatnonzero(result_left)[0]) - 1


def test_twenty_switches_and_loop_ends_have_no_wrong_sample(page: Any) -> None:
    """Each sample is the right stimulus, at the right position, under the closed-form envelope.

    References are switched to like all others.
    """
    rng = np.random.default_rng(3)
    length = 30_000  # 0.625 s, so that several loop ends fall among the switches
    times = 0.1 + np.cumsum(rng.uniform(0.02, 0.2, 20))
    targets = [int(v) for v in (np.cumsum(rng.integers(1, N_STIMULI, 20)) % N_STIMULI)]
    script = [[0, "play"]] + [
        [float(t), "switchTo", k] for t, k in zip(times, targets, strict=True)
    ]
    result = render(page, script, float(times[-1] + 0.5), length)
    left, right, noise = result["left"], result["right"], result["noise"]
    n_samples = len(left)
    start = play_start(left)
    assert start == round(0.02 * RATE)

    assert set(targets) == set(range(N_STIMULI))
    gains = np.zeros((N_STIMULI, n_samples))
    gains[0] = 1.0
    audible = 0
    for moment, target in zip(result["moments"], targets, strict=True):
        first = round(moment * RATE) + round(0.003 * RATE)
        gains[audible, first : first + FADE + 1] = falling()
        gains[audible, first + FADE :] = 0.0
        gains[target, first + FADE : first + 2 * FADE + 1] = 1 - falling()
        gains[target, first + 2 * FADE :] = 1.0
        audible = target
    envelope = loop_gain(n_samples, start, length)
    position = (np.arange(n_samples) - start) % length
    expected_left = envelope * gains.sum(axis=0) * noise[position]
    expected_right = envelope * (np.array(LEVELS)[:, None] * gains).sum(axis=0)
    assert int(np.sum(np.abs(left - expected_left) > 1e-4)) == 0
    assert int(np.sum(np.abs(right - expected_right) > 1e-4)) == 0


def test_a_switch_is_a_raised_cosine_down_and_then_up(page: Any) -> None:
    """The envelope lies within 1 % of the closed form and touches 0 between the two stimuli."""
    result = render(page, [[0, "play"], [0.2, "switchTo", 3]], 0.4, RATE)
    total = result["left"] / result["noise"][(np.arange(len(result["left"])) - 960) % RATE]
    first = round(result["moments"][0] * RATE) + 144
    assert total[first : first + FADE + 1] == pytest.approx(falling(), abs=0.01)
    assert total[first + FADE : first + 2 * FADE + 1] == pytest.approx(1 - falling(), abs=0.01)
    assert abs(total[first + FADE]) < 1e-6
    assert (first - round(result["moments"][0] * RATE)) / RATE <= 0.005


def test_never_are_two_stimuli_heard_together(page: Any) -> None:
    """At every sample the right channel is one stimulus's level times the total gain."""
    script = [[0, "play"]] + [[0.1 + 0.013 * i, "switchTo", (i * 3 + 1) % 4] for i in range(40)]
    result = render(page, script, 0.9, RATE)
    total = result["left"] / result["noise"][(np.arange(len(result["left"])) - 960) % RATE]
    distance = np.min([np.abs(result["right"] - level * total) for level in LEVELS], axis=0)
    assert np.max(distance) < 1e-5
    assert np.max(np.abs(np.diff(total))) <= np.pi / (2 * FADE) * 1.01


@pytest.mark.parametrize("spacing_s", [0.0025, 0.0049, 0.009])
def test_of_clicks_faster_than_the_fade_the_last_one_wins(page: Any, spacing_s: float) -> None:
    """Twenty quick clicks end on the last stimulus, at full gain, without a jump on the way."""
    targets = [(7 * i + 2) % 4 for i in range(20)]
    script = [[0, "play"]]
    script += [[0.1 + spacing_s * i, "switchTo", k] for i, k in enumerate(targets)]
    result = render(page, script, 0.5, RATE)
    assert result["audible"] == targets[-1]
    assert result["right"][-1000:] == pytest.approx(LEVELS[targets[-1]], abs=1e-6)
    steps = np.abs(np.diff(result["right"]))
    assert np.max(steps) <= max(LEVELS) * np.pi / (2 * FADE) * 1.01


def test_stopping_in_a_fade_or_at_a_loop_end_falls_silent_and_plays_on(page: Any) -> None:
    """Stop, play and switch in one breath raise nothing; playing goes on where it stopped."""
    script: list[list[Any]] = [[0, "play"], [0.30, "switchTo", 2], [0.3054, "stop"]]
    script += [[0.5, "play"], [0.502, "switchTo", 1], [0.504, "stop"], [0.506, "play"]]
    result = render(page, script, 1.2, 30_000)
    right = result["right"]
    assert np.all(right[round(0.33 * RATE) : round(0.5 * RATE)] == 0.0)
    sounding = right[round(0.6 * RATE) : round(0.62 * RATE)]
    assert sounding == pytest.approx(LEVELS[1], abs=1e-6)
    assert result["isPlaying"]
    assert np.max(np.abs(np.diff(right))) <= max(LEVELS) * np.pi / (2 * FADE) * 1.01


def test_the_position_is_kept_over_stop_and_play(page: Any) -> None:
    """After a stop the sound goes on with the sample at which it fell silent."""
    result = render(page, [[0, "play"], [0.2, "stop"], [0.4, "play"]], 0.6, RATE)
    stop, again = (round(moment * RATE) for moment in result["moments"])
    silent = stop + 144 + FADE
    resumed = again + 960
    n = len(result["left"])
    sounding = np.arange(resumed + FADE, n)
    expected = result["noise"][(silent - 960) + (sounding - resumed)]
    assert result["left"][sounding] == pytest.approx(expected, abs=1e-6)


def test_a_loop_is_at_least_half_a_second_and_fades_at_its_ends(page: Any) -> None:
    """A region asked for shorter is widened to 500 ms; its period is exact."""
    result = render(page, [[0, "setRegion", 0.25, 0.3], [0, "play"]], 1.6, RATE)
    assert result["region"] == pytest.approx([0.25, 0.75])
    start = play_start(result["left"])
    gain = loop_gain(len(result["left"]), start, RATE // 2)
    position = RATE // 4 + (np.arange(len(gain)) - start) % (RATE // 2)
    after = np.arange(start + FADE, len(gain))
    expected = gain[after] * result["noise"][position[after]]
    assert int(np.sum(np.abs(result["left"][after] - expected) > 1e-5)) == 0


def test_a_region_changed_while_playing_fades_and_stays_in_step(page: Any) -> None:
    """The new loop begins under a fade, and all stimuli are still on the same sample."""
    script = [[0, "play"], [0.2, "setRegion", 0.4, 0.9], [0.5, "switchTo", 2]]
    result = render(page, script, 1.5, RATE)
    right = result["right"]
    assert np.max(np.abs(np.diff(right))) <= max(LEVELS) * np.pi / (2 * FADE) * 1.01
    silent = round(result["moments"][0] * RATE) + 144 + FADE
    n = len(right)
    after = np.arange(silent + FADE, n)
    position = round(0.4 * RATE) + (after - silent) % (RATE // 2)
    gain = loop_gain(n, silent, RATE // 2)[after]
    away = np.abs(after - round(result["moments"][1] * RATE)) > 1000
    expected = gain * result["noise"][position]
    assert result["left"][after][away] == pytest.approx(expected[away], abs=1e-5)


def test_played_once_it_fades_out_at_the_end_and_begins_anew(page: Any) -> None:
    """The last sample is under the fade, then silence; the next play starts at the beginning."""
    script: list[list[Any]] = [[0, "seek", 0.1], [0, "play"], [0.2, "switchTo", 2], [0.9, "play"]]
    result = render(page, script, 1.2, RATE // 2, once=True)
    start, n_played = round(0.02 * RATE), round(0.4 * RATE)
    n = len(result["left"])
    gain = np.zeros(n)
    gain[start : start + n_played] = 1.0
    gain[start : start + FADE] = 1 - falling()[:FADE]
    gain[start + n_played - FADE : start + n_played] = falling()[:FADE]
    switch = round(result["moments"][0] * RATE) + 144
    gain[switch : switch + 2 * FADE + 1] = np.concatenate([falling(), 1 - falling()[1:]])
    again = round(result["moments"][1] * RATE) + 960
    first = result["noise"][round(0.1 * RATE) + np.arange(n_played)]
    expected = gain[:again].copy()
    expected[start : start + n_played] *= first
    assert result["left"][:again] == pytest.approx(expected, abs=1e-5)
    sounding = np.arange(again + 2 * FADE, n)
    assert result["left"][sounding] == pytest.approx(result["noise"][sounding - again], abs=1e-5)
    ((_, began, elapsed),) = result["ends"]
    assert (began, elapsed) == pytest.approx((0.1, 0.4))


def test_a_switch_from_the_start_fades_out_and_in_and_never_mixes(page: Any) -> None:
    """``fromStart``: the other stimulus begins at the start of the loop, after the fade."""
    result = render(page, [[0, "play"], [0.2, "switchTo", 4, True]], 0.5, RATE)
    switch = round(result["moments"][0] * RATE) + 144
    begin = switch + FADE
    after = np.arange(begin + 2 * FADE, len(result["left"]))
    assert result["left"][after] == pytest.approx(result["noise"][after - begin], abs=1e-5)
    assert result["right"][after] == pytest.approx(LEVELS[4], abs=1e-6)
    before = result["right"][switch : begin + 1]
    assert before == pytest.approx(LEVELS[0] * falling(), abs=1e-5)


STARTS: dict[str, list[list[Any]]] = {
    "start": [],
    "resume": [[0.2, "stop"], [0.4, "play"]],
    "resume just before the loop's end": [[0.4965, "stop"], [0.6, "play"]],
    "resume just after the loop's beginning": [[0.514, "stop"], [0.6, "play"]],
    "seek": [[0.2, "seek", 0.3]],
    "seek while paused": [[0.2, "stop"], [0.3, "seek", 0.1], [0.4, "play"]],
    "restart": [[0.2, "restart"]],
    "new region": [[0.2, "setRegion", 0.3, 0.8]],
    "switch": [[0.2, "switchTo", 1]],
    "switch while paused": [[0.2, "stop"], [0.3, "switchTo", 3], [0.4, "play"]],
    "on_switch: restart": [[0.2, "switchTo", 4, True]],
    "stop and play in one breath": [[0.2, "stop"], [0.2, "play"]],
}


@pytest.mark.parametrize("once", [False, True])
@pytest.mark.parametrize("action", STARTS)
def test_whatever_starts_the_sound_it_rises_by_one_raised_cosine(
    page: Any, action: str, once: bool
) -> None:
    """Every rise from silence lies within 0.1 % of the closed form, and so does every fall.

    A loop's beginning is where a fade of the loop and one of the start could multiply.
    """
    script = [[0, "play"], *STARTS[action]]
    gain = render(page, script, 1.5, RATE, [1.0] * N_STIMULI, once=once)["right"]
    rises = np.flatnonzero((gain[:-1] == 0) & (gain[1:] > 0))
    falls = np.flatnonzero((gain[:-1] == 1) & (gain[1:] < 1))
    whole = [rise for rise in rises if rise + FADE < len(gain)]
    assert len(whole) >= 1 + (action != "start")
    for rise in whole:
        assert gain[rise : rise + FADE + 1] == pytest.approx(1 - falling(), abs=1e-3)
    for fall in falls:
        assert gain[fall : fall + FADE + 1] == pytest.approx(falling(), abs=1e-3)


def test_more_recordings_than_one_buffer_holds_stay_in_step(page: Any) -> None:
    """Twenty in stereo are 40 channels; the last of them is on the same sample as the first."""
    levels = [0.02 * (1 + slot) for slot in range(20)]
    script = [[0, "play"], [0.4, "switchTo", 19], [0.6, "seek", 0.1]]
    result = render(page, script, 1.2, RATE, levels)
    start = play_start(result["left"])
    before = np.arange(start + FADE, start + 2 * FADE)
    assert result["left"][before] == pytest.approx(result["noise"][before - start], abs=1e-6)
    switched = round(0.5 * RATE) + np.arange(1000)
    assert result["left"][switched] == pytest.approx(result["noise"][switched - start], abs=1e-6)
    assert result["right"][switched] == pytest.approx(levels[19], abs=1e-6)
    again = int(np.flatnonzero(result["left"] == 0)[-1])
    after = np.arange(again + FADE, again + 2000)
    expected = result["noise"][round(0.1 * RATE) + after - again]
    assert result["left"][after] == pytest.approx(expected, abs=1e-6)


def test_a_start_at_once_after_a_long_silence_is_a_whole_one(page: Any) -> None:
    """Nothing is rendered in a pause that the next start would have needed."""
    gain = render(page, [[0, "play"], [0.2, "stop"], [4.0, "play"]], 4.3, RATE, [1.0, 1.0])["right"]
    assert np.all(gain[round(0.3 * RATE) : 4 * RATE] == 0)
    rise = int(np.flatnonzero(gain == 0)[-1])
    assert gain[rise : rise + FADE + 1] == pytest.approx(1 - falling(), abs=1e-3)


def test_what_was_heard_is_the_covered_part_of_the_excerpt(page: Any) -> None:
    """Closed form: repeats count once, a loop covers itself, the seam is walked over."""
    shares = page.evaluate(
        """async () => {
          const { Coverage } = await import("/sound/coverage.js");
          const heard = new Coverage(3, 10);
          const shares = [];
          const note = () => shares.push(heard.share(0));
          heard.hear(0, 1, 0, 2, [0, 10]); note();      // 1-3
          heard.hear(0, 1, 2, 3, [0, 10]); note();      // on to 4
          heard.hear(0, 2, 0, 1, [0, 10]); note();      // 2-3 again
          heard.hear(0, 4, 0, 500, [4, 4.5]); note();   // a loop of half a second, long
          heard.hear(0, 9, 0, 1.5, [0, 10]); note();    // 9-10 and over the seam to 0.5
          heard.hear(0, 7.8, 0, 0.4, [7, 8]); note();   // 7.8-8 and 7-7.2
          heard.hear(1, 0, 3, 3, [0, 10]);              // nothing sounded
          const kept = new Coverage(3, 10);
          kept.restore(JSON.parse(JSON.stringify(heard)));
          kept.hear(2, 0, 0, 9.96, [0, 10]);
          return [shares, [0, 1, 2].map((slot) => kept.share(slot))];
        }"""
    )
    expected = [0.2, 0.3, 0.3, 0.35, 0.5, 0.54]
    assert shares[0] == pytest.approx(expected)
    assert shares[1] == pytest.approx([0.54, 0.0, 1.0])


def test_mono_reaches_both_ears(page: Any) -> None:
    """A one-channel recording is the same on the left and on the right."""
    result = render(page, [[0, "play"]], 0.3, RATE, mono=True)
    assert np.max(np.abs(result["left"])) > 0.1
    assert np.array_equal(result["left"], result["right"])


def test_recordings_of_unequal_length_are_refused(page: Any) -> None:
    """Stimuli that cannot be compared sample by sample never reach the page."""
    message = page.evaluate(
        """async () => {
          const { assertAligned } = await import("/sound/recordings.js");
          const context = new OfflineAudioContext(2, 1, 48000);
          const make = (n) => context.createBuffer(2, n, 48000);
          try { assertAligned([make(4800), make(4801)]); } catch (error) { return error.message; }
        }"""
    )
    assert "differ in length" in message
