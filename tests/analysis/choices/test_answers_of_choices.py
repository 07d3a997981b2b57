"""Report on choices that no model fits, or that have no finite strengths."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_linear_model import GLM

from analysis.report.context import ReportContext, ReportPaths
from analysis.report.write import write_report
from tests.analysis.report.test_report import Page, at_pointer, ratings_of, rounds_to

WON = {("a", "b"): 71, ("b", "c"): 68, ("c", "a"): 54}
"""How often the first of a pair won, of 80: no order of the three holds them all."""
N_LISTENERS, N_EACH = 10, 8
ORDERS = ("xyz", "xyz", "xzy", "yxz", "xyz", "zxy", "xyz", "yzx", "xzy", "xyz")
IN_NO_ORDER = "One order of strengths does not describe these choices"


def circle(kind: str) -> list[tuple[Any, ...]]:
    """Eight choices of each pair by each of ten listeners, each choice on a song of its own."""
    rows = []
    for (a, b), n_won in WON.items():
        for k in range(N_LISTENERS):
            own = n_won // N_LISTENERS + (k < n_won % N_LISTENERS)
            for n in range(N_EACH):
                answer = "a" if n < own else "b"
                song = f"{a}{b}{n}"
                rows.append((f"P{k:02d}", f"circle {kind}", kind, song, "overall", a, b, answer))
    return rows


def pages(part: str, kind: str, orders: dict[str, str]) -> list[tuple[Any, ...]]:
    """One page by each listener, whose order has the best first; of a pick the best alone."""
    rows = []
    for who, order in orders.items():
        for at, above in enumerate(order[:1] if kind == "best" else order):
            pairs = [(above, below) for below in order[at + 1 :]]
            rows += [(who, part, kind, "song", "overall", *pair, "a") for pair in pairs]
    return rows


def split(part: str, kind: str, *, with_third: bool) -> list[tuple[Any, ...]]:
    """Each listener has x over y once and y over x once; of a third they think differently."""
    rows = []
    for who, n_won in (("P00", 1), ("P01", 2), ("P02", 3), ("P03", 2), ("P04", 3)):
        said = [("xy", "s0", "a"), ("xy", "s1", "b")]
        if with_third:
            said += [(pair, f"s{n}", "ab"[n >= n_won]) for pair in ("xz", "yz") for n in range(4)]
        rows += [(who, part, kind, song, "overall", *pair, answer) for pair, song, answer in said]
    return rows


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> ReportPaths:
    """One report with a part for each case."""
    rows = [*circle("preference"), *circle("ranking")]
    rows += split("of a third", "preference", with_third=True)
    for kind in ("preference", "ranking"):
        rows += split(f"alike {kind}", kind, with_third=False)
    for kind in ("ranking", "best"):
        rows += pages(f"alone {kind}", kind, {"P00": "xyz"})
        rows += pages(f"agreed {kind}", kind, {f"P{k:02d}": "xyz" for k in range(4)})
        rows += pages(f"fit {kind}", kind, {f"P{k:02d}": each for k, each in enumerate(ORDERS)})
    names = ["participant", "part", "trial_kind", "song", "attribute"]
    trials = pd.DataFrame(rows, columns=[*names, "system_a", "system_b", "answer"])
    told = ReportContext(trials=trials, pictures=False)
    empty = ratings_of(2, 1).iloc[:0]
    return write_report(empty, tmp_path_factory.mktemp("answers"), told)


@pytest.fixture(scope="module")
def page(written: ReportPaths) -> Page:
    """The report, parsed."""
    return Page(written.html.read_text("utf-8"))


@pytest.fixture(scope="module")
def trials(written: ReportPaths) -> dict[str, Any]:
    """Content of results.json of choices, each entry by the name of its part."""
    found = json.loads(written.results.read_text("utf-8"))["trials"]
    kinds = ("preference", "ranking", "best")
    return {entry["part"]: entry for kind in kinds for entry in found[kind]}


def card(page: Page, title: str) -> str:
    """Text of the card with this title, up to the next one's."""
    after = page.text.split(f"{title} ", 1)[1]
    return after.split(" · ", 1)[0]


@pytest.mark.parametrize("kind", ["ranking", "best"])
@pytest.mark.parametrize("case", ["alone", "agreed"])
def test_places_without_a_model_stand_with_the_reason(
    page: Page, written: ReportPaths, trials: dict[str, Any], kind: str, case: str
) -> None:
    """One participant, or all of one mind: x is first on every page, and no strength is finite."""
    entry = trials[f"{case} {kind}"]
    assert entry["model"]["status"] == "not estimable"
    title = "Ranking" if kind == "ranking" else "Best of several"
    said = card(page, f"{title} · {case} {kind}")
    first = "put first" if kind == "ranking" else "chosen"
    assert f"x was {first} most often." in said
    assert f": {entry['model']['why']}" in said.split("There is no model of all", 1)[1]
    assert [(row["n_first"], row["share_first"]) for row in entry["placed"]] == [
        (entry["n_trials"], 1), (0, 0), (0, 0),
    ]  # fmt: skip
    section = page.text.split(f"{title}: {case} {kind}")[-1].split("Intervals and tests", 1)[0]
    assert "System Pages" in section
    assert f"The strength of the systems cannot be given: {entry['model']['why']}" in section
    n, is_order = entry["n_trials"], kind == "ranking"
    row = f"| x | {n} | {n} | 100 % |{' 1.00 |' if is_order else ''}"
    assert row in written.methods.read_text("utf-8").splitlines()


@pytest.mark.parametrize("title", ["Preference · alike preference", "Ranking · alike ranking"])
def test_listeners_who_all_answer_alike_give_no_interval(page: Page, title: str) -> None:
    """Between them nothing differs, so an error would be one of rounding."""
    said = card(page, title)
    assert "Several systems were" in said
    assert (
        ": All participants answered alike, so there is"
        in said.split("There is no model of all")[1]
    )


def test_a_pair_without_p_is_not_told_apart(page: Page, trials: dict[str, Any]) -> None:
    """Of x and y every listener thinks the same: no error, no p, and a report all the same."""
    rows = trials["of a third"]["bradley_terry"]["pairs"]
    assert {(row["a"], row["b"]) for row in rows if row["p_holm"] is None} == {("x", "y")}
    assert "Several systems are equally strong. No pair is" in card(page, "Preference · of a third")


def test_a_model_that_its_test_of_fit_rejects_tells_no_pair_apart(
    page: Page, trials: dict[str, Any]
) -> None:
    """The deviance is statsmodels'; the card says no order, no pair, and where to read on."""
    entry = trials["circle preference"]
    fit = entry["bradley_terry"]["fit"]
    design = [[1, -1], [0, 1], [-1, 0]]  # a and b against c, of a over b, b over c, c over a
    won = [[n, 80 - n] for n in WON.values()]
    expected = GLM(won, design, family=Binomial()).fit()
    assert fit["deviance"] == pytest.approx(expected.deviance, rel=1e-6)
    assert (fit["df"], fit["p"] < 0.001) == (1, True)
    assert any(row["p_holm"] < 0.05 for row in entry["bradley_terry"]["pairs"])
    said = card(page, "Preference · circle preference")
    assert f"{IN_NO_ORDER}." in said
    assert "so no pair counts as different by the model" in said
    assert "most often" not in said
    assert "pairs are shown to differ" not in said
    links = [a.get("href") for tag, a in page.elements if tag == "a"]
    (link,) = [href for href in links if str(href).endswith("-pairs")]
    (own,) = [a for _, a in page.elements if a.get("id") == str(link).lstrip("#")]
    assert "open" in own
    # After the contents and the heading; captions of its tables begin with it again.
    section = " ".join(page.text.split("Preference: circle preference")[2:])
    assert section.index(IN_NO_ORDER) < section.index("Difference in strength")
    assert "read the results of each single pair" in section


def test_a_rejected_model_of_rankings_sends_to_the_places(page: Page) -> None:
    """A ranking has no table of pairs by their own choices."""
    said = card(page, "Ranking · circle ranking")
    assert f"{IN_NO_ORDER}." in said
    assert "See the places." in said
    assert "told apart." not in said


def test_the_methods_text_has_the_test_of_fit_and_the_pairs_by_their_own_choices(
    written: ReportPaths, trials: dict[str, Any]
) -> None:
    """Deviance, df and p; of 80 choices of c and a, c won 54: a's share is 33 %."""
    methods = written.methods.read_text("utf-8")
    fit = trials["circle preference"]["bradley_terry"]["fit"]
    told = f"rejects this model (deviance {fit['deviance']:.2f}, df 1, p < .001;"
    assert methods.count(told) == 2, methods
    assert "One order of strengths does not describe these choices" in methods
    own = methods.split("rejects this model", 1)[1].split(
        "from the choices between its two systems only", 1
    )[1]
    assert "| a over c | 80 | 33 % |" in own
    assert "| a over b | 80 | 89 % |" in own


@pytest.mark.parametrize(
    ("title", "first"),
    [("Ranking · fit ranking", "put first"), ("Best of several · fit best", "chosen")],
)  # fmt: skip
def test_a_model_that_fits_answers_as_it_did(
    page: Page, trials: dict[str, Any], title: str, first: str
) -> None:
    """Of ten pages seven have x first."""
    p = trials[title.split(" · ")[1]]["model"]["fit"]["p"]
    assert p is None or p >= 0.05
    said = card(page, title)
    assert f"x was {first} most often. " in said
    assert IN_NO_ORDER not in said


def test_every_number_is_that_of_results_json(page: Page, written: ReportPaths) -> None:
    """Those of the test of fit among them."""
    results = json.loads(written.results.read_text("utf-8"))
    paths = set()
    for attributes, text in page.numbers:
        value = at_pointer(results, str(attributes["data-path"]))
        assert rounds_to(text, value, str(attributes["data-style"])), (attributes, text)
        paths.add(str(attributes["data-path"]))
    assert sum(path.endswith("/fit/deviance") for path in paths) > 1
