"""``balance``: counts of everything that should occur equally often, without system names."""

from __future__ import annotations

import pandas as pd

from db.records.steps import LEFT
from mixtrial.exports.table import Export, Meanings
from mixtrial.server.installation import Installation
from stimuli.design.balance import balance_table

MEANINGS: Meanings = {
    "pages": ("text", "completed: pages that were completed; planned: all of those plans"),
    "among": ("text", "listener group that is counted, or everybody"),
    "criterion": ("text", "what ought to come equally often"),
    "cells": ("count", "how many of it there are, such as systems times positions"),
    "fewest": ("count", "occurrences of the rarest of them"),
    "most": ("count", "occurrences of the most frequent; one more than the rarest is even"),
    "mean": ("count", "mean occurrences"),
}


def slots(installation: Installation) -> pd.DataFrame:
    """All stimuli in all plans; plans of participants who declined or withdrew are left out.

    Simulated participants have separate plans. If there are real participants, only the plans of
    real participants count.
    """
    store, study = installation.store, installation.study.identifier
    plans = store.plans(study)
    people = store.participants(study).set_index("participant")
    plans = plans[~plans["step"].isin(LEFT)]
    is_real = plans["participant_kind"] == "participant"
    plans = plans[is_real] if is_real.any() else plans
    return plans.assign(finished=plans["participant"].map(people["finished_at"] != ""))


def layout(rows: pd.DataFrame, installation: Installation) -> pd.DataFrame:
    """The table of the balance of completed pages and of all planned pages."""
    chosen = {"completed": rows[rows["closed"].astype(bool)], "planned": rows}
    tables = [
        balance_table(kept, installation.study).assign(pages=name)
        for name, kept in chosen.items()
        if len(kept)
    ]
    if not tables:
        return pd.DataFrame(columns=list(MEANINGS))
    return pd.concat(tables, ignore_index=True)[list(MEANINGS)]


EXPORT = Export(
    title="Balance",
    remark="the proof of the design: smallest and largest counts",
    place=55,
    rows=slots,
    is_by_page=True,
    layout=layout,
    meanings=lambda _study, _columns: MEANINGS,
)
