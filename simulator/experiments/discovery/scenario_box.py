"""From PRIM's boxes to one that can be relied on: choose a step, drop limits that are noise, sharpen the others.

Peeling does not stop by itself, and restricts dimensions that do nothing, so that its own box cannot be relied on. The
quasi-p-value of a limit (Bryant and Lempert 2010, "Thinking inside the box", Technological Forecasting and Social
Change 77) is the chance of so dense a box if the limit made no difference.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.experiments.core.clustered_errors import number_labels
from simulator.experiments.core.model_protocol import draw_uniforms
from simulator.experiments.discovery.prim import HIGH, Box, Cases, Patience, Trajectory


@dataclass(frozen=True)
class BoxSearch:
    """Settings of the search for a box, and what a limit must show to be kept.

    A step is chosen by its balance, in which coverage counts `weight` times as much as density. A limit is kept if its
    quasi-p-value is at most `most_quasi_p`, and if it is found again in a share `least_repeats` (0 to 1) of `halves`
    random halves of the points.
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
    """The weighted harmonic mean of coverage and density (the F measure) of boxes that hold `cases` of `inside` points.

    `total` counts all cases. With `weight` 1 both count the same. The balance is highest where a further peel would
    lose more coverage than it gains density.
    """
    return np.asarray((1 + weight) * cases / (weight * total + inside))


def choose_box(trajectory: Trajectory, weight: float) -> Box:
    """The box of the step with the best balance; of ties the first, which is the largest."""
    scores = compute_balance(trajectory.cases, trajectory.inside, int(trajectory.cases[0]), weight)
    return trajectory.boxes[int(scores.argmax())]


def count_inside(box: Box, x: Floats, y: Cases) -> tuple[int, int]:
    """How many points are inside, and how many of them are cases."""
    inside = box.holds(x)
    return int(inside.sum()), int((inside & y).sum())


def compute_quasi_p(box: Box, x: Floats, y: Cases) -> Floats:
    """For each limit (2, d), the chance of as many cases inside if it made no difference; nan where there is no limit.

    This is a one-sided binomial test of the box, against its density without that limit.
    """
    from scipy.stats import binom

    chances = np.full(box.limits.shape, np.nan)
    inside, cases = count_inside(box, x, y)
    for side, dim in np.argwhere(box.restricted):
        wider, wider_cases = count_inside(box.freed(side, dim), x, y)
        chances[side, dim] = binom.sf(cases - 1, inside, wider_cases / wider)
    return chances


def drop_noise(box: Box, x: Floats, y: Cases, most: float) -> Box:
    """Drop limits with a quasi-p-value above `most`, one by one, the worst first."""
    while box.restricted.any():
        chances = compute_quasi_p(box, x, y)
        side, dim = np.unravel_index(np.nanargmax(chances), chances.shape)
        if chances[side, dim] <= most:
            break
        box = box.freed(int(side), int(dim))
    return box


def sharpen_limits(box: Box, x: Floats, y: Cases, weight: float, rounds: int = 5) -> Box:
    """Move each limit in turn to where the balance is best, the others fixed, until none moves.

    Peeling places a limit only as finely as the share that it removes. A limit may vanish; none is added.
    """
    for _ in range(rounds):
        before = box
        for side, dim in np.argwhere(box.restricted):
            box = _move_limit(box, x, y, weight, int(side), int(dim))
        if np.array_equal(before.limits, box.limits):
            break
    return box


def _move_limit(box: Box, x: Floats, y: Cases, weight: float, side: int, dim: int) -> Box:
    sign, wider = (1 if side == HIGH else -1), box.freed(side, dim)
    inside = wider.holds(x)
    order = np.argsort(sign * x[inside, dim], kind="stable")
    ordered, cases = (sign * x[inside, dim])[order], y[inside][order].cumsum()
    scores = compute_balance(cases, np.arange(1, len(ordered) + 1), int(y.sum()), weight)
    scores[:-1][ordered[:-1] == ordered[1:]] = -np.inf  # equal values cannot be separated
    best = int(scores.argmax())
    return wider if best == len(ordered) - 1 else box.moved(side, dim, sign * (ordered[best] + ordered[best + 1]) / 2)


def clean_box(box: Box, x: Floats, y: Cases, search: BoxSearch) -> Box:
    """Drop the limits that are noise and sharpen the others; the box is without limits if there was only noise."""
    sharpened = sharpen_limits(drop_noise(box, x, y, search.most_quasi_p), x, y, search.weight)
    return drop_noise(sharpened, x, y, search.most_quasi_p)


def split_in_halves(
    y: Cases, seed: int, name: str, sets: ArrayLike | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Split rows at random into two halves with as many cases each, or one more: row numbers of both.

    `seed` and `name` decide the split. Rows that share their parameters, which `sets` (rows,) says, stay together; the
    halves then have only about as many cases.
    """
    own = number_labels(sets, len(y))
    _, first = np.unique(own, return_index=True)
    order = np.lexsort((draw_uniforms(len(first), seed, name), y[first]))
    if len(first) == len(y):
        return order[::2], order[1::2]
    second = np.zeros(len(first), bool)
    second[order[1::2]] = True
    return np.flatnonzero(~second[own]), np.flatnonzero(second[own])
