"""In exported tables, a column with the rules that exclude participants from the report.

Most studies declare no rule that excludes participants. Without a rule that excludes participants,
tables are written without importing the modules of an analysis.
"""

from __future__ import annotations

import importlib

import pandas as pd

from mixtrial.exports.codebook import COLUMNS as CODEBOOK_COLUMNS
from mixtrial.exports.column_meanings import MEANINGS
from mixtrial.exports.registry import exports
from mixtrial.exports.table import Export
from mixtrial.server.installation import Installation
from stimuli.study.study import Study

WHO, COLUMN = "participant", "excluded_by"
"""Columns of a participant's name, and of the rules that exclude them."""


_OF_STUDY = "mixtrial.reporting.exclusions.of_study"


def may_exclude(study: Study) -> bool:
    """Whether the plan or a part of a study has a rule that excludes listeners."""
    plan, parts = study.analysis, [part.options for part in study.page_parts]
    if any(options.marks() or options.leaves_out_guessers for options in parts):
        return True
    if plan is None:
        return False
    rules = (plan.reference, plan.mid_anchor, plan.expertise, plan.controls)
    return any(each is not None for each in rules)


def with_exclusions(
    table: pd.DataFrame, export: Export, installation: Installation
) -> pd.DataFrame:
    """A table of participants, with the rules (if any) that exclude each from the report.

    Parameters
    ----------
    table
        Exported table. A codebook gets a row for each table that has the column of exclusions. If
        no participant is excluded, the table does not get the column of exclusions.
    export
        Kind of the export; a table whose columns another program requires stays unchanged.
    installation
        The study, whose plan declares the rules of exclusion.
    """
    is_codebook = list(table.columns) == CODEBOOK_COLUMNS
    if export.has_fixed_columns or table.empty or not (is_codebook or WHO in table):
        return table
    if not may_exclude(installation.study):
        return table
    rules = importlib.import_module(_OF_STUDY).excluded_rules(installation)
    if is_codebook:
        return _told_in_codebook(table) if rules else table
    told = [rules.get(who, "") for who in table[WHO]]
    return table.assign(**{COLUMN: told}) if any(told) else table


def _told_in_codebook(codebook: pd.DataFrame) -> pd.DataFrame:
    """Codebook in which each table of participants has a row for the column of exclusions."""
    parts = []
    for name, rows in codebook.groupby("table", sort=False):
        parts.append(rows)
        fixed = name in exports() and exports()[str(name)].has_fixed_columns
        if WHO in set(rows["column"]) and not fixed:
            row = [[name, COLUMN, *MEANINGS[COLUMN]]]
            parts.append(pd.DataFrame(row, columns=CODEBOOK_COLUMNS))
    return pd.concat(parts, ignore_index=True)
