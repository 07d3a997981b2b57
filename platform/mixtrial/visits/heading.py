"""Text above every page: the study's title, the position, the progress, the page's heading.

The text is HTML, so that the server can draw the text above a form, and the player above a page.
"""

from __future__ import annotations

import html
from dataclasses import dataclass

from db.records.participation import Page
from mixtrial.participation.page_order import page_number
from mixtrial.server.language import Locale
from mixtrial.visits.screens import (
    has_page_a_song,
    like_settled,
    may_end_early,
    minutes_left,
    progress_share,
)
from mixtrial.visits.visit import Visit
from stimuli.design.session_length import mean_excerpt_s, page_seconds


@dataclass(frozen=True, slots=True)
class Above:
    """Text above a page; ``header`` and ``heading`` are HTML, ``page_title`` is text."""

    page_title: str
    header: str
    heading: str


def page_title(title: str, place: str) -> str:
    """Title of the browser's window: the participant's position, and the study's title."""
    # A screen reader would read out the time left on every page, so the time is left out.
    where, _, _ = place.partition(" · ")
    return f"{where} · {title}" if where else title


def header_html(locale: Locale, title: str, place: str, share: float) -> str:
    """Header of a page.

    Parameters
    ----------
    locale
        Texts in the study's language.
    title
        Title of the study.
    place
        Position of the participant in words: "Song 2 of 6".
    share
        Finished share of the session, 0–1.
    """
    progress = html.escape(locale.text("progress"))
    percent = round(100 * min(max(share, 0.0), 1.0))
    return (
        '<header class="mx-header">'
        f'<div class="mx-title">{html.escape(title)}</div>'
        f'<div class="mx-place">{html.escape(place)}</div>'
        f'<div class="mx-progress" role="progressbar" aria-label="{progress}" aria-valuemin="0" '
        f'aria-valuemax="100" aria-valuenow="{percent}"><div style="width:{percent}%"></div></div>'
        f'<p class="mx-lost" role="status">{html.escape(locale.text("connection_lost"))}</p>'
        "</header>"
    )


def heading_html(text: str, lead: str | None = None) -> str:
    """Heading of a page and the lines below it, with paragraphs as in a study's text."""
    below = paragraphs(lead) if lead else ""
    return f'<div class="mx-heading"><h1>{html.escape(text)}</h1>{below}</div>'


def paragraphs(text: str) -> str:
    """A study's own text as HTML without markup; blank lines separate its paragraphs."""
    parts = (part.strip() for part in text.split("\n\n"))
    return "".join(f"<p>{html.escape(part)}</p>" for part in parts if part)


def above_rated_page(visit: Visit) -> Above:
    """Text above the page that a participant now rates or practises on."""
    locale, study = visit.locale, visit.installation.study
    text = locale.text
    if visit.page.phase == "training":
        place = heading = text("practice")
        scale, lead_of = visit.part.scale, visit.part.options.practice_lead
        lead = text(lead_of, maximum=f"{scale.maximum:g}")
    else:
        place, heading, lead = _place(visit, locale), study.song(visit.page.song).shown_title, None
    share = progress_share(visit.participant)
    return Above(
        page_title=page_title(study.title, place),
        header=header_html(locale, study.title, place, share),
        heading=heading_html(heading, lead),
    )


def _place(visit: Visit, locale: Locale) -> str:
    """Number of the page, and the approximate time that is left."""
    participant, study, text = visit.participant, visit.installation.study, locale.text
    number, count = page_number(participant.pages, participant.page_index)
    if has_page_a_song(participant.pages):
        place = text("song_of", number=number, count=count)
    elif may_end_early(participant.pages):
        place = text("page_of_at_most", number=number, count=count)
    else:
        place = text("page_of", number=number, count=count)
    excerpt_s = mean_excerpt_s(study, visit.installation.manifest)
    if excerpt_s is None:
        return place

    def page_s(page: Page) -> float:
        part, page = study.part(page.part), like_settled(participant.pages, page)
        return page_seconds(part, len(page.slots), len(page.rated_slots), excerpt_s)

    left = text("minutes_left", minutes=minutes_left(participant, page_s))
    return f"{place} · {left}"
