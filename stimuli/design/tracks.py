"""Table of all answered trials of adaptive tracks, with the level and the outcome of each trial.

The page type defines the rule of an adaptive track
(:class:`stimuli.page_types.adaptive.AdaptiveOptions`).
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from stimuli.page_types.adaptive import AdaptiveOptions, Answered
from stimuli.page_types.base import Part
from stimuli.study.study import Study

TRACK_COLUMNS: tuple[str, ...] = (
    "track",
    "trial",
    "level",
    "level_rank",
    "n_levels",
    "level_value",
    "down",
    "reversal",
    "averaged",
    "ended",
)


def has_tracks(study: Study) -> bool:
    """Whether a part of the study chooses its trials by earlier answers."""
    return any(part.options.is_adaptive for part in study.page_parts)


def with_tracks(study: Study, trials: pd.DataFrame) -> pd.DataFrame:
    """Trials with the added columns :data:`TRACK_COLUMNS`; unchanged without adaptive tracks.

    The columns :data:`TRACK_COLUMNS` are empty for practice pages and for trials of parts without
    tracks.
    """
    if not has_tracks(study):
        return trials
    told: dict[Any, tuple[object, ...]] = {}
    for part in study.page_parts:
        if isinstance(part.options, AdaptiveOptions) and "system_c" in trials:
            rows = trials[(trials["part"] == part.name) & (trials["phase"] == "rating")]
            for (_, song, replicate), track in rows.groupby(
                ["participant", "song", "replicate"], sort=False
            ):
                name = f"{song} ({int(str(replicate)) + 1})" if replicate else str(song)
                told |= _told(track.sort_values("page_index"), name, part, part.options)
    columns = pd.DataFrame.from_dict(told, orient="index", columns=list(TRACK_COLUMNS))
    return trials.join(
        columns.astype(
            {
                **dict.fromkeys(("trial", "level_rank", "n_levels", "down"), "Int64"),
                **dict.fromkeys(("reversal", "averaged"), "boolean"),
                "level_value": "Float64",
            }
        )
    )


def _told(
    track: pd.DataFrame, name: str, part: Part, options: AdaptiveOptions
) -> dict[Any, tuple[object, ...]]:
    """Columns :data:`TRACK_COLUMNS` for the trials of one track, by the trials' row labels.

    A trial is not counted in the track if the study no longer has the level of the trial.
    """
    levels = options.levels_of(part.rated)
    values = dict(zip(levels, options.values_of_levels, strict=False))
    systems = track[["system_a", "system_b", "system_c"]].to_numpy().tolist()
    answered = [
        Answered(tuple(shown), "abc".index(answer))
        for shown, answer in zip(systems, track["answer"], strict=True)
    ]
    known = [at for at, each in enumerate(answered) if not set(levels).isdisjoint(each.systems)]
    steps = options.steps([answered[at] for at in known], levels)
    return {
        track.index[at]: (
            name, number, step.level, step.rank, len(levels), values.get(step.level),
            options.down_before_up, step.reversal, step.is_averaged, step.ended,
        )
        for number, (at, step) in enumerate(zip(known, steps, strict=False), start=1)
    }  # fmt: skip
