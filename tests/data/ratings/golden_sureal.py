"""Quality, bias and inconsistency by the package sureal 0.9.0, which no test needs itself.

    python golden_sureal.py golden_sureal.json mos_1_to_5=mos_1_to_5.csv hand= NAME=TABLE.csv ...

``hand`` is the small set below; a table has the columns participant, song, system, rating and,
where a stimulus was rated several times, replicate.
"""

import csv
import importlib
import json
import sys
from types import SimpleNamespace
from typing import Any

STIMULI = (("s1", "s1", "s1", "s2", "s2", "s2"), ("a", "b", "c", "a", "b", "c"))
HAND = [
    *(("ann", *each) for each in zip(*STIMULI, (5, 3, 2, 4, 3, 1), strict=True)),
    *(("bob", *each) for each in zip(*STIMULI, (4, 4, 1, 3, 2, 2), strict=True)),
    *(("cyd", *each) for each in zip(*STIMULI, (5, 5, 4, 2, 5, 3), strict=True)),
    *(("dan", *each) for each in zip(*STIMULI, (3, 2, 1, 4, 1, 1), strict=True)),
    ("eve", "s1", "a", 4), ("eve", "s1", "b", 3), ("eve", "s2", "a", 5), ("eve", "s2", "c", 2),
    ("eve", "s2", "c", 3),
]  # fmt: skip
"""Five listeners, two songs by three systems; two votes are missing, and one was given twice."""


def votes_of(path: str) -> list[tuple[str, str, str, float]]:
    """Votes of a table; the set above for no path."""
    if not path:
        return [(who, song, system, float(vote)) for who, song, system, vote in HAND]
    with open(path, encoding="utf-8") as file:  # noqa: PTH123
        rows = list(csv.DictReader(file))
    keys = ("participant", "song", "system")
    return [(*(row[key] for key in keys), float(row["rating"])) for row in rows]  # type: ignore[misc]


def recovered(votes: list[tuple[str, str, str, float]]) -> dict[str, Any]:
    """Findings of sureal, by stimulus (system, song) and by listener, both sorted."""
    numpy = importlib.import_module("numpy")
    model = importlib.import_module("sureal.subjective_model")
    stimuli = sorted({(system, song) for _, song, system, _ in votes})
    people = sorted({who for who, *_ in votes})
    cells: dict[tuple[int, int], list[float]] = {}
    for who, song, system, vote in votes:
        at = (stimuli.index((system, song)), people.index(who))
        cells.setdefault(at, []).append(vote)
    depth = max(map(len, cells.values()))
    scores = numpy.full((len(stimuli), len(people), depth), numpy.nan)
    for at, own in cells.items():
        scores[at][: len(own)] = own
    found = model.SubjectMLEModelProjectionSolver._run_modeling(
        SimpleNamespace(opinion_score_3darray=scores)
    )
    names = {
        "quality": "quality_scores", "quality_half_width": "quality_scores_ci95",
        "bias": "observer_bias", "bias_half_width": "observer_bias_ci95",
        "inconsistency": "observer_inconsistency",
        "inconsistency_widths": "observer_inconsistency_ci95",
    }  # fmt: skip
    kept = {key: numpy.asarray(found[name]).round(10).tolist() for key, name in names.items()}
    return {"n_rounds": found["num_iter"], **kept}


if __name__ == "__main__":
    out, *sets = sys.argv[1:]
    golden = {name: recovered(votes_of(path)) for name, _, path in (x.partition("=") for x in sets)}
    with open(out, "w", encoding="utf-8") as file:  # noqa: PTH123
        json.dump(golden, file)
        file.write("\n")
