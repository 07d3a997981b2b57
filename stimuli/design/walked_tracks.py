"""Simulated answers of listeners in adaptive tracks (series of trials), for planning a study."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stimuli.page_types.adaptive import AdaptiveOptions, Answered
from stimuli.page_types.base import Part
from stimuli.page_types.trials import Turn


def walked_tracks(
    part: Part,
    options: AdaptiveOptions,
    heard: NDArray[np.float64],
    n_tracks: int,
    random: np.random.Generator,
) -> pd.DataFrame:
    """Trials of simulated tracks; a listener who does not notice the difference guesses.

    Parameters
    ----------
    part, options
        The part of the study, and its keys.
    heard
        Probability that each listener notices the difference at each level. The levels are in
        order, easiest first. Shape (n_listeners, n_levels).
    n_tracks
        Number of tracks of each listener.
    random
        Source of chance.

    Returns
    -------
    pandas.DataFrame
        Columns ``participant``, ``part``, ``song``, ``correct`` and those of
        :data:`stimuli.design.tracks.TRACK_COLUMNS`, without values of levels.
    """
    levels = options.levels_of(part.rated)
    rows: list[tuple[object, ...]] = []
    for listener, chances in enumerate(heard):
        for track in range(n_tracks):
            answered = _walked(part, options, dict(zip(levels, chances, strict=True)), random)
            rows += [
                (f"P{listener:04}", f"T{track:03}", at, step.level, step.rank, step.is_right,
                 step.reversal, step.is_averaged, step.ended)
                for at, step in enumerate(options.steps(answered, levels), 1)
            ]  # fmt: skip
    names = ["participant", "track", "trial", "level", "level_rank", "correct", "reversal",
             "averaged", "ended"]  # fmt: skip
    return pd.DataFrame(rows, columns=names).assign(
        part=part.name, song="", n_levels=len(levels), down=options.down_before_up
    )


def _walked(
    part: Part, options: AdaptiveOptions, chances: dict[str, float], random: np.random.Generator
) -> list[Answered]:
    """Simulated answers in one adaptive track, from its first trial to its end."""
    answered: list[Answered] = []
    seed = int(random.integers(2**32))
    while True:
        own, shared = np.random.default_rng(seed), np.random.default_rng(seed)
        trial = options.next_trial(Turn(part.rated, 0, 0, 0, shared, own, part.rated), answered)
        if trial is None:
            return answered
        place = next(at for at, name in enumerate(trial.systems) if name in chances)
        if random.random() >= chances[trial.systems[place]]:
            place = int(random.integers(len(trial.systems)))
        answered.append(Answered(trial.systems, place))
