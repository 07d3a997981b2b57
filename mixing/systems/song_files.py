"""Mixing of the files of one song by a system: the function ``mixtrial.mix``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from mixing.decisions import Amounts
from mixing.ingest.intake import read_song
from mixing.parameters import Mix
from mixing.profiles import profile_named
from mixing.systems.base import SystemSettings
from mixing.systems.levels import balance_lu
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
    amount: Mapping[str, float] | None = None,
    level: str | float | None = None,
) -> Mix:
    """Mix of a vocal and a backing by a system.

    Parameters
    ----------
    vocal, backing
        Audio files.
    system
        Name of a mixing system: `baseline`, `cnn`, `human`, `random`, or one of your own.
    profile
        `corrected`, or `li2022` for mixing as in Li (2022).
    seed
        Random seed for the system `random`.
    reference
        For the system `human`: a finished mix as audio, or parameters as JSON. For the system
        `match`: a finished mix of this song or of another song.
    weights
        For the system `cnn`: a folder of networks. If None, the networks that come with mixtrial
        are used.
    amount
        Strength of the stages `eq`, `compression`, `reverb` and `level`, from 0 (no change) to 1
        (as the system decides); the default is 1. `amount` has the same form in a study file.
    level
        Balance that replaces the system's balance: a genre (`country`, `rap`, `pop`, `rock`,
        `metal`), `reference` (the balance of the finished mix), or the loudness of the vocal
        relative to the backing in LU. `level` has the same form in a study file.

    Returns
    -------
    Mix
        The mix: `audio`, `vocal` and `backing` are float32 (n_channels, n_samples); `report`
        describes the processing.

    Raises
    ------
    AudioError
        When a file cannot be read, the song cannot be mixed, or an `amount` or `level` is not
        valid.
    UnknownSystemError
        When no system has the name in ``system``.
    ValueError
        When no profile has the name in ``profile``.

    Examples
    --------
    >>> mixed = mix("vocal.wav", "backing.wav", system="baseline")
    >>> mixed.report.system, mixed.audio.shape[0]
    ('baseline', 2)
    """
    amounts, given = Amounts.of_stages(amount or {}), _path(reference)
    settings = SystemSettings(profile_named(profile), seed, given, _path(weights), amounts)
    create_system(system, settings)  # wrong settings are refused before any song is read
    song = read_song(Path(vocal), Path(backing))
    if level is not None:
        wanted_lu = balance_lu(level, song, settings.profile, given)
        settings = replace(settings, amounts=replace(amounts, balance_lu=wanted_lu))
    result = create_system(system, settings).mix(song)
    notes = (*song.notes, *result.report.notes)
    return replace(result, report=replace(result.report, notes=notes))


def _path(given: str | Path | None) -> Path | None:
    return None if given is None else Path(given)
