"""Checks that every experiment makes before it reads anything into an outcome."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.common.errors import InputError
from simulator.experiments.core.model_protocol import Floats

MOST_FAILED_GROUPS = 0.1
SAME = 1e-12


def find_usable_groups(values: Floats, outcome: str, fewest: int = 2) -> NDArray[np.bool_]:
    """Which groups of rows can be used, from values (groups, rows of a group): those without a failed row (nan).

    Raises ValueError, saying how to mend it, for infinite values, if more than a tenth of the groups failed, if fewer
    than `fewest` are left, and if the outcome is constant, because nothing can explain what does not vary.
    """
    infinite = int(np.isinf(values).sum())
    if infinite:
        raise InputError(f"'{outcome}' is infinite in {infinite} of {values.size} rows: make it nan where undefined")
    kept = np.asarray(~np.isnan(values).any(axis=1))
    lost, n = int((~kept).sum()), len(kept)
    if lost > MOST_FAILED_GROUPS * n:
        raise InputError(
            f"'{outcome}' failed (nan) in so many rows that {lost} of {n} groups of rows are lost; at most a tenth may "
            "be: choose an outcome that is always defined, or narrow the factors to where the model runs"
        )
    if kept.sum() < fewest:
        raise InputError(f"{int(kept.sum())} usable groups of rows for '{outcome}' are too few; take {fewest} or more")
    check_varies(values[kept], outcome)
    return kept


def check_varies(values: Floats, what: str) -> None:
    """Refuse values that are all the same but for rounding. Raises ValueError."""
    if np.ptp(values) <= SAME * np.abs(values).max():
        raise InputError(f"'{what}' is the same in every row ({values.flat[0]:g}): there is nothing to explain")
