"""Default question of a report; it depends on the kinds of answers."""

from __future__ import annotations

from analysis.report.reported import ReportedFindings

OF_RATINGS = "Which of these mixes do listeners rate higher, and how sure are we?"
OF_CHOICES = "Which of these mixes do listeners prefer, and how sure are we?"
OF_DIFFERENCES = "Do listeners hear a difference between these mixes, and how sure are we?"
OF_THRESHOLDS = "Which difference do listeners just hear, and how sure are we?"


def question_of(results: ReportedFindings) -> str:
    """The default question of a report, in which items are called songs and mixes.

    Parameters
    ----------
    results
        Results of the report. If there are ratings, they answer the question. Without ratings, the
        question is answered by the first of these that exists: choices of a mix, differences that
        were heard, thresholds.
    """
    trials = results.trials
    if results.attributes or trials is None:
        return OF_RATINGS
    if trials.preference or trials.ranking or trials.best:
        return OF_CHOICES
    if trials.abx or trials.triangle or trials.same_different:
        return OF_DIFFERENCES
    return OF_THRESHOLDS
