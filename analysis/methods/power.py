"""`power`: what a study of this size could find, with the variances found."""

from analysis.defaults import DEFAULT_DIFFERENCE
from analysis.methods.base import Method, MethodInput, Row
from analysis.mixed_model.power import power_section


def compute(given: MethodInput) -> Row:
    """Detectable difference and the grid of other sizes, from the fitted model."""
    rows = given.rows
    n, songs, k = (len(rows[name].unique()) for name in ("participant", "song", "system"))
    n_own = float(rows.groupby("participant")["song"].nunique().mean())
    margin, difference = given.settings.margin, given.settings.scale.points(DEFAULT_DIFFERENCE)
    return power_section(given.found["lmm"], n, songs, k, margin, difference, n_own)


METHOD = Method(place=150, compute=compute)
