"""The tables of docs/learning.md, made of what ``mixtrial evaluate`` wrote.

``tests/data/networks`` keeps ``evaluation.csv`` and ``by_group.csv`` of the evaluation that the
page names. After another one::

    PYTHONPATH=tests/support:. .venv/bin/python -m tests.mixing.learning.printed_figures

prints both tables for the page.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from mixing.learning.evaluation.evaluate import CAUTIOUS, CNN, CONSTANT, LI2022, NETWORK
from mixing.learning.evaluation.published_table import COLUMNS
from mixing.learning.evaluation.table import number
from places import ROOT

FOLDER = ROOT / "tests" / "data" / "networks"
PREDICTORS = (CNN, CONSTANT, "ridge", "mlp", LI2022, NETWORK, CAUTIOUS)
GROUPS = {
    "francium_1": "five songs of one artist", "aloha_oe": "one synthetic voice",
    "openair_operatic": "operatic voice", "vocadito_10_s7": "vocadito, singer 7",
    "vocadito_1_s1": "vocadito, singer 1", "vocalset_f1_straight": "VocalSet, singer f1",
}  # fmt: skip
"""Who the groups are, by the song that each is called after."""


def evaluation(folder: Path = FOLDER) -> pd.DataFrame:
    """Errors of every predictor, by column and predictor."""
    return pd.read_csv(folder / "evaluation.csv").set_index(["column", "predictor"])


def by_group(folder: Path = FOLDER) -> pd.DataFrame:
    """Errors of what ships and of the best constant, by column and group."""
    return pd.read_csv(folder / "by_group.csv").set_index(["column", "group"])


def main_table(table: pd.DataFrame) -> str:
    """The thirteen columns, a row each."""
    heads = ["", "cnn, ships", "best constant", "ridge", "MLP", "Li's (2022) constants",
             "as fitted", "outputs chosen without the group", "ships / constant", "wanted",
             "error of Li's (2022) CNN / error of Li's constant"]  # fmt: skip
    lines = [_row(heads), _row(["---"] * len(heads)).replace(" ", "")]
    for column in COLUMNS:
        own = table.loc[column.name]
        mae = [number(own["mae"][name]) if name in own.index else "–" for name in PREDICTORS]
        ratio = own["mae"][CNN] / own["mae"][CONSTANT]
        published = column.li2022_cnn / column.li2022_mean
        lines.append(
            _row([
                f"{column.name}, {column.unit}" if column.unit else column.name,
                *mae,
                f"**{ratio:.2f}**" if ratio < 1 else f"{ratio:.2g}",
                "" if column.target is None else f"≤ {column.target:.2f}",
                f"{number(column.li2022_cnn)} / {number(column.li2022_mean)} = {published:.2f}",
            ])
        )  # fmt: skip
    return "\n".join(lines) + "\n"


def group_rows(groups: pd.DataFrame, column: str) -> str:
    """One column, a row a group: songs, errors as fitted, as shipped, by the constant."""
    lines = [_row(["group held out", "songs", "as fitted", "ships", "best constant",
                   "as fitted / constant", "ships / constant"]),
             _row(["---"] * 7).replace(" ", "")]  # fmt: skip
    for group, row in groups.loc[column].iterrows():
        lines.append(
            _row([
                GROUPS.get(str(group), str(group)), f"{row['n_songs']:.0f}",
                number(row["fitted_mae"]), number(row["mae"]), number(row["constant_mae"]),
                f"{row['fitted_mae'] / row['constant_mae']:.2f}", f"{row['ratio']:.2f}",
            ])
        )  # fmt: skip
    return "\n".join(lines) + "\n"


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.stdout.write(f"{main_table(evaluation())}\n{group_rows(by_group(), 'EQ gain')}")
