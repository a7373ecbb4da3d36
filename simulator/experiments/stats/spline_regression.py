"""Conditional expectations by regression on cubic B-splines, fitted to all rows and with each fold of rows left out.

One factor gets cubic B-splines with knots at its quantiles (a factor with few values: one step a value). Several
factors get the sum of theirs, with fewer knots where rows are few, and products of powers of two factors; interactions
of three are missed. A Gaussian process would find those, in time that grows with the cube of the rows and with a
covariance to choose. Least squares takes any number of rows, and its basis depends on factors only, so that folds and
resamples share it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, pairwise

import numpy as np

from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.common.representation import short_repr

KNOTS = 5
COARSER = ((KNOTS, 3), (4, 3), (3, 3), (2, 3), (2, 2))  # knots and degree; the last is a parabola
FOLDS = 5
FEW_VALUES = 6
ROWS_A_COLUMN = 20
AMPLE_ROWS_A_COLUMN = 50
RIDGE = 1e-8
"""Of the rows, added to the diagonal. It does nothing to a basis whose columns are alike in size, such as those made
here; one of powers, whose last columns are tiny, it smooths."""


def make_column_basis(x: Floats, knots: int = KNOTS, degree: int = 3) -> Floats:
    """The basis of one factor, without the constant: (n, knots + degree - 2), fewer where quantiles coincide.

    Raises ValueError for a factor that does not vary or is not finite.
    """
    if not np.isfinite(x).all():
        raise InputError("has values that are not finite")
    values = np.unique(x)
    if len(values) < 2:
        raise InputError("does not vary: leave it out")
    if len(values) <= FEW_VALUES:
        return np.asarray(x[:, None] == values[None, 1:], np.float64)
    at = np.unique(np.quantile(x, np.linspace(0, 1, knots)))
    padded = np.concatenate([[at[0]] * degree, at, [at[-1]] * degree])
    return evaluate_splines(x, padded, degree)[:, :-1]


def evaluate_splines(x: Floats, knots: Floats, degree: int) -> Floats:
    """B-splines on padded knots at x (n,): (n, knots - degree - 1), by de Boor's recursion. As SciPy's `design_matrix`,
    to the last bit; that takes half a second to load.
    """
    last = len(knots) - degree - 2
    left = np.clip(np.searchsorted(knots, x, side="right") - 1, degree, last)
    values = np.zeros((degree + 1, len(x)))
    values[0] = 1.0
    for order in range(1, degree + 1):
        before, values[0] = values[:order].copy(), 0.0
        for n in range(1, order + 1):
            above, below = knots[left + n], knots[left + n - order]
            width = above - below
            share = np.divide(before[n - 1], width, out=np.zeros(len(x)), where=width > 0)
            values[n - 1] += share * (above - x)
            values[n] = share * (x - below)
    basis = np.zeros((len(x), last + 1))
    basis[np.arange(len(x))[:, None], left[:, None] + np.arange(-degree, 1)] = values.T
    return basis


def make_joint_basis(columns: Sequence[Floats]) -> Floats:
    """Standardised basis of several factors together, the constant first: (n, columns).

    Products of two factors go up to squares where there are 50 rows or more a column, and are otherwise of first
    powers. Raises ValueError where even parabolas leave fewer than 20 rows a column, because without products
    interactions would be missed.
    """
    n = len(columns[0])
    pairs = list(combinations([(x - x.mean()) / (x.std() or 1.0) for x in columns], 2))
    for knots, degree in COARSER:
        bases = [make_column_basis(x, knots, degree) for x in columns]
        least = sum(basis.shape[1] for basis in bases) + len(pairs)
        if least * ROWS_A_COLUMN <= n:
            break
    else:
        raise InputError(f"{n} points are too few: {least * ROWS_A_COLUMN} are needed for factors like these together")
    powers = (1, 2) if (least + 3 * len(pairs)) * AMPLE_ROWS_A_COLUMN <= n else (1,)
    bases.extend((a**i * b**j)[:, None] for a, b in pairs for i in powers for j in powers)
    basis = np.hstack(bases)
    spread = basis.std(axis=0)
    basis = (basis - basis.mean(axis=0))[:, spread > 0] / spread[spread > 0]
    return np.hstack([np.ones((n, 1)), basis])


@short_repr
@dataclass(frozen=True)
class CrossFit:
    """Least squares of `targets` (n, t) on `basis` (n, p); rows are in random order, folds are successive blocks."""

    basis: Floats
    targets: Floats

    def predict(self, weights: Floats) -> tuple[Floats, Floats]:
        """Fitted values (n, t) from all rows, and those of each row from the other folds; weights (n,), 0 or more."""
        blocks, ridge = self._blocks, self._ridge
        weighted = [part * weights[rows] for part, rows in zip(self._turned, blocks, strict=True)]
        grams = [part @ rows for part, rows in zip(weighted, self._parts, strict=True)]
        moments = [part @ self.targets[rows] for part, rows in zip(weighted, blocks, strict=True)]
        gram, moment = sum(grams, np.zeros_like(grams[0])), sum(moments, np.zeros_like(moments[0]))
        left = np.stack([gram, *(gram - part for part in grams)])  # all equations at once: most of the time is calls
        solved = np.linalg.solve(
            left + RIDGE * left[:, :1, :1] * ridge, np.stack([moment, *(moment - m for m in moments)])
        )
        outside = [rows @ part for rows, part in zip(self._parts, solved[1:], strict=True)]
        return self.basis @ solved[0], np.vstack(outside)

    @cached_property
    def _blocks(self) -> list[slice]:
        edges = np.linspace(0, len(self.basis), FOLDS + 1).astype(int)
        return [slice(a, b) for a, b in pairwise(edges)]

    @cached_property
    def _parts(self) -> list[Floats]:
        return [self.basis[rows] for rows in self._blocks]

    @cached_property
    def _turned(self) -> list[Floats]:
        return [part.T for part in self._parts]

    @cached_property
    def _ridge(self) -> Floats:
        """The small ridge's shape."""
        return np.eye(self.basis.shape[1])
