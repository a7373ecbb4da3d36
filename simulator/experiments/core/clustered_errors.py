"""Errors of means where rows share their parameters: rows of one parameter set are not independent of each other.

There are fewer parameter sets than futures may be asked for, so that sets are met again with new chance. Chance then
averages out, but the sets do not: errors come from totals by set (the usual cluster-robust ones, Liang and Zeger 1986).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.common.errors import InputError

Floats: TypeAlias = NDArray[np.float64]
Labels: TypeAlias = NDArray[np.int64]

_PRIME = np.uint64(0x100000001B3)


def label_parameter_sets(columns: Mapping[str, ArrayLike]) -> Labels:
    """A number for each row of these columns, (n,) each; rows with the same values have the same number: (n,).

    The numbers do not depend on what other rows there are, so that rows made at different times can be told apart.
    """
    return hash_rows(np.column_stack([np.asarray(column, np.float64) for column in columns.values()]))


def hash_rows(table: Floats) -> Labels:
    """The same for the rows of a table (n, columns)."""
    words = np.ascontiguousarray(table + 0.0).view(np.uint64)  # -0.0 becomes 0.0
    mixed = np.full(len(words), 0xCBF29CE484222325, np.uint64)
    for column in words.T:
        mixed = (mixed ^ column) * _PRIME
        mixed ^= mixed >> np.uint64(29)
    return mixed.view(np.int64)


def number_labels(sets: ArrayLike | None, n: int) -> Labels:
    """Labels of parameter sets as numbers from 0, in order of their first row: (n,).

    Without labels every row is a set of its own; so it is where all rows share one set, for then they differ by chance
    alone, and that is independent. Raises ValueError for labels that do not fit.
    """
    if sets is None:
        return np.arange(n)
    labels = np.asarray(sets)
    if labels.shape != (n,):
        raise InputError(f"{labels.size} labels of parameter sets do not fit {n} rows")
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    if len(first) < 2:
        return np.arange(n)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse.reshape(-1)]


def sum_deviations(values: Floats, sets: Labels) -> Floats:
    """Sums by set, (sets,), of how far values (n,) lie from their mean. `sets` (n,) are numbered from 0."""
    return np.asarray(np.bincount(sets, values - values.mean()), np.float64)


def standard_error(values: Floats, sets: ArrayLike | None = None) -> float:
    """The standard error of the mean of values (n,), of which `sets` (n,) says which share their parameters.

    nan for fewer than two rows.
    """
    n = len(values)
    if n < 2:
        return float("nan")
    labels = number_labels(sets, n)
    count = int(labels.max()) + 1
    if count == n:
        return float(values.std(ddof=1) / np.sqrt(n))
    return float(np.sqrt(count / (count - 1) * (sum_deviations(values, labels) ** 2).sum()) / n)


def count_independent_rows(hits: ArrayLike, sets: ArrayLike | None = None) -> float:
    """How many independent rows the share of hits (n,) rests on: the rows, or fewer where rows of one set are alike.

    At least as many as there are sets. Where all hits agree nothing tells rows apart, and the sets count.
    """
    values = np.asarray(hits, np.float64)
    labels = number_labels(sets, len(values))
    count, share = int(labels.max()) + 1, float(values.mean())
    error = standard_error(values, labels)
    if count == len(values) or not error > 0:
        return float(count)
    return float(np.clip(share * (1 - share) / error**2, min(count, len(values)), len(values)))
