"""What an analysis does where nobody chose: a study's plan and the command line may say otherwise.

Report, explorer, planner and their help texts read these values here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

DEFAULT_MARGIN = 5.0
"""Equivalence margin, in points of 100."""

DEFAULT_DIFFERENCE = 5.0
"""True difference that a study shall be able to find, in points of 100."""

DEFAULT_BOOTSTRAP = 2000
"""Bootstrap samples of participants, for intervals without a formula."""

DfMethod = Literal["satterthwaite", "kenward-roger"]
"""How the mixed model counts degrees of freedom."""

SATTERTHWAITE: DfMethod = "satterthwaite"
KENWARD_ROGER: DfMethod = "kenward-roger"
DEFAULT_DF_METHOD = SATTERTHWAITE

DF_NAMES: Mapping[DfMethod, str] = {
    SATTERTHWAITE: "Satterthwaite",
    KENWARD_ROGER: "Kenward–Roger",
}
"""What readers see for each."""
