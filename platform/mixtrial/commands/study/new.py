"""``mixtrial new``: a first study file, made from a folder's files or from a template."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from db.whole_files import written_whole
from mixtrial.server.settings import SettingsError
from stimuli.first_study.codec_example import write_codec_example
from stimuli.first_study.folder_audio import folder_audio
from stimuli.first_study.study_text import counted, found_text, template_names, template_text
from stimuli.loading.load import load_study

STUDY_FILE = "study.yaml"
NAMES = ", ".join(template_names())


def new(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder of the study.")],
    template: Annotated[
        str | None,
        typer.Option(
            help=f"Template of the study file to write: {NAMES}. With a template, audio files in "
            "the folder are ignored."
        ),
    ] = None,
    example: Annotated[
        bool,
        typer.Option(
            "--example", help="Write three example recordings first, coded by three codecs."
        ),
    ] = False,
) -> None:
    """Write a commented study.yaml from the audio files in a folder, or from a template."""
    path = folder / STUDY_FILE
    if example:
        _write_example(folder, template)
    if path.exists():
        raise SettingsError(f"{path} exists already and is left unchanged; remove it first.")
    text, found = (template_text(template), "") if template else _text_of(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with written_whole(path) as part:
        part.write_text(text, encoding="utf-8")
        if template is None:
            load_study(part)
    typer.echo(f"wrote {path}{found}; read it, then: mixtrial check {path}")


def _write_example(folder: Path, template: str | None) -> None:
    """Recordings in a folder that must be new or empty."""
    if template is not None:
        raise SettingsError("--example has its own recordings; leave --template out.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SettingsError(
            f"{folder} is not empty, but --example needs a new folder; name another."
        )
    write_codec_example(folder)


def _text_of(folder: Path) -> tuple[str, str]:
    """Study file for a folder, and words about the files in the folder, for the end of a clause."""
    if not folder.is_dir():
        raise SettingsError(f"There is no folder {folder}; create it, or choose a --template.")
    audio = folder_audio(folder)
    if audio is None:
        raise SettingsError(
            f"The audio files below {folder} do not show recording and system in their names (a "
            "folder for each song, or both in the file name); rename them, or choose a "
            f"--template: {NAMES}."
        )
    return found_text(audio, _title(folder)), f": {counted(audio)}"


def _title(folder: Path) -> str:
    """Name of a folder as words."""
    words = folder.resolve().name.replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:] or "Listening test"
