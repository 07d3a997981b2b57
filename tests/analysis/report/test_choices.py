"""Choices between mixes, words, and who took part: in the report, tied to results.json."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.report.contents import look_at
from analysis.report.context import ReportContext, ReportPaths
from analysis.report.sections.comments import comments_of, grouped_comments
from analysis.report.sections.sample import (
    LEFT_OUT,
    AskedQuestion,
    ComersByStage,
    asked_of,
    flow_of,
    free_answers,
)
from analysis.report.write import write_report
from browser_study import running_browser
from tests.analysis.report.test_report import EVIL, Page, at_pointer, ratings_of, rounds_to

SYSTEMS = ("baseline", "cnn", "human")
TASTE = {"baseline": -0.8, "cnn": 0.0, "human": 0.9}
QUESTIONS = (
    AskedQuestion("device", "Listening device", "choice", {"h": "Headphones", "l": "Speakers"}),
    AskedQuestion("age", "How old?", "choice", {"18-24": "18 to 24", "25-34": "25 to 34"}),
    AskedQuestion("years", f"Years {EVIL}", "number"),
    AskedQuestion("after.said", "Anything else?", "text"),
    AskedQuestion("after.tools", "Which tools?", "multiple", {"eq": "Equaliser", "cp": "Comp."}),
    AskedQuestion("after.never", "Nobody answers", "choice", {"a": "A"}),
)


def trials_of(n_participants: int = 8) -> pd.DataFrame:
    """Preference among three systems on two songs, ABX and triangles of a pair, of known tastes."""
    rng = np.random.default_rng(3)
    rows: list[tuple[Any, ...]] = []
    for k in range(n_participants):
        who = (f"P{k + 1:03d}", "pro" if k % 2 else "novice")
        for song in ("s1", "s2"):
            for i, a in enumerate(SYSTEMS):
                for b in SYSTEMS[i + 1 :]:
                    wins = rng.random() < 1 / (1 + np.exp(TASTE[b] - TASTE[a]))
                    answer = "tie" if rng.random() < 0.1 else "a" if wins else "b"
                    rows.append(
                        (*who, "taste", "preference", song, "overall", a, b, "", answer, None)
                    )
            for _ in range(3):
                correct = int(rng.random() < 0.8)
                rows.append((*who, EVIL, "abx", song, "abx", "cnn", "human", "", "a", correct))
            for at, three in enumerate((["cnn", "cnn", "human"], ["human", "cnn", "human"])):
                told = ("c", (k + at) % 3 > 0)
                rows.append((*who, "odd", "triangle", song, "odd_one", *three, *told))
            for at, two in enumerate((["cnn", "human"], ["human", "human"])):
                told = (("different", "same")[(at + (k == 1)) % 2], (at + (k == 1)) % 2 == at)
                rows.append((*who, "", "same_different", song, "different", *two, "", *told))
    names = ["participant", "group", "part", "trial_kind", "song", "attribute"]
    return pd.DataFrame(
        rows, columns=[*names, "system_a", "system_b", "system_c", "answer", "correct"]
    )


def people_of(n_participants: int = 8) -> pd.DataFrame:
    """Participants with answers to the questions above; the third wrote markup."""
    rows = []
    for k in range(n_participants):
        answers = {"age": "18-24" if k % 3 else "25-34", "years": str(2 * k)}
        answers |= {"after.tools": "eq cp" if k == 0 else "eq"}
        if k == 2:
            answers["after.said"] = EVIL
        group = "pro" if k % 2 else "novice"
        rows.append((f"P{k + 1:03d}", group, "hl"[k % 2], json.dumps(answers)))
    return pd.DataFrame(rows, columns=["participant", "group", "device", "answers"])


def comments_of_all() -> pd.DataFrame:
    """Comments on two systems and a page; one is markup, one looks like a formula."""
    rows = [
        ("P001", "novice", "s1", "human", 2, EVIL),
        ("P002", "pro", "s2", "human", 1, "=HYPERLINK(1)"),
        ("P001", "novice", "s1", "baseline", 1, "too dry\nand thin"),
        ("P002", "pro", "s1", "", None, "a fine song"),
        ("P002", "pro", "s1", "cnn", 3, "  "),
    ]
    names = ["participant", "group", "song", "system", "stimulus_order", "comment"]
    return pd.DataFrame(rows, columns=names)


def empty() -> pd.DataFrame:
    """A rating table without rows."""
    return ratings_of(2, 1).iloc[:0]


def context(**more: Any) -> ReportContext:
    """Everything that this file is about, and nothing else."""
    return ReportContext(
        systems=SYSTEMS,
        groups=("novice", "pro"),
        group_labels={"pro": f"Pro {EVIL}"},
        trials=trials_of(),
        people=people_of(),
        questions=QUESTIONS,
        comments=comments_of_all(),
        flow=ComersByStage(11, 10, 8, 20, {"a rating page": 2, "the consent text": 1}),
        pictures=False,
        **more,
    )  # fmt: skip


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> ReportPaths:
    """A report of a study that only asked for choices."""
    return write_report(empty(), tmp_path_factory.mktemp("choices"), context())


@pytest.fixture(scope="module")
def page(written: ReportPaths) -> Page:
    """That report, parsed."""
    return Page(written.html.read_text("utf-8"))


def test_every_number_is_that_of_results_json(page: Page, written: ReportPaths) -> None:
    """Choices, sample, flow and comments: each number names its place, and is the one there."""
    results = json.loads(written.results.read_text("utf-8"))
    assert len(page.numbers) > 120
    for attributes, text in page.numbers:
        value = at_pointer(results, str(attributes["data-path"]))
        assert float(str(attributes["value"])) == value, attributes
        assert rounds_to(text, value, str(attributes["data-style"])), (attributes, text)
    sections = {str(a["data-path"]).split("/")[1:3][-1] for a, _ in page.numbers}
    assert {
        "preference",
        "abx",
        "triangle",
        "same_different",
        "sample",
        "flow",
        "comments",
    } <= sections


def test_a_study_of_choices_alone_answers_with_them(page: Page, written: ReportPaths) -> None:
    """No ratings, no fault: who is preferred and what is told apart stand on top."""
    assert "human was chosen most often" in page.text
    assert "Which of these mixes do listeners prefer" in page.text
    assert "The mixes were told apart more often than by guessing" in page.text
    assert "heard three recordings of two mixes in trials and said which recording" in page.text
    assert "find the odd recording on at least" in page.text
    assert "Different mixes were called different more often than the same mix heard" in page.text
    assert "All these listeners are assumed to say “different” about a same pair" in page.text
    assert "cannot answer" not in page.text
    assert "MUSHRA" not in page.text.replace("ITU-R BS.1534-3", "").split("References")[0]
    results = json.loads(written.results.read_text("utf-8"))
    assert results["attributes"] == {}
    assert results["report"]["sample"]["n_participants"] == 8
    assert {path.name for path in written.tables.iterdir()} >= {
        "preference-wins.csv", "preference-pairs.csv", "preference-strengths.csv",
        "abx-pairs.csv", "abx-participants.csv", "triangle-pairs.csv", "same-different-pairs.csv",
        "same-different-participants.csv", "sample-answers.csv",
        "comments.csv",
        "comment-counts.csv", "free-answers.csv",
    }  # fmt: skip
    methods = written.methods.read_text("utf-8")
    assert "Bradley–Terry" in methods
    assert "In 32 triangle trials 8 participants gave" in methods
    (logit,) = (pair for part in results["trials"]["triangle"]
                for pair in part["mixed_logit"]["pairs"])  # fmt: skip
    (said,) = re.findall(r"In 32 triangle trials.*a chance of (\d+) % \(log odds (\S+),", methods)
    assert round(100 * logit["right"]) == int(said[0])
    assert round(logit["estimate"], 2) == float(said[1].replace("−", "-"))
    assert "In 32 same-different trials 8 participants called 14 of 16 different" in methods
    assert "20 people were invited. 11 opened the test" in methods
    assert f"\n8 participants (4 novice, 4 Pro {EVIL}) answered trials.\n" in methods
    assert f" The sha256 of the choices is {results['trials']['sha256']}.\n" in methods


def test_several_pairs_are_spoken_of_one_by_one(tmp_path: Path) -> None:
    """Nothing that holds over all pairs together stands for each: one of five is heard by all."""
    five = pd.concat(
        [told_apart("abx", "five", f"s{k}", 8 if k == 4 else 4) for k in range(5)]
        + [told_apart("triangle", "two", "near", 2), told_apart("triangle", "two", "far", 8)]
        + [told_apart("same_different", "all", f"s{k}", 8) for k in range(2)]
    )
    written = write_report(empty(), tmp_path, replace(context(), trials=five))
    text = Page(written.html.read_text("utf-8")).text
    assert text.count("Over all pairs together, the mixes were told apart more often than by") == 2
    assert text.count(". Some pairs, but not all, are told apart in their own trials") == 2
    assert ". Every pair is told apart in its own trials (adjusted p below .05)" in text
    assert (
        "For each pair, the table has an upper bound on the share of listeners like these" in text
    )
    assert text.count("listeners like these hear a difference between") == 1
    assert "listeners like these hear a difference between near and ref" in text
    assert text.count("For the other pairs, it is not excluded that all listeners hear") == 1
    assert (
        text.count("for its pair only. The confidence that all bounds are right together is less")
        == 2
    )
    assert "It is not excluded for any pair that all listeners like these hear" in text
    assert "of listeners like these hear a difference (" not in text
    one = replace(context(), trials=told_apart("abx", "one", "s1", 8))
    alone = Page(write_report(empty(), tmp_path / "one", one).html.read_text("utf-8")).text
    assert "It is not excluded that all listeners like these hear the difference" in alone
    assert "At most" not in alone
    assert "binomial test over all pairs together treats trials" in written.methods.read_text(
        "utf-8"
    )


def test_trials_of_one_kind_alone_are_told_in_words(tmp_path: Path) -> None:
    """No same pair came, or no different one: no test, no "0 of 0" and no dash for a share."""
    trials = trials_of()
    is_same = trials["system_a"] == trials["system_b"]
    for kept, words, none in (
        (~is_same, "No mix was heard twice in one trial, so there is no test", "no mix was"),
        (
            is_same,
            "No two different mixes were heard in one trial. Of same pairs",
            "no two different",
        ),
    ):
        some = trials[(trials["trial_kind"] == "same_different") & kept]
        written = write_report(empty(), tmp_path, replace(context(), trials=some))
        text = Page(written.html.read_text("utf-8")).text
        assert words in text
        assert "Do listeners hear a difference between these mixes" in text
        assert "0 of 0" not in text
        methods = written.methods.read_text("utf-8")
        assert f"In 16 same-different trials of 8 participants {none}" in methods
        assert "0 of 0" not in methods


def told_apart(kind: str, part: str, system: str, n_right: int) -> pd.DataFrame:
    """Eight trials of each of twelve listeners of a system and ``ref``, so many right."""
    rows = []
    for who in range(12):
        for trial in range(8):
            two = (system, system if kind == "same_different" and trial % 2 else "ref")
            third = system if kind == "triangle" else ""
            answer = "a"
            if kind == "same_different":
                answer = ("different", "same")[trial % 2]
            row = (f"P{who:02d}", "pro", part, kind, "s1", kind, *two, third, answer)
            rows.append((*row, int(trial < n_right)))
    return pd.DataFrame(rows, columns=trials_of(1).columns)


def test_choices_without_groups_are_those_of_all() -> None:
    """A table of choices need not say in which group its participants are."""
    told = replace(context(), trials=trials_of().drop(columns="group"), groups=())
    look = look_at(empty(), told)
    assert (look.systems, look.groups) == (SYSTEMS, ("all",))


def test_words_are_text_and_never_run(page: Page, written: ReportPaths) -> None:
    """Markup in comments, answers, labels and part names makes no element; tables no formula."""
    assert page.text.count("onerror") >= 4
    assert all(not key.startswith("on") for _, attrs in page.elements for key in attrs)
    assert not [attrs for tag, attrs in page.elements if tag == "img"]
    running = [a for t, a in page.elements if t == "script" and a.get("type") is None]
    assert running == [{}, {}]
    table = pd.read_csv(written.tables / "comments.csv")
    assert "'=HYPERLINK(1)" in table["comment"].tolist()
    assert EVIL in table["comment"].tolist()


def test_comments_stand_by_system_and_song_with_the_letter_on_their_page() -> None:
    """Order of the study, pages last, blank ones gone."""
    found = grouped_comments(comments_of_all(), SYSTEMS)
    assert [(system, [song for song, _ in songs]) for system, songs in found] == [
        ("baseline", ["s1"]), ("human", ["s1", "s2"]), ("", ["s1"]),
    ]  # fmt: skip
    assert [(q.letter, q.group) for _, quotes in found[1][1] for q in quotes] == [
        ("B", "novice"), ("A", "pro"),
    ]  # fmt: skip
    counted = comments_of(comments_of_all(), SYSTEMS)
    assert counted is not None
    assert (counted.n_comments, counted.n_participants, counted.n_on_pages) == (4, 2, 1)


def test_words_that_were_left_out_are_counted_and_not_shown() -> None:
    """The number stays, the words do not."""
    silent = comments_of_all().assign(comment=LEFT_OUT)
    counted = comments_of(silent, SYSTEMS)
    assert counted is not None
    assert (counted.n_comments, counted.n_left_out) == (5, 5)
    assert grouped_comments(silent, SYSTEMS) == []


def test_answers_become_counts_medians_and_lists_by_group() -> None:
    """Eight people, four a group: by hand."""
    found = {entry.key: entry for entry in asked_of(people_of(), QUESTIONS, ("novice", "pro"))}
    assert list(found) == ["device", "age", "years", "after.said", "after.tools"]
    ages = [(row.label, row.n, row.by_group) for row in found["age"].rows]
    assert ages == [("18 to 24", 5, [2, 3]), ("25 to 34", 3, [2, 1])]
    years = found["years"].numbers
    assert [(row.group, row.median, row.min, row.max) for row in years] == [
        (None, 7.0, 0.0, 14.0), ("novice", 6.0, 0.0, 12.0), ("pro", 8.0, 2.0, 14.0),
    ]  # fmt: skip
    assert [row.n for row in found["after.tools"].rows] == [8, 1]
    assert found["after.said"].n_answered == 1
    assert free_answers(people_of(), QUESTIONS) == [("Anything else?", [("novice", EVIL)])]


def test_a_question_asked_again_and_again_is_one_question() -> None:
    """Answers after the second and the fourth page are taken together."""
    cells = ['{"effort.2.tired": "1", "effort.4.tired": "5"}', '{"effort.2.tired": "5"}', "broken"]
    people = pd.DataFrame({"participant": ["P1", "P2", "P3"], "group": "", "answers": cells})
    question = AskedQuestion("effort.tired", "Tired?", "choice", {str(n): str(n) for n in range(6)})
    (entry,) = asked_of(people, [question], ())
    assert {row.answer: row.n for row in entry.rows if row.n} == {"1": 1, "5": 2}
    assert (entry.n_answered, entry.n_not_answered) == (2, 1)


def test_how_many_were_invited_is_told_or_said_to_be_unknown(tmp_path: Path) -> None:
    """An unknown number is said in words; a table knows nothing of its people."""
    assert flow_of(None, 5, 1) is None
    found = flow_of(ComersByStage(7, 6, 5), 5, 1)
    assert found is not None
    assert (found.invited, found.rated, found.analysed) == (None, 5, 4)
    told = ReportContext(flow=ComersByStage(8, 8, 8), pictures=False)
    written = write_report(ratings_of(8, 3, ("overall",)), tmp_path, told)
    assert "invited not known" in Page(written.html.read_text("utf-8")).text


@pytest.mark.parametrize("why", ["There are no ratings yet: nobody has taken part."])
def test_no_ratings_yet_give_a_report_that_says_why(why: str, tmp_path: Path) -> None:
    """The design can be read; nothing is claimed; results.json is whole."""
    design = (("Method", "multi-stimulus"),)
    told = ReportContext(why_empty=why, design=design, pictures=False)
    written = write_report(empty(), tmp_path, told)
    text = Page(written.html.read_text("utf-8")).text
    assert "This study cannot answer yet." in text
    assert why in text
    assert "multi-stimulus" in text
    results = json.loads(written.results.read_text("utf-8"))
    assert results["data"]["n_ratings"] == 0
    assert why in written.methods.read_text("utf-8")


def test_ratings_and_choices_of_one_study_stand_beside_each_other(tmp_path: Path) -> None:
    """The part with ratings is named; the choices have sections of their own."""
    ratings = ratings_of(8, 3, ("overall",))
    told = context(
        part="quality", page_type="multi_stimulus", part_names=("quality", "taste"),
        name_of_test="Rated with crayons.", source="De Man & Reiss",
    )  # fmt: skip
    trials = trials_of()
    told = replace(told, trials=trials[trials["song"] == trials["song"].iloc[0]])
    written = write_report(ratings, tmp_path, told)
    parsed = Page(written.html.read_text("utf-8"))
    assert "Rated with crayons." in parsed.text
    assert "APE: audio perceptual evaluation toolbox" in parsed.text
    assert "Methods for subjective determination of transmission quality" not in parsed.text
    assert "Part analysed quality (multi stimulus)" in parsed.text
    ids = {attributes.get("id") for _, attributes in parsed.elements}
    assert {"preference-1", "abx-1", "attribute-overall", "comments", "flow"} <= ids
    methods = written.methods.read_text("utf-8")
    assert "The part quality of the study" in methods
    assert "(1 song, no reference" in methods
    assert 'to these songs only.\n"Inconclusive" means that two systems' in methods


@pytest.mark.slow
@pytest.mark.browser
def test_the_new_sections_fit_a_desk_and_a_phone_and_run_nothing(tmp_path: Path) -> None:
    """At 1280 and 390 px nothing overflows, all figures are drawn, no word of others acts."""
    expect = pytest.importorskip("playwright.sync_api").expect

    planned = pd.DataFrame([("P1", "song0"), ("P2", "song9")], columns=["participant", "song"])
    ratings = ratings_of(8, 3, ("overall",)).query("participant != 'P2' or song != 'song1'")
    written = write_report(ratings, tmp_path, context(planned=planned))
    troubles: list[str] = []
    with running_browser() as chromium:
        view = chromium.new_page()
        view.on("console", lambda message: troubles.append(f"console: {message.text}"))
        view.on("pageerror", lambda error: troubles.append(f"error: {error}"))
        view.on("dialog", lambda dialog: troubles.append(f"dialog: {dialog.message}"))
        for width in (1280, 390):
            view.set_viewport_size({"width": width, "height": 900})
            view.goto(written.html.as_uri())
            view.evaluate("document.querySelectorAll('details.more').forEach((d) => d.open = true)")
            for canvas in view.query_selector_all(".canvas"):
                canvas.scroll_into_view_if_needed()
            n_figures = view.locator(".canvas").count()
            expect(view.locator(".drawn")).to_have_count(n_figures, timeout=60_000)
            assert view.evaluate("document.documentElement.scrollWidth") <= width
            for kind in ("preference-1-wins", "abx-1-told-apart", "missing", "overall-caterpillar"):
                assert view.locator(f"#figure-{kind}").count() == 1
    assert troubles == []
