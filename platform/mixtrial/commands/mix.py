"""``mixtrial mix``: mix one vocal and one backing with one system.

On stdout, the command prints nothing but one JSON object, which other programs can read; remarks go
to stderr.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from mixing.audio import AudioError, write_flac
from mixing.conversion import write_sheet
from mixing.decisions import Amounts
from mixing.ingest.intake import read_song
from mixing.parameters import Mix
from mixing.profiles import profile_named
from mixing.systems.base import SystemSettings
from mixing.systems.levels import balance_lu
from mixing.systems.registry import create_system
from mixtrial.server.settings import SettingsError
from stimuli.study.manifest import report_json


def mix(
    vocal: Annotated[Path, typer.Option(help="Audio file of the vocal.")],
    backing: Annotated[
        Path, typer.Option(help="Audio file of the backing (everything but the vocal).")
    ],
    system: Annotated[
        str, typer.Option(help="System: baseline, cnn, human, match, random, or one of your own.")
    ],
    out: Annotated[Path, typer.Option(help="The mix to write, a FLAC file.")],
    stems: Annotated[
        Path | None,
        typer.Option(help="Folder for vocal.flac and backing.flac; their sum is the mix."),
    ] = None,
    profile: Annotated[
        str, typer.Option(help="Profile: corrected, or li2022 to mix as Li (2022) did.")
    ] = "corrected",
    seed: Annotated[int, typer.Option(help="Random seed of the system 'random'.", min=0)] = 0,
    reference: Annotated[
        Path | None,
        typer.Option(
            help="For the system 'human': a finished mix, or parameters as JSON. For the system "
            "'match': a finished mix of this song or of another song."
        ),
    ] = None,
    weights: Annotated[
        Path | None,
        typer.Option(help="For the system 'cnn': folder of networks from mixtrial train."),
    ] = None,
    amount: Annotated[
        list[str] | None,
        typer.Option(
            help="Amount of a stage (eq, compression, reverb or level), such as eq=0.5: 0 leaves "
            "the stage out, 1 is the system's choice. Repeat the option for more stages."
        ),
    ] = None,
    level: Annotated[
        str | None,
        typer.Option(
            help="Level balance of vocal and backing, instead of the system's own balance: a genre "
            "(country, rap, pop, rock or metal), 'reference' for the balance of --reference, or "
            "a loudness difference in LU."
        ),
    ] = None,
    sheet: Annotated[
        Path | None,
        typer.Option(help="CSV file with all settings, for use in another program."),
    ] = None,
) -> None:
    """Mix a vocal into its backing and print all parameters as JSON."""
    settings = replace(_settings(profile, seed, reference, weights), amounts=_amounts(amount or []))
    files = _files_to_write(out, stems, sheet, (vocal, backing, reference))
    create_system(system, settings)  # a faulty setting is refused before a file is read
    # The mix overwrites the song's samples, so that long songs need half the memory.
    song = replace(read_song(vocal, backing), disposable=True)
    if level is not None:
        wanted_lu = balance_lu(_level(level), song, settings.profile, reference)
        settings = replace(settings, amounts=replace(settings.amounts, balance_lu=wanted_lu))
    result = create_system(system, settings).mix(song)
    result = replace(
        result, report=replace(result.report, notes=(*song.notes, *result.report.notes))
    )
    _write_all(result, files)
    for note in result.report.notes:
        typer.echo(f"note: {note}", err=True)
    typer.echo(report_json(result.report, indent=2))


def _settings(
    profile: str, seed: int, reference: Path | None, weights: Path | None
) -> SystemSettings:
    """Settings of the system; raise ``SettingsError`` for an unknown profile or file."""
    try:
        chosen = profile_named(profile)
    except ValueError as error:
        raise SettingsError(str(error)) from None
    if reference is not None and not reference.is_file():
        raise SettingsError(f"There is no reference file {reference}.")
    return SystemSettings(chosen, seed, reference, weights)


def _amounts(given: list[str]) -> Amounts:
    """Read shares from texts ``stage=share``; raise a ``ValueError`` for other texts."""
    shares: dict[str, float] = {}
    for text in given:
        stage, _, share = text.partition("=")
        try:
            shares[stage] = float(share)
        except ValueError:
            raise SettingsError(
                f"--amount must be a stage and a share, such as eq=0.5, not {text!r}."
            ) from None
    return Amounts.of_stages(shares)


def _level(text: str) -> str | float:
    """A level balance: a number of LU, or one of the words that stand for a level balance."""
    try:
        return float(text)
    except ValueError:
        return text


def _files_to_write(
    out: Path, stems: Path | None, sheet: Path | None, inputs: tuple[Path | None, ...]
) -> dict[str, Path]:
    """Paths of mix, vocal, backing and settings, checked before any work begins."""
    files = {"mix": out}
    if stems is not None:
        files |= {"vocal": stems / "vocal.flac", "backing": stems / "backing.flac"}
        if stems.exists() and not stems.is_dir():
            raise SettingsError(f"{stems} is a file; --stems takes a folder.")
    if sheet is not None:
        files["sheet"] = sheet
        if sheet.suffix.lower() != ".csv":
            raise SettingsError(f"{sheet} must end in .csv, because settings are written as CSV.")
    if out.suffix.lower() != ".flac":
        raise SettingsError(f"{out} must end in .flac, because mixes are written as FLAC.")
    for folder in (place.parent for place in (out, stems, sheet) if place is not None):
        if not folder.is_dir():
            raise SettingsError(f"There is no folder {folder} to write to.")
        if not os.access(folder, os.W_OK):
            raise SettingsError(f"The folder {folder} cannot be written.")
    for path in files.values():
        if path.is_dir():
            raise SettingsError(f"{path} is a folder; name a file.")
    places = [path.resolve() for path in files.values()]
    if len(set(places)) < len(places):
        raise SettingsError(f"{out} would be both the mix and a stem; choose another name.")
    for given in inputs:
        if given is not None and given.resolve() in places:
            raise SettingsError(
                f"{given} is an input and would be overwritten; choose another name."
            )
    return files


def _write_all(result: Mix, files: dict[str, Path]) -> None:
    """Write the mix, and stems and settings if requested; after an error, none of these files.

    Raises
    ------
    AudioError
        A file cannot be written, or stems or settings are requested for a finished mix.
    """
    made_folders = [path.parent for path in files.values() if not path.parent.is_dir()]
    parts = {
        name: path.with_name(f".{path.stem}.{os.getpid()}.whole{path.suffix}")
        for name, path in files.items()
    }
    try:
        for name, part in parts.items():
            part.parent.mkdir(exist_ok=True)
            try:
                _write_one(result, name, part)
            except AudioError as error:  # the message names the user's file, not a temporary file
                raise AudioError(str(error).replace(part.name, files[name].name)) from None
        for name, part in parts.items():
            part.replace(files[name])
        made_folders = []
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)
        for folder in set(made_folders):
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()


def _write_one(result: Mix, name: str, path: Path) -> None:
    """Write the mix, one of its stems or its settings to ``path``; write the backing last.

    If the song is no longer needed, the backing is computed as the mix minus the vocal, and
    overwrites the mix in memory.
    """
    if name == "sheet":
        if "backing_gain_db" not in result.report.extra:
            raise AudioError("A finished mix has no settings; leave --sheet out.")
        write_sheet(path, result.report)
        return
    sound = {"mix": result.audio, "vocal": result.vocal, "backing": result.backing}[name]
    if name == "backing" and sound is None and result.vocal is not None:
        sound = np.subtract(result.audio, result.vocal, out=result.audio)
    if sound is None:
        raise AudioError("A finished mix has no stems; leave --stems out.")
    write_flac(path, sound, result.sample_rate)
