"""At which value of one factor does the best choice between policies change?

Gains over the policy that is best on average are regressed on the factor alone (splines, all rows), so that other
factors are averaged over as they go along with it. A change is told only where there is exactly one over the middle
95% of the factor's values, and where nearly all resamples agree that there is one, and in which direction.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.common.formatting import significant
from simulator.experiments.core.model_protocol import Floats
from simulator.experiments.core.sampled_futures import DrawAverages, select_complete_futures
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
    interval: tuple[float, float]

    @property
    def sentence(self) -> str:
        """The change in plain words."""
        low, high = (significant(x) for x in self.interval)
        return f"“{self.below}” below {significant(self.at)} (95% interval {low} to {high}), “{self.above}” above it"


def find_switching_value(
    factor: Floats,
    results: DrawAverages,
    *,
    better: int,
    times: int = 100,
    seed: int = 0,
    sets: ArrayLike | None = None,
) -> SwitchingValue | None:
    """Where the best choice turns as a factor (draws,) rises; None if it does not, or not surely once.

    `sets` (draws,) says which draws have the same parameters; resamples take them together.
    Raises ValueError as `select_complete_futures` and `make_joint_basis`.
    """
    check_direction(better)
    matrix, kept = select_complete_futures(results.means)
    x = np.asarray(factor, np.float64)[kept]
    own = None if sets is None else np.asarray(sets)[kept]
    order = np.argsort(x, kind="stable")
    low, high = np.searchsorted(x[order], np.quantile(x, MIDDLE))
    middle = order[low:high]
    fit = CrossFit(make_joint_basis([x]), better * (matrix - matrix[:, [0]]))

    def turn(weights: Floats) -> tuple[int, int, float] | None:
        return _once(fit.predict(weights)[0][middle].argmax(axis=1), x[middle])

    found = turn(np.ones(len(x)))
    if found is None:
        return None
    again = [turn(np.asarray(count, np.float64)) for count in draw_resamples(len(x), times, seed, own)]
    at = [other[2] for other in again if other is not None and other[:2] == found[:2]]
    if len(at) < AGREE * times:
        return None
    names = tuple(results.means)
    ends = np.quantile(at, MIDDLE)
    return SwitchingValue(found[2], names[found[0]], names[found[1]], (float(ends[0]), float(ends[1])))


def _once(best: NDArray[np.intp], x: Floats) -> tuple[int, int, float] | None:
    """The best policy before and after the only change, and the value between; None if there is no or another one."""
    changes = np.flatnonzero(np.diff(best))
    if len(changes) != 1:
        return None
    k = int(changes[0])
    return int(best[k]), int(best[k + 1]), float((x[k] + x[k + 1]) / 2)
