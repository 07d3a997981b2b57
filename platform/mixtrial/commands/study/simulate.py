"""``mixtrial simulate``: listeners with known preferences take a study before it opens."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from mixtrial.server.settings import SettingsError
from mixtrial.simulation.in_process import simulate_participants
from mixtrial.simulation.over_http import simulate_over_http
from mixtrial.simulation.rehearsal import rehearsal_installation
from mixtrial.terminal.progress_bar import progress
from stimuli.loading.load import load_study


def simulate(
    study: Annotated[Path, typer.Argument(help="The study file, study.yaml.")],
    participants: Annotated[
        int, typer.Option(help="Number of simulated participants to add.", min=1, max=100_000)
    ] = 30,
    seed: Annotated[
        int, typer.Option(help="Random seed of the listeners' preferences.", min=0)
    ] = 1,
    database: Annotated[
        str | None,
        typer.Option(
            help="Database URL of the rehearsal; default: rehearsal.sqlite beside the study file."
        ),
    ] = None,
    stimuli: Annotated[
        Path | None,
        typer.Option(help="Folder that `mixtrial build` wrote; the study need not be built."),
    ] = None,
    over_http: Annotated[
        str | None,
        typer.Option(
            help="Address of a running server that the simulated participants use, such as "
            "http://127.0.0.1:8501. The variable MIXTRIAL_ADMIN_PASSWORD must hold the password "
            "of the server's dashboard."
        ),
    ] = None,
    threads: Annotated[
        int,
        typer.Option(
            help="With --over-http: number of participants at the same time.", min=1, max=64
        ),
    ] = 4,
    think: Annotated[
        float,
        typer.Option(
            help="With --over-http: seconds that a participant spends per page.",
            min=0.0,
            max=3600.0,
        ),
    ] = 0.0,
) -> None:
    """Add simulated listeners with known preferences to a separate database for rehearsals."""
    if over_http is not None:
        _simulate_over_http(study, over_http, participants, seed, threads, think)
        return
    installation = rehearsal_installation(study, stimuli, database)
    with progress("simulate", participants) as show:
        added = list(simulate_participants(installation, participants, seed, show))
    n_rated = sum(page.phase == "rating" for page in added[0].pages)
    typer.echo(
        f"{len(added)} simulated participants took part "
        f"({added[0].identifier} to {added[-1].identifier}, {n_rated} rating pages each)."
    )
    typer.echo(f"They are in {installation.store.place}, apart from real participants.")


def _simulate_over_http(
    study: Path, url: str, n_participants: int, seed: int, n_threads: int, think_s: float
) -> None:
    password = os.environ.get("MIXTRIAL_ADMIN_PASSWORD")
    if not password:
        raise SettingsError(
            "Set MIXTRIAL_ADMIN_PASSWORD to the password of the server's dashboard."
        )
    loaded = load_study(study)
    with progress("simulate", n_participants) as show:
        codes = simulate_over_http(
            loaded, url, password, n_participants, seed, n_threads, think_s, show
        )
    typer.echo(f"{len(codes)} simulated participants took part over HTTP at {url}.")
