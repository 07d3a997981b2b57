"""The report: every number is that of results.json, nothing foreign runs, nothing is left half."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import places
from analysis.ratings.table import RatingsError
from analysis.report import write as report_module
from analysis.report.context import ReportContext, ReportPaths
from analysis.report.write import write_report
from browser_study import running_browser
from printed_pages import pages_of, underfilled

LAYERS = ("summary", "main-part", "supplement")
EVIL = '<script>alert(1)</script><img src=x onerror="alert(2)">'
SYSTEMS = ("random", "baseline", "human")


def ratings_of(
    n_participants: int = 8,
    n_songs: int = 3,
    attributes: tuple[str, ...] = ("overall", "level/balance~vocal"),
    n_groups: int = 2,
) -> pd.DataFrame:
    """Simulated ratings with a planted order: random, baseline, human."""
    rng = np.random.default_rng(5)
    taste = {"random": 30.0, "baseline": 45.0, "human": 70.0}
    rows = []
    for attribute in attributes:
        of_song = {(s, j): rng.normal(0, 4) for s in range(n_songs) for j in ("", *SYSTEMS)}
        for k in range(n_participants):
            own = {j: rng.normal(0, 6) for j in ("", *SYSTEMS)}
            for s in range(n_songs):
                mood = own[""] + of_song[s, ""] + rng.normal(0, 3)
                for system in SYSTEMS:
                    value = taste[system] + mood + own[system] + of_song[s, system]
                    rating = round(float(np.clip(value + rng.normal(0, 6), 0, 100)))
                    group = f"group{k % n_groups}"
                    rows.append((f"P{k + 1}", group, f"song{s}", system, attribute, rating))
    names = ["participant", "group", "song", "system", "attribute", "rating"]
    return pd.DataFrame(rows, columns=names)


def evil_context() -> ReportContext:
    """Context in which every text tries to run a script."""
    return ReportContext(
        title=f"Mixes {EVIL}",
        description=EVIL,
        systems=SYSTEMS,
        attribute_labels={"overall": f"Overall {EVIL}"},
        group_labels={"group0": EVIL},
        notices=(EVIL,),
        comments=pd.DataFrame(
            {"song": ["song0", EVIL], "system": ["human", ""], "comment": [EVIL, "fine & loud"]}
        ),
        manifest=pd.DataFrame(
            [
                {"song": song, "system": system, "integrated_lufs": -23.0 + 0.02 * place,
                 "true_peak_dbtp": -3.0, "lra_lu": 6.0, "duration_s": 12.5}
                for song in ("song0", "song1", "song2")
                for place, system in enumerate(SYSTEMS)
            ]
        ),
        also=("pooled_mann_whitney",),
        pictures=False,
    )  # fmt: skip


class Page(HTMLParser):
    """Parts of a report that the tests need: elements, numbers, and the text around them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.numbers: list[tuple[dict[str, str | None], str]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element; a number begins."""
        self.elements.append((tag, dict(attrs)))
        if tag == "data":
            self.numbers.append((dict(attrs), ""))
        if tag not in ("meta", "link", "img"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Leave an element."""
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Text belongs to a number, to a script or style, or to the reader."""
        if "data" in self._open:
            attributes, text = self.numbers[-1]
            self.numbers[-1] = (attributes, text + data)
        elif not {"script", "style", "code"} & set(self._open):
            self.words.append(data)

    @property
    def text(self) -> str:
        """The words of the report without its numbers."""
        return " ".join(" ".join(self.words).split())


def at_pointer(document: Any, path: str) -> Any:
    """Value at a JSON pointer, by RFC 6901."""
    for step in path.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        document = document[int(key)] if isinstance(document, list) else document[key]
    return document


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> ReportPaths:
    """A report on good data with hostile words, written once."""
    return write_report(ratings_of(), tmp_path_factory.mktemp("report"), evil_context())


@pytest.fixture(scope="module")
def page(written: ReportPaths) -> Page:
    """The written report, parsed."""
    return Page(written.html.read_text("utf-8"))


@pytest.fixture(scope="module")
def results(written: ReportPaths) -> dict[str, Any]:
    """The written results.json."""
    content: dict[str, Any] = json.loads(written.results.read_text("utf-8"))
    return content


def test_every_number_of_the_text_is_that_of_results_json(
    page: Page, results: dict[str, Any]
) -> None:
    """Each number names its place; the value there is the same, and the text is its rounding."""
    assert len(page.numbers) > 300
    for attributes, text in page.numbers:
        value = at_pointer(results, str(attributes["data-path"]))
        assert float(str(attributes["value"])) == value, attributes
        assert rounds_to(text, value, str(attributes["data-style"])), (attributes, text)


def rounds_to(text: str, value: float, style: str) -> bool:
    """Whether the text is the value, rounded to the digits it shows; read anew, not by our code."""
    if text.startswith(("<", ">")):
        limit = float(text[1:].strip())
        return value < limit if text[0] == "<" else value > limit
    digits = text.removeprefix("=").strip().removesuffix("%").strip()
    digits = digits.replace("−", "-").replace("+", "").replace(",", "")
    if "e" in digits or style in ("bayes", "setting"):
        return float(digits) == pytest.approx(value, rel=0.006)
    if style.endswith(" end"):  # of a scale, beyond which the value lies
        return value < float(digits) if style.startswith("lower") else value > float(digits)
    decimals = len(digits.partition(".")[2])
    scale = 100 if style == "percent" else 1
    return abs(float(digits) - scale * value) <= 0.5 * 10**-decimals + 1e-6


def test_a_method_that_does_not_apply_has_no_section(written: ReportPaths) -> None:
    """On 0 to 100 no system is tested against 0, and nothing says that a test was not made."""
    text = written.html.read_text("utf-8")
    assert "against 0" not in text
    assert "was not computed" not in text


def test_the_answer_holds_no_number_that_is_not_tied_to_the_results(
    written: ReportPaths,
) -> None:
    """In the cards on top, digits are in tied numbers only (95 % is the level of intervals).

    Numbers of figures and tables say where to look, and are no results.
    """
    text = written.html.read_text("utf-8")
    cards = text[text.index('<div class="cards"') : text.index('<section id="forest"')]
    words = Page(cards).text.replace("95 %", "").replace("0 Bad", "").replace("Excellent 100", "")
    words = re.sub(
        r"\(\s*(?:(?:Figures?|Tables?) \d+(?:\s*(?:,|and)\s*\d+)*\s*;?\s*)+\)",
        "",
        words.replace(EVIL, ""),
    )
    assert re.findall(r"(?<![\w.])\d+", words) == []


def test_three_layers_stand_one_after_the_other(written: ReportPaths) -> None:
    """The forest plot is in the summary; what only some readers want is in the supplement."""
    text = written.html.read_text("utf-8")
    starts = [text.index(f'<div class="layer" id="{name}">') for name in LAYERS]
    assert starts == sorted(starts)
    summary, main, supplement = (
        text[start:end] for start, end in zip(starts, [*starts[1:], None], strict=True)
    )
    assert 'id="figure-overall-forest"' in summary
    assert 'id="limits"' in summary
    assert 'id="attribute-overall"' in main
    assert 'id="figure-overall-forest"' not in main
    assert 'id="references"' in main
    assert 'id="more-overall"' in supplement
    assert 'id="reproduce"' in supplement


def test_no_pairs_are_shown_inside_a_group_of_fewer_than_ten(tmp_path: Path) -> None:
    """Ten have a table of pairs, nine have a sentence."""
    ratings = ratings_of(19, 3, ("overall",))
    people = sorted(ratings["participant"].unique())
    few = ratings["participant"].isin(people[:9])
    ratings["group"] = np.where(few, "novices", "experts")
    context = replace(evil_context(), pictures=False)
    text = Page(write_report(ratings, tmp_path, context).html.read_text("utf-8")).text
    inside = text[text.index("The table has the differences inside each group") :]
    assert "experts" in inside[: inside.index("Friedman's test on")]
    assert "inside groups of fewer than 10 participants: novices" in inside


def test_the_planted_order_is_the_answer(page: Page, results: dict[str, Any]) -> None:
    """With differences of 15 points and more, the report names the best system."""
    answer = results["report"]["answers"]["overall"]
    assert answer["leaders"] == ["human"]
    assert answer["others"] == ["baseline", "random"]
    assert "Listeners rated human highest, above every other system." in page.text


def test_words_of_others_are_shown_and_never_run(page: Page, written: ReportPaths) -> None:
    """Titles, labels and comments with markup appear as text; no element comes from them."""
    assert "onerror" in page.text
    assert all(not key.startswith("on") for _, attrs in page.elements for key in attrs)
    assert not [attrs for tag, attrs in page.elements if tag == "img"]
    scripts = [attrs for tag, attrs in page.elements if tag == "script"]
    running = [attrs for attrs in scripts if attrs.get("type") != "application/json"]
    assert running == [{}, {}]
    assert "<script>alert" not in written.html.read_text("utf-8")


def test_the_report_loads_nothing_from_anywhere(page: Page) -> None:
    """Sources are data URLs; links lead into the page or to the files beside it."""
    for tag, attributes in page.elements:
        assert "src" not in attributes or str(attributes["src"]).startswith("data:"), tag
        link = str(attributes.get("href", "#"))
        assert link.startswith(("#", "figures/", "data:")), link
    policy = [a["content"] for t, a in page.elements if a.get("http-equiv")]
    assert "default-src 'none'" in str(policy[0])


def test_files_linked_from_the_report_are_there(page: Page, written: ReportPaths) -> None:
    """Each figure's interactive page was written; the contents lead to sections that exist."""
    ids = {attributes.get("id") for _, attributes in page.elements}
    for tag, attributes in page.elements:
        link = str(attributes.get("href", ""))
        if tag == "a" and link.startswith("figures/"):
            assert (written.html.parent / link).is_file(), link
        if link.startswith("#"):
            assert link[1:] in ids, link


def test_results_json_is_strict_json(written: ReportPaths) -> None:
    """No NaN and no infinity, which JSON does not know."""

    def refuse(word: str) -> None:
        raise AssertionError(word)

    json.loads(written.results.read_text("utf-8"), parse_constant=refuse)


def test_tables_hold_the_same_numbers(written: ReportPaths, results: dict[str, Any]) -> None:
    """The CSV of the model's pairs equals results.json, attribute by attribute."""
    table = pd.read_csv(written.tables / "model-pairs.csv")
    for name, section in results["attributes"].items():
        rows = table[table["attribute"] == name]
        expected = [row["estimate"] for row in section["lmm"]["pairs"]]
        assert rows["estimate"].tolist() == pytest.approx(expected, rel=1e-12)


def test_the_methods_paragraph_tells_the_same_numbers(
    written: ReportPaths, results: dict[str, Any]
) -> None:
    """Text for a paper, without markup of HTML: formula, F, and each pair with its verdict."""
    text = written.methods.read_text("utf-8")
    model = results["attributes"]["overall"]["lmm"]
    assert model["formula"] in text
    assert f"= {model['omnibus']['system']['f']:.2f}, p <" in text
    assert "<data" not in text
    for row in results["report"]["answers"]["overall"]["pairs"]:
        assert f"| {row['higher']} | {row['lower']} | {row['difference']:.1f} |" in text


def test_the_same_ratings_give_the_same_bytes(written: ReportPaths, tmp_path: Path) -> None:
    """A second run writes an identical results.json."""
    again = write_report(ratings_of(), tmp_path, evil_context())
    assert again.results.read_bytes() == written.results.read_bytes()


def test_a_report_replaces_an_older_one_and_leaves_nothing_else(
    tmp_path: Path, analysed_once: None
) -> None:
    """Old figures and an old PDF are gone; only the parts of the report are in the folder."""
    plain = ReportContext(pictures=False)
    (tmp_path / "report.pdf").write_bytes(b"old")
    ratings = ratings_of(6, 3, ("overall",))
    write_report(ratings, tmp_path, plain)
    (tmp_path / "figures" / "old.svg").write_text("old")
    write_report(ratings, tmp_path, plain)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "figures", "methods.md", "report.html", "results.json", "tables",
    ]  # fmt: skip
    assert not (tmp_path / "figures" / "old.svg").exists()


def test_a_model_of_nobodys_ratings_is_missing_for_a_reason(tmp_path: Path) -> None:
    """The hidden reference is rated low by everybody: the screening leaves nobody."""
    ratings = ratings_of(6, 3, ("overall",))
    name = str(ratings["system"].iloc[0])
    ratings.loc[ratings["system"] == name, "rating"] = 20.0
    written = write_report(ratings, tmp_path, ReportContext(reference=name, pictures=False))
    why = "No rating of the attribute overall is left to analyse."
    assert f"fitted to the ratings of overall: {why}" in written.methods.read_text("utf-8")
    assert why in Page(written.html.read_text("utf-8")).text


def test_a_failure_leaves_the_old_report_as_it_was(
    tmp_path: Path, analysed_once: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When writing fails half-way, nothing is replaced and no temporary folder stays."""
    (tmp_path / "report.html").write_text("the old one")

    def fail(*_args: object, **_named: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(report_module, "render_page", fail)
    with pytest.raises(OSError, match="No space left"):
        write_report(ratings_of(6, 3, ("overall",)), tmp_path, ReportContext(pictures=False))
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
    assert (tmp_path / "report.html").read_text() == "the old one"


def test_no_ratings_is_one_sentence(tmp_path: Path) -> None:
    """An empty table and a table of empty cells are refused before anything is written."""
    empty = ratings_of(2, 1).iloc[:0]
    with pytest.raises(RatingsError, match="no rows"):
        write_report(empty, tmp_path / "a", ReportContext(pictures=False))
    with pytest.raises(RatingsError, match="no ratings"):
        write_report(ratings_of(2, 1).assign(rating=np.nan), tmp_path / "b")
    assert list(tmp_path.iterdir()) == []


def test_names_that_nobody_rated_are_refused(tmp_path: Path) -> None:
    """A wrong attribute or reference is named together with what there is."""
    for context in (ReportContext(primary_attribute="loudness"), ReportContext(reference="ref")):
        with pytest.raises(RatingsError, match=r"There is no (attribute 'loud|system 'ref')"):
            write_report(ratings_of(2, 1), tmp_path, context)


def test_one_participant_gives_a_report_that_says_what_cannot_be_said(tmp_path: Path) -> None:
    """Ratings are shown, differences are declared impossible, nothing is claimed."""
    written = write_report(ratings_of(1), tmp_path, ReportContext(pictures=False))
    text = Page(written.html.read_text("utf-8")).text
    assert "With one participant, nothing can be said about listeners" in text
    assert "Nothing can be said about differences" in text
    assert "Listeners rated" not in text


@pytest.mark.parametrize(
    ("ratings", "sentence"),
    [
        (ratings_of(4, 3, ("overall",), 1), "There is one listener group"),
        (ratings_of(4, 1, ("overall",)), "There is only one song"),
        (ratings_of(3, 2, ("overall",)).query("system == 'human'"), "There is only one system"),
        (ratings_of(3, 2, ("overall",)).assign(rating=50), "All ratings are equal"),
    ],
    ids=["one group", "one song", "one system", "all equal"],
)
def test_poor_data_give_a_report_that_says_so(
    ratings: pd.DataFrame, sentence: str, tmp_path: Path
) -> None:
    """The report is written, and names what is missing."""
    written = write_report(ratings, tmp_path, ReportContext(pictures=False))
    assert sentence in Page(written.html.read_text("utf-8")).text


def test_missing_cells_and_an_unrated_attribute_are_told(tmp_path: Path) -> None:
    """Half a participant's ratings away: counted, named, and the rest analysed."""
    ratings = ratings_of(5, 2)
    ratings.loc[(ratings.participant == "P2") & (ratings.song == "song1"), "rating"] = np.nan
    ratings.loc[ratings.attribute != "overall", "rating"] = np.nan
    written = write_report(ratings, tmp_path, ReportContext(pictures=False))
    found = json.loads(written.results.read_text("utf-8"))["report"]["missing"]
    assert found["n_missing"] == 3 + 5 * 2 * 3
    assert (
        "cannot be given: No rating of the attribute" in Page(written.html.read_text("utf-8")).text
    )


def test_without_a_chromium_the_report_says_why_there_are_no_pictures(
    tmp_path: Path, analysed_once: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Interactive figures remain; a sentence is in the report; nothing fails."""
    monkeypatch.setattr(report_module, "chromium_path", lambda: None)
    written = write_report(ratings_of(6, 3, ("overall",)), tmp_path, ReportContext())
    assert not written.pictures
    assert not list(written.figures.glob("*.svg"))
    assert "No Chromium was found" in Page(written.html.read_text("utf-8")).text


def test_progress_rises_from_nothing_to_done(tmp_path: Path) -> None:
    """Shares never fall and end at one."""
    shares: list[float] = []
    write_report(
        ratings_of(6, 3, ("overall",)),
        tmp_path,
        ReportContext(pictures=False),
        lambda share, _what: shares.append(share),
    )
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_unknown_columns_change_nothing_and_run_nothing(
    tmp_path: Path, analysed_once: None
) -> None:
    """Whatever else a table has, the findings are the same and no markup comes from it."""
    ratings = ratings_of(6, 3, ("overall",))
    strange = ratings.assign(**{EVIL: EVIL, "mood": np.nan, "Unnamed: 7": range(len(ratings))})
    plain = ReportContext(pictures=False)
    one, other = (
        write_report(table, tmp_path / name, plain)
        for name, table in (("a", ratings), ("b", strange))
    )
    found, same = (json.loads(paths.results.read_text("utf-8")) for paths in (one, other))
    assert found["attributes"] == same["attributes"]
    assert "<script>alert" not in other.html.read_text("utf-8")


def test_the_answer_says_which_systems_are_no_answer(tmp_path: Path, analysed_once: None) -> None:
    """Beside the bars it is named; in a study without one, nothing is said of it."""
    ratings = ratings_of(6, 3, ("overall",))
    top = str(ratings.groupby("system")["rating"].mean().idxmax())
    compared = f"compares {top} (the reference or an anchor) with the other systems, but never"
    apart = f"As reference or anchor, {top} is not compared with the other systems."
    cases = ((top, False, (False, True)), (top, True, (True, False)), (None, False, (False, False)))
    for number, (anchor, with_roles, wanted) in enumerate(cases):  # it excludes nobody
        context = ReportContext(pictures=False, low_anchor=anchor, with_roles=with_roles)
        written = write_report(ratings, tmp_path / str(number), context)
        said = " ".join(Page(written.html.read_text("utf-8")).text.split())
        assert (compared in said, apart in said) == wanted


@pytest.mark.slow
@pytest.mark.shared
def test_the_report_on_the_reference_data_repeats_r_s_numbers(tmp_path: Path) -> None:
    """30 listeners, 10 songs, 4 systems: R's F and estimates are in the text."""
    source = places.SHARED / "data" / "ratings" / "synA_balanced.csv"
    if not source.is_file():
        pytest.skip("the data folder is not beside the checkout")
    ratings = pd.read_csv(source).query("attribute == 'overall'")
    written = write_report(ratings, tmp_path, ReportContext(pictures=False))
    numbers = {a["data-path"]: t for a, t in Page(written.html.read_text("utf-8")).numbers}
    assert numbers["/attributes/overall/groups/interaction/f"] == "4.65"
    assert numbers["/attributes/overall/groups/interaction/df2"] == "81"
    assert numbers["/attributes/overall/friedman/chi2"] == "55.01"
    assert numbers["/attributes/overall/friedman/kendall_w"] == ".61"
    assert numbers["/attributes/overall/lmm/pairs/3/estimate"] == "−2.8"


@pytest.mark.browser
def test_the_page_fits_a_desk_and_a_phone_without_error_or_request(
    tmp_path: Path, analysed_once: None
) -> None:
    """At 1280 and 390 px nothing overflows, every figure is drawn, nothing is fetched or run."""
    expect = pytest.importorskip("playwright.sync_api").expect

    if report_module.chromium_path() is None:
        pytest.skip("no Chromium on this machine")
    context = replace(evil_context(), pictures=True)
    written = write_report(ratings_of(6, 3, ("overall",)), tmp_path, context)
    assert written.pictures
    assert (written.figures / "overall-by-system.png").stat().st_size > 5_000
    assert written.pdf is not None
    pages = pages_of(written.pdf.read_bytes())
    assert underfilled(pages) == {}
    troubles: list[str] = []
    with running_browser() as chromium:
        view = chromium.new_page()
        view.on("console", lambda message: troubles.append(f"console: {message.text}"))
        view.on("pageerror", lambda error: troubles.append(f"error: {error}"))
        view.on("dialog", lambda dialog: troubles.append(f"dialog: {dialog.message}"))
        view.on("request", lambda asked: troubles.append(asked.url) if "http" in asked.url else 0)
        for width in (1280, 390):
            view.set_viewport_size({"width": width, "height": 900})
            view.goto(written.html.as_uri())
            view.evaluate("document.querySelectorAll('details.more').forEach((d) => d.open = true)")
            for canvas in view.query_selector_all(".canvas"):
                canvas.scroll_into_view_if_needed()
            n_figures = view.locator(".canvas").count()
            expect(view.locator(".drawn")).to_have_count(n_figures, timeout=60_000)
            assert view.evaluate("document.documentElement.scrollWidth") <= width
        view.emulate_media(media="print")
        assert view.is_visible(".drawn img")
        assert not view.is_visible(".drawn .live")
    assert troubles == []
