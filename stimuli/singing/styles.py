"""Styles of the band: the players, their stereo positions, and the patterns that they repeat.

Conventions
-----------
A figure is a string with one character per step. A bar is divided into as many steps as the figure
(the pattern) has characters. In a figure, ``.`` means silence, and ``-`` continues the last note.
The other characters of a figure depend on the player. In a figure for the bass, ``1 3 5 8`` are
tones of the chord. In a figure for chords, ``x`` plays all tones, and ``1``–``6`` play one tone,
counted from the lowest. In a figure for drums, ``1``–``9`` are strokes from soft to loud. Programs
are General MIDI numbers from 0; pan and volume are MIDI controller values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

KICK, STICK, SNARE, CLAP, TOM, CLOSED_HAT, OPEN_HAT, CRASH, RIDE = (
    36,
    37,
    38,
    39,
    45,
    42,
    46,
    49,
    51,
)
TAMBOURINE, SHAKER = 54, 82


@dataclass(frozen=True, slots=True)
class Player:
    """One pitched instrument: its sound, its stereo position, its figure, and its sections."""

    role: Literal["bass", "chords", "line"]
    program: int
    pan: int
    volume: int
    figure: str
    sections: tuple[str, ...] = ("intro", "verse", "chorus", "end")
    octave: int = 0
    velocity: int = 80


@dataclass(frozen=True, slots=True)
class Style:
    """A band: its players, and the figure of each drum for each section."""

    players: tuple[Player, ...]
    drums: dict[str, dict[int, str]]
    swing: float = 0.0


_ALL_BUT_INTRO = ("verse", "chorus", "end")

STYLES: dict[str, Style] = {
    "pop": Style(
        (
            Player("bass", 33, 64, 100, "1--.1-1.5--.1-8."),
            Player("chords", 0, 50, 88, "x---x---x---x---"),
            Player("chords", 25, 92, 70, "..x.x.x...x.x.x.", ("chorus",), 0, 66),
            Player("chords", 89, 64, 62, "x---------------", ("chorus", "end"), 0, 60),
        ),
        {
            "intro": {CLOSED_HAT: "5.3.5.3.5.3.5.3."},
            "verse": {
                KICK: "8.......8.6.....",
                SNARE: "....7.......7...",
                CLOSED_HAT: "6.3.6.3.6.3.6.3.",
            },
            "chorus": {
                KICK: "9.....7.9.7.....",
                SNARE: "....9.......9..2",
                CLOSED_HAT: "7.5.7.5.7.5.7.5.",
                TAMBOURINE: "....6.......6...",
            },
        },
    ),
    "ballad": Style(
        (
            Player("chords", 0, 58, 100, "1-3-5-3-4-3-5-3-", velocity=70),
            Player("bass", 32, 64, 92, "1-------5---1---", _ALL_BUT_INTRO),
            Player("chords", 48, 70, 66, "x---------------", ("chorus", "end"), 0, 62),
            Player("line", 71, 36, 60, "5-------3-------", ("chorus",), 1, 60),
        ),
        {
            "verse": {STICK: "........5.......", CLOSED_HAT: "3...3...3...3..."},
            "chorus": {
                KICK: "7.........6.....",
                SNARE: "........7.......",
                RIDE: "5...5...5...5...",
            },
        },
    ),
    "rock": Style(
        (
            Player("bass", 34, 64, 104, "1.1.1.1.1.1.1.5."),
            Player("chords", 29, 20, 74, "x-.x-.x-x-.x-.x-", octave=-1, velocity=84),
            Player("chords", 30, 108, 66, "x-------x-------", ("intro", "chorus", "end"), -1, 84),
            Player("chords", 27, 96, 66, "1.3.4.3.1.3.4.3.", ("verse",), 0, 78),
        ),
        {
            "intro": {KICK: "9...9...9...9...", OPEN_HAT: "6...6...6...6..."},
            "verse": {
                KICK: "9.....6.9.......",
                SNARE: "....9.......9...",
                CLOSED_HAT: "7.5.7.5.7.5.7.5.",
            },
            "chorus": {
                KICK: "9..7..7.9..7....",
                SNARE: "....9.......9..4",
                OPEN_HAT: "7...7...7...7...",
                RIDE: "..5...5...5...5.",
            },
        },
    ),
    "folk": Style(
        (
            Player("chords", 24, 44, 100, "1.3.5.4.3.4.", velocity=76),
            Player("chords", 25, 88, 74, "x...x.x.x.x.", ("chorus",), 0, 66),
            Player("bass", 32, 64, 92, "1-------5---", _ALL_BUT_INTRO),
            Player("line", 73, 100, 70, "5---3-------", ("intro", "chorus"), 1, 66),
            Player("chords", 21, 30, 46, "x-----------", ("chorus", "end"), 0, 60),
        ),
        {"chorus": {KICK: "6...........", TAMBOURINE: "....5...5...", SHAKER: "4.3.4.3.4.3."}},
    ),
    "edm": Style(
        (
            Player("bass", 38, 64, 104, "..1-..1-..1-..1-", ("chorus",), 0, 92),
            Player("bass", 39, 64, 92, "1---------------", ("verse", "end")),
            Player("chords", 90, 64, 66, "x---------------", ("intro", "verse", "end"), 0, 64),
            Player("chords", 81, 64, 72, "x..x..x...x..x..", ("chorus",), 0, 82),
            Player("line", 80, 30, 52, "1.3.5.3.1.3.5.3.", ("verse", "chorus"), 1, 70),
            Player("line", 88, 98, 56, "5.......3.......", ("intro",), 1, 70),
        ),
        {
            "intro": {CLOSED_HAT: "..5...5...5...5."},
            "verse": {KICK: "8...8...8...8...", CLOSED_HAT: "..5...5...5...5."},
            "chorus": {
                KICK: "9...9...9...9...",
                CLAP: "....8.......8...",
                OPEN_HAT: "..7...7...7...7.",
                CLOSED_HAT: "3333333333333333",
            },
        },
    ),
    "soul": Style(
        (
            Player("bass", 33, 64, 104, "1--1..3.5-..8.5."),
            Player("chords", 4, 52, 94, "x-----x-..x-....", velocity=74),
            Player("chords", 28, 100, 66, "....x.......x...", _ALL_BUT_INTRO, 0, 76),
            Player("chords", 61, 30, 62, "........x-.x....", ("chorus",), 0, 80),
            Player("chords", 18, 82, 48, "x---------------", ("chorus", "end"), 0, 62),
        ),
        {
            "intro": {STICK: "....6.......6...", CLOSED_HAT: "5.3.5.3.5.3.5.3."},
            "verse": {
                KICK: "8..5..6...7.....",
                STICK: "....7.......7...",
                CLOSED_HAT: "6343634363436343",
            },
            "chorus": {
                KICK: "9..6..7...8.....",
                SNARE: "....8..2.2..8...",
                CLOSED_HAT: "7353735373537353",
            },
        },
        swing=0.12,
    ),
    "bossa": Style(
        (
            Player("bass", 32, 64, 100, "1-----5-1-----5-"),
            Player("chords", 24, 46, 100, "x--x--x---x--x--", velocity=74),
            Player("chords", 11, 94, 60, "x-----------....", ("chorus", "end"), 0, 66),
            Player("line", 73, 84, 60, "....5---3-------", ("intro",), 1, 66),
        ),
        {
            "intro": {SHAKER: "4.3.4.3.4.3.4.3."},
            "verse": {
                KICK: "6.....5.6.....5.",
                STICK: "5..5..5...5..5..",
                SHAKER: "4232423242324232",
            },
            "chorus": {
                KICK: "7.....6.7.....6.",
                STICK: "6..6..6...6..6..",
                CLOSED_HAT: "5.4.5.4.5.4.5.4.",
            },
        },
    ),
    "country": Style(
        (
            Player("bass", 33, 64, 102, "1---....5---...."),
            Player("chords", 25, 40, 88, "....x.x.....x.x.", velocity=80),
            Player("chords", 105, 98, 60, "1.3.5.3.4.3.5.3.", ("intro", "chorus"), 0, 78),
            Player("chords", 0, 76, 66, "....x.......x...", ("verse", "chorus"), 0, 70),
            Player("line", 110, 28, 58, "5-------3-------", ("chorus", "end"), 1, 66),
        ),
        {
            "intro": {SNARE: "3.5.3.5.3.5.3.5."},
            "verse": {KICK: "8.......8.......", SNARE: "3.5.7.5.3.5.7.5."},
            "chorus": {
                KICK: "9.......9.......",
                SNARE: "4.6.8.6.4.6.8.6.",
                TAMBOURINE: "....6.......6...",
            },
        },
    ),
}
