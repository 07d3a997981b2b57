"""Tables that leave as the archive keeps them: ratings, listening, events, comments and so on."""

from __future__ import annotations

import pandas as pd

from analysis.ratings.table import GRADED_AGAINST
from mixtrial.exports.table import Export, Meanings
from mixtrial.server.installation import Installation
from stimuli.study.study import Study

EVENT_MEANINGS: Meanings = {
    "epoch": ("count", "number of the page's opening under which this was sent"),
    "seq": ("count", "number of the save that brought this, within the opening"),
    "event_index": ("count", "place within that save, from 0"),
    "t_ms": ("milliseconds", "time since the page was loaded in the browser"),
    "event": ("text", "what was done: play, switch, loop, rate, submit and so on"),
    "value": ("as the event says", "what the event carries"),
    "received_at": ("time, UTC", "when the server stored this"),
}
"""Unit and meaning of the events' columns that no other table has."""


def asks_for_comments(study: Study) -> bool:
    """Whether the study asks for comments."""
    return study.comments != "none"


def training_ratings(installation: Installation) -> pd.DataFrame:
    """Practice pages of the long table of ratings."""
    ratings = installation.store.ratings(installation.study.identifier)
    return ratings[ratings["phase"] == "training"]


def with_hidden_references(ratings: pd.DataFrame, installation: Installation) -> pd.DataFrame:
    """Ratings with the hidden reference of each page whose grades are analysed by difference."""
    parts = installation.study.page_parts
    references = {part.name: part.options.graded_against for part in parts}
    return ratings.assign(**{GRADED_AGAINST: ratings["part"].map(references).fillna("")})


EXPORTS = {
    "ratings": Export(
        title="Ratings",
        remark="one rating a row, with system, song and group",
        place=10,
        rows=lambda installation: installation.store.ratings(installation.study.identifier),
        is_by_page=True,
        layout=with_hidden_references,
    ),
    "listening": Export(
        title="Listening",
        remark="seconds heard of each stimulus, and switches to it",
        place=30,
        rows=lambda installation: installation.store.listening(installation.study.identifier),
        is_by_page=True,
        meanings=lambda _study, _columns: {
            "heard_s": ("seconds", "time for which the stimulus was audible on its page"),
            "switches_to": ("count", "changes to this stimulus from another"),
        },
    ),
    "events": Export(
        title="Events",
        remark="every play, switch and save, in milliseconds",
        place=40,
        rows=lambda installation: installation.store.events(installation.study.identifier),
        meanings=lambda _study, _columns: EVENT_MEANINGS,
    ),
    "training": Export(
        title="Training pages",
        remark="kept apart from the ratings",
        place=50,
        rows=training_ratings,
    ),
    "comments": Export(
        title="Comments",
        remark="one comment a row; they can name their writers",
        place=100,
        rows=lambda installation: installation.store.comments(installation.study.identifier),
        is_by_page=True,
        meanings=lambda _study, _columns: {
            "comment": ("text", "what the participant wrote of the stimulus, or of the page"),
            "commented_at": ("time, UTC", "when that was stored"),
        },
        is_offered=asks_for_comments,
    ),
    "contacts": Export(
        title="Addresses",
        remark="left at the end; they name no participant",
        place=110,
        rows=lambda installation: installation.store.contacts(installation.study.identifier),
        meanings=lambda _study, _columns: {
            "address": ("text", "an e-mail address that was left on the last page")
        },
        is_offered=lambda study: study.contact.ask != "none",
    ),
}
