"""Files as they are served, decoded by browsers: every sample in its place, however they grew."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from browser_study import running_browser
from live_recorder import listening, open_in_firefox
from mixing.audio import write_flac
from stimuli.rendering.blind_flac import alike

pytestmark = pytest.mark.browser

RATE = 44_100
# Seven frames and a part of one, and enough for a file to grow by more than 1 MB: what Firefox
# would not read past.
LENGTHS = (7 * 4096 + 123, 12 * RATE + 7)
SCRIPT = """
const names = NAMES;
async function decoded(name) {
  const context = new OfflineAudioContext(2, 1, 44100);
  const answer = await fetch(name);
  const sound = await context.decodeAudioData(await answer.arrayBuffer());
  return [sound.getChannelData(0), sound.getChannelData(1)];
}
async function compare() {
  const found = {};
  for (const [plain, served] of names) {
    const [one, other] = [await decoded(plain), await decoded(served)];
    let differing = 0;
    for (const channel of [0, 1])
      for (let i = 0; i < one[channel].length; i += 1)
        differing += one[channel][i] !== other[channel][i];
    found[served] = [one[0].length, other[0].length, differing];
  }
  return found;
}
compare().then((done) => fetch("done", { method: "POST", body: JSON.stringify(done) }),
  (error) => fetch("done", { method: "POST", body: JSON.stringify({ error: `${error}` }) }));
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Noise, a soft tone and silence of two lengths and depths: as encoded, and as served."""
    folder: Path = tmp_path_factory.mktemp("decoding")
    made: dict[str, bytes] = {}
    for depth in (16, 24):
        for length in LENGTHS:
            noise = np.random.default_rng(length).uniform(-0.9, 0.9, (2, length))
            tone = 0.01 * np.sin(np.arange(length) / 20) * np.ones((2, 1))
            plain = []
            for number, sound in enumerate((noise, tone, np.zeros((2, length)))):
                path = folder / f"{depth}-{length}-{number}.flac"
                write_flac(path, sound.astype(np.float32), RATE, depth)
                plain.append((path.name, path.read_bytes()))
            served = alike([flac for _, flac in plain], range(len(plain)))
            for (name, flac), blind in zip(plain, served, strict=True):
                made |= {name: flac, f"served-{name}": blind}
    pairs = [(name, f"served-{name}") for name in made if not name.startswith("served-")]
    return {**made, "recorder.js": SCRIPT.replace("NAMES", json.dumps(pairs)).encode()}


def assert_sample_exact(found: Mapping[str, Any]) -> None:
    """Every file decoded to its own length, and no sample differs from the plain encoding's."""
    assert len(found) == 12, found
    for name, (n_plain, n_served, n_differing) in found.items():
        length = int(name.split("-")[2])
        assert (n_plain, n_served, n_differing) == (length, length, 0), name


def test_in_chromium_a_served_file_is_its_recording_sample_by_sample(
    files: Mapping[str, bytes],
) -> None:
    """Grown by 1.6 MB or not at all, 16 bits or 24."""
    with listening(files) as (listener, url), running_browser() as browser:
        page = browser.new_page()
        page.goto(url)
        for _ in range(3_000):
            if listener.is_done.is_set():
                break
            page.wait_for_timeout(100)
    assert_sample_exact(listener.answer)


@pytest.mark.slow
def test_in_firefox_a_served_file_is_its_recording_sample_by_sample(
    files: Mapping[str, bytes],
) -> None:
    """It drops the last frame of a file that goes on for more than 1 MB behind it."""
    with open_in_firefox(files, {}) as listener:
        assert listener.is_done.wait(300.0)
    assert_sample_exact(listener.answer)
