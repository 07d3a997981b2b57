"""Settings of a mix for other programs: as a pedalboard object, and as a table for use in a DAW.

A pedalboard object processes the vocal as mixtrial does, but with pedalboard's own effects: peak
filters, compressor, convolution with the impulse response of our reverb, and gain. A pedalboard
object can be made only from the report of a mix with the ``corrected`` profile. For the ``li2022``
profile, pedalboard has no suitable compressor, because Li (2022) used a compressor that smooths the
gain in dB.

Differences, and their treatment
---------------------------------------
* pedalboard's peak filter is bilinear, so its skirts shrink near the Nyquist frequency. Frequency,
  gain and Q of pedalboard's filters, and of one additional filter, are therefore fitted to the
  response of mixtrial's equaliser.
* In pedalboard's compressor, the real attack and release times are the stated times divided by 2π,
  so mixtrial's times are multiplied by 2π. Pedalboard compresses left and right separately, and
  mixtrial compresses both together. A vocal that is wide in stereo therefore differs slightly
  between the two programs.
* Pedalboard's convolution has one response per channel, which is exact for a centred vocal.
"""

from __future__ import annotations

import csv
import math
from dataclasses import asdict, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from pedalboard import (  # type: ignore[attr-defined] # its stubs leave out Pedalboard
    Compressor,
    Convolution,
    Gain,
    PeakFilter,
    Pedalboard,
    Plugin,
)
from scipy.optimize import least_squares

from mixing.audio import Audio, AudioError, written_whole
from mixing.effects.eq import HIGHEST_CENTRE, Array, response_db
from mixing.effects.reverb import impulse_response
from mixing.parameters import EqBand, MixReport

_UNITS = {"_hz": "Hz", "_db": "dB", "_ms": "ms", "_s": "s", "_lu": "LU", "_db_per_s": "dB/s"}


def vocal_board(report: MixReport, sample_rate: int) -> Pedalboard:
    """Effects that process the file of a vocal as in the mix that ``report`` describes.

    Raises
    ------
    AudioError
        The mix has no parameters (a finished file was given), or has the ``li2022`` profile.
    """
    gain_db = _gain_db(report, "vocal_gain_db")
    plugins: list[Plugin] = [
        PeakFilter(band.frequency_hz, band.gain_db, band.q)
        for band in bilinear_bands(report.eq, sample_rate)
    ]
    settings = report.compression
    if settings is not None and settings.ratio > 1:
        plugins.append(
            Compressor(
                settings.threshold_db,
                settings.ratio,
                2 * math.pi * settings.attack_ms,
                2 * math.pi * settings.release_ms,
            )
        )
    if report.reverb is not None and report.reverb.dry_wet > 0:
        network_s = report.extra.get("network_reverb_time_s", report.reverb.reverb_time_s)
        network = replace(report.reverb, reverb_time_s=network_s)
        plugins += _convolution(impulse_response(network, sample_rate), sample_rate)
    return Pedalboard([*plugins, Gain(gain_db)])


def backing_board(report: MixReport) -> Pedalboard:
    """Gain of the backing in the mix. Raises the same errors as :func:`vocal_board`."""
    return Pedalboard([Gain(_gain_db(report, "backing_gain_db"))])


def sheet_rows(report: MixReport) -> list[tuple[str, str, float, str]]:
    """Settings of a mix, in processing order; each row has stage, setting, value and unit."""
    stages: list[tuple[str, dict[str, float]]] = [
        (f"eq {number}", asdict(band)) for number, band in enumerate(report.eq, start=1)
    ]
    if report.compression is not None:
        settings = asdict(report.compression)
        names = ("threshold_db", "ratio", "attack_ms", "release_ms")
        stages.append(("compressor", {name: settings[name] for name in names}))
    if report.reverb is not None:
        # To set the same reverb in the original plug-in, users must enter `network_reverb_time_s`.
        # The value of `network_reverb_time_s` can differ from the reverb time of the report.
        network = {k: v for k, v in report.extra.items() if k == "network_reverb_time_s"}
        stages.append(("reverb", asdict(report.reverb) | network))
    if report.relative_loudness_lu is not None:
        stages.append(("level", {"relative_loudness_lu": report.relative_loudness_lu}))
    gains = {k: v for k, v in report.extra.items() if k in ("vocal_gain_db", "backing_gain_db")}
    stages.append(("gain", gains))
    return [
        (stage, name, value, _unit(name))
        for stage, settings in stages
        for name, value in settings.items()
    ]


def write_sheet(path: Path, report: MixReport) -> None:
    """Write the settings of a mix as a CSV file, either completely or not at all.

    Raises
    ------
    AudioError
        The folder is not writable.
    """
    try:
        with written_whole(path) as part, part.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(("stage", "setting", "value", "unit"))
            writer.writerows(sheet_rows(report))
    except OSError as error:
        raise AudioError(f"{path} cannot be written: is the folder there and writable?") from error


def _gain_db(report: MixReport, name: str) -> float:
    if report.profile == "li2022":
        raise AudioError(
            "The li2022 profile's compressor has no counterpart in pedalboard; mix with the "
            "corrected profile."
        )
    if name not in report.extra:
        raise AudioError("This mix was given as a finished file: it has no parameters to convert.")
    return report.extra[name]


@lru_cache(maxsize=64)
def bilinear_bands(bands: tuple[EqBand, ...], sample_rate: int) -> tuple[EqBand, ...]:
    """Bilinear peak filters whose combined response is closest to mixtrial's matched filters.

    Centre, gain and Q of each filter are found by least squares in dB. The error is computed at 120
    frequencies from 20 Hz to 20 kHz, evenly spaced in octaves. The upper limit is 0.47 of the
    sample rate if this is below 20 kHz. Frequencies above 12 kHz have less weight. An additional
    filter near the upper end corrects the combined response of the other filters at high
    frequencies.
    """
    highest_hz = HIGHEST_CENTRE * sample_rate / 2
    used = [band for band in bands if band.gain_db != 0 and band.frequency_hz <= highest_hz]
    if not used:
        return ()
    start = [*used, EqBand(0.9 * highest_hz, 0.0, 0.7)]
    frequency = np.geomspace(20, min(0.47 * sample_rate, 20_000), 120)
    weight = np.where(frequency > 12_000, 0.3, 1.0)
    wanted = response_db(used, frequency, sample_rate)

    def moved(numbers: Array) -> tuple[EqBand, ...]:
        return tuple(
            EqBand(band.frequency_hz * 2**octaves, band.gain_db + gain_db, band.q * 2**doublings)
            for band, (octaves, gain_db, doublings) in zip(
                start, numbers.reshape(-1, 3).tolist(), strict=True
            )
        )

    def error_db(numbers: Array) -> Array:
        return weight * (response_db(moved(numbers), frequency, sample_rate, "rbj") - wanted)

    rooms = [math.log2(highest_hz / band.frequency_hz) + 1e-9 for band in start]
    upper = np.array([(min(0.4, room), 6.0, 1.6) for room in rooms]).ravel()
    lower = np.tile([-0.4, -6.0, -1.6], len(start))
    found = least_squares(error_db, np.zeros(3 * len(start)), bounds=(lower, upper), max_nfev=60)
    return moved(found.x)


def _convolution(response: Audio, sample_rate: int) -> list[Plugin]:
    """Convolution that keeps the level of the response, although JUCE normalises its energy."""
    plugin = Convolution(response, 1.0, sample_rate)
    impulse = np.zeros_like(response)
    impulse[:, 0] = 1
    rendered = plugin(impulse, sample_rate)
    scale = float(np.vdot(rendered, response) / np.vdot(response, response))
    return [plugin, Gain(-20 * math.log10(scale))]


def _unit(name: str) -> str:
    """Unit of a parameter, read from the end of its name; ratios, Q and sizes have no unit."""
    endings = sorted((ending for ending in _UNITS if name.endswith(ending)), key=len)
    return _UNITS[endings[-1]] if endings else ""
