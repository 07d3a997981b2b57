"""The sound of a new study: uploads, their recordings and systems, and corrections."""

from __future__ import annotations

import html
from pathlib import Path
from urllib.parse import quote

import streamlit as st

from mixing.ingest.decoding import AUDIO_SUFFIXES
from mixtrial.dashboard.frame import card
from mixtrial.language.spoken import told
from mixtrial.server.public_address import public_address
from mixtrial.studies.audio_grid import (
    REFERENCE,
    AudioGrid,
    grid_of,
    make_study_file,
    remove_file,
    rename_files,
)
from mixtrial.studies.listing import ListedStudy
from mixtrial.studio.pages.frame import tried
from mixtrial.studio.upload_routes import FILES
from mixtrial.studio.uploader.uploader import WORDS, draw_uploader
from stimuli.first_study.folder_audio import FolderAudio
from stimuli.first_study.study_text import counted

LEAD = (
    "Name files by recording and system: castanets_mp3.wav, or a folder castanets "
    "with mp3.wav. A file named reference is the reference. WAV, FLAC, AIFF, MP3, "
    "Ogg, Opus and CAF."
)
LEAD_OF_MADE = (
    "The study file says which files are heard. Its editor shows each in its cell, and takes files "
    "there; files that its patterns find can be dropped here too."
)
MOST_CORRECTED = 60
NOT_SAID = "The names do not show recording and system of each file. Enter them below."
LEFT_OUT = "Left out, as some recordings lack a file of it:"
TOO_MANY = (
    f"With more than {MOST_CORRECTED} files, rename them where they come from and upload them "
    "again."
)
STEMS = ("vocal", "backing")


def draw_sound(study: ListedStudy) -> None:
    """Draw the uploads of a study; make a study file from them if the study has none."""
    folder = study.folder
    has_file = folder.study_file.is_file()
    with card("sound", "Sound", LEAD_OF_MADE if has_file else LEAD):
        draw_uploader(folder, FILES, AUDIO_SUFFIXES, told(WORDS))
        grid = grid_of(folder)
        if not grid.meant:
            return
        if grid.audio is not None:
            _draw_grid(study, grid.audio)
        elif not has_file:
            st.html(f'<p class="dx-note dx-flag">{told(NOT_SAID)}</p>')
        if has_file:
            return
        if grid.audio is not None and st.button(
            told("Make the study of these files"), type="primary", key="make-file"
        ):
            said = "The study is made; build it next."
            tried(lambda: make_study_file(folder, study.title), said)
            st.rerun()
        _draw_corrections(study, grid)


def _draw_grid(study: ListedStudy, audio: FolderAudio) -> None:
    """Draw a table of recordings and systems, with a player for each file."""
    columns = [*(STEMS if audio.has_stems else ())]
    columns += [REFERENCE] if any(song.reference for song in audio.songs) else []
    columns += [*audio.systems, *audio.left_out]
    head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in columns)
    rows = ""
    for song in audio.songs:
        files = {**song.files, **({REFERENCE: song.reference} if song.reference else {})}
        files |= dict(zip(STEMS, song.stems, strict=True)) if song.stems else {}
        cells = "".join(f"<td>{_cell(study, files.get(name))}</td>" for name in columns)
        rows += f'<tr><th scope="row" class="dx-left">{html.escape(song.name)}</th>{cells}</tr>'
    left_out = ""
    if audio.left_out:
        names = ", ".join(map(html.escape, audio.left_out))
        left_out = f'<p class="sx-fault">{told(LEFT_OUT)} {names}</p>'
    st.html(
        f'<p class="dx-note">{html.escape(told(counted(audio)))}</p>'
        f'<div class="dx-table sx-grid" tabindex="0"><table><thead><tr><td></td>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>{left_out}"
    )


def _cell(study: ListedStudy, path: Path | None) -> str:
    if path is None:
        return f'<span class="sx-missing">{told("missing")}</span>'
    name = html.escape(path.name)
    # The server's routes deliver only uploaded files.
    if not path.is_relative_to(study.folder.audio.name):
        return f'<span class="sx-file">{name}</span>'
    place = quote(path.relative_to(study.folder.audio.name).as_posix())
    address = public_address().outer(FILES.format(study=study.folder.name))
    return f'<audio controls preload="none" src="{address}/{place}" aria-label="{name}"></audio>'


def _draw_corrections(study: ListedStudy, grid: AudioGrid) -> None:
    """Draw a form with the recording and the system of each file."""
    with st.expander(told("Say what each file is"), expanded=grid.audio is None):
        if len(grid.meant) > MOST_CORRECTED:
            st.html(f'<p class="dx-note">{told(TOO_MANY)}</p>')
            return
        said: dict[Path, tuple[str, str]] = {}
        with st.form("meant", border=False):
            for number, (path, (recording, system)) in enumerate(grid.meant.items()):
                st.html(f'<p class="sx-file">{html.escape(path.as_posix())}</p>')
                left, right = st.columns(2)
                key = f"{path.as_posix()}-{recording}-{system}"
                with left:
                    one = st.text_input(
                        told(f"Recording of file {number + 1}"), recording, key=f"recording-{key}"
                    )
                with right:
                    two = st.text_input(
                        told(f"System of file {number + 1}"), system, key=f"system-{key}"
                    )
                said[path] = (one, two)
            if st.form_submit_button(told("Rename the files")):
                tried(lambda: rename_files(study.folder, said), "The files are renamed.")
                st.rerun()
        if st.button(told("Exchange recordings and systems"), key="swap"):
            turned = {path: (system, song) for path, (song, system) in grid.meant.items()}
            tried(lambda: rename_files(study.folder, turned), "They are exchanged.")
            st.rerun()
        names = [path.as_posix() for path in grid.meant]
        chosen = st.selectbox(
            told("An unwanted file"),
            ["none", *names],
            format_func=lambda name: told(name) if name == "none" else name,
            key="too-much",
        )
        if chosen != "none" and st.button(told(f"Remove {chosen}"), key="remove"):
            tried(lambda: remove_file(study.folder, Path(chosen)), f"{chosen} is removed.")
            st.rerun()
