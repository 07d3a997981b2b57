"""A study with every page type: built from its songs, walked from link to thanks, and stored."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from browser_study import Server, Walker, running_browser, running_server
from page_walks import WALKS, Answers

from db.records import Participant
from db.store import open_store
from mixing.audio import write_flac
from stimuli.render import build
from stimuli.study import load_study

pytestmark = pytest.mark.browser

RATE = 44_100
PARTS = {
    "attributes": "songs: [amber], attributes: [level, overall], references: [dry_vocal]",
    "multi_stimulus": "songs: [birch], references: [dry_mix]",
    "mushra": "songs: [amber], systems: [human, baseline], reference: human, must_listen: 0.1",
    "ape": "songs: [birch], attributes: [reverb, overall]",
    "preference": "songs: [amber], pairs: [[human, random]], ties: true",
    "abx": "songs: [birch], pairs: [[human, baseline]]",
    "acr": "songs: [amber], systems: [human]",
}
ATTRIBUTES = {"attributes": ("level", "overall"), "ape": ("reverb", "overall")}


def write_songs(folder: Path) -> list[str]:
    """Two songs of 3.2 s: a tone that swells over a noise; return their lines of the study."""
    time_s = np.arange(int(3.2 * RATE)) / RATE
    vocal = 0.1 * np.sin(2 * np.pi * 330 * time_s) * (1 + np.sin(2 * np.pi * 3 * time_s))
    lines = []
    for number, song in enumerate(("amber", "birch")):
        backing = 0.1 * np.random.default_rng(number).standard_normal((2, len(time_s)))
        parts = {"vocal": np.stack([vocal, vocal]), "backing": backing}
        parts["human"] = parts["vocal"] + parts["backing"]
        for part, sound in parts.items():
            write_flac(folder / f"{song}_{part}.flac", sound.astype(np.float32), RATE)
        files = ", ".join(f"{part}: {song}_{part}.flac" for part in parts)
        lines.append(f"  - {{name: {song}, {files}}}")
    return lines


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A study with a part of every page type, mixed and built by mixtrial itself."""
    folder: Path = tmp_path_factory.mktemp("every")
    lines = ["title: Every page", "seed: 7", "systems: [human, baseline, random]", "songs:"]
    lines += [*write_songs(folder), "pages: {training: false}", "parts:"]
    lines += [f"  - {{type: {name}, {keys}}}" for name, keys in PARTS.items()]
    path = folder / "study.yaml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    build(load_study(path), folder / "build", 1, lambda *_: None)
    with running_server(path) as server:
        yield server


def enrolled(server: Server, token: str) -> Participant:
    """The participant as the archive has them."""
    store = open_store(server.database_url)
    try:
        participant = store.find_participant(token)
    finally:
        store.close()
    assert participant is not None
    return participant


def hear_everything(walker: Walker) -> None:
    """Listen to the reference and to each mix for as long as the part asks."""
    for button in walker.page.locator(".rating .letter").all():
        button.click()
        walker.page.wait_for_timeout(450)


def test_every_page_type_is_walked_from_link_to_thanks(server: Server) -> None:
    """What is in the archive at the end is what was set on each page, and nothing else."""
    said: dict[str, Answers] = {}
    with running_browser() as browser:
        walker = Walker(browser, server, viewport={"width": 1280, "height": 900})
        page = walker.page
        walker.go_to_first_page()
        pages = enrolled(server, walker.token).pages
        assert [each.page_type for each in pages] == list(PARTS)
        for each in pages:
            page.wait_for_function(
                f"[...document.querySelectorAll('*')].some((each) => "
                f"each.shadowRoot?.querySelector('[data-part={each.part}] .letter:enabled'))"
            )
            kind = each.page_type
            if kind == "mushra":
                hear_everything(walker)
            said[kind] = WALKS[kind](page, ATTRIBUTES.get(kind, ("overall",)))
            page.locator(".rating .next[aria-disabled=false]").wait_for(timeout=10_000)
            walker.next()
        page.get_by_text("Your personal code").wait_for()
        assert walker.troubles == []
        participant = enrolled(server, walker.token)
        walker.close()
    assert participant.step == "thanks"
    check_archive(server, participant, said)


def check_archive(server: Server, participant: Participant, said: dict[str, Answers]) -> None:
    """Ratings and trials are those that were set, under the systems that were heard."""
    store = open_store(server.database_url)
    try:
        ratings = store.ratings(participant.study)
        trials = store.trials(participant.study)
        stored = {
            each.page_type: {
                (rating.slot, rating.attribute): rating.value
                for rating in store.page_state(participant.token, each.index, opening=False).ratings
            }
            for each in participant.pages
        }
        events = store.events(participant.study)
    finally:
        store.close()
    assert stored == said
    systems = {
        (each.part, slot.system, attribute): value
        for each in participant.pages
        for (position, attribute), value in said[each.page_type].items()
        for slot in each.slots
        if slot.position == position and each.page_type not in ("preference", "abx")
    }
    found = {(row.part, row.system, row.attribute): row.rating for row in ratings.itertuples()}
    assert found == systems
    assert list(trials["kind"]) == ["preference", "abx"]
    assert list(trials["answer"]) == ["b", "a"]
    for _, times in events.groupby("page_index", sort=False)["t_ms"]:
        assert list(times) == sorted(times)
    assert set(events["event"]) >= {
        "open", "ready", "sample_rate", "base_latency", "output_latency", "play", "switch",
        "rate", "attribute", "heard", "submit",
    }  # fmt: skip
