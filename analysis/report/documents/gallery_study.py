"""Simulated ratings and trials for every kind of figure."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.trial_columns import ABX, PREFERENCE, SAME_DIFFERENT

SYSTEMS = ("low anchor", "rules", "network", "engineer")
_SONGS = ("Amber", "Birch", "Cedar", "Dune", "Elm")
_TASTE = {"low anchor": 22.0, "rules": 48.0, "network": 56.0, "engineer": 68.0}
_N_PEOPLE = 14
_N_LEVELS = 8


def gallery_ratings() -> pd.DataFrame:
    """Ratings of two attributes by two groups; some are missing. The numbers of plays are known."""
    rng = np.random.default_rng(4)
    rows = []
    for k in range(_N_PEOPLE):
        bias, skill = rng.normal(0, 6), 1.0 if k % 2 else 0.6
        for song in _SONGS:
            if (k + _SONGS.index(song)) % 5 == 0:
                continue
            time_s = float(rng.gamma(9, 6))
            for system in SYSTEMS:
                for attribute in ("overall", "clarity"):
                    spread = rng.normal(0, 11)
                    rating = 50 + bias + skill * (_TASTE[system] - 50) + spread
                    rows.append(
                        (f"P{k + 1:02d}", "engineers" if k % 2 else "amateurs", song, system,
                         attribute, float(np.clip(round(rating), 0, 100)),
                         int(rng.integers(1, 5)), time_s)
                    )  # fmt: skip
    names = ["participant", "group", "song", "system", "attribute", "rating", "plays", "time_s"]
    return pd.DataFrame(rows, columns=names)


def gallery_measures() -> pd.DataFrame:
    """A measure that correlates with the ratings, with one value per stimulus."""
    rng = np.random.default_rng(5)
    rows = [
        (song, system, _TASTE[system] / 25 + rng.normal(0, 0.25))
        for song in _SONGS
        for system in SYSTEMS
    ]
    return pd.DataFrame(rows, columns=["song", "system", "measure"])


def gallery_trials() -> pd.DataFrame:
    """Preference, ABX and same-different trials, and adaptive tracks."""
    rng = np.random.default_rng(6)
    rows = [row for k in range(_N_PEOPLE) for row in _choices(f"P{k + 1:02d}", rng)]
    rows += [row for k in range(_N_PEOPLE) for row in _track(f"P{k + 1:02d}", rng)]
    return pd.DataFrame(rows)


def _choices(who: str, rng: np.random.Generator) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for song in _SONGS[:3]:
        for at, a in enumerate(SYSTEMS):
            for b in SYSTEMS[at + 1 :]:
                wins = rng.random() < 1 / (1 + np.exp((_TASTE[b] - _TASTE[a]) / 15))
                rows.append(_trial(who, PREFERENCE, song, "overall", a, b, "a" if wins else "b"))
        for a, b in (("network", "engineer"), ("rules", "network")):
            right = rng.random() < (0.85 if a == "rules" else 0.62)
            rows.append(_trial(who, ABX, song, "x", a, b, "a") | {"correct": float(right)})
            for other in (b, a):
                said = rng.random() < (0.7 if other == b else 0.25)
                answer = "different" if said else "same"
                rows.append(
                    _trial(who, SAME_DIFFERENT, song, "different", a, other, answer)
                    | {"correct": float(said == (other == b))}
                )
    return rows


def _track(who: str, rng: np.random.Generator) -> list[dict[str, object]]:
    """A 2-down/1-up track with eight reversals, by a simulated listener with a given threshold."""
    own, rank, run, last, turns = rng.normal(4.5, 1.0), 1, 0, 0, 0
    rows: list[dict[str, object]] = []
    while turns < 8 and len(rows) < 60:
        right = rng.random() < 1 / 3 + 2 / 3 / (1 + np.exp((rank - own) / 0.5))
        run = run + 1 if right else 0
        move = -1 if not right else int(run == 2)
        turned = move != 0 and last not in (0, move)
        turns += turned
        rows.append(
            _trial(who, "track", "Amber", "odd_one", "reference", f"level {rank}", "c")
            | {"track": "Amber", "trial": len(rows) + 1, "level": f"level {rank}",
               "level_rank": rank, "n_levels": _N_LEVELS, "down": 2, "correct": float(right),
               "reversal": turned, "averaged": turned and turns > 2, "ended": ""}
        )  # fmt: skip
        if move:
            run, last = 0, move
            rank = min(max(rank + move, 1), _N_LEVELS)
    rows[-1]["ended"] = "reversals" if turns == 8 else "trials"
    return rows


def _trial(
    who: str, kind: str, song: str, attribute: str, a: str, b: str, answer: str
) -> dict[str, object]:
    return {
        "participant": who, "part": "", "trial_kind": kind, "song": song, "attribute": attribute,
        "system_a": a, "system_b": b, "answer": answer,
    }  # fmt: skip
