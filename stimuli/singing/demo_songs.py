"""The demo's songs: eight songs of our own, each made from a seed with a sung vocal and a backing.

``python -m stimuli.singing.demo_songs --out DIR`` makes the songs again. Each song becomes a folder
with ``vocal.flac`` (mono, dry), ``backing.ogg`` (stereo) and ``song.json``. The parameters of the
``human`` system, ``human.json``, are set by hand. The file ``human.json`` is stored in the
repository beside the audio.

The tools that make the songs are pysinsy 0.0.5 (with setuptools < 80), pyworld and pretty_midi from
the package registry, and fluidsynth and fluid-soundfont-gm from Debian. mixtrial does not depend on
these tools.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pedalboard.io import AudioFile

from stimuli.singing.band import play
from stimuli.singing.score import Score, Section, SongPlan, compose
from stimuli.singing.voice import MissingToolError, sing

SAMPLE_RATE = 44_100
DURATION_S = 30.0
OGG_QUALITY = "128 kbps"

LICENCE = "CC-BY-3.0"
ATTRIBUTION = (
    "Score and words: mixtrial (CC0 1.0). Voice: HTS voice NIT SONG070 F001, Copyright (c) "
    "2004-2015 Nagoya Institute of Technology (CC BY 3.0), sung by Sinsy, pitch and timbre "
    "reworked with WORLD. Backing: FluidSynth with the Fluid (R3) GM sound font, Copyright (c) "
    "2000-2002, 2008 Frank Wen, (c) 2008 Toby Smithe (MIT)."
)


def _form(intro: int, verse: int, chorus: int) -> tuple[Section, ...]:
    """The form of a song: intro, verse, chorus and one closing bar."""
    return (
        Section("intro", intro),
        Section("verse", verse),
        Section("chorus", chorus),
        Section("end", 1),
    )


PLANS: tuple[SongPlan, ...] = (
    SongPlan(
        "harbour_lights",
        "Harbour Lights",
        "pop",
        0,
        "major",
        104,
        4,
        "mezzo",
        11,
        _form(2, 4, 6),
        "flowing",
        {
            "verse": "みなとのあかりゆれているしずかなみずのうえにほしがおちる",
            "chorus": "かえろうかえろうひかりのまちへとおいふねのうたがきこえる",
        },
        dynamics_db=7.0,
    ),
    SongPlan(
        "paper_moons",
        "Paper Moons",
        "ballad",
        3,
        "major",
        72,
        4,
        "alto",
        23,
        _form(0, 4, 4),
        "lyrical",
        {
            "verse": "かみのつきをまどにはるよるのいろにそめて",
            "chorus": "わすれないできみのこえをわすれないでいて",
        },
        dynamics_db=9.0,
    ),
    SongPlan(
        "iron_orchard",
        "Iron Orchard",
        "rock",
        4,
        "minor",
        132,
        4,
        "tenor",
        37,
        _form(3, 6, 6),
        "syncopated",
        {
            "verse": "てつのはやしにあさがくるさびたえだからあかいみがおちる",
            "chorus": "はしれはしれかぜのなかもえるそらをこえてゆけ",
        },
        dynamics_db=6.0,
    ),
    SongPlan(
        "willow_road",
        "Willow Road",
        "folk",
        7,
        "major",
        126,
        3,
        "soprano",
        41,
        _form(3, 8, 8),
        "flowing",
        {
            "verse": "やなぎのみちをあるいたよちいさなかわのおとをききながら",
            "chorus": "はるになればまたあえるこのみちのむこうでまっている",
        },
        dynamics_db=6.0,
    ),
    SongPlan(
        "neon_tide",
        "Neon Tide",
        "edm",
        9,
        "minor",
        124,
        4,
        "breathy mezzo",
        53,
        _form(2, 4, 8),
        "syncopated",
        {
            "verse": "ねおんのなみがよせてくるまちはまだねむらない",
            "chorus": "おどろうあさまでおどろうひかりのうみでいまここで",
        },
        dynamics_db=7.0,
    ),
    SongPlan(
        "velvet_hour",
        "Velvet Hour",
        "soul",
        10,
        "minor",
        88,
        4,
        "baritone",
        67,
        _form(1, 4, 4),
        "syncopated",
        {
            "verse": "ゆうぐれのいろにつつまれてきみのなをよぶ",
            "chorus": "そばにいてそばにいてこのときがとまるまで",
        },
        chord_tones=4,
        dynamics_db=8.0,
    ),
    SongPlan(
        "low_tide_cafe",
        "Low Tide Café",
        "bossa",
        2,
        "major",
        116,
        4,
        "mezzo",
        79,
        _form(2, 4, 6),
        "flowing",
        {
            "verse": "しおのひいたはまべのみせできみとふたりあまいのみもの",
            "chorus": "なみのおとがねむりをさそうゆるいかぜがほほをなでる",
        },
        chord_tones=4,
        dynamics_db=6.0,
    ),
    SongPlan(
        "northern_train",
        "Northern Train",
        "country",
        5,
        "major",
        150,
        4,
        "tenor",
        97,
        _form(2, 6, 8),
        "flowing",
        {
            "verse": "きたへむかうれえるのうえをふるいきかんしゃがはしる",
            "chorus": "ゆきののはらをこえてゆくふえのねがとおくひびくよ",
        },
        dynamics_db=6.0,
    ),
)


def make_song(plan: SongPlan, out: Path) -> Score:
    """Make one song in the folder ``out``/name and return its score."""
    score = compose(plan)
    vocal = sing(score, DURATION_S, SAMPLE_RATE)[None]
    backing = play(score, DURATION_S, SAMPLE_RATE)
    folder = out / plan.name
    folder.mkdir(parents=True, exist_ok=True)
    with AudioFile(str(folder / "vocal.flac"), "w", SAMPLE_RATE, 1, 16) as file:
        file.write(vocal.astype(np.float32))
    with AudioFile(str(folder / "backing.ogg"), "w", SAMPLE_RATE, 2, quality=OGG_QUALITY) as file:
        file.write(backing.astype(np.float32))
    text = json.dumps(song_facts(plan), indent=2, ensure_ascii=False)
    (folder / "song.json").write_text(text + "\n", encoding="utf-8")
    return score


def song_facts(plan: SongPlan) -> dict[str, str | float | int]:
    """Content of a song's ``song.json``."""
    return {
        "title": plan.title,
        "style": plan.style,
        "key": plan.key,
        "tempo_bpm": plan.tempo_bpm,
        "beats_per_bar": plan.beats_per_bar,
        "singer": plan.singer,
        "seed": plan.seed,
        "licence": LICENCE,
        "attribution": ATTRIBUTION,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the requested songs; return 0, or print a sentence and return 2 if a tool is missing."""
    parser = argparse.ArgumentParser(
        prog="python -m stimuli.singing.demo_songs", description=__doc__
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for the songs")
    parser.add_argument("--only", nargs="*", help="names of the songs to make (default: all)")
    options = parser.parse_args(arguments)
    for plan in PLANS:
        if options.only and plan.name not in options.only:
            continue
        try:
            make_song(plan, options.out)
        except MissingToolError as error:
            sys.stderr.write(f"{error}\n")
            return 2
        sys.stdout.write(f"{plan.title}\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
