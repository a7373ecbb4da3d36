"""PRIM, the patient rule induction method: peel a box, little by little, until mostly cases of interest are inside.

Friedman and Fisher (1999), "Bump hunting in high-dimensional data", Statistics and Computing 9, with the gain for each
point removed as the objective, as in scenario discovery (Bryant and Lempert 2010; Kwakkel and Jaxa-Rozen 2016). Peels,
pastes and ties are decided as in the EMA Workbench, so that both give the same boxes for numeric columns.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.common.representation import short_repr

if TYPE_CHECKING:
    import pandas as pd

Cases: TypeAlias = NDArray[np.bool_]
LOW, HIGH = 0, 1
_OPEN = np.array([-np.inf, np.inf])


@dataclass(frozen=True)
class Patience:
    """How carefully boxes are cut: the share that a peel removes, that a paste adds, and the least share to be left."""

    peel: float = 0.05
    paste: float = 0.05
    least_mass: float = 0.05

    def __post_init__(self) -> None:
        for name, share in vars(self).items():
            if not 0 < share < 0.5:
                raise InputError(f"{name} is a share above 0 and below 0.5, not {share:g}")


@short_repr
@dataclass(frozen=True, eq=False)
class Box:
    """A box: `limits` (2, d), the lower ones first, both included; infinite where there is no limit."""

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
        """This box with one limit moved."""
        limits = self.limits.copy()
        limits[side, dim] = limit
        return Box(limits)

    def freed(self, side: int, dim: int) -> Box:
        """This box with one limit removed."""
        return self.moved(side, dim, _OPEN[side])

    def limited_to(self, limits: Cases) -> Box:
        """This box with only the limits that are marked in `limits` (2, d)."""
        return Box(np.where(limits, self.limits, _OPEN[:, None]))


def make_open_box(dims: int) -> Box:
    """The box without limits."""
    return Box(np.repeat(_OPEN[:, None], dims, axis=1))


@short_repr
@dataclass(frozen=True, eq=False)
class Trajectory:
    """Boxes of all steps, peels first and then pastes, with the points (`inside`) and the cases that each holds.

    Both are (steps,); step 0 is the box without limits, which holds everything.
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
        """One row for each step: coverage, density, mass, restricted dimensions."""
        import pandas as pd

        restricted = [int(box.restricted.any(axis=0).sum()) for box in self.boxes]
        columns = {"coverage": self.coverage, "density": self.density, "mass": self.mass, "restricted": restricted}
        return pd.DataFrame(columns).rename_axis("step")


def prim(x: Floats, y: Cases, patience: Patience | None = None) -> Trajectory:
    """Peel and paste a box around the cases `y` (n,), True or False, among the points `x` (n, d).

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
    boxes += _peel(x, y, boxes[-1], patience)
    boxes += _paste(x, y, boxes[-1], patience)
    inside = [box.holds(x) for box in boxes]
    return Trajectory(tuple(boxes), np.array([i.sum() for i in inside]), np.array([(i & y).sum() for i in inside]))


def find_cut(ordered: Floats, share: float) -> float:
    """The limit that excludes the lowest `share` of ordered numbers, and all that equal the last one excluded.

    It lies midway to the next number; where all numbers are equal it is that number, and none is excluded.
    """
    last = ordered[int(share * (len(ordered) - 1))]
    after = np.searchsorted(ordered, last, side="right")
    return float((last + ordered[min(after, len(ordered) - 1)]) / 2)


def _peel(x: Floats, y: Cases, box: Box, patience: Patience) -> Iterator[Box]:
    """Boxes after each peel, which removes the side that raises density most for each point lost.

    The points inside are sorted along each dimension once, in `order` and `values` (d, m), and then only thinned out.
    """
    order = np.argsort(x.T, axis=1, kind="stable")
    values = np.take_along_axis(x.T, order, axis=1)
    while True:
        m, cases = order.shape[1], y[order]
        k, total = int(patience.peel * (m - 1)), int(cases[0].sum())
        peeled = np.stack([values <= values[:, k, None], values >= values[:, m - 1 - k, None]])
        left = m - peeled.sum(axis=2)
        gain = _compute_gain(total - (peeled & cases).sum(axis=2), left, total, m)
        side, dim = _find_best_peel(gain, box)
        if not gain[side, dim] > 0 or left[side, dim] < patience.least_mass * len(x):
            return
        sign = 1 if side == LOW else -1
        box = box.moved(side, dim, sign * find_cut(sign * values[dim, ::sign], patience.peel))
        yield box
        inside = np.zeros(len(x), bool)
        inside[order[dim, ~peeled[side, dim]]] = True
        stays = inside[order]
        order, values = order[stays].reshape(len(order), -1), values[stays].reshape(len(order), -1)


def _paste(x: Floats, y: Cases, box: Box, patience: Patience) -> Iterator[Box]:
    """Boxes after each paste, which moves out the restricted side that raises density most for each point gained."""
    while True:
        inside_now = box.holds(x)
        m, total = int(inside_now.sum()), int((inside_now & y).sum())
        wider = {(side, dim): _widen(x, box, side, dim, patience.paste) for side, dim in np.argwhere(box.restricted)}
        gain = np.full(box.limits.shape, -np.inf)
        for position, candidate in wider.items():
            inside = candidate.holds(x)
            gain[position] = _compute_gain((inside & y).sum(), inside.sum(), total, m)
        if not (gain > 0).any():
            return
        dim, side = np.unravel_index(gain.T.argmax(), gain.T.shape)
        box = wider[side, dim]
        yield box


def _widen(x: Floats, box: Box, side: int, dim: int, share: float) -> Box:
    """The box with one limit moved out over the nearest `share` of the points beyond it."""
    sign, limit = (1 if side == HIGH else -1), box.limits[side, dim]
    slab = box.freed(1 - side, dim).freed(side, dim).moved(1 - side, dim, limit)
    beyond = np.sort(sign * x[slab.holds(x), dim])
    return box.moved(side, dim, sign * find_cut(beyond, share)) if beyond.size else box.freed(side, dim)


def _compute_gain(cases: NDArray[np.int64], points: NDArray[np.int64], old_cases: int, old_points: int) -> Floats:
    """The rise in density for each point removed or added; -inf where no point is left, or none is moved."""
    moved = abs(points - old_points)
    rise = cases / np.maximum(points, 1) - old_cases / old_points
    return np.where((points > 0) & (moved > 0), rise / np.maximum(moved, 1), -np.inf)


def _find_best_peel(gain: Floats, box: Box) -> tuple[int, int]:
    """Side and dimension of the greatest gain; of ties a restricted dimension, then the first one, upper side first."""
    fresh = np.broadcast_to(~box.restricted.any(axis=0), gain.shape)
    first = np.lexsort((fresh[::-1].T.ravel(), -gain[::-1].T.ravel()))[0]
    return 1 - int(first % 2), int(first // 2)
