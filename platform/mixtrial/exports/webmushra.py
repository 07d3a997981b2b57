"""``webmushra``: the ratings in the columns of webMUSHRA's ``mushra.csv``."""

from __future__ import annotations

import pandas as pd

from mixtrial.exports.table import Export
from mixtrial.server.installation import Installation

MEANINGS = {
    "session_test_id": ("text", "identifier of the study"),
    "session_uuid": ("text", "public name of the participant, P001 for the first"),
    "trial_id": (
        "text",
        "the song; before and after it part and attribute, where there are several",
    ),
    "rating_stimulus": ("text", "system that made the stimulus"),
    "rating_score": ("points of the scale", "the rating, as in ratings"),
    "rating_time": ("milliseconds", "active time on the page, all openings added"),
    "rating_comment": ("text", "what the participant wrote of the stimulus"),
}
"""Unit and meaning of webMUSHRA's own columns."""


def trial_names(ratings: pd.DataFrame) -> pd.Series[str]:
    """Trial name of each rating: the song; also question and part if the study has several."""
    several = len(ratings["attribute"].unique()) > 1
    trial = ratings["song"] + ("_" + ratings["attribute"] if several else "")
    if len(ratings["part"].unique()) > 1:
        trial = ratings["part"] + "_" + trial
    return trial


def webmushra_table(
    ratings: pd.DataFrame, study: str, comments: pd.DataFrame | None = None
) -> pd.DataFrame:
    """The long table in webMUSHRA's columns, one rating per row.

    The name of a trial is its song. If there are several questions, the name of a trial is
    ``song_attribute``. If there are several parts, the part's name is put before the trial's name.
    Group and device are in the columns of webMUSHRA's questionnaire. As in webMUSHRA, the two
    ratings of a repeated song get the same trial name. A comment on a stimulus is written beside
    each rating of this stimulus.
    """
    return pd.DataFrame(
        {
            "session_test_id": study,
            "group": ratings["group"],
            "device": ratings["device"],
            "session_uuid": ratings["participant"],
            "trial_id": trial_names(ratings),
            "rating_stimulus": ratings["system"],
            "rating_score": ratings["rating"],
            "rating_time": (ratings["time_s"].astype(float) * 1000).round().astype("Int64"),
            "rating_comment": _comments_beside(ratings, comments),
        }
    )


def _comments_beside(ratings: pd.DataFrame, comments: pd.DataFrame | None) -> pd.Series[str] | str:
    """The comment on the stimulus of each rating; empty without a comment."""
    if comments is None or comments.empty:
        return ""
    keys = ["participant", "part", "song", "replicate", "system"]
    own = comments[comments["phase"] == "rating"].drop_duplicates(keys)
    found = ratings[keys].merge(own[[*keys, "comment"]], on=keys, how="left")
    return found["comment"].fillna("").set_axis(ratings.index)


def _layout(ratings: pd.DataFrame, installation: Installation) -> pd.DataFrame:
    study = installation.study.identifier
    return webmushra_table(ratings, study, installation.store.comments(study))


EXPORT = Export(
    title="webMUSHRA",
    remark="the ratings in webMUSHRA's columns",
    place=80,
    rows=lambda installation: installation.store.ratings(installation.study.identifier),
    is_by_page=True,
    layout=_layout,
    meanings=lambda _study, _columns: MEANINGS,
    has_fixed_columns=True,
)
