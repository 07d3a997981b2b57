"""``mixtrial archive``: a study as a folder with checksums, for publication or a new analysis."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mixtrial.reporting.archive_writer import write_archive
from mixtrial.reporting.options import ReportOptions
from mixtrial.terminal.databases import installation_for_command
from mixtrial.terminal.options import DatabaseUrl, StimuliFolder
from mixtrial.terminal.progress_bar import progress


def archive(
    study: Annotated[Path, typer.Argument(help="The study file, study.yaml.")],
    out: Annotated[Path, typer.Option(help="Folder to write; must be new or empty.")] = Path(
        "archive"
    ),
    unfinished: Annotated[
        bool | None,
        typer.Option("--unfinished/--finished", help="Include participants who have not finished."),
    ] = None,
    without_simulated: Annotated[
        bool, typer.Option("--without-simulated", help="Exclude simulated participants.")
    ] = False,
    part: Annotated[
        str | None, typer.Option(help="Part whose ratings are analysed; default: the first part.")
    ] = None,
    invited: Annotated[
        int | None, typer.Option(help="Number of people invited, for the report.", min=0)
    ] = None,
    without_words: Annotated[
        bool,
        typer.Option(
            "--without-words",
            help="Leave out texts that participants wrote (comments, free answers); the results "
            "stay the same.",
        ),
    ] = False,
    with_codes: Annotated[
        bool,
        typer.Option(
            "--with-codes",
            help="Keep the panel's completion codes and links in study.yaml.",
        ),
    ] = False,
    stimuli: StimuliFolder = None,
    database: DatabaseUrl = None,
) -> None:
    """Pack manifest, data, codebook, plan, results and versions into one folder with checksums."""
    options = ReportOptions(
        unfinished=unfinished,
        without_simulated=without_simulated or None,
        part=part,
        invited=invited,
    )
    with (
        installation_for_command(study, stimuli, database) as installation,
        progress("archive", 1.0) as show,
    ):
        options = options.among(installation.store.participants(installation.study.identifier))
        write_archive(
            installation, out, options,
            lambda share, what: show(share, text=what),
            words=not without_words,
            codes=with_codes,
        )  # fmt: skip
    typer.echo(f"{out}: mixtrial report {out} gives the same results.json again")
