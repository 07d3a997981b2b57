"""The proof of balance: how evenly songs, systems and positions came out; it names no system."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from db.records.steps import LEFT
from mixtrial.dashboard.frame import card, draw_empty
from mixtrial.dashboard.snapshot import Snapshot
from mixtrial.dashboard.tables import draw_table
from mixtrial.reporting.study_reader import group_labels
from stimuli.design.balance import EVERYBODY, balance_table

CHOICES = {"completed": "Completed pages", "planned": "All planned pages"}


def draw(snapshot: Snapshot) -> None:
    """Draw the table of balance."""
    with card(
        "balance",
        "Balance",
        "How often each thing that ought to come equally often came: the fewest, the most. "
        "One apart is the best there is while a round of the design is not complete. Groups of "
        "listeners are even for themselves only where the study balances within groups.",
    ):
        chosen = st.segmented_control(
            "Pages", list(CHOICES), default="completed", format_func=lambda name: CHOICES[name]
        )
        slots = slots_of(snapshot, completed_only=(chosen or "completed") == "completed")
        if slots.empty:
            draw_empty("No page has been completed yet.")
            return
        study = snapshot.installation.study
        table = readable(balance_table(slots, study), group_labels(study))
        groups = list(dict.fromkeys(table["Among"]))
        among = st.segmented_control("Listener group", groups, default=groups[0]) or groups[0]
        draw_table(table[table["Among"] == among].drop(columns="Among"), left=1)


def slots_of(snapshot: Snapshot, completed_only: bool) -> pd.DataFrame:
    """Slots of the rated pages of a snapshot's participants."""
    plans = snapshot.installation.store.plans(snapshot.installation.study.identifier)
    kept = (plans["phase"] == "rating") & plans["participant"].isin(
        snapshot.participants["participant"]
    )
    if completed_only:
        kept &= plans["closed"].astype(bool)
    else:
        kept &= ~plans["step"].isin(LEFT)
    return plans[kept]


def readable(table: pd.DataFrame, groups: Mapping[str, str]) -> pd.DataFrame:
    """Return the table with headings in words, labels of groups and a verdict for each row."""
    spread = table["most"] - table["fewest"]
    return pd.DataFrame(
        {
            "Among": table["among"].map(
                lambda name: "Everybody" if name == EVERYBODY else groups.get(name, name)
            ),
            "What": table["criterion"].str.capitalize(),
            "Even": spread.map(lambda apart: "yes" if apart <= 1 else f"{apart} apart"),
            "Fewest": table["fewest"],
            "Most": table["most"],
            "Mean": table["mean"],
            "Cells": table["cells"],
        }
    )
