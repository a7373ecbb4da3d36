"""Switching value: at which value of one factor does the best choice between policies change?

Gains over the first policy are regressed on the factor alone (splines, all rows), so that factors which vary with it
are averaged over as they come. A switching value is reported only where there is exactly one within the middle 95% of
the factor's values, and where nearly all resamples agree that there is one, and in which direction.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.common.arrays import Floats
from simulator.common.formatting import format_number
from simulator.common.ranges import Range
from simulator.experiments.core.replicate_average import DrawAverages
from simulator.experiments.core.sampled_futures import select_complete_futures
from simulator.experiments.stats.ranking_and_selection import check_direction
from simulator.experiments.stats.resampling import draw_resamples
from simulator.experiments.stats.spline_regression import CrossFit, make_joint_basis

MIDDLE = (0.025, 0.975)
AGREE = 0.9


@dataclass(frozen=True)
class SwitchingValue:
    """Below `at` the policy `below` is the best choice, above it `above`; with the 95% bootstrap interval of `at`."""

    at: float
    below: str
    above: str
    interval: Range

    @property
    def sentence(self) -> str:
        """The change in plain words."""
        low, high = (format_number(x) for x in self.interval)
        return f"“{self.below}” below {format_number(self.at)} (95% interval {low} to {high}), “{self.above}” above it"


def find_switching_value(
    factor: Floats,
    results: DrawAverages,
    *,
    better: int,
    times: int = 100,
    seed: int = 0,
    sets: ArrayLike | None = None,
) -> SwitchingValue | None:
    """Where the best choice changes as a factor (draws,) rises; None if it does not, or not surely exactly once.

    `better` is +1 or -1. The interval comes from `times` resamples, which keep draws with the same parameters together:
    `sets` (draws,) says which they are. Raises ValueError as `select_complete_futures` and `make_joint_basis`.
    """
    check_direction(better)
    matrix, complete = select_complete_futures(results.means)
    x = np.asarray(factor, np.float64)[complete]
    complete_sets = None if sets is None else np.asarray(sets)[complete]
    order = np.argsort(x, kind="stable")
    low, high = np.searchsorted(x[order], np.quantile(x, MIDDLE))
    middle = order[low:high]
    fit = CrossFit(make_joint_basis([x]), better * (matrix - matrix[:, [0]]))

    def find_switch(weights: Floats) -> tuple[int, int, float] | None:
        return _find_only_change(fit.predict(weights)[0][middle].argmax(axis=1), x[middle])

    switch = find_switch(np.ones(len(x)))
    if switch is None:
        return None
    below, above, value = switch
    resampled = [
        find_switch(np.asarray(counts, np.float64)) for counts in draw_resamples(len(x), times, seed, complete_sets)
    ]
    values = [other[2] for other in resampled if other is not None and other[:2] == (below, above)]
    if len(values) < AGREE * times:
        return None
    names = tuple(results.means)
    ends = np.quantile(values, MIDDLE)
    return SwitchingValue(value, names[below], names[above], (float(ends[0]), float(ends[1])))


def _find_only_change(best: NDArray[np.intp], x: Floats) -> tuple[int, int, float] | None:
    """The best policy before and after the only change, and the value between; None for no change or several."""
    changes = np.flatnonzero(np.diff(best))
    if len(changes) != 1:
        return None
    k = int(changes[0])
    return int(best[k]), int(best[k + 1]), float((x[k] + x[k + 1]) / 2)
