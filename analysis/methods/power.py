"""`power`: effects that a study of this size can detect, if variances are as estimated."""

from analysis.defaults import DEFAULT_DIFFERENCE
from analysis.findings.checks import Power
from analysis.findings.sections import estimated
from analysis.methods.base import Method, MethodInput
from analysis.mixed_model.power import power_section
from analysis.statistics.estimable import NotEstimableError


def compute(given: MethodInput) -> Power:
    """Detectable difference, and power for several study sizes, both from the fitted model.

    Raises
    ------
    NotEstimableError
        The mixed model could not be estimated.
    """
    model = estimated(given.found.lmm)
    if model is None:
        raise NotEstimableError("Power follows from the mixed model, which was not estimable.")
    rows = given.rows
    n, songs, k = (len(rows[name].unique()) for name in ("participant", "song", "system"))
    n_own = float(rows.groupby("participant")["song"].nunique().mean())
    margin, difference = given.settings.margin, given.settings.scale.points(DEFAULT_DIFFERENCE)
    return power_section(model.variance, n, songs, k, margin, difference, n_own)


METHOD = Method(place=150, compute=compute)
