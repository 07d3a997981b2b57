"""The survey without a browser: opened by a link, read, pressed; its player as it was sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from browser_study import SYSTEMS
from db.records.participation import RatingValue, SavedPage, SaveOutcome
from mixtrial.preview.throw_away import open_preview
from mixtrial.server.installation import Installation, load_installation
from mixtrial.server.settings import settings_for_study
from mixtrial.survey import router
from mixtrial.visits.turning import read_wish, turned

TIMEOUT_S = 120.0


def served(study: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    """Have the survey serve a study file."""
    loaded = load_installation(settings_for_study(study))
    monkeypatch.setattr("mixtrial.survey.router.current_installation", lambda: loaded)
    yield loaded
    loaded.store.close()


def survey(token: str | None = None) -> AppTest:
    """Open the survey, with or without a personal link."""

    def script() -> None:
        from mixtrial.survey.router import render_survey

        render_survey()

    at = AppTest.from_function(script, default_timeout=TIMEOUT_S)
    if token is not None:
        at.query_params["p"] = token
    return drawn(at.run())


def drawn(at: AppTest) -> AppTest:
    """Return the page, unless it is the apology for a fault that nobody foresaw."""
    for pages in ("survey", "dashboard"):
        assert f"unexpected-error-{pages}" not in at.session_state, (
            "it could not be drawn; see the log"
        )
    assert not at.exception
    return at


def html_of(at: AppTest) -> str:
    """All HTML that the page drew."""
    return "\n".join(str(element.proto.body) for element in at.get("html"))


def press(at: AppTest, label: str) -> AppTest:
    """Press a button by its label."""
    return drawn(next(button for button in at.button if button.label == label).click().run())


def components_of(at: AppTest) -> list[dict[str, Any]]:
    """Data that the components on the page were sent."""
    return [json.loads(each.proto.json) for each in at.get("bidi_component")]


def has_player(at: AppTest) -> bool:
    """Whether there is a player on the page."""
    return any(data["mode"] != "frame" for data in components_of(at))


def player_of(at: AppTest) -> dict[str, Any]:
    """Data that the player on the page was sent, with the page of ratings that it asks for."""
    (data,) = (data for data in components_of(at) if data["mode"] != "frame")
    return data | asked(data["token"], data["page"]) if data["mode"] == "rating" else data


def asked(token: str, page: int, wish: str = "open") -> dict[str, Any]:
    """The page that a player gets for a wish; empty where a form comes."""
    installation = router.current_installation()
    if installation.store.find_participant(token) is None:
        installation = open_preview(installation) or installation
    told = {"token": token, "page": page, "wish": wish}
    page_data = turned(installation, read_wish(json.dumps(told).encode()))["page"]
    return page_data if isinstance(page_data, dict) else {}


def save(installation: Installation, token: str, index: int, value: float) -> SaveOutcome:
    """Hand in a page as the browser does."""
    state = installation.store.page_state(token, index, opening=False)
    ratings = tuple(
        RatingValue(slot, attribute.name, value)
        for slot in range(len(SYSTEMS))
        for attribute in installation.study.attributes
    )
    saved = SavedPage(token, index, state.epoch, state.seq + 1, final=True, ratings=ratings)
    return installation.store.save_page(saved)
