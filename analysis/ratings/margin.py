"""The primary attribute, and the equivalence margin of each attribute in points of its scale."""

from collections.abc import Mapping, Sequence

from analysis.defaults import DEFAULT_MARGIN
from analysis.ratings.table import RatingsError
from analysis.scale import SCALE, Scale


def primary_of(attributes: Sequence[str], wanted: str | None = None) -> str | None:
    """Primary attribute: the requested one, else `overall`, else the first; else None."""
    if wanted in attributes:
        return wanted
    named = (name for name in attributes if name.lower() == "overall")
    return next(named, attributes[0] if attributes else None)


def margins_of(
    scales: Mapping[str, Scale], margin: float | None, primary: str | None
) -> dict[str, float]:
    """Equivalence margin of each attribute, in points of that attribute's scale.

    Parameters
    ----------
    scales
        By attribute.
    margin
        Margin in points of the scale of the primary attribute. For another attribute, the margin is
        the same fraction of its scale's range. None: the default fraction of the range of each
        scale.
    primary
        The primary attribute; None if the table has no attributes yet.

    Raises
    ------
    RatingsError
        The margin is not above 0, or it is larger than the range of the scale.
    """
    if margin is None:
        return {name: scale.points(DEFAULT_MARGIN) for name, scale in scales.items()}
    of = scales.get(primary or "", SCALE)
    if not 0 < margin <= of.range:
        raise RatingsError(
            f"The equivalence margin must be above 0 points and at most {of.range:g}, because the "
            f"scale goes {of.ends_in_words}; it is {margin:g}."
        )
    return {
        name: margin if scale.range == of.range else scale.points(margin / of.range)
        for name, scale in scales.items()
    }
