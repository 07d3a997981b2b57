"""The survey's pages without a browser: where one stands, what is shown, what is stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from browser_study import SYSTEMS, write_study
from db.records.participation import Page, Participant, RatingValue, SaveOutcome, Slot
from db.records.steps import Phase, Step
from mixtrial.exports.csv_text import rated_pages
from mixtrial.participation.page_order import is_break_due, page_number
from mixtrial.participation.recruitment import recruitment_answers, without_identifiers
from mixtrial.server.installation import Installation
from mixtrial.server.settings import SettingsError
from mixtrial.survey.pages.welcome import consent_version
from mixtrial.survey.question_fields import described
from mixtrial.visits.between import scale_uses
from mixtrial.visits.screens import (
    Screen,
    has_page_a_song,
    minutes_left,
    page_before,
    progress_share,
    screen_for,
)
from participants import put_on_page
from stimuli.design.session_length import expected_minutes
from stimuli.study_keys.rated_scale import Range, scale_of
from stimuli.study_keys.recruiting.recruitment import PROLIFIC, Recruitment
from survey_pages import asked, drawn, has_player, html_of, player_of, press, save, served, survey

KINDS: tuple[Phase, ...] = ("training", "rating", "rating")


def participant(step: str, page_index: int = 0) -> Participant:
    """Somebody with a practice page and two songs."""
    pages = tuple(
        Page(index, kind, "song", 0, (Slot(0, "baseline", "token"),))
        for index, kind in enumerate(KINDS)
    )
    return Participant("t" * 32, "study", 0, "participant", Step(step), page_index, pages)


def test_the_screen_follows_from_the_step_and_the_build() -> None:
    """Strangers are welcomed, foreign links told so, and nothing plays before it is built."""
    assert screen_for(None, has_token=False, is_built=True) is Screen.WELCOME
    assert screen_for(None, has_token=False, is_built=False) is Screen.NOT_BUILT
    assert screen_for(None, has_token=True, is_built=True) is Screen.UNKNOWN_LINK
    assert screen_for(participant("rating"), True, True) is Screen.RATING
    assert screen_for(participant("rating"), True, False) is Screen.NOT_BUILT
    assert screen_for(participant("thanks"), True, False) is Screen.THANKS
    assert screen_for(participant("withdrawn"), True, True) is Screen.UNKNOWN_LINK


def test_progress_rises_with_every_step_and_ends_at_one() -> None:
    """Nobody is thrown back, and the thanks are the end."""
    way = [
        progress_share(None),
        progress_share(participant("questionnaire")),
        progress_share(participant("volume")),
        *(progress_share(participant("rating", index)) for index in range(3)),
        progress_share(participant("thanks", 2)),
    ]
    assert way == sorted(set(way))
    assert (way[0], way[-1]) == (0.0, 1.0)


def test_a_break_is_due_after_every_so_many_rated_songs() -> None:
    """Never before the first song, nor on the practice page, nor when the study wants none."""
    assert [is_break_due(participant("rating", index), 1) for index in (1, 2)] == [False, True]
    assert not is_break_due(participant("rating", 2), 2)
    assert not is_break_due(participant("rating", 2), 0)
    assert not is_break_due(participant("training", 0), 1)
    assert not is_break_due(participant("thanks", 2), 1)


def test_the_time_left_falls_with_every_page() -> None:
    """As long as each page that is not done yet takes, and never nothing."""
    left = [minutes_left(participant("rating", index), lambda _: 120.0) for index in range(3)]
    assert left == [6, 4, 2]
    assert minutes_left(participant("rating", 2), lambda _: 12.0) == 1


def test_identifiers_of_a_recruitment_platform_are_taken_and_nothing_else() -> None:
    """Known names, plain values; markup, excess and strangers are left out."""
    assert recruitment_answers(PROLIFIC, {
        "PROLIFIC_PID": "5f2a", "STUDY_ID": "<b>", "SESSION_ID": "x" * 101, "p": "token",
    }) == {"prolific_pid": "5f2a"}  # fmt: skip


def test_an_archive_for_publication_names_nobody_of_a_platform() -> None:
    """The identifiers go, other answers stay; nothing left is an empty cell."""
    mixed = '{"prolific_pid": "5f2a", "years": "3"}'
    assert without_identifiers(mixed, PROLIFIC) == '{"years": "3"}'
    assert without_identifiers('{"study_id": "a", "session_id": "b"}', PROLIFIC) == ""
    assert without_identifiers("", PROLIFIC) == ""
    another = Recruitment(panel="mturk", archive=("hitId",))
    kept = without_identifiers('{"prolific_pid": "5f2a", "workerid": "A", "hitid": "H"}', another)
    assert kept == '{"hitid": "H"}'


def test_songs_are_counted_without_the_practice_page() -> None:
    """The first rated page is song 1 of 2."""
    pages = participant("rating").pages
    assert page_number(pages, 0) == (1, 1)
    assert page_number(pages, 1) == (1, 2)
    assert page_number(pages, 2) == (2, 2)


def test_pages_are_counted_as_songs_where_each_song_has_one_page() -> None:
    """Blocks of a song's mixes, parts and repeats are pages; practice on a song is neither."""
    practice, *both = participant("rating").pages
    rated = [replace(page, song=name) for page, name in zip(both, ("dawn", "dusk"), strict=True)]
    assert has_page_a_song([practice, *rated])
    assert has_page_a_song([replace(practice, song=rated[0].song), *rated])
    assert not has_page_a_song([practice, *rated, replace(rated[0], replicate=1)])
    assert not has_page_a_song([practice, *rated, replace(rated[0], part="choices")])


def test_a_label_is_parted_from_its_description() -> None:
    """Text after the colon is shown smaller; a label without one stays whole."""
    assert described("Hobbyist: I mix at home") == ("Hobbyist", "I mix at home")
    assert described("Headphones") == ("Headphones", "")


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    """The installation of a small study, as the server would load it."""
    yield from served(write_study(tmp_path), monkeypatch)


def test_a_participant_walks_from_consent_to_thanks(installation: Installation) -> None:
    """Each page stores what it asks, and the database alone decides which page comes next."""
    at = survey()
    drawn(at)
    press(at, "I agree and take part")
    (token,) = (
        at.query_params["p"] if isinstance(at.query_params["p"], list) else [at.query_params["p"]]
    )
    assert installation.store.find_participant(token).step == "questionnaire"
    at.radio(key="group").set_value("professional")
    at.radio(key="device").set_value("earphones")
    at.text_input(key="numeric-years").set_value("12")
    press(at, "Continue")
    someone = installation.store.find_participant(token)
    assert (someone.step, someone.group, someone.device) == ("volume", "professional", "earphones")
    assert someone.answers == {"years": "12"}
    assert player_of(at)["mode"] == "volume"
    installation.store.record_volume(token, 0.36)
    for index in range(3):
        at = survey(token)
        data = player_of(at)
        assert (data["page"], data["gain"]) == (index, 0.36)
        assert len(data["urls"]) == len(SYSTEMS)
        assert save(installation, token, index, 50.0 + index) is SaveOutcome.STORED
    at = survey(token)
    assert "That was the last song" in html_of(at)
    code = installation.store.find_participant(token).completion_code
    assert code == at.code[0].value


def test_the_link_of_a_recruitment_platform_is_stored_with_the_answers(
    installation: Installation,
) -> None:
    """The identifiers stay in the address until the questions are answered."""
    from mixtrial.participation.enrolment import enrol

    token = enrol(installation).token
    installation.store.record_consent(token, "v", accepted=True)
    at = survey(token)
    at.query_params["PROLIFIC_PID"] = "5f2a77"
    at.radio(key="group").set_value("hobbyist")
    at.radio(key="device").set_value("headphones")
    press(at, "Continue")
    assert installation.store.find_participant(token).answers == {"prolific_pid": "5f2a77"}
    assert list(installation.store.participants("which-mix-is-best")["answers"]) == [
        '{"prolific_pid": "5f2a77"}'
    ]


def test_a_break_comes_between_two_songs_and_not_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has no player; going on opens the song, and a reload then comes back to the song."""
    from mixtrial.participation.enrolment import enrol

    for installation in served(
        write_study(tmp_path, more=["pages: {break_after: 1}"]), monkeypatch
    ):
        token = enrol(installation).token
        put_on_page(installation.store, token, 1)
        assert player_of(survey(token))["page"] == 1
        put_on_page(installation.store, token, 2)
        at = survey(token)
        assert "Time for a break" in html_of(at)
        assert "1 of 2 songs are done" in html_of(at)
        assert not has_player(at)
        press(at, "Continue")
        assert player_of(at)["page"] == 2
        assert "about 2 min left" in html_of(at)
        assert player_of(survey(token))["page"] == 2


def test_a_page_names_neither_song_files_nor_systems_to_the_browser(
    installation: Installation,
) -> None:
    """The player's data hold no system's name, and the same page keeps its order."""
    from mixtrial.participation.enrolment import enrol

    someone = enrol(installation)
    put_on_page(installation.store, someone.token, 1)
    first, again = player_of(survey(someone.token)), player_of(survey(someone.token))
    sent = str({key: value for key, value in first.items() if key != "texts"})
    for system in SYSTEMS:
        assert system not in sent
    assert first["urls"] == again["urls"]
    assert again["epoch"] > first["epoch"]


@pytest.mark.parametrize("beginning", ["a__b", "__", "-_", "abc-____"])
def test_any_random_link_leads_to_its_page(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, beginning: str
) -> None:
    """Streamlit parts names at two underscores, with which one link in six hundred begins."""
    from mixtrial.participation.enrolment import answer_questionnaire, enrol

    tokens = (f"{beginning}{number:0{32 - len(beginning)}d}" for number in count(len(beginning)))
    with monkeypatch.context() as patch:
        patch.setattr("db.writing.registration.new_token", lambda: next(tokens))
        token = enrol(installation).token
    assert token.startswith(beginning)
    installation.store.record_consent(token, "v1", True)
    answer_questionnaire(installation, token, "professional", "earphones")
    survey(token)
    installation.store.record_volume(token, 0.5)
    at = survey(token)
    drawn(at)
    assert player_of(at)["token"] == token


def test_a_foreign_link_is_told_so(installation: Installation) -> None:
    """An unknown token enrols nobody."""
    at = survey("nobody-has-this-token")
    assert "This link does not work" in html_of(at)
    assert installation.store.counts(installation.study.identifier).enrolled == 0


def test_an_invited_participant_who_declines_is_noted_and_may_come_back(
    installation: Installation,
) -> None:
    """A refusal is stored with the version of the text, and can be undone."""
    from mixtrial.participation.enrolment import enrol

    token = enrol(installation).token
    press(survey(token), "No, thank you")
    assert installation.store.find_participant(token).step == "refused"
    at = survey(token)
    assert "Thank you for your interest" in html_of(at)
    press(at, "I would like to take part after all")
    assert installation.store.find_participant(token).step == "questionnaire"


def test_a_paused_study_takes_nobody_in(installation: Installation) -> None:
    """The reader learns it in a sentence; nobody is enrolled."""
    installation.store.set_study_status(installation.study.identifier, "paused")
    at = survey()
    assert "takes no new participants" in html_of(at)
    assert at.button == []
    assert installation.store.counts(installation.study.identifier).enrolled == 0


def test_a_study_that_is_not_built_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No build, no test: a clear page instead of a player without sound."""
    for _ in served(write_study(tmp_path, is_built=False), monkeypatch):
        assert "This study is not ready yet" in html_of(survey())


def test_a_build_that_lacks_a_mix_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A study changed after its build is not half served."""
    study = write_study(tmp_path)
    manifest = tmp_path / "build" / "manifest.csv"
    lines = manifest.read_text(encoding="utf-8").splitlines(keepends=True)
    manifest.write_text("".join(lines[:-1]), encoding="utf-8")
    for _ in served(study, monkeypatch):
        assert "This study is not ready yet" in html_of(survey())


def test_a_server_without_a_study_says_so_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """No traceback reaches the participant."""

    def fail() -> Installation:
        raise SettingsError("MIXTRIAL_STUDY must name the study file to serve")

    monkeypatch.setattr("mixtrial.survey.router.current_installation", fail)
    at = survey()
    assert "cannot be reached at the moment" in html_of(at)
    drawn(at)


def test_the_consent_version_changes_with_its_text(installation: Installation) -> None:
    """The exact text of the consent can be told later."""
    other = installation.study.model_copy(update={"consent": "Another text."})
    assert consent_version(installation.study) != consent_version(other)
    assert len(consent_version(installation.study)) == 12


def test_version_and_time_of_the_consent_leave_with_the_participants(
    installation: Installation,
) -> None:
    """The version is that of the text, the time that of the last yes; a no has neither."""
    from mixtrial.participation.enrolment import enrol

    for is_yes in (True, False):
        token = enrol(installation).token
        press(survey(token), "I agree and take part" if is_yes else "No, thank you")
    table = installation.store.participants(installation.study.identifier)
    assert list(table["consent_version"]) == [consent_version(installation.study), ""]
    assert list(table["consented"]) == [True, False]
    first, second = table["consented_at"]
    assert (first >= table["created_at"][0], second) == (True, "")


def test_the_expected_duration_is_told_to_five_minutes(installation: Installation) -> None:
    """60 ratings of 5 s, 12 short stimuli and three minutes around: about 9, so 10."""
    assert expected_minutes(installation.study, installation.manifest) == 10


def rated(installation: Installation, token: str, n_pages: int) -> None:
    """Open and hand in the first pages of somebody."""
    for index in range(n_pages):
        survey(token)
        assert save(installation, token, index, 20.0 * (index + 1)) is SaveOutcome.STORED


def comer(installation: Installation) -> str:
    """Token of somebody who has set the volume."""
    from mixtrial.participation.enrolment import enrol

    token = enrol(installation).token
    installation.store.record_consent(token, "v", accepted=True)
    installation.store.record_questionnaire(token, "hobbyist", "headphones")
    installation.store.record_volume(token, 0.5)
    return token


def test_the_way_back_leads_one_rated_page_back() -> None:
    """Not to the practice page, nor past the beginning of another part of the study."""
    assert [page_before(participant("rating", index)) for index in (1, 2)] == [None, 1]
    assert page_before(participant("training", 0)) is None
    assert page_before(participant("thanks", 2)) is None
    someone = participant("rating", 2)
    pages = (*someone.pages[:2], replace(someone.pages[2], part="other"))
    assert page_before(replace(someone, pages=pages)) is None


def test_a_wish_to_go_back_opens_the_page_before_with_its_ratings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sent twice it leads back once; finishing leads to where one was."""
    for installation in served(write_study(tmp_path, more=["pages: {back: true}"]), monkeypatch):
        token = comer(installation)
        rated(installation, token, 1)
        assert not player_of(survey(token))["may_go_back"]
        rated_second = survey(token)
        assert save(installation, token, 1, 40.0) is SaveOutcome.STORED
        at = rated_second.run()
        assert (player_of(at)["page"], player_of(at)["may_go_back"]) == (2, True)
        assert asked(token, 1, "back")["page"] == 2  # not the page on which they are
        assert asked(token, 2, "back")["page"] == 1
        data = asked(token, 2, "back")
        assert (data["page"], data["may_go_back"]) == (1, False)
        assert {each["value"] for each in data["ratings"]} == {40.0}
        assert save(installation, token, 1, 45.0) is SaveOutcome.STORED
        assert player_of(survey(token))["page"] == 2
        events = installation.store.events(installation.study.identifier)
        assert list(events["event"]) == ["reopened"]


def test_without_the_key_nobody_goes_back(installation: Installation) -> None:
    """Neither a button nor a forged wish."""
    token = comer(installation)
    rated(installation, token, 2)
    assert not player_of(survey(token))["may_go_back"]
    assert asked(token, 2, "back")["page"] == 2
    assert installation.store.find_participant(token).page_index == 2


def test_the_scale_use_is_told_attribute_by_attribute() -> None:
    """Lowest and highest rating; of a single one nothing can be told."""
    ratings = [
        RatingValue(0, "eq", 80.0),
        RatingValue(1, "eq", 35.0),
        RatingValue(0, "level", 50.0),
    ]
    words = ("low", "high")
    hundred = scale_of((), words)
    (use,) = scale_uses(ratings, {"level": hundred, "eq": hundred})
    assert (use.attribute, use.values, use.spread) == ("eq", (35.0, 80.0), 0.45)
    around_0 = scale_of((Range(minimum=-100, maximum=100),), words)
    (use,) = scale_uses(ratings, {"eq": around_0})
    assert (use.spread, use.shares) == (0.225, (0.675, 0.9))


def test_feedback_on_the_practice_page_is_shown_once_and_kept_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It tells the range and, where that is small, says so; practice stays out of the data."""
    more = ["pages: {training_feedback: true}"]
    for installation in served(write_study(tmp_path, more=more), monkeypatch):
        token = comer(installation)
        rated(installation, token, 1)
        before = installation.store.find_participant(token)
        at = survey(token)
        assert "How you used the scale" in html_of(at)
        assert "from 20 to 20, on a scale from 0 to 100" in html_of(at)
        assert "use more of the scale" in html_of(at)
        assert not has_player(at)
        press(at, "On to the first song")
        assert player_of(at)["page"] == 1
        assert player_of(survey(token))["page"] == 1
        assert installation.store.find_participant(token) == before
        kept = rated_pages(
            installation.store.ratings(installation.study.identifier), include_unfinished=True
        )
        assert kept.empty


def test_somebody_sent_by_a_platform_comes_back_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the platform's link to its own, with the code: identifiers are kept throughout."""
    more = [
        "completion_code: C1A2B3",
        "completion_link: https://panel.example/done?cc=C1A2B3&pid={PROLIFIC_PID}",
    ]
    for installation in served(write_study(tmp_path, more=more), monkeypatch):
        at = survey()
        at.query_params["PROLIFIC_PID"] = "5f2a77"
        at.query_params["STUDY_ID"] = "<script>"
        press(at, "I agree and take part")
        value = at.query_params["p"]
        token = value if isinstance(value, str) else value[0]
        assert installation.store.find_participant(token).answers == {"prolific_pid": "5f2a77"}
        again = survey(token)  # the tab was closed: only the personal link is left
        again.radio(key="group").set_value("hobbyist")
        again.radio(key="device").set_value("headphones")
        press(again, "Continue")
        installation.store.record_volume(token, 0.5)
        rated(installation, token, 3)
        at = survey(token)
        assert at.code[0].value == "C1A2B3"
        (link,) = at.get("link_button")
        assert link.proto.url == "https://panel.example/done?cc=C1A2B3&pid=5f2a77"
        people = installation.store.participants(installation.study.identifier)
        assert list(people["answers"]) == ['{"prolific_pid": "5f2a77"}']


def test_who_a_platform_sends_again_goes_on_where_they_stopped(installation: Installation) -> None:
    """One person of a platform is one participant; another one is another."""

    def sent(identifier: str) -> str:
        at = survey()
        at.query_params["PROLIFIC_PID"] = identifier
        press(at, "I agree and take part")
        value = at.query_params["p"]
        return value if isinstance(value, str) else value[0]

    token = sent("5f2a77")
    installation.store.record_questionnaire(token, "hobbyist", "headphones")
    installation.store.record_volume(token, 0.5)
    rated(installation, token, 1)
    assert sent("5f2a77") == token
    assert installation.store.find_participant(token).page_index == 1
    assert sent("5f2a78") != token
    assert installation.store.counts(installation.study.identifier).enrolled == 2


def test_who_declines_leaves_nothing_behind(installation: Installation) -> None:
    """No participant, no identifier of a platform; the way to take part stays open."""
    at = survey()
    at.query_params["PROLIFIC_PID"] = "5f2a77"
    press(at, "No, thank you")
    assert "Thank you for your interest" in html_of(at)
    assert installation.store.counts(installation.study.identifier).enrolled == 0
    press(at, "I would like to take part after all")
    assert "I agree and take part" in [button.label for button in at.button]
