"""The researcher's pages in German: no English is left in any view, and what is missing is said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from harbour_study import build_stimuli, open_installation, write_study
from mixtrial.dashboard import router
from mixtrial.language import spoken
from mixtrial.language.known import LANGUAGE_COOKIE, languages
from mixtrial.language.spoken import name_of, pages_in, spoken_language, told
from mixtrial.server.installation import Installation
from mixtrial.server.settings import LANGUAGE_VARIABLE, SettingsError
from mixtrial.simulation.in_process import simulate_participants
from mixtrial.studio import missing_texts as missing
from mixtrial.terminal.pages_language import check_language
from survey_pages import drawn
from tests.platform.english_left import english_in

OTHERS = languages()[1:]
PARTS = """parts:
  - {type: attributes, name: erster_teil}
  - {type: preference, name: zweiter_teil}
arms:
  - {name: with_hint, quota: 10, instructions: Hinweis}
  - {name: plain, quota: 10, instructions: Nichts}
"""


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

    return AppTest.from_function(script, default_timeout=120)


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_of_the_pages_has_its_translation(language: str) -> None:
    """Else run python -m mixtrial.studio.missing_texts."""
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
    with pytest.raises(SettingsError, match="--language must be one of en, de"):
        check_language("xx")


def test_what_was_chosen_goes_before_the_command_and_that_before_the_browser(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A language that there is not counts as none."""
    cookies: dict[str, str] = {}
    context = SimpleNamespace(cookies=cookies, locale="de-AT")
    monkeypatch.setattr(spoken, "st", SimpleNamespace(context=context))
    monkeypatch.delenv(LANGUAGE_VARIABLE, raising=False)
    assert spoken_language() == "de"
    context.locale = "fr"
    assert spoken_language() == "en"
    monkeypatch.setenv(LANGUAGE_VARIABLE, "de")
    assert spoken_language() == "de"
    cookies[LANGUAGE_COOKIE] = "en"
    assert spoken_language() == "en"
    cookies[LANGUAGE_COOKIE] = "xx"
    assert spoken_language() == "de"
