"""Section `expertise`: the mixed model without the criterion of expertise, and the main model."""

from analysis.findings.checks import Expertise
from analysis.findings.models import MixedModel, ModelAgain
from analysis.findings.screening import ExpertiseGate
from analysis.findings.sections import PairNames, estimated, rows_of
from analysis.methods.base import Method, MethodInput
from analysis.methods.sensitivity import model_again
from analysis.statistics.equivalence import ALPHA
from analysis.statistics.estimable import section


def expertise_section(given: MethodInput) -> Expertise:
    """Effect of the criterion: the model without it, and the pairs with another decision.

    Parameters
    ----------
    given
        Rows with ratings of one attribute. `gated` names participants whom only the criterion of
        expertise excluded.

    Returns
    -------
    Expertise
        If `n_excluded` is above 0, the section also has `without` and `changed`. `without` is the
        model that includes the participants whom the criterion of expertise excluded. `changed`
        lists the pairs whose Holm-adjusted p is on the other side of .05 without the criterion of
        expertise.
    """
    gate = given.settings.expertise or ExpertiseGate()
    back = given.everybody["participant"].isin({*given.rows["participant"], *given.gated})
    names = set(given.everybody.loc[back, "participant"]) - set(given.rows["participant"])
    if not names:
        return Expertise(gate.discriminates, gate.reliability_sd, 0)
    again = section(lambda: model_again(given.everybody[back], given.settings.df_method))
    changed = _changed(estimated(given.found.lmm), estimated(again))
    return Expertise(gate.discriminates, gate.reliability_sd, len(names), again, changed)


def _changed(lmm: MixedModel | None, without: ModelAgain | None) -> list[PairNames]:
    if lmm is None or without is None:
        return []
    with_gate = {(row.a, row.b): row.p_holm for row in rows_of(lmm.pairs)}
    return [
        PairNames(row.a, row.b)
        for row in without.pairs
        if (p := with_gate.get((row.a, row.b))) is not None and (p < ALPHA) != (row.p_holm < ALPHA)
    ]


METHOD = Method(
    place=175,
    compute=expertise_section,
    applies=lambda given: given.settings.expertise is not None,
)
