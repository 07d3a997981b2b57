"""Generated scores: chords, a melody with words, and the form of a short song.

Conventions
-----------
Times are in beats from the start of the song (a beat is a quarter note). Pitches are MIDI numbers.
In this module, a melody consists of *scale positions*: integers that count the notes of the scale,
seven per octave. The position 0 is the tonic nearest to middle C. All random draws come from the
plan's seed.

Contents, in reading order: the records (``Section``, ``SongPlan``, ``Note``, ``Bar``, ``Score``),
functions for diatonic chords, and ``compose``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stimuli.singing.patterns import (
    PROGRESSIONS,
    RHYTHMS,
    SCALES,
    SEVENTH_PROGRESSIONS,
    Mode,
)

PHRASE_BARS = 2
RANGE_MIDI = (57, 74)  # range of pitches in which the bundled voice was trained and sounds natural


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the form: ``"intro"``, ``"verse"``, ``"chorus"`` or ``"end"``, and its bars."""

    name: str
    n_bars: int


@dataclass(frozen=True, slots=True)
class SongPlan:
    """Choices of the author of a song, from which the random draws start.

    ``tonic`` is a pitch class (0 = C). ``lyrics`` holds the texts of verse and chorus, with one
    kana (Japanese syllable) for each note. Each time a section starts, its text in ``lyrics`` is
    sung from the beginning. ``chord_tones`` is 3 (triads) or 4 (seventh chords). ``dynamics_db`` is
    the level in dB by which the verse is sung more quietly than the chorus.
    """

    name: str
    title: str
    style: str
    tonic: int
    mode: Mode
    tempo_bpm: float
    beats_per_bar: int
    singer: str
    seed: int
    sections: tuple[Section, ...]
    rhythm: str
    lyrics: dict[str, str]
    chord_tones: int = 3
    dynamics_db: float = 4.0

    @property
    def key(self) -> str:
        """The key in words, such as ``"E flat major"``."""
        names = (
            "C",
            "D flat",
            "D",
            "E flat",
            "E",
            "F",
            "F sharp",
            "G",
            "A flat",
            "A",
            "B flat",
            "B",
        )
        return f"{names[self.tonic]} {self.mode}"

    @property
    def n_bars(self) -> int:
        """Length of the song in bars, including the closing bar."""
        return sum(section.n_bars for section in self.sections)


@dataclass(frozen=True, slots=True)
class Note:
    """A sung note: onset and length in beats, MIDI pitch, kana, and the name of its section."""

    start_beat: float
    n_beats: float
    pitch: int
    syllable: str
    section: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of the form: its section and its chord (degree 1–7)."""

    section: str
    degree: int


@dataclass(frozen=True, slots=True)
class Score:
    """A composed song: the plan, a chord for every bar, and the melody in time order."""

    plan: SongPlan
    bars: tuple[Bar, ...]
    melody: tuple[Note, ...]

    @property
    def duration_s(self) -> float:
        """Length of all bars of a song in seconds."""
        return self.plan.n_bars * self.plan.beats_per_bar * 60.0 / self.plan.tempo_bpm

    def chord_pitch_classes(self, bar: int) -> tuple[int, ...]:
        """Pitch classes of the chord in ``bar``, root first."""
        plan = self.plan
        scale = SCALES[plan.mode]
        steps = [self.bars[bar].degree - 1 + 2 * third for third in range(plan.chord_tones)]
        return tuple((plan.tonic + scale[step % 7]) % 12 for step in steps)


def is_strong(beat: float, beats_per_bar: int) -> bool:
    """True on the first beat of a bar, and on the third beat of a bar with four beats."""
    within = beat % beats_per_bar
    return within == 0 or (beats_per_bar == 4 and within == 2)


def compose(plan: SongPlan) -> Score:
    """Score of ``plan``; the same plan always gives the same score.

    Notes
    -----
    Verse and chorus each get a progression of four bars, a rhythm of two bars and a contour. The
    phrases of a melody have the form A A B A. The contour of B is the inversion of the contour of
    A. Notes on strong beats and at phrase ends are moved to the nearest tone of the chord. The last
    note of the melody is the tonic.
    """
    rng = np.random.default_rng(plan.seed)
    table = PROGRESSIONS if plan.chord_tones == 3 else SEVENTH_PROGRESSIONS
    first, second = rng.choice(len(table[plan.mode]), size=2, replace=False)
    progression = {"verse": table[plan.mode][first], "chorus": table[plan.mode][second]}
    bars: list[Bar] = []
    melody: list[Note] = []
    for section in plan.sections:
        start_bar = len(bars)
        degrees = progression.get(section.name, progression["verse"])
        closing = section.name == "end"
        bars += [Bar(section.name, 1 if closing else degrees[i % 4]) for i in range(section.n_bars)]
        if section.name in plan.lyrics:
            melody += _sing_section(plan, bars, start_bar, section, rng)
    return Score(plan, tuple(bars), _with_ending(plan, bars, melody))


def _sing_section(
    plan: SongPlan, bars: list[Bar], start_bar: int, section: Section, rng: np.random.Generator
) -> list[Note]:
    """Melody of one section: a rhythm and a contour, repeated over the section's chords."""
    pool = RHYTHMS[plan.beats_per_bar][plan.rhythm]
    rhythm = pool[int(rng.integers(len(pool)))]
    steps = rng.choice([-2, -1, -1, 0, 1, 1, 2], size=len(rhythm))
    contour = np.cumsum(steps) - round(float(np.cumsum(steps).mean()))
    centre = _centre(plan, section.name)
    notes: list[Note] = []
    position = centre
    for phrase in range(section.n_bars // PHRASE_BARS):
        turn = -1 if phrase % 4 == 2 else 1
        lift = int(rng.integers(-1, 2)) if phrase else 0
        bar = start_bar + phrase * PHRASE_BARS
        for index, (onset, n_beats) in enumerate(rhythm):
            beat = bar * plan.beats_per_bar + onset
            degree = bars[int(beat // plan.beats_per_bar)].degree
            wanted = centre + lift + turn * int(contour[index])
            wanted = int(np.clip(wanted, position - 4, position + 4))
            if is_strong(beat, plan.beats_per_bar) or index == len(rhythm) - 1:
                wanted = _nearest_chord_position(wanted, degree, plan)
            position = _within_range(wanted, plan, degree)
            notes.append(Note(beat, n_beats, _pitch(position, plan), "", section.name))
    words = plan.lyrics[section.name]
    return [
        Note(note.start_beat, note.n_beats, note.pitch, words[i % len(words)], note.section)
        for i, note in enumerate(notes)
    ]


def _with_ending(plan: SongPlan, bars: list[Bar], melody: list[Note]) -> tuple[Note, ...]:
    """Add the closing note: the tonic nearest to the last note, held for half a bar."""
    closing = [i for i, bar in enumerate(bars) if bar.section == "end"]
    if not closing or not melody:
        return tuple(melody)
    last = melody[-1]
    candidates = [p for p in range(RANGE_MIDI[0], RANGE_MIDI[1] + 1) if p % 12 == plan.tonic]
    tonic = min(candidates, key=lambda pitch: abs(pitch - last.pitch))
    start = float(closing[0] * plan.beats_per_bar)
    syllable = plan.lyrics["chorus"][-1]
    return (*melody, Note(start, plan.beats_per_bar / 2 + 0.5, tonic, syllable, "end"))


def _pitch(position: int, plan: SongPlan) -> int:
    """MIDI pitch of a scale position."""
    tonic_midi = 60 + (plan.tonic if plan.tonic < 7 else plan.tonic - 12)
    return tonic_midi + 12 * (position // 7) + SCALES[plan.mode][position % 7]


def _centre(plan: SongPlan, section: str) -> int:
    """Scale position in the middle of a section's melody; it is a third higher in the chorus."""
    target_midi = 67 if section == "chorus" else 63
    return min(range(-7, 14), key=lambda position: abs(_pitch(position, plan) - target_midi))


def _nearest_chord_position(position: int, degree: int, plan: SongPlan) -> int:
    """Scale position of the chord tone nearest to ``position`` (the lower of two equally near)."""
    tones = {(degree - 1 + 2 * third) % 7 for third in range(plan.chord_tones)}
    return min(
        (p for p in range(position - 4, position + 5) if p % 7 in tones),
        key=lambda p: (abs(p - position), p),
    )


def _within_range(position: int, plan: SongPlan, degree: int) -> int:
    """Move a position that is too high or too low to be sung to the nearest chord tone in range."""
    low, high = RANGE_MIDI
    if low <= _pitch(position, plan) <= high:
        return position
    step = 1 if _pitch(position, plan) < low else -1
    tones = {(degree - 1 + 2 * third) % 7 for third in range(plan.chord_tones)}
    while not (low <= _pitch(position, plan) <= high and position % 7 in tones):
        position += step
    return position
