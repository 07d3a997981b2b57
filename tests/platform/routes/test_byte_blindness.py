"""All that an answer says besides its sound, given to a classifier: it finds no system by it.

Facts told about a stimulus: its address, status and headers of every kind of request, the file's
first and last bytes, and in the slow form the times of the answers. Half of the songs teach,
the other half are judged, and the other way round. Whoever guesses is right once in as many times
as there are names; the interval of what is right beyond that, over songs, must hold 0.
"""

from __future__ import annotations

import http.client
import io
import random
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile
from scipy import stats
from starlette.applications import Starlette
from starlette.testclient import TestClient

from db.records.participation import Page, Participant, Slot
from db.store.store import open_store
from mixing.audio import write_flac
from mixing.systems.base import SystemSettings
from mixtrial.participation.enrolment import enrol
from mixtrial.routes.route_table import MIDDLEWARE, ROUTES
from mixtrial.server.installation import Installation
from mixtrial.server.settings import settings_for_study
from participants import put_on_page
from route_server import answer_for, free_port, serving
from stimuli.loading.load import load_study
from stimuli.page_types.registry import page_types
from stimuli.rendering.render import build
from tests.stimuli.rendering.test_made_stimuli import FakeSystem, noise

STUDY = """\
title: Blind bytes
seed: 5
systems: [baseline, human, random]
bit_depth: 16
pages: {training: false}
parts:
  - {type: attributes, references: [dry_vocal]}
  - {type: multi_stimulus, references: [dry_mix]}
  - {type: mushra, systems: [baseline, random]}
  - {type: ape, attributes: [reverb]}
  - {type: preference, pairs: [[baseline, human]]}
  - {type: abx, pairs: [[baseline, random]], trials: 2}
  - {type: acr}
  - {type: ranking}
  - {type: best}
  - {type: bs1116, systems: [baseline, random]}
  - {type: dcr, systems: [baseline, random]}
  - {type: ccr, systems: [baseline, random]}
  - {type: triangle, pairs: [[baseline, random]], trials: 2}
  - {type: same_different, pairs: [[baseline, random]]}
  - {type: staircase, reference: human, down: 1, reversals: 2, discard: 0, max_trials: 4}
songs:
"""
N_SONGS = 6  # with the slow form, 38
PAGES_PER_SONG = 23  # of a track the first, the others follow from answers
RATE = 32_000  # the lowest, at which noise of 2.2 s at 44.1 kHz lasts the shortest time allowed
ASKED: tuple[tuple[str, dict[str, str]], ...] = (
    ("GET", {}),
    ("HEAD", {}),
    ("GET", {"range": "bytes=0-63"}),
    ("GET", {"range": "bytes=999999999-"}),
    ("POST", {}),
)
LINE_LENGTH = 1_500
N_FIRST = 49  # up to the first sample: header, head of the first frame, and of its first channel
N_LAST = 256
Answer = tuple[int, list[tuple[str, str]], bytes]
Interval = tuple[float, float]
Ask = Callable[[str, str, dict[str, str]], Answer]


@dataclass(frozen=True)
class Told:
    """Everything that a browser is told of one stimulus; ``log_times`` are those of its answers.

    ``ends`` are the first and last bytes of the file; in ``as_encoded`` the first are those that
    an encoder leaves.
    """

    page: Page
    slot: Slot
    lines: np.ndarray
    log_times: np.ndarray
    ends: bytes
    as_encoded: bytes


@pytest.fixture(autouse=True)
def _seeded_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Random addresses from a seed: a test of chance gives the same answer each time."""
    draw = random.Random(11)
    monkeypatch.setattr(
        "db.writing.registration.new_token",
        lambda: "".join(
            draw.choices("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_", k=32)
        ),
    )


@contextmanager
def built(folder: Path, n_songs: int) -> Iterator[Installation]:
    """A study with a part of every type, built as ``mixtrial build`` does from systems of ours."""
    for number in range(4):
        write_flac(folder / f"{number}.flac", noise(number, 2.2), RATE)
    lines = [
        f"  - {{name: song{n}, vocal: {n % 4}.flac, backing: {(n + 1) % 4}.flac,"
        f" human: {(n + 2) % 4}.flac, reference: {(n + 3) % 4}.flac}}"
        for n in range(n_songs)
    ]
    path = folder / "study.yaml"
    path.write_text(STUDY + "\n".join(lines), encoding="utf-8")
    study = load_study(path)
    store = open_store(f"sqlite:///{folder / 'mixtrial.sqlite'}")
    store.register_study(study.identifier, study.title, study.fingerprint, study.seed)

    def create(name: str, _settings: SystemSettings | None = None) -> FakeSystem:
        return FakeSystem("square" if name == "random" else name)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("stimuli.rendering.mix_audio.create_system", create)
        manifest = build(study, folder / "build", workers=1)
    yield Installation(study, manifest, store, settings_for_study(path), b"blind" * 8)
    store.close()


def heard(ask: Ask, installation: Installation, is_encoded: bool = False) -> list[Told]:
    """Everything that one participant is told of every stimulus of every page, page after page."""
    token = enrol(installation).token
    participant = installation.store.find_participant(token)
    assert isinstance(participant, Participant)
    told = []
    for page in (page for page in participant.pages if page.slots):
        put_on_page(installation.store, token, page.index)
        told += [_told(ask, page, slot, is_encoded) for slot in page.slots]
    return told


def _told(ask: Ask, page: Page, slot: Slot, is_encoded: bool) -> Told:
    lines, times_s, contents = [slot.audio_token], [], []
    for method, headers in ASKED:
        begun = time.perf_counter()
        status, fields, content = ask(method, f"/api/audio/{slot.audio_token}", headers)
        times_s.append(time.perf_counter() - begun)
        contents.append(content)
        lines.append(f"{status} {sorted(fields)}")
    assert lines[1].startswith("200")
    whole = contents[0]
    before = encoded_anew(whole)[:N_FIRST] if is_encoded else b""
    return Told(
        page=page,
        slot=slot,
        lines=np.concatenate([_octets(line) for line in lines]),
        log_times=np.log(times_s),
        ends=whole[:N_FIRST] + whole[-N_LAST:],
        as_encoded=before + whole[-N_LAST:],
    )


def asking_routes(client: TestClient) -> Ask:
    """Ask the routes in this process."""

    def ask(method: str, path: str, headers: dict[str, str]) -> Answer:
        answer = client.request(method, path, headers=headers)
        return answer.status_code, list(answer.headers.items()), answer.content

    return ask


def asking_server(connection: http.client.HTTPConnection) -> Ask:
    """Ask a server, over one connection."""

    def ask(method: str, path: str, headers: dict[str, str]) -> Answer:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.getheaders(), answer.read()

    return ask


def _octets(line: str) -> np.ndarray:
    assert len(line) <= LINE_LENGTH
    return np.frombuffer(line.encode().ljust(LINE_LENGTH), np.uint8)


def encoded_anew(content: bytes) -> bytes:
    """Return the file as an encoder makes it of the sound."""
    samples, rate = soundfile.read(io.BytesIO(content), dtype="int16")
    file = io.BytesIO()
    soundfile.write(file, samples, rate, "PCM_16", format="FLAC")
    return file.getvalue()


def _numbers(field: np.ndarray | bytes) -> np.ndarray:
    return np.frombuffer(field, np.uint8) if isinstance(field, bytes) else field


def features(told: list[Told], *fields: str) -> np.ndarray:
    """One stimulus per row; what never varies is left out, the rest is standardised."""
    rows = [np.concatenate([_numbers(getattr(each, field)) for field in fields]) for each in told]
    table = np.stack(rows).astype(float)
    table = table[:, table.std(axis=0) > 0]
    return (table - table.mean(axis=0)) / table.std(axis=0)


def scores(table: np.ndarray, names: np.ndarray, taught: np.ndarray) -> np.ndarray:
    """How much each row looks like each name (sorted), by a ridge regression on those trained."""
    wanted = (names[:, None] == np.unique(names)).astype(float)
    wanted -= wanted[taught].mean(axis=0)
    known = table[taught]
    kernel = known @ known.T + table.shape[1] * np.eye(len(known))
    return np.asarray(table @ (known.T @ np.linalg.solve(kernel, wanted[taught])))


def right_beyond_chance(told: list[Told], table: np.ndarray) -> dict[str, list[float]]:
    """Hits less chance of each rated stimulus, by song: its name, among those of its page type."""
    names = np.array([each.slot.system for each in told])
    songs = np.array([int(each.page.song.removeprefix("song")) for each in told])
    rated = np.array([each.slot.role == "rated" for each in told])
    types = np.array([each.page.page_type for each in told])
    found: dict[str, list[float]] = {}
    for page_type in np.unique(types):
        here = rated & (types == page_type)
        known = np.unique(names[here])
        for half in (0, 1):
            judged = here & (songs % 2 == half)
            guess = scores(table[here], names[here], (songs[here] % 2 != half))
            guess = known[guess.argmax(axis=1)][judged[here]]
            hits = (guess == names[judged]) - 1 / len(known)
            for song, hit in zip(songs[judged], hits, strict=True):
                found.setdefault(f"song{song}", []).append(float(hit))
    return found


def twins_beyond_chance(told: list[Told], table: np.ndarray) -> dict[str, list[float]]:
    """The same for the hidden copy of what is heard openly: the stimulus most like it."""
    found: dict[str, list[float]] = {}
    for page in {each.page.index: each.page for each in told}.values():
        here = [row for row, each in enumerate(told) if each.page.index == page.index]
        rated = [row for row in here if told[row].slot.role == "rated"]
        for opened in (row for row in here if told[row].slot.role != "rated"):
            alike = [told[row].slot.system == told[opened].slot.system for row in rated]
            if any(alike):
                apart = [np.abs(table[row] - table[opened]).sum() for row in rated]
                hit = float(alike[int(np.argmin(apart))]) - 1 / len(rated)
                found.setdefault(page.song, []).append(hit)
    return found


def interval(found: dict[str, list[float]], level: float) -> Interval:
    """Interval of what is right beyond chance, over songs."""
    means = [float(np.mean(each)) for each in found.values()]
    low, high = stats.t.interval(
        level, len(means) - 1, loc=np.mean(means), scale=stats.sem(means) or 1e-9
    )
    return float(low), float(high)


def interval_of_guesses(found: dict[str, list[float]], level: float) -> Interval:
    """Interval of what is right beyond chance, as wide as the same number of guesses makes it.

    By chance, guesses are right independently of each other. This interval is half as wide as
    that over the means of six songs.
    """
    beyond = np.concatenate([np.array(each) for each in found.values()])
    chances = np.where(beyond < 0, -beyond, 1 - beyond)
    error = np.sqrt((chances * (1 - chances)).sum()) / beyond.size
    low, high = stats.norm.interval(level, loc=beyond.mean(), scale=error)
    return float(low), float(high)


def intervals(
    told: list[Told],
    *fields: str,
    level: float = 0.95,
    of: Callable[[dict[str, list[float]], float], Interval] = interval,
) -> tuple[Interval, Interval]:
    """Intervals of names and of twins."""
    table = features(told, *fields)
    found = (right_beyond_chance(told, table), twins_beyond_chance(told, table))
    return of(found[0], level), of(found[1], level)


def assert_blind(found: tuple[Interval, Interval]) -> None:
    """Chance lies in each interval."""
    assert all(low <= 0 <= high for low, high in found), found


def test_a_classifier_finds_no_system_in_what_is_not_sound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """138 pages of every type; and it does find them by what the encoder writes.

    The filling of the files is drawn anew with every change of the mixing: the interval is so wide
    that chance alone leaves it once in a thousand draws.
    """
    with built(tmp_path, N_SONGS) as installation:
        answer_for(monkeypatch, lambda: installation)
        with TestClient(Starlette(routes=ROUTES, middleware=MIDDLEWARE)) as client:
            told = heard(asking_routes(client), installation, is_encoded=True)
    assert {each.page.page_type for each in told} == set(page_types())
    assert len({each.page.index for each in told}) == N_SONGS * PAGES_PER_SONG
    for fields in (("lines", "ends"), ("ends",)):
        assert_blind(intervals(told, *fields, level=0.999, of=interval_of_guesses))
    names, _ = intervals(told, "as_encoded", of=interval_of_guesses)
    assert names[0] > 0.05


@pytest.mark.slow
def test_a_classifier_finds_no_system_in_a_longest_study_and_its_times(tmp_path: Path) -> None:
    """From a server over HTTP. A leak in the times would show twice, what is chance does not."""
    n_songs = 38  # with 26 pages each, all of a track counted, nearly as many as a study may have
    with built(tmp_path, n_songs) as installation:
        port = free_port()
        connection = http.client.HTTPConnection("127.0.0.1", port)
        with serving(tmp_path / "study.yaml", port), closing(connection):
            ask = asking_server(connection)
            told = heard(ask, installation)
            again = heard(ask, installation)
    assert len({each.page.index for each in told}) == n_songs * PAGES_PER_SONG
    assert_blind(intervals(told, "lines", "ends"))
    timed = [intervals(walk, "lines", "ends", "log_times") for walk in (told, again)]
    assert any(all(low <= 0 <= high for low, high in each) for each in timed), timed
