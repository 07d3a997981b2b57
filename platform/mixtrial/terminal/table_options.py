"""Options of commands that read a table of another tool, each defined once."""

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
        help="Scale of a table that does not state it: its ends, such as 1:5 or -3:3, and the "
        "step if only some values are possible, such as 1:5:1.",
    ),
]
"""See :func:`mixtrial.terminal.options.scale_option`."""

Labels = Annotated[
    str | None,
    typer.Option(
        help="Words of the scale, if ratings are words: from its lower end up, such as "
        "Bad,Poor,Fair,Good,Excellent.",
    ),
]
Map = Annotated[
    str | None,
    typer.Option(
        "--map",
        help="Our columns with their names in the file, such as participant=subject,rating=score.",
    ),
]
Wide = Annotated[
    str | None,
    typer.Option(
        help="Meaning of the further columns, if a row has many ratings, such as system or "
        "song_system.",
    ),
]
Decimal = Annotated[
    DecimalSign | None,
    typer.Option(help="Decimal sign, if the numbers do not show it."),
]
Best = Annotated[
    BestEnd | None,
    typer.Option(
        help="End of a ranking at which the best is, if the file does not state it: left or right."
    ),
]
Trials = Annotated[
    str | None,
    typer.Option(
        help=f"Kind of the choices, if no column states it: {', '.join(KINDS)}.",
        autocompletion=lambda: list(KINDS),
    ),
]
Rename = Annotated[
    list[str] | None,
    typer.Option(help="New name of a value, such as system.CNN=cnn. Repeat for more."),
]
Only = Annotated[
    list[str] | None,
    typer.Option(help="Keep only rows with this value, such as session=second. Repeat for more."),
]
Without = Annotated[
    list[str] | None,
    typer.Option(help="Leave out rows with this value, such as song=training. Repeat for more."),
]
