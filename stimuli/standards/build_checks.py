"""Checks of a build by the rules of :mod:`stimuli.standards.rules`: files, lengths and levels.

Conventions
-----------
As in :mod:`stimuli.standards.study_checks`: a function returns its finding in words, or None if the
rule is kept or no build exists yet. A value exactly at a limit of the rules is allowed.
"""

from __future__ import annotations

from collections.abc import Iterator

from stimuli.page_types.base import LOW_ANCHOR, MID_ANCHOR
from stimuli.standards.limits import LOUDNESS_SPREAD_LU, LOUDNESS_TOLERANCE_LU, MAX_TRUE_PEAK_DBTP
from stimuli.standards.study_checks import METER_SLACK
from stimuli.study.manifest import Manifest, Stimulus
from stimuli.study.study import Study, StudyError


def incomplete_build(study: Study, manifest: Manifest | None) -> str | None:
    """Name a missing stimulus."""
    if manifest is None:
        return None
    try:
        manifest.check_covers(study)
    except StudyError as error:
        return str(error).removesuffix(".")
    return None


def unequal_lengths(_study: Study, manifest: Manifest | None) -> str | None:
    """Name the songs whose stimuli differ in length or sample rate."""
    songs = [
        song
        for song, stimuli in _by_song(manifest)
        if len({(round(one.duration_s * one.sample_rate), one.sample_rate) for one in stimuli}) > 1
    ]
    return f"stimuli differ in length or rate for {', '.join(songs)}" if songs else None


def loudness_spread(study: Study, manifest: Manifest | None) -> str | None:
    """Report a page's largest loudness difference if it exceeds the limit but not the tolerance."""
    song, spread = _largest_spread(study, manifest)
    if not LOUDNESS_SPREAD_LU + METER_SLACK < spread <= LOUDNESS_TOLERANCE_LU + METER_SLACK:
        return None
    return f"{spread:.2f} LU between the stimuli of {song}"


def loudness_beyond_tolerance(study: Study, manifest: Manifest | None) -> str | None:
    """Report a page's largest loudness difference if it exceeds the tolerance."""
    song, spread = _largest_spread(study, manifest)
    if spread <= LOUDNESS_TOLERANCE_LU + METER_SLACK:
        return None
    return f"{spread:.2f} LU between the stimuli of {song}"


def high_peaks(study: Study, manifest: Manifest | None) -> str | None:
    """Report the highest true peak if it exceeds the limit."""
    stimuli = manifest.stimuli if manifest is not None else ()
    high = [s for s in stimuli if s.true_peak_dbtp > MAX_TRUE_PEAK_DBTP + METER_SLACK]
    if not high:
        return None
    top = max(high, key=lambda stimulus: stimulus.true_peak_dbtp)
    return f"{top.true_peak_dbtp:.2f} dBTP in {top.song} by {study.shown(top.system)}"


def _by_song(manifest: Manifest | None) -> Iterator[tuple[str, list[Stimulus]]]:
    songs: dict[str, list[Stimulus]] = {}
    for stimulus in manifest.stimuli if manifest is not None else ():
        songs.setdefault(stimulus.song, []).append(stimulus)
    yield from songs.items()


def _largest_spread(study: Study, manifest: Manifest | None) -> tuple[str, float]:
    """The song whose stimuli differ most in loudness, and this loudness difference.

    If the study does not match loudness, the loudness is checked by the rules on sound instead.
    """
    found = ("", 0.0)
    if study.loudness != "match":
        return found
    for song, stimuli in _by_song(manifest):
        # An anchor is quieter because its filter has removed some of the sound. That is intended.
        levels = [s.integrated_lufs for s in stimuli if s.system not in (LOW_ANCHOR, MID_ANCHOR)]
        if max(levels) - min(levels) > found[1]:
            found = (song, max(levels) - min(levels))
    return found
