"""Simulated participants, who go through the same pages and code as real participants.

Each simulated participant is enrolled, consents, answers the questionnaire, sets a volume and opens
all pages. A simulated participant saves each page halfway and at the end, with the JSON message
that a browser sends. At the end, a simulated participant gets a completion code. The preferences of
simulated participants are known (:mod:`mixtrial.simulation.listener_model`), so that an analysis
can be checked. The stimuli of a simulated study need not be built. The database marks simulated
participants as ``simulated``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace

from db.records.errors import StoreError
from db.records.participation import Page, Participant, SaveOutcome
from mixtrial.participation.autosave import save
from mixtrial.participation.enrolment import answer_questionnaire, enrol
from mixtrial.server.installation import Installation
from mixtrial.simulation.listener_model import Listener, ListenerModel
from mixtrial.simulation.page_answers import AskedPage, Event, PageSave, answers_to
from mixtrial.simulation.questionnaire_answers import simulated_answers
from stimuli.study.study import Study

CONSENT_VERSION = "simulated"


def simulate_participants(
    installation: Installation,
    n_participants: int,
    seed: int,
    on_progress: Callable[[int], None] | None = None,
) -> Iterator[Participant]:
    """Add participants one after the other; yield each participant at the end of its session.

    Parameters
    ----------
    installation
        The study and its database.
    n_participants
        Number of new participants; existing participants stay.
    seed
        Seed of the participants' preferences; the order of stimuli depends on the study's own seed.
    on_progress
        Function called with the number of finished participants.
    """
    model = panel_model(installation.study, seed)
    for done in range(1, n_participants + 1):
        participant = enrol(installation, "simulated")
        participant = _take_part(installation, participant, model)
        if on_progress is not None:
            on_progress(done)
        yield participant


def panel_model(study: Study, seed: int) -> ListenerModel:
    """The preset preferences of all listeners of a study."""
    return ListenerModel(
        seed,
        [song.name for song in study.songs],
        study.rated_names,
        [group.name for group in study.groups],
        [device.name for device in study.devices],
    )


def chosen_volume(listener: Listener) -> float:
    """Volume that a listener sets, from 0 to 1."""
    return round(float(listener.random.uniform(0.3, 0.9)), 2)


def page_parts(
    page: AskedPage, listener: Listener, model: ListenerModel, study: Study
) -> tuple[PageSave, PageSave]:
    """Answers of a listener on a page, in two saves: halfway and final."""
    ratings = answers_to(page, listener, model, study)
    listening = _listening_events(page.n_slots, listener)
    end_ms = listening[-1]["t_ms"] + 1500.0
    last: list[Event] = []
    if study.part(page.part).options.must_listen > 0.0:
        last += [
            {"t_ms": end_ms, "kind": "heard", "slot": slot, "value": 1.0}
            for slot in range(page.n_slots)
        ]
    last.append({"t_ms": end_ms, "kind": "submit"})
    has_ratings = study.part(page.part).has_ratings
    # A choice is a single answer, saved at the end.
    early = ratings[: len(ratings) // 2] if has_ratings else []
    half: PageSave = {"final": False, "ratings": early, "events": listening}
    return half, {"final": True, "ratings": ratings, "events": last}


def _take_part(
    installation: Installation, participant: Participant, model: ListenerModel
) -> Participant:
    store, token = installation.store, participant.token
    listener = model.listener(participant.index)
    store.record_consent(token, CONSENT_VERSION, True)
    said = simulated_answers(installation.study, participant.index, listener.group, listener.device)
    answered = answer_questionnaire(installation, token, listener.group, listener.device, said)
    store.record_volume(token, chosen_volume(listener))
    pages, index = answered.pages, 0
    while index < len(pages):
        _rate_page(installation, token, index, listener, model)
        # The answer can cause pages to be added or removed.
        if any(not page.slots for page in pages):
            pages = _pages_now(installation, token)
        index += 1
    store.finish(token)
    return replace(answered, pages=pages)


def _pages_now(installation: Installation, token: str) -> tuple[Page, ...]:
    participant = installation.store.find_participant(token)
    return () if participant is None else participant.pages


def _rate_page(
    installation: Installation, token: str, index: int, listener: Listener, model: ListenerModel
) -> None:
    """Open a page, and save it halfway and at the end."""
    state = installation.store.page_state(token, index)
    page = state.page
    message = {"token": token, "page": index, "epoch": state.epoch}
    asked = AskedPage(
        page.song,
        page.part,
        tuple(slot.system for slot in page.rated_slots),
        tuple(slot.system for slot in page.open_slots),
    )
    parts = page_parts(asked, listener, model, installation.study)
    for seq, part in enumerate(parts, start=state.seq + 1):
        outcome = save(installation, json.dumps({**message, "seq": seq, **part}))
        if outcome is not SaveOutcome.STORED:
            raise StoreError(f"A simulated participant's page was not stored: {outcome.value}.")


def _listening_events(n_slots: int, listener: Listener) -> list[Event]:
    """Open the page, play a stimulus, then switch through all stimuli twice in random order."""
    random = listener.random
    order = [*random.permutation(n_slots), *random.permutation(n_slots)]
    times_ms = 800.0 + random.gamma(4.0, 1500.0, len(order) + 1).cumsum()
    events: list[Event] = [
        {"t_ms": 0.0, "kind": "open"},
        {"t_ms": round(float(times_ms[0]), 1), "kind": "play", "slot": int(order[0])},
    ]
    events += [
        {"t_ms": round(float(time_ms), 1), "kind": "switch", "slot": int(slot)}
        for time_ms, slot in zip(times_ms[1:-1], order[1:], strict=True)
    ]
    return events
