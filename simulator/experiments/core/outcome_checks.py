"""Checks that every experiment makes before it reads anything into an outcome."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.experiments.core.model_protocol import ROUNDING

MOST_FAILED_GROUPS = 0.1


def find_usable_groups(values: Floats, outcome: str, fewest: int = 2) -> NDArray[np.bool_]:
    """Which groups of rows can be used: those without a failed row (nan). `values` is (groups, rows of a group).

    Raises ValueError, saying how to mend it, for infinite values, if more than a tenth of the groups failed, if fewer
    than `fewest` are left, and if the outcome is constant, because nothing can explain what does not vary.
    """
    infinite = int(np.isinf(values).sum())
    if infinite:
        raise InputError(f"'{outcome}' is infinite in {infinite} of {values.size} rows: make it nan where undefined")
    usable = np.asarray(~np.isnan(values).any(axis=1))
    failed, groups = int((~usable).sum()), len(usable)
    if failed > MOST_FAILED_GROUPS * groups:
        raise InputError(
            f"'{outcome}' failed (nan) in so many rows that {failed} of {groups} groups of rows are lost; at most a "
            "tenth may be: choose an outcome that is always defined, or narrow the factors to where the model runs"
        )
    if usable.sum() < fewest:
        raise InputError(
            f"{int(usable.sum())} usable groups of rows for '{outcome}' are too few; take {fewest} or more"
        )
    check_varies(values[usable], outcome)
    return usable


def check_varies(values: Floats, outcome: str) -> None:
    """Refuse values that are all the same but for rounding. Raises ValueError."""
    if np.ptp(values) <= ROUNDING * np.abs(values).max():
        raise InputError(f"'{outcome}' is the same in every row ({values.flat[0]:g}): there is nothing to explain")
