"""``mixtrial check``: the recommendation for a study, and departures of the study from it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from mixtrial.reporting.design_text import in_words_of
from mixtrial.server.settings import default_stimuli_folder
from mixtrial.terminal.options import StimuliFolder
from stimuli.design.page_memory import PageMemory, costliest_page
from stimuli.loading.load import load_study
from stimuli.rendering.heard_files import hear_files
from stimuli.standards.check import Standing, check_study, summary
from stimuli.study.manifest import manifest_of
from stimuli.study.study import Study

EXIT_CANNOT_RUN = 1


def check(
    study: Annotated[Path, typer.Argument(help="The study file, study.yaml.")],
    stimuli: StimuliFolder = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Check a study and list deviations from its method; exit code 1 if the study cannot run."""
    loaded = load_study(study)
    manifest = manifest_of(loaded, stimuli or default_stimuli_folder(study))
    standing = in_words_of(loaded, check_study(loaded, manifest, hear_files(loaded)))
    page = costliest_page(loaded, manifest)
    if as_json:
        content = {
            **asdict(standing),
            "can_run": standing.can_run,
            "page_bytes": page and page.n_bytes,
        }
        typer.echo(json.dumps(content, ensure_ascii=False, indent=1))
    else:
        _show(loaded, standing, page)
    if not standing.can_run:
        raise typer.Exit(EXIT_CANNOT_RUN)


def _show(study: Study, standing: Standing, page: PageMemory | None) -> None:
    console = Console()
    console.print(Text(f"{study.title}: {summary(standing)}"))
    if page is not None:
        console.print(Text(f"The largest page: {page.in_words} ({page.song})"))
    if not standing.departures:
        return
    colours = {"error": "bold red", "warning": "yellow", "note": "dim"}
    table = Table("", "Found, asked for, and why", "Where", show_lines=True)
    for entry in standing.departures:
        words = Text(entry.found, style="bold")
        words.append(f"\nAsked for: {entry.asks}.\nWhy: {entry.reason}.", style="not bold")
        table.add_row(
            Text(entry.severity, style=colours[entry.severity]),
            words,
            Text(f"{entry.recommendation}\n{entry.clause}"),
        )
    console.print(table)
