"""``webmushra_grades``: grades of pages with a hidden reference, in webMUSHRA's columns.

webMUSHRA writes no session into this table. The participant's name is therefore written as an
answer to webMUSHRA's questionnaire. To import the participant again, use the option ``--map
participant=listener``.
"""

from __future__ import annotations

import pandas as pd

from analysis.ratings.table import GRADED_AGAINST
from mixtrial.exports.archive_tables import with_references
from mixtrial.exports.table import Export
from mixtrial.exports.webmushra import trial_names
from mixtrial.server.installation import Installation
from stimuli.study.study import Study

MEANINGS = {
    "session_test_id": ("text", "identifier of the study"),
    "listener": ("text", "public name of the participant, P001 for the first"),
    "trial_id": (
        "text",
        "the song; before and after it part and attribute, where there are several",
    ),
    "rating_reference": ("text", "hidden reference of the page"),
    "rating_non_reference": ("text", "system beside it"),
    "rating_reference_score": ("points of the scale", "grade of the hidden reference"),
    "rating_non_reference_score": ("points of the scale", "grade of the system"),
    "rating_time": ("milliseconds", "active time on the page, all openings added"),
    "choice_comment": ("text", "empty: webMUSHRA has the column, and no field for it"),
}
"""Unit and meaning of webMUSHRA's own columns."""


def has_hidden_references(study: Study) -> bool:
    """Whether a part has pages with two grades: one of a system, one of the hidden reference."""
    return any(part.options.graded_against for part in study.page_parts)


def graded_pages(ratings: pd.DataFrame, study: str) -> pd.DataFrame:
    """One row per page with both grades; pages with only one grade are left out.

    Parameters
    ----------
    ratings
        The long table, with the hidden reference of each page.
    study
        Identifier of the study.
    """
    own = ratings[ratings[GRADED_AGAINST] != ""]
    own = own.assign(trial_id=trial_names(own))
    is_reference = own["system"] == own[GRADED_AGAINST]
    keys = ["participant", "page_index", "attribute"]
    beside = own.loc[is_reference, [*keys, "rating"]].rename(columns={"rating": "of_reference"})
    rows = own[~is_reference].merge(beside, on=keys, how="inner")
    return pd.DataFrame(
        {
            "session_test_id": study,
            "listener": rows["participant"],
            "group": rows["group"],
            "device": rows["device"],
            "trial_id": rows["trial_id"],
            "rating_reference": rows[GRADED_AGAINST],
            "rating_non_reference": rows["system"],
            "rating_reference_score": rows["of_reference"],
            "rating_non_reference_score": rows["rating"],
            "rating_time": (rows["time_s"].astype(float) * 1000).round().astype("Int64"),
            "choice_comment": "",
        }
    )


def _layout(ratings: pd.DataFrame, installation: Installation) -> pd.DataFrame:
    told = with_references(ratings, installation)
    return graded_pages(told, installation.study.identifier)


EXPORT = Export(
    title="webMUSHRA, difference grades",
    remark="both grades of a page in webMUSHRA's columns",
    place=81,
    rows=lambda installation: installation.store.ratings(installation.study.identifier),
    is_by_page=True,
    layout=_layout,
    meanings=lambda _study, _columns: MEANINGS,
    is_offered=has_hidden_references,
    has_fixed_columns=True,
)
