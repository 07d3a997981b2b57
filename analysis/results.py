"""Computation of findings: every method is run, and `results.json` gets its content.

The schema of `results.json` is explained in docs/results.md. If the data do not allow a method to
be computed, its section gives the reason. If one method fails, the other methods are computed
nevertheless.
"""

import platform
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import fields, replace
from functools import partial
from importlib.metadata import PackageNotFoundError, version

import pandas as pd

from analysis.defaults import (
    DEFAULT_BOOTSTRAP,
    DEFAULT_DF_METHOD,
    DEFAULT_MARGIN,
    DEFAULT_MODEL,
    DF_NAMES,
    MODEL_NAMES,
    PrimaryModel,
)
from analysis.exclusions.declared_rules import (
    DeclaredRules,
    Screened,
    excluded_by,
    screened,
    without_controls,
)
from analysis.exclusions.difference_grades import rules_on_guessers
from analysis.findings.attribute import Attribute
from analysis.findings.findings import (
    FRIEDMAN,
    AdjustedP,
    Data,
    Findings,
    Multiplicity,
    Omnibus,
    Settings,
    Versions,
)
from analysis.findings.primary import sets_of
from analysis.findings.screening import CrowdControls, ExpertiseGate, Screening
from analysis.findings.sections import NotEstimable, estimated
from analysis.methods.base import Method, MethodInput
from analysis.methods.registry import methods_for
from analysis.ratings.expertise import rules_of_gate
from analysis.ratings.margin import margins_of, primary_of
from analysis.ratings.roles import compared, kept_apart
from analysis.ratings.screening import screening_section
from analysis.ratings.summary import data_section, name_of_test
from analysis.ratings.table import check_ratings, in_order, of_attribute
from analysis.scale import SCALE, scales_of
from analysis.statistics.estimable import section
from analysis.statistics.multiplicity import OF_FAMILY, adjusted
from analysis.statistics.threads import one_blas_thread

Progress = Callable[[float, str], None]


NOTES = {
    "scope": (
        "The mixed model applies to songs and listeners like these; the tests on listener means "
        "apply to these songs only."
    ),
    "not_significant": (
        '"Not significant" never means "equal": only the equivalence test can show that two '
        "systems differ by less than the declared margin."
    ),
}


def analyse(
    ratings: pd.DataFrame,
    *,
    margin: float | None = None,
    df_method: str = DEFAULT_DF_METHOD,
    seed: int = 1,
    on_progress: Progress | None = None,
    confirmatory: Sequence[str] | None = None,
    reference: str | None = None,
    mid_anchor: str | None = None,
    n_bootstrap: int = DEFAULT_BOOTSTRAP,
    low_anchor: str | None = None,
    page_type: str = "",
    test: str = "",
    also: Collection[str] = (),
    primary: str | None = None,
    contrasts: Sequence[tuple[str, str]] = (),
    with_roles: bool = False,
    expertise: ExpertiseGate | None = None,
    model: PrimaryModel = DEFAULT_MODEL,
    leaves_out_guessers: bool = True,
    opinion_score: str = "",
    controls: CrowdControls | None = None,
    all_ratings: pd.DataFrame | None = None,
    trials: pd.DataFrame | None = None,
) -> Findings:
    """All findings that are computed from a table of ratings.

    Parameters
    ----------
    ratings
        A table of ratings; the checks are done if necessary.
    margin
        Equivalence margin in points, declared before the ratings are seen; above 0. The margin is
        in points of the scale of the primary attribute. For an attribute with another scale, the
        margin is the same fraction of its range. None: the margin is 5 % of the range of each
        scale.
    df_method
        Method for the mixed model's degrees of freedom: one of `analysis.defaults.DF_NAMES`.
    seed
        Seed of bootstraps and permutations; the same seed gives the same numbers.
    on_progress
        Function that is called as `on_progress(share_done, what)`, with a share from 0 to 1.
    confirmatory
        Attributes in the confirmatory family; all others are exploratory. None: all
        attributes are confirmatory.
    reference, mid_anchor
        Names of the hidden reference and of the mid anchor, which are two of the systems. If the
        hidden reference and the mid anchor are both named, the exclusion rules of BS.1534-3 are
        applied.
    n_bootstrap
        Number of resamples for each bootstrap interval.
    low_anchor
        Name of the low anchor. A test can be called MUSHRA if it has a hidden reference, a mid
        anchor and a low anchor.
    page_type, test
        Page type, which is stored in the settings, and the name of a test with such pages. The
        name of the test is empty if it depends on the systems.
    also
        Names of methods that run only on request.
    primary
        The primary attribute. None: `overall` if the table has it, otherwise the first attribute.
    contrasts
        Declared pairs of systems. A reference or an anchor that is in a declared pair is compared.
    with_roles
        Whether the reference and the anchors are compared like all other systems. If false,
        reference and anchors are only described, and are left out of tests and models.
    expertise
        The declared criterion of expertise. Participants who do not fulfil it are excluded. None:
        no criterion is declared.
    model
        Model of the primary analysis: one of `analysis.defaults.MODEL_NAMES`.
    leaves_out_guessers
        If the ratings are difference grades: whether participants are excluded by the
        post-screening of BS.1116-3.
    opinion_score
        Name of the mean of the votes (MOS, DMOS or CMOS), if the ratings are votes on an opinion
        scale. If a name is given, opinion scores and the model of listeners' habits are computed.
        Empty: no.
    controls
        The declared controls of a crowd test; a participant who fails the controls is excluded, and
        the controls are not analysed. None: no controls are declared.
    all_ratings, trials
        Ratings of all parts, and choices; the answers to the controls are searched in them. None:
        only `ratings`.

    Returns
    -------
    Findings
        Content of results.json (see docs/results.md); `json_form` converts it into plain Python
        objects.

    Raises
    ------
    RatingsError
        The table cannot be read as ratings, or it lacks a named reference or anchor.
    ValueError
        A setting is impossible.

    Examples
    --------
    >>> ratings = pd.DataFrame(
    ...     [(f"P{who}", f"s{song}", system, "overall", mean + 3.0 * song + who % 2 * (mean == 40))
    ...      for who in range(6) for song in range(3) for system, mean in (("a", 50), ("b", 40))],
    ...     columns=["participant", "song", "system", "attribute", "rating"],
    ... )
    >>> findings = analyse(ratings, n_bootstrap=50)
    >>> [(pair.a, pair.b, pair.estimate) for pair in findings.attributes["overall"].paired_t]
    [('a', 'b', 9.5)]
    """
    if df_method not in DF_NAMES:
        raise ValueError(f"The degrees of freedom must be {' or '.join(DF_NAMES)}.")
    if model not in MODEL_NAMES:
        raise ValueError(f"The primary model must be one of {', '.join(MODEL_NAMES)}, not {model}.")
    answers_given = ratings if all_ratings is None else all_ratings
    table = in_order(without_controls(check_ratings(ratings), controls))
    names = None if confirmatory is None else tuple(confirmatory)
    scales = scales_of(table)
    answers = str(primary_of(list(scales), primary))
    margins = margins_of(scales, margin, answers)
    settings = Settings(
        margins[answers], df_method, seed, names, reference, mid_anchor, n_bootstrap, low_anchor,
        page_type, scale=scales[answers], expertise=expertise, model=model,
        opinion_score=opinion_score or None,
        apart=kept_apart(
            table["system"], (reference, mid_anchor, low_anchor), contrasts, with_roles
        ),
    )  # fmt: skip
    own = {name: replace(settings, margin=margins[name], scale=scales[name]) for name in scales}
    run = methods_for(also)
    with one_blas_thread():
        return _analysed(
            table,
            settings,
            own,
            run,
            on_progress or (lambda _share, _what: None),
            test,
            answers,
            leaves_out_guessers,
            screened(table, answers_given, trials, controls),
        )


def _analysed(
    table: pd.DataFrame,
    settings: Settings,
    own: Mapping[str, Settings],
    run: Mapping[str, Method],
    tell: Progress,
    test: str,
    answers: str,
    leaves_out_guessers: bool,
    controls: Screened,
) -> Findings:
    reference, mid_anchor = settings.reference, settings.mid_anchor
    attributes = sorted(table["attribute"].unique())
    gate, seed = settings.expertise, settings.seed
    tell(0.0, "screening")
    declared = DeclaredRules(reference, mid_anchor, leaves_out_guessers, gate, seed)
    excluded, by_marks = excluded_by(table, declared, settings.scale, controls)
    rules = rules_on_guessers(table, leaves_out_guessers) + rules_of_gate(table, gate, seed)
    rules += controls.rules
    screening = screening_section(table, reference, mid_anchor, excluded, seed, rules)
    by_gate = frozenset(one.participant for one in excluded) - by_marks
    kept = table[~table["participant"].isin({one.participant for one in excluded})]
    given = {
        name: _given(table, kept, name, own[name], by_gate, name == answers) for name in attributes
    }
    found = _attributes(given, run, tell)
    tell(1.0, "analysed")
    return Findings(
        settings=settings,
        versions=_versions(),
        data=data_section(table, excluded, settings.apart),
        screening=screening,
        attributes=found,
        multiplicity=Multiplicity(_multiplicity(found, settings)),
        notes=_notes(settings, test) | _warnings(found, run),
    )


def without_ratings(
    *,
    margin: float | None,
    df_method: str,
    seed: int,
    confirmatory: Sequence[str] | None = None,
    page_type: str = "",
    test: str = "",
    why: str = "",
    model: PrimaryModel = DEFAULT_MODEL,
) -> Findings:
    """Findings of a study without ratings: they have the keys of :func:`analyse`, but no content.

    Parameters
    ----------
    margin, df_method, seed, confirmatory, page_type, test, model
        As :func:`analyse`.
    why
        Sentence for the reader; it is stored as a warning.
    """
    names = None if confirmatory is None else tuple(confirmatory)
    usual = SCALE.points(DEFAULT_MARGIN) if margin is None else margin
    settings = Settings(
        usual, df_method, seed, names, None, None, DEFAULT_BOOTSTRAP, None, page_type, model=model
    )
    return Findings(
        settings=settings,
        versions=_versions(),
        data=Data(warnings=[why] if why else []),
        screening=Screening(),
        attributes={},
        multiplicity=Multiplicity(),
        notes=_notes(settings, test),
    )


def _notes(settings: Settings, test: str) -> dict[str, str]:
    return NOTES | {
        "name_of_test": name_of_test(
            settings.reference, settings.mid_anchor, settings.low_anchor, test
        )
    }


def _warnings(
    found: Mapping[str, Attribute | NotEstimable], run: Mapping[str, Method]
) -> dict[str, str]:
    """Sections of the findings that are input of other sections."""
    there = {key for part in found.values() if isinstance(part, Attribute) for key in part.keys}
    return {key: method.warning for key, method in run.items() if method.warning and key in there}


def _given(
    table: pd.DataFrame,
    kept: pd.DataFrame,
    name: str,
    settings: Settings,
    by_gate: frozenset[str],
    answers: bool,
) -> MethodInput | NotEstimable:
    """Input of the methods for one attribute."""
    shown, everybody = of_attribute(kept, name), of_attribute(table, name)
    rows = compared(shown, settings.apart)
    if rows.empty:
        return NotEstimable(f"No rating of the attribute {name} is left to analyse.")
    found = Attribute(
        scale=settings.scale,
        margin=settings.margin,
        primary_model=settings.model,
        n_ratings=len(shown),
        n_participants=int(shown["participant"].nunique()),
    )
    systems = sorted(set(table["system"]) - set(settings.apart))
    before = compared(everybody, settings.apart)
    return MethodInput(rows, before, systems, settings, shown, found, by_gate, answers)


def _attributes(
    given: Mapping[str, MethodInput | NotEstimable], run: Mapping[str, Method], tell: Progress
) -> dict[str, Attribute | NotEstimable]:
    """Findings of each attribute; the progress depends on the relative time of each method."""
    applying = {
        name: {key: method for key, method in run.items() if method.applies(one)}
        for name, one in given.items()
        if isinstance(one, MethodInput)
    }
    in_all = sum(method.cost for methods in applying.values() for method in methods.values())
    done = 0.0
    found: dict[str, Attribute | NotEstimable] = {}
    for name, one in given.items():
        if isinstance(one, NotEstimable):
            found[name] = one
            continue
        so_far = one
        for key, method in applying[name].items():
            tell(done / in_all, f"{name}: {key}")
            so_far = so_far.with_section(key, section(partial(method.compute, so_far)))
            done += method.cost
        found[name] = so_far.found
    return found


def _multiplicity(
    found: Mapping[str, Attribute | NotEstimable], settings: Settings
) -> list[AdjustedP]:
    """Omnibus p of all attributes; p is adjusted within each of the two families.

    An attribute gets no omnibus p if no chain of listeners connects its systems.
    """
    rows: list[AdjustedP] = []
    for test in (settings.model, FRIEDMAN):
        for family, method in OF_FAMILY.items():
            members = [
                name
                for name in found
                if (settings.confirmatory is None or name in settings.confirmatory)
                == (family == "confirmatory")
            ]
            p = [_omnibus_p(found[name], test) for name in members]
            rows += [
                AdjustedP(name, family, test, raw, value, method)
                for name, raw, value in zip(members, p, adjusted(p, method), strict=True)
            ]
    return rows


def _omnibus_p(part: Attribute | NotEstimable, test: Omnibus) -> float:
    if isinstance(part, NotEstimable) or sets_of(part):
        return float("nan")
    if test == FRIEDMAN:
        ranks = estimated(part.friedman)
        return float("nan") if ranks is None else ranks.p
    model = estimated(part.model(test))
    found = model and estimated(model.omnibus["system"])
    return found.p if found else float("nan")


def _versions() -> Versions:
    names = [each.name for each in fields(Versions) if each.name != "python"]
    return Versions(python=platform.python_version(), **{name: _version(name) for name in names})


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:  # mixtrial was started from a checkout, without an installation
        return "unknown"
