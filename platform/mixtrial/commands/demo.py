"""``mixtrial demo``: a whole study of our own, from songs to a served survey, in one command."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer

import stimuli
from db.whole_files import written_whole
from mixtrial.commands.study.build import build
from mixtrial.commands.study.serve import serve
from mixtrial.server.process import check_place


def demo(
    out: Annotated[Path, typer.Option(help="Folder for the demo study.")] = Path("mixtrial-demo"),
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8501,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
) -> None:
    """Build the demo study (our own songs, four blind mixes each) and serve it."""
    check_place(host, port)
    study = copy_demo_study(out)
    build(study)
    serve(study, host=host, port=port)


def copy_demo_study(out: Path) -> Path:
    """Copy the demo's study file and songs into ``out``, keeping what a reader changed there.

    Returns
    -------
    Path
        The study file in ``out``.
    """
    source = Path(str(stimuli.__file__)).parent / "demo"
    # By name: whoever built the study in place must not hand its stimuli and ratings on.
    out.mkdir(0o700, parents=True, exist_ok=True)
    files = [source / "study.yaml", source / "LICENSES.md", *(source / "songs").rglob("*.*")]
    for file in sorted(files):
        copy = out / file.relative_to(source)
        if not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            with written_whole(copy) as part:
                shutil.copyfile(file, part)
    return out / "study.yaml"
