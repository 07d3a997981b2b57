"""The locale files: every language says everything, and the pages say nothing beside them."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

import mixtrial.server.language
import places
from mixtrial.participation.admission import Closed
from mixtrial.server.language import locale_of, plural_rule, study_locale
from stimuli.loading.load import load_study
from stimuli.study.study import Study
from stimuli.study_keys.default_texts import LANGUAGES, LOCALES

CATEGORIES = {"zero", "one", "two", "few", "many", "other"}
OTHERS = [language for language in LANGUAGES if language != "en"]
SURVEY = Path(mixtrial.server.language.__file__).parents[1] / "survey"
FRONTEND = SURVEY.parent / "player" / "frontend"
DRAWING = re.compile(r"st\.(?!session_state|query_params|components|form$)|draw_")
SHOWN_ARGUMENTS = ("label", "placeholder", "help", "captions", "caption")


def is_counted(value: Any) -> bool:
    """Whether a value is the forms of one text by plural categories."""
    return isinstance(value, dict) and "other" in value and set(value) <= CATEGORIES


def flat(value: Any, place: str = "") -> dict[str, Any]:
    """Texts of a file by their place: ``survey.welcome``, ``attributes.0.label``.

    A text with plural forms is one text.
    """
    if isinstance(value, dict) and not is_counted(value):
        inner = [flat(child, f"{place}.{key}") for key, child in value.items()]
    elif isinstance(value, list):
        inner = [flat(child, f"{place}.{index}") for index, child in enumerate(value)]
    else:
        return {place.lstrip("."): value}
    return {key: text for part in inner for key, text in part.items()}


def counted_texts_of(language: str) -> dict[str, Any]:
    """All texts of a language, the pages' and the study file's, with their plural forms.

    The languages' own names, and where the words of a scale are from, are no texts.
    """
    pages, study = (
        flat(yaml.safe_load((folder / f"{language}.yaml").read_text(encoding="utf-8")))
        for folder in (mixtrial.server.language.LOCALES, LOCALES)
    )
    texts = pages | {f"study.{key}": text for key, text in study.items()}
    left_out = re.compile(r"name|(study\.)?reviewed_by|study\.scales\.\w+\.from")
    return {key: text for key, text in texts.items() if not left_out.fullmatch(key)}


def texts_of(language: str) -> dict[str, str]:
    """All texts of a language; of one with plural forms, that of ``other``."""
    texts = counted_texts_of(language)
    return {key: text["other"] if is_counted(text) else text for key, text in texts.items()}


def places_in(text: str) -> list[str]:
    """Names in braces, sorted."""
    return sorted(re.findall(r"\{(\w+)\}", text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_counted_text_has_each_form_that_its_language_needs(language: str) -> None:
    """Neither a form that CLDR's rule asks for is missing, nor is there one that it never does."""
    needed = {plural_rule(language)(number) for number in range(201)} | {"other"}
    texts = counted_texts_of(language)
    counted = {key: text for key, text in texts.items() if is_counted(text)}
    assert {key: set(text) for key, text in counted.items()} == dict.fromkeys(counted, needed)
    for key, forms in counted.items():
        places_of_forms = [places_in(form) for form in forms.values()]
        assert places_of_forms == [places_of_forms[0]] * len(forms), key


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["0 songs", "1 song", "2 songs", "5 songs", "22 songs"]),
        ("fr", ["0 chanson", "1 chanson", "2 chansons", "5 chansons", "22 chansons"]),
        ("pl", ["0 utworów", "1 utwór", "2 utwory", "5 utworów", "22 utwory"]),
        ("ja", ["0 曲", "1 曲", "2 曲", "5 曲", "22 曲"]),
    ],
)
def test_a_number_is_followed_by_its_form_of_the_word(language: str, words: list[str]) -> None:
    """As the language's grammars have it; Polish has three forms, Japanese one."""
    locale = locale_of(language)
    said = [f"{number} {locale.counted('songs', number)}" for number in (0, 1, 2, 5, 22)]
    assert said == words


@pytest.mark.parametrize(
    ("language", "printed"), [("en", "17.5"), ("de", "17,5"), ("pl", "17,5"), ("ja", "17.5")]
)
def test_a_number_has_the_decimal_sign_of_its_language(language: str, printed: str) -> None:
    """CLDR's sign, as many decimals as needed or as many as asked for, and no groups of three."""
    locale = locale_of(language)
    assert locale.number(17.5) == printed
    assert locale.number(17.46, 1) == printed
    assert locale.number(-20.0) == "-20"
    assert locale.number(-20.0, 1) == "-20" + printed[2] + "0"
    assert locale.number(12_000.0) == "12000"


@pytest.mark.parametrize(
    "folder", [LOCALES, mixtrial.server.language.LOCALES], ids=["study", "pages"]
)
def test_there_is_one_file_for_each_language_that_a_study_may_name(folder: Path) -> None:
    """Neither a language without texts nor texts that nobody can choose."""
    assert {path.stem for path in folder.iterdir()} == set(LANGUAGES)


@pytest.mark.parametrize("language", OTHERS)
def test_no_language_lacks_a_text_or_has_one_too_many(language: str) -> None:
    """The keys are those of the English files, and none is empty."""
    english, other = texts_of("en"), texts_of(language)
    assert set(english) - set(other) == set()
    assert set(other) - set(english) == set()
    assert [
        key for key, text in other.items() if not isinstance(text, str) or not text.strip()
    ] == []


@pytest.mark.parametrize("language", OTHERS)
def test_every_place_to_fill_in_is_in_every_language(language: str) -> None:
    """``{letter}`` and the like are neither lost nor translated."""
    english, other = texts_of("en"), texts_of(language)
    assert [key for key in english if places_in(english[key]) != places_in(other[key])] == []


@pytest.mark.parametrize("language", OTHERS)
def test_names_in_the_data_are_the_same_in_every_language(language: str) -> None:
    """Answers from studies in two languages can be analysed together."""
    english, other = texts_of("en"), texts_of(language)
    names = [key for key in english if key.endswith(".name")]
    assert [other[key] for key in names] == [english[key] for key in names]


@pytest.mark.parametrize("language", OTHERS)
def test_next_to_nothing_is_left_in_english(language: str) -> None:
    """A text that is the same as the English one is a name, a key cap or an international word."""
    english, other = texts_of("en"), texts_of(language)
    same = {english[key] for key in english if other[key] == english[key] and ".name" not in key}
    international = {
        "ltr", "Pause", "Compression", "Volume", "Enter", "Esc", "↑ ↓, Page ↑ ↓",
        "{counted}", "Version {letter}", "Excellent", "Imperceptible",
    }  # fmt: skip
    assert same <= international


def test_no_line_of_french_begins_with_a_sign_that_belongs_to_the_word_before() -> None:
    """Before ? ! ; : % and within quotation marks the space does not break."""
    loose = re.compile(r" [?!;:%»]|« ")
    assert [key for key, text in texts_of("fr").items() if loose.search(text)] == []


def test_every_text_the_pages_ask_for_is_there_and_none_is_idle() -> None:
    """Keys in the code and keys in the file are the same set."""
    files = [*SURVEY.rglob("*.py"), SURVEY.parent / "participation" / "standard_questions.py"]
    files.append(SURVEY.parent / "recruiting" / "invitation.py")
    files.append(SURVEY.parent / "visits" / "heading.py")
    files.append(SURVEY.parent / "calibration" / "words.py")
    source = "\n".join(path.read_text(encoding="utf-8") for path in files)
    used = set(re.findall(r"\b(?:text|counted)\(\s*\"([a-z_]+)\"", source))
    types = (places.ROOT / "stimuli" / "page_types").glob("*.py")
    leads = [re.findall(r"\"(practice_lead\w*)\"", path.read_text("utf-8")) for path in types]
    used |= set(Closed)
    assert used.union(*leads) == set(locale_of("en").survey)


def test_places_are_filled_in() -> None:
    """A text with places takes their values; one without is as it stands."""
    german = locale_of("de")
    assert german.text("song_of", number=2, count=6) == "Lied 2 von 6"
    assert german.text("welcome") == "Willkommen"


def study_of(folder: Path, keys: str, song: str) -> Study:
    """A study of one song with these keys, its files empty."""
    for name in ("a.wav", "b.wav"):
        (folder / name).touch()
    (folder / "study.yaml").write_text(f"title: T\n{keys}songs:\n  - {song}\n", encoding="utf-8")
    return load_study(folder / "study.yaml")


STEMS = "{name: s, vocal: a.wav, backing: b.wav}"
FILES = "{name: s, files: {a: a.wav, b: b.wav}}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_instead_of_others_stand_for_texts_that_are_there(language: str) -> None:
    """A text of ``any_item`` or ``versions`` that no page asked for would be idle."""
    pages = yaml.safe_load(
        (mixtrial.server.language.LOCALES / f"{language}.yaml").read_text(encoding="utf-8")
    )
    for section in ("any_item", "versions"):
        for part, texts in pages[section].items():
            assert set(texts) <= set(pages[part])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_study_with_stems_has_the_texts_as_they_are(tmp_path: Path, language: str) -> None:
    """Songs and mixes, word for word."""
    study = study_of(tmp_path, f"language: {language}\nsystems: [random]\n", STEMS)
    mine, plain = study_locale(study), locale_of(language)
    assert (mine.survey, mine.player) == (plain.survey, plain.player)


@pytest.mark.parametrize(
    ("language", "place", "mixes", "answer"),
    [
        ("en", "Recording 2 of 6", "versions of each recording", "Version {letter}"),
        ("de", "Aufnahme 2 von 6", "Fassungen je Aufnahme", "Fassung {letter}"),
        ("fr", "Enregistrement 2 sur 6", "versions par enregistrement", "Version {letter}"),
        ("zh", "第 2 个录音，共 6 个", "个版本（每个录音）", "版本 {letter}"),  # noqa: RUF001
    ],
)
def test_a_study_of_files_speaks_of_recordings_and_versions(
    tmp_path: Path, language: str, place: str, mixes: str, answer: str
) -> None:
    """In no text does its participant read of songs, mixes or vocals."""
    study = study_of(tmp_path, f"language: {language}\n", FILES)
    locale = study_locale(study)
    assert locale.text("song_of", number=2, count=6) == place
    assert (locale.text("mixes"), locale.player["answer_mix"]) == (mixes, answer)
    asked = [attribute.question for attribute in study.attributes]
    labels = [group.label for group in study.groups]
    texts = locale.survey.values()
    read = [form for text in texts for form in (text.values() if is_counted(text) else [text])]
    read += [*asked, *labels, study.welcome, study.consent]
    read += [text for key, text in locale.player.items() if not key.startswith("dry_")]
    words = r"\b([Ss]ongs?|[Mm]ix\w*|vocal|Lied\w*|Misch\w*|Gesang\w*|[Cc]hanson|voix)\b"
    assert [text for text in read if re.search(f"{words}|混音|歌曲|人声", text)] == []


def test_a_study_names_its_items_on_all_pages(tmp_path: Path) -> None:
    """Letter for letter, in sentences that fit any noun."""
    item = 'item: {one: "satz {1}", many: Sätze}\n'
    german = study_of(tmp_path, f"language: de\n{item}systems: [random]\n", STEMS)
    text = study_locale(german).text
    assert text("song_of", number=2, count=6) == "Satz {1} 2 von 6"
    assert text("break_place", done=2, count=6) == "Sätze: 2 von 6 sind geschafft"
    counted = study_locale(german).counted
    assert (counted("songs", 1), counted("songs", 2)) == ("satz {1}", "Sätze")
    assert text("mixes") == "Mischungen je satz {1}"
    assert study_locale(german).player == locale_of("de").player


def test_every_text_the_player_asks_for_is_there_and_none_is_idle() -> None:
    """Keys in the modules and keys in the file are the same; ``state_${…}`` stands for its kin."""
    source = "\n".join(path.read_text(encoding="utf-8") for path in FRONTEND.rglob("*.js"))
    used = set(re.findall(r"\b[tT]exts\.([a-z_]+)", source))
    beginnings = tuple(re.findall(r"\b[tT]exts\[`([a-z_]+)\$\{", source))
    keys = set(locale_of("en").player)
    assert used - keys == set()
    assert {key for key in keys - used if not key.startswith(beginnings)} == set()
    assert re.findall(r"\b[tT]exts\[[^`]", source) == []


def whole(node: ast.AST) -> str:
    """A text as it is written, what is filled in left out; nothing for what is not text."""
    if isinstance(node, ast.JoinedStr):
        return "".join(whole(part) for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def words_shown(path: Path) -> set[str]:
    """Words that a page of the survey would show from its own source.

    Those are the texts handed to what draws (``st.…``, ``draw_…``), and the texts of its HTML.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = list(ast.walk(tree))
    inside = {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    docstrings = {ast.get_docstring(node, clean=False) for node in nodes
                  if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)}  # fmt: skip
    texts = [
        text for node in nodes if id(node) not in inside and "<" in (text := whole(node))
        if text not in docstrings
    ]  # fmt: skip
    for node in nodes:
        if isinstance(node, ast.Call) and DRAWING.match(ast.unparse(node.func)):
            labels = [each.value for each in node.keywords if each.arg in SHOWN_ARGUMENTS]
            texts += [whole(each) for each in (*node.args, *labels)]
    shown = [re.sub(r"<[^>]*(>|$)", " ", text) for text in texts]
    return {word for text in shown for word in re.findall(r"[A-Za-z]{2,}", text)}


@pytest.mark.parametrize("path", sorted(SURVEY.rglob("*.py")), ids=lambda path: path.stem)
def test_no_page_has_a_text_of_its_own(path: Path) -> None:
    """Whatever is drawn comes from the study file or a locale file."""
    assert words_shown(path) == set()


def test_a_text_of_its_own_would_be_found(tmp_path: Path) -> None:
    """In a call that draws, in an f-string, in HTML; keys and attributes are no texts."""
    path = tmp_path / "page.py"
    path.write_text(
        'st.button("Go on", type="primary", key="go")\n'
        "draw_heading(f'Song {number}')\n"
        "label = f'<p class=\"mx-note\">Thanks</p>'\n"
    )
    assert words_shown(path) == {"Go", "on", "Song", "Thanks"}


def test_no_module_of_the_player_has_a_text_of_its_own() -> None:
    """A text that begins like a label is a key's name, a header, or meant for the console."""
    names = {"Enter", "Escape", "Content-Type", "Retry-After", "EncodingError", "Firefox/"}
    found = []
    for path in sorted(FRONTEND.rglob("*.js")):
        source = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        source = re.sub(r"(?<![:\"'`])//.*", "", source)
        source = re.sub(r"(new Error|console\.\w+)\([^;]*;", "", source)
        for plain, template in re.findall(r'"((?:[^"\\\n]|\\.)*)"|`([^`]*)`', source):
            text = plain or re.sub(r"\$\{[^}]*\}", "", template)
            if re.match(r"[A-Z][a-z]{2,}", text) and text not in names:
                found.append((path.name, text))
    assert found == []
