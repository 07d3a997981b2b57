"""Adaptive staircases (tracks): the server chooses the next trial.

The page type contains the rule for the next trial
(:class:`stimuli.page_types.adaptive.AdaptiveOptions`), and the database contains the answers. This
module connects the rule of an adaptive page type with the answers in the database.
"""

from __future__ import annotations

from db.records.participation import AssignedSlot, PageToSave, SlotRole
from db.records.tracks import Chooser, Track
from mixtrial.server.installation import Installation
from stimuli.design.part_pages import Draw, next_trial
from stimuli.page_types.adaptive import AdaptiveOptions, Answered
from stimuli.page_types.base import PartOptions
from stimuli.page_types.trials import Trial


def chooser(installation: Installation, page: PageToSave) -> Chooser | None:
    """Function that chooses the stimuli of the next page; None for a part that is not adaptive."""
    part = installation.study.part(page.part)
    options = part.options
    if not isinstance(options, AdaptiveOptions):
        return None

    def choose(track: Track) -> tuple[AssignedSlot, ...] | None:
        draw = Draw(installation.study, part, track.plan_index, track.plan_group)
        answered = [Answered(choice.systems, choice.chosen) for choice in track.choices]
        trial = next_trial(draw, options, track.song, track.replicate, answered)
        return None if trial is None else slots_of(installation, options, track.song, trial)

    return choose


def slots_of(
    installation: Installation, options: PartOptions, song: str, trial: Trial
) -> tuple[AssignedSlot, ...]:
    """Slots of a page (places for stimuli), each with its file if built; references come last."""
    shown: list[tuple[str, SlotRole]] = [
        *((system, options.role_of(system)) for system in trial.systems),
        *((system, options.open_role) for system in trial.references),
    ]
    return tuple(
        AssignedSlot(system, installation.stimulus_sha256(song, system), role)
        for system, role in shown
    )
