"""Streamlit component that shows the pages: its data for the browser, and the value it returns.

Ratings, events and audio are sent over HTTP, never through Streamlit. The player's component
returns only the participant's wish to continue. Whether the participant may continue depends on the
state that is stored in the database.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from mixtrial.player.assets import assets_url
from mixtrial.server.language import PARAMETER, Locale

COMPONENT_NAME = "mixtrial.player"
PAGE_URL = "api/page"
CALIBRATION_URL = "api/calibration/{key}"
HEADPHONE_URL = "api/headphones/{token}/{attempt}/{trial}"


@dataclass(frozen=True, slots=True)
class HeadphoneView:
    """One trial of the headphone check; ``attempt`` and ``trial`` are counted from 0.

    ``starts_s`` are the start times of the sounds in the file; ``sound_s`` is the duration of each
    sound.
    """

    token: str
    attempt: int
    trial: int
    sample_rate: int
    gain: float
    starts_s: Sequence[float]
    sound_s: float
    texts: Mapping[str, str]


def _key(token: str, place: object) -> str:
    """Key of a player in the Streamlit session.

    The key does not contain the token itself, because Streamlit refuses a key with two underscores
    in a row.
    """
    return f"{hashlib.sha256(token.encode()).hexdigest()[:12]}-{place}"


def pages_data(
    token: str, page: int, page_type: str, language: str, texts: Mapping[str, str]
) -> dict[str, object]:
    """Data for the browser, which requests and shows the rated pages from the given page on.

    All rated pages have the same key, so that the component is not drawn again between two rated
    pages.
    """
    return {
        "mode": "rating",
        "key": _key(token, "pages"),
        "assets": assets_url(),
        "token": token,
        "page": page,
        "page_type": page_type,
        "page_url": PAGE_URL,
        "language": language,
        "texts": dict(texts),
    }


def volume_data(
    token: str,
    sound_url: str,
    sample_rate: int,
    slider_position: int,
    texts: Mapping[str, str],
    locked_gain: float | None = None,
) -> dict[str, object]:
    """Data for the browser on the volume page; the slider has the range 0 to 100.

    With a ``locked_gain`` (a linear gain), there is no slider, because a laboratory has set the
    volume.
    """
    return {
        "mode": "volume",
        "key": _key(token, "volume"),
        "assets": assets_url(),
        "urls": [sound_url],
        "sample_rate": sample_rate,
        "volume": slider_position,
        "locked_gain": locked_gain,
        "texts": dict(texts),
    }


def headphone_data(view: HeadphoneView) -> dict[str, object]:
    """Data for the browser in a trial of the headphone check, without the right answer."""
    return {
        "mode": "headphones",
        "key": _key(view.token, "headphones"),
        "assets": assets_url(),
        "url": HEADPHONE_URL.format(token=view.token, attempt=view.attempt, trial=view.trial),
        "attempt": view.attempt,
        "trial": view.trial,
        "sample_rate": view.sample_rate,
        "gain": view.gain,
        "starts_s": list(view.starts_s),
        "sound_s": view.sound_s,
        "texts": dict(view.texts),
    }


def calibration_data(
    key: str,
    sample_rate: int,
    gain: float,
    seat: str,
    known: str,
    unit: str,
    locale: Locale,
) -> dict[str, object]:
    """Data for the browser on the page that calibrates a seat.

    Parameters
    ----------
    key
        Key of the experimenter's link to the calibration page.
    sample_rate, gain
        Sample rate of the noise, in Hz; linear gain of the noise and of all stimuli.
    seat, known
        Name of the seat, and a sentence about its last calibration; the sentence is empty if there
        was none.
    unit
        Of the level.
    locale
        Texts in the language of the page; the server answers in the same language.
    """
    return {
        "mode": "calibration",
        "key": "calibration",
        "assets": assets_url(),
        "url": f"{CALIBRATION_URL.format(key=key)}?{PARAMETER}={locale.language}",
        "sample_rate": sample_rate,
        "gain": gain,
        "seat": seat,
        "known": known,
        "unit": unit,
        "texts": dict(locale.player),
    }


def frame_data(language: str, direction: str) -> dict[str, object]:
    """Data for the browser on pages without a player: the language and the direction of its script.

    The data of a page without a player change nothing that is visible.
    """
    names = {"language": language, "direction": direction, "assets": assets_url()}
    return {"mode": "frame", "key": "frame", **names}


def draw_player(data: Mapping[str, object]) -> Mapping[str, object] | None:
    """Draw the player; return the participant's wish to continue, or None if there is none.

    The callback function is deliberately empty. After a restart of the server, a new session
    would not call the callback, but the returned value is always available.
    """
    component = st.components.v2.component(COMPONENT_NAME, js="player.js")
    result = component(key=f"player-{data['key']}", data=dict(data), on_advance_change=lambda: None)
    advance = getattr(result, "advance", None)
    return advance if isinstance(advance, Mapping) else None
