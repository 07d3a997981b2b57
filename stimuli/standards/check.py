"""The recommendation that a study follows, and the rules that the study departs from.

Conventions
-----------
This module refuses nothing. Each rule of :mod:`stimuli.standards.rules` that a study does not
follow is listed, together with what was found; the report prints this list. Rules on levels and
lengths need the build; without the build, these rules are counted as unchecked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from stimuli.page_types.base import Part
from stimuli.rendering.heard_files import Heard, heard_in
from stimuli.standards.opinion_rules import OPINION_RULES, opinion_parts
from stimuli.standards.rules import RULES, Rule, Severity
from stimuli.standards.small_impairments import SMALL_IMPAIRMENT_RULES
from stimuli.standards.sound_rules import SOUND_RULES
from stimuli.study.manifest import Manifest
from stimuli.study.study import Study
from stimuli.study_keys.default_texts import DEFAULT_ATTRIBUTES, default_labels
from stimuli.study_keys.rated_scale import scale_of
from stimuli.study_keys.recommendations import MUSHRA, NO_REFERENCE

ALL_RULES: tuple[Rule, ...] = (*RULES, *SMALL_IMPAIRMENT_RULES)
"""Of all recommendations, on a study and its build."""


@dataclass(frozen=True, slots=True)
class Departure:
    """A rule that a study does not follow, and what the study does instead."""

    rule: str
    recommendation: str
    clause: str
    severity: Severity
    found: str
    asks: str
    reason: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Comparison of a study with the recommendations.

    ``method`` names the method that the study follows; ``n_unchecked`` rules can be checked only
    after the build.
    """

    method: str
    departures: tuple[Departure, ...]
    n_rules: int
    n_unchecked: int

    @property
    def can_run(self) -> bool:
        """Whether the study can run although it departs from some rules."""
        return all(departure.severity != "error" for departure in self.departures)


def method_of(study: Study) -> str:
    """Name that a report gives to the method of a study.

    Each part of a study is named by its page type. Only a part with a hidden reference and both
    anchors is called MUSHRA. A study without parts is called MUSHRA if it declares a hidden
    reference and both anchors. A study with Li's (2022) five questions and words repeats Li's test.
    Any other study without parts is a multi-stimulus rating.
    """
    if study.parts:
        named = [(part.name, _method_of_part(part)) for part in study.page_parts]
        return named[0][1] if len(named) == 1 else "; ".join(f"{n}: {text}" for n, text in named)
    plan = study.analysis
    if plan and plan.reference and plan.mid_anchor and plan.low_anchor:
        return f"MUSHRA ({MUSHRA})"
    style = f"multi-stimulus rating without a given reference (compare {NO_REFERENCE})"
    if plan and plan.reference:
        style = f"MUSHRA-style rating with a hidden reference, without both anchors ({MUSHRA})"
    names = tuple(attribute.name for attribute in study.attributes)
    of_li2022 = tuple(entry["name"] for entry in DEFAULT_ATTRIBUTES)
    usual = scale_of((), default_labels(study.language))
    if sorted(names) == sorted(of_li2022) and study.scale == usual:
        return f"the test of Li (2022), a {style}"
    return style


def _method_of_part(part: Part) -> str:
    method, source = part.options.method, part.options.source
    return f"{method} ({source})" if source else method


def check_study(
    study: Study, manifest: Manifest | None = None, heard: Heard | None = None
) -> Standing:
    """Compare a study with the recommendations.

    Parameters
    ----------
    study
        The study.
    manifest
        Build of the study; if it is None, the rules on levels and lengths are not checked.
    heard
        Sound of the study's files (:func:`stimuli.rendering.heard_files.hear_files`). The build
        also holds some of the facts about the sound. If there is neither a build nor files, the
        rules on sound are not checked.
    """
    departures = []
    n_unchecked = 0
    rules = (*ALL_RULES, *OPINION_RULES) if opinion_parts(study) else ALL_RULES
    for rule in rules:
        if rule.needs_build and manifest is None:
            n_unchecked += 1
            continue
        found = rule.found(study, manifest)
        if found is not None:
            where = (rule.name, rule.recommendation, rule.clause, rule.severity)
            departures.append(Departure(*where, found, rule.asks, rule.reason))
    if manifest is not None:
        heard = (heard or Heard()).joined(heard_in(manifest))
    if heard is None:
        n_unchecked += len(SOUND_RULES)
    else:
        departures += departures_in_sound(study, heard)
    order = {"error": 0, "warning": 1, "note": 2}
    departures.sort(key=lambda departure: order[departure.severity])
    n_rules = len(rules) + len(SOUND_RULES)
    return Standing(method_of(study), tuple(departures), n_rules, n_unchecked)


def departures_in_sound(study: Study, heard: Heard) -> Iterator[Departure]:
    """Departures of the measured files from the rules on sound."""
    for rule in SOUND_RULES:
        found = rule.found(study, heard)
        if found is not None:
            where = (rule.name, rule.recommendation, rule.clause, rule.severity)
            yield Departure(*where, found, rule.asks, rule.reason)


def summary(standing: Standing) -> str:
    """One line: the method of the study, and how many departures are errors, warnings and notes."""
    counts = {
        severity: sum(entry.severity == severity for entry in standing.departures)
        for severity in ("error", "warning", "note")
    }
    words = [f"{n} {name}{'s' if n > 1 else ''}" for name, n in counts.items() if n]
    found = ", ".join(words) if words else "no departures"
    rest = f"; {standing.n_unchecked} rules wait for the build" if standing.n_unchecked else ""
    return f"{standing.method}: {found}{rest}"
