"""Section `expertise`: the mixed model without the expertise gate, beside the main one with it."""

from typing import Any

from analysis.findings.screening import ExpertiseGate
from analysis.methods.base import Method, MethodInput, Row
from analysis.methods.sensitivity import brief_model
from analysis.statistics.equivalence import ALPHA
from analysis.statistics.estimable import is_estimated, section


def expertise_section(given: MethodInput) -> Row:
    """What the gate changes: the model on everybody whom it alone excluded, and open decisions.

    Parameters
    ----------
    given
        Of one attribute; `gated` names those whom the gate alone excluded.

    Returns
    -------
    dict
        `n_excluded`, and, where that is above 0, `without` (omnibus and pairs with them) and
        `changed`: pairs {a, b} whose Holm p falls on the other side of .05.
    """
    gate = given.settings.expertise or ExpertiseGate()
    back = given.everybody["participant"].isin({*given.rows["participant"], *given.gated})
    found: Row = {"status": "ok", "discriminates": gate.discriminates}
    found |= {"reliability_sd": gate.reliability_sd}
    names = set(given.everybody.loc[back, "participant"]) - set(given.rows["participant"])
    found["n_excluded"] = len(names)
    if names:
        everybody, df_method = given.everybody[back], given.settings.df_method
        again = section(lambda: brief_model(everybody, df_method))
        found["without"] = again
        found["changed"] = _changed(given.found.get("lmm"), again) if is_estimated(again) else []
    return found


def _changed(lmm: Any, without: Row) -> list[Row]:
    if not is_estimated(lmm):
        return []
    with_gate = {(row["a"], row["b"]): row.get("p_holm") for row in lmm["pairs"]}
    return [
        {"a": row["a"], "b": row["b"]}
        for row in without["pairs"]
        if (p := with_gate.get((row["a"], row["b"]))) is not None
        and (p < ALPHA) != (row["p_holm"] < ALPHA)
    ]


METHOD = Method(
    place=175,
    compute=expertise_section,
    applies=lambda given: given.settings.expertise is not None,
)
