"""The researcher's pages in German: no English is left in any view, and what is missing is said."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from google.protobuf.json_format import MessageToDict
from streamlit.testing.v1 import AppTest

from harbour_study import build_stimuli, open_installation, write_study
from mixtrial.dashboard import router
from mixtrial.language import missing, spoken
from mixtrial.language.known import languages
from mixtrial.language.spoken import name_of, pages_in, spoken_language, told
from mixtrial.server.installation import Installation
from mixtrial.server.settings import LANGUAGE_VARIABLE, SettingsError
from mixtrial.simulation.in_process import simulate_participants
from mixtrial.terminal.pages_language import check_language
from survey_pages import drawn
from tests.analysis.report.language.test_report_language import ENGLISH

OTHERS = languages()[1:]
PARTS = """parts:
  - {type: attributes, name: erster_teil}
  - {type: preference, name: zweiter_teil}
arms:
  - {name: with_hint, quota: 10, instructions: Hinweis}
  - {name: plain, quota: 10, instructions: Nichts}
"""
NO_TEXTS = re.compile(r"<style.*?</style>|<code.*?</code>|<audio.*?</audio>", re.DOTALL)
SHOWN_ATTRIBUTES = re.compile(r'(?:alt|aria-label|title|placeholder)="([^"]*)"')
NO_WORDS = ("id", "formId", "key", "config", "template", "font", "src", "url", "language", "icon")


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A German study of ratings and choices with three simulated participants."""
    folder = tmp_path_factory.mktemp("pages")
    build_stimuli(folder, n_songs=2)
    path = write_study(folder, n_songs=2)
    path.write_text(path.read_text("utf-8") + "language: de\n" + PARTS, "utf-8")
    installation = open_installation(path)
    list(simulate_participants(installation, 3, seed=1))
    yield installation
    installation.store.close()


@pytest.fixture
def page(study: Installation, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The dashboard in German, of somebody who has signed in."""
    monkeypatch.setenv(LANGUAGE_VARIABLE, "de")
    monkeypatch.setattr(router, "current_installation", lambda: study)
    monkeypatch.setattr(router, "is_signed_in", lambda _installation: True)

    def script() -> None:
        from mixtrial.dashboard.router import render_dashboard

        render_dashboard()

    return AppTest.from_function(script, default_timeout=30)


def english_in(page: AppTest) -> list[str]:
    """Texts of a page with a word of English in them."""
    protos = [element.proto for element in page.main if element.proto is not None]
    found = [text for proto in protos for text in _texts(MessageToDict(proto))]
    return [text for text in found if ENGLISH.search(text)]


def _texts(value: object, key: str = "") -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, held in value.items():
            if name not in NO_WORDS:
                yield from _texts(held, name)
    elif isinstance(value, list):
        for held in value:
            yield from _texts(held, key)
    elif isinstance(value, str) and key == "spec":
        yield from _texts(json.loads(value))
    elif isinstance(value, str):
        kept = NO_TEXTS.sub("", value)
        told = (*SHOWN_ATTRIBUTES.findall(kept), *re.split(r"<[^>]+>", kept))
        yield from (html.unescape(text) for text in told)


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_of_the_pages_has_its_translation(language: str) -> None:
    """Else run python -m mixtrial.language.missing."""
    assert missing.missing(language) == []
    texts = pages_in(language).table("texts")
    assert {text for text, said in texts.items() if not said} == set()
    for english, said in texts.items():
        assert set(re.findall(r"\{(\w+)\}", said)) <= set(re.findall(r"\{(\w+)", english)), english


def test_no_english_is_left_in_any_view(page: AppTest) -> None:
    """With what a study of ratings and choices shows, blind and afterwards."""
    left = {}
    for view in (name.lower() for name in router.VIEWS):
        page.query_params["view"] = view
        page.session_state["dashboard-view"] = view.capitalize()
        page.run()
        drawn(page)
        left[view] = english_in(page)

    assert {view: texts for view, texts in left.items() if texts} == {}


def test_what_a_language_lacks_stays_english_and_is_listed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A third language is one file: of two texts here, one with a number, all else is missing."""
    file = tmp_path / "xx.toml"
    file.write_text(
        'language = "Xan"\n[texts]\n"Sign out" = "Ax"\n"{n:n} stimuli" = "{n} ul"\n', "utf-8"
    )
    monkeypatch.setattr(spoken, "LOCALES", tmp_path)
    monkeypatch.setattr(spoken, "languages", lambda: ("en", "xx"))
    monkeypatch.setenv(LANGUAGE_VARIABLE, "xx")
    assert spoken_language() == "xx"
    assert [told(text) for text in ("Sign out", "8 stimuli", "Overview")] == [
        "Ax", "8 ul", "Overview",
    ]  # fmt: skip
    assert name_of("xx") == "Xan"
    missing.main("xx")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "[texts]"
    assert '"Overview" = ""' in lines
    assert not [line for line in lines if "Sign out" in line or '"{} stimuli"' in line]


def test_texts_are_found_in_code() -> None:
    """By hand: sentences and labels, none of keys, addresses, docstrings and comparisons."""
    source = '''
"""A docstring of words."""
LEAD = "Two " "words"
if kind == "Ratings so far":
    st.button(told("Press"), key="Some key here", help=f"{n} of {m:.1f} things")
    raise ValueError("no text of ours")
st.html(f'<p class="dx note">{told("In there")}</p>')
'''
    assert [*missing.texts_of(source)] == ["Two words", "Press", "{} of {} things", "In there"]


def test_a_language_without_a_file_is_refused() -> None:
    """At the command; none at all is right too."""
    check_language(None)
    with pytest.raises(SettingsError, match="--language is one of en, de"):
        check_language("xx")
