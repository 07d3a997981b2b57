"""The proof that songs, systems and positions are balanced; systems' names are not shown."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from db.records.steps import LEFT
from mixtrial.dashboard.frame import card, draw_empty
from mixtrial.dashboard.names import part_titles
from mixtrial.dashboard.snapshot import Snapshot
from mixtrial.dashboard.tables import draw_table
from mixtrial.language.spoken import told
from mixtrial.reporting.study_reader import group_labels
from stimuli.design.balance import EVERYBODY, balance_table

CHOICES = {"completed": "Completed pages", "planned": "All planned pages"}


def draw(snapshot: Snapshot) -> None:
    """Draw the table of the balance."""
    with card(
        "balance",
        "Balance",
        "For everything that should occur equally often: the smallest and the largest "
        "count. A difference of one is the best possible while a round of the design is "
        "not complete. Groups of listeners are balanced separately only if the study "
        "balances within groups.",
    ):
        chosen = st.segmented_control(
            told("Pages"),
            list(CHOICES),
            default="completed",
            format_func=lambda name: told(CHOICES[name]),
        )
        completed_only, study = (chosen or "completed") == "completed", snapshot.installation.study
        found = snapshot.worked_out(
            ("balance", completed_only), lambda: _balance(snapshot, completed_only)
        )
        if found is None:
            draw_empty("No page has been completed yet.")
            return
        table = readable(found, group_labels(study), part_titles(study))
        groups = list(dict.fromkeys(table["Among"]))
        among = st.segmented_control(told("Listener group"), groups, default=groups[0]) or groups[0]
        draw_table(table[table["Among"] == among].drop(columns="Among"), left=1)


def _balance(snapshot: Snapshot, completed_only: bool) -> pd.DataFrame | None:
    """The proof of balance; None if there are no pages to count."""
    slots = slots_of(snapshot, completed_only)
    return None if slots.empty else balance_table(slots, snapshot.installation.study)


def slots_of(snapshot: Snapshot, completed_only: bool) -> pd.DataFrame:
    """Positions on the rated pages of a snapshot's participants."""
    plans = snapshot.plans
    kept = plans["phase"] == "rating"
    if completed_only:
        kept &= plans["closed"].astype(bool)
    else:
        kept &= ~plans["step"].isin(LEFT)
    return plans[kept]


def readable(
    table: pd.DataFrame, groups: Mapping[str, str], parts: Mapping[str, str]
) -> pd.DataFrame:
    """Return the table of balance with readable headings and names; each row has a verdict."""
    spread = table["most"] - table["fewest"]
    return pd.DataFrame(
        {
            "Among": table["among"].map(
                lambda name: told("Everybody") if name == EVERYBODY else groups.get(name, name)
            ),
            "What": table["criterion"].map(lambda name: _criterion(name, parts)),
            "Even": spread.map(lambda apart: told("yes" if apart <= 1 else f"{apart} apart")),
            "Fewest": table["fewest"],
            "Most": table["most"],
            "Mean": table["mean"],
            "Cells": table["cells"],
        }
    )


def _criterion(name: str, parts: Mapping[str, str]) -> str:
    """A criterion of balance in words, with the name of its part before it."""
    part, _, criterion = name.rpartition(": ")
    words = told(f"{criterion[:1].upper()}{criterion[1:]}")
    return f"{parts.get(part, part)}: {words}" if part else words
