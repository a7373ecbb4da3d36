"""The patient rule induction method: peel a box, a little at a time, until mostly cases of interest are inside.

Friedman and Fisher (1999), "Bump hunting in high-dimensional data", Statistics and Computing 9, with the gain a point
removed as the objective, as in scenario discovery (Bryant and Lempert 2010; Kwakkel and Jaxa-Rozen 2016). Peels,
pastes and ties are decided as in the EMA Workbench, so that both give the same boxes for numeric columns.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from simulator.common.errors import InputError
from simulator.experiments.core.model_protocol import Floats

if TYPE_CHECKING:
    import pandas as pd

Cases: TypeAlias = NDArray[np.bool_]
LOW, HIGH = 0, 1
_OPEN = np.array([-np.inf, np.inf])


@dataclass(frozen=True)
class Patience:
    """How carefully boxes are cut: the shares that a peel takes off and a paste puts on, and the least that is left."""

    peel: float = 0.05
    paste: float = 0.05
    least_mass: float = 0.05

    def __post_init__(self) -> None:
        for name, share in vars(self).items():
            if not 0 < share < 0.5:
                raise InputError(f"{name} is a share above 0 and below 0.5, not {share:g}")


@dataclass(frozen=True, eq=False)
class Box:
    """Limits of a box, both included: `limits` (2, d), the lower row first. Infinite where nothing is restricted."""

    limits: Floats

    @property
    def restricted(self) -> Cases:
        """Which limits are set: (2, d)."""
        return np.isfinite(self.limits)

    def holds(self, x: Floats) -> Cases:
        """Which rows of `x` (n, d) are inside: (n,)."""
        inside = np.ones(len(x), bool)
        for dim in np.flatnonzero(self.restricted.any(axis=0)):
            inside &= (x[:, dim] >= self.limits[LOW, dim]) & (x[:, dim] <= self.limits[HIGH, dim])
        return inside

    def moved(self, side: int, dim: int, limit: float) -> Box:
        """The same box with one limit moved."""
        limits = self.limits.copy()
        limits[side, dim] = limit
        return Box(limits)

    def freed(self, side: int, dim: int) -> Box:
        """The same box with one limit taken away."""
        return self.moved(side, dim, _OPEN[side])

    def limited_to(self, limits: Cases) -> Box:
        """The same box with only those of its limits, out of (2, d), that are marked."""
        return Box(np.where(limits, self.limits, _OPEN[:, None]))


def make_open_box(dims: int) -> Box:
    """The box without limits."""
    return Box(np.repeat(_OPEN[:, None], dims, axis=1))


@dataclass(frozen=True, eq=False)
class Trajectory:
    """Boxes from all points inward, then pastes outward, with the points and the cases that each holds.

    `inside` and `cases` are (steps,); step 0 is everything: `n` points with `total` cases.
    """

    boxes: tuple[Box, ...]
    inside: NDArray[np.int64]
    cases: NDArray[np.int64]

    @property
    def coverage(self) -> Floats:
        """Share of all cases that a box holds."""
        return np.asarray(self.cases / self.cases[0])

    @property
    def density(self) -> Floats:
        """Share of cases among the points in a box."""
        return np.asarray(self.cases / self.inside)

    @property
    def mass(self) -> Floats:
        """Share of all points that a box holds."""
        return np.asarray(self.inside / self.inside[0])

    def to_frame(self) -> pd.DataFrame:
        """One row a step: coverage, density, mass, restricted dimensions."""
        import pandas as pd

        restricted = [int(box.restricted.any(axis=0).sum()) for box in self.boxes]
        columns = {"coverage": self.coverage, "density": self.density, "mass": self.mass, "restricted": restricted}
        return pd.DataFrame(columns).rename_axis("step")


def prim(x: Floats, y: Cases, patience: Patience | None = None) -> Trajectory:
    """Peel and paste a box around the cases `y` (n,) among the points `x` (n, d).

    Raises ValueError unless all numbers are finite and there are both cases and others.
    """
    patience = patience or Patience()
    x, y = np.asfortranarray(x, float), np.asarray(y, bool)
    if x.ndim != 2 or y.shape != x.shape[:1]:
        raise InputError(f"points {x.shape} and cases {y.shape} do not belong together: (n, d) and (n,) are wanted")
    if not np.isfinite(x).all():
        raise InputError("a point has a coordinate that is not a finite number: leave such rows out")
    if not 0 < y.sum() < len(y):
        raise InputError(f"{int(y.sum())} of {len(y)} points are cases: there must be both cases and others")
    boxes = [make_open_box(x.shape[1])]
    boxes += _peels(x, y, boxes[-1], patience)
    boxes += _pastes(x, y, boxes[-1], patience)
    held = [box.holds(x) for box in boxes]
    return Trajectory(tuple(boxes), np.array([h.sum() for h in held]), np.array([(h & y).sum() for h in held]))


def find_cut(ordered: Floats, share: float) -> float:
    """The limit that leaves out the lowest `share` of ordered numbers and all that equal the last left out.

    It lies midway to the next number; where all are equal it is that number, and nothing is left out.
    """
    last = ordered[int(share * (len(ordered) - 1))]
    after = np.searchsorted(ordered, last, side="right")
    return float((last + ordered[min(after, len(ordered) - 1)]) / 2)


def _peels(x: Floats, y: Cases, box: Box, patience: Patience) -> Iterator[Box]:
    """Boxes after each peel: of all sides, the one whose loss raises density most a point lost.

    Points inside are held sorted along each dimension, by `order` and `values` (d, m), and only thinned out afterwards.
    """
    order = np.argsort(x.T, axis=1, kind="stable")
    values = np.take_along_axis(x.T, order, axis=1)
    while True:
        m, cases = order.shape[1], y[order]
        k, total = int(patience.peel * (m - 1)), int(cases[0].sum())
        peeled = np.stack([values <= values[:, k, None], values >= values[:, m - 1 - k, None]])
        left = m - peeled.sum(axis=2)
        gain = _gain(total - (peeled & cases).sum(axis=2), left, total, m)
        side, dim = _best_peel(gain, box)
        if not gain[side, dim] > 0 or left[side, dim] < patience.least_mass * len(x):
            return
        sign = 1 if side == LOW else -1
        box = box.moved(side, dim, sign * find_cut(sign * values[dim, ::sign], patience.peel))
        yield box
        inside = np.zeros(len(x), bool)
        inside[order[dim, ~peeled[side, dim]]] = True
        stays = inside[order]
        order, values = order[stays].reshape(len(order), -1), values[stays].reshape(len(order), -1)


def _pastes(x: Floats, y: Cases, box: Box, patience: Patience) -> Iterator[Box]:
    """Boxes after each paste: the restricted side whose gain raises density most a point gained."""
    while True:
        held = box.holds(x)
        m, total = int(held.sum()), int((held & y).sum())
        wider = {(side, dim): _wider(x, box, side, dim, patience.paste) for side, dim in np.argwhere(box.restricted)}
        gain = np.full(box.limits.shape, -np.inf)
        for at, candidate in wider.items():
            inside = candidate.holds(x)
            gain[at] = _gain((inside & y).sum(), inside.sum(), total, m)
        if not (gain > 0).any():
            return
        dim, side = np.unravel_index(gain.T.argmax(), gain.T.shape)
        box = wider[side, dim]
        yield box


def _wider(x: Floats, box: Box, side: int, dim: int, share: float) -> Box:
    """The box with one limit moved out over the nearest `share` of the points beyond it."""
    sign, limit = (1 if side == HIGH else -1), box.limits[side, dim]
    slab = box.freed(1 - side, dim).freed(side, dim).moved(1 - side, dim, limit)
    beyond = np.sort(sign * x[slab.holds(x), dim])
    return box.moved(side, dim, sign * find_cut(beyond, share)) if beyond.size else box.freed(side, dim)


def _gain(cases: NDArray[np.int64], points: NDArray[np.int64], old_cases: int, old_points: int) -> Floats:
    """Rise of density for each point removed or added; minus infinity where no point is left or none moves."""
    moved = abs(points - old_points)
    rise = cases / np.maximum(points, 1) - old_cases / old_points
    return np.where((points > 0) & (moved > 0), rise / np.maximum(moved, 1), -np.inf)


def _best_peel(gain: Floats, box: Box) -> tuple[int, int]:
    """Side and dimension of the greatest gain; of equal ones a dimension already restricted, then the first, above."""
    fresh = np.broadcast_to(~box.restricted.any(axis=0), gain.shape)
    first = np.lexsort((fresh[::-1].T.ravel(), -gain[::-1].T.ravel()))[0]
    return 1 - int(first % 2), int(first // 2)
