"""How long a session takes: an estimate from pages, stimuli and excerpts.

Conventions
-----------
Each stimulus is heard through once, each rating takes five seconds more (questions are answered
while music plays on), and welcome, consent, questionnaire and volume take three minutes together.
These are assumptions, made to warn of sessions that are too long, not to pay by the minute.
"""

from __future__ import annotations

from dataclasses import dataclass

from stimuli.design import plan_session
from stimuli.manifest import Manifest
from stimuli.study import Study

LISTENS_PER_STIMULUS = 1.0
SECONDS_PER_RATING = 5.0
FRAME_S = 180.0


@dataclass(frozen=True, slots=True)
class SessionLength:
    """What one participant does, and how long it is likely to take.

    ``excerpt_s`` is the mean length of what is played; None, like ``duration_s``, when it cannot
    be known because the songs cannot be read.
    """

    n_pages: int
    n_ratings: int
    excerpt_s: float | None
    duration_s: float | None

    @property
    def page_s(self) -> float | None:
        """Seconds that one page takes; None where the duration cannot be known."""
        if self.duration_s is None:
            return None
        return (self.duration_s - FRAME_S) / self.n_pages


def session_length(study: Study, manifest: Manifest | None = None) -> SessionLength:
    """Estimate of one participant's session, its training page included.

    Parameters
    ----------
    study
        The study.
    manifest
        Its build, whose lengths are exact; None reads them from the study and the songs' headers.
    """
    pages = plan_session(study, 0).pages  # every participant's plan has this size
    n_pages, n_stimuli = len(pages), sum(len(page.systems) for page in pages)
    n_ratings = n_stimuli * len(study.attributes)
    lengths = list(excerpt_lengths(study, manifest).values())
    if any(length is None for length in lengths):
        return SessionLength(n_pages, n_ratings, None, None)
    excerpt_s = sum(length or 0.0 for length in lengths) / len(lengths)
    duration_s = (
        FRAME_S + n_stimuli * LISTENS_PER_STIMULUS * excerpt_s + n_ratings * SECONDS_PER_RATING
    )
    return SessionLength(n_pages, n_ratings, excerpt_s, duration_s)


def excerpt_lengths(study: Study, manifest: Manifest | None = None) -> dict[str, float | None]:
    """Seconds that are played of each song; None where that cannot be known."""
    built: dict[str, float] = {}
    for stimulus in manifest.stimuli if manifest is not None else ():
        built.setdefault(stimulus.song, stimulus.duration_s)
    lengths: dict[str, float | None] = {}
    for song in study.songs:
        if song.name in built:
            lengths[song.name] = built[song.name]
        else:
            excerpt = song.excerpt
            lengths[song.name] = excerpt.duration_s if excerpt else _file_length(str(song.vocal))
    return lengths


def _file_length(path: str) -> float | None:
    """Length of an audio file from its header, in seconds; None when it has none."""
    from pedalboard.io import AudioFile

    try:
        with AudioFile(path) as file:
            return float(file.frames / file.samplerate)
    except (ValueError, OSError, RuntimeError):
        return None
