"""Controls of a crowd test: gold questions, trapping questions, and the environment test.

**Conventions.** Controls are declared before the answers are seen. A control is a rated stimulus
with a known answer. A participant misses a control if the answer differs from the known answer by
more than the tolerance. A participant who misses more controls of one kind than allowed is
excluded. A participant who chooses the better stimulus in too few pairs of the environment test is
excluded as well. An answer exactly at the limit is right. A participant exactly at the limit is
kept. A participant who had no controls of one kind is not excluded because of this kind.
Ratings of controls are not analysed.

References
----------
.. [1] ITU-T P.808 (06/2021), Subjective evaluation of speech quality with a crowdsourcing approach.
"""

from collections.abc import Sequence

import pandas as pd

from analysis.findings.screening import (
    ControlAnswer,
    CrowdControls,
    EnvironmentTest,
    Exclusion,
    ScreeningRule,
)

GOLD, TRAPS, ENVIRONMENT = "gold_questions", "trapping_pages", "environment_test"
SOURCE = "after ITU-T P.808"
_SLACK = 1e-9


def is_control(ratings: pd.DataFrame, controls: CrowdControls) -> pd.Series:
    """Whether each row is a rating of a control stimulus."""
    stimuli = {(each.song, each.system) for each in (*controls.gold, *controls.traps)}
    pairs = zip(ratings["song"], ratings["system"], strict=True)
    return pd.Series([pair in stimuli for pair in pairs], index=ratings.index, dtype=bool)


def missed(ratings: pd.DataFrame, answers: Sequence[ControlAnswer]) -> pd.Series:
    """Number of controls that each participant missed; only participants who had controls.

    Parameters
    ----------
    ratings
        Rows of a table of ratings; all parts of the study are included.
    answers
        Controls of one kind: gold questions or trapping questions.
    """
    wrong = []
    for each in answers:
        own = (ratings["song"] == each.song) & (ratings["system"] == each.system)
        if each.attribute is not None:
            own &= ratings["attribute"] == each.attribute
        given = pd.to_numeric(ratings["rating"][own], errors="coerce").dropna()
        far = (given - each.answer).abs() > each.within + _SLACK
        who = ratings["participant"][given.index].astype(str)
        wrong.append(pd.DataFrame({"participant": who, "far": far}))
    table = pd.concat(wrong) if wrong else pd.DataFrame({"participant": [], "far": []})
    return table.groupby("participant")["far"].sum().astype(int)


def rightly_chosen(trials: pd.DataFrame | None, test: EnvironmentTest) -> pd.Series:
    """How often each participant chose the better stimulus, if the participant had pairs."""
    if trials is None or trials.empty:
        return pd.Series(dtype=int)
    sides = trials[["system_a", "system_b"]] == test.better
    own = trials[(trials["part"] == test.part) & sides.any(axis=1)]
    chosen = own["system_a"].where(own["answer"] == "a", own["system_b"])
    right = (chosen == test.better) & (own["answer"] != "tie")
    return right.groupby(own["participant"].astype(str)).sum().astype(int)


def controlled(
    ratings: pd.DataFrame, trials: pd.DataFrame | None, controls: CrowdControls
) -> list[Exclusion]:
    """Participants whom the declared controls exclude, sorted by participant and rule."""
    found = []
    for rule, counts, limit, what in _counted(ratings, controls):
        found += [
            Exclusion(
                str(who), rule, float(n), float(limit),
                f"Missed {n} {what if n > 1 else what.removesuffix('s')}, more than {limit}.",
                "answers",
            )
            for who, n in counts.items()
            if n > limit
        ]  # fmt: skip
    if controls.environment is not None:
        needed = controls.environment.needed
        found += [
            Exclusion(
                str(who), ENVIRONMENT, float(n), float(needed),
                f"Chose the better one in {n} pairs of the environment test, fewer than {needed}.",
                "answers",
            )
            for who, n in rightly_chosen(trials, controls.environment).items()
            if n < needed
        ]  # fmt: skip
    return sorted(found, key=lambda one: (one.participant, one.rule))


def rules_of_controls(
    ratings: pd.DataFrame,
    trials: pd.DataFrame | None,
    controls: CrowdControls | None,
    participants: Sequence[str],
) -> list[ScreeningRule]:
    """Rows about the controls in `screening.rules`, with how many participants were not judged."""
    if controls is None:
        return []
    judged = {rule: set(counts.index) for rule, counts, *_ in _counted(ratings, controls)}
    if controls.environment is not None:
        judged[ENVIRONMENT] = set(rightly_chosen(trials, controls.environment).index)
    everybody = {str(name) for name in participants}
    return [
        ScreeningRule(
            rule, bool(who & everybody),
            None if who & everybody else "Nobody met a control, so nobody can be judged.",
            SOURCE, len(everybody - who),
        )
        for rule, who in judged.items()
    ]  # fmt: skip


def _counted(
    ratings: pd.DataFrame, controls: CrowdControls
) -> list[tuple[str, pd.Series, int, str]]:
    kinds = (
        (GOLD, controls.gold, controls.gold_missed, "gold questions"),
        (TRAPS, controls.traps, controls.traps_missed, "trapping pages"),
    )
    return [
        (rule, missed(ratings, answers), limit, what)
        for rule, answers, limit, what in kinds
        if answers
    ]
