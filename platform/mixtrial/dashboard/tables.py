"""Tables as plain HTML, which scroll sideways on a phone and are accessible to screen readers."""

from __future__ import annotations

import html

import pandas as pd
import streamlit as st

from mixtrial.language.spoken import number_in, spoken_language, told_in


def draw_table(table: pd.DataFrame, left: int = 1) -> None:
    """Draw a table: ``left`` columns of texts, then columns of right-aligned numbers."""
    language = spoken_language()
    head = "".join(
        f'<th scope="col"{_side(index, left)}>{html.escape(told_in(language, str(name)))}</th>'
        for index, name in enumerate(table.columns)
    )
    rows = "".join(
        "<tr>"
        + "".join(
            f"<td{_side(index, left)}>{html.escape(_text(cell, language))}</td>"
            for index, cell in enumerate(row)
        )
        + "</tr>"
        for row in table.itertuples(index=False, name=None)
    )
    st.html(
        f'<div class="dx-table" tabindex="0"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _side(index: int, left: int) -> str:
    return ' class="dx-left"' if index < left else ""


def _text(cell: object, language: str) -> str:
    if isinstance(cell, float):
        return "–" if pd.isna(cell) else number_in(language, f"{cell:.1f}".replace("-", "−"))
    return str(cell)
