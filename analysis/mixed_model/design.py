"""Design of a linear mixed model: only the cross-products of its matrices are stored.

**Conventions.** The model is y = X b + sum_k Z_k u_k + e. The columns of X use sum-to-zero
contrasts over the sorted levels (block [I; -1']). Interactions are row-wise products, and the first
column is 1. The mean of the ratings y is subtracted before the fit. After the fit, it is added to
the intercept.

Fits are fast because the random factors are divided into two kinds. Each level of `participant`,
`participant:system` and `participant:song` belongs to one participant (**nested** factors). The
cross-products of nested factors are one small block per participant. All participants share the
levels of `song` and `song:system` (**common** factors). If there are more songs than participants,
songs and participants change places: each song has a block, and `participant` and
`participant:system` are the common factors. A block has one slot for each level that can occur in
it. A slot without ratings contains zeros and does not influence the fit. Sizes of arrays: n blocks,
m slots, c common levels, p columns of X.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from analysis.factors import BETWEEN

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Term:
    """Columns of X that belong to one fixed effect."""

    name: str
    start: int
    stop: int


@dataclass(frozen=True)
class Design:
    """Data for a fit; the shapes are explained in the conventions of the module.

    `nested_of` (slots) and `common_of` (common levels) are indices of `components`. `r_n`, `r_c`
    and `rr` are cross-products of slots, common levels and [X y] with the matrix [X y]. `block_of`
    has the index of the block of each rating. `is_alike` is true if all participants rated the same
    stimuli equally often.
    """

    components: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]
    terms: tuple[Term, ...]
    columns: tuple[str, ...]
    systems: tuple[str, ...]
    groups: tuple[str, ...]
    participants: tuple[str, ...]
    songs: tuple[str, ...]
    n_ratings: int
    y_mean: float
    m_nn: Floats
    m_nc: Floats
    m_cc: Floats
    r_n: Floats
    r_c: Floats
    rr: Floats
    nested_of: Integers
    common_of: Integers
    x: Floats
    y: Floats
    blocks_by: Literal["participant", "song"]
    block_of: Integers
    is_alike: bool
    slots: Integers
    commons: Integers
    further: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Levels of further factors that split participants, by name."""

    def levels_of(self, factor: str) -> tuple[str, ...]:
        """Sorted levels of a fixed factor."""
        own = {"system": self.systems, "group": self.groups, "song": self.songs}
        return own[factor] if factor in own else self.further[factor]

    @property
    def blocks(self) -> tuple[str, ...]:
        """Names of the participants or songs; each has one block."""
        return self.participants if self.blocks_by == "participant" else self.songs

    @property
    def factors(self) -> tuple[str, ...]:
        """The model's factors between participants."""
        return tuple(term.name for term in self.terms if term.name in BETWEEN)

    @property
    def p(self) -> int:
        """Number of columns of X."""
        return int(self.x.shape[1])

    @cached_property
    def patterns(self) -> tuple[Integers, Integers]:
        """Number of the pattern of each block, and one block for each pattern.

        Participants who rated the same stimuli equally often have equal blocks. Equal blocks are
        computed once.
        """
        return _kinds(self.m_nn, self.m_nc)

    @cached_property
    def kinds(self) -> tuple[Integers, Integers]:
        """Patterns of the blocks; blocks with the same pattern also have the same fixed effects."""
        return _kinds(self.m_nn, self.m_nc, np.ascontiguousarray(self.r_n[..., : self.p]))


def _kinds(*blocks: Floats) -> tuple[Integers, Integers]:
    """Number of each block's pattern (equal blocks: equal numbers); one block of each."""
    keys: dict[bytes, int] = {}
    found = [b"".join(part.tobytes() for part in own) for own in zip(*blocks, strict=True)]
    of = np.array([keys.setdefault(key, len(keys)) for key in found])
    return of, np.unique(of, return_index=True)[1]


def sum_to_zero(n_levels: int) -> Floats:
    """Contrast codes of a factor: identity matrix above -1, shape (n_levels, n_levels - 1)."""
    return np.vstack([np.eye(n_levels - 1), -np.ones((1, n_levels - 1))])


def contrast_row(design: Design, **levels: str) -> Floats:
    """Row of X for a combination of levels; the average over all factors that are not named.

    Parameters
    ----------
    design
        The model's design.
    levels
        For example `system="cnn"`, `group="professional"`.

    Returns
    -------
    array
        Shape (p,). The sum-to-zero codes give all levels of the other factors equal weight in an
        average.
    """
    row = np.zeros(design.p)
    for term in design.terms:
        factors = [] if term.name == "intercept" else term.name.split(":")
        if all(factor in levels for factor in factors):
            block = np.ones(1)
            for factor in factors:
                known = design.levels_of(factor)
                coded = sum_to_zero(len(known))[known.index(levels[factor])]
                block = (coded[:, None] * block[None, :]).ravel()
            row[term.start : term.stop] = block
    return row


def term_rows(design: Design, name: str) -> Floats:
    """Contrasts for the test of a fixed effect.

    Parameters
    ----------
    design
        The model's design.
    name
        "system", "group:system", ...

    Returns
    -------
    array
        Shape (q, p). Each row compares a level with the first level, or a combination of levels
        with the first combination. If the model has only one term, the rows are those of the unit
        triangular factor of X'X.

    Notes
    -----
    Any basis gives the same F. For unbalanced data, Satterthwaite's denominator degrees of freedom
    depend on which rows are chosen, by up to some per cent. lmerTest chooses the same rows.
    """
    term = next(part for part in design.terms if part.name == name)
    if len(design.terms) == 2:  # with only one fixed effect, type I and type III tests are equal
        root = np.linalg.cholesky(design.rr[: design.p, : design.p])
        return np.asarray((root / np.diag(root)).T[term.start : term.stop])
    block: Floats = np.ones((1, 1))
    for factor in name.split(":"):
        coded = sum_to_zero(len(design.levels_of(factor)))
        block = np.asarray(np.kron(coded[1:] - coded[:1], block), dtype=float)
    rows = np.zeros((len(block), design.p))
    rows[:, term.start : term.stop] = block
    return rows
