"""A study in several languages: what a file beside it may say, and what is asked of its words."""

from __future__ import annotations

from pathlib import Path

import pytest

from stimuli.loading.load import load_study
from stimuli.standards.check import check_study
from stimuli.study.study import Study, StudyError

STUDY = """\
title: Ballads
identifier: ballads
attributes:
  - {name: overall, label: Overall, question: "How good is the mix?"}
groups:
  - {name: trained, label: I mix}
songs: [{name: s, vocal: a.wav, backing: b.wav}]
systems: [random, baseline]
"""
MUSHRA = "parts: [{type: mushra, reference: baseline, anchors: []}]\n"
GERMAN = """\
study:
  title: Balladen
  attributes:
    overall: {label: Gesamt, question: "Wie gut ist die Mischung?"}
  groups:
    trained: Ich mische
"""


def study_of(folder: Path, keys: str = "", **files: str) -> Study:
    """The study with more keys, and the files of its languages."""
    for name in ("a.wav", "b.wav"):
        (folder / name).touch()
    (folder / "locales").mkdir(exist_ok=True)
    for language, text in files.items():
        (folder / "locales" / f"{language}.yaml").write_text(text, encoding="utf-8")
    (folder / "study.yaml").write_text(STUDY + keys, encoding="utf-8")
    return load_study(folder / "study.yaml")


def found_in(study: Study) -> dict[str, str]:
    """Findings of the standards check, by the rule."""
    return {each.rule: each.found for each in check_study(study).departures}


def test_a_study_is_the_same_test_in_each_of_its_languages(tmp_path: Path) -> None:
    """Texts change, those of the language's own file too; names, systems and plans do not."""
    study = study_of(tmp_path, "languages: [de, pl]\n", de=GERMAN)
    german, polish = study.in_language("de"), study.in_language("pl")
    assert study.spoken == german.spoken == ("en", "de", "pl")
    assert (german.title, german.attributes[0].question) == (
        "Balladen",
        "Wie gut ist die Mischung?",
    )
    assert (german.groups[0].name, german.groups[0].label) == ("trained", "Ich mische")
    assert polish.title == "Ballads"
    assert (polish.scale.words[0], polish.devices[0].label) == ("Bardzo słaba", "Słuchawki nauszne")
    assert german.identifier == polish.identifier == "ballads"
    assert german.rated_names == study.rated_names
    assert study.in_language("ja") is study


def test_texts_of_a_language_are_part_of_the_study_s_hash(tmp_path: Path) -> None:
    """A question that is asked otherwise is another question; who checked it changes nothing."""
    plain = study_of(tmp_path).fingerprint
    two = study_of(tmp_path, "languages: [de]\n", de=GERMAN).fingerprint
    reviewed = study_of(tmp_path, "languages: [de]\n", de=f"reviewed_by: A\n{GERMAN}").fingerprint
    other = study_of(tmp_path, "languages: [de]\n", de=GERMAN.replace("gut", "klar")).fingerprint
    assert len({plain, two, other}) == 3
    assert reviewed == two


def test_a_file_beside_the_study_brings_a_language(tmp_path: Path) -> None:
    """Texts that it leaves out are English, and the check says so."""
    study = study_of(
        tmp_path, "languages: [nl]\n", nl="name: Nederlands\nstudy: {title: Balladen}\n"
    )
    dutch = study.in_language("nl")
    assert (dutch.title, dutch.welcome) == ("Balladen", study.welcome)
    assert study.own_language("nl").name == "Nederlands"
    assert found_in(study)["texts in every language"].startswith("nl: welcome, consent, thanks")


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("study: {seed: 3}", r"locales/de\.yaml, line 1: 'seed' is not a text for participants\."),
        ("study: {attributes: {overal: {label: x}}}",
         r"attributes of the study has no entry 'overal'. Did you mean 'overall'\?"),
        ("study: {title: 3}", r"title must be a text"),
        ("surve: {welcome: x}", r"Unknown section 'surve'. Did you mean 'survey'\?"),
        ("study: x", r"study must be texts by their keys"),
        ("direction: up", r"direction must be ltr or rtl"),
        ("study: {attributes: {overall: 3}}", "An entry of attributes must have keys with"),
        ("study: {", r"de\.yaml, line"),
    ],
)  # fmt: skip
def test_what_is_no_text_is_refused_with_its_line(tmp_path: Path, file: str, message: str) -> None:
    """One sentence that names the file; nothing but texts can differ between languages."""
    with pytest.raises(StudyError, match=message):
        study_of(tmp_path, "languages: [de]\n", de=file)


def test_a_language_that_nobody_brings_is_refused(tmp_path: Path) -> None:
    """The sentence says which there are, and how to bring another."""
    with pytest.raises(StudyError, match=r"no texts in the language 'nl'.*en, de, es.*locales/xx"):
        study_of(tmp_path, "languages: [nl]\n")
    with pytest.raises(StudyError, match="Two of the languages are called 'de'"):
        study_of(tmp_path, "languages: [de, de]\n")


@pytest.mark.parametrize(
    ("keys", "file", "found"),
    [
        ("", None, None),
        ("range: {labels: [Worse, Better]}\n", None, None),
        ("languages: [de]\n", GERMAN, "de: Sehr schlecht, Schlecht, Mittelmäßig, Gut, Sehr gut"),
        ("languages: [de]\n", f"reviewed_by: A. Muster\n{GERMAN}", None),
        (f"languages: [es]\n{MUSHRA}", None, None),
        (f"languages: [it]\n{MUSHRA}", None,
         "it: Pessima, Scadente, Discreta, Buona, Eccellente"),
        ("languages: [de]\nrange: {labels: [Worse, Better]}\n", None, "de: Worse, Better"),
    ],
    ids=["english", "author's", "unchecked", "reviewed", "published", "unpublished", "untold"],
)  # fmt: skip
def test_scale_words_that_no_native_reader_checked_are_named(
    tmp_path: Path, keys: str, file: str | None, found: str | None
) -> None:
    """Those of a published translation, a reviewed file and the author's own are trusted."""
    study = study_of(tmp_path, keys, **({} if file is None else {"de": file}))
    assert found_in(study).get("reviewed scale words") == found


def test_texts_that_a_language_lacks_are_named(tmp_path: Path) -> None:
    """Only those that the study file writes itself; the rest is there in each language."""
    study = study_of(tmp_path, "languages: [de]\n", de="study: {groups: {trained: Ich mische}}\n")
    assert found_in(study)["texts in every language"] == "de: attributes.overall.question"
