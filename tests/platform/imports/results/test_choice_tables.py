"""Tables of choices in other forms than ours become the same trials; the ambiguous is refused."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from analysis.findings.trials import BradleyTerry
from analysis.ratings.table import RatingsError
from analysis.trials import check_trials, trials_section
from mixtrial.commands import cli
from mixtrial.imports.results.options import reading_options
from mixtrial.imports.results.reading import Imported, read_results

WHO = "participant=listener,song=item"
ORDERS = [("L1", "s", "cab"), ("L1", "t", "abc"), ("L2", "s", "acb"), ("L2", "t", "bca")]
"""Listener, song and systems from the best down: every form below tells these."""
RANKED = [
    (who, song, pair[0], pair[1], "a" if order.index(pair[0]) < order.index(pair[1]) else "b")
    for who, song, order in ORDERS
    for pair in ("ab", "ac", "bc")
]
BEST_OF = [row for row in RANKED for w, s, order in ORDERS
           if row[:2] == (w, s) and order[0] in row[2:4]]  # fmt: skip
PREFERRED = [
    ("L1", "s", "a", "b", "b"), ("L1", "s", "a", "c", "a"), ("L2", "s", "a", "b", "a"),
]  # fmt: skip


def _lines(head: str, rows: list[str]) -> str:
    return "\n".join([head, *rows, ""])


FORMS: dict[str, tuple[str, Mapping[str, str], str, list[tuple[str, ...]]]] = {
    "a column a system with its place": (
        _lines("listener,item,a,b,c", [
            f"{who},{song},{order.index('a') + 1},{order.index('b') + 1},{order.index('c') + 1}"
            for who, song, order in ORDERS
        ]),
        {"columns": WHO, "wide": "system", "trials": "ranking"}, "ranking", RANKED,
    ),
    "the greatest place is the best": (
        _lines("listener,item,a,b,c", [
            f"{who},{song},{3 - order.index('a')},{3 - order.index('b')},{3 - order.index('c')}"
            for who, song, order in ORDERS
        ]),
        {"columns": WHO, "wide": "system", "trials": "ranking", "best": "last"}, "ranking", RANKED,
    ),
    "a row a system with its place": (
        _lines("listener,item,mix,rank", [
            f"{who},{song},{system},{at}"
            for who, song, order in ORDERS for at, system in enumerate(order, 1)
        ]),
        {"columns": f"{WHO},system=mix,place=rank"}, "ranking", RANKED,
    ),
    "an order in a cell": (
        _lines("listener,item,ranked", [f"{w},{s},{' > '.join(order)}" for w, s, order in ORDERS]),
        {"columns": f"{WHO},order=ranked"}, "ranking", RANKED,
    ),
    "a column a system, 1 for the best": (
        _lines("listener,item,a,b,c", [
            f"{who},{song}," + ",".join(str(int(each == order[0])) for each in "abc")
            for who, song, order in ORDERS
        ]),
        {"columns": WHO, "wide": "system", "trials": "best"}, "best", BEST_OF,
    ),
    "a row a system, 1 for the best": (
        _lines("listener,item,mix,chosen", [
            f"{who},{song},{system},{'yes' if system == order[0] else 'no'}"
            for who, song, order in ORDERS for system in "abc"
        ]),
        {"columns": f"{WHO},system=mix,picked=chosen"}, "best", BEST_OF,
    ),
    "a column a system, 1 for the preferred of two": (
        "listener,item,a,b,c\nL1,s,0,1,\nL1,s,1,,0\nL2,s,1,0,\n",
        {"columns": WHO, "wide": "system", "trials": "preference"}, "preference", PREFERRED,
    ),
    "winner and loser": (
        "listener,item,won,lost\nL1,s,b,a\nL1,s,a,c\nL2,s,a,b\n",
        {"columns": f"{WHO},winner=won,loser=lost"}, "preference", PREFERRED,
    ),
}  # fmt: skip


def _read(folder: Path, text: str, options: Mapping[str, str]) -> Imported:
    path = folder / "theirs.csv"
    path.write_text(text, encoding="utf-8")
    return read_results(path, reading_options(**options))  # type: ignore[arg-type]


def _trials(rows: pd.DataFrame) -> list[tuple[str, ...]]:
    columns = ["participant", "song", "system_a", "system_b", "answer"]
    return sorted(rows[columns].itertuples(index=False, name=None))


@pytest.mark.parametrize("form", FORMS)
def test_each_form_gives_the_same_trials(tmp_path: Path, form: str) -> None:
    """Written by `import results` and read again without an option, they are the same still."""
    text, options, kind, expected = FORMS[form]
    read = _read(tmp_path, text, options)
    assert _trials(read.rows) == sorted(expected)
    assert set(read.rows["trial_kind"]) == {kind}
    assert any("pairs stand in the order of their names" in clause for clause in read.assumed)
    names = {"columns": "--map", "wide": "--wide", "trials": "--trials", "best": "--best"}
    told = [word for key, value in options.items() for word in (names[key], value)]
    out = tmp_path / "ours.csv"
    done = CliRunner().invoke(
        cli.app, ["import", "results", str(tmp_path / "theirs.csv"), "--out", str(out), *told]
    )
    assert done.exit_code == 0, done.output
    again = read_results(out)
    assert _trials(again.rows) == sorted(expected)
    assert not again.assumed
    pd.testing.assert_frame_equal(check_trials(again.rows), check_trials(read.rows.fillna("")))


def test_no_order_effect_is_made_up_of_winners(tmp_path: Path) -> None:
    """Were the winner the first of its pair, being first would seem to decide everything."""
    rows = [f"L{n % 7},s,{'ba'[n % 5 < 3]},{'ab'[n % 5 < 3]}" for n in range(30)]
    read = _read(tmp_path, _lines("listener,item,won,lost", rows),
                 {"columns": f"{WHO},winner=won,loser=lost"})  # fmt: skip
    found = trials_section(read.rows.fillna(""), (), 1)
    assert found is not None
    model = found.preference[0].bradley_terry
    assert isinstance(model, BradleyTerry)
    assert model.order is None
    assert found.preference[0].pairs[0].won_a == 18


def test_pages_that_come_again_are_repeats(tmp_path: Path) -> None:
    """Two rankings of one song by one listener are two pages, not an order in a circle."""
    text = "listener,item,a,b\nL1,s,1,2\nL1,s,2,1\nL1,t,2,1\n"
    read = _read(tmp_path, text, {"columns": WHO, "wide": "system", "trials": "ranking"})
    assert list(read.rows["replicate"]) == ["0", "1", "0"]
    assert list(read.rows.index) == [2, 3, 4]
    assert len(check_trials(read.rows)) == 3


RIGHT = "listener,item,one,two,ok\nL1,s,x,y,yes\nL1,t,y,x,no\nL2,s,x,y,Correct\nL2,t,x,y,1\n"


@pytest.mark.parametrize(("kind", "chance"), [("abx", 1 / 2), ("triangle", 1 / 3)])
def test_right_answers_of_pairs_are_enough(tmp_path: Path, kind: str, chance: float) -> None:
    """Neither X nor the odd one need be known: three of four were right, on one pair."""
    columns = f"{WHO},system_a=one,system_b=two,correct=ok"
    read = _read(tmp_path, RIGHT, {"columns": columns, "trials": kind})
    found = trials_section(read.rows, (), 1)
    assert found is not None
    (part,) = getattr(found, kind)
    assert (part.overall.n_right, part.overall.n, part.chance) == (3, 4, chance)
    assert [(pair.a, pair.b) for pair in part.pairs] == [("x", "y")]


def test_what_was_right_follows_from_the_answer(tmp_path: Path) -> None:
    """Of ABX from X, of a triangle from its three, of same and different from right or wrong."""
    abx = "participant,song,system_a,system_b,system_x,answer\nL,s,x,y,x,A\nL,s,x,y,x,B\n"
    rows = _read(tmp_path, abx, {"trials": "abx"}).rows
    assert list(rows["correct"]) == ["true", "false"]
    odd = "participant,song,system_a,system_b,system_c,answer\nL,s,x,y,x,b\nL,s,x,y,x,c\n"
    rows = _read(tmp_path, odd, {"trials": "triangle"}).rows
    assert list(rows["correct"]) == ["true", "false"]
    same = "participant,song,system_a,system_b,correct\nL,s,x,y,no\nL,s,x,x,yes\nL,s,x,y,yes\n"
    rows = _read(tmp_path, same, {"trials": "same_different"}).rows
    assert list(rows["answer"]) == ["same", "same", "different"]


@pytest.mark.parametrize(
    ("kind", "rows", "answers"),
    [
        ("preference", "L,s,x,y,,x\nL,t,y,x,,X\nL,u,x,y,,tie\nL,v,x,y,,b\n", "a b tie b"),
        ("abx", "L,s,x,y,y,x\nL,t,y,x,y,x\n", "a b"),
        ("triangle", "L,s,x,x,y,y\nL,t,x,y,y,y\n", "c b"),
    ],
)
def test_an_answer_may_name_a_system(tmp_path: Path, kind: str, rows: str, answers: str) -> None:
    """It is then where that system stood, whatever the case of its letters."""
    third = "system_c" if kind == "triangle" else "system_x"
    head = f"participant,song,system_a,system_b,{third},said\n"
    read = _read(tmp_path, head + rows, {"columns": "answer=said", "trials": kind})
    assert list(read.rows["answer"]) == answers.split()
    assert "its answers name systems" in read.assumed


WIDE_RANKS = {"columns": WHO, "wide": "system", "trials": "ranking"}
WIDE_PICKS = {"columns": WHO, "wide": "system", "trials": "best"}
REFUSED: list[tuple[str, Mapping[str, str], str]] = [
    ("listener,item,a,b,c\nL,s,1,2,2\n", WIDE_RANKS, "row 2: b and c share the place 2"),
    ("listener,item,a,b,c\nL,s,1,2,\n", WIDE_RANKS, "The system c has no place.*place=COLUMN"),
    ("listener,item,a,b,c\nL,s,1,2,4\n", WIDE_RANKS, "No system has the place 3, although 3"),
    ("listener,item,a,b\nL,s,1,two\n", WIDE_RANKS, '"two" of the system b is not a place'),
    ("listener,item,a,b,c\nL,s,1,1,0\n", WIDE_PICKS, "a and b were both chosen"),
    ("listener,item,a,b,c\nL,s,0,0,0\n", WIDE_PICKS, "No system was chosen"),
    ("listener,item,a,b,c\nL,s,1,,\n", WIDE_PICKS, "write 0 for the systems that were on the page"),
    ("listener,item,a,b,c\nL,s,1,0,0\n", WIDE_PICKS | {"trials": "preference"},
     "compares 3 systems.*--trials best"),
    ("listener,item,r\nL,s,a>b=c\n", {"columns": f"{WHO},order=r"}, '"a>b=c" has a tie'),
    ("listener,item,r\nL,s,a>b>a\n", {"columns": f"{WHO},order=r"}, "names a twice"),
    ("listener,item,r\nL,s,a>b\nM,s,a>b>c\n", {"columns": f"{WHO},order=r"},
     "row 2: The ranking lacks c"),
    ("listener,item,w,l\nL,s,a,\n", {"columns": f"{WHO},winner=w,loser=l"},
     "must be two systems.*the answer tie"),
    ("listener,item,w,l\nL,s,a,b\n", {"columns": f"{WHO},winner=w"}, "Name both winner=COLUMN"),
    ("listener,item,one,two,w\nL,s,x,y,x\n", {"columns": f"{WHO},winner=w"},
     "hold the systems and a third one the winner.*answer=COLUMN"),
    ("participant,song,system_a,system_b,answer\nL,s,x,y,x\nL,s,b,a,b\n",
     {"trials": "preference"}, "answer b is both a place and the name.*rename the system"),
    ("listener,item,mix,r\nL,s,a,1\nL,s,a,2\n", {"columns": f"{WHO},system=mix,place=r"},
     "row 3: The system a comes twice.*column replicate"),
    ("participant,song,system_a,system_b,answer\nL,s,x,y,a\n", {},
     "lacks the column trial_kind.*--trials preference"),
    ("participant,song,system_a,system_b,answer\nL,s,x,y,a\n", {"trials": "abx"},
     "does not say whether an answer was right.*correct=COLUMN"),
    ("participant,song,system_a,system_b,correct\nL,s,x,y,maybe\n", {"trials": "abx"},
     'row 2: "maybe" does not say whether the answer was right'),
    ("listener,item,a,b\nL,s,1,2\n", {"columns": WHO, "trials": "abx", "wide": "system"},
     "--trials abx: --wide is only possible with ranking or best or preference"),
    ("listener,item,a,b\nL,s,1,2\n", {"columns": WHO, "trials": "contest"},
     "no kind contest; choose preference"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "options", "words"), REFUSED)
def test_what_can_be_read_in_two_ways_is_refused(
    tmp_path: Path, text: str, options: Mapping[str, str], words: str
) -> None:
    """One sentence that says where, and what would settle it."""
    with pytest.raises(RatingsError, match=words):
        _read(tmp_path, text, options)


def test_a_tie_of_two_and_a_page_without_answer(tmp_path: Path) -> None:
    """0.5 for both is not a preference; a page without any answer is counted and left out."""
    text = "listener,item,a,b\nL,s,0.5,0.5\nL,t,,\nL,u,1,0\n"
    read = _read(tmp_path, text, WIDE_PICKS | {"trials": "preference"})
    assert list(read.rows["answer"]) == ["tie", "a"]
    assert "pages without any answer were left out: 1" in read.assumed
