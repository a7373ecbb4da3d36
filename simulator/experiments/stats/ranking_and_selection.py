"""Ranking and selection: which policies may have the best mean, and how sure a share is, from paired results.

Futures of one parameter draw are not independent of each other, so standard errors are computed from sums by draw (the
usual cluster-robust ones).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.common.ranges import Range
from simulator.experiments.core.model_protocol import ROUNDING, Labels


@dataclass(frozen=True)
class ShareEstimate:
    """A share (0 to 1) with its interval."""

    estimate: float
    low: float
    high: float


def check_direction(better: int) -> None:
    """Check that `better` is +1 (more is good) or -1 (less is good). Raises ValueError."""
    if better not in (1, -1):
        raise InputError(f"better = {better}: say +1 where more is good, -1 where less is good")


def estimate_means(values: Floats, draw: Labels) -> tuple[Floats, Floats]:
    """Means of columns and their standard errors, (columns,) each, from `values` (rows, columns).

    `draw` (rows,) numbers from 0 the independent draw each row belongs to. With a single draw errors are infinite.
    """
    mean = values.mean(axis=0)
    totals = np.column_stack([np.bincount(draw, column) for column in (values - mean).T])
    draws = len(totals)
    if draws < 2:
        return mean, np.full(len(mean), np.inf)
    return mean, np.sqrt(draws / (draws - 1) * (totals**2).sum(axis=0)) / len(values)


def estimate_share(hits: Floats, draw: Labels, level: float) -> ShareEstimate:
    """The mean of hits (rows,), each 0 to 1, with Wilson's interval for as many independent rows as give its error.

    `draw` (rows,) numbers from 0 the independent draw each row belongs to. The number of rows lies between the draws
    (where rows of a draw are all alike) and the rows (where they are not); where all hits agree, the draws count.
    """
    mean, error = (float(part[0]) for part in estimate_means(hits[:, None], draw))
    draws = int(draw.max()) + 1
    undecided = error == 0 or np.isinf(error)
    n = float(draws) if undecided else float(np.clip(mean * (1 - mean) / error**2, min(draws, len(hits)), len(hits)))
    return ShareEstimate(mean, *compute_wilson_interval(mean, n, level))


def compute_wilson_interval(share: float, n: float, level: float) -> Range:
    """Wilson's interval (low, high) of a share of `n` independent rows (Wilson 1927, JASA 22)."""
    from scipy.special import ndtri  # a third of a second to load, so only when asked for

    z = float(ndtri(0.5 + level / 2))
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(max(share * (1 - share), 0.0) / n + z**2 / (4 * n**2))
    return float(middle - half) if share > 0 else 0.0, float(middle + half) if share < 1 else 1.0


def select_possible_best(gains: Floats, draw: Labels, level: float = 0.95) -> NDArray[np.bool_]:
    """Which policies (policies,) may have the best mean, from gains (rows, policies) of which more is good.

    A policy is ruled out if another one is better by a paired one-sided t-test at (1 - level) / (policies - 1). By
    Bonferroni's inequality the truly best one stays with probability `level` or more. With a single draw all stay.
    """
    draws, policies = int(draw.max()) + 1, gains.shape[1]
    if draws < 2:
        return np.ones(policies, bool)
    from scipy.special import stdtrit  # a third of a second to load, so only when asked for

    limit = float(stdtrit(draws - 1, 1 - (1 - level) / max(policies - 1, 1)))
    rounding = ROUNDING * np.abs(gains).max()
    possible = np.empty(policies, bool)
    for i in range(policies):
        lead, error = estimate_means(gains - gains[:, [i]], draw)
        possible[i] = not (lead - limit * error > rounding).any()
    return possible
