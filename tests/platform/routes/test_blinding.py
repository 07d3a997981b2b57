"""Data of references, anchors, stems and mixes in a browser: nothing but sound differs."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from starlette.applications import Starlette
from starlette.testclient import TestClient

from db.records.participation import Page, Participant
from db.store.store import open_store
from mixing.audio import write_flac
from mixing.systems.base import SystemSettings
from mixtrial.participation.enrolment import enrol
from mixtrial.routes.route_table import MIDDLEWARE, ROUTES
from mixtrial.server.installation import Installation
from mixtrial.server.settings import settings_for_study
from mixtrial.visits.rated_page import page_data
from mixtrial.visits.visit import Visit
from participants import put_on_page
from route_server import answer_for
from stimuli.loading.load import load_study
from stimuli.rendering.render import build
from tests.stimuli.rendering.test_made_stimuli import MADE, RATE, SYSTEMS, FakeSystem, noise

STUDY = """\
title: Blind
seed: 5
songs:
  - {name: harbour, vocal: v.flac, backing: b.flac, human: v.flac, reference: b.flac}
  - {name: lantern, vocal: b.flac, backing: v.flac, human: v.flac, reference: v.flac}
systems: [plain, human, square]
pages: {training: false}
parts:
  - {type: mushra, systems: [plain, square]}
  - {type: multi_stimulus, references: [dry_mix, dry_vocal, dry_backing]}
  - {type: abx, pairs: [[plain, square]], trials: 1}
  - {type: preference, pairs: [[plain, human]]}
"""
ASKED: tuple[tuple[str, dict[str, str]], ...] = (
    ("GET", {}),
    ("HEAD", {}),
    ("GET", {"range": "bytes=0-99"}),
    ("GET", {"range": "bytes=999999999-"}),
    ("POST", {}),
)


@dataclass(frozen=True)
class Scene:
    """A built study, its routes, and somebody who takes part."""

    installation: Installation
    client: TestClient
    token: str

    @property
    def participant(self) -> Participant:
        """The participant as they stand."""
        found = self.installation.store.find_participant(self.token)
        assert found is not None
        return found


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """The study, built as ``mixtrial build`` does, by systems that need no music."""
    folder: Path = tmp_path_factory.mktemp("blind")
    write_flac(folder / "v.flac", noise(1), RATE)
    write_flac(folder / "b.flac", noise(2), RATE)
    path = folder / "study.yaml"
    path.write_text(STUDY, encoding="utf-8")
    study = load_study(path, SYSTEMS)
    store = open_store(f"sqlite:///{folder / 'mixtrial.sqlite'}")
    store.register_study(study.identifier, study.title, study.fingerprint, study.seed)

    def create(name: str, _settings: SystemSettings | None = None) -> FakeSystem:
        return FakeSystem(name)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("stimuli.rendering.mix_audio.create_system", create)
        manifest = build(study, folder / "build", workers=1)
        installation = Installation(
            study, manifest, store, settings_for_study(path), store.blinding_key()
        )
        answer_for(patch, lambda: installation)
        token = enrol(installation).token
        with TestClient(Starlette(routes=ROUTES, middleware=MIDDLEWARE)) as client:
            yield Scene(installation, client, token)
    store.close()


def pages_in_turn(scene: Scene) -> Iterator[Page]:
    """Every page of the plan, each with the participant standing on it."""
    for page in scene.participant.pages:
        put_on_page(scene.installation.store, scene.token, page.index)
        yield page


def test_the_plan_shows_every_kind_of_made_stimulus(scene: Scene) -> None:
    """Otherwise the comparison below would compare less than it says."""
    shown = {slot.system for page in scene.participant.pages for slot in page.slots}
    assert shown >= set(MADE)
    assert {page.page_type for page in scene.participant.pages} == {
        "mushra", "multi_stimulus", "abx", "preference"
    }  # fmt: skip


def test_answers_for_all_stimuli_of_a_page_differ_in_nothing_but_sound(scene: Scene) -> None:
    """Status, headers and length are one and the same, whatever is asked; tags are random."""
    for page in pages_in_turn(scene):
        for method, headers in ASKED:
            answers = [
                scene.client.request(method, f"/api/audio/{slot.audio_token}", headers=headers)
                for slot in page.slots
            ]
            tags = [answer.headers.pop("etag", None) for answer in answers]
            told = {
                (a.status_code, str(sorted(a.headers.items())), len(a.content)) for a in answers
            }
            assert len(told) == 1, (page.page_type, method, headers)
            assert len(set(tags)) in (1, len(page.slots))
            assert (None in tags) == (len(set(tags)) == 1)


def test_no_two_recordings_that_a_participant_gets_are_the_same_bytes(scene: Scene) -> None:
    """A hidden reference, X and what comes again on another page have dithers of their own."""
    contents: dict[tuple[str, str], list[bytes]] = {}
    for page in pages_in_turn(scene):
        for slot in page.slots:
            content = scene.client.get(f"/api/audio/{slot.audio_token}").content
            contents.setdefault((page.song, slot.system), []).append(content)
    assert max(map(len, contents.values())) >= 3
    for same in contents.values():
        frames = [content[42:1066] for content in same]
        assert len(set(same)) == len(set(frames)) == len(same)
        sounds = [soundfile.read(io.BytesIO(content), dtype="int32")[0] >> 8 for content in same]
        assert max(int(np.abs(sound - sounds[0]).max()) for sound in sounds) <= 4  # steps of 2^-23


@pytest.mark.parametrize("told", ["size", "header"])
def test_a_page_is_not_served_while_one_of_its_files_tells_more_than_sound(
    scene: Scene, told: str
) -> None:
    """Its neighbours are not either: their answers would tell them apart from it."""
    page = next(pages_in_turn(scene))
    manifest = scene.installation.manifest
    assert manifest is not None
    path = manifest.path(manifest.stimulus(page.song, page.slots[0].system))
    whole = path.read_bytes()
    path.write_bytes(whole + b"\0" if told == "size" else whole[:30] + b"\1" + whole[31:])
    answers = [scene.client.get(f"/api/audio/{slot.audio_token}") for slot in page.slots]
    path.write_bytes(whole)
    assert {answer.status_code for answer in answers} == {503}


def metadata_blocks(flac: bytes) -> list[tuple[int, int]]:
    """Type and length of each metadata block of a FLAC file (RFC 9639, section 8.1)."""
    assert flac[:4] == b"fLaC"
    blocks, place = [], 4
    while True:
        kind, length = flac[place], int.from_bytes(flac[place + 1 : place + 4])
        blocks.append((kind & 0x7F, length))
        place += 4 + length
        if kind & 0x80:
            return blocks


def test_files_hold_neither_tags_nor_names(scene: Scene) -> None:
    """A page's files have one header, and say nothing of where they come from."""
    names = (*SYSTEMS, *MADE, "harbour", "lantern", "anchor")
    for page in pages_in_turn(scene):
        files = [scene.client.get(f"/api/audio/{slot.audio_token}").content for slot in page.slots]
        assert {tuple(metadata_blocks(file)) for file in files} == {((0, 34),)}
        assert len({file[:42] for file in files}) == 1
        assert not [name for name in names for file in files if name.encode() in file]


def test_the_page_names_no_stimulus_that_is_rated(scene: Scene) -> None:
    """Its data hold what a reference is, which is shown openly, and no name of a rated slot."""
    for page in pages_in_turn(scene):
        visit = Visit(scene.installation, scene.participant)
        state = scene.installation.store.page_state(scene.token, page.index)
        data: dict[str, Any] = page_data(visit, state)
        kinds = {each.pop("kind") for each in data["reference_urls"]}
        assert kinds <= {"reference", "dry_mix", "dry_vocal", "dry_backing", "x"}
        told = json.dumps(data)
        shas = [slot.stimulus_sha256 or "none" for slot in page.slots]
        assert not [name for name in (*SYSTEMS, *MADE[1:], *shas, "harbour") if name in told]
        assert len(data["urls"]) == len(page.rated_slots)
