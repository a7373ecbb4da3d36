"""From a trajectory of boxes to one box to stand by: choose a step, drop what is only noise, sharpen what is left.

Peeling never stops by itself and restricts dimensions that do nothing, so the raw box must not be believed. The
quasi-p-value (Bryant and Lempert 2010, "Thinking inside the box", Technological Forecasting and Social Change 77) asks
of each limit how likely a box this dense would be if the limit made no difference.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.common.errors import InputError
from simulator.experiments.core.clustered_errors import number_labels
from simulator.experiments.core.model_protocol import Floats, draw_uniforms
from simulator.experiments.discovery.prim import HIGH, Box, Cases, Patience, Trajectory


@dataclass(frozen=True)
class BoxSearch:
    """How a box is searched for and what a limit must show to stay.

    A step is chosen by its balance, where coverage counts `weight` times as much as density. A limit stays if its
    quasi-p-value is at most `most_quasi_p`, and if it is found again in a share `least_repeats` of `halves` random
    halves of the points.
    """

    patience: Patience = field(default_factory=Patience)
    weight: float = 1.0
    most_quasi_p: float = 0.05
    halves: int = 50
    least_repeats: float = 0.5

    def __post_init__(self) -> None:
        if not self.weight > 0:
            raise InputError(f"weight = {self.weight:g}: coverage must count for something, so take a number above 0")
        if self.halves < 10:
            raise InputError(
                f"{self.halves} halves are too few to say how often a limit is found again; take 10 or more"
            )
        for name in ("most_quasi_p", "least_repeats"):
            if not 0 < getattr(self, name) < 1:
                raise InputError(f"{name} lies between 0 and 1, not at {getattr(self, name):g}")


def compute_balance(cases: NDArray[np.int64], inside: NDArray[np.int64], total: int, weight: float) -> Floats:
    """Weighted harmonic mean of coverage and density (the F measure) of boxes that hold `cases` among `inside` points.

    With `weight` 1 both count alike. It is highest where peeling on would lose more coverage than it gains density.
    """
    return np.asarray((1 + weight) * cases / (weight * total + inside))


def choose_box(trajectory: Trajectory, weight: float) -> Box:
    """The box of the step with the best balance; of equal ones the first, which is the largest."""
    scores = compute_balance(trajectory.cases, trajectory.inside, int(trajectory.cases[0]), weight)
    return trajectory.boxes[int(scores.argmax())]


def count_inside(box: Box, x: Floats, y: Cases) -> tuple[int, int]:
    """How many points are inside, and how many of them are cases."""
    inside = box.holds(x)
    return int(inside.sum()), int((inside & y).sum())


def compute_quasi_p(box: Box, x: Floats, y: Cases) -> Floats:
    """For each limit (2, d) the chance of as many cases inside if it made no difference; nan where there is no limit.

    One-sided binomial test of the box against the density it would have without that limit.
    """
    from scipy.stats import binom

    chances = np.full(box.limits.shape, np.nan)
    inside, cases = count_inside(box, x, y)
    for side, dim in np.argwhere(box.restricted):
        wider, wider_cases = count_inside(box.freed(side, dim), x, y)
        chances[side, dim] = binom.sf(cases - 1, inside, wider_cases / wider)
    return chances


def drop_noise(box: Box, x: Floats, y: Cases, most: float) -> Box:
    """The box without limits whose quasi-p-value is above `most`, dropped one by one, the worst first."""
    while box.restricted.any():
        chances = compute_quasi_p(box, x, y)
        side, dim = np.unravel_index(np.nanargmax(chances), chances.shape)
        if chances[side, dim] <= most:
            break
        box = box.freed(int(side), int(dim))
    return box


def sharpen_limits(box: Box, x: Floats, y: Cases, weight: float, rounds: int = 5) -> Box:
    """The box with each limit in turn moved to where the balance is best, the others held, until none moves.

    Peeling places a limit only as finely as the share it takes off. A limit may vanish, none is added.
    """
    for _ in range(rounds):
        before = box
        for side, dim in np.argwhere(box.restricted):
            box = _best_limit(box, x, y, weight, int(side), int(dim))
        if np.array_equal(before.limits, box.limits):
            break
    return box


def _best_limit(box: Box, x: Floats, y: Cases, weight: float, side: int, dim: int) -> Box:
    sign, wider = (1 if side == HIGH else -1), box.freed(side, dim)
    inside = wider.holds(x)
    order = np.argsort(sign * x[inside, dim], kind="stable")
    ordered, cases = (sign * x[inside, dim])[order], y[inside][order].cumsum()
    scores = compute_balance(cases, np.arange(1, len(ordered) + 1), int(y.sum()), weight)
    scores[:-1][ordered[:-1] == ordered[1:]] = -np.inf  # equal values cannot be parted
    best = int(scores.argmax())
    return wider if best == len(ordered) - 1 else box.moved(side, dim, sign * (ordered[best] + ordered[best + 1]) / 2)


def clean_box(box: Box, x: Floats, y: Cases, search: BoxSearch) -> Box:
    """The box without noise, sharpened; unrestricted if nothing but noise was in it."""
    cleaned = sharpen_limits(drop_noise(box, x, y, search.most_quasi_p), x, y, search.weight)
    return drop_noise(cleaned, x, y, search.most_quasi_p)


def split_in_halves(
    y: Cases, seed: int, name: str, sets: ArrayLike | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of two random halves with equally many cases, but for one: keyed by the seed and a name.

    Rows that share their parameters, as `sets` (rows,) tells, go into one half; then cases are only about equally many.
    """
    own = number_labels(sets, len(y))
    _, first = np.unique(own, return_index=True)
    order = np.lexsort((draw_uniforms(len(first), seed, name), y[first]))
    if len(first) == len(y):
        return order[::2], order[1::2]
    second = np.zeros(len(first), bool)
    second[order[1::2]] = True
    return np.flatnonzero(~second[own]), np.flatnonzero(second[own])
