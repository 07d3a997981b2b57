"""The rules on the sound of a study's files, as data.

Conventions
-----------
As in :mod:`stimuli.standards.rules`; a function takes the study and the properties of its files
(:mod:`stimuli.rendering.heard_files`), from the files themselves or from the build.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from stimuli.rendering.heard_files import Heard
from stimuli.rendering.page_audio import page_target_lufs
from stimuli.rendering.same_sound import INAUDIBLE_DB
from stimuli.standards import limits
from stimuli.standards.rules import PRACTICE, Requirement
from stimuli.study.study import Study
from stimuli.study_keys.recommendations import MUSHRA, R128

SoundFinder: TypeAlias = Callable[[Study, Heard], str | None]

MOST_NAMED = 12
"""Number of findings that are listed one by one; of more, only the number is given."""


@dataclass(frozen=True, slots=True)
class SoundRule(Requirement):
    """One requirement on the sound of files, together with the function that checks it."""

    found: SoundFinder


def _listed(findings: Sequence[str]) -> str | None:
    """The findings of a check, joined to one sentence; None if there are no findings."""
    named = "; ".join(findings[:MOST_NAMED])
    more = len(findings) - MOST_NAMED
    return (f"{named}; and {more} more" if more > 0 else named) or None


def unusable_files(_study: Study, heard: Heard) -> str | None:
    """Report the reason for each file that the build would refuse."""
    return _listed(heard.refusals)


def faulty_files(study: Study, heard: Heard) -> str | None:
    """List repairs and faults of files."""
    whose = [(song, *note.partition(": ")) for song, note in heard.notes]
    return _listed([f"{song}, {study.shown(name)}{rest}{note}" for song, name, rest, note in whose])


def stimuli_alike(study: Study, heard: Heard) -> str | None:
    """Name the stimuli of a page that sound the same."""
    known = {name for song in study.songs for name in study.made_names(song.name)}
    known |= set(study.system_names)
    pairs = [each for each in heard.alike if known.issuperset(each[1:])]
    return _listed([
        f"{song}: {study.shown(one)} and {study.shown(other)} sound the same"
        for song, one, other in pairs
    ])  # fmt: skip


def lowered_pages(study: Study, heard: Heard) -> str | None:
    """Name songs below the requested loudness, and the stimulus whose peaks are the reason."""
    if study.loudness != "match":
        return None
    wished, findings = study.loudness_target_lufs, []
    for song, levels in heard.levels.items():
        target = page_target_lufs(list(levels.values()), wished)
        if target < wished - limits.LOUDNESS_SPREAD_LU:
            system = max(levels, key=lambda name: levels[name][1] - levels[name][0])
            above_lu = levels[system][1] - levels[system][0]
            findings.append(
                f"{song} at {target:.1f} LUFS instead of {wished:g}: the true peak of "
                f"{study.shown(system)} lies {above_lu:.1f} dB above its loudness"
            )
    return _listed(findings)


def loudness_left(study: Study, heard: Heard) -> str | None:
    """Report loudness differences that are not corrected but are within the limit."""
    return _differences(study, heard, lambda lu: 0.05 <= lu <= limits.LEFT_DIFFERENCE_LU)


def loudness_far_apart(study: Study, heard: Heard) -> str | None:
    """Report loudness differences that are not corrected and are above the limit."""
    return _differences(study, heard, lambda lu: lu > limits.LEFT_DIFFERENCE_LU)


def _differences(study: Study, heard: Heard, is_meant: Callable[[float], bool]) -> str | None:
    if study.loudness == "match":
        return None
    findings = []
    for song, levels in heard.levels.items():
        by_loudness = sorted(levels, key=lambda name: levels[name][0])
        soft, loud = by_loudness[0], by_loudness[-1]
        difference_lu = levels[loud][0] - levels[soft][0]
        if is_meant(difference_lu):
            findings.append(
                f"{song}: {study.shown(loud)} is {difference_lu:.2f} LU louder than "
                f"{study.shown(soft)}"
            )
    return _listed(findings)


SOUND_RULES: tuple[SoundRule, ...] = (
    SoundRule(
        "files", MUSHRA, "5.1", "error",
        "every file can be read, and fits its song",
        "the build would stop at it",
        unusable_files, key="songs",
    ),
    SoundRule(
        "stimuli that differ", PRACTICE, "two names, two sounds", "warning",
        f"no two stimuli of a page are equal within {INAUDIBLE_DB:g} dB",
        "nobody can tell them apart: a copied file, a codec that was not applied, a silent vocal",
        stimuli_alike, key="systems",
    ),
    SoundRule(
        "loudness left as it came", R128, "tolerance of live programmes", "warning",
        f"with loudness: check, stimuli of a page differ by {limits.LEFT_DIFFERENCE_LU:g} LU at "
        "most",
        "beyond it, loudness and not quality is compared",
        loudness_far_apart, key="loudness",
    ),
    SoundRule(
        "loudness not matched", MUSHRA, "7.1", "note",
        "excerpts are adjusted in loudness",
        "the louder of two equal stimuli is preferred; with loudness: check nothing is changed",
        loudness_left, key="loudness",
    ),
    SoundRule(
        "sound files", PRACTICE, "input", "note",
        "files come without faults, at one rate and of one length",
        "what was mended, and what cannot be, belongs into the description of the stimuli",
        faulty_files, key="songs",
    ),
    SoundRule(
        "loudness of pages", R128, "maximum level", "note",
        "all pages are as loud as wished",
        "one stimulus with high peaks holds its whole page down, as nothing is limited",
        lowered_pages, key="loudness_target_lufs",
    ),
)  # fmt: skip
