"""Defaults of an analysis; the plan of a study and the command line can replace them.

The report, the explorer, the planner and the help texts read the defaults from this module.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

DEFAULT_MARGIN = 0.05
"""Equivalence margin as a share of the scale's range: 5 points of 0 to 100, 0.2 of 1 to 5."""

DEFAULT_DIFFERENCE = 0.05
"""True difference that a study should be able to find, as a share of the scale's range."""

DEFAULT_BOOTSTRAP = 2000
"""Bootstrap samples of participants, for intervals without a formula."""

DEFAULT_LANGUAGE = "en"
"""Language of reports and of the researcher's pages."""

PrimaryModel = Literal["lmm", "lmm_unequal", "ordinal"]
"""Model of the primary analysis; the section of the results has the same name."""

DEFAULT_MODEL: PrimaryModel = "lmm"

MODEL_NAMES: Mapping[PrimaryModel, str] = {
    "lmm": "linear mixed model",
    "lmm_unequal": "linear mixed model with a residual spread of each system's own",
    "ordinal": "cumulative link mixed model",
}
"""Words that readers see for each name."""

DfMethod = Literal["satterthwaite", "kenward-roger", "auto"]
"""Method by which the mixed model computes degrees of freedom."""

SATTERTHWAITE: DfMethod = "satterthwaite"
KENWARD_ROGER: DfMethod = "kenward-roger"
AUTO: DfMethod = "auto"
DEFAULT_DF_METHOD = SATTERTHWAITE

DF_NAMES: Mapping[DfMethod, str] = {
    SATTERTHWAITE: "Satterthwaite",
    KENWARD_ROGER: "Kenward–Roger",
    AUTO: "Satterthwaite or, where the design is small or unbalanced, Kenward–Roger",
}
"""Words that readers see for each name."""


def df_words(model: PrimaryModel, df_method: DfMethod) -> str:
    """Name of the method for degrees of freedom in the report; only `lmm` has Kenward-Roger."""
    told = f"{DF_NAMES[df_method]} degrees of freedom"
    if model == DEFAULT_MODEL or df_method == SATTERTHWAITE:
        return told
    own = f"{DF_NAMES[SATTERTHWAITE]} degrees of freedom, the only ones that this model has"
    return f"{own} (the {MODEL_NAMES[DEFAULT_MODEL]} beside it: {told})"
