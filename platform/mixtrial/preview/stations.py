"""All pages of a study for a participant, in order, and the steps that lead to each page.

Conventions
-----------
A station is a page of the survey, by a key that is in an address: ``welcome``, ``page-3``. To reach
a page, the preview answers all earlier pages with the same code as a real survey. Pages of a
preview are rated at random. The order of a preview's pages comes from the same functions as in the
survey.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from db.records.participation import Page, Participant, Slot
from db.records.steps import Happening, Step
from mixtrial.participation.autosave import save
from mixtrial.participation.enrolment import assigned_pages
from mixtrial.participation.headphone_check import PASSED_KEY, headphone_check_of
from mixtrial.participation.page_order import is_break_due, page_number, practised_page
from mixtrial.participation.questionnaire_times import due_occasion
from mixtrial.server.installation import Installation
from stimuli.page_types.simulated import SimulatedPage
from stimuli.study.study import Study
from stimuli.study_keys.questionnaires import ANSWERED_AT

WELCOME, DECLINED, ABOUT_YOU, HEADPHONES = "welcome", "declined", "about-you", "headphones"
VOLUME, FEEDBACK, THANKS = "volume", "feedback", "thanks"
WITHOUT_HEADPHONES = "without-headphones"
PAGE, BREAK, QUESTIONS = "page-", "break-", "questions-"
PREVIEWED = "preview"
MOST_STATIONS = 5_000


@dataclass(frozen=True, slots=True)
class Station:
    """A page of the survey: its key, and its name for researchers."""

    key: str
    label: str


def stations(installation: Installation) -> tuple[Station, ...]:
    """All pages of a study, in the order of its first participant."""
    study = installation.study
    found = [Station(WELCOME, "Welcome and consent"), Station(DECLINED, "Declined")]
    for key, someone in _walk(study, _first_participant(installation)):
        found.append(Station(key, _label(study, key, someone)))
        if key == HEADPHONES and study.headphones.gate == "required":
            found.append(Station(WITHOUT_HEADPHONES, "Headphone check failed"))
    return tuple(found)


def reach(preview: Installation, key: str, arm: str | None = None) -> str | None:
    """Token of a new preview participant who has reached a page; None for the welcome page.

    Raises
    ------
    KeyError
        The study has no such page.
    """
    if key not in {each.key for each in stations(preview)}:
        raise KeyError(key)
    if key == WELCOME:
        return None
    study, store = preview.study, preview.store
    token = store.enrol(
        study.identifier,
        lambda _number: assigned_pages(preview, 0),
        "simulated",
        None,
        lambda _number: arm or (study.arms[0].name if study.arms else None),
    ).token
    store.record_consent(token, PREVIEWED, accepted=key != DECLINED)
    if key == WITHOUT_HEADPHONES:
        _go(preview, token, HEADPHONES)
        store.record_answers(token, {PASSED_KEY: "no"})
    elif key != DECLINED:
        _go(preview, token, key)
    return token


def _go(preview: Installation, token: str, key: str) -> None:
    """Answer all pages before the wanted page."""
    passed: set[str] = set()
    for _ in range(MOST_STATIONS):
        someone = preview.store.find_participant(token)
        if someone is None:
            return
        station = _station(preview.study, someone, passed)
        if station in (key, THANKS):
            return
        _pass(preview, someone, station)
        passed.add(station)


def _station(study: Study, someone: Participant, passed: set[str]) -> str:
    """The page that a participant is on; questionnaires and checks come before the rated page."""
    step, index = someone.step, someone.page_index
    if step is Step.QUESTIONNAIRE:
        return ABOUT_YOU
    if step.is_on_page:
        check = headphone_check_of(study, someone)
        if check is not None and check.outcome == "open":
            return HEADPHONES
        if step is Step.RATING and FEEDBACK not in passed and _has_feedback(study, someone):
            return FEEDBACK
    if occasion := due_occasion(study, someone):
        return QUESTIONS + occasion.prefix
    if f"{BREAK}{index + 1}" not in passed and is_break_due(someone, study.pages.break_after):
        return f"{BREAK}{index + 1}"
    if step.is_on_page:
        return f"{PAGE}{index + 1}"
    return VOLUME if step is Step.VOLUME else THANKS


def _has_feedback(study: Study, someone: Participant) -> bool:
    practised = practised_page(someone)
    if not study.pages.training_feedback or practised is None:
        return False
    return study.part(someone.pages[practised].part).has_ratings


def _pass(preview: Installation, someone: Participant, station: str) -> None:
    """Answer the questions of a page, so that the next page follows."""
    study, store, token = preview.study, preview.store, someone.token
    if station == ABOUT_YOU:
        store.record_questionnaire(token, study.groups[0].name, study.devices[0].name)
    elif station == VOLUME:
        store.record_volume(token, 0.5)
    elif station == HEADPHONES:
        store.record_answers(token, {PASSED_KEY: "yes"})
    elif station.startswith(QUESTIONS):
        key = f"{station.removeprefix(QUESTIONS)}.{ANSWERED_AT}"
        store.record_answers(token, {key: PREVIEWED})
    elif station.startswith(PAGE):
        _rate(preview, someone)
    else:
        # Opening the current page ends all steps before this page.
        store.page_state(token, someone.page_index)


def _rate(preview: Installation, someone: Participant) -> None:
    """Answer a page at random, in the form of its page type, and save it as a browser does."""
    state = preview.store.page_state(someone.token, someone.page_index)
    page, part = state.page, preview.study.part(state.page.part)
    random = np.random.default_rng(page.index)
    values = part.options.simulated(
        SimulatedPage(
            systems=tuple(slot.system for slot in page.rated_slots),
            references=tuple(slot.system for slot in page.open_slots),
            attributes=part.attributes,
            scales=part.scales,
            rate=lambda _system: {name: random.uniform(10.0, 90.0) for name in part.attributes},
            mean=lambda _system: random.uniform(0.0, 100.0),
            discrimination=1.0,
            random=random,
            rated=part.rated,
        )
    )
    message = {
        "token": someone.token,
        "page": page.index,
        "epoch": state.epoch,
        "seq": state.seq + 1,
        "final": True,
        "ratings": [
            {"slot": slot, "attribute": attribute, "value": value}
            for (slot, attribute), value in values.items()
        ],
        "events": [
            {"t_ms": 0.0, "kind": "heard", "slot": slot, "value": 1.0}
            for slot in range(len(page.slots))
        ],
    }
    save(preview, json.dumps(message))


def _first_participant(installation: Installation) -> Participant:
    """A participant who has consented and has the study's first plan; nothing is stored."""
    pages = tuple(
        Page(
            index,
            each.phase,
            each.song,
            each.replicate,
            tuple(Slot(at, slot.system, "") for at, slot in enumerate(each.slots)),
            part=each.part,
            page_type=each.page_type,
        )
        for index, each in enumerate(assigned_pages(installation, 0))
    )
    study = installation.study.identifier
    return Participant("", study, 0, "simulated", Step.QUESTIONNAIRE, 0, pages)


def _walk(study: Study, someone: Participant) -> Iterator[tuple[str, Participant]]:
    """All pages of a participant, each with the participant's state on the page."""
    passed: set[str] = set()
    while True:
        station = _station(study, someone, passed)
        yield station, someone
        if station == THANKS:
            return
        passed.add(station)
        someone = _after(someone, station)


def _after(someone: Participant, station: str) -> Participant:
    """State of a participant who has completed a page."""
    if station == ABOUT_YOU:
        return replace(someone, step=someone.step.after(Happening.ANSWERED))
    if station == HEADPHONES:
        return replace(someone, answers={**someone.answers, PASSED_KEY: "yes"})
    if station.startswith(QUESTIONS):
        key = f"{station.removeprefix(QUESTIONS)}.{ANSWERED_AT}"
        return replace(someone, answers={**someone.answers, key: PREVIEWED})
    if station != VOLUME and not station.startswith(PAGE):
        return someone
    index = 0 if station == VOLUME else someone.page_index + 1
    is_page = index < len(someone.pages)
    happened = Happening.VOLUME_SET if station == VOLUME else Happening.COMPLETED
    step = someone.step.after(happened, someone.pages[index].phase if is_page else None)
    return replace(someone, step=step, page_index=index if is_page else someone.page_index)


def _label(study: Study, key: str, someone: Participant) -> str:
    """Name of a page for researchers."""
    names = {
        ABOUT_YOU: "About you",
        VOLUME: "Volume",
        HEADPHONES: "Headphone check",
        FEEDBACK: "After practice: how the scale was used",
        THANKS: "Thanks",
    }
    if key in names:
        return names[key]
    if key.startswith(QUESTIONS):
        return f"Questions: {_questionnaire_title(study, key.removeprefix(QUESTIONS))}"
    number, count = page_number(someone.pages, someone.page_index)
    if key.startswith(BREAK):
        return f"Break before page {number}"
    page = someone.pages[someone.page_index]
    title = study.song(page.song).shown_title
    part = f", {page.part.replace('_', ' ')}" if page.part else ""
    if page.phase == "training":
        return f"Practice: {title}{part}"
    return f"Page {number} of {count}: {title}{part}"


def _questionnaire_title(study: Study, prefix: str) -> str:
    name, _, number = prefix.partition(".")
    title = next(each.title for each in study.questionnaires if each.name == name)
    return f"{title} (after page {number})" if number else title
