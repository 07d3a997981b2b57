"""The rules of ITU-R BS.1116-3, as data; the rules apply only to parts that follow BS.1116.

Conventions
-----------
As in :mod:`stimuli.standards.rules` and :mod:`stimuli.standards.study_checks`.

References
----------
.. [1] ITU-R BS.1116-3 (02/2015), methods for the subjective assessment of small impairments in
   audio systems.
"""

from __future__ import annotations

from stimuli.design.session_length import excerpt_lengths, lasting
from stimuli.page_types.base import Part
from stimuli.standards.limits import EXCERPT_OF_SMALL_IMPAIRMENTS_S, MOST_TRIALS
from stimuli.standards.rules import Rule
from stimuli.standards.study_checks import (
    each_part,
    fewest_songs,
    inexperienced_group,
    mixed_devices,
)
from stimuli.study.manifest import Manifest
from stimuli.study.study import Study
from stimuli.study_keys.rated_scale import scale_of
from stimuli.study_keys.recommendations import SMALL_IMPAIRMENTS, translations

SHORTEST_S, LONGEST_S = EXCERPT_OF_SMALL_IMPAIRMENTS_S


def _parts(study: Study) -> list[Part]:
    return [part for part in study.page_parts if part.options.source == SMALL_IMPAIRMENTS]


def other_grades(study: Study, _manifest: Manifest | None) -> str | None:
    """Name a part's scale if it is not the five-grade impairment scale in steps of a tenth."""
    texts = translations("impairment").values()

    def other(part: Part) -> str | None:
        wanted = [scale_of((part.options.usual_range,), words) for words in texts]
        if str(part.scale) != str(wanted[0]):
            return f"the scale is {part.scale}"
        if part.scale.labels not in [scale.labels for scale in wanted]:
            return "the words are " + ", ".join(part.scale.words)
        return None

    return each_part(_parts(study), other)


def nobody_left_out(study: Study, _manifest: Manifest | None) -> str | None:
    """Report that listeners who guess are not excluded."""
    return each_part(
        _parts(study),
        lambda part: None if part.options.leaves_out_guessers else "post_screening is false",
    )


def no_familiarisation(study: Study, _manifest: Manifest | None) -> str | None:
    """Report that the study has no practice page."""
    return each_part(
        _parts(study), lambda _part: None if study.training_song else "there is no practice page"
    )


def long_sitting(study: Study, _manifest: Manifest | None) -> str | None:
    """Report the number of pages that are graded without a break if there are too many."""

    def long(part: Part) -> str | None:
        songs = min(study.pages.songs_per_participant or len(part.songs), len(part.songs))
        n_systems = len(part.rated) - 1
        n_pages = (songs + min(study.pages.repeated_songs, songs)) * n_systems
        n_at_once = min(n_pages, study.pages.break_after or n_pages)
        if n_at_once <= MOST_TRIALS:
            return None
        return f"{n_at_once} pages without a break (break_after is {study.pages.break_after})"

    return each_part(_parts(study), long)


def few_excerpts(study: Study, _manifest: Manifest | None) -> str | None:
    """Report the number of rated excerpts if there are too few for the number of systems."""

    def few(part: Part) -> str | None:
        wanted = fewest_songs(len(part.rated) - 1)
        return f"{len(part.songs)} rated, {wanted} wanted" if len(part.songs) < wanted else None

    return each_part(_parts(study), few)


def odd_lengths(study: Study, manifest: Manifest | None) -> str | None:
    """Report the lengths of excerpts that are shorter or longer than usual."""
    lengths = excerpt_lengths(study, manifest)

    def odd(part: Part) -> str | None:
        known = [lengths[song] for song in part.songs]
        outside = [s for s in known if s is not None and not SHORTEST_S <= s <= LONGEST_S]
        return lasting(outside, len(part.songs)) if outside else None

    return each_part(_parts(study), odd)


def bound_switching(study: Study, _manifest: Manifest | None) -> str | None:
    """List the keys that prevent listeners from switching freely between sounds as they play."""

    def bound(part: Part) -> str | None:
        options = part.options
        said = [f"playback is {options.playback}"] * (options.playback != "loop")
        said += [f"on_switch is {options.on_switch}"] * (options.on_switch != "keep")
        return ", ".join(said) or None

    return each_part(_parts(study), bound)


def non_experts(study: Study, manifest: Manifest | None) -> str | None:
    """List the groups of listeners without experience."""
    return inexperienced_group(study, manifest) if _parts(study) else None


def both_ways_of_listening(study: Study, manifest: Manifest | None) -> str | None:
    """Report that both loudspeakers and headphones are allowed."""
    return mixed_devices(study, manifest) if _parts(study) else None


SMALL_IMPAIRMENT_RULES: tuple[Rule, ...] = (
    Rule(
        "impairment scale", SMALL_IMPAIRMENTS, "4", "warning",
        "grades run from 1.0 (very annoying) to 5.0 (imperceptible) in tenths, with five words",
        "difference grades of another scale cannot be compared with those of other tests",
        other_grades, key="range",
    ),
    Rule(
        "post-screening", SMALL_IMPAIRMENTS, "3.2.2", "warning",
        "listeners who cannot tell the hidden reference, by a one-sided t test, are left out",
        "grades by guessing pull all difference grades towards 0",
        nobody_left_out, key="analysis",
    ),
    Rule(
        "expert listeners", SMALL_IMPAIRMENTS, "3.1", "warning",
        "listeners have expertise in detecting small impairments",
        "others miss what experts hear, and their ratings say less the longer systems are in use",
        non_experts, key="groups",
    ),
    Rule(
        "familiarisation", SMALL_IMPAIRMENTS, "4", "warning",
        "listeners become familiar with material, impairments and the scale before they grade",
        "what is learned while grading is counted as an impairment",
        no_familiarisation, key="pages.training",
    ),
    Rule(
        "trials of a sitting", SMALL_IMPAIRMENTS, "4", "warning",
        f"at most {MOST_TRIALS} trials are graded at a stretch",
        "tired listeners no longer hear small impairments",
        long_sitting, key="pages.break_after",
    ),
    Rule(
        "switching at will", SMALL_IMPAIRMENTS, "4", "note",
        "listeners switch at once and at the same place between the three, as often as they like",
        "small impairments are heard by direct comparison only",
        bound_switching, key="parts",
    ),
    Rule(
        "critical material", SMALL_IMPAIRMENTS, "6", "warning",
        "excerpts that bring out impairments number 1.5 times the systems, and at least 5",
        "few excerpts make a poor sample of what a system has to stand",
        few_excerpts, key="songs",
    ),
    Rule(
        "length of critical material", SMALL_IMPAIRMENTS, "6", "note",
        f"excerpts last {SHORTEST_S:g} to {LONGEST_S:g} s",
        "short ones hide impairments, long ones do not stay in memory",
        odd_lengths, key="songs.excerpt",
    ),
    Rule(
        "one reproduction device", SMALL_IMPAIRMENTS, "7", "note",
        "headphones or loudspeakers are used in a test, not both",
        "an impairment is more audible with one than with the other",
        both_ways_of_listening, key="devices",
    ),
)  # fmt: skip
