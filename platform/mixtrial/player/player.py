"""The component as pages use it: what goes to the browser, and what comes back.

Ratings, events and audio travel by HTTP and never through Streamlit; the only thing that comes
back here is the wish to go on. Whether it is granted stands in the database.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

import streamlit as st

from db.records.participation import RatingValue
from mixtrial.player.assets import assets_url
from stimuli.study_keys.rated_scale import RatingScale

COMPONENT_NAME = "mixtrial.player"
SAVE_URL = "api/autosave"
AUDIO_URL = "api/audio/{token}"
HEADPHONE_URL = "api/headphones/{token}/{attempt}/{trial}"


@dataclass(frozen=True, slots=True)
class RatedAttribute:
    """One question of a page, as shown."""

    name: str
    label: str
    question: str
    scale: RatingScale


@dataclass(frozen=True, slots=True)
class OpenReference:
    """What is heard openly on a page and not rated.

    ``kind`` is ``reference``, ``dry_mix``, ``dry_vocal``, ``dry_backing``, or ``x`` (of ABX).
    """

    audio_token: str
    kind: str


@dataclass(frozen=True, slots=True)
class PageRules:
    """What must be done on a page, and how its sound runs (see docs/pages.md).

    ``must_listen`` is the share of each stimulus (0–1) that must have been heard.
    """

    must_listen: float = 0.0
    must_move: bool = True
    playback: str = "loop"
    on_switch: str = "keep"


@dataclass(frozen=True, slots=True)
class RatingView:
    """All a browser needs for one page; it holds no name of a song or system.

    ``page_type`` and its ``options`` are those of docs/pages.md, ``part`` is the part's name.
    ``audio_tokens`` stand in the order of the rated slots, those of ``references`` after them;
    ``next_audio_tokens`` are those of the page after this one. ``gain`` is linear, 0–1. ``epoch``
    and ``seq`` number the saves to come. ``comments`` says what may be commented on: none, page,
    stimulus or both.
    """

    token: str
    page_index: int
    epoch: int
    seq: int
    sample_rate: int
    gain: float
    audio_tokens: Sequence[str]
    next_audio_tokens: Sequence[str]
    attributes: Sequence[RatedAttribute]
    ratings: Sequence[RatingValue]
    texts: Mapping[str, str]
    is_last: bool
    page_type: str
    comments: str = "none"
    part: str = ""
    options: Mapping[str, object] = field(default_factory=dict)
    references: Sequence[OpenReference] = ()
    rules: PageRules = PageRules()
    may_go_back: bool = False


@dataclass(frozen=True, slots=True)
class HeadphoneView:
    """One trial of the headphone check; ``attempt`` and ``trial`` count from 0.

    ``starts_s`` are the times of the sounds in the file, ``sound_s`` their duration.
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
    """Name of a player in its session.

    Not of the token's own letters: Streamlit refuses a name with two underscores in a row.
    """
    return f"{hashlib.sha256(token.encode()).hexdigest()[:12]}-{place}"


def rating_data(view: RatingView) -> dict[str, object]:
    """What the browser is sent for a page that is rated."""
    return {
        "mode": "rating",
        "key": _key(view.token, view.page_index),
        "assets": assets_url(),
        "token": view.token,
        "page": view.page_index,
        "epoch": view.epoch,
        "seq": view.seq,
        "save_url": SAVE_URL,
        "sample_rate": view.sample_rate,
        "gain": view.gain,
        "urls": [AUDIO_URL.format(token=token) for token in view.audio_tokens],
        "next_urls": [AUDIO_URL.format(token=token) for token in view.next_audio_tokens],
        "attributes": [asdict(attribute) for attribute in view.attributes],
        "ratings": [asdict(rating) for rating in view.ratings],
        "is_last": view.is_last,
        "comments": view.comments,
        "page_type": view.page_type,
        "part": view.part,
        "options": dict(view.options),
        "reference_urls": [
            {"url": AUDIO_URL.format(token=each.audio_token), "kind": each.kind}
            for each in view.references
        ],
        "rules": asdict(view.rules),
        "may_go_back": view.may_go_back,
        "texts": dict(view.texts),
    }


def volume_data(
    token: str, audio_token: str, sample_rate: int, slider_position: int, texts: Mapping[str, str]
) -> dict[str, object]:
    """What the browser is sent for the volume page; the slider runs from 0 to 100."""
    return {
        "mode": "volume",
        "key": _key(token, "volume"),
        "assets": assets_url(),
        "urls": [AUDIO_URL.format(token=audio_token)],
        "sample_rate": sample_rate,
        "volume": slider_position,
        "texts": dict(texts),
    }


def headphone_data(view: HeadphoneView) -> dict[str, object]:
    """What the browser is sent for a trial of the headphone check; not which answer is right."""
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


def frame_data(language: str, direction: str) -> dict[str, object]:
    """What the browser is sent to know the language of the page and to tell a new one from it.

    Nothing is seen of it.
    """
    names = {"language": language, "direction": direction, "assets": assets_url()}
    return {"mode": "frame", "key": "frame", **names}


def draw_player(data: Mapping[str, object]) -> Mapping[str, object] | None:
    """Draw the player; what the participant sent in this run to go on, or None.

    The callback does nothing on purpose: after a restart of the server a new session would not
    call it, while the returned value is always there.
    """
    component = st.components.v2.component(COMPONENT_NAME, js="player.js")
    result = component(key=f"player-{data['key']}", data=dict(data), on_advance_change=lambda: None)
    advance = getattr(result, "advance", None)
    return advance if isinstance(advance, Mapping) else None
