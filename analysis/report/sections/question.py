"""Default question of a report; it depends on the kinds of answers."""

from __future__ import annotations

from analysis.report.reported import ReportedFindings

OF_RATINGS = "Which of these mixes do listeners rate higher, and how sure are we?"
OF_CHOICES = "Which of these mixes do listeners prefer, and how sure are we?"
OF_DIFFERENCES = "Do listeners hear a difference between these mixes, and how sure are we?"
OF_THRESHOLDS = "Which difference do listeners just hear, and how sure are we?"


def question_of(results: ReportedFindings) -> str:
    """Question of a report about songs and mixes.

    Parameters
    ----------
    results
        Results of the report. Ratings, if any, answer the question. Otherwise choices of a mix,
        differences that were heard, or thresholds answer the question, in this order.
    """
    trials = results.trials
    if results.attributes or trials is None:
        return OF_RATINGS
    if trials.preference or trials.ranking or trials.best:
        return OF_CHOICES
    if trials.abx or trials.triangle or trials.same_different:
        return OF_DIFFERENCES
    return OF_THRESHOLDS
