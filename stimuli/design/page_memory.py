"""Memory of a page on a phone: all stimuli of the page are kept decoded for instant switching.

Conventions
-----------
A stimulus needs four bytes per sample in each of two channels, at its own rate. While a page loads,
its recordings are in memory twice: as single files and in one common buffer
(``sound/recordings.js``).
"""

from __future__ import annotations

from dataclasses import dataclass

from mixing.audio import AudioError
from mixing.ingest.decoding import audio_length
from mixing.ingest.intake import kept_rate
from stimuli.design.session import plan_session
from stimuli.design.session_length import excerpt_lengths
from stimuli.study.manifest import Manifest
from stimuli.study.study import Study, StudyError

BYTES_A_SAMPLE = 2 * 4
"""Two channels of 32-bit floats, as Web Audio keeps them."""

MAX_PAGE_MB = 400
"""Twice as much while the page loads. Phones of 3 to 4 GB are still in use, and their systems end
a page that takes about a third of that; a page that vanishes loses its participant."""


@dataclass(frozen=True, slots=True)
class PageMemory:
    """The largest page of a song: number, length and sample rate of its stimuli."""

    song: str
    n_stimuli: int
    duration_s: float
    sample_rate: int

    @property
    def n_bytes(self) -> int:
        """Return the memory that the page's decoded stimuli need."""
        return round(self.n_stimuli * self.duration_s * self.sample_rate * BYTES_A_SAMPLE)

    @property
    def longest_s(self) -> float:
        """Return the largest possible length of the page's stimuli."""
        return 1e6 * MAX_PAGE_MB / (self.n_stimuli * self.sample_rate * BYTES_A_SAMPLE)

    @property
    def in_words(self) -> str:
        """Return a clause that states the memory of the page."""
        what, take = ("stimulus", "takes") if self.n_stimuli == 1 else ("stimuli", "take")
        return (
            f"{self.n_stimuli} {what} of {self.duration_s:.0f} s {take} "
            f"{self.n_bytes / 1e6:.0f} MB of a phone's memory"
        )


def page_memories(study: Study, manifest: Manifest | None = None) -> tuple[PageMemory, ...]:
    """The largest page of each song whose length is known from its build or its files."""
    largest = _stimuli_of_parts(study)
    lengths = excerpt_lengths(study, manifest)
    found = []
    for song in study.songs:
        length_s, rate = lengths[song.name], _rate(study, song.name, manifest)
        counts = [
            largest.get(part.name, 0)
            for part in study.page_parts
            if song.name in part.songs or song.name == study.training_song
        ]
        if length_s is not None and rate is not None and counts:
            found.append(PageMemory(song.name, max(counts), length_s, rate))
    return tuple(found)


def costliest_page(study: Study, manifest: Manifest | None = None) -> PageMemory | None:
    """The page that takes the most memory; None if the length of no page is known."""
    return max(page_memories(study, manifest), key=lambda page: page.n_bytes, default=None)


def check_page_memory(study: Study) -> None:
    """Raise ``StudyError`` if a page takes more memory than a phone has available."""
    for page in page_memories(study):
        if page.n_bytes > 1e6 * MAX_PAGE_MB:
            raise StudyError(too_large(study, page))


def too_large(study: Study, page: PageMemory) -> str:
    """Sentences about a page that needs too much memory, with the remedy."""
    return (
        f"the {study.called(page.song)}: {page.in_words}, and {MAX_PAGE_MB} MB are the most; give "
        f"it an excerpt of {int(page.longest_s)} s at most, or fewer stimuli a page"
    )


def _stimuli_of_parts(study: Study) -> dict[str, int]:
    """Largest number of stimuli on a page of each part, including references."""
    largest: dict[str, int] = {}
    for page in plan_session(study, 0).pages:
        count = len(page.systems) + len(page.references)
        largest[page.part] = max(largest.get(page.part, 0), count)
    return largest


def _rate(study: Study, song: str, manifest: Manifest | None) -> int | None:
    """Sample rate of a song's stimuli; None if the rate cannot be known."""
    for stimulus in manifest.stimuli if manifest is not None else ():
        if stimulus.song == song:
            return stimulus.sample_rate
    try:
        return kept_rate(audio_length(study.song(song).measure_file)[1])
    except AudioError:
        return None
