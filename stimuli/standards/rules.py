"""The rules of the recommendations on listening tests, as data.

Conventions
-----------
A rule has a recommendation, a clause, a requirement (in our own words), a reason, a severity of
departures, and a function that finds departures (:mod:`stimuli.standards.study_checks`,
:mod:`stimuli.standards.language_checks`, :mod:`stimuli.standards.build_checks`). There are three
severities:

* ``error``: the study cannot run in its present form, for example if a page cannot be played.
* ``warning``: the conclusions are weaker.
* ``note``: readers of the results should know this choice of the study.

References
----------
.. [1] ITU-R BS.1534-3 (10/2015), multiple stimuli with hidden reference and anchors (MUSHRA).
.. [2] ITU-R BS.2132-0 (10/2019), multiple stimuli without a given reference.
.. [3] EBU R 128, loudness normalisation and permitted maximum level.
.. [4] De Man & Reiss (2014), APE: audio perceptual evaluation toolbox, AES 136, e-Brief 151.
.. [5] ITU-T P.800 (08/1996), methods for subjective determination of transmission quality.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from stimuli.design.page_memory import MAX_PAGE_MB
from stimuli.standards import build_checks as build_checks
from stimuli.standards import language_checks as languages
from stimuli.standards import limits
from stimuli.standards import study_checks as checks
from stimuli.study.manifest import Manifest
from stimuli.study.study import Study
from stimuli.study_keys.recommendations import MUSHRA, R128

Severity = Literal["error", "warning", "note"]
Finder: TypeAlias = Callable[[Study, Manifest | None], str | None]

PRACTICE = "mix evaluation practice"

ANCHORS = f"{limits.LOW_ANCHOR_WORDS.removesuffix(' anchor')} and a {limits.MID_ANCHOR_WORDS}"


@dataclass(frozen=True, slots=True)
class Requirement:
    """Recommendation, requirement and reason; ``key`` is the key of the study file to check."""

    name: str
    recommendation: str
    clause: str
    severity: Severity
    asks: str
    reason: str
    key: str = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Rule(Requirement):
    """One requirement on a study or its build, with its check."""

    found: Finder
    needs_build: bool = False


RULES: tuple[Rule, ...] = (
    Rule(
        "songs", MUSHRA, "5.1", "error",
        "the files of a song are audio, at least as long as what is played of them",
        "without them there is nothing to mix",
        checks.unusable_songs, key="songs",
    ),
    Rule(
        "build complete", MUSHRA, "5.3", "error",
        "every stimulus of a page is there to be switched to",
        "a page with a missing stimulus cannot be rated",
        build_checks.incomplete_build, key="songs", needs_build=True,
    ),
    Rule(
        "equal lengths", MUSHRA, "5.3", "error",
        "stimuli of a page start and loop together, so they last equally long at one sample rate",
        "unequal stimuli cannot be switched at one position",
        build_checks.unequal_lengths, key="songs", needs_build=True,
    ),
    Rule(
        "hidden reference and anchors", MUSHRA, "considering i; 5.1", "note",
        f"a hidden reference, a {ANCHORS} stand on every page",
        "without them the test must not be called MUSHRA, and its screening rules do not apply",
        checks.missing_marks, key="parts",
    ),
    Rule(
        "anchors of a MUSHRA part", MUSHRA, "5.1", "warning",
        f"a {ANCHORS} stand on every page",
        "without both the test must not be called MUSHRA, and its results hang on the systems",
        checks.missing_anchors, key="parts",
    ),
    Rule(
        "reference in use", PRACTICE, "reference", "note",
        "a reference that the study file names is heard, by a part whose pages play it",
        "elsewhere it says no more than how long its song is, and nobody compares with it",
        checks.unused_reference, key="songs.reference",
    ),
    Rule(
        "stimuli on a page", MUSHRA, "5.3", "warning",
        f"at most {limits.MAX_STIMULI} stimuli stand on a page, reference and anchors included",
        "longer pages overtax memory; a blocked design is to be reported",
        checks.large_page, key="systems",
    ),
    Rule(
        "incomplete pages", MUSHRA, "5.3", "note",
        "a blocked design, where systems do not all stand on one page, is reported",
        "systems of different pages are compared through what they share, and less exactly",
        checks.incomplete_pages, key="pages.stimuli_per_page",
    ),
    Rule(
        "memory of a page", PRACTICE, "phones", "error",
        f"the stimuli of a page take {MAX_PAGE_MB} MB at most, decoded",
        "a phone ends a page that takes more, and its participant is lost",
        checks.heavy_pages, key="songs",
    ),
    Rule(
        "number of excerpts", MUSHRA, "7.1", "warning",
        f"excerpts number at least {limits.SONGS_PER_SYSTEM:g} times the systems, "
        f"and at least {limits.FEWEST_SONGS}",
        "few songs make a poor sample of songs like these",
        checks.few_songs, key="songs",
    ),
    Rule(
        "training", MUSHRA, "5.2", "warning",
        "everybody trains before the test, on the full range of stimuli",
        "untrained participants learn the scale while they are being measured",
        checks.no_training, key="pages.training",
    ),
    Rule(
        "range of the training", MUSHRA, "5.2; Attachment 1", "note",
        "training presents the full range of what will be rated",
        "participants who meet a new range later shift their use of the scale",
        checks.narrow_training, key="pages.training_song",
    ),
    Rule(
        "replicates", MUSHRA, "4.1", "warning",
        "each participant rates at least one excerpt twice",
        "reliability cannot be known without repetition, least of all without a hidden reference",
        checks.no_replicates, key="pages.repeated_songs",
    ),
    Rule(
        "scale", MUSHRA, "5.4", "note",
        "the scale has five equal intervals from Bad to Excellent",
        "other words may be used differently, and hinder comparison with other tests",
        checks.other_scale, key="range",
    ),
    Rule(
        "one attribute at a time", MUSHRA, "6", "note",
        "a trial asks for one attribute",
        "several questions on one page draw their answers towards each other (halo)",
        checks.many_attributes, key="attributes",
    ),
    Rule(
        "overall quality first", MUSHRA, "6", "note",
        "overall quality is rated before single attributes",
        "judging details first colours the judgement of the whole",
        checks.overall_not_first, key="attributes",
    ),
    Rule(
        "length of excerpts", MUSHRA, "5.1", "note",
        f"excerpts last about {limits.USUAL_EXCERPT_S:g} s, preferably no more than "
        f"{limits.LONGEST_EXCERPT_S:g} s; longer ones are justified",
        "long excerpts are hard to compare; the evaluation of mixes needs more, and says so",
        checks.long_excerpts, key="songs.excerpt",
    ),
    Rule(
        "length of segments", PRACTICE, "De Man & Reiss", "note",
        f"segments for mix evaluation last {limits.SEGMENT_S[0]:g} to {limits.SEGMENT_S[1]:g} s",
        "shorter ones do not let a mix unfold, longer ones tire",
        checks.segments_outside_practice, key="songs.excerpt",
    ),
    Rule(
        "experienced listeners", MUSHRA, "4.1", "note",
        "participants have experience in critical listening",
        "inexperienced participants give noisier ratings; the report compares groups",
        checks.inexperienced_group, key="groups",
    ),
    Rule(
        "one way of listening", MUSHRA, "8", "note",
        "headphones or loudspeakers are used, not both in one test",
        "space and balance differ between them; the device is stored with each rating",
        checks.mixed_devices, key="devices",
    ),
    Rule(
        "loudness of a page", MUSHRA, "7.1", "warning",
        f"excerpts are adjusted in loudness, within {limits.LOUDNESS_SPREAD_LU:g} LU here",
        "the louder of two equal mixes is preferred",
        build_checks.loudness_spread, key="loudness", needs_build=True,
    ),
    Rule(
        "loudness tolerance", R128, "tolerance", "error",
        f"programmes lie within {limits.LOUDNESS_TOLERANCE_LU:g} LU of their target",
        "beyond it, loudness and not the mix is compared",
        build_checks.loudness_beyond_tolerance, key="loudness", needs_build=True,
    ),
    Rule(
        "true peak", R128, "maximum level", "warning",
        f"true peaks stay at or below {limits.MAX_TRUE_PEAK_DBTP:g} dBTP",
        "players and converters distort above",
        build_checks.high_peaks, key="loudness_target_lufs", needs_build=True,
    ),
    Rule(
        "length of the session", PRACTICE, "De Man & Reiss", "warning",
        f"a session lasts less than {limits.LONGEST_SESSION_MIN:g} minutes, training included; "
        f"{limits.WITH_BREAK_MIN:g} with a break",
        "tired participants discriminate less",
        checks.long_session, key="parts",
    ),
    Rule(
        "reviewed scale words", PRACTICE, "translation", "warning",
        "a native reader has checked the words along a scale, or a recommendation publishes them",
        "words that do not mean equal steps shift the ratings of those who read them",
        languages.unreviewed_scale_words, key="language",
    ),
    Rule(
        "texts in every language", PRACTICE, "translation", "warning",
        "each language of a study has all its texts",
        "participants who are asked in two languages at once may misread the question",
        languages.untranslated_texts, key="languages",
    ),
    Rule(
        "plan declared", MUSHRA, "9.3", "warning",
        "the model and the tests are fixed before data come in",
        "an analysis chosen after seeing ratings finds too much",
        checks.no_plan, key="analysis",
    ),
    Rule(
        "listening conditions", MUSHRA, "10", "note",
        "room, level, equipment and the choice of songs and participants are reported",
        "no software can measure them, and without them the test cannot be repeated",
        checks.unstated_conditions, key="conditions",
    ),
)  # fmt: skip
