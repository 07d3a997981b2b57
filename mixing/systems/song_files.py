"""One song's files, mixed by a system: what programs call as ``mixtrial.mix``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from mixing.ingest.intake import read_song
from mixing.parameters import Mix
from mixing.profiles import profile_named
from mixing.systems.base import SystemSettings
from mixing.systems.registry import create_system


def mix(
    vocal: str | Path,
    backing: str | Path,
    system: str = "baseline",
    *,
    profile: str = "corrected",
    seed: int = 0,
    reference: str | Path | None = None,
    weights: str | Path | None = None,
) -> Mix:
    """One vocal and one backing, mixed by one system.

    Parameters
    ----------
    vocal, backing
        Audio files.
    system
        Name of a mixing system: `baseline`, `cnn`, `human`, `random`, or one of your own.
    profile
        Constants in force: `corrected`, or `li2022` to mix as Li (2022) did.
    seed
        Of the random system's draws.
    reference
        For the human system: a finished mix, or parameters as JSON.
    weights
        For the cnn system: a folder of networks; None: those that come with mixtrial.

    Returns
    -------
    Mix
        Its `audio`, `vocal` and `backing` are float32 (n_channels, n_samples); `report` says
        everything that was done.

    Raises
    ------
    AudioError
        When a file cannot be read or the song cannot be mixed.
    UnknownSystemError
        When no system has that name.
    ValueError
        When no profile has that name.

    Examples
    --------
    >>> mixed = mix("vocal.wav", "backing.wav", system="baseline")
    >>> mixed.report.system, mixed.audio.shape[0]
    ('baseline', 2)
    """
    settings = SystemSettings(profile_named(profile), seed, _path(reference), _path(weights))
    mixing_system = create_system(system, settings)
    song = read_song(Path(vocal), Path(backing))
    result = mixing_system.mix(song)
    notes = (*song.notes, *result.report.notes)
    return replace(result, report=replace(result.report, notes=notes))


def _path(given: str | Path | None) -> Path | None:
    return None if given is None else Path(given)
