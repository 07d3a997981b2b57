"""Order of stimuli for a participant: balanced where possible, otherwise random.

Conventions
-----------
Everything depends on the study's seed and the participant's number (from 0). The same seed and
number give the same session on any machine. Orders of stimuli are tuples of names; the first one is
played or shown first.

Notes
-----
Stimuli on a page follow a Williams design [1]_. If the number of participants equals the number of
rows of the design, every system is once (twice for an odd number of systems) in each position, and
equally often after each other system. Position effects and carry-over effects therefore affect all
systems equally. The rows of the design are assigned so that the orders are balanced for each song.
Songs and their order come from :mod:`stimuli.design.song_order`. If all participants rate all
songs, the order of songs is also a Williams design.

If a page has fewer stimuli than there are systems, :mod:`stimuli.design.part_pages` divides the
systems over several pages. If a part has one mix or one pair per page, the module ``part_pages``
also makes the pages of this part. Participants take the parts of a study one after the other. Each
part of a study has its own training page and its own random draws.

With ``balance_within: groups``, the orders are balanced within each group of listeners. Each group
has its own order of songs, and its participants are numbered separately.

References
----------
.. [1] E. J. Williams (1949), "Experimental designs balanced for the estimation of residual
   effects of treatments", Australian Journal of Scientific Research A 2, 149-168.
"""

from __future__ import annotations

from dataclasses import dataclass

from db.records.steps import Phase
from stimuli.design.part_pages import Draw, PartPage, rated_pages, training_page
from stimuli.page_types.base import Part
from stimuli.study.study import Study


@dataclass(frozen=True, slots=True)
class PlannedPage:
    """One page of a session: a song, and its systems in the order of the stimuli on the page.

    ``replicate`` is 0 when the participant rates the song for the first time, and 1 when the song
    is repeated. A training page is rated like any other page, but not analysed. ``references`` are
    played openly after the systems and not rated. X of an ABX trial is one of the ``references``.
    ``part`` is empty in a study without parts.
    """

    phase: Phase
    song: str
    systems: tuple[str, ...]
    replicate: int = 0
    part: str = ""
    page_type: str = ""
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SessionPlan:
    """All pages of one participant, in order."""

    participant_index: int
    pages: tuple[PlannedPage, ...]


def plan_session(study: Study, participant_index: int, group: str | None = None) -> SessionPlan:
    """Pages of one participant, part by part: training, the rated songs, then repeated songs.

    Parameters
    ----------
    study
        The study; its seed decides every random draw.
    participant_index
        Number of the participant in the order of arrival, from 0; with ``group``, in the order of
        arrival in this group.
    group
        Listener group within which the plans are balanced; None balances them over the whole study.

    Raises
    ------
    ValueError
        ``participant_index`` is negative.
    """
    if participant_index < 0:
        raise ValueError(
            f"Participants are numbered from 0, so {participant_index} is not possible."
        )
    pages: list[PlannedPage] = []
    for part in study.page_parts:
        draw = Draw(study, part, participant_index, group)
        training = training_page(draw)
        if training is not None:
            pages.append(_planned("training", part, training))
        pages += [_planned("rating", part, page) for page in rated_pages(draw)]
    return SessionPlan(participant_index, tuple(pages))


def _planned(phase: Phase, part: Part, page: PartPage) -> PlannedPage:
    trial = page.trial
    return PlannedPage(
        phase=phase,
        song=page.song,
        systems=trial.systems,
        replicate=trial.replicate,
        part=part.name,
        page_type=part.type,
        references=trial.references,
    )
