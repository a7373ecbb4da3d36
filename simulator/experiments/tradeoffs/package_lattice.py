"""Packages of levers on a lattice: what each costs and does, and which no other dominates."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.common.formatting import number_of
from simulator.common.units import Unit
from simulator.experiments.core.model_protocol import ROUNDING, Labels, ModelProtocol
from simulator.experiments.core.sampled_futures import SampledFutures, run_policy

PackageSteps: TypeAlias = tuple[int, ...]
ScorePackage: TypeAlias = Callable[[PackageSteps], tuple[Floats, Floats]]

FINEST = 20
MOST_CELLS = 300_000


@dataclass(frozen=True)
class PricedLever:
    """A lever from `off` (strength 0) to `full` (strength 1), and what it costs to move it all the way, in any unit.

    Moving it part of the way costs that part. Raises ValueError for a lever that goes nowhere, and for a cost that is
    not a number of 0 or more.
    """

    name: str
    off: float
    full: float
    cost: float

    def __post_init__(self) -> None:
        if self.off == self.full:
            raise InputError(f"{self.name}: off and full are both {self.off:g}")
        if not 0 <= self.cost < np.inf:
            raise InputError(f"{self.name}: a cost of {self.cost:g} is not a number of 0 or more")

    def at(self, strength: float) -> float:
        """The lever's value at a strength from 0 to 1."""
        return self.off + (self.full - self.off) * strength


@dataclass(frozen=True)
class PackageAim:
    """What a package is to achieve: an outcome, of which more (`better` = +1) or less (-1) is good.

    `disturbance` maps outcomes that cost something themselves to the cost of one unit of each.
    """

    outcome: str
    better: int
    disturbance: Mapping[str, float] = field(default_factory=dict)
    unit: Unit = Unit.RATIO
    title: str = ""

    @property
    def label(self) -> str:
        """The outcome as sentences name it."""
        return f"“{self.title}”" if self.title else self.outcome


@dataclass(frozen=True)
class PackageLattice:
    """All packages with levers at multiples of 1 / `steps`, whose levers cost no more than `budget` together."""

    levers: tuple[PricedLever, ...]
    steps: int
    budget: float = np.inf

    def cost(self, packages: NDArray[np.integer[Any]]) -> Floats:
        """The cost of packages (n, levers), counted in steps: (n,)."""
        return np.asarray(packages @ np.array([lever.cost for lever in self.levers]) / self.steps)

    def settings(self, package: PackageSteps) -> dict[str, float]:
        """The value of each lever in a package."""
        return {lever.name: lever.at(k / self.steps) for lever, k in zip(self.levers, package, strict=True)}

    @property
    def cells(self) -> int:
        """How many packages there are, whatever the budget."""
        return int((self.steps + 1) ** len(self.levers))

    def packages(self) -> list[PackageSteps]:
        """Every package within the budget. Raises ValueError if there are too many to list."""
        if self.cells > MOST_CELLS:
            raise InputError(f"{self.cells:,} packages are too many to list: take fewer steps or levers, or evolve")
        grid = self._list_all()
        return [tuple(row) for row in grid[self.affordable(grid)].tolist()]

    def has_at_most(self, most: int) -> bool:
        """Whether the lattice can be listed, and has at most `most` packages within the budget."""
        if self.cells <= most or self.cells > MOST_CELLS or np.isinf(self.budget):
            return self.cells <= min(most, MOST_CELLS)
        return bool(self.affordable(self._list_all()).sum() <= most)

    def _list_all(self) -> NDArray[np.int8]:
        return np.indices((self.steps + 1,) * len(self.levers), np.int8).reshape(len(self.levers), -1).T

    def affordable(self, packages: NDArray[np.integer[Any]]) -> NDArray[np.bool_]:
        """Which packages (n, levers) keep to the budget: (n,)."""
        return np.asarray(self.cost(packages) <= self.budget + ROUNDING * abs(self.budget))


def find_finest_lattice(levers: Sequence[PricedLever], budget: float, most: int) -> PackageLattice:
    """The lattice of most steps, up to 20, that has no more than `most` packages within the budget.

    Raises ValueError if even on and off alone make more.
    """
    for steps in range(FINEST, 0, -1):
        lattice = PackageLattice(tuple(levers), steps, budget)
        if lattice.has_at_most(most):
            return lattice
    raise InputError(
        f"{number_of(len(levers), 'lever')} on or off: more than {number_of(most, 'package')}; allow more "
        "packages, lower the budget, or evolve"
    )


def make_scorer(
    simulate: ModelProtocol, futures: SampledFutures, lattice: PackageLattice, aim: PackageAim
) -> ScorePackage:
    """A function that runs a package in every future: the aim's outcome, and the cost, (futures,) each."""

    def score(package: PackageSteps) -> tuple[Floats, Floats]:
        outcomes = run_policy(simulate, futures, lattice.settings(package), [aim.outcome, *aim.disturbance])
        costs = np.full(futures.n, lattice.cost(np.array([package]))[0])
        return outcomes[aim.outcome], costs + sum(weight * outcomes[name] for name, weight in aim.disturbance.items())

    return score


def find_non_dominated(gains: Floats, costs: Floats) -> NDArray[np.bool_]:
    """Which packages (n,) no other dominates: none gains as much at less cost, or more at the same cost. Ties stay."""
    gains, costs = _round(gains), _round(costs)
    levels, level = np.unique(costs, return_inverse=True)
    most = np.full(len(levels), -np.inf)
    np.maximum.at(most, level, gains)
    cheaper = np.concatenate([[-np.inf], np.maximum.accumulate(most)[:-1]])
    return np.asarray((gains == most[level]) & (gains > cheaper[level]))


def _round(values: Floats) -> Floats:
    """Round off the last digits, which depend on the order of summation and must not decide which package dominates."""
    size = np.abs(values).max(initial=0.0)
    return np.round(values / size, 12) if size else values


def compute_membership(gains: Floats, costs: Floats, counts: Labels | Floats) -> Floats:
    """The share of resamples in which no other package dominates each package: (packages,).

    `gains` and `costs` are (futures, packages); `counts` (resamples, futures) says how often each future is drawn.
    """
    weights = counts / counts.sum(axis=1, keepdims=True)
    pairs = zip(weights @ gains, weights @ costs, strict=True)
    return np.asarray(np.mean([find_non_dominated(gain, cost) for gain, cost in pairs], axis=0))
