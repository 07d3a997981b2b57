"""Grid of items × systems with a file per cell: its waveform, loudness, length and notes.

Files can be dropped on single cells, or together as a folder. The study file is changed at once to
name the recordings and systems of the dropped files.
"""

from __future__ import annotations

import base64
import html
import math
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import streamlit as st

from mixing.ingest.decoding import AUDIO_SUFFIXES, MAX_DIFFERENCE_S
from mixtrial.dashboard.frame import ACCENT
from mixtrial.language.spoken import told as in_language
from mixtrial.studies.study_folder import AUDIO_FOLDER, StudyFolder
from mixtrial.studio.editor.document.dropped_files import (
    DroppedFile,
    cells_of,
    offered_columns,
    with_dropped,
)
from mixtrial.studio.editor.pages.form import Form, renew, say
from mixtrial.studio.editor.pages.sound_facts import (
    Rows,
    SoundFacts,
    Stamp,
    facts_of,
    files_of,
    stamp_of,
)
from mixtrial.studio.upload_routes import CELLS, FILES
from mixtrial.studio.uploader.uploader import Cells, Taken, draw_uploader

AT_ONCE_S = 1.0
"""How long files are listened to before the grid is drawn with what is known."""

EVERY_S = 0.3
"""How soon the grid is drawn again while files are still to be listened to."""

HEARD = "editor-heard"
"""Facts of this session, by file and stamp."""

Known = dict[Path, SoundFacts | None]


WORDS = "Drop a file on its cell, or here files that are named by recording and system, or a folder"


def draw_grid(form: Form, *, has_begun: bool = False) -> None:
    """Draw the files of a study at once; measurements follow while the page is open.

    Parameters
    ----------
    form
        The study file.
    has_begun
        Whether somebody has taken part; if so, no further file is accepted.
    """
    folder = form.document.path.parent
    rows = files_of(folder, form.values)
    heard: dict[tuple[Path, Stamp], SoundFacts] = st.session_state.setdefault(HEARD, {})
    is_heard = not _unheard(rows, heard)

    def draw() -> None:
        if not is_heard:
            _hear(rows, heard)
        columns = offered_columns(form.values, _present(rows))
        table = table_of(folder, rows, known_of(rows, heard), columns, takes_files=not has_begun)
        words = "" if has_begun else in_language(WORDS)
        cells = Cells(table if rows else "", CELLS)
        taken = draw_uploader(StudyFolder(folder), FILES, AUDIO_SUFFIXES, words, cells)
        if taken:
            _take(form, taken, [*rows], columns)
        waiting = len(_unheard(rows, heard))
        if waiting:
            st.caption(in_language(f"Listening to {waiting} more …"))
        elif not is_heard:
            st.rerun()  # without a clock

    st.fragment(draw, run_every=None if is_heard else EVERY_S)()


def _present(rows: Rows) -> list[str]:
    """Columns of the grid in which a row has a file."""
    return [*dict.fromkeys(name for cells in rows.values() for name in cells)]


def _take(
    form: Form, taken: tuple[Taken, ...], songs: Sequence[str], columns: Sequence[str]
) -> None:
    """Enter the recordings and systems of uploaded files into the study file, as one undo step."""
    dropped = [DroppedFile(each.path, each.song, each.system) for each in taken if each.song]
    others = [each.path.removeprefix(f"{AUDIO_FOLDER}/") for each in taken if not each.song]
    told = cells_of(others, songs, columns)
    dropped += [DroppedFile(f"{AUDIO_FOLDER}/{each.path}", each.song, each.system) for each in told]
    document = form.document
    form.change(
        lambda: document.replace(
            with_dropped(document.text, document.path.parent, dropped, document.order)
        )
    )
    if len(told) < len(others):
        say(
            f"the names of {len(others) - len(told)} files do not show recording and system: drop "
            "each on its cell, or rename them"
        )
    renew()
    st.rerun()


def _unheard(
    rows: Rows, heard: Mapping[tuple[Path, Stamp], SoundFacts]
) -> list[tuple[Path, Stamp]]:
    """Audio files that have not been measured yet."""
    paths = (path for cells in rows.values() for path in cells.values())
    stamped = ((path, stamp_of(path)) for path in paths if path.suffix.lower() in AUDIO_SUFFIXES)
    return [(path, stamp) for path, stamp in stamped if stamp and (path, stamp) not in heard]


def _hear(rows: Rows, heard: dict[tuple[Path, Stamp], SoundFacts]) -> None:
    """Measure as many files as time allows; none at the first drawing of the page."""
    if st.session_state.pop(f"{HEARD}-first", True):
        st.session_state[f"{HEARD}-first"] = False
        return
    started = time.monotonic()
    for path, stamp in _unheard(rows, heard):
        heard[path, stamp] = facts_of(str(path), stamp)
        if time.monotonic() - started > AT_ONCE_S:
            return


def known_of(rows: Rows, heard: Mapping[tuple[Path, Stamp], SoundFacts]) -> Known:
    """Facts of each measured file; None if the file is not audio."""
    known: Known = {}
    for path in (path for cells in rows.values() for path in cells.values()):
        stamp = stamp_of(path)
        if stamp is None:
            known[path] = SoundFacts(fault="there is no such file")
        elif path.suffix.lower() not in AUDIO_SUFFIXES:
            known[path] = None
        elif (path, stamp) in heard:
            known[path] = heard[path, stamp]
    return known


def table_of(
    folder: Path, rows: Rows, known: Known, columns: Sequence[str], *, takes_files: bool = False
) -> str:
    """HTML of the grid; cells that accept files name their recording and system."""
    head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in columns)
    body = ""
    for song, cells in rows.items():
        lengths = [
            facts.duration_s
            for path in cells.values()
            if (facts := known.get(path)) and facts.peaks
        ]
        body += f'<tr><th scope="row">{html.escape(song)}</th>'
        for name in columns:
            path = cells.get(name)
            told = "" if path is None else _cell(folder, path, known, lengths)
            whose = f' data-song="{html.escape(song)}" data-system="{html.escape(name)}"'
            body += f"<td{whose if takes_files else ''}>{told}</td>"
        body += "</tr>"
    return (
        '<div class="ed-grid" tabindex="0" role="region" '
        f'aria-label="{in_language("Files")}"><table>'
        f"<thead><tr><th></th>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _cell(folder: Path, path: Path, known: Known, lengths: list[float]) -> str:
    shown = path.relative_to(folder) if path.is_relative_to(folder) else path
    name = (
        f'<span class="ed-file" title="{html.escape(str(shown))}">{html.escape(path.name)}</span>'
    )
    if path not in known:
        return f"{name}<small>…</small>"
    facts = known[path]
    if facts is None:
        return name
    if facts.fault:
        return f'{name}<small class="ed-wrong">{html.escape(in_language(facts.fault))}</small>'
    level = (
        in_language("silent")
        if math.isinf(facts.loudness_lufs)
        else f"{facts.loudness_lufs:.1f} LUFS"
    )
    notes = [*facts.notes]
    if facts.duration_s > min(lengths) + MAX_DIFFERENCE_S:
        notes.append(f"{facts.duration_s - min(lengths):.2f} s longer than the shortest of its row")
    told = "".join(
        f'<small class="ed-wrong">{html.escape(in_language(note))}</small>' for note in notes
    )
    return f"{_wave(facts.peaks)}{name}<small>{level} · {facts.duration_s:.1f} s</small>{told}"


def _wave(peaks: tuple[float, ...]) -> str:
    bars = "".join(
        f'<rect x="{3 * at}" y="{12 - 11 * peak:.1f}" width="2" height="{max(22 * peak, 1):.1f}"/>'
        for at, peak in enumerate(peaks)
    )
    size = f'viewBox="0 0 {3 * len(peaks)} 24" preserveAspectRatio="none"'
    drawn = f'<svg xmlns="http://www.w3.org/2000/svg" {size} fill="{ACCENT}">{bars}</svg>'
    source = base64.b64encode(drawn.encode()).decode()
    return f'<img class="ed-wave" alt="" src="data:image/svg+xml;base64,{source}">'
