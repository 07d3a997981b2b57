"""Plans of choices: fewest listeners by power that is known, and the sentences."""

from __future__ import annotations

from analysis.planning.choice_plan import (
    AnswerKind,
    Belief,
    ChoiceClaim,
    choice_grid,
    choice_plan,
    choice_sentences,
)

KIND = AnswerKind("hand", {"share": Belief("a share", 0.6, 0.5, 1.0)}, lambda *_: [])


def test_power_that_falls_back_is_not_enough_yet() -> None:
    """Exact tests have power in saw teeth: 30 listeners reach 80 %, 31 do not, all from 32 do."""

    def power(n: int, _songs: int) -> float:
        return 0.9 if n >= 30 and n != 31 else 0.5

    found = choice_plan(KIND, {"share": 0.6}, [ChoiceClaim("x", power)], 1, 31)
    assert (found.claims[0].n_participants, found.claims[0].planned) == (32, 0.5)
    assert choice_sentences(found, 1) == [
        (
            "With 1 song each, 32 participants give a chance of 80 % for x. 30 would do as well, "
            "but not every number from there on."
        ),
        "Planned are 31 participants. Chance for x: 50 %.",
        "Planned by hand. Believed: a share: 0.6 (share).",
    ]


def test_what_five_hundred_listeners_do_not_show_is_told() -> None:
    """Tastes alone may hold a claim back; more songs each are counted by the claim."""
    claim = ChoiceClaim("x", lambda n, songs: 0.1 * songs if n else 0.0)
    found = choice_plan(KIND, {"share": 0.6}, [claim], 3, None)
    assert choice_sentences(found, 3)[0] == (
        "More listeners hardly help: with 3 songs each, 500 participants give a chance of 30 % "
        "for x."
    )


def test_the_smallest_study_that_does_is_said() -> None:
    """Two listeners are the fewest; what they do needs no more."""
    found = choice_plan(KIND, {"share": 0.6}, [ChoiceClaim("x", lambda *_: 0.9)], 1, None)
    assert (found.claims[0].n_participants, found.claims[0].n_smallest) == (2, None)
    table = choice_grid([ChoiceClaim("x", lambda *_: 0.9)], 1)
    assert table["n_participants"].min() == 2
