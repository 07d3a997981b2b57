"""Exclusions from an analysis by all declared rules together.

**Conventions.** Rules are applied to the ratings that are analysed. The analysed ratings are the
ratings of one part of the study, or difference grades if the part is analysed by difference grades.
Answers to control questions of a crowd test are searched in all parts, and are not analysed. The
criterion of expertise is applied last.

In reading order: the rules of a study, results of the controls, all exclusions.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.exclusions.difference_grades import guessers
from analysis.findings.screening import CrowdControls, Exclusion, ExpertiseGate, ScreeningRule
from analysis.opinion.controls import controlled, is_control, rules_of_controls
from analysis.ratings.expertise import gated
from analysis.ratings.margin import primary_of
from analysis.ratings.screening import exclusions
from analysis.ratings.table import RatingsError, check_ratings, in_order
from analysis.scale import Scale, scales_of


@dataclass(frozen=True, slots=True)
class DeclaredRules:
    """Rules that exclude participants from the analysed ratings.

    Attributes
    ----------
    reference, mid_anchor
        The systems (reference, mid anchor) that the rules of BS.1534-3 use; None turns the rule
        off.
    leaves_out_guessers
        Whether the post-screening of BS.1116-3 excludes participants.
    expertise
        The declared criterion of expertise; None without a criterion.
    seed
        Of its permutations.
    """

    reference: str | None = None
    mid_anchor: str | None = None
    leaves_out_guessers: bool = True
    expertise: ExpertiseGate | None = None
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Screened:
    """Participants who are excluded because of the controls of a crowd test; the rules applied."""

    excluded: Sequence[Exclusion] = ()
    rules: Sequence[ScreeningRule] = ()


def without_controls(table: pd.DataFrame, controls: CrowdControls | None) -> pd.DataFrame:
    """Ratings without the controls; raise ``RatingsError`` if there are only controls."""
    if controls is None:
        return table
    kept = table[~is_control(table, controls)].reset_index(drop=True)
    if kept.empty:
        raise RatingsError("All ratings are of declared controls, which are not analysed.")
    return kept


def screened(
    table: pd.DataFrame,
    ratings: pd.DataFrame,
    trials: pd.DataFrame | None,
    controls: CrowdControls | None,
) -> Screened:
    """Exclusions by the controls, of participants who have ratings; the rules that were applied.

    Parameters
    ----------
    table
        Ratings that are analysed.
    ratings, trials
        All answers of the study; the answers to the controls are searched in them.
    controls
        Declared controls; None: no controls.
    """
    if controls is None:
        return Screened()
    people = sorted(table["participant"].unique())
    found = [one for one in controlled(ratings, trials, controls) if one.participant in people]
    return Screened(found, rules_of_controls(ratings, trials, controls, people))


def excluded_by(
    table: pd.DataFrame, rules: DeclaredRules, scale: Scale, controls: Screened
) -> tuple[list[Exclusion], frozenset[str]]:
    """All exclusions by participant and rule; participants excluded by other rules than expertise.

    Parameters
    ----------
    table
        A table of ratings that has passed the checks, without controls.
    rules
        As declared.
    scale
        Ratings of the primary attribute; the limit of expertise is applied to them.
    controls
        Result of `screened`.
    """
    found = [*exclusions(table, rules.reference, rules.mid_anchor), *controls.excluded]
    found += guessers(table, rules.leaves_out_guessers)
    by_marks = frozenset(one.participant for one in found)
    if rules.expertise is not None:
        found += gated(table, rules.expertise, scale, rules.seed)
    return sorted(found, key=lambda one: (one.participant, one.rule)), by_marks


def excluded_listeners(
    ratings: pd.DataFrame,
    rules: DeclaredRules,
    primary: str | None,
    controls: CrowdControls | None = None,
    all_ratings: pd.DataFrame | None = None,
    trials: pd.DataFrame | None = None,
) -> list[Exclusion]:
    """All participants whom an analysis would exclude; the analysis itself is not computed.

    Parameters
    ----------
    ratings, controls, all_ratings, trials
        Arguments of :func:`analysis.results.analyse`.
    rules
        As declared.
    primary
        The primary attribute; None: `overall` if the table has it, otherwise the first attribute.

    Raises
    ------
    RatingsError
        The table of ratings is not valid, or does not contain a named reference or anchor.
    """
    table = in_order(without_controls(check_ratings(ratings), controls))
    scales = scales_of(table)
    told = ratings if all_ratings is None else all_ratings
    scale = scales[str(primary_of(list(scales), primary))]
    return excluded_by(table, rules, scale, screened(table, told, trials, controls))[0]
