"""Tables exported as they are in the database: ratings, listening, events, comments and others."""

from __future__ import annotations

import pandas as pd

from analysis.ratings.table import GRADED_AGAINST
from mixtrial.exports.answer_columns import with_language
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
    """Whether the study has comments."""
    return study.comments != "none"


def training_ratings(installation: Installation) -> pd.DataFrame:
    """Practice pages in the long table of ratings."""
    ratings = installation.store.ratings(installation.study.identifier)
    return ratings[ratings["phase"] == "training"]


def with_references(ratings: pd.DataFrame, installation: Installation) -> pd.DataFrame:
    """Ratings with the reference of their page, hidden or open.

    The hidden reference is named only if the analysed value is a grade minus the grade of the
    reference.
    """
    parts = {part.name: part.options for part in installation.study.page_parts}
    told = {
        GRADED_AGAINST: {name: options.graded_against for name, options in parts.items()},
        "compared_with": {name: options.compared_with for name, options in parts.items()},
    }
    cells = {
        column: [names.get(part, "") for part in ratings["part"]] for column, names in told.items()
    }
    people = installation.store.participants(installation.study.identifier)
    return with_language(ratings.assign(**cells), people, installation.study)


EXPORTS = {
    "ratings": Export(
        title="Ratings",
        remark="one rating per row, with system, song and group",
        place=10,
        rows=lambda installation: installation.store.ratings(installation.study.identifier),
        is_by_page=True,
        layout=with_references,
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
        remark="kept separate from the ratings",
        place=50,
        rows=training_ratings,
        layout=with_references,
    ),
    "comments": Export(
        title="Comments",
        remark="one comment per row; comments can contain names",
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
