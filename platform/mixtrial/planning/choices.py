"""Planning of a part of a study in which listeners choose: questions, assumptions, requirements."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import JsonValue

from analysis.planning.answer_kinds import answer_kind
from analysis.planning.choice_plan import (
    ChoicePlan,
    ChoicesToCome,
    TracksToCome,
    choice_grid,
    choice_plan,
    choice_sentences,
)
from analysis.statistics.estimable import NotEstimableError
from db.reading.columns import iso_time
from stimuli.design.walked_tracks import walked_tracks
from stimuli.page_types.adaptive import AdaptiveOptions
from stimuli.page_types.base import Part
from stimuli.page_types.trials import TrialOptions
from stimuli.study.study import Study, StudyError


@dataclass(frozen=True, slots=True)
class PlannedChoices:
    """For a part of a study with choices: the plan, its table, and the record to store."""

    plan: ChoicePlan
    grid: pd.DataFrame
    sentences: list[str]
    n_songs_each: int
    record: dict[str, JsonValue]


def refuse_options(part: Part, given: Sequence[str]) -> None:
    """Refuse options that apply only to ratings.

    Raises
    ------
    StudyError
        An option that applies only to ratings was given.
    """
    if given:
        raise StudyError(
            f"The part {part.name!r} asks for choices, so {', '.join(given)} cannot be used for "
            "it. State assumptions about choices by --believe NAME=VALUE."
        )


def believed_numbers(said: Sequence[str]) -> dict[str, float]:
    """Assumed numbers by name, read from words such as ``share=0.6``.

    Raises
    ------
    StudyError
        A word does not have the form ``name=number``.
    """
    found = {}
    for word in said:
        name, _, value = (piece.strip() for piece in word.partition("="))
        try:
            found[name] = float(value)
        except ValueError:
            raise StudyError(
                f"--believe must be NAME=VALUE, such as share=0.6, not {word!r}."
            ) from None
        if not math.isfinite(found[name]):
            raise StudyError(f"--believe {name} must be a finite number, not {value}.")
    return found


def choices_to_come(study: Study, part: Part) -> ChoicesToCome:
    """Questions that a part asks each listener; the systems of the first pair come first.

    Raises
    ------
    StudyError
        Fewer than two systems are compared, or the systems of the part are divided over several
        pages.
    """
    options = part.options
    if isinstance(options, AdaptiveOptions):
        return _tracks_to_come(part, options)
    trials = options if isinstance(options, TrialOptions) else None
    pairs = trials.compared(part.systems) if trials else []
    systems = list(dict.fromkeys([name for pair in pairs for name in sorted(pair)]))
    systems = systems or list(part.rated)
    if len(systems) < 2:
        raise StudyError("A plan needs at least two systems.")
    if not trials and part.n_pages(study.pages.stimuli_per_page) > 1:
        raise StudyError(
            f"The part {part.name!r} divides its mixes into several pages, but choices among "
            "several mixes can be planned only if all mixes are on one page."
        )
    places = [(systems.index(one), systems.index(other)) for one, other in pairs]
    n_trials = trials.n_trials if trials else 1
    return ChoicesToCome(len(systems), places, n_trials, options.may_tie)


def _tracks_to_come(part: Part, options: AdaptiveOptions) -> ChoicesToCome:
    """For a part whose trials depend on earlier answers, its questions: one staircase per song."""
    n_levels = len(options.levels_of(part.rated))

    def walk(heard: NDArray[np.float64], n: int, random: np.random.Generator) -> pd.DataFrame:
        return walked_tracks(part, options, heard, n, random)

    tracks = TracksToCome(n_levels, walk)
    return ChoicesToCome(n_levels, (), options.n_trials, options.may_tie, tracks)


def plan_choices(
    study: Study, part: Part, said: Sequence[str], n_participants: int | None, seed: int
) -> PlannedChoices:
    """Plan for a part of a study with choices: how many listeners it needs.

    Parameters
    ----------
    study, part
        The study, and the part of the study that is planned.
    said
        Assumptions of the planning, each written as ``NAME=VALUE``.
    n_participants
        Number of planned listeners; None if no number was given.
    seed
        Seed of the simulated listeners.

    Raises
    ------
    StudyError
        The part cannot be planned at all, or cannot be planned with these assumptions.
    """
    given = choices_to_come(study, part)
    n_songs = len(part.songs)
    each = min(study.pages.songs_per_participant or n_songs, n_songs)
    try:
        kind = answer_kind(part.options.answers)
        believed = kind.believed(believed_numbers(said))
        claims = kind.claims(given, believed, seed)
    except (ValueError, NotEstimableError) as error:
        raise StudyError(str(error)) from None
    plan = choice_plan(kind, believed, claims, each, n_participants)
    grid, told = choice_grid(claims, each), choice_sentences(plan, each)
    record: dict[str, JsonValue] = {
        "study": study.identifier,
        "study_fingerprint": study.fingerprint,
        "computed_at": iso_time(datetime.now(UTC)),
        "part": part.name,
        "seed": seed,
        "n_systems": given.n_systems,
        "advice": {"n_songs": n_songs, "n_songs_each": each},
        "choices": asdict(plan),
        "sentences": [*told],
        "grid": json.loads(grid.to_json(orient="records", double_precision=15)),
    }
    return PlannedChoices(plan, grid, told, each, record)
