"""Options of commands that read a foreign table, each defined once."""

from __future__ import annotations

from typing import Annotated

import typer

from analysis.ratings.dialects.decimal_signs import DecimalSign
from analysis.trial_columns import KINDS
from mixtrial.imports.results.options import BestEnd

ScaleText = Annotated[
    str | None,
    typer.Option(
        "--scale",
        help="Table that does not say its scale: the ends of it, as 1:5 or -3:3, and the step "
        "where only some values could be given, as 1:5:1.",
    ),
]
"""See :func:`mixtrial.terminal.options.scale_option`."""

Labels = Annotated[
    str | None,
    typer.Option(
        help="Ratings that are words: those of the scale from its lower end up, as "
        "Bad,Poor,Fair,Good,Excellent.",
    ),
]
Map = Annotated[
    str | None,
    typer.Option(
        "--map", help="Our columns and their names there, as participant=subject,rating=score."
    ),
]
Wide = Annotated[
    str | None,
    typer.Option(
        help="Rows of many ratings: what the names of the further columns stand for, as system or "
        "song_system.",
    ),
]
Decimal = Annotated[
    DecimalSign | None,
    typer.Option(help="What stands before decimals, where the numbers do not tell."),
]
Best = Annotated[
    BestEnd | None,
    typer.Option(
        help="Orders and places that do not say it: where the best stands, at the left or right."
    ),
]
Trials = Annotated[
    str | None,
    typer.Option(
        help=f"Choices: what they are, where no column says it: {', '.join(KINDS)}.",
        autocompletion=lambda: list(KINDS),
    ),
]
Rename = Annotated[
    list[str] | None,
    typer.Option(help="New name of a value, as system.CNN=cnn; may come again."),
]
Only = Annotated[
    list[str] | None,
    typer.Option(help="Keep rows with this value alone, as session=second; may come again."),
]
Without = Annotated[
    list[str] | None,
    typer.Option(help="Leave rows with this value out, as song=training; may come again."),
]
