"""Conversion of ratings to the design of a mixed model.

**Conventions.** The conventions are those of `analysis.mixed_model.design`. Contrasts sum to zero
over sorted levels. Cross-products are over the slots of blocks and the common levels. A random
factor that the data cannot estimate is left out, and the reason is stored.
"""

from collections.abc import Sequence
from itertools import product
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

from analysis.factors import BETWEEN, between_factors
from analysis.mixed_model.design import Design, Term, sum_to_zero
from analysis.statistics.estimable import NotEstimableError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

RANDOM = (
    "participant",
    "song",
    "participant:system",
    "song:system",
    "participant:song",
)
"""Random factors of the default model, in the order in which results list them."""

REPLICATED = "participant:song:system"
"""Further random factor if participants rated the same stimulus more than once."""


def build_design(
    rows: pd.DataFrame,
    random: Sequence[str] | None = None,
    fixed: Sequence[str] = ("system",),
    weights: Floats | None = None,
) -> Design:
    """Design of the mixed model for the ratings of one attribute.

    Parameters
    ----------
    rows
        Rated rows of one attribute.
    random
        Random factors, each a list of column names joined by ":"; None: the default model. Factors
        that cannot be estimated from the data are left out and named in `left_out`.
    fixed
        Fixed terms besides the intercept, for example ("group", "system", "group:system"); main
        effects come before interactions.
    weights
        Precision of each rating compared with the residual variance, shape (n_ratings,); None: all
        ratings are equally precise.

    Returns
    -------
    Design
        Ready for `analysis.mixed_model.fit.fit`.

    Raises
    ------
    NotEstimableError
        All ratings are equal, or the fixed terms predict every rating exactly. An interaction has a
        combination of levels without ratings. There are not more ratings than coefficients.
    """
    y = rows["rating"].to_numpy(dtype=float)
    if np.ptp(y) < 1e-12:
        raise NotEstimableError("All ratings are equal, so there is no variation to explain.")
    codes, levels = _coded(rows)
    x, terms, columns = _fixed_columns(codes, levels, fixed)
    if np.linalg.matrix_rank(x.T @ x, hermitian=True) < x.shape[1]:
        raise NotEstimableError(
            f"For at least one combination of {' and '.join(fixed[-1].split(':'))}, there are no "
            "ratings."
        )
    if len(y) <= x.shape[1] + 1:
        raise NotEstimableError(
            "The number of ratings is not larger than the number of coefficients."
        )
    rest = y - x @ np.linalg.solve(x.T @ x, x.T @ y)
    if np.max(np.abs(rest)) < 1e-9:
        raise NotEstimableError(f"Every rating follows exactly from {' and '.join(fixed)}.")
    kept, left_out = _estimable_components(codes, random)
    w = np.ones(len(y)) if weights is None else np.asarray(weights, dtype=float)
    return _cross_products(codes, levels, kept, left_out, x, terms, columns, y, w)


def _coded(rows: pd.DataFrame) -> tuple[dict[str, Integers], dict[str, tuple[str, ...]]]:
    codes, levels = {}, {}
    further = [name for name in between_factors(rows) if name != "group"]
    for name in ("participant", "group", "song", "system", *further):
        names, code = np.unique(rows[name].to_numpy(dtype=str), return_inverse=True)
        codes[name] = code.astype(np.int64)
        levels[name] = tuple(str(level) for level in names)
    return codes, levels


def _fixed_columns(
    codes: dict[str, Integers], levels: dict[str, tuple[str, ...]], fixed: Sequence[str]
) -> tuple[Floats, tuple[Term, ...], tuple[str, ...]]:
    blocks = [np.ones((len(codes["system"]), 1))]
    terms, columns = [Term("intercept", 0, 1)], ["intercept"]
    for name in fixed:
        block = np.ones((len(blocks[0]), 1))
        labels = [""]
        for factor in name.split(":"):
            coded = sum_to_zero(len(levels[factor]))[codes[factor]]
            block = (coded[:, :, None] * block[:, None, :]).reshape(len(coded), -1)
            own = [f"{factor}[{level}]" for level in levels[factor][:-1]]
            labels = [f"{a}:{b}".strip(":") for b, a in product(own, labels)]
        terms.append(Term(name, len(columns), len(columns) + block.shape[1]))
        columns += labels
        blocks.append(block)
    return np.hstack(blocks), tuple(terms), tuple(columns)


def _joint_codes(codes: dict[str, Integers], component: str) -> Integers:
    """Index of each rating's level in a random factor; levels without ratings are not counted."""
    joint = np.zeros(len(codes["system"]), dtype=np.int64)
    for factor in component.split(":"):
        joint = joint * (int(codes[factor].max()) + 1) + codes[factor]
    return np.unique(joint, return_inverse=True)[1].astype(np.int64)


def _estimable_components(
    codes: dict[str, Integers], random: Sequence[str] | None
) -> tuple[list[str], list[tuple[str, str]]]:
    """Split the random factors into those that the data can estimate and all others."""
    n_ratings = len(codes["system"])
    names = list(random if random is not None else RANDOM)
    replicated = int(_joint_codes(codes, REPLICATED).max()) + 1 < n_ratings
    if random is None and replicated:
        names.append(REPLICATED)
    kept: dict[str, Integers] = {}
    left_out = []
    for name in names:
        joint = _joint_codes(codes, name)
        size = int(joint.max()) + 1
        same = [other for other, code in kept.items() if _same_partition(code, joint)]
        if size < 2:
            left_out.append((name, "The factor has only one level."))
        elif size == n_ratings:
            left_out.append((name, "Each level has one rating, so the term is in the residual."))
        elif same:
            left_out.append((name, f"The term cannot be separated from {same[0]} in these data."))
        else:
            kept[name] = joint
    return list(kept), left_out


def _same_partition(first: Integers, second: Integers) -> bool:
    if first.max() != second.max():
        return False
    size = int(first.max()) + 1
    return len(np.unique(first * size + second)) == size


def _cross_products(
    codes: dict[str, Integers],
    levels: dict[str, tuple[str, ...]],
    kept: list[str],
    left_out: list[tuple[str, str]],
    x: Floats,
    terms: tuple[Term, ...],
    columns: tuple[str, ...],
    y: Floats,
    w: Floats,
) -> Design:
    by = _blocks_by(levels)
    slots, nested_of = _places(codes, kept, by, nested=True)
    commons, common_of = _places(codes, kept, by, nested=False)
    centred = y - y.mean()
    size = (len(levels[by]), len(nested_of), len(common_of))
    sums = _sums(codes[by], slots, commons, size, np.column_stack([x, centred]), w)
    return Design(
        **sums,
        components=tuple(kept),
        left_out=tuple(left_out),
        terms=terms,
        columns=columns,
        systems=levels["system"],
        groups=levels["group"],
        participants=levels["participant"],
        songs=levels["song"],
        n_ratings=len(y),
        y_mean=float(y.mean()),
        nested_of=nested_of,
        common_of=common_of,
        x=x,
        y=centred,
        blocks_by=by,
        block_of=codes[by],
        is_alike=_is_alike(codes, w),
        slots=slots,
        commons=commons,
        further={name: levels[name] for name in BETWEEN[1:] if name in levels},
    )


def _blocks_by(levels: dict[str, tuple[str, ...]]) -> Literal["participant", "song"]:
    """The factor with more levels, and a matrix with the levels of the other as columns."""
    return "song" if len(levels["song"]) > len(levels["participant"]) else "participant"


def _is_alike(codes: dict[str, Integers], w: Floats) -> bool:
    """Whether all participants rated the same stimuli, equally often and with equal weights."""
    stimulus, who = _joint_codes(codes, "song:system"), codes["participant"]
    shape = int(who.max()) + 1, int(stimulus.max()) + 1
    total = np.bincount(who * shape[1] + stimulus, w, shape[0] * shape[1]).reshape(shape)
    return bool((total == total[0]).all())


def _sums(
    block: Integers,
    slots: Integers,
    commons: Integers,
    size: tuple[int, int, int],
    r: Floats,
    w: Floats,
) -> dict[str, Floats]:
    """Weighted cross-products of slots, common levels and [X y]; the keys are those of `Design`."""
    (n, m, c), weighted = size, w[:, None] * r
    own = block[:, None] * m + slots
    return {
        "m_nn": _counted(own, slots, w, (n * m, m)).reshape(n, m, m),
        "m_nc": _counted(own, commons, w, (n * m, c)).reshape(n, m, c),
        "m_cc": _counted(commons, commons, w, (c, c)),
        "r_n": _summed(own, weighted, n * m).reshape(n, m, r.shape[1]),
        "r_c": _summed(commons, weighted, c),
        "rr": r.T @ weighted,
    }


def _counted(rows: Integers, columns: Integers, w: Floats, shape: tuple[int, int]) -> Floats:
    """Sum of the weights of the ratings that belong to each row and column of the matrix."""
    places = rows[:, :, None] * shape[1] + columns[:, None, :]
    weights = np.broadcast_to(w[:, None, None], places.shape)
    total = np.bincount(places.ravel(), weights.ravel(), shape[0] * shape[1])
    return np.asarray(total, dtype=float).reshape(shape)


def _summed(places: Integers, weighted: Floats, size: int) -> Floats:
    """Sum of the rows that belong to the same place of the result."""
    total = np.zeros((size, weighted.shape[1]))
    for one in places.T:
        which = csr_array((np.ones(len(one)), (one, np.arange(len(one)))), (size, len(one)))
        total += which @ weighted
    return total


def _places(
    codes: dict[str, Integers], kept: list[str], by: str, nested: bool
) -> tuple[Integers, Integers]:
    """Slot or common level of each rating, by component; the component of each slot or level."""
    places, owner, offset = [], [], 0
    for index, name in enumerate(kept):
        factors = name.split(":")
        if (by in factors) != nested:
            continue
        rest = ":".join(factor for factor in factors if factor != by)
        place = _joint_codes(codes, rest) if rest else np.zeros_like(codes["system"])
        size = int(place.max()) + 1
        places.append(place + offset)
        owner += [index] * size
        offset += size
    joined = np.stack(places, axis=1) if places else np.zeros((len(codes["system"]), 0), np.int64)
    return joined.astype(np.int64), np.array(owner, dtype=np.int64)
