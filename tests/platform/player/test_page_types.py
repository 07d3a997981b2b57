"""Every page type from enrolment to export: blind in the browser, checked and stored whole."""

from __future__ import annotations

import dataclasses
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from db.records.participation import Page, Participant
from db.records.steps import Step
from mixing.audio import write_flac
from mixing.ingest.decoding import read_audio
from mixtrial.dashboard import router
from mixtrial.dashboard.views.answers.choices import found, wins, with_titles
from mixtrial.exports.csv_text import download
from mixtrial.participation.autosave import AutosaveError, save
from mixtrial.participation.enrolment import enrol
from mixtrial.routes.route_table import MIDDLEWARE, ROUTES
from mixtrial.server.installation import Installation, load_installation
from mixtrial.server.passwords import hash_password
from mixtrial.server.settings import settings_for_study
from mixtrial.simulation.in_process import simulate_participants
from mixtrial.simulation.over_http import simulate_over_http
from mixtrial.visits.rated_page import page_data
from mixtrial.visits.visit import Visit
from page_types_study import PAGE_TYPES, write_page_types_study
from participants import put_on_page
from route_server import answer_for, free_port, serving
from stimuli.loading.load import load_study
from stimuli.rendering.render import build
from stimuli.standards.check import check_study
from stimuli.study.manifest import built_for
from survey_pages import drawn

PASSWORD = "every page of it"
N_PARTICIPANTS = 12
STUDY = "every-page"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built study with a part of every type."""
    return write_page_types_study(tmp_path_factory.mktemp("types"))


@pytest.fixture(scope="module")
def installation(path: Path) -> Iterator[Installation]:
    """The same with its archive, and twelve simulated participants."""
    settings = dataclasses.replace(
        settings_for_study(path), admin_password_hash=hash_password(PASSWORD), secret=b"pages" * 8
    )
    installation = load_installation(settings)
    list(simulate_participants(installation, N_PARTICIPANTS, seed=3))
    yield installation
    installation.store.close()


@pytest.fixture(scope="module")
def rated(path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The study with four simulated participants and nobody else."""
    database = f"sqlite:///{tmp_path_factory.mktemp('rated') / 'rated.sqlite'}"
    installation = load_installation(settings_for_study(path, database_url=database))
    list(simulate_participants(installation, 4, seed=3))
    yield installation
    installation.store.close()


@pytest.fixture(scope="module")
def somebody(installation: Installation) -> Participant:
    """Somebody who stands on the first page, of type ``attributes``."""
    token = enrol(installation).token
    installation.store.record_consent(token, "v1", True)
    installation.store.record_questionnaire(token, "hobbyist", "headphones")
    installation.store.record_volume(token, 0.5)
    found_again = installation.store.find_participant(token)
    assert found_again is not None
    return found_again


def page_of(participant: Participant, page_type: str) -> Page:
    """First page of a type."""
    return next(page for page in participant.pages if page.page_type == page_type)


def data_of(installation: Installation, participant: Participant, page_type: str) -> dict[str, Any]:
    """Data sent to the browser for the first page of a type."""
    page = page_of(participant, page_type)
    state = installation.store.page_state(participant.token, page.index)
    return page_data(Visit(installation, participant), state)


def test_the_check_finds_what_was_built_for_the_parts(installation: Installation) -> None:
    """Anchors and dry stems belong to the build: nothing is missing, and the study can run."""
    manifest = built_for(installation.study, installation.manifest)
    assert manifest is not None
    assert {"low_anchor", "dry_mix"} < {stimulus.system for stimulus in manifest.stimuli}
    assert check_study(installation.study, manifest).can_run


def test_a_study_with_every_type_is_built_by_the_real_systems(tmp_path: Path) -> None:
    """One song, mixed, with its reference's file, anchors and stems; simulated and rated."""
    random = np.random.default_rng(5)
    for name in ("vocal", "backing"):
        sound = (0.05 * random.standard_normal((2, 3 * 44_100))).astype(np.float32)
        write_flac(tmp_path / f"{name}.flac", sound, 44_100)
    mix = sum(read_audio(tmp_path / f"{name}.flac")[0] for name in ("vocal", "backing"))
    write_flac(tmp_path / "master.flac", mix, 44_100)
    song = "{name: dawn, vocal: vocal.flac, backing: backing.flac, reference: master.flac}"
    types = [f"{{type: {name}}}" for name in PAGE_TYPES if name != "attributes"]
    types.append("{type: attributes, references: [dry_mix, dry_vocal, dry_backing]}")
    study_file = tmp_path / "study.yaml"
    study_file.write_text(
        f"title: Built\nsongs: [{song}]\nsystems: [random, baseline]\n"
        f"parts: [{', '.join(types)}]\n",
        encoding="utf-8",
    )
    study = load_study(study_file)
    manifest = build(study, tmp_path / "build", workers=1)
    manifest.check_covers(study)
    assert len(manifest.stimuli) == 2 + 6
    assert len({manifest.path(stimulus).stat().st_size for stimulus in manifest.stimuli}) == 1
    assert check_study(study, manifest).can_run
    installation = load_installation(settings_for_study(study_file))
    [done] = simulate_participants(installation, 1, seed=1)
    assert all(slot.stimulus_sha256 for page in done.pages for slot in page.slots)
    installation.store.close()


def test_a_plan_has_a_page_of_every_type(somebody: Participant) -> None:
    """In the order of the file, each with its part."""
    assert tuple(dict.fromkeys(page.page_type for page in somebody.pages)) == PAGE_TYPES
    assert page_of(somebody, "mushra").part == "quality"


@pytest.mark.parametrize("page_type", PAGE_TYPES)
def test_the_browser_learns_no_name(
    installation: Installation, somebody: Participant, page_type: str
) -> None:
    """Neither song nor system nor anchor is in what is sent; addresses are all different."""
    data = data_of(installation, somebody, page_type)
    page = page_of(somebody, page_type)
    sent = json.dumps({key: value for key, value in data.items() if key != "texts"})
    for name in {slot.system for slot in page.slots if not slot.system.startswith("dry_")}:
        assert f'"{name}"' not in sent
        assert name not in {"low_anchor", "mid_anchor"} or name not in sent
    assert page.song not in sent
    urls = data["urls"] + [each["url"] for each in data["reference_urls"]]
    assert len(urls) == len(set(urls)) == len(page.slots)
    assert data["page_type"] == page_type


@pytest.mark.parametrize(
    ("page_type", "n_urls", "kinds", "options", "attributes"),
    [
        ("attributes", 4, ["dry_vocal", "dry_backing"], {"scale": "labels"}, ["level", "overall"]),
        ("multi_stimulus", 4, ["dry_mix"], {}, ["overall"]),
        ("mushra", 5, ["reference"], {}, ["overall"]),
        ("ape", 4, [], {}, ["reverb", "overall"]),
        ("preference", 2, [], {"ties": True}, ["overall"]),
        ("abx", 2, ["x"], {}, []),  # whose question is its own
        ("acr", 1, [], {"scale": "labels"}, ["overall"]),
        ("bs1116", 2, ["reference"], {}, ["overall"]),
        ("ranking", 3, [], {}, ["overall"]),
        ("best", 3, [], {}, ["overall"]),
        ("dcr", 1, ["reference"], {"scale": "labels"}, ["overall"]),
        ("ccr", 2, [], {"scale": "labels"}, ["overall"]),
        ("triangle", 3, [], {}, []),
        ("same_different", 2, [], {}, []),
    ],
)
def test_the_browser_gets_what_the_type_needs(
    installation: Installation,
    somebody: Participant,
    page_type: str,
    n_urls: int,
    kinds: list[str],
    options: dict[str, Any],
    attributes: list[str],
) -> None:
    """Rated recordings, references by their kind, questions, options and rules."""
    data = data_of(installation, somebody, page_type)
    assert len(data["urls"]) == n_urls
    assert [each["kind"] for each in data["reference_urls"]] == kinds
    assert data["options"] == options
    assert {each["name"] for each in data["attributes"]} == set(attributes)
    sound = {"playback": "loop", "on_switch": "keep"}
    if page_type in ("dcr", "ccr"):
        sound = {"playback": "once", "on_switch": "restart"}
    assert data["rules"] == {"must_listen": 0.0, "must_move": True, **sound}
    lowest = {
        "mushra": ("Bad", 10), "dcr": ("Degradation is very annoying", 1),
        "ccr": ("Much worse", -3), "bs1116": ("Very annoying", 1),
    }.get(page_type, ("Very poor", 0))  # fmt: skip
    for each in data["attributes"]:
        [first, *_] = each["scale"]["labels"]
        assert (first["word"], first["value"]) == lowest


def test_reference_and_hidden_reference_cannot_be_told_apart(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their own addresses and tags; the same sound, length and other headers as the others'."""
    token = enrol(installation).token
    installation.store.record_consent(token, "v1", True)
    participant = installation.store.find_participant(token)
    assert participant is not None
    page = page_of(participant, "mushra")
    put_on_page(installation.store, token, page.index)
    answer_for(monkeypatch, lambda: installation)
    answers = {}
    with TestClient(Starlette(routes=ROUTES, middleware=MIDDLEWARE)) as client:
        for slot in page.slots:
            answers[slot.position] = client.get(f"/api/audio/{slot.audio_token}")
    assert {answer.status_code for answer in answers.values()} == {200}
    assert len({len(answer.content) for answer in answers.values()}) == 1
    assert len({answer.headers["etag"] for answer in answers.values()}) == len(page.slots)
    rest = [
        {key: value for key, value in answer.headers.items() if key not in ("etag", "date")}
        for answer in answers.values()
    ]
    assert all(headers == rest[0] for headers in rest)
    hidden = next(slot for slot in page.rated_slots if slot.system == "human")
    [opened] = [slot for slot in page.slots if slot.role == "reference"]
    assert answers[hidden.position].content != answers[opened.position].content
    assert hidden.audio_token != opened.audio_token


def test_every_answer_of_every_page_is_stored_once(installation: Installation) -> None:
    """One rating per rated stimulus and question; references and choices are not among them."""
    ratings = installation.store.ratings(STUDY)
    ratings = ratings[ratings["participant_kind"] == "simulated"]
    counts = ratings.groupby("part").size() / N_PARTICIPANTS
    assert counts.to_dict() == {
        "attributes": 8, "multi_stimulus": 4, "quality": 5, "ape": 8, "acr": 2, "bs1116": 2,
        "dcr": 2, "ccr": 2,
    }  # fmt: skip
    assert not {"dry_mix", "dry_vocal", "dry_backing"} & set(ratings["system"])
    labelled = ratings[ratings["part"].isin(["attributes", "acr"])]
    assert set(labelled["rating"]) <= {0.0, 25.0, 50.0, 75.0, 100.0}
    hidden = ratings[(ratings["part"] == "quality") & (ratings["system"] == "human")]
    assert hidden["rating"].mean() > 90
    grades = ratings[ratings["part"] == "bs1116"]
    assert (grades.groupby("participant")["rating"].max() == 5.0).all()
    assert ratings.groupby("participant")["page_order"].max().unique().tolist() == [16]


def test_a_comparison_is_of_the_mix_against_the_reference_whichever_came_first(
    installation: Installation,
) -> None:
    """One row per page, of the mix; its sign is that of the mix, and its place says the order."""
    ratings = installation.store.ratings(STUDY)
    mine = ratings[(ratings["part"] == "ccr") & (ratings["participant_kind"] == "simulated")]
    assert len(set(mine["system"]) - {"human"}) == mine["system"].nunique() == 2
    assert mine["stimulus_order"].value_counts().to_dict() == {1: N_PARTICIPANTS, 2: N_PARTICIPANTS}
    stored = installation.store.plans(STUDY)
    roles = stored[stored["part"] == "ccr"].groupby("system")["role"].unique().map(list)
    assert roles.pop("human") == ["compared"]
    assert set(map(tuple, roles)) == {("rated",)}
    by_order = mine.groupby("stimulus_order")["rating"].mean()
    assert (by_order < 0).all()  # the planted means of both systems lie below human's


def test_choices_come_out_as_trials(installation: Installation) -> None:
    """One row per completed trial; X is one of the two, and right answers are marked."""
    trials = installation.store.trials(STUDY)
    assert trials.groupby("trial_kind").size().to_dict() == {
        "abx": 2 * N_PARTICIPANTS, "preference": N_PARTICIPANTS,
        "ranking": 3 * N_PARTICIPANTS, "best": 2 * N_PARTICIPANTS,
        "triangle": 2 * N_PARTICIPANTS, "same_different": 2 * N_PARTICIPANTS,
    }  # fmt: skip
    abx = trials[trials["trial_kind"] == "abx"]
    is_a = abx["system_x"] == abx["system_a"]
    assert (is_a | (abx["system_x"] == abx["system_b"])).all()
    assert (abx["correct"] == ((abx["answer"] == "a") == is_a)).all()
    assert sorted(abx["replicate"].unique()) == [0, 1]
    triangle = trials[trials["trial_kind"] == "triangle"]
    ways = triangle.groupby(["system_a", "system_b", "system_c"]).size()
    assert ways.tolist() == [2 * N_PARTICIPANTS // 6] * 6
    heard = triangle[["system_a", "system_b", "system_c"]].to_numpy().tolist()
    chosen = ["abc".index(answer) for answer in triangle["answer"]]
    odd = [systems.count(systems[at]) == 1 for systems, at in zip(heard, chosen, strict=True)]
    assert triangle["correct"].tolist() == odd
    judged = trials[trials["trial_kind"] == "same_different"]
    ways = judged.groupby(["system_a", "system_b"]).size()
    assert ways.tolist() == [2 * N_PARTICIPANTS // 4] * 4
    differ = judged["system_a"] != judged["system_b"]
    assert (judged["correct"] == (differ == (judged["answer"] == "different"))).all()
    assert set(judged["answer"]) == {"same", "different"}
    preference = trials[trials["trial_kind"] == "preference"]
    assert preference["correct"].isna().all()
    assert set(preference["system_x"]) == {""}
    text = download(installation, "trials")
    assert len(pd.read_csv(io.StringIO(text))) == len(trials)
    book = pd.read_csv(io.StringIO(download(installation, "codebook")))
    own = book[book["table"] == "trials"]
    assert set(own["column"]) == set(trials.columns)
    assert own["meaning"].notna().all()


def test_counts_and_other_tools_columns_keep_parts_apart(rated: Installation) -> None:
    """A choice is one answer; in webMUSHRA's columns no trial of two parts has one name."""
    assert rated.store.counts(STUDY).n_ratings == 4 * (
        8 + 4 + 5 + 8 + 2 + 1 + 2 + 2 + 1 + 1 + 2 + 2 + 2 + 2
    )
    table = pd.read_csv(io.StringIO(download(rated, "webmushra")))
    assert "quality_amber_overall" in set(table["trial_id"])
    assert not table.duplicated(["session_uuid", "trial_id", "rating_stimulus"]).any()


def test_wins_and_right_answers_are_counted_by_shown_names() -> None:
    """Sides do not matter; ties are apart; names are the letters they are shown by."""
    trials = pd.DataFrame(
        [
            ("p", "preference", "cnn", "human", "", "a", None),
            ("p", "preference", "human", "cnn", "", "a", None),
            ("p", "preference", "human", "cnn", "", "b", None),
            ("p", "preference", "human", "cnn", "", "tie", None),
            ("x", "abx", "cnn", "human", "cnn", "a", 1),
            ("x", "abx", "human", "cnn", "cnn", "a", 0),
            ("x", "abx", "human", "cnn", "human", "a", 1),
        ],
        columns=["part", "trial_kind", "system_a", "system_b", "system_x", "answer", "correct"],
    )
    names = {"cnn": "System B", "human": "System A"}
    [row] = wins(trials[trials["trial_kind"] == "preference"], names).to_numpy().tolist()
    assert row == ["p", "System A", "System B", 1, 1, 2]
    [row] = found(trials[trials["trial_kind"] == "abx"], names).to_numpy().tolist()
    assert row == ["x", "System A", "System B", 3, 2]
    twice = pd.DataFrame([("d", "cnn", "cnn", True), ("d", "human", "cnn", False)],
                         columns=["part", "system_a", "system_b", "correct"])  # fmt: skip
    assert found(twice, names, "Told rightly").to_numpy().tolist() == [
        ["d", "System A", "System B", 1, 0], ["d", "System B", "System B", 1, 1]
    ]  # fmt: skip


def test_a_table_of_choices_tells_parts_and_songs_in_words(installation: Installation) -> None:
    """A part without a name of its own by its method, a song by its title where it has one."""
    study = installation.study
    table = pd.DataFrame({"Part": ["abx", "quality"], "Song": [study.songs[0].name, "other"]})
    titled = study.songs[0].model_copy(update={"title": "Amber lights"})
    shown = with_titles(study.model_copy(update={"songs": (titled, *study.songs[1:])}), table)
    assert shown.to_numpy().tolist() == [
        ["ABX discrimination test", "Amber lights"], ["Quality", "other"],
    ]  # fmt: skip


def said(page: Page, participant: Participant, **changes: Any) -> bytes:
    """A final autosave message of a page."""
    message = {
        "token": participant.token, "page": page.index, "epoch": 1, "seq": 1, "final": True,
        "ratings": [], "events": [],
    }  # fmt: skip
    return json.dumps(message | changes).encode()


def rating(slot: int, value: float, attribute: str = "overall") -> dict[str, Any]:
    """One rating of a message."""
    return {"slot": slot, "attribute": attribute, "value": value}


@pytest.mark.parametrize(
    ("page_type", "ratings", "sentence"),
    [
        ("attributes", [rating(0, 50.0)], "The page is not complete: 7 ratings are missing"),
        ("attributes", [rating(0, 50.0, "eq")], "does not ask about this attribute"),
        ("attributes", [rating(4, 50.0)], "a reference is not rated"),
        ("attributes", [rating(0, 51.0)], "a value is between two labels"),
        ("mushra", [rating(slot, 50.0) for slot in range(6)], "a reference is not rated"),
        ("preference", [], "no mix was chosen"),
        ("preference", [rating(0, 100.0), rating(1, 100.0)], "one of the two is 100"),
        ("abx", [rating(2, 100.0, "abx")], "a reference is not rated"),
        ("abx", [rating(0, 100.0, "abx")], "one of A and B is 100"),
        ("acr", [], "1 ratings are missing"),
        ("bs1116", [rating(0, 5.0)], "1 ratings are missing"),
        ("bs1116", [rating(0, 4.9), rating(1, 3.0)], "one of the two is the reference, graded 5"),
        ("bs1116", [rating(0, 5.0), rating(1, 3.05)], "between two steps of the scale"),
        ("ranking", [rating(0, 100.0), rating(1, 0.0)], "each place once, from the best on"),
        ("ranking", [rating(0, 100.0), rating(1, 50.0)], "1 mixes have no place"),
        ("best", [rating(slot, 0.0) for slot in range(3)], "one of the mixes is 100"),
        ("dcr", [rating(1, 3.0)], "a reference is not rated"),
        ("ccr", [rating(0, 2.0), rating(1, 2.0)], "with opposite signs"),
        ("ccr", [rating(0, 2.0)], "the two were not compared"),
        ("triangle", [], "none of the three was chosen"),
        ("same_different", [], "neither same nor different was chosen"),
        ("same_different", [rating(0, 100.0, "different")], "both are 100"),
        ("triangle", [rating(0, 100.0, "odd_one")], "one of the three is 100, the others 0"),
    ],
)
def test_a_save_that_the_page_does_not_take_is_refused_whole(
    installation: Installation, page_type: str, ratings: list[dict[str, Any]], sentence: str
) -> None:
    """One sentence, and nothing is stored; the page stays open."""
    token = enrol(installation).token
    participant = installation.store.find_participant(token)
    assert participant is not None
    page = page_of(participant, page_type)
    put_on_page(installation.store, token, page.index)
    installation.store.page_state(token, page.index)
    with pytest.raises(AutosaveError, match=sentence):
        save(installation, said(page, participant, ratings=ratings))
    state = installation.store.page_state(token, page.index, opening=False)
    assert (state.ratings, state.final) == ((), False)


def test_a_refused_save_is_answered_with_400_and_a_sentence(
    installation: Installation, somebody: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The route says what is missing."""
    answer_for(monkeypatch, lambda: installation)
    epoch = installation.store.page_state(somebody.token, 0).epoch
    with TestClient(Starlette(routes=ROUTES, middleware=MIDDLEWARE)) as client:
        answer = client.post(
            "/api/autosave", content=said(somebody.pages[0], somebody, epoch=epoch)
        )
    assert answer.status_code == 400
    assert answer.json()["error"] == "The page is not complete: 8 ratings are missing."


def test_over_http_every_type_is_answered_too(path: Path, tmp_path: Path) -> None:
    """Bots fetch references and X, and complete every page; the same answers as in this process."""
    database = f"sqlite:///{tmp_path / 'http.sqlite'}"
    with serving(
        path, free_port(), MIXTRIAL_ADMIN_PASSWORD=PASSWORD, MIXTRIAL_DATABASE_URL=database
    ) as url:
        settings = settings_for_study(path, database_url=database)
        remote = load_installation(settings)
        assert len(simulate_over_http(remote.study, url, PASSWORD, 1, seed=3)) == 1
    local_settings = settings_for_study(path, database_url=f"sqlite:///{tmp_path / 'own.sqlite'}")
    local = load_installation(local_settings)
    list(simulate_participants(local, 1, seed=3))
    columns = ["part", "song", "system", "attribute", "rating", "replicate", "page_order"]
    pd.testing.assert_frame_equal(
        remote.store.ratings(STUDY)[columns], local.store.ratings(STUDY)[columns]
    )
    choices = ["part", "system_a", "system_b", "system_x", "answer", "correct"]
    pd.testing.assert_frame_equal(
        remote.store.trials(STUDY)[choices], local.store.trials(STUDY)[choices]
    )
    for each in (remote, local):
        each.store.close()


@pytest.mark.parametrize("view", ["ratings", "screening", "balance", "explore", "data"])
def test_the_dashboard_draws_parts_and_stays_blind(
    rated: Installation, monkeypatch: pytest.MonkeyPatch, view: str
) -> None:
    """No exception, and neither a system's nor an anchor's name in what is drawn."""
    monkeypatch.setattr(router, "current_installation", lambda: rated)
    monkeypatch.setattr(router, "is_signed_in", lambda _installation: True)

    def script() -> None:
        from mixtrial.dashboard.router import render_dashboard

        render_dashboard()

    page = AppTest.from_function(script, default_timeout=120)
    page.query_params["view"] = view
    page.run()
    drawn(page)
    text = " ".join(str(element.proto) for element in page.main)
    for name in ("low_anchor", "mid_anchor", ">cnn<", ">human<"):
        assert name not in text
    if view == "ratings":
        page.selectbox[0].set_value("quality").run()
        drawn(page)
        assert "X recognised" in text


def test_a_page_planned_before_there_were_parts_can_still_be_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A study that gets parts while somebody is under way takes what they say all the same."""
    path = write_page_types_study(tmp_path, parts="")
    before = load_installation(settings_for_study(path))
    token = enrol(before).token
    participant = before.store.find_participant(token)
    assert participant is not None
    put_on_page(before.store, token, 0, Step.TRAINING)
    epoch = before.store.page_state(token, 0).epoch
    with path.open("a", encoding="utf-8") as file:
        file.write("parts: [{type: abx}]\n")
    after = load_installation(settings_for_study(path))
    ratings = [
        rating(slot, 50.0, each.name) for slot in range(4) for each in after.study.attributes
    ]
    page = participant.pages[0]
    save(after, said(page, participant, epoch=epoch, ratings=ratings))
    assert len(after.store.page_state(token, 0, opening=False).ratings) == 20
    data = page_data(Visit(after, participant), after.store.page_state(token, 1))
    assert (data["page_type"], len(data["attributes"])) == ("attributes", 5)
    for each in (before, after):
        each.store.close()


def test_practice_tells_of_a_hidden_reference(
    installation: Installation,
) -> None:
    """BS.1534-3, Attachment 1: one item gets 100, and whoever rates knows; so in BS.1116-3."""
    leads = {part.type: part.options.practice_lead for part in installation.study.page_parts}
    hidden = {leads.pop(kind) for kind in ("mushra", "bs1116")}
    assert hidden == {"practice_lead_hidden_reference"}
    others = set(leads.values())
    assert others == {"practice_lead", "practice_lead_other"}
