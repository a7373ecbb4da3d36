"""Standard errors of means where rows share their parameters: rows of one parameter set are not independent.

There may be more futures than parameter sets, so that the same set runs again with other seeds. Chance then averages
out, but the sets do not: errors are computed from sums by set, as the usual cluster-robust ones are (Liang and Zeger
1986, "Longitudinal data analysis using generalized linear models").
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.experiments.core.model_protocol import Labels

Z_95 = 1.959963984540054
"""Half the width of a 95% interval, in standard errors."""

_HASH_START = 0xCBF29CE484222325
_HASH_PRIME = np.uint64(0x100000001B3)


def label_parameter_sets(columns: Mapping[str, ArrayLike]) -> Labels:
    """A number for each row of these columns, (n,) each: rows with the same values have the same number. (n,).

    The numbers do not depend on what other rows there are, so that rows made at different times can be compared.
    """
    return hash_rows(np.column_stack([np.asarray(column, np.float64) for column in columns.values()]))


def hash_rows(table: Floats) -> Labels:
    """A number for each row of a table (n, columns), the same for the same values: (n,)."""
    bits = np.ascontiguousarray(table + 0.0).view(np.uint64)  # -0.0 becomes 0.0
    hashes = np.full(len(bits), _HASH_START, np.uint64)
    for column in bits.T:
        hashes = (hashes ^ column) * _HASH_PRIME
        hashes ^= hashes >> np.uint64(29)
    return hashes.view(np.int64)


def number_labels(sets: ArrayLike | None, n: int) -> Labels:
    """Labels of parameter sets as numbers from 0, in order of their first row: (n,).

    Without labels every row is a set of its own. So it is where all rows share one set: they then differ by chance
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
    """The standard error of the mean of values (n,), in their unit; nan for fewer than two rows.

    `sets` (n,) says which rows share their parameters; without it all are independent. Raises ValueError for labels
    that do not fit.
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
    """How many independent rows give the share of hits (n,) the same error: at most n, fewer where sets recur.

    At least as many as there are sets. Where all hits agree nothing tells rows apart, and the sets count. Raises
    ValueError for labels that do not fit.
    """
    values = np.asarray(hits, np.float64)
    labels = number_labels(sets, len(values))
    count, share = int(labels.max()) + 1, float(values.mean())
    error = standard_error(values, labels)
    if count == len(values) or not error > 0:
        return float(count)
    return float(np.clip(share * (1 - share) / error**2, min(count, len(values)), len(values)))
