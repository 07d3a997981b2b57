"""Checks of a study file by the rules of :mod:`stimuli.standards.rules`.

Conventions
-----------
A function takes the study and its manifest (None before the build) and returns its finding, as
words for a table, or None if the rule is kept. A value exactly at a limit of the rules is allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import ceil

from db.records.scale import UP_TO_100
from mixing.audio import AudioError
from mixing.ingest.decoding import audio_length
from stimuli.design.page_memory import MAX_PAGE_MB, page_memories, too_large
from stimuli.design.session_length import excerpt_lengths, lasting, session_length, share_lasting
from stimuli.page_types.base import REFERENCE, Part
from stimuli.page_types.trials import TrialOptions
from stimuli.standards.limits import (
    FEWEST_SONGS,
    LONGEST_EXCERPT_S,
    LONGEST_SESSION_MIN,
    LOW_ANCHOR_WORDS,
    MAX_STIMULI,
    MID_ANCHOR_WORDS,
    SEGMENT_S,
    SONGS_PER_SYSTEM,
)
from stimuli.study.manifest import Manifest
from stimuli.study.study import Study
from stimuli.study_keys.conditions import stated
from stimuli.study_keys.keys import StudySong
from stimuli.study_keys.rated_scale import RatingScale
from stimuli.study_keys.recommendations import translations

METER_SLACK = 1e-6
"""Levels are stored as decimal text: less than this beyond a limit is a matter of rounding."""


def unusable_songs(study: Study, _manifest: Manifest | None) -> str | None:
    """Name the songs with a file that is not audio, or that ends before the excerpt ends."""
    faults = (_song_fault(song, f"the {study.called(song.name)}") for song in study.songs)
    return "; ".join(filter(None, faults)) or None


def _song_fault(song: StudySong, name: str) -> str | None:
    """Fault of a song's files, from the headers of the files; missing files are ignored."""
    lengths_s = []
    for path in filter(None, (song.vocal, song.backing, *song.files.values())):
        try:
            n_samples, sample_rate = audio_length(path)
            lengths_s.append(n_samples / sample_rate)
        except AudioError as error:
            if path.is_file():
                return f"{name}: {str(error).removesuffix('.')}"
    if song.excerpt is None or not lengths_s:
        return None
    end_s, song_s = song.excerpt.start_s + song.excerpt.duration_s, min(lengths_s)
    if end_s <= song_s + METER_SLACK:
        return None
    return f"{name}: the excerpt ends at {end_s:g} s, the files at {song_s:.3f} s"


def missing_marks(study: Study, _manifest: Manifest | None) -> str | None:
    """Name the reference and the anchors that are missing among the systems.

    A part can have its own reference and anchors (:func:`missing_anchors`). Parts with single mixes
    or choices need no anchors.
    """
    parts = [
        part.options
        for part in study.page_parts
        if part.has_ratings and not isinstance(part.options, TrialOptions)
    ]
    if not parts or any(options.marks() for options in parts):
        return None
    plan = study.analysis
    missing = [
        words
        for key, words in (
            ("reference", "hidden reference"),
            ("low_anchor", LOW_ANCHOR_WORDS),
            ("mid_anchor", MID_ANCHOR_WORDS),
        )
        if plan is None or getattr(plan, key) is None
    ]
    return f"not declared: {', '.join(missing)}" if missing else None


def missing_anchors(study: Study, _manifest: Manifest | None) -> str | None:
    """Name the missing anchors of a part with a hidden reference."""
    words = {"low_anchor": LOW_ANCHOR_WORDS, "mid_anchor": MID_ANCHOR_WORDS}

    def missing(part: Part) -> str | None:
        marks = part.options.marks()
        lacks = [text for key, text in words.items() if key not in marks]
        return f"without {' and '.join(lacks)}" if "reference" in marks and lacks else None

    return each_part(study.page_parts, missing)


def large_page(study: Study, _manifest: Manifest | None) -> str | None:
    """Report the number of stimuli on a page (with open references) if it is too large."""

    def large(part: Part) -> str | None:
        if not part.options.is_blocked:
            return None
        count = _per_page(study, part) + len(part.references)
        return f"{count} stimuli on a page" if count > MAX_STIMULI else None

    return each_part(study.page_parts, large)


def incomplete_pages(study: Study, _manifest: Manifest | None) -> str | None:
    """Report that a song's systems are divided over several pages."""

    def shared(part: Part) -> str | None:
        n_rated, per_page = len(part.rated), _per_page(study, part)
        if not part.options.is_blocked or per_page == n_rated:
            return None
        return f"a page holds {per_page} of the {n_rated} systems"

    return each_part(study.page_parts, shared)


def few_songs(study: Study, _manifest: Manifest | None) -> str | None:
    """Report the number of rated songs if there are too few for the number of systems.

    Parts with choices have other requirements on the number of songs.
    """

    def few(part: Part) -> str | None:
        if not part.has_ratings:
            return None
        count, wanted = len(part.songs), fewest_songs(len(part.systems))
        words = study.item_in("en")
        songs = f"{words.one} is" if count == 1 else f"{words.many} are"
        return f"{count} {songs} rated, {wanted} wanted" if count < wanted else None

    return each_part(study.page_parts, few)


def fewest_songs(n_systems: int) -> int:
    """Number of songs required by BS.1534-3, clause 7.1."""
    return max(FEWEST_SONGS, ceil(SONGS_PER_SYSTEM * n_systems))


def heavy_pages(study: Study, manifest: Manifest | None) -> str | None:
    """Name the songs that have a page with more sound than fits into a phone's memory."""
    heavy = [page for page in page_memories(study, manifest) if page.n_bytes > 1e6 * MAX_PAGE_MB]
    return "; ".join(too_large(study, page) for page in heavy) or None


def unused_reference(study: Study, _manifest: Manifest | None) -> str | None:
    """Name the songs whose reference is never played, and is not the input of a command."""
    if any(REFERENCE in system.command_inputs for system in study.systems):
        return None
    with_one = [song.name for song in study.songs if song.reference is not None]
    unused = [song for song in with_one if REFERENCE not in study.made_names(song)]
    return f"no part uses the reference of {', '.join(unused)}" if unused else None


def no_training(study: Study, _manifest: Manifest | None) -> str | None:
    """Report that the study has no training page."""
    return None if study.training_song is not None else "there is no training page"


def narrow_training(study: Study, _manifest: Manifest | None) -> str | None:
    """Report that the training page has only one of several songs."""
    if study.training_song is None or len(study.songs) == 1:
        return None
    return f"training shows 1 of {len(study.songs)} {study.item_in('en').many}"


def no_replicates(study: Study, _manifest: Manifest | None) -> str | None:
    """Report that no stimulus is rated twice, unless every part repeats trials by itself."""
    repeats = [part.options.repeats_songs for part in study.page_parts]
    if study.pages.repeated_songs or not any(repeats):
        return None
    return f"no {study.item_in('en').one} is rated twice (repeated_songs is 0)"


def other_scale(study: Study, _manifest: Manifest | None) -> str | None:
    """Name the scale's words if they are not the recommendation's five words."""
    known = translations("quality").values()
    of_standard = {tuple(word.lower() for word in words) for words in known}

    def other(scale: RatingScale) -> str | None:
        if str(scale) != str(UP_TO_100):
            return f"the scale is {scale}"
        if tuple(word.lower() for word in scale.words) in of_standard:
            return None
        return "the words are " + ", ".join(scale.words)

    def others(part: Part) -> str | None:
        if not part.has_ratings or _is_of_another_text(part):
            return None
        asked = part.options.answered(part.attributes)
        found = {name: told for name in asked if (told := other(part.scales[name]))}
        if len(found) == len(asked) and len(set(found.values())) == 1:
            return next(iter(found.values()))
        return ", ".join(f"{told} ({name})" for name, told in found.items()) or None

    return each_part(study.page_parts, others)


def _is_of_another_text(part: Part) -> bool:
    """Whether the study uses a part's scale, and this scale comes from another recommendation."""
    options = part.options
    if options.graded_against:
        return True
    own = options.usual_range
    return own is not None and options.range in (None, own)


def many_attributes(study: Study, _manifest: Manifest | None) -> str | None:
    """Report the number of attributes per page."""

    def many(part: Part) -> str | None:
        count = len(part.options.answered(part.attributes))
        return f"a page asks for {count} attributes" if count > 1 else None

    return each_part(study.page_parts, many)


def overall_not_first(study: Study, _manifest: Manifest | None) -> str | None:
    """Name the first attribute of a page if the page asks about overall quality only later."""

    def late(part: Part) -> str | None:
        names = part.options.answered(part.attributes)
        if "overall" not in names or names[0] == "overall":
            return None
        return f"{names[0]} is asked first, overall as number {names.index('overall') + 1}"

    return each_part(study.page_parts, late)


def long_excerpts(study: Study, manifest: Manifest | None) -> str | None:
    """Report the length of excerpts that are too long."""
    lengths = _known_lengths(study, manifest)
    longest = max(lengths, default=0.0)
    count = sum(length > LONGEST_EXCERPT_S for length in lengths)
    if not count:
        return None
    limit = f"longer than {LONGEST_EXCERPT_S:g} s"
    return f"{share_lasting(count, len(study.songs))} {limit}, up to {longest:.1f} s"


def segments_outside_practice(study: Study, manifest: Manifest | None) -> str | None:
    """Report the lengths of segments that are unusually short or long, for parts with ratings."""
    if not study.has_stems:
        return None
    lengths = _known_lengths(study, manifest)
    outside = [length for length in lengths if not SEGMENT_S[0] <= length <= SEGMENT_S[1]]
    return lasting(outside, len(study.songs)) if outside else None


def inexperienced_group(study: Study, _manifest: Manifest | None) -> str | None:
    """List the groups of listeners whose names say that they have no experience."""
    names = [
        group.name
        for group in study.groups
        if any(word in group.name.lower() for word in ("inexperienced", "naive", "novice"))
    ]
    return f"open to the group {', '.join(names)}" if names else None


def mixed_devices(study: Study, _manifest: Manifest | None) -> str | None:
    """Report that both loudspeakers and headphones are allowed."""
    names = [device.name.lower() for device in study.devices]
    at_the_ear = any("phone" in name or "earbud" in name for name in names)
    in_the_room = any("speaker" in name or "monitor" in name for name in names)
    return f"let in: {', '.join(names)}" if at_the_ear and in_the_room else None


def long_session(study: Study, manifest: Manifest | None) -> str | None:
    """Report the estimated length of a session if it is tiring."""
    duration_s = session_length(study, manifest).duration_s
    if duration_s is None or duration_s <= 60 * LONGEST_SESSION_MIN:
        return None
    return f"about {duration_s / 60:.0f} minutes"


def no_plan(study: Study, _manifest: Manifest | None) -> str | None:
    """Report that the study file declares no plan."""
    return None if study.analysis is not None else "the study file has no key analysis"


def unstated_conditions(study: Study, _manifest: Manifest | None) -> str | None:
    """Name the conditions of listening that the study file does not state.

    The level counts as stated if all participants sit at calibrated seats, because it is measured
    there.
    """
    many, is_measured = study.item_in("en").many, study.calibration.seats == "required"
    silent = [
        what
        for key, what, text in stated(study.conditions, many)
        if text is None and not (is_measured and key == "listening_level")
    ]
    return f"the key conditions does not state: {', '.join(silent)}" if silent else None


def each_part(parts: Iterable[Part], find: Callable[[Part], str | None]) -> str | None:
    """Join the findings about a study's parts, each preceded by the part's name, if it has one."""
    found = [(part.name, find(part)) for part in parts]
    words = [f"{name}: {text}" if name else text for name, text in found if text]
    return "; ".join(words) or None


def _per_page(study: Study, part: Part) -> int:
    return min(study.pages.stimuli_per_page or len(part.rated), len(part.rated))


def _known_lengths(study: Study, manifest: Manifest | None) -> list[float]:
    lengths = excerpt_lengths(study, manifest).values()
    return [length for length in lengths if length is not None]
