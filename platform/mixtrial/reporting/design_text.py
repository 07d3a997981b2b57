"""English words of the report for the subject and the design of a study."""

from __future__ import annotations

from dataclasses import replace

from analysis.wording import Wording
from stimuli.design.session_length import SessionLength, excerpt_lengths, session_length, span_s
from stimuli.page_types.base import CUTOFF_HZ, Part
from stimuli.page_types.trials import TrialOptions
from stimuli.standards.check import Standing, method_of
from stimuli.study.manifest import Manifest
from stimuli.study.study import Study

REPORT_LANGUAGE = "en"
ENDS = {
    "loop": "all stimuli of a page run in step and loop",
    "once": "each stimulus plays to its end and stops",
}
SWITCHES = {"keep": "at the same position", "restart": "from its start"}
FADES = "a switch fades one out and then the other in, 5 ms each"
BLIND = "nothing tells which system is heard"
VOLUME = {
    "none": "the volume is set once, before the first page",
    "optional": "the volume is set once, before the first page, or by the laboratory at its seats",
    "required": "the laboratory sets the volume, and participants cannot change it",
}
"""Who sets the volume, by the key ``calibration: {seats}``."""


SONG_ORDER = "songs in an order that changes from participant to participant by a design"


def wording_of(study: Study) -> Wording:
    """Words for songs and mixes in a study; without stems, by default recordings and versions."""
    item = study.item_in(REPORT_LANGUAGE)
    if study.has_stems:
        return Wording(item.one, item.many)
    return Wording(item.one, item.many, "version", "versions")


def in_words_of(study: Study, standing: Standing) -> Standing:
    """A study's departures from the rules: requirements and reasons in the study's words."""
    words = wording_of(study)
    departures = tuple(
        replace(entry, asks=words.of(entry.asks), reason=words.of(entry.reason))
        for entry in standing.departures
    )
    return replace(standing, departures=departures)


def design_of(study: Study, manifest: Manifest | None) -> list[tuple[str, str]]:
    """Facts of a study's design as (name, text), in the order of a methods section."""
    length = session_length(study, manifest)
    return [
        ("Method", _sentence(method_of(study))),
        ("Pages", _pages(study)),
        ("Order", _order(study)),
        ("Training", _training(study)),
        ("Repeated pages", _repeats(study)),
        ("Excerpts", _excerpts(study, manifest)),
        ("Loudness", _loudness(study)),
        ("Playback", _playback(study)),
        ("Listening", _listening(study)),
        ("Length of a session", _session(length)),
        _chance(study),
        ("Instructions", study.welcome),
        *_arms(study),
    ]


def _arms(study: Study) -> list[tuple[str, str]]:
    """Description of each arm; participants are assigned to the arms in permuted blocks."""
    told = [
        f"{arm.name}" + (f" ({arm.instructions})" * bool(arm.instructions)) for arm in study.arms
    ]
    between = "assigned by permuted blocks from the seed, each participant to one: "
    return [("Arms", between + "; ".join(told))] if told else []


def _chance(study: Study) -> tuple[str, str]:
    """Text about the random seed and, if the study mixes stems, about the mixing profile."""
    follow = f"random choices follow from the seed {study.seed}"
    if study.has_stems:
        return "Mixing profile", f"{study.profile}; {follow}"
    return "Chance", follow


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _devices(study: Study) -> list[str]:
    """Labels of the devices for use within a sentence; German nouns keep their capitals."""
    labels = [device.label for device in study.devices]
    if study.language == "de":
        return labels
    return [label[:1].lower() + label[1:] for label in labels]


def _either(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _listening(study: Study) -> str:
    volume = VOLUME[study.calibration.seats]
    return f"by {_either(_devices(study))}, as each participant states; {volume}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _pages(study: Study) -> str:
    """Description of each part's pages; the only part of a study is described without its name."""
    words = wording_of(study)
    texts = [(part.name, words.of(_pages_of(study, part))) for part in study.page_parts]
    return "; ".join(f"{name}: {text}" if study.parts else text for name, text in texts)


def _pages_of(study: Study, part: Part) -> str:
    n_rated = len(part.songs)
    own = min(study.pages.songs_per_participant or n_rated, n_rated)
    does, done = ("rates", "rated") if part.has_ratings else ("hears", "heard")
    own_songs = f"{own}, dealt so that all are {done} equally often"
    rated = "all of them" if own == n_rated else own_songs
    pages, songs = _page(study, part), _count(n_rated, "song")
    return f"{pages}; {songs}, of which each participant {does} {rated}"


def _page(study: Study, part: Part) -> str:
    """Content of one page of a part."""
    if part.options.on_a_page:
        return part.options.on_a_page
    questions = f"{_count(len(part.options.answered(part.attributes)), 'question')} each"
    beside = f" ({part.options.besides})" if part.options.besides else ""
    if isinstance(part.options, TrialOptions):
        n_pairs = len(part.options.compared(part.systems))
        if n_pairs == 0:
            return f"one of {len(part.rated)} mixes of a song a page{beside} with {questions}"
        trials = _count(part.options.n_trials, "trial")
        times = "" if part.options.repeats_songs else f", {trials} each"
        return f"one of {_count(n_pairs, 'pair')} of mixes of a song a page{beside}{times}"
    per_page = min(study.pages.stimuli_per_page or len(part.rated), len(part.rated))
    mixes = f"its {len(part.rated)} {'stimuli' if part.options.fixed() else 'mixes'}"
    if per_page < len(part.rated):
        mixes = f"{per_page} of its {len(part.rated)} mixes, the others on further pages (lattice)"
    mixes = ", ".join(filter(None, (mixes, part.options.besides)))
    return f"one song a page with {mixes} and {questions}"


def _playback(study: Study) -> str:
    """How stimuli end and are switched; parts of the study with the same behaviour share a text."""
    parts_of: dict[str, list[str]] = {}
    for part in study.page_parts:
        options = part.options
        text = f"{ENDS[options.playback]}; {FADES}, {SWITCHES[options.on_switch]}"
        parts_of.setdefault(text, []).append(part.name)
    if len(parts_of) == 1:
        return f"{next(iter(parts_of))}; {BLIND}"
    told = (f"{', '.join(names)}: {text}" for text, names in parts_of.items())
    return f"{'; '.join(told)}; {BLIND}"


def _order(study: Study) -> str:
    within = " within each listener group" if study.pages.balance_within == "groups" else ""
    balanced = f"balanced{within or ' over all participants'}"
    parts = sorted(study.page_parts, key=lambda part: not part.has_ratings)
    texts = dict.fromkeys(part.options.balanced for part in parts)
    return wording_of(study).of(f"{'; '.join(texts)}; {SONG_ORDER}; {balanced}")


def _training(study: Study) -> str:
    if study.training_song is None:
        return "none"
    kept = study.training_song in study.rated_songs
    before = "before each part, " if len(study.parts) > 1 else ""
    one = wording_of(study).one
    title = study.song_titles.get(study.training_song, study.training_song)
    return (
        f"{before}one page with the {one} {title}, answered like the others and left "
        f"out of the results; that {one} is {'also' if kept else 'not'} among the rated ones"
    )


def _repeats(study: Study) -> str:
    count = study.pages.repeated_songs
    again = f"{_count(count, 'song')} again at the end, in another order"
    return wording_of(study).of(again) if count else "none"


def _excerpts(study: Study, manifest: Manifest | None) -> str:
    lengths = [length for length in excerpt_lengths(study, manifest).values() if length is not None]
    if not lengths:
        return "of unknown length"
    cut = wording_of(study).of("cut from mixes of the whole song")
    return f"{span_s(lengths)}, {cut}, with fades of 15 ms"


def _loudness(study: Study) -> str:
    if study.loudness == "check":
        return "all mixes as loud as they came, with no gain of ours (loudness: check)"
    has_anchors = any(name in CUTOFF_HZ for part in study.page_parts for name in part.rated)
    anchors = "; anchors have the gain of their reference" if has_anchors else ""
    target = f"{study.loudness_target_lufs:g}".replace("-", "−")
    return wording_of(study).of(
        f"all mixes of a page brought to {target} LUFS (ITU-R BS.1770, over "
        "what is played), or to less where a true peak would pass −1 dBTP; by gain alone, never by "
        f"a limiter{anchors}"
    )


def _session(length: SessionLength) -> str:
    pages = f"{_count(length.n_pages, 'page')} and {length.n_ratings} {length.answers}"
    if length.duration_s is None:
        return pages
    return f"{pages}; about {length.duration_s / 60:.0f} minutes by estimate"
