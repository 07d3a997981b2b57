"""Ratings of the same systems by several labs, in one table with the column ``lab``.

Participants who have the same name in two labs are two different people. In the merged table, the
name of a participant is made of the lab and the participant's own name. Songs that have the same
name in two labs are the same song.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from analysis.ratings.names import refuse_names_that_look_alike
from analysis.ratings.table import RatingsError, check_ratings
from analysis.scale import scales_of


def merged_labs(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Ratings of all labs in one table.

    Parameters
    ----------
    tables
        Tables of ratings, each with the name of its lab; two or more labs.

    Raises
    ------
    RatingsError
        A table has no ratings or no lab, or the tables have different systems or scales.
    """
    checked = {lab: _of_lab(lab, table) for lab, table in tables.items()}
    first, *others = checked
    for lab in others:
        _refuse_other_systems(checked[first], checked[lab], first, lab)
        _refuse_other_scales(checked[first], checked[lab], first, lab)
    merged = pd.concat(checked.values(), ignore_index=True)
    refuse_names_that_look_alike(merged)
    return merged


def _of_lab(lab: str, table: pd.DataFrame) -> pd.DataFrame:
    if table.empty:
        raise RatingsError(f"The lab {lab} has no ratings.")
    checked = check_ratings(table)
    if "lab" in checked and set(checked["lab"]) != {"not given"}:
        raise RatingsError(
            f"The table of the lab {lab} is a merged table itself; merge the original tables."
        )
    names = [f"{lab} {name}" for name in checked["participant"]]
    return checked.assign(participant=names, lab=lab)


def _refuse_other_systems(one: pd.DataFrame, two: pd.DataFrame, first: str, second: str) -> None:
    has, other = set(one["system"]), set(two["system"])
    for lab, names in ((second, has - other), (first, other - has)):
        if names:
            raise RatingsError(
                f"The labs {first} and {second} did not rate the same systems: "
                f"{lab} has no {', '.join(sorted(names))}."
            )


def _refuse_other_scales(one: pd.DataFrame, two: pd.DataFrame, first: str, second: str) -> None:
    has, other = scales_of(one), scales_of(two)
    for name in sorted(has.keys() & other.keys()):
        if has[name] != other[name]:
            raise RatingsError(
                f"{name} has a different scale in each lab: {has[name].in_words} in {first}, "
                f"{other[name].in_words} in {second}."
            )


def doubts_about(merged: pd.DataFrame) -> list[str]:
    """Notes for readers about the merged table."""
    told = []
    songs = [set(part) for _, part in merged.groupby("lab")["song"]]
    if not set.intersection(*songs):
        told.append(
            "no song was rated in all labs, so that labs and their songs cannot be told apart"
        )
    if "stimulus_sha256" in merged:
        sha = merged[merged["stimulus_sha256"].astype(str) != ""]
        kinds = sha.groupby(["song", "system"])["stimulus_sha256"].nunique()
        if n_other := int((kinds > 1).sum()):
            told.append(f"{n_other} stimuli of the same name are not the same file in all labs")
    if not merged.groupby("attribute")["lab"].nunique().eq(len(songs)).all():
        told.append("not every attribute was rated in all labs")
    return told
