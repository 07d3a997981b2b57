"""Length of a session, estimated from pages, stimuli and excerpts.

Conventions
-----------
The estimate assumes that each stimulus, including references, is played once from start to end. For
each rating, only five seconds are added to the listening time, because participants answer while
music plays. Welcome, consent, questionnaire and volume take three minutes together. For each
question that the study file adds, ten seconds are assumed. The assumed times are exact enough to
warn of long sessions, but not to pay participants by the minute.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mixing.audio import AudioError
from mixing.ingest.decoding import audio_length
from stimuli.design.session import PlannedPage, plan_session
from stimuli.page_types.base import Part
from stimuli.study.manifest import Manifest
from stimuli.study.study import Study

LISTENS_PER_STIMULUS = 1.0
SECONDS_PER_RATING = 5.0
SECONDS_PER_QUESTION = 10.0
FRAME_S = 180.0


@dataclass(frozen=True, slots=True)
class SessionLength:
    """Tasks of one participant, and their likely duration.

    ``excerpt_s`` is the mean length of the excerpts. ``excerpt_s`` and ``duration_s`` are None if
    the songs cannot be read.
    """

    n_pages: int
    n_ratings: int
    excerpt_s: float | None
    duration_s: float | None
    answers: str = "ratings"
    """Names of the answers: choices are no ratings."""


def session_length(study: Study, manifest: Manifest | None = None) -> SessionLength:
    """Estimate for one participant's session, including its training page.

    An adaptive track, which can end early, is counted with its largest number of pages.

    Parameters
    ----------
    study
        The study.
    manifest
        Build of the study, which gives the exact lengths. Without a build (None), the lengths come
        from the study file and from the headers of the songs' files.
    """
    pages = settled(plan_session(study, 0).pages)  # all participants have equally many pages
    parts = {part.name: part for part in study.page_parts}
    n_ratings = sum(_n_answers(parts[page.part], len(page.systems)) for page in pages)
    answers = "ratings" if all(part.has_ratings for part in parts.values()) else "answers"
    excerpt_s = mean_excerpt_s(study, manifest)
    if excerpt_s is None:
        return SessionLength(len(pages), n_ratings, None, None, answers)
    n_rated = sum(page.phase == "rating" for page in pages)
    duration_s = (
        FRAME_S
        + SECONDS_PER_QUESTION * _n_questions(study, n_rated)
        + sum(
            page_seconds(
                parts[page.part],
                len(page.systems) + len(page.references),
                len(page.systems),
                excerpt_s,
            )
            for page in pages
        )
    )
    return SessionLength(len(pages), n_ratings, excerpt_s, duration_s, answers)


def expected_minutes(study: Study, manifest: Manifest | None) -> int | None:
    """Probable length of the session, rounded to five minutes; None if the length is unknown."""
    duration_s = session_length(study, manifest).duration_s
    return None if duration_s is None else max(5, 5 * round(duration_s / 60 / 5))


def settled(pages: Sequence[PlannedPage]) -> tuple[PlannedPage, ...]:
    """Pages of a part; an unplanned page of an adaptive track gets the size of a planned page."""
    known = {page.part: page for page in pages if page.systems}
    return tuple(
        replace(page, systems=known[page.part].systems, references=known[page.part].references)
        if not page.systems
        else page
        for page in pages
    )


def _n_questions(study: Study, n_rated_pages: int) -> int:
    """Number of the study's own questions to one participant, as if all conditions were met."""
    times = [n_rated_pages if each.after_pages == "each" else 1 for each in study.questionnaires]
    return sum(n * len(each.questions) for n, each in zip(times, study.questionnaires, strict=True))


def page_seconds(part: Part, n_heard: int, n_rated: int, excerpt_s: float) -> float:
    """Estimated time of one page of a part, in seconds.

    ``n_heard`` counts all stimuli that can be played on the page; ``n_rated`` counts only the rated
    stimuli.
    """
    listening_s = n_heard * LISTENS_PER_STIMULUS * excerpt_s
    return listening_s + _n_answers(part, n_rated) * SECONDS_PER_RATING


def mean_excerpt_s(study: Study, manifest: Manifest | None = None) -> float | None:
    """Mean length of the excerpts of a song; None if unknown."""
    lengths = [length for length in excerpt_lengths(study, manifest).values() if length is not None]
    return sum(lengths) / len(lengths) if len(lengths) == len(study.songs) else None


def _n_answers(part: Part, n_rated: int) -> int:
    return part.options.n_answers(n_rated, part.attributes)


def lasting(lengths_s: Sequence[float], n: int) -> str:
    """Clause with the number of excerpts whose lengths are known, and these lengths in seconds.

    Examples
    --------
    >>> lasting([6.0, 6.01], 2), lasting([5.0, 6.0], 3)
    ('all 2 last 6.0 s', '2 of 3 last 5.0 to 6.0 s')
    >>> lasting([6.0], 4), lasting([6.0], 1)
    ('1 of 4 lasts 6.0 s', 'the only one lasts 6.0 s')
    """
    return f"{share_lasting(len(lengths_s), n)} {span_s(lengths_s)}"


def share_lasting(count: int, n: int) -> str:
    """Clause with two numbers: the excerpts whose lengths are known, and all excerpts."""
    if count == n:
        return "the only one lasts" if n == 1 else f"all {n} last"
    return f"{count} of {n} {'lasts' if count == 1 else 'last'}"


def span_s(lengths_s: Sequence[float]) -> str:
    """Shortest and longest of several lengths; one number if both are equal when rounded.

    Examples
    --------
    >>> span_s([6.0, 6.04]), span_s([5.0, 6.0])
    ('6.0 s', '5.0 to 6.0 s')
    """
    low, high = min(lengths_s), max(lengths_s)
    return f"{low:.1f} s" if high - low < 0.05 else f"{low:.1f} to {high:.1f} s"


def excerpt_lengths(study: Study, manifest: Manifest | None = None) -> dict[str, float | None]:
    """Played length of each song, in seconds; None if unknown."""
    built: dict[str, float] = {}
    for stimulus in manifest.stimuli if manifest is not None else ():
        built.setdefault(stimulus.song, stimulus.duration_s)
    lengths: dict[str, float | None] = {}
    for song in study.songs:
        if song.name in built:
            lengths[song.name] = built[song.name]
        else:
            whole_s = file_length_s(song.measure_file)
            lengths[song.name] = song.excerpt.duration_s if song.excerpt else whole_s
    return lengths


def file_length_s(path: Path) -> float | None:
    """Length of an audio file in seconds, from its header; None if the file cannot be read."""
    try:
        n_samples, sample_rate = audio_length(path)
    except AudioError:
        return None
    return n_samples / sample_rate
