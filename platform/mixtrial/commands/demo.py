"""``mixtrial demo``: a whole study, from songs to a running survey, with one command."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Annotated

import typer

import stimuli
from db.whole_files import written_whole
from mixtrial.commands.study.build import build
from mixtrial.commands.study.serve import serve
from mixtrial.server.process import check_place

N_SONGS = 8


def demo(
    out: Annotated[Path, typer.Option(help="Folder for the demo study.")] = Path("mixtrial-demo"),
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8501,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    songs: Annotated[
        int,
        typer.Option(
            help="Number of the demo's songs; fewer songs are built sooner.", min=1, max=N_SONGS
        ),
    ] = N_SONGS,
) -> None:
    """Build and serve the demo study: synthetic songs with four blind mixes each."""
    check_place(host, port)
    study = copy_demo_study(out, songs)
    build(study)
    serve(study, host=host, port=port)


def copy_demo_study(out: Path, n_songs: int = N_SONGS) -> Path:
    """Copy the demo's study file and songs into ``out``; existing files are kept.

    Parameters
    ----------
    out
        Folder of the demo study; made when it does not exist.
    n_songs
        Number of songs, counted from the first song of the study file.

    Returns
    -------
    Path
        The study file in the folder ``out``.
    """
    source = Path(str(stimuli.__file__)).parent / "demo"
    # The files to copy are listed by name, so that the stimuli and ratings of a study that was
    # built in this folder are left out.
    out.mkdir(0o700, parents=True, exist_ok=True)
    if n_songs < N_SONGS and not (out / "study.yaml").exists():
        text = (source / "study.yaml").read_text(encoding="utf-8")
        (out / "study.yaml").write_text(with_fewer_songs(text, n_songs), encoding="utf-8")
    files = [source / "study.yaml", source / "LICENSES.md", *(source / "songs").rglob("*.*")]
    for file in sorted(files):
        copy = out / file.relative_to(source)
        if not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            with written_whole(copy) as part:
                shutil.copyfile(file, part)
    return out / "study.yaml"


def with_fewer_songs(text: str, n_songs: int) -> str:
    """Return the demo's study file with only the first songs; the first is also for practice."""
    head, songs, rest = re.split(r"(?m)^songs:\n|^(?=# The mixing systems)", text)
    entries = re.split(r"(?m)^(?=  - name: )", songs)[1 : n_songs + 1]
    for pattern, kept in (
        (r"songs_per_participant: \d+", f"songs_per_participant: {min(n_songs, 4)}"),
        (
            r"(?<=  )training_song: \w+",
            entries[0].strip().splitlines()[0].replace("- name", "training_song"),
        ),
        (r"There are four songs after", "The songs come after"),
        (r"All eight songs that were", "Songs that were"),
    ):
        rest, head = re.sub(pattern, kept, rest), re.sub(pattern, kept, head)
    return f"{head}songs:\n{''.join(entries).rstrip()}\n\n{rest}"
