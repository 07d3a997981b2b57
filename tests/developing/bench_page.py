"""How soon a page can be heard: seven stimuli of 30 s, beside fetching and decoding them alone.

Run by ``make bench``. Both are measured in one browser against one server, each the best of four
with the browser's cache off: the player from the page's start to its recordings decoded, and a bare
script that fetches the same files side by side and decodes them.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import pytest

import browser_study
from browser_study import SYSTEMS, Walker, running_browser, running_server
from db.store.store import open_store
from page_types_study import write_page_types_study
from page_walks import rate_sliders
from stimuli.loading.load import load_study

PARTS = f"""
parts:
  - type: mushra
    songs: [amber]
    systems: [{", ".join(SYSTEMS)}]
    reference: human
pages: {{training: false}}
"""
OPENINGS = 4
FLOOR = """async (urls) => {
  const start = performance.now();
  await Promise.all(urls.map(async (url) => {
    const answer = await fetch(url, { cache: "no-store" });
    const context = new OfflineAudioContext(2, 1, 44100);
    await context.decodeAudioData(await answer.arrayBuffer());
  }));
  return (performance.now() - start) / 1000;
}"""


def write_study(folder: Path, patch: pytest.MonkeyPatch) -> Path:
    """Build a study of one MUSHRA page, seven recordings of half a minute."""
    patch.setattr(browser_study, "DURATION_S", 30.0)
    patch.setattr(browser_study, "SONGS", ("amber",))
    return write_page_types_study(folder, parts=PARTS)


def seconds(folder: Path, patch: pytest.MonkeyPatch) -> tuple[float, float]:
    """Best times of the player and of the bare script, in seconds."""
    study = write_study(folder, patch)
    with running_server(study) as server, running_browser() as browser:
        walker = Walker(browser, server)
        walker.go_to_first_page()
        network = walker.context.new_cdp_session(walker.page)
        network.send("Network.enable")
        network.send("Network.setCacheDisabled", {"cacheDisabled": True})
        for _ in range(OPENINGS - 1):
            walker.audio_urls.clear()
            walker.page.reload()
            walker.wait_for_page()
        urls = [f"{server.url}/api/audio/{token}" for token in walker.audio_urls]
        floor_s = min(walker.page.evaluate(FLOOR, urls) for _ in range(OPENINGS))
        rate_sliders(walker.page)  # events travel with ratings
        walker.page.get_by_text("Answers saved").wait_for()
        store = open_store(server.database_url)
        events = store.events(load_study(study).identifier)
        store.close()
        walker.close()
    ready_s = events.loc[events["event"] == "ready", "value"].astype(float)
    return float(ready_s.min()), floor_s


def main() -> None:
    """Print the ratio, and the seconds with what they should be on two idle cores."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        ready_s, floor_s = seconds(Path(folder), patch)
    sys.stdout.write(
        "| a page of seven stimuli of 30 s | measured | wanted |\n|---|---|---|\n"
        f"| seconds until it is ready | {ready_s:.2f} | at most 1.0 |\n"
        f"| ready / fetch and decode alone | {ready_s / floor_s:.2f} | at most 2.0 |\n"
    )


if __name__ == "__main__":
    main()
