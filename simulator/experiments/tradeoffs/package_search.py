"""Package search: which packages of levers do most for their cost, and which is the cheapest that reaches a target?

Users say what levers cost: no cost is built in. The best of many packages in some futures are also those that these
futures flatter (the optimiser's curse: Smith and Winkler 2006), so the front is scored again in futures that the search
did not use.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulator.common.errors import InputError
from simulator.common.formatting import (
    describe_level,
    format_difference,
    format_end,
    format_number,
    format_range,
    join_words,
    name_base,
    number_of,
)
from simulator.common.numbers import NotReadableError, parse_number
from simulator.common.ranges import Range
from simulator.common.representation import short_repr
from simulator.common.units import Unit
from simulator.experiments.tradeoffs.lever_sweep import WAIVED
from simulator.experiments.tradeoffs.package_lattice import PackageAim, PackageLattice

if TYPE_CHECKING:
    import pandas as pd

from collections.abc import Callable, Sequence

import numpy as np

from simulator.common.arrays import Floats
from simulator.experiments.core.clustered_errors import Z_95, standard_error
from simulator.experiments.core.model_protocol import Labels, ModelProtocol, Progress
from simulator.experiments.core.sampled_futures import SampledFutures, select_complete_futures
from simulator.experiments.stats.ranking_and_selection import check_direction
from simulator.experiments.stats.resampling import draw_resamples
from simulator.experiments.tradeoffs.package_evolution import EvolutionSettings, evolve_packages
from simulator.experiments.tradeoffs.package_lattice import (
    PackageSteps,
    PricedLever,
    ScorePackage,
    compute_membership,
    find_finest_lattice,
    find_non_dominated,
    make_scorer,
)

__all__ = [
    "EvolutionSettings",
    "PackageAim",
    "PackageSearch",
    "PackageSearchResult",
    "PricedLever",
    "ScoredPackage",
    "search_packages",
]

SURE = 0.9


MOST_ENUMERATED = 6
MOST_SCORED_AGAIN = 100
NEAR = 0.05


@dataclass(frozen=True)
class PackageSearch:
    """Settings of a search: the budget for all levers together, and how many packages to try.

    Packages of up to six levers are listed on the finest lattice with `most` packages or fewer; more levers, or any
    number if an `evolution` is given, are searched by evolution. Futures are resampled `times` times.
    """

    budget: float = np.inf
    most: int = 1_000
    evolution: EvolutionSettings | None = None
    times: int = 200
    seed: int = 0


DEFAULT = PackageSearch()


FIGURES = 4
"""Figures of a package's levers and cost: what is bought and paid is not rounded to more than it is."""


@short_repr
@dataclass(frozen=True)
class _Scores:
    """Packages with their gains (more is good) and costs, (futures, packages) each; `failed` futures are left out.

    `sets` (futures,) says which futures have the same parameters.
    """

    packages: list[PackageSteps]
    gains: Floats
    costs: Floats
    failed: int
    sets: Labels

    def of(self, packages: Sequence[PackageSteps]) -> Floats:
        """Mean gain of some packages, future by future: (futures,)."""
        return np.asarray(self.gains[:, [self.packages.index(package) for package in packages]].mean(axis=1))


@dataclass(frozen=True)
class ScoredPackage:
    """One package: the value of each lever, its cost, and the outcome it gives, both means over futures.

    `searched` is the mean outcome in the futures of the search, which flatter what they pick; `fresh` that in new ones,
    with its 95% interval; `gain` what it adds to moving nothing there, future by future. `on_front` says that no
    package dominated it in the search; `membership` is the share of resampled fresh futures in which none that was
    scored again dominates it.
    """

    settings: Mapping[str, float]
    cost: float
    searched: float
    fresh: float
    interval: Range
    on_front: bool
    membership: float
    gain: float = 0.0
    gain_interval: Range = (0.0, 0.0)


@short_repr
@dataclass(frozen=True)
class PackageSearchResult:
    """Packages scored again, cheapest first, of the `tried` ones; `how` says how, and `nothing` moves no lever.

    `optimism` is by how much packages on the front (but for `nothing`) do less well in fresh futures than in those of
    the search, on average, with its 95% interval. `futures`, `fresh` and `failed` count futures.
    """

    packages: tuple[ScoredPackage, ...]
    nothing: ScoredPackage
    lattice: PackageLattice
    aim: PackageAim
    tried: int
    how: str
    futures: int
    fresh: int
    failed: int
    optimism: float
    optimism_interval: Range

    @property
    def front(self) -> tuple[ScoredPackage, ...]:
        """The packages that no other dominated in the search."""
        return tuple(p for p in self.packages if p.on_front)

    def cheapest(self, target: float) -> ScoredPackage | None:
        """The cheapest package whose whole interval in fresh futures reaches the target; None if there is none, which
        `answer` says in words, with the nearest. `target` is in the outcome's unit: 0.85 is £85 of each £100.

        Raises InputError for a target that is no number, or that no share reaches.
        """
        target, sign = self._read_target(target), self.aim.better
        reach = (p for p in self.packages if min(sign * p.interval[0], sign * p.interval[1]) >= sign * target)
        return next(reach, None)

    def answer(self, target: float) -> str:
        """The cheapest package that is shown to reach the target, in plain words. Raises InputError as `cheapest`."""
        target = self._read_target(target)
        aim, package = f"{self.aim.label} at {self._describe_target(target)}", self.cheapest(target)
        if package is None:
            return f"No package tried is shown to reach {aim}; the nearest is {self._describe(self._best)}."
        return f"The cheapest package shown to reach {aim} is {self._describe(package)}."

    def _read_target(self, target: object) -> float:
        try:
            number = parse_number(target)
        except NotReadableError as problem:
            raise InputError(f"the target: {problem}; write a number, such as 0.85") from None
        if self.aim.unit is Unit.SHARE and not -1 <= number <= 1:
            raise InputError(f"a target of {number:g}: the outcome is a share; write {number:g}% as {number / 100:g}")
        return number

    @property
    def sentence(self) -> str:
        """What the search found and how far to believe it, in plain words."""
        sure = sum(p.membership >= SURE for p in self.front)
        most = "most" if self.aim.better > 0 else "least"
        are, stay = "is" if len(self.front) == 1 else "are", "stays" if sure == 1 else "stay"
        return (
            f"Of {number_of(self.tried, 'package')} ({self.how}) in {number_of(self.futures, 'future')}, "
            f"{len(self.front)} {are} not beaten by one that costs no more; {sure} of them {stay} unbeaten in "
            f"{SURE:.0%} of resampled fresh futures or more. "
            f"{self._describe_optimism()} Moving nothing gives "
            f"{self._describe_level(self.nothing.fresh)}; the {most} that was found is "
            f"{self._describe(self._best)}."
        )

    @property
    def _best(self) -> ScoredPackage:
        return max(self.packages, key=lambda p: self.aim.better * p.fresh)

    def _describe_optimism(self) -> str:
        low, high = self.optimism_interval
        size, *ends = (format_difference(x, self.aim.unit) for x in (self.optimism, low, high))
        size, span = f"{size}{name_base(self.aim.unit)}", f"(95% interval {ends[0]} to {ends[1]})"
        if low > 0:
            return f"The search flattered them by {size.lstrip('+')} {span}, so these figures are from fresh futures."
        return f"Fresh futures show no sign that the search flattered them: {size} {span}."

    def _describe(self, package: ScoredPackage) -> str:
        moved = [
            f"{lever.name} {format_number(package.settings[lever.name], FIGURES)}"
            for lever in self.lattice.levers
            if package.settings[lever.name] != lever.off
        ]
        mean, ends = self._describe_level(package.fresh), (describe_level(x, self.aim.unit) for x in package.interval)
        price = f"cost {format_number(package.cost, FIGURES)}"
        return f"{join_words(moved) or 'no lever'} ({price}): {mean}, 95% interval {format_range(*ends)}"

    def _describe_target(self, target: float) -> str:
        shown = format_end(target) if self.aim.unit is Unit.SHARE else describe_level(target, self.aim.unit)
        return f"{shown}{name_base(self.aim.unit)}"

    def _describe_level(self, level: float) -> str:
        """A level of the outcome in the unit of every other answer: £ of each £100 where it is a share."""
        return f"{describe_level(level, self.aim.unit)}{name_base(self.aim.unit)}"

    def to_frame(self) -> pd.DataFrame:
        """One row per package, cheapest first: the levers' values, cost, outcome (shares from 0 to 1) and standing."""
        import pandas as pd

        rows = [
            {
                **p.settings,
                "cost": p.cost,
                "searched": p.searched,
                "fresh": p.fresh,
                "low": p.interval[0],
                "high": p.interval[1],
                "gain": p.gain,
                "gain_low": p.gain_interval[0],
                "gain_high": p.gain_interval[1],
                "on_front": p.on_front,
                "membership": p.membership,
            }
            for p in self.packages
        ]
        return pd.DataFrame(rows)


def search_packages(
    simulate: ModelProtocol,
    levers: Sequence[PricedLever],
    aim: PackageAim,
    futures: SampledFutures,
    fresh: SampledFutures,
    search: PackageSearch = DEFAULT,
    progress: Progress | None = None,
) -> PackageSearchResult:
    """Search for packages that no cheaper one dominates in `futures`, and score them again in `fresh` futures.

    Packages on the front, or on it in 5% of resampled futures, are scored again, up to 100 of them. `progress` counts
    the runs of the search, then those of the second scoring. Raises ValueError for levers that occur twice, vary from
    future to future or move nothing, for too many packages, for fresh futures that the search has used, and as
    `select_complete_futures`; ImportError where pymoo is needed and missing.
    """
    check_direction(aim.better)
    _check_inputs(levers, futures, fresh)
    lattice, evolution = _plan_search(levers, search)
    score = make_scorer(simulate, futures, lattice, aim)
    if evolution is None:
        how, packages = f"all in steps of 1/{lattice.steps}", lattice.packages()
        searched = _score_packages(
            score, packages, aim, futures.sets, _count_packages(progress, futures.n, len(packages))
        )
    else:
        how, most = f"evolved in steps of 1/{lattice.steps}", evolution.population * evolution.generations
        searched = _score_evolved(
            score, evolution, lattice, aim, search.seed, futures.sets, _count_packages(progress, futures.n, most)
        )
    if len(searched.packages) < 2:
        cheapest = min(lever.cost for lever in levers) / lattice.steps
        raise InputError(
            f"a budget of {search.budget:g} pays for no package: the cheapest step of a lever costs {cheapest:g}; "
            "raise the budget, or lower the costs"
        )
    if not np.ptp(searched.gains, axis=1).any():
        raise InputError(f"no package moves {aim.outcome}: check the names of the levers and their values. {WAIVED}")
    front, candidates = _find_candidates(searched, search)
    scored_again = _score_packages(
        make_scorer(simulate, fresh, lattice, aim),
        candidates,
        aim,
        fresh.sets,
        _count_packages(progress, fresh.n, len(candidates)),
    )
    return _compose_result(searched, scored_again, front, lattice, aim, search, how)


def _check_inputs(levers: Sequence[PricedLever], futures: SampledFutures, fresh: SampledFutures) -> None:
    names = [lever.name for lever in levers]
    if not names:
        raise InputError("there are no levers")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(f"a lever occurs twice: {', '.join(twice)}")
    both = sorted(set(names) & {*futures.points, *fresh.points})
    if both:
        raise InputError(f"{', '.join(both)} cannot be both a lever and a factor that varies from future to future")
    met = np.intersect1d(futures.seeds, fresh.seeds).size
    if met:
        raise InputError(
            f"{met} fresh futures have seeds that the search has used: sample them after those of the search"
        )


def _plan_search(
    levers: Sequence[PricedLever], search: PackageSearch
) -> tuple[PackageLattice, EvolutionSettings | None]:
    evolution = search.evolution or (EvolutionSettings() if len(levers) > MOST_ENUMERATED else None)
    if evolution is None:
        return find_finest_lattice(levers, search.budget, search.most), None
    return PackageLattice(tuple(levers), evolution.steps, search.budget), evolution


def _count_packages(progress: Progress | None, runs: int, packages: int) -> Callable[[int], None]:
    """A function that reports how many packages are done to `progress`, in runs."""
    return (lambda done: progress(done * runs, packages * runs)) if progress else (lambda done: None)


def _score_packages(
    score: ScorePackage, packages: Sequence[PackageSteps], aim: PackageAim, sets: Labels, count: Callable[[int], None]
) -> _Scores:
    scores = {}
    for done, package in enumerate(packages, 1):
        scores[package] = score(package)
        count(done)
    return _make_scores(scores, aim, sets)


def _score_evolved(
    score: ScorePackage,
    evolution: EvolutionSettings,
    lattice: PackageLattice,
    aim: PackageAim,
    seed: int,
    sets: Labels,
    count: Callable[[int], None],
) -> _Scores:
    """Scores of every package within the budget that the evolution tried, and of the one that moves no lever."""
    nothing = (0,) * len(lattice.levers)
    scores = {nothing: score(nothing)}

    def objectives(package: PackageSteps) -> tuple[float, float]:
        if package not in scores:
            scores[package] = score(package)
            count(len(scores))
        outcome, cost = (column[np.isfinite(column)] for column in scores[package])
        return (-aim.better * outcome.mean(), cost.mean()) if outcome.size and cost.size else (np.inf, np.inf)

    evolve_packages(evolution, lattice, objectives, seed)
    affordable = lattice.affordable(np.array(list(scores)))
    return _make_scores(
        {package: scores[package] for package, within in zip(scores, affordable, strict=True) if within}, aim, sets
    )


def _make_scores(scores: Mapping[PackageSteps, tuple[Floats, Floats]], aim: PackageAim, sets: Labels) -> _Scores:
    """Scores in the futures where every package has one."""
    table = {f"outcome under {package}": outcome for package, (outcome, _) in scores.items()}
    table |= {f"cost of {package}": cost for package, (_, cost) in scores.items()}
    matrix, complete = select_complete_futures(table)
    gains, costs = aim.better * matrix[:, : len(scores)], matrix[:, len(scores) :]
    return _Scores(list(scores), gains, costs, int((~complete).sum()), sets[complete])


def _find_candidates(searched: _Scores, search: PackageSearch) -> tuple[set[PackageSteps], list[PackageSteps]]:
    """The front, and what to score again: `nothing`, the front, and what may well be on it, the likeliest first."""
    counts = np.array(list(draw_resamples(len(searched.gains), search.times, search.seed, searched.sets)))
    on_front = find_non_dominated(searched.gains.mean(axis=0), searched.costs.mean(axis=0))
    likely = compute_membership(searched.gains, searched.costs, counts)
    order = np.lexsort((-likely, ~on_front))
    chosen = [i for i in order if on_front[i] or likely[i] >= NEAR][:MOST_SCORED_AGAIN]
    front = {searched.packages[i] for i in chosen if on_front[i]}
    return front, list(dict.fromkeys([(0,) * len(searched.packages[0]), *(searched.packages[i] for i in chosen)]))


def _compose_result(
    searched: _Scores,
    fresh: _Scores,
    front: set[PackageSteps],
    lattice: PackageLattice,
    aim: PackageAim,
    search: PackageSearch,
    how: str,
) -> PackageSearchResult:
    counts = np.array(list(draw_resamples(len(fresh.gains), search.times, search.seed, fresh.sets)))
    membership = compute_membership(fresh.gains, fresh.costs, counts)
    before = dict(zip(searched.packages, searched.gains.mean(axis=0), strict=True))
    packages = []
    for i, package in enumerate(fresh.packages):
        outcome = aim.better * fresh.gains[:, i]
        mean, half = float(outcome.mean()), Z_95 * standard_error(outcome, fresh.sets)
        added = outcome - aim.better * fresh.gains[:, 0]
        gain, wide = float(added.mean()), Z_95 * standard_error(added, fresh.sets)
        packages.append(
            ScoredPackage(
                settings=lattice.settings(package),
                cost=float(fresh.costs[:, i].mean()),
                searched=float(aim.better * before[package]),
                fresh=mean,
                interval=(mean - half, mean + half),
                on_front=package in front,
                membership=float(membership[i]),
                gain=gain,
                gain_interval=(gain - wide, gain + wide),
            )
        )
    optimism, interval = _estimate_optimism(searched, fresh, sorted(front - {(0,) * len(lattice.levers)}))
    return PackageSearchResult(
        packages=tuple(sorted(packages, key=lambda p: (p.cost, -aim.better * p.fresh))),
        nothing=packages[0],
        lattice=lattice,
        aim=aim,
        tried=len(searched.packages),
        how=how,
        futures=len(searched.gains),
        fresh=len(fresh.gains),
        failed=searched.failed + fresh.failed,
        optimism=optimism,
        optimism_interval=interval,
    )


def _estimate_optimism(searched: _Scores, fresh: _Scores, front: Sequence[PackageSteps]) -> tuple[float, Range]:
    """By how much the front gains less in fresh futures, on average over packages, and the 95% interval.

    The two sets of futures differ anyway. The outcome of moving nothing is the control variate that takes this out, as
    far as it is correlated with the gain of the front.
    """
    if not front:
        return 0.0, (0.0, 0.0)
    nothing = [scores.of([(0,) * len(front[0])]) for scores in (searched, fresh)]
    gains = [scores.of(front) for scores in (searched, fresh)]
    within = [np.cov(gain, none) for gain, none in zip(gains, nothing, strict=True)]
    common = sum(c[0, 1] for c in within) / (sum(c[1, 1] for c in within) or 1.0)
    rest = [gain - common * none for gain, none in zip(gains, nothing, strict=True)]
    drop = float(rest[0].mean() - rest[1].mean())
    errors = [standard_error(part, scores.sets) for part, scores in zip(rest, (searched, fresh), strict=True)]
    half = Z_95 * float(np.hypot(errors[0], errors[1]))
    return drop, (drop - half, drop + half)
