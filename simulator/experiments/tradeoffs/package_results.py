"""What a search for packages of levers found, in numbers and in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulator.common.formatting import amount, change, listed, significant
from simulator.experiments.tradeoffs.package_lattice import PackageAim, PackageLattice

if TYPE_CHECKING:
    import pandas as pd

SURE = 0.9


@dataclass(frozen=True)
class ScoredPackage:
    """One package: the levers' values, what it costs, and the outcome it gives, means over worlds.

    `searched` is the mean in the worlds of the search, which flatter what they picked; `fresh` in new ones, with its
    95% interval. `on_front` says that the search found nothing to beat it, `membership` in what share of resampled
    fresh worlds nothing scored again beats it.
    """

    settings: Mapping[str, float]
    cost: float
    searched: float
    fresh: float
    interval: tuple[float, float]
    on_front: bool
    membership: float


@dataclass(frozen=True)
class PackageSearchResult:
    """Packages scored again, cheapest first, of `tried` searched by `how`; `nothing` is the one that moves no lever.

    `optimism` is by how much the front, moving nothing left out, does less well in fresh worlds than in those of the
    search, on average over its packages, with its 95% interval.
    """

    packages: tuple[ScoredPackage, ...]
    nothing: ScoredPackage
    lattice: PackageLattice
    aim: PackageAim
    tried: int
    how: str
    worlds: int
    fresh: int
    failed: int
    optimism: float
    optimism_interval: tuple[float, float]

    @property
    def front(self) -> tuple[ScoredPackage, ...]:
        return tuple(p for p in self.packages if p.on_front)

    def cheapest(self, target: float) -> ScoredPackage | None:
        """The cheapest package whose whole interval in fresh worlds reaches the target; None if there is none."""
        sign = self.aim.better
        reach = (p for p in self.packages if min(sign * p.interval[0], sign * p.interval[1]) >= sign * target)
        return next(reach, None)

    def answer(self, target: float) -> str:
        """In plain words: the cheapest package that is shown to reach the target."""
        aim, found = f"{self.aim.outcome} of {amount(target, self.aim.unit)}", self.cheapest(target)
        if found is None:
            return f"No package tried is shown to reach {aim}; the nearest is {self._told(self._best)}."
        return f"The cheapest package shown to reach {aim} is {self._told(found)}."

    @property
    def sentence(self) -> str:
        """The search and its honesty in plain words."""
        sure = sum(p.membership >= SURE for p in self.front)
        return (
            f"Of {self.tried} packages ({self.how}) in {self.worlds} worlds, {len(self.front)} are not beaten by one "
            f"that costs no more; {sure} of them stay unbeaten in {SURE:.0%} of resampled fresh worlds or more. "
            f"{self._optimism_words()} Moving nothing gives "
            f"{amount(self.nothing.fresh, self.aim.unit)}; the most that was found is {self._told(self._best)}."
        )

    @property
    def _best(self) -> ScoredPackage:
        return max(self.packages, key=lambda p: self.aim.better * p.fresh)

    def _optimism_words(self) -> str:
        low, high = self.optimism_interval
        size, *ends = (change(x, self.aim.unit) for x in (self.optimism, low, high))
        span = f"(95% interval {ends[0]} to {ends[1]})"
        if low > 0:
            return f"The search flattered them by {size.lstrip('+')} {span}, so the figures here are from fresh worlds."
        return f"Fresh worlds show no flattery by the search: {size} {span}."

    def _told(self, package: ScoredPackage) -> str:
        moved = [
            f"{lever.name} {significant(package.settings[lever.name])}"
            for lever in self.lattice.levers
            if package.settings[lever.name] != lever.off
        ]
        mean, low, high = (amount(x, self.aim.unit) for x in (package.fresh, *package.interval))
        price = f"cost {significant(package.cost)}"
        return f"{listed(moved) or 'no lever'} ({price}): {mean}, 95% interval {low} to {high}"

    def to_frame(self) -> pd.DataFrame:
        """One row a package, cheapest first: the levers' values, cost, outcome and standing."""
        import pandas as pd

        rows = [
            {
                **p.settings,
                "cost": p.cost,
                "searched": p.searched,
                "fresh": p.fresh,
                "low": p.interval[0],
                "high": p.interval[1],
                "on_front": p.on_front,
                "membership": p.membership,
            }
            for p in self.packages
        ]
        return pd.DataFrame(rows)
