"""Description of the ratings before any test: means, medians, spread and use of the scale.

**Conventions.** All values are in points of the ratings' scale. Quartiles are Tukey's hinges: if n
is odd, the median belongs to both halves, as ITU-R BS.1534-3 requires. The confidence interval of a
mean treats **participants** as the sample, never single ratings. For the mean of a system, the
ratings of each participant are first averaged over songs.
"""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from analysis.findings.described import SongDescription, SystemDescription
from analysis.ratings.table import participant_means
from analysis.scale import Scale, scale_of


def tukey_hinges(values: ArrayLike) -> tuple[float, float]:
    """Lower and upper hinge: medians of the two halves; both include the middle value, if any.

    Parameters
    ----------
    values
        Numbers, at least one.

    Returns
    -------
    tuple of float
        (q1, q3) as R's `fivenum` gives them; the default of numpy and of spreadsheets is another
        definition.

    Examples
    --------
    >>> tukey_hinges([1, 2, 3, 4, 5])
    (2.0, 4.0)
    """
    ordered = np.sort(np.asarray(values, dtype=float))
    half = (len(ordered) + 1) // 2
    return float(np.median(ordered[:half])), float(np.median(ordered[len(ordered) - half :]))


def mean_interval(values: ArrayLike, level: float = 0.95) -> tuple[float, float]:
    """Student's t interval of the mean of independent values.

    Parameters
    ----------
    values
        One number per participant, in points.
    level
        Coverage.

    Returns
    -------
    tuple of float
        (low, high); NaN if there are fewer than two values.
    """
    x = np.asarray(values, dtype=float)
    if len(x) < 2:
        return float("nan"), float("nan")
    half = float(stats.t.ppf(0.5 + level / 2, len(x) - 1) * x.std(ddof=1) / np.sqrt(len(x)))
    return float(x.mean()) - half, float(x.mean()) + half


def skewness_and_kurtosis(values: ArrayLike) -> tuple[float, float]:
    """Unbiased skewness and excess kurtosis.

    Parameters
    ----------
    values
        At least four numbers that are not all equal; with other input, the result is NaN.

    Returns
    -------
    tuple of float
        (g, k), as spreadsheets and SAS define skewness and kurtosis.
    """
    x = np.asarray(values, dtype=float)
    if len(x) < 4 or np.ptp(x) == 0:
        return float("nan"), float("nan")
    return float(stats.skew(x, bias=False)), float(stats.kurtosis(x, bias=False))


def bimodality(n: int, skewness: float, kurtosis: float) -> float:
    """Bimodality coefficient of ITU-R BS.1534-3.

    Parameters
    ----------
    n
        Number of values.
    skewness, kurtosis
        Results of :func:`skewness_and_kurtosis`.

    Returns
    -------
    float
        b = (g^2 + 1) / (k + 3 (n-1)^2 / ((n-2)(n-3))). A value above 5/9 suggests that the
        distribution has more than one mode (peak). The coefficient is NaN if the skewness g or the
        kurtosis k cannot be computed.
    """
    if n < 4:
        return float("nan")
    return (skewness**2 + 1) / (kurtosis + 3 * (n - 1) ** 2 / ((n - 2) * (n - 3)))


def within_half_widths(
    means: pd.DataFrame, groups: pd.Series | None = None, level: float = 0.95
) -> pd.Series:
    """Half widths of Cousineau-Morey intervals, which leave out differences between participants.

    Parameters
    ----------
    means
        Means from `participant_means`, participants x systems. Participants with a missing mean are
        left out.
    groups
        Group of each participant. If groups are given, participants are centred within their
        groups.
    level
        Coverage.

    Returns
    -------
    Series
        Half width for each system, in points; NaN if fewer than two participants have all means, or
        if there is only one system.

    References
    ----------
    .. [1] Morey (2008), Confidence intervals from normalized data.
    """
    complete = means.dropna()
    n, k = complete.shape
    if n < 2 or k < 2:
        return pd.Series(np.nan, index=means.columns)
    own = complete.mean(axis=1)
    centre = (
        own.groupby(groups.reindex(own.index)).transform("mean") if groups is not None else None
    )
    normalised = complete.sub(own, axis=0).add(own.mean() if centre is None else centre, axis=0)
    error: pd.Series = normalised.std(ddof=1) * np.sqrt(k / (k - 1)) / np.sqrt(n)
    return error * float(stats.t.ppf(0.5 + level / 2, n - 1))


def describe(rows: pd.DataFrame) -> list[SystemDescription]:
    """Descriptive statistics for each group and system.

    Parameters
    ----------
    rows
        Rows of one attribute.

    Returns
    -------
    list of SystemDescription
        First come the rows about all participants (`group` is None). If there are at least two
        groups, the rows of each group follow. Mean and intervals are computed from participants'
        means; all other values from single ratings.
    """
    names: list[str | None] = [None]
    groups = sorted(rows["group"].unique())
    names += groups if len(groups) > 1 else []
    return [row for name in names for row in _describe_group(rows, name)]


def describe_everybody(rows: pd.DataFrame) -> list[SystemDescription]:
    """Statistics of :func:`describe` for all participants together; groups are left out."""
    return _describe_group(rows, None)


def _describe_group(rows: pd.DataFrame, group: str | None) -> list[SystemDescription]:
    part = rows if group is None else rows[rows["group"] == group]
    means, scale = participant_means(part), scale_of(part)
    within = within_half_widths(means)
    return [
        _described(group, str(system), ratings, means[system].dropna(), within[system], scale)
        for system, ratings in part.groupby("system")["rating"]
    ]


def _described(
    group: str | None,
    system: str,
    ratings: pd.Series,
    own: pd.Series,
    within: float,
    scale: Scale,
) -> SystemDescription:
    """Description of a system; `own`: listeners' means; `within`: half width of the interval."""
    values, mean = ratings.to_numpy(dtype=float), float(own.mean())
    g, k = skewness_and_kurtosis(values)
    q1, q3 = tukey_hinges(values)
    low, high = mean_interval(own.to_numpy())
    return SystemDescription(
        group=group,
        system=system,
        n_participants=len(own),
        n_ratings=len(values),
        # The mean of participants' means is also the centre of the interval in the figures.
        mean=mean,
        sd=float(values.std(ddof=1)) if len(values) > 1 else float("nan"),
        median=float(np.median(values)),
        q1=q1,
        q3=q3,
        min=float(values.min()),
        max=float(values.max()),
        share_at_minimum=float(np.mean(values == scale.minimum)),
        share_at_maximum=float(np.mean(values == scale.maximum)),
        skewness=g,
        kurtosis=k,
        bimodality=bimodality(len(values), g, k),
        ci_low=low,
        ci_high=high,
        within_ci_low=float(mean - within),
        within_ci_high=float(mean + within),
    )


def describe_songs(rows: pd.DataFrame) -> list[SongDescription]:
    """Descriptive statistics for each song and system; the sample of the interval is participants.

    Parameters
    ----------
    rows
        Rows of one attribute.
    """
    keys = ["song", "system"]
    own = rows.groupby([*keys, "participant"])["rating"].mean().reset_index()
    return [
        _song(str(song), str(system), cell["rating"].to_numpy(float))
        for (song, system), cell in own.groupby(keys)
    ]


def _song(song: str, system: str, own: NDArray[np.float64]) -> SongDescription:
    middle, hinges = float(np.median(own)), tukey_hinges(own)
    return SongDescription(
        song, system, len(own), float(own.mean()), middle, *hinges, *mean_interval(own)
    )
