"""All data that a browser needs for a rated page; the data name neither song nor system."""

from __future__ import annotations

from dataclasses import asdict
from functools import lru_cache

from db.records.participation import Page, PageState
from mixtrial.visits.screens import page_before
from mixtrial.visits.visit import Visit, page_sample_rate
from stimuli.page_types.base import DRY_NAMES, Part
from stimuli.study_keys.rated_scale import RatingScale

SAVE_URL = "api/autosave"
AUDIO_URL = "api/audio/{token}"


def page_data(visit: Visit, state: PageState) -> dict[str, object]:
    """Data sent to the browser for a page; player/frontend/pages/rating_page.js defines its type.

    The addresses of the sounds are in the order of the rated stimuli; the addresses of the
    references follow. ``next_urls`` are the addresses of the sound on the next page. ``gain`` is
    linear, 0–1. ``epoch`` and ``seq`` are the numbers for the next saves. Page type, options and
    rules are described in docs/pages.md.
    """
    participant, study = visit.participant, visit.installation.study
    page = state.page
    part = study.part(page.part)
    options = part.options
    following = participant.pages[page.index + 1 : page.index + 2]
    return {
        "page": page.index,
        "epoch": state.epoch,
        "seq": state.seq,
        "save_url": SAVE_URL,
        "sample_rate": page_sample_rate(visit, page.index),
        "gain": 1.0 if participant.volume is None else participant.volume,
        "urls": [sound_url(slot.audio_token) for slot in page.rated_slots],
        "next_urls": [sound_url(slot.audio_token) for each in following for slot in each.slots],
        "reference_urls": _references(page),
        "attributes": _attributes(visit, part),
        "ratings": [
            {"slot": each.slot, "attribute": each.attribute, "value": each.value}
            for each in state.ratings
        ],
        "is_last": page.index == len(participant.pages) - 1,
        "may_go_back": page_to_go_back_to(visit) is not None,
        "comments": study.comments,
        "page_type": page.page_type,
        "part": page.part,
        "options": dict(options.browser_options()),
        "rules": {
            "must_listen": options.must_listen,
            "must_move": options.must_move,
            "playback": options.playback,
            "on_switch": options.on_switch,
        },
    }


def page_to_go_back_to(visit: Visit) -> int | None:
    """Index of the page before; None if the study or an adaptive staircase forbids going back."""
    study, page = visit.installation.study, visit.participant.page
    if not study.pages.back or page is None or study.part(page.part).options.is_adaptive:
        return None
    return page_before(visit.participant)


def sound_url(audio_token: str) -> str:
    """Address of a recording, relative to the page."""
    return AUDIO_URL.format(token=audio_token)


def _attributes(visit: Visit, part: Part) -> list[dict[str, object]]:
    """Questions of a part: by default, the study's questions; a page type can define its own."""
    asked = part.options.answered(part.attributes)
    return [
        {
            "name": each.name,
            "label": each.shown_label,
            "question": each.question,
            "scale": _scale_data(part.scales[each.name]),
        }
        for each in visit.installation.study.attributes
        if each.name in asked
    ]


@lru_cache(maxsize=256)
def _scale_data(scale: RatingScale) -> dict[str, object]:
    """A scale in the form for the browser; all pages of a study use the same few scales."""
    return asdict(scale)


def _references(page: Page) -> list[dict[str, str]]:
    """Stimuli that are played openly and not rated, named by their kind, never by their system."""
    return [
        {
            "url": sound_url(slot.audio_token),
            "kind": slot.system if slot.system in DRY_NAMES else slot.role,
        }
        for slot in page.open_slots
    ]
