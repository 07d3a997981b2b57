"""Stimuli of the build: each with a player, its measured levels and its settings."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import pandas as pd
import streamlit as st

from analysis.report.language.report_language import WordingIn
from analysis.wording import Wording
from mixtrial.dashboard.frame import card, draw_empty, draw_figures
from mixtrial.dashboard.names import words_of
from mixtrial.dashboard.snapshot import Snapshot
from mixtrial.dashboard.tables import draw_table
from mixtrial.exports.stimuli import stimuli_table
from mixtrial.language.spoken import number
from mixtrial.server.public_address import public_address
from stimuli.page_types.base import CUTOFF_HZ
from stimuli.study.manifest import Stimulus

MADE: dict[str, list[tuple[str, str]]] = {
    **{
        name: [("Anchor", f"the reference, low-passed at {cutoff_hz / 1000:g} kHz")]
        for name, cutoff_hz in CUTOFF_HZ.items()
    },
    "dry_mix": [("Dry", "vocal and backing added, nothing else done")],
    "dry_vocal": [("Dry", "the vocal alone, unchanged")],
    "dry_backing": [("Dry", "the backing alone, unchanged")],
}
"""Descriptions of stimuli that no system made."""


def draw(snapshot: Snapshot) -> None:
    """Draw the stimuli of the study."""
    words = words_of(snapshot.installation.study)
    study, table = snapshot.installation.study, stimuli_table(snapshot.installation)
    if snapshot.installation.manifest is None or table.empty:
        with card("stimuli-empty", "Stimuli"):
            draw_empty("The study is not built yet: run mixtrial build, then start the server.")
        return
    # An anchor is quieter because its filter has removed some of the sound. That is intended.
    matched = table[~table["system"].isin(list(CUTOFF_HZ))]
    spread = matched.groupby("song")["integrated_lufs"].agg(lambda lufs: lufs.max() - lufs.min())
    peak = f"{table['true_peak_dbtp'].max():.1f} dBTP".replace("-", "−")
    draw_figures(
        [
            (
                str(table["song"].nunique()),
                words.of("Songs"),
                f"{len(study.rated_songs)} of them rated",
            ),
            (str(table["system"].nunique()), "Systems", f"{len(table)} stimuli"),
            (
                number(f"{spread.max():.2f} LU"),
                "Level spread",
                "largest within a page, anchors aside",
            ),
            (number(peak), "Highest peak", "of all stimuli"),
        ]
    )
    with card("stimuli", "Stimuli", "Levels as measured on the files that are played."):
        built = set(table["song"])
        titles = {song.name: song.shown_title for song in study.songs if song.name in built}
        song = st.selectbox(words.of("Song"), list(titles), format_func=lambda name: titles[name])
        draw_table(readable(table[table["song"] == song], study.system_labels))
    with card("listen", "Listen", words.of("Each mix with the settings that its system chose.")):
        stimuli = [each for each in snapshot.installation.manifest.stimuli if each.song == song]
        labels = study.system_labels
        mixes = (_mix(each, labels.get(each.system, each.system), words) for each in stimuli)
        st.html(f'<div class="dx-mixes">{"".join(mixes)}</div>')


def readable(table: pd.DataFrame, labels: Mapping[str, str]) -> pd.DataFrame:
    """Return the informative columns, with their units in words."""
    return pd.DataFrame(
        {
            "System": table["system"].map(lambda name: labels.get(name, name)),
            "Loudness (LUFS)": table["integrated_lufs"],
            "True peak (dBTP)": table["true_peak_dbtp"],
            "Range (LU)": table["lra_lu"],
            "Gain (dB)": table["gain_db"],
            "Duration (s)": table["duration_s"],
            "SHA-256": table["sha256"].str[:12],
        }
    )


def _mix(stimulus: Stimulus, label: str, words: Wording | WordingIn) -> str:
    path = f"/api/admin/audio/{quote(stimulus.song)}/{quote(stimulus.system)}"
    address = public_address().outer(path)
    facts = "".join(
        f"<div><dt>{html.escape(words.of(name))}</dt><dd>{html.escape(words.of(text))}</dd></div>"
        for name, text in MADE.get(stimulus.system) or described(stimulus.report)
    )
    return (
        f'<div class="dx-mix"><b>{html.escape(label)}</b>'
        f'<audio controls preload="none" src="{address}"></audio><dl>{facts}</dl></div>'
    )


def described(report: dict[str, Any]) -> list[tuple[str, str]]:
    """Content of a mix's report in words, one stage after the other, without missing entries."""
    facts = []
    bands = [band for band in report.get("eq") or [] if abs(band["gain_db"]) >= 0.05]
    if bands:
        gains = (f"{_frequency(band['frequency_hz'])} {band['gain_db']:+.1f} dB" for band in bands)
        facts.append(("Equaliser", ", ".join(gains)))
    if compression := report.get("compression"):
        facts.append(("Compression", _compression(compression)))
    if reverb := report.get("reverb"):
        decay, share = reverb["reverb_time_s"], reverb["dry_wet"]
        facts.append(("Reverb", f"{decay:.2f} s decay, dry/wet {share:.2f}"))
    level = (report.get("level") or {}).get("relative_loudness_lu")
    if level is not None:
        facts.append(("Level", f"vocal {level:+.1f} LU against the backing"))
    facts += [("Note", str(note)) for note in report.get("notes") or []]
    return facts or [("Mix", "a finished file; no parameters are known")]


def _frequency(frequency_hz: float) -> str:
    if frequency_hz < 1000:
        return f"{frequency_hz:.0f} Hz"
    return f"{frequency_hz / 1000:.3g} kHz"


def _compression(settings: dict[str, Any]) -> str:
    if settings["ratio"] <= 1:
        return f"none; range {settings['lra_before_lu']:.1f} LU"
    return (
        f"{settings['ratio']:.3g} : 1 above {settings['threshold_db']:.1f} dB, "
        f"attack {settings['attack_ms']:.3g} ms, release {settings['release_ms']:.3g} ms; "
        f"range {settings['lra_before_lu']:.1f} to {settings['lra_after_lu']:.1f} LU"
    )
