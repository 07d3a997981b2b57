"""`power`: what a study of this size could find, with the variances found."""

from analysis.methods.base import Method, MethodInput, Row
from analysis.mixed_model.power import power_section


def compute(given: MethodInput) -> Row:
    """Detectable difference and the grid of other sizes, from the fitted model."""
    rows = given.rows
    n, songs, k = (len(rows[name].unique()) for name in ("participant", "song", "system"))
    n_own = float(rows.groupby("participant")["song"].nunique().mean())
    return power_section(given.found["lmm"], n, songs, k, given.settings.margin, n_own=n_own)


METHOD = Method(place=150, compute=compute)
