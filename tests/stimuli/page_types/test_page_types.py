"""Parts of a study and their page types: what is refused, planned, answered, and named."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from itertools import combinations, pairwise, product
from pathlib import Path

import pandas as pd
import pytest

import places
from stimuli.design.balance import balance_table
from stimuli.design.session import PlannedPage, plan_session
from stimuli.design.session_length import FRAME_S, session_length
from stimuli.loading.load import load_study
from stimuli.page_types.base import Answers, PartOptions
from stimuli.page_types.registry import page_types
from stimuli.page_types.trials import TrialOptions
from stimuli.standards.check import check_study, method_of
from stimuli.study.study import Study, StudyError
from stimuli.study_keys.rated_scale import Range, scale_of

REPOSITORY = places.ROOT
SYSTEMS = ("plain", "bright", "dull", "human")
STUDY = """\
title: Parts
songs:
  - {name: harbour, vocal: v.flac, backing: b.flac, human: v.flac, excerpt: {duration_s: 10}}
  - {name: lantern, vocal: v.flac, backing: b.flac, human: v.flac, excerpt: {duration_s: 10}}
  - {name: meadow, vocal: v.flac, backing: b.flac, human: v.flac, excerpt: {duration_s: 10}}
systems: [plain, bright, dull, human]
"""  # 6 lines
ASK_FOR_A_REFERENCE = {"mushra", "dcr", "ccr", "staircase", "bs1116"}
IN_EITHER_ORDER = "against a reference, in either order"
BEFORE_PARTS = "a23bbd965d3e2673652a24f365b23cc6582b65e6e29225a2cd28d704290ad681"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with files by the names of the songs; nothing is heard of them."""
    folder = tmp_path_factory.mktemp("parts")
    for name in ("v.flac", "b.flac"):
        (folder / name).write_bytes(b"")
    return folder


def load(folder: Path, text: str) -> Study:
    """Load the study with further lines."""
    path = folder / "study.yaml"
    path.write_text(STUDY + text, encoding="utf-8")
    return load_study(path, SYSTEMS)


def with_parts(folder: Path, *parts: str, more: str = "pages: {training: false}\n") -> Study:
    """Load the study with parts, each the inside of a mapping."""
    return load(folder, more + "parts:\n" + "".join(f"  - {{{part}}}\n" for part in parts))


def pages_of(study: Study, n_participants: int) -> list[PlannedPage]:
    """Rated pages of the first participants."""
    return [
        page
        for index in range(n_participants)
        for page in plan_session(study, index).pages
        if page.phase == "rating"
    ]


def test_page_types_are_found_each_in_a_file_of_its_name() -> None:
    """The package is looked into; each type is called like its file."""
    types = page_types()
    assert set(types) == {
        "attributes", "multi_stimulus", "mushra", "ape", "preference", "abx", "acr",
        "staircase", "bs1116", "ranking", "best", "dcr", "ccr",
        "triangle", "same_different",
    }  # fmt: skip
    for name, options in types.items():
        assert options.__module__ == f"stimuli.page_types.{name}"
        assert options().type == name


@pytest.mark.parametrize("name", page_types())
def test_every_key_of_every_page_type_is_explained(name: str) -> None:
    """docs/pages.md has each key in code type, in the section of its type or of all parts."""
    text = (REPOSITORY / "docs" / "pages.md").read_text(encoding="utf-8")
    sections = dict(part.partition("\n")[::2] for part in text.split("\n## ")[1:])
    common, own = sections["Keys of every part"], sections[f"`{name}`"]
    missing = [key for key in page_types()[name].model_fields if f"`{key}`" not in common + own]
    assert missing == []
    assert "```yaml" in own


def test_a_study_without_parts_has_the_hash_it_had_before_there_were_parts(tmp_path: Path) -> None:
    """Running studies keep their fingerprint; declaring a part changes it."""
    for name in ("v.flac", "b.flac"):
        (tmp_path / name).write_bytes(b"")
    text = (
        "title: Before parts\nsongs:\n"
        "  - {name: harbour, vocal: v.flac, backing: b.flac}\n"
        "  - {name: lantern, vocal: v.flac, backing: b.flac}\n"
        "systems: [plain, bright]\npages: {repeated_songs: 1}\nanalysis: {primary: overall}\n"
    )
    path = tmp_path / "study.yaml"
    path.write_text(text.replace("plain, bright", "baseline, cnn"), encoding="utf-8")
    assert load_study(path, ("baseline", "cnn")).fingerprint == BEFORE_PARTS
    path.write_text(text + "parts: [{type: attributes}]\n", encoding="utf-8")
    first = load_study(path, SYSTEMS).fingerprint
    path.write_text(text + "parts: [{type: attributes, scale: labels}]\n", encoding="utf-8")
    assert len({BEFORE_PARTS, first, load_study(path, SYSTEMS).fingerprint}) == 3


def test_without_parts_there_is_one_of_li2022s_type(folder: Path) -> None:
    """Nameless, with all songs, systems and attributes; its pages say so too."""
    study = load(folder, "")
    [part] = study.page_parts
    assert (part.type, part.name, part.systems) == ("attributes", "", SYSTEMS)
    assert len(part.attributes) == 5
    assert {(page.part, page.page_type) for page in plan_session(study, 0).pages} == {
        ("", "attributes")
    }


def test_defaults_are_filled_in_by_type(folder: Path) -> None:
    """`attributes` and `ape` ask all questions, the others one; the name is the type."""
    study = with_parts(
        folder, *(f"type: {name}" for name in page_types() if name not in ASK_FOR_A_REFERENCE)
    )
    asked = {part.name: len(part.attributes) for part in study.page_parts}
    assert asked == {
        "attributes": 5, "ape": 5, "multi_stimulus": 1, "preference": 1, "abx": 1, "acr": 1,
        "ranking": 1, "best": 1, "triangle": 1,
        "same_different": 1,
    }  # fmt: skip
    assert all(part.attributes == ("overall",) for part in study.page_parts if part.name == "acr")


@pytest.mark.parametrize(
    ("part", "sentence"),
    [
        ("type: mushr", "line 9: There is no page type 'mushr'. Did you mean 'mushra'"),
        ("type: 7", r"line 9: There is no page type 7\. There are abx, acr"),
        ("name: x", "line 9: Each part needs a type, one of abx, acr"),
        ("type: ape, scale: labels", r"Unknown key 'scale'\. The keys here are attributes"),
        ("type: acr, scal: labels", "Unknown key 'scal'. Did you mean 'scale'"),
        ("type: acr, scale: label", "must be 'slider' or 'labels', not 'label'. Did you mean"),
        ("type: ape, songs: []", "songs of a part is an empty list; leave the key out to use all"),
        ("type: ape, songs: [harbor]", "songs? 'harbor', which the study lacks. Did you mean"),
        ("type: ape, systems: [plain, loud]", r"the system 'loud', which the study lacks\. There"),
        ("type: ape, systems: [plain, plain]", "names the system 'plain' twice"),
        ("type: ape, attributes: [overal]", "the attribute 'overal', .* Did you mean 'overall'"),
        ("type: ape, references: [dry_guitar]", "must be 'dry_mix', 'dry_vocal' or 'dry_backing'"),
        ("type: mushra, references: [dry_mix]", "Unknown key 'references'. Did you mean 'refer"),
        (
            "type: mushra, reference: humn",
            "has the reference 'humn', which is not among .* 'human'",
        ),
        ("type: mushra", r"needs a reference\. Name one of the systems .*'harbour'"),
        ("type: mushra, reference: human, systems: [human]", "no system to rate besides its ref"),
        ("type: mushra, reference: human, anchors: [low, low]", "names an anchor twice"),
        ("type: mushra, reference: human, anchors: [high]", "must be 'low' or 'mid', not 'high'"),
        ("type: preference, systems: [plain]", r"compares pairs, but has only one system\."),
        ("type: ranking, systems: [plain]", r"puts mixes in order, but has only one system\."),
        ("type: best, systems: [plain]", r"asks for the best, but has only one system\."),
        ("type: preference, pairs: [[plain, brigth]]", "'brigth', which it lacks. Did you mean 'b"),
        ("type: preference, pairs: [[plain, plain]]", "pairs a system with itself"),
        (
            "type: preference, pairs: [[plain, dull], [dull, plain]]",
            "dull – plain .* is listed twice",
        ),
        ("type: preference, pairs: [[plain]]", "have 2 or more entries"),
        ("type: preference, pairs: some", "'pairs' must be 'all' or a list of pairs, not 'some'"),
        ("type: preference, ties: maybe", "must be true or false, not 'maybe'"),
        ("type: abx, trials: 0", "trials must be at least 1, but is 0"),
        ("type: abx, trials: 100", "A session would have 1800 pages"),
        ("type: acr, must_listen: 1.5", "must_listen must be at most 1.0, but is 1.5"),
        ("type: acr, playback: twice", "must be 'loop' or 'once'"),
        ("type: acr, on_switch: rewind", "must be 'keep' or 'restart'"),
        ("type: acr, must_move: 1", "must be true or false, not 1"),
    ],
)
def test_a_part_that_does_not_fit_is_one_sentence_with_its_line(
    folder: Path, part: str, sentence: str
) -> None:
    """Types, keys and names are checked; the nearest right one is suggested."""
    with pytest.raises(StudyError, match=sentence) as caught:
        with_parts(folder, part)
    assert "study.yaml, line" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("parts: [{type: ape}, {type: ape}]\n", "Two parts are called 'ape'"),
        ("parts: ape\n", "must be a list"),
        (
            "parts: [{type: ape}]\npages: {max_stimuli: 3}\n",
            "line 7: A page of the part 'ape' has 4 stimuli",
        ),
        (
            "pages: {max_stimuli: 6}\nparts:\n  - {type: mushra, reference: human}\n",
            "'mushra' has 7 stimuli with references and anchors, but 6 are allowed",
        ),
        (
            "pages: {rate_training_song: false}\nparts: [{type: ape, songs: [harbour]}]\n",
            "The part 'ape' uses the training song 'harbour', which rate_training_song",
        ),
        (
            "parts: [{type: mushra, reference: human}, {type: mushra, name: q, reference: dull}]\n",
            "'mushra' and 'q' name different references .human and dull.",
        ),
        (
            "pages: {training: false, training_feedback: true}\nparts: [{type: ape}]\n",
            "line 7: training_feedback needs a practice page, but training is false",
        ),
        (
            "pages: {training_feedback: true}\nparts: [{type: acr}, {type: abx}]\n",
            "line 7: training_feedback .* page of acr and abx has only one answer",
        ),
        (
            "pages: {stimuli_per_page: 3}\nparts: [{type: ape}]\n",
            "In the part 'ape': stimuli_per_page is 3, but 4 systems cannot be divided",
        ),
        (
            "pages: {stimuli_per_page: 3}\nparts: [{type: mushra, reference: human}]\n",
            "In the part 'mushra': stimuli_per_page is 3, but .* already take 3 places",
        ),
    ],
)
def test_parts_that_do_not_fit_the_study_are_one_sentence(
    folder: Path, text: str, sentence: str
) -> None:
    """Names twice, pages too full, references that differ, feedback on nothing."""
    with pytest.raises(StudyError, match=sentence):
        load(folder, text)


def test_a_page_of_twenty_counts_reference_and_anchors(folder: Path) -> None:
    """17 systems, the hidden and the open reference and two anchors make 20 signals, not 17."""
    names = [f"s{number}" for number in range(16)]
    text = STUDY.replace("plain, bright, dull", ", ".join(names))
    for limit, is_refused in ((19, True), (20, False)):
        (folder / "many.yaml").write_text(
            f"{text}pages: {{max_stimuli: {limit}}}\nparts: [{{type: mushra, reference: human}}]\n",
            encoding="utf-8",
        )
        if is_refused:
            with pytest.raises(StudyError, match=r"has 20 stimuli.*19 are allowed.*BS\.1534-3"):
                load_study(folder / "many.yaml", [*names, "human"])
        else:
            assert len(load_study(folder / "many.yaml", [*names, "human"]).systems) == 17


@pytest.mark.parametrize("name", ["reference", "low_anchor", "dry_mix"])
def test_names_of_made_stimuli_are_reserved(folder: Path, name: str) -> None:
    """No system may be called like a stimulus that the build makes."""
    (folder / "taken.yaml").write_text(
        STUDY.replace("plain", name) + "parts: [{type: ape}]\n", encoding="utf-8"
    )
    with pytest.raises(StudyError, match=f"line 6: A system cannot be called '{name}'"):
        load_study(folder / "taken.yaml", [*SYSTEMS, name])


def test_parts_follow_each_other_each_with_its_training_page(folder: Path) -> None:
    """In the order of the file, with the songs and systems each names."""
    study = with_parts(
        folder, "type: ape, songs: [lantern]", "type: abx, pairs: [[plain, dull]]",
        "type: acr, systems: [dull]", more="",
    )  # fmt: skip
    pages = plan_session(study, 3).pages
    assert [(page.part, page.phase) for page in pages] == [
        ("ape", "training"), ("ape", "rating"),
        ("abx", "training"), *[("abx", "rating")] * 3,
        ("acr", "training"), *[("acr", "rating")] * 3,
    ]  # fmt: skip
    assert {page.song for page in pages if page.phase == "training"} == {"harbour"}


def test_a_mushra_page_holds_reference_and_anchors_hidden_and_the_reference_open(
    folder: Path,
) -> None:
    """Seven rated stimuli in a Williams design, one reference beside them."""
    study = with_parts(folder, "type: mushra, reference: human, systems: [plain, bright, dull]")
    wanted = {"plain", "bright", "dull", "human", "low_anchor", "mid_anchor"}
    assert set(study.rated_names) == wanted
    pages = pages_of(study, 6)
    assert all(set(page.systems) == wanted and page.references == ("human",) for page in pages)
    for song in ("harbour", "lantern", "meadow"):
        orders = [page.systems for page in pages if page.song == song]
        places = Counter((place, name) for order in orders for place, name in enumerate(order))
        follows = Counter(pair for order in orders for pair in pairwise(order))
        assert set(places.values()) == {1}
        assert (len(places), len(follows), set(follows.values())) == (36, 30, {1})


def test_shared_out_mushra_pages_keep_reference_and_anchors(folder: Path) -> None:
    """With five a page, three systems come on two pages; the other three stand on both."""
    study = with_parts(
        folder, "type: mushra, reference: human, systems: [plain, bright]",
        more="pages: {training: true, stimuli_per_page: 4}\n",
    )  # fmt: skip
    for index in range(4):
        by_song = defaultdict(list)
        for page in plan_session(study, index).pages:
            assert {"human", "low_anchor", "mid_anchor"} < set(page.systems)
            assert len(page.systems) == 4
            if page.phase == "rating":
                by_song[page.song] += page.systems
        assert all(Counter(names)["plain"] == 1 for names in by_song.values())
        assert all(Counter(names)["bright"] == 1 for names in by_song.values())


def test_single_mixes_come_in_every_place_of_their_song_and_never_twice_in_a_row(
    folder: Path,
) -> None:
    """Four participants hear each mix once in each place, and each song once a round."""
    study = with_parts(folder, "type: acr")
    places: Counter[tuple[str, int, str]] = Counter()
    for index in range(4):
        pages = plan_session(study, index).pages
        assert all(one.song != other.song for one, other in pairwise(pages))
        seen: Counter[str] = Counter()
        for page in pages:
            [system] = page.systems
            places[page.song, seen[page.song], system] += 1
            seen[page.song] += 1
    assert (len(places), set(places.values())) == (48, {1})


def test_each_pair_stands_on_both_sides_equally_often(folder: Path) -> None:
    """Over two participants; within one, each system is on either side once or twice of three."""
    study = with_parts(folder, "type: preference")
    pages = pages_of(study, 2)
    sides = Counter((page.song, page.systems) for page in pages)
    assert (len(sides), set(sides.values())) == (3 * 12, {1})
    for index in range(6):
        for song in study.rated_songs:
            shown = [p.systems for p in plan_session(study, index).pages if p.song == song]
            on_a = Counter(pair[0] for pair in shown)
            assert all(on_a[system] in (1, 2) for system in SYSTEMS)


def test_sides_of_a_pair_do_not_go_with_its_place(folder: Path) -> None:
    """In twelve participants each pair is in each of six places once on each side."""
    study = with_parts(folder, "type: preference, songs: [harbour]")
    seen = Counter(
        (place, page.systems)
        for index in range(12)
        for place, page in enumerate(plan_session(study, index).pages)
    )
    assert (len(seen), set(seen.values())) == (6 * 12, {1})


def test_a_repeated_pair_comes_with_its_sides_exchanged(folder: Path) -> None:
    """Replicates of a preference show the same two the other way round."""
    study = with_parts(
        folder, "type: preference, pairs: [[plain, dull]]",
        more="pages: {training: false, repeated_songs: 2}\n",
    )  # fmt: skip
    pages = plan_session(study, 5).pages
    first = {page.song: page.systems for page in pages if page.replicate == 0}
    again = {page.song: page.systems for page in pages if page.replicate == 1}
    assert len(again) == 2
    assert all(first[song] == pair[::-1] for song, pair in again.items())


def test_what_x_is_and_which_side_it_stands_on_come_in_all_four_ways(folder: Path) -> None:
    """Of four trials a participant each way comes once; of one trial, once in four participants."""
    study = with_parts(folder, "type: abx, pairs: [[plain, dull], [bright, dull]], trials: 4")
    for index in range(3):
        ways = defaultdict(Counter)
        for page in plan_session(study, index).pages:
            assert page.references[0] in page.systems
            pair = frozenset(page.systems)
            ways[page.song, pair][page.systems, page.references] += 1
        assert all(len(each) == 4 and set(each.values()) == {1} for each in ways.values())
    study = with_parts(folder, "type: abx, pairs: [[plain, dull]]")
    four = Counter((page.song, page.systems, page.references) for page in pages_of(study, 4))
    assert (len(four), set(four.values())) == (12, {1})


def test_the_odd_one_comes_in_all_six_ways(folder: Path) -> None:
    """Of six trials a participant each comes once; of one trial, once in six participants."""
    study = with_parts(folder, "type: triangle, pairs: [[plain, dull], [bright, dull]], trials: 6")
    ways = defaultdict(Counter)
    for page in plan_session(study, 0).pages:
        assert len(page.systems) == 3
        ways[page.song, frozenset(page.systems)][page.systems] += 1
    assert len(ways) == 6
    assert all(len(each) == 6 and set(each.values()) == {1} for each in ways.values())
    study = with_parts(folder, "type: triangle, pairs: [[plain, dull]]")
    six = Counter((page.song, page.systems) for page in pages_of(study, 6))
    assert (len(six), set(six.values())) == (18, {1})


def test_different_and_same_pairs_take_turns_in_all_four_ways(folder: Path) -> None:
    """Of four trials each way comes once; of two, one is the same; of one, once in four people."""
    pairs = "pairs: [[plain, dull], [bright, dull]]"
    study = with_parts(folder, f"type: same_different, {pairs}, trials: 4")
    for index in range(3):
        ways = Counter((page.song, page.systems) for page in plan_session(study, index).pages)
        for song in ("harbour", "lantern", "meadow"):
            assert ways[song, ("dull", "dull")] == 2  # once for either pair
            for a, b in product(("plain", "dull"), repeat=2):
                assert ways[song, (a, b)] == (2 if a == b == "dull" else 1)
    study = with_parts(folder, "type: same_different, pairs: [[plain, dull]]")
    for index in range(6):
        same = Counter(
            page.song for page in plan_session(study, index).pages if len(set(page.systems)) == 1
        )
        assert same == {"harbour": 1, "lantern": 1, "meadow": 1}
    study = with_parts(folder, "type: same_different, pairs: [[plain, dull]], trials: 1")
    four = Counter((page.song, page.systems) for page in pages_of(study, 4))
    assert (len(four), set(four.values())) == (12, {1})


def test_nobody_can_guess_x_from_the_trials_before(folder: Path) -> None:
    """The last X's slot tells nothing of the next: all four successions come about equally."""
    study = with_parts(folder, "type: abx, pairs: [[plain, dull]], trials: 4")
    slots = [
        [page.systems.index(page.references[0]) for page in plan_session(study, index).pages]
        for index in range(100)
    ]
    steps = Counter(pair for row in slots for pair in pairwise(row))
    expected = sum(steps.values()) / 4
    assert all(abs(count - expected) < 0.15 * expected for count in steps.values())


def test_trials_are_numbered_and_repeated_songs_do_not_repeat_them(folder: Path) -> None:
    """An ABX part has its own repetitions: `repeated_songs` leaves it alone."""
    study = with_parts(
        folder, "type: abx, pairs: [[plain, dull]], trials: 3",
        more="pages: {training: false, repeated_songs: 3}\n",
    )  # fmt: skip
    pages = plan_session(study, 0).pages
    assert len(pages) == 9
    assert Counter(page.replicate for page in pages) == {0: 3, 1: 3, 2: 3}


FIVE = Range(minimum=1, maximum=5, step=1)


def answers(
    values: dict[tuple[int, str], float],
    *,
    n_rated: int = 2,
    is_final: bool = True,
    words: tuple[str, ...] = tuple("abcde"),
    scale: Range | None = None,
    heard: tuple[float, ...] = (),
) -> Answers:
    """Save of a page of one attribute; ``heard`` slot by slot."""
    shares = dict(enumerate(heard))
    scales = {"overall": scale_of((scale,), words)}
    return Answers(n_rated, ("overall",), scales, values, is_final, shares)


def order_of(*values: float) -> dict[tuple[int, str], float]:
    """Values of the first slots."""
    return {(slot, "overall"): value for slot, value in enumerate(values)}


FULL = {(0, "overall"): 20.0, (1, "overall"): 80.0}


@pytest.mark.parametrize(
    ("part", "said", "sentence"),
    [
        ("type: ape", answers(FULL), None),
        ("type: ape", answers({(0, "overall"): 20.0}), "1 ratings are missing"),
        ("type: ape", answers({(0, "overall"): 20.0}, is_final=False), None),
        ("type: ape, must_move: false", answers({(0, "overall"): 20.0}), None),
        ("type: ape", answers({(0, "eq"): 20.0}, is_final=False), "does not ask about this attr"),
        ("type: ape", answers(FULL | {(2, "overall"): 5.0}), "a reference is not rated"),
        ("type: acr", answers({(0, "overall"): 75.0}, n_rated=1), None),
        ("type: acr", answers({(0, "overall"): 70.0}, n_rated=1), "between two labels"),
        ("type: acr", answers({(0, "overall"): 200 / 3}, n_rated=1, words=tuple("abcd")), None),
        (
            "type: ape",
            answers({(0, "overall"): 101.0}, is_final=False),
            "101 is outside the scale, 0 t",
        ),
        ("type: ape", answers({(0, "overall"): 3.0}, scale=FIVE, is_final=False), None),
        (
            "type: ape",
            answers({(0, "overall"): 0.0}, scale=FIVE),
            "outside the scale, 1 to 5, step 1",
        ),
        ("type: ape", answers({(0, "overall"): 2.5}, scale=FIVE), "2.5 is between two steps"),
        ("type: acr", answers({(0, "overall"): 4.0}, n_rated=1, scale=FIVE), None),
        ("type: acr, scale: slider", answers({(0, "overall"): 70.0}, n_rated=1), None),
        ("type: acr", answers({}, n_rated=1), "1 ratings are missing"),
        ("type: preference", answers({(0, "overall"): 100.0, (1, "overall"): 0.0}), None),
        ("type: preference", answers({(0, "overall"): 50.0, (1, "overall"): 50.0}), None),
        (
            "type: preference, ties: false",
            answers({(0, "overall"): 50.0, (1, "overall"): 50.0}),
            r"one of the two is 100 and the other 0\.$",
        ),
        ("type: preference", answers(FULL), "one of the two is 100 and the other 0, or both 50"),
        ("type: preference", answers({(0, "overall"): 100.0}), "one of the two is 100"),
        ("type: preference", answers({}), "no mix was chosen"),
        ("type: preference, must_move: false", answers({}), "no mix was chosen"),
        ("type: ranking", answers(order_of(100.0, 200 / 3, 100 / 3, 0.0), n_rated=4), None),
        ("type: ranking", answers(order_of(100.0, 200 / 3), n_rated=4, is_final=False), None),
        (
            "type: ranking",
            answers(order_of(100.0, 200 / 3), n_rated=4),
            "2 mixes have no place",
        ),
        ("type: ranking, must_move: false", answers({}, n_rated=4), "4 mixes have no place"),
        (
            "type: ranking",
            answers(order_of(100.0, 100.0, 50.0, 0.0), n_rated=4),
            "each place once",
        ),
        (
            "type: ranking",
            answers(order_of(100.0, 0.0), n_rated=4, is_final=False),
            "from the best on",
        ),
        ("type: best", answers(order_of(0.0, 100.0, 0.0, 0.0), n_rated=4), None),
        ("type: best", answers(order_of(0.0, 0.0, 0.0, 0.0), n_rated=4), "one of the mixes"),
        ("type: best", answers(order_of(100.0, 0.0), n_rated=4), "all others are 0"),
        ("type: best, must_move: false", answers({}, n_rated=4), "no mix was chosen"),
        ("type: preference", answers({}, is_final=False), None),
        ("type: abx", answers({(0, "abx"): 0.0, (1, "abx"): 100.0}), None),
        ("type: abx", answers({(0, "overall"): 0.0, (1, "overall"): 100.0}), "does not ask about"),
        ("type: abx", answers({(0, "abx"): 50.0, (1, "abx"): 50.0}), "one of A and B is 100"),
        ("type: abx", answers({(2, "abx"): 100.0}), "a reference is not rated"),
        ("type: abx", answers({}), "neither A nor B was chosen"),
        (
            "type: triangle",
            answers({(0, "odd_one"): 0.0, (1, "odd_one"): 0.0, (2, "odd_one"): 100.0}, n_rated=3),
            None,
        ),
        (
            "type: triangle",
            answers({(slot, "odd_one"): 50.0 for slot in range(3)}, n_rated=3),
            "one of the three is 100",
        ),
        (
            "type: same_different",
            answers({(0, "different"): 0.0, (1, "different"): 0.0}),
            None,
        ),
        (
            "type: same_different",
            answers({(0, "different"): 100.0, (1, "different"): 0.0}),
            "both are 100 .different., or both 0",
        ),
        ("type: same_different", answers({(0, "different"): 100.0}), "both are 100"),
        ("type: same_different, must_move: false", answers({}), "neither same nor different"),
        ("type: ape, must_listen: 0.5", answers(FULL), "2 recordings were not heard for long en"),
        ("type: ape, must_listen: 0.5", answers(FULL, heard=(0.9, 0.4)), "1 recordings were not"),
        ("type: ape, must_listen: 0.5", answers(FULL, heard=(0.5, 0.485)), None),
        ("type: ape, must_listen: 0.5", answers(FULL, is_final=False), None),
        ("type: ape, must_listen: 0.5, references: [dry_mix]", answers(FULL, heard=(1, 1)), None),
        (
            "type: mushra, reference: human, must_listen: 0.5",
            answers(FULL, heard=(1, 1, 0.2)),
            "1 recordings were not heard",
        ),
        (
            "type: abx, must_listen: 0.5",
            answers({(0, "abx"): 0.0, (1, "abx"): 100.0}, heard=(1, 1)),
            "1 recordings were not heard",
        ),
        (
            "type: abx, must_listen: 0.5",
            answers({(0, "abx"): 0.0, (1, "abx"): 100.0}, heard=(1, 1, 0.6)),
            None,
        ),
    ],
)
def test_answers_that_a_page_cannot_give_are_refused(
    folder: Path, part: str, said: Answers, sentence: str | None
) -> None:
    """Attributes, references, values, completeness and what was heard are checked by type."""
    [read] = with_parts(folder, part).page_parts
    fault = read.options.fault(said)
    if sentence is None:
        assert fault is None
    else:
        with pytest.raises(ValueError, match=sentence):
            raise ValueError(fault)


@pytest.mark.parametrize(
    ("part", "method"),
    [
        ("type: mushra, reference: human", "MUSHRA (ITU-R BS.1534-3)"),
        (
            "type: mushra, reference: human, anchors: [mid]",
            "MUSHRA-style rating with a hidden reference, without both anchors (ITU-R BS.1534-3)",
        ),
        ("type: multi_stimulus", "multi-stimulus, no reference (compare ITU-R BS.2132-0)"),
        ("type: ape", "multi-stimulus on one axis (APE), no reference (De Man & Reiss)"),
        ("type: preference", "paired preference, no reference"),
        ("type: abx", "ABX discrimination test"),
        ("type: triangle", "triangle discrimination test (ISO 4120 (2021))"),
        (
            "type: same_different",
            "same-different discrimination test (Macmillan & Creelman (2005), chapter 9)",
        ),
        ("type: ranking", "ranking of all mixes of a page, no reference"),
        ("type: best", "choice of the best mix of a page, no reference"),
        ("type: acr", "absolute category rating (ACR), single stimulus (compare ITU-T P.800)"),
        (
            "type: dcr, reference: human",
            "degradation category rating (DCR), the reference heard first (ITU-T P.800, Annex D)",
        ),
        (
            "type: ccr, reference: human",
            f"comparison category rating (CCR) {IN_EITHER_ORDER} (ITU-T P.800, Annex E)",
        ),
    ],
)
def test_a_part_is_called_by_its_type(folder: Path, part: str, method: str) -> None:
    """Only the type with reference and both anchors is MUSHRA."""
    assert method_of(with_parts(folder, part)) == method
    assert ("MUSHRA" in method) == ("mushra" in part)


def test_only_a_mushra_page_leaves_the_name_of_the_test_to_reference_and_anchors() -> None:
    """The others say what they are, whatever the systems are called."""
    names = {name: options().name_of_test for name, options in page_types().items()}
    assert names.pop("mushra") == ""
    for name in ("attributes", "multi_stimulus"):
        assert "a multi-stimulus rating (compare ITU-R BS.2132-0)" in names.pop(name)
    assert all(text.endswith("; this is not MUSHRA.") for text in names.values())
    assert "absolute category rating" in names["acr"]
    assert "APE" in names["ape"]


def test_several_parts_are_each_called_by_their_type(folder: Path) -> None:
    """The method of a study with parts names them all."""
    study = with_parts(folder, "type: preference, name: pairs", "type: multi_stimulus")
    assert method_of(study) == (
        "pairs: paired preference, no reference; "
        "multi_stimulus: multi-stimulus, no reference (compare ITU-R BS.2132-0)"
    )


def test_a_missing_anchor_is_a_departure_and_a_full_mushra_part_needs_no_declaration(
    folder: Path,
) -> None:
    """The rule names the part and the anchor; reference and anchors follow from the part."""

    def found(anchors: str) -> dict[str, str]:
        study = with_parts(folder, f"type: mushra, name: q, reference: human, anchors: {anchors}")
        return {departure.rule: departure.found for departure in check_study(study).departures}

    assert "hidden reference and anchors" not in found("[low, mid]")
    assert "anchors of a MUSHRA part" not in found("[low, mid]")
    assert found("[mid]")["anchors of a MUSHRA part"] == "q: without 3.5 kHz anchor"


def test_a_mushra_part_has_the_standards_words_unless_the_study_has_its_own(folder: Path) -> None:
    """Bad to Excellent in each language; a study's own words stay."""
    for language, first in (
        ("en", "Bad"), ("de", "Schlecht"), ("fr", "Mauvais"), ("zh", "劣"), ("es", "Mala"),
    ):  # fmt: skip
        study = with_parts(
            folder, "type: mushra, reference: human", "type: ape",
            more=f"pages: {{training: false}}\nlanguage: {language}\n",
        )  # fmt: skip
        mushra, ape = (part.scale.words for part in study.page_parts)
        assert (mushra[0], len(mushra), ape) == (first, 5, study.scale.words)
    own = with_parts(
        folder, "type: mushra, reference: human",
        more="pages: {training: false}\nrange: {labels: [no, yes]}\n",
    )  # fmt: skip
    assert own.page_parts[0].scale.words == ("no", "yes")


@pytest.mark.parametrize(
    ("part", "n_pages", "n_ratings", "n_heard"),
    [
        ("type: attributes", 3, 3 * 4 * 5, 12),
        ("type: multi_stimulus, references: [dry_mix, dry_vocal]", 3, 12, 3 * 6),
        ("type: mushra, reference: human", 3, 3 * 6, 3 * 7),
        ("type: preference, attributes: [overall, eq]", 18, 36, 36),
        ("type: abx, trials: 2, pairs: [[plain, dull]]", 6, 6, 18),
        ("type: triangle, trials: 2, pairs: [[plain, dull]]", 6, 6, 18),
        ("type: same_different, pairs: [[plain, dull]]", 6, 6, 12),
        ("type: acr", 12, 12, 12),
        ("type: ranking", 3, 3, 12),
        ("type: best, attributes: [overall, eq]", 3, 6, 12),
        ("type: dcr, reference: human", 12, 12, 24),
        ("type: ccr, reference: human", 9, 9, 18),
    ],
)
def test_the_length_of_a_session_counts_what_is_heard_and_answered(
    folder: Path, part: str, n_pages: int, n_ratings: int, n_heard: int
) -> None:
    """Ten seconds for each stimulus of a page, references too, and five for each answer."""
    length = session_length(with_parts(folder, part))
    assert (length.n_pages, length.n_ratings) == (n_pages, n_ratings)
    assert length.duration_s == pytest.approx(FRAME_S + 10 * n_heard + 5 * n_ratings)


def test_only_what_a_part_needs_is_made(folder: Path) -> None:
    """A song gets anchors and stems of the parts that play it, and of the training page."""
    study = with_parts(
        folder, "type: mushra, reference: human, anchors: [low], songs: [harbour]",
        "type: ape, references: [dry_vocal], songs: [lantern]",
    )  # fmt: skip
    made = {song.name: study.made_names(song.name) for song in study.songs}
    assert made == {"harbour": ("low_anchor",), "lantern": ("dry_vocal",), "meadow": ()}
    trained = with_parts(
        folder, "type: ape, references: [dry_vocal], songs: [lantern]",
        more="pages: {training_song: meadow}\n",
    )  # fmt: skip
    assert trained.made_names("meadow") == ("dry_vocal",)


def test_the_plan_of_analysis_may_name_what_a_part_makes(folder: Path) -> None:
    """Contrasts with an anchor can be declared; a stimulus that is not rated cannot."""
    part = "{type: mushra, reference: human}"
    study = load(folder, f"parts: [{part}]\nanalysis: {{contrasts: [[plain, low_anchor]]}}\n")
    assert study.analysis is not None
    with pytest.raises(StudyError, match="line 8: The plan declares reference: plain, but the mu"):
        load(folder, f"parts: [{part}]\nanalysis: {{reference: plain}}\n")
    with pytest.raises(StudyError, match="'low_anchor', which the study lacks"):
        load(folder, "analysis: {contrasts: [[plain, low_anchor]]}\n")


def test_pairs_by_name_are_the_pairs_that_come(folder: Path) -> None:
    """All pairs of six systems' four are six; a list is taken as it is."""
    study = with_parts(folder, "type: preference", "type: abx, pairs: [[dull, plain]]")
    pages = plan_session(study, 0).pages
    assert {frozenset(p.systems) for p in pages if p.part == "preference"} == {
        frozenset(pair) for pair in combinations(SYSTEMS, 2)
    }
    assert {frozenset(p.systems) for p in pages if p.part == "abx"} == {
        frozenset(("dull", "plain"))
    }
    assert math.comb(4, 2) * 3 == sum(page.part == "preference" for page in pages)


def test_balance_is_counted_part_by_part(folder: Path) -> None:
    """Pairs, sides and X come equally often after four participants, each under its part's name."""
    study = with_parts(
        folder, "type: abx, pairs: [[plain, dull]]", "type: acr",
        "type: same_different, pairs: [[plain, dull], [bright, dull]]",
    )  # fmt: skip
    rows = [
        (f"P{index}", "hobbyist", page.part, page.song, page.replicate, number, name, place, role)
        for index in range(4)
        for number, page in enumerate(plan_session(study, index).pages)
        for place, (name, role) in enumerate(
            [(name, "rated") for name in page.systems]
            + [(name, "reference") for name in page.references],
            start=1,
        )
    ]
    columns = [
        "participant", "group", "part", "song", "replicate", "page_index", "system", "position",
        "role",
    ]  # fmt: skip
    table = balance_table(pd.DataFrame(rows, columns=columns), study)
    table = table[table["among"] == "everybody"].set_index("criterion")
    for name, cells, count in (
        ("abx: presentations of a pair of a song", 3, 4),
        ("abx: pair on its sides, song by song", 6, 2),
        ("abx: X is A, X is B", 2, 6),
        ("abx: X of a pair on its sides", 4, 3),
        ("acr: system in a position on the page", 16, 3),
        ("same_different: presentations of a pair of a song", 6, 4),
        ("same_different: pair on its sides", 8, 6),
        ("same_different: pair on its sides, song by song", 24, 2),
    ):
        row = table.loc[name]
        assert (row["cells"], row["fewest"], row["most"]) == (cells, count, count), name


def test_a_page_type_that_lacks_its_method_or_its_deal_cannot_be_made() -> None:
    """A new file that forgets one of them fails when it is read, not when somebody listens."""

    class Unnamed(PartOptions):
        pass

    class Undealt(TrialOptions):
        @property
        def method(self) -> str:
            return "a test"

    with pytest.raises(TypeError, match="abstract method method"):
        Unnamed(type="unnamed")  # type: ignore[abstract]
    with pytest.raises(TypeError, match="abstract method deal"):
        Undealt(type="undealt")  # type: ignore[abstract]
