"""A study in several languages: chosen by link or on the welcome page, kept, exported, compared."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analysis.factors import between_factors
from browser_study import write_study
from mixtrial.exports.answer_columns import answer_meanings
from mixtrial.exports.archive_tables import EXPORTS
from mixtrial.exports.participants import rows_of
from mixtrial.recruiting.invitation import invitation
from mixtrial.reporting.study_reader import stored_tables, study_facts
from mixtrial.server.installation import Installation, load_installation
from mixtrial.server.language import link_in, locale_of
from mixtrial.server.settings import settings_for_study
from mixtrial.visits.spoken import language_of
from stimuli.study.study import StudyError
from stimuli.study_keys.default_texts import default_texts
from survey_pages import html_of, player_of, press, save, served, survey

GERMAN = """\
study: {title: Hafenlichter}
survey: {agree: Ich bin dabei}
player: {hint_play: Bitte einen Buchstaben drücken.}
"""


def study_in(folder: Path, german: str = GERMAN) -> Path:
    """A built study in English, German and Polish, with a German file beside it."""
    study = write_study(folder, more=["languages: [de, pl]"])
    (folder / "locales").mkdir()
    (folder / "locales" / "de.yaml").write_text(german, encoding="utf-8")
    return study


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    """The study, served."""
    yield from served(study_in(tmp_path), monkeypatch)


def token_of(at: AppTest) -> str:
    """The personal token that the address has now."""
    value = at.query_params["p"]
    return value if isinstance(value, str) else value[0]


def come_by(language: str) -> AppTest:
    """Open the survey by a link that chooses a language."""
    at = survey()
    at.query_params["lang"] = language
    return at.run()


def test_whoever_comes_by_a_link_keeps_its_language(installation: Installation) -> None:
    """Welcome, questions, player and stored answer; a later link changes nothing."""
    at = come_by("de")
    assert "Hafenlichter" in html_of(at)
    at = press(at, "Ich bin dabei")
    token = token_of(at)
    someone = installation.store.find_participant(token)
    assert someone.answers == {"language": "de"}
    later = survey(token)
    assert locale_of("de").text("group_question") in [radio.label for radio in later.radio]
    installation.store.record_questionnaire(token, "hobbyist", "headphones")
    installation.store.record_volume(token, 0.5)
    data = player_of(survey(token))
    assert data["texts"]["hint_play"] == "Bitte einen Buchstaben drücken."
    assert data["texts"]["save"] == locale_of("de").player["save"]
    assert data["attributes"][0]["question"] == default_texts("de")["attributes"][0]["question"]


def test_the_welcome_page_offers_the_languages_by_their_own_names(
    installation: Installation,
) -> None:
    """Choosing one draws the page in it; the address then chooses it too."""
    at = survey()
    (offered,) = at.get("button_group")
    assert [option.content for option in offered.proto.options] == ["English", "Deutsch", "Polski"]
    at.query_params["lang"] = "pl"
    assert locale_of("pl").text("agree") in [button.label for button in at.run().button]


def test_the_language_goes_with_the_answers_into_tables_and_report(
    installation: Installation,
) -> None:
    """A column of participants and of ratings, and a factor that splits participants."""
    study, store = installation.study, installation.store
    for language, agree in (("de", "Ich bin dabei"), ("pl", locale_of("pl").text("agree"))):
        token = token_of(press(come_by(language), agree))
        store.record_questionnaire(token, "hobbyist", "headphones")
        store.record_volume(token, 0.5)
        save(installation, token, 0, 50.0)
    people = rows_of(installation)
    assert people["language"].tolist() == ["de", "pl"]
    assert answer_meanings(study, people.columns)["language"][1].startswith("language in which")
    layout = EXPORTS["ratings"].layout(store.ratings(study.identifier), installation)
    assert layout.groupby("participant")["language"].unique().map(list).tolist() == [["de"], ["pl"]]
    assert "language" in between_factors(stored_tables(installation).ratings)
    (asked,) = (each for each in study_facts(installation).questions if each.key == "language")
    assert asked.choices == {"en": "English", "de": "Deutsch", "pl": "Polski"}


def test_an_invitation_speaks_each_language_with_its_link(installation: Installation) -> None:
    """Three texts, each with the link that chooses its language."""
    parts = invitation(installation, "https://lab.example.org/").split("* * *")
    links = [f"https://lab.example.org/?lang={code}" for code in ("en", "de", "pl")]
    assert [link in part for link, part in zip(links, parts, strict=True)] == [True] * 3
    assert "Hafenlichter" in parts[1]


def test_link_browser_and_study_choose_in_this_order(installation: Installation) -> None:
    """Languages that the study lacks are passed over; a link keeps its other parameters."""
    study = installation.study
    assert language_of(study, None, "pl", "de-AT") == "pl"
    assert language_of(study, None, "ja", "de-AT") == "de"
    assert language_of(study, None, None, "ja") == "en"
    assert link_in("https://x.org/a?p=1", "de") == "https://x.org/a?p=1&lang=de"


@pytest.mark.parametrize(
    ("german", "message"),
    [
        ("survey: {agre: x}", r"locales/de\.yaml: survey: No page has a text 'agre'. Did you"),
        ('survey: {song_of: "{numer}"}', r"song_of has \{numer\}, which is not filled in there"),
        ("survey: {songs: {one: x}}", r"songs needs the form 'other'"),
        ("player: {play: 3}", r"player: play must be a text"),
        ('survey: {agree: "{"}', r"agree has a brace, which is not filled in there"),
    ],
)
def test_a_text_that_no_page_can_show_is_refused(tmp_path: Path, german: str, message: str) -> None:
    """Before anybody comes: the study is not opened."""
    with pytest.raises(StudyError, match=message):
        load_installation(settings_for_study(study_in(tmp_path, german)))
