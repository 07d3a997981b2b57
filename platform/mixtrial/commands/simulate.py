"""``mixtrial simulate``: listeners of known taste take part, to try a study before it opens."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def simulate(
    study: Annotated[Path, typer.Argument(help="The study file, study.yaml.")],
    participants: Annotated[
        int, typer.Option(help="How many simulated participants to add.", min=1, max=100_000)
    ] = 30,
    seed: Annotated[int, typer.Option(help="Seed of their taste.", min=0)] = 1,
    database: Annotated[
        str | None,
        typer.Option(
            help="Database URL; default: mixtrial.sqlite beside the study file.",
            envvar="MIXTRIAL_DATABASE_URL",
        ),
    ] = None,
    stimuli: Annotated[
        Path | None, typer.Option(help="Where `mixtrial build` wrote; need not be there.")
    ] = None,
) -> None:
    """Fill the database with listeners of known taste, by the way real ones take."""
    from rich.console import Console
    from rich.progress import Progress

    from mixtrial.installation import load_installation
    from mixtrial.settings import settings_for_study
    from mixtrial.simulate import simulate_participants

    here = load_installation(settings_for_study(study, stimuli, database))
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Participants", total=participants)
        added = list(
            simulate_participants(
                here, participants, seed, lambda done: progress.update(task, completed=done)
            )
        )
    n_rated = sum(page.kind == "rating" for page in added[0].pages)
    typer.echo(
        f"{len(added)} simulated participants took part "
        f"({added[0].identifier} to {added[-1].identifier}, {n_rated} rating pages each)."
    )
