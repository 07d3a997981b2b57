"""Calibrated seats: the noise, what is typed in, what the browser keeps, what becomes of it."""

from __future__ import annotations

import html
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyloudnorm
import pytest
import soundfile
import streamlit as st
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from analysis.figures.style import Look
from analysis.report.context import ReportContext
from analysis.report.language.report_language import language_of
from analysis.report.sections.plan import MEASURED
from browser_study import write_study
from mixtrial.calibration.pink_noise import noise_of, pink_noise
from mixtrial.calibration.seat import (
    SeatCalibration,
    cookie_name,
    experimenter_key,
    sealed,
    seat_in,
)
from mixtrial.exports.participants import rows_of
from mixtrial.reporting.participants import CALIBRATED, with_calibration
from mixtrial.routes.route_table import ROUTES
from mixtrial.server.installation import Installation
from mixtrial.server.language import locale_of
from route_server import answer_for
from stimuli.standards.study_checks import unstated_conditions
from stimuli.study_keys.default_texts import LANGUAGES
from survey_pages import drawn, html_of, player_of, press, served, survey

RULE = "calibration: {seats: required, gain_db: -6, level_db: 78, weighting: C}"
NOW = datetime(2026, 10, 30, 12, tzinfo=UTC)
SEAT = SeatCalibration("78.2", "C", "-6", "-23.0", "Booth 2", NOW.isoformat())


@pytest.fixture
def cookies(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Cookies in the browser of a seat; none at first."""
    kept: dict[str, str] = {}
    monkeypatch.setattr(type(st.context), "cookies", kept)
    return kept


@pytest.fixture
def installation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cookies: dict[str, str]
) -> Iterator[Installation]:
    """A study that nobody begins at a seat without a calibration."""
    yield from served(write_study(tmp_path, more=[RULE]), monkeypatch)


@pytest.fixture
def client(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A client of the routes."""
    answer_for(monkeypatch, lambda: installation)
    with TestClient(Starlette(routes=ROUTES)) as opened:
        yield opened


def test_the_noise_is_pink_at_the_target_and_without_a_seam() -> None:
    """Its loudness is another meter's, octaves have equal power, and the loop goes on evenly."""
    noise = pink_noise(7, 48_000, -23.0)
    loudness = pyloudnorm.Meter(48_000).integrated_loudness(noise.samples.T.astype(float))
    assert (loudness, noise.lufs) == (pytest.approx(-23.0, abs=0.1), -23.0)
    power = np.abs(np.fft.rfft(noise.samples, axis=1)) ** 2
    frequency_hz = np.fft.rfftfreq(noise.samples.shape[1], 1 / 48_000)
    octaves_db = [
        10 * np.log10(power[:, (frequency_hz >= low) & (frequency_hz < 2 * low)].sum(axis=1))
        for low in 31.25 * 2.0 ** np.arange(9)
    ]
    assert np.ptp(octaves_db) < 0.2
    left, right = noise.samples
    assert np.square(left).mean() == pytest.approx(np.square(right).mean(), rel=1e-5)
    assert abs(np.corrcoef(left, right)[0, 1]) < 0.1
    steps = np.abs(np.diff(noise.samples, axis=1))
    seam = np.abs(noise.samples[:, 0] - noise.samples[:, -1])
    assert (seam <= np.quantile(steps, 0.999, axis=1)).all()
    assert not np.array_equal(pink_noise(8, 48_000, -23.0).samples, noise.samples)


def test_loud_noise_is_lowered_like_the_stimuli() -> None:
    """At a target that peaks do not let it reach, it keeps 1 dB below full scale, and says so."""
    noise = pink_noise(7, 48_000, -6.0)
    assert noise.lufs < -6.0
    assert 20 * np.log10(np.abs(noise.samples).max()) <= -1.0


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("loud", "The level must be a number in dB, such as 78.5."),
        ("nan", "The level must be a number in dB, such as 78.5."),
        ("", "The level must be a number in dB, such as 78.5."),
        ("29.9", "The level must be between 30 and 120 dB."),
        ("121", "The level must be between 30 and 120 dB."),
        ("inf", "The level must be between 30 and 120 dB."),
    ],
)
def test_what_is_no_level_is_refused_in_a_sentence(
    client: TestClient, installation: Installation, typed: str, sentence: str
) -> None:
    """Nothing is stored of it."""
    address = f"/api/calibration/{experimenter_key(installation)}"
    answer = client.post(address, json={"level_db": typed, "seat": ""})
    assert (answer.status_code, answer.json()) == (400, {"error": sentence})
    assert not answer.cookies
    assert installation.store.actions(installation.study.identifier) == ()


def test_a_level_is_kept_by_the_browser_and_noted_by_the_server(
    client: TestClient, installation: Installation
) -> None:
    """The noise comes by the same address; a stranger's address opens neither."""
    address = f"/api/calibration/{experimenter_key(installation)}"
    sound, rate = soundfile.read(io.BytesIO(client.get(address).content), always_2d=True)
    noise = noise_of(installation)
    assert (rate, sound.shape) == (noise.sample_rate, noise.samples.T.shape)
    assert client.get("/api/calibration/0123").status_code == 403
    told = {"level_db": "78,25", "seat": " Booth  2 "}
    assert client.post("/api/calibration/0123", json=told).status_code == 403
    assert client.post(address, content=b"[]").status_code == 400
    answer = client.post(address, json=told)
    assert answer.json()["noted"].startswith("This seat is calibrated: 78.25 dB(C), measured ")
    kept = seat_in(installation, answer.cookies[cookie_name(installation)])
    assert kept is not None
    assert replace(kept, at="") == SeatCalibration("78.25", "C", "-6", "-23.0", "Booth 2", "")
    (action,) = installation.store.actions(installation.study.identifier)
    assert (action.kind, action.detail) == (
        "calibrate", "78.25 dB(C) at -6 dB, pink noise of -23.0 LUFS: Booth 2",
    )  # fmt: skip


def test_a_cookie_counts_only_as_we_signed_it_and_while_the_rule_holds(
    installation: Installation,
) -> None:
    """A level that somebody made up, or another gain than the study's, is not a calibration."""
    cookie = sealed(installation, SEAT)
    assert seat_in(installation, cookie) == SEAT
    louder = sealed(installation, replace(SEAT, level_db="90")).partition(".")[0]
    for forged in (None, "", "x.y", f"{louder}.{cookie.partition('.')[2]}", cookie[:-1] + "é"):
        assert seat_in(installation, forged) is None
    assert seat_in(installation, sealed(installation, replace(SEAT, gain_db="0"))) is None


def test_nobody_begins_at_a_seat_without_a_calibration(installation: Installation) -> None:
    """The first page says so, and there is nothing to press."""
    at = survey()
    assert "This seat has not been calibrated" in html_of(at)
    assert [button.label for button in at.button] == []


def test_who_begins_at_a_calibrated_seat_has_its_level_and_no_slider(
    installation: Installation, cookies: dict[str, str]
) -> None:
    """It is stored and exported; an old calibration is said to be old, and holds."""
    cookies[cookie_name(installation)] = sealed(installation, SEAT)
    at = survey()
    (warning,) = at.warning
    said = "calibrated more than a day ago (78.2 dB(C), measured 2026-10-30 12:00 UTC)"
    assert said in warning.value
    press(at, "I agree and take part")
    (someone,) = rows_of(installation).to_dict("records")
    assert (someone["calibration_level_db"], someone["calibration_seat"]) == ("78.2", "Booth 2")
    (token,) = (
        at.query_params["p"] if isinstance(at.query_params["p"], list) else [at.query_params["p"]]
    )
    installation.store.record_questionnaire(token, "hobbyist", "headphones")
    assert player_of(survey(token))["locked_gain"] == pytest.approx(10 ** (-6 / 20))


def test_the_report_says_how_loud_and_for_how_many() -> None:
    """Two of three sat at seats, one of them a day and an hour after it was measured."""
    began = [NOW + timedelta(hours=1), NOW + timedelta(hours=25), NOW]
    said = [SEAT.answers, replace(SEAT, level_db="77.9").answers, {"years": "3"}]
    people = pd.DataFrame({"answers": map(json.dumps, said), "consented_at": map(str, began)})
    stated = (("room", "listening room", "Ours"), ("listening_level", "level at the ear", None))
    told = (
        "77.9 to 78.2 dB(C) with pink noise of −23.0 LUFS at a gain of −6 dB, measured at the "
        "seats of 2 of 3 participants; 1 of them began more than a day later"
    )
    row = ("calibration", "calibrated level", told)
    assert with_calibration(stated, people) == (stated[0], row)
    own = (("listening_level", "level at the ear", "79 dB"),)
    assert [key for key, *_ in with_calibration(own, people) or ()] == [
        "listening_level", "calibration",
    ]  # fmt: skip
    assert with_calibration(stated, people.iloc[2:]) == stated


def test_a_german_report_tells_the_level_in_german() -> None:
    """A span and one level, with commas; one and several who began late."""
    tail = (
        "pink noise of −23.0 LUFS at a gain of −6 dB, measured at the seats of 2 of 3 participants"
    )
    end = (
        "rosa Rauschen von −23,0 LUFS bei einer Verstärkung von −6 dB, gemessen an den Plätzen von "
    )
    end += "2 von 3 Versuchspersonen"
    told = {
        CALIBRATED: "kalibrierter Pegel",
        f"77.9 dB(A) with {tail}": f"77,9 dB(A) mit {end}",
        f"77.9 to 78.2 dB(C) with {tail}; 1 of them began more than a day later": (
            f"77,9 bis 78,2 dB(C) mit {end}; 1 davon begann mehr als einen Tag später"
        ),
        f"77.9 dB(A) with {tail}; 2 of them began more than a day later": (
            f"77,9 dB(A) mit {end}; 2 davon begannen mehr als einen Tag später"
        ),
    }
    conditions = tuple((MEASURED, CALIBRATED, each) for each in told)
    context = ReportContext(language="de", conditions=conditions)
    german = language_of(context, Look(systems=("a", "b"), groups=(), songs=()))
    assert {text: german.told(text) for text in told} == told


def test_a_level_that_every_seat_measures_is_not_missed(installation: Installation) -> None:
    """The check asks for room and equipment, and no longer for the level."""
    found = unstated_conditions(installation.study, None)
    assert found is not None
    assert "listening room" in found
    assert "level" not in found


def test_the_experimenters_link_alone_opens_the_page(
    installation: Installation, cookies: dict[str, str]
) -> None:
    """It tells the level to reach, and the last calibration; any other link is not found."""
    cookies[cookie_name(installation)] = sealed(installation, SEAT)
    at = survey_of({"calibrate": experimenter_key(installation)})
    assert "level of the study is 78 dB(C)" in html_of(at)
    sent = player_of(at)
    assert (sent["gain"], sent["seat"]) == (pytest.approx(10 ** (-6 / 20)), "Booth 2")
    assert "please measure again" in sent["known"]
    at.query_params["calibrate"] = "nobody"
    assert "This link does not work" in html_of(at.run())


@pytest.mark.usefixtures("cookies")
def test_the_page_of_calibration_speaks_each_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link with ``lang`` chooses it: the heading, the buttons, and the server's refusal."""
    others = ", ".join(language for language in LANGUAGES if language != "en")
    study = write_study(tmp_path, more=[RULE, f"languages: [{others}]"])
    with contextmanager(served)(study, monkeypatch) as installation:
        answer_for(monkeypatch, lambda: installation)
        client, key = TestClient(Starlette(routes=ROUTES)), experimenter_key(installation)
        for language in LANGUAGES:
            words = locale_of(language)
            at = survey_of({"calibrate": key, "lang": language})
            assert html.escape(words.text("calibration_heading")) in html_of(at)
            sent = player_of(at)
            assert sent["texts"]["level_store"] == words.player["level_store"]
            answer = client.post(f"/{sent['url']}", json={"level_db": "loud", "seat": ""})
            assert answer.json() == {"error": words.text("calibration_no_number")}


def survey_of(query: dict[str, str]) -> AppTest:
    """Open the survey at an address."""

    def script() -> None:
        from mixtrial.survey.router import render_survey

        render_survey()

    at = AppTest.from_function(script, default_timeout=120)
    at.query_params.update(query)
    return drawn(at.run())
