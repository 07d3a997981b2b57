"""The scale of a rating: what ranges of study, part and attribute come to, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from stimuli.loading.load import load_study
from stimuli.study.study import Study, StudyError
from stimuli.study_keys.rated_scale import RatingScale

OPINION = "{minimum: 1, maximum: 5, step: 1, labels: {5: Best, 4: Good, 3: Fair, 2: Poor, 1: Bad}}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with one song in three versions, none of them opened here."""
    for name in ("one", "two", "original"):
        (tmp_path / f"{name}.wav").touch()
    return tmp_path


def load(folder: Path, text: str) -> Study:
    """Study of one song with these further keys."""
    path = folder / "study.yaml"
    song = "songs: [{name: a, files: {one: one.wav, two: two.wav}, reference: original.wav}]\n"
    path.write_text(f"title: Scales\n{song}{text}", encoding="utf-8")
    return load_study(path)


def placed(scale: RatingScale) -> dict[float, str]:
    """Words of a scale by their values."""
    return {label.value: label.word for label in scale.labels}


def test_the_innermost_range_counts_and_one_without_ends_changes_the_words_alone(
    folder: Path,
) -> None:
    """An attribute's over the part's over the study's; what asks for nothing has the study's."""
    study = load(folder, f"""\
range: {OPINION}
attributes:
  - {{name: overall, question: Good}}
  - {{name: change, question: Better, range: {{minimum: -3, maximum: 3, step: 0.5}}}}
  - {{name: noise, question: Noisy, range: {{labels: [silent, loud]}}, high_label: deafening}}
parts:
  - {{type: ape}}
  - {{type: multi_stimulus, range: {{minimum: 0, maximum: 10, labels: [no, yes]}}}}
""")  # fmt: skip
    ape, sliders = study.page_parts
    assert str(ape.scale) == "1 to 5, step 1"
    assert placed(ape.scales["overall"]) == {1: "Bad", 2: "Poor", 3: "Fair", 4: "Good", 5: "Best"}
    change = ape.scales["change"]
    assert (str(change), change.words) == ("-3 to 3, step 0.5", study_words())
    assert placed(ape.scales["noise"]) == {1: "silent", 5: "deafening"}
    assert (str(sliders.scale), placed(sliders.scale)) == ("0 to 10", {0: "no", 10: "yes"})
    assert str(sliders.scales["change"]) == "-3 to 3, step 0.5"


def test_a_report_gets_words_at_equal_distances_with_empty_ones_between(folder: Path) -> None:
    """A figure draws them evenly; where no hundred steps meet a word, only the ends have theirs."""
    keys = "range: {minimum: 1, maximum: 7, labels: {%s}}\n"
    for labels, words in (
        ("1: bad, 4: fair, 7: good", ("bad", "fair", "good")),
        ("1: bad, 5: fair, 7: good", ("bad", "", "fair", "good")),
        ("4: fair, 7: good", ("", "fair", "good")),
        ("1: bad, 2.21: fair, 7: good", ("bad", "good")),
    ):
        assert load(folder, keys % labels).scale.spaced_words == words


def study_words() -> tuple[str, ...]:
    """Words where nothing is said."""
    return ("Very poor", "Poor", "Fair", "Good", "Very good")


def test_words_of_mushra_name_fifths_unless_they_have_values_or_the_scale_has_steps(
    folder: Path,
) -> None:
    """BS.1534-3, 5.4: the middle of the lowest fifth of a scale from 0 to 10 is 1."""
    part = "parts: [{type: mushra, range: %s}]\n"
    ten = load(folder, part % "{minimum: 0, maximum: 10}").page_parts[0].scale
    assert ten.are_intervals
    assert placed(ten) == {1: "Bad", 3: "Poor", 5: "Fair", 7: "Good", 9: "Excellent"}
    assert (
        not load(folder, part % "{labels: {0: bad, 100: good}}").page_parts[0].scale.are_intervals
    )
    stepped = load(folder, part % "{minimum: 1, maximum: 5, step: 1}").page_parts[0].scale
    assert placed(stepped)[5] == "Excellent"


def test_a_range_of_the_default_scale_leaves_the_fingerprint_as_it_was(folder: Path) -> None:
    """Words had a key of their own before; ends and step of another scale change it."""
    plain = load(folder, "").fingerprint
    assert load(folder, "range: {minimum: 0, maximum: 100}\n").fingerprint == plain
    words = load(folder, "range: {labels: [no, yes]}\n").fingerprint
    assert len({plain, words, load(folder, f"range: {OPINION}\n").fingerprint}) == 3


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("range: {minimum: 5, maximum: 1}\n", "line 3: The range runs from 5 to 1; its minimum"),
        ("range: {minimum: 2, maximum: 2}\n", "its minimum must be less than its maximum"),
        ("range: {maximum: 7}\n", "line 3: This range has no minimum; give both ends, or neither"),
        ("range: {minimum: 1, maximum: 5, step: 3}\n", "step 3 does not divide the range from 1 t"),
        ("range: {step: 0.001}\n", "does not divide the range from 0 to 100 into whole steps"),
        ("range: {step: 0}\n", "range, step must be more than 0"),
        (
            "range:\n  minimum: 1\n  maximum: 5\n  labels: {0: Bad, 5: Good}\n",
            "line 3: The label 'Bad' is at 0, outside the scale from 1 to 5",
        ),
        ("range: {labels: [Bad]}\n", "labels of a range must be 2 to 11 words, but there are 1"),
        ("range: {labels: {1: Bad, 1.0: Good}}\n", r"The key '1\.0' is here twice"),
        ("range: {labels: {low: Bad, high: Good}}\n", "belongs to a value of the scale, not to 'l"),
        ("range: {labels: {1: 2, 3: 4}}\n", "A label must be text, not 2; put it in quotes"),
        ("range: {labels: Bad}\n", "labels must be a list of words, or a word for each value"),
        ("scale_labels: [Bad, Good]\n", "line 3: The key 'scale_labels' is called 'range: {labels"),
        (
            "parts:\n- type: acr\n  scale: labels\n  range: {step: 1, minimum: 1, maximum: 7}",
            "line 5: The part 'acr' has labels .* but 2 on the scale 1 to 7, step 1 has no label;",
        ),
        (
            (
                "range: {minimum: 1, maximum: 2, step: 1, labels: [no, so so, yes]}\n"
                "parts: [{type: acr, scale: labels}]"
            ),
            r"line 4: .* 'so so' is at 1\.5, which is not a value of the scale 1 to 2, step 1; mo",
        ),
        (
            "parts: [{type: preference, range: {minimum: 1, maximum: 5}}]\n",
            "The part 'preference' asks for choices, which have no scale; leave range out",
        ),
        (
            "attributes:\n  - name: x\n    question: Good?\n    range: {minimum: 9, maximum: 1}\n",
            "line 6: The range runs from 9 to 1",
        ),
        ("range: {minimum: 1, maximum: 5}\nanalysis: {margin: 5}", "line 4: The margin 5 is wid"),
        ("1: x\n", "line 3: A key must be a word"),
    ],
    ids=lambda value: value[:24],
)  # fmt: skip
def test_a_scale_that_nobody_could_rate_on_is_one_sentence(
    folder: Path, text: str, sentence: str
) -> None:
    """With the line of the range, and the remedy where there is one."""
    with pytest.raises(StudyError, match=sentence):
        load(folder, text)
