"""A balance that the user requests in place of the balance chosen by a system."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from mixing.audio import AudioError, Song
from mixing.profiles import Profile
from mixing.rules.genres import ABOVE_POP_LU, OF_THE_REFERENCE

_MEASURES_REFERENCES = "mixing.systems.match"
"""Module that measures a finished mix; it is loaded only when needed, because it loads filters."""


def balance_lu(level: str | float, song: Song, profile: Profile, reference: Path | None) -> float:
    """Loudness of the vocal minus loudness of the backing, in LU, for a ``level`` setting.

    Parameters
    ----------
    level
        A genre (:data:`mixing.rules.genres.ABOVE_POP_LU`), ``"reference"``, or a number of LU.
    reference
        Finished mix whose balance is used if ``level`` is ``"reference"``.

    Raises
    ------
    AudioError
        The genre does not exist, or the reference is missing or unreadable.
    """
    if not isinstance(level, str):
        return level
    if level in ABOVE_POP_LU:
        return profile.relative_loudness_lu + ABOVE_POP_LU[level]
    if level != OF_THE_REFERENCE:
        known = ", ".join((*ABOVE_POP_LU, OF_THE_REFERENCE))
        raise AudioError(f"There is no level {level!r}; give a number of LU, or one of {known}.")
    if reference is None:
        raise AudioError("The level 'reference' needs a reference, a finished mix (audio file).")
    measured = import_module(_MEASURES_REFERENCES).reference_balance_lu(reference, song, profile)
    return float(measured)
