"""Ranges apart: how far differences spread over unknown parameters, and how far over chance alone.

Some parameter sets run with several seeds each. What the runs of one set differ by is chance. The means of sets spread
over parameters, and by what is left of chance in them; they are drawn together until their variance is that of the
expectations (as in `variance_split`), and their range is then that of expectations over chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.common.ranges import Range

ENDS = (0.1, 0.9)
FEWEST_SETS = 10


@dataclass(frozen=True)
class RangeSplit:
    """80% ranges in the outcome's unit. `parameters` holds the expectations over chance of 80% of the parameter sets;
    `chance` holds 80% of the runs of one set, as distances from its expectation. `sets` had `replicates` runs each.
    """

    parameters: Range
    chance: Range
    sets: int
    replicates: int


def split_range(values: Floats) -> RangeSplit | None:
    """Split the range of values (sets, replicates), one row for each parameter set; rows with a nan are left out.

    None where fewer than ten rows are left. Raises InputError for fewer than two replicates.
    """
    if values.ndim != 2 or values.shape[1] < 2:
        raise InputError(f"values of shape {values.shape}: give each parameter set two runs or more")
    values = values[np.isfinite(values).all(axis=1)]
    sets, replicates = values.shape
    if sets < FEWEST_SETS:
        return None
    means = values.mean(axis=1)
    deviations = values - means[:, None]
    chance = float((deviations**2).sum() / (sets * (replicates - 1)))
    between = float(means.var(ddof=1))
    parameters = max(between - chance / replicates, 0.0)
    shrink = np.sqrt(parameters / between) if between > 0 else 0.0
    low, high = np.quantile(means.mean() + shrink * (means - means.mean()), ENDS)
    below, above = np.quantile(deviations * np.sqrt(replicates / (replicates - 1)), ENDS)
    return RangeSplit((float(low), float(high)), (float(below), float(above)), sets, replicates)
