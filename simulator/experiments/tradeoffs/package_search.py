"""What is the cheapest package of levers? Protection against cost, searched under shared luck and judged afresh.

What levers cost is for the user to say: no cost is built in. A search that finds the best of many packages in some
worlds has also found those that these worlds flatter (the optimiser's curse: Smith and Winkler 2006), so the front is
scored again in worlds that no search has seen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from simulator.common.errors import InputError
from simulator.experiments.core.clustered_errors import standard_error
from simulator.experiments.core.model_protocol import Floats, ModelProtocol, Progress
from simulator.experiments.core.sampled_futures import Labels, SampledFutures, select_complete_futures
from simulator.experiments.stats.ranking_and_selection import check_direction
from simulator.experiments.stats.resampling import WIDE, draw_resamples
from simulator.experiments.tradeoffs.package_evolution import EvolutionSettings, evolve_packages
from simulator.experiments.tradeoffs.package_lattice import (
    PackageAim,
    PackageLattice,
    PackageSteps,
    PricedLever,
    ScorePackage,
    compute_membership,
    find_finest_lattice,
    find_non_dominated,
    make_scorer,
)
from simulator.experiments.tradeoffs.package_results import PackageSearchResult, ScoredPackage

__all__ = [
    "EvolutionSettings",
    "PackageAim",
    "PackageSearch",
    "PackageSearchResult",
    "PricedLever",
    "ScoredPackage",
    "search_packages",
]

MOST_ENUMERATED = 6
MOST_SCORED_AGAIN = 100
NEAR = 0.05


@dataclass(frozen=True)
class PackageSearch:
    """How to search: the most that levers may cost together, and how many packages to try.

    Up to six levers are enumerated on the finest lattice with `most` packages or fewer; more of them evolve, and any
    number does if an `evolution` is given. Worlds are resampled `times` times.
    """

    budget: float = np.inf
    most: int = 1_000
    evolution: EvolutionSettings | None = None
    times: int = 200
    seed: int = 0


DEFAULT = PackageSearch()


@dataclass(frozen=True)
class _Scores:
    """Packages with their gains (more is good) and costs, (worlds, packages) each; `failed` worlds are left out.

    `sets` (worlds,) says which worlds have the same parameters.
    """

    packages: list[PackageSteps]
    gains: Floats
    costs: Floats
    failed: int
    sets: Labels

    def of(self, packages: Sequence[PackageSteps]) -> Floats:
        """Mean gain of some packages, world by world: (worlds,)."""
        return np.asarray(self.gains[:, [self.packages.index(package) for package in packages]].mean(axis=1))


def search_packages(
    simulate: ModelProtocol,
    levers: Sequence[PricedLever],
    aim: PackageAim,
    worlds: SampledFutures,
    fresh: SampledFutures,
    search: PackageSearch = DEFAULT,
    progress: Progress | None = None,
) -> PackageSearchResult:
    """Search for packages of levers that no cheaper package beats in `worlds`, and score them again in `fresh` worlds.

    `levers` say what they cost. What is on the front, or would be in 5% of resampled worlds, is scored again, up to 100
    packages. `progress` counts the runs of the search, then those of the second scoring. Raises ValueError for levers
    that occur twice, vary from world to world or move nothing, for too many packages, for fresh worlds that the search
    has met, and as `select_complete_futures`; ImportError where pymoo is needed and missing.
    """
    check_direction(aim.better)
    _check(levers, worlds, fresh)
    lattice, evolution = _plan(levers, search)
    score = make_scorer(simulate, worlds, lattice, aim)
    if evolution is None:
        how, packages = f"all in steps of 1/{lattice.steps}", lattice.packages()
        searched = _scored(score, packages, aim, worlds.sets, _counted(progress, worlds.n, len(packages)))
    else:
        how, most = f"evolved in steps of 1/{lattice.steps}", evolution.population * evolution.generations
        searched = _evolved(
            score, evolution, lattice, aim, search.seed, worlds.sets, _counted(progress, worlds.n, most)
        )
    if not np.ptp(searched.gains, axis=1).any():
        raise InputError(f"no package moves {aim.outcome}: check the names of the levers and their values")
    front, again = _candidates(searched, search)
    judged = _scored(
        make_scorer(simulate, fresh, lattice, aim), again, aim, fresh.sets, _counted(progress, fresh.n, len(again))
    )
    return _result(searched, judged, front, lattice, aim, search, how)


def _check(levers: Sequence[PricedLever], worlds: SampledFutures, fresh: SampledFutures) -> None:
    names = [lever.name for lever in levers]
    if not names:
        raise InputError("there are no levers")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(f"a lever occurs twice: {', '.join(twice)}")
    both = sorted(set(names) & {*worlds.points, *fresh.points})
    if both:
        raise InputError(f"{', '.join(both)} cannot be both a lever and a factor that varies from world to world")
    met = np.intersect1d(worlds.seeds, fresh.seeds).size
    if met:
        raise InputError(f"{met} fresh worlds have luck that the search has met: draw them after those of the search")


def _plan(levers: Sequence[PricedLever], search: PackageSearch) -> tuple[PackageLattice, EvolutionSettings | None]:
    evolution = search.evolution or (EvolutionSettings() if len(levers) > MOST_ENUMERATED else None)
    if evolution is None:
        return find_finest_lattice(levers, search.budget, search.most), None
    return PackageLattice(tuple(levers), evolution.steps, search.budget), evolution


def _counted(progress: Progress | None, runs: int, packages: int) -> Callable[[int], None]:
    """Tell `progress` of so many packages done, in runs."""
    return (lambda done: progress(done * runs, packages * runs)) if progress else (lambda done: None)


def _scored(
    score: ScorePackage, packages: Sequence[PackageSteps], aim: PackageAim, sets: Labels, count: Callable[[int], None]
) -> _Scores:
    made = {}
    for done, package in enumerate(packages, 1):
        made[package] = score(package)
        count(done)
    return _complete(made, aim, sets)


def _evolved(
    score: ScorePackage,
    evolution: EvolutionSettings,
    lattice: PackageLattice,
    aim: PackageAim,
    seed: int,
    sets: Labels,
    count: Callable[[int], None],
) -> _Scores:
    """Every package within the budget that an evolution has met, and the one that moves no lever."""
    nothing = (0,) * len(lattice.levers)
    made = {nothing: score(nothing)}

    def objectives(package: PackageSteps) -> tuple[float, float]:
        if package not in made:
            made[package] = score(package)
            count(len(made))
        outcome, cost = (column[np.isfinite(column)] for column in made[package])
        return (-aim.better * outcome.mean(), cost.mean()) if outcome.size and cost.size else (np.inf, np.inf)

    evolve_packages(evolution, lattice, objectives, seed)
    affordable = lattice.affordable(np.array(list(made)))
    return _complete(
        {package: made[package] for package, kept in zip(made, affordable, strict=True) if kept}, aim, sets
    )


def _complete(made: Mapping[PackageSteps, tuple[Floats, Floats]], aim: PackageAim, sets: Labels) -> _Scores:
    """Scores in the worlds where every package has one."""
    table = {f"outcome under {package}": outcome for package, (outcome, _) in made.items()}
    table |= {f"cost of {package}": cost for package, (_, cost) in made.items()}
    matrix, kept = select_complete_futures(table)
    gains, costs = aim.better * matrix[:, : len(made)], matrix[:, len(made) :]
    return _Scores(list(made), gains, costs, int((~kept).sum()), sets[kept])


def _candidates(searched: _Scores, search: PackageSearch) -> tuple[set[PackageSteps], list[PackageSteps]]:
    """The front, and what to score again: nothing, the front, and what is likely enough on it, likeliest first."""
    counts = np.array(list(draw_resamples(len(searched.gains), search.times, search.seed, searched.sets)))
    on_front = find_non_dominated(searched.gains.mean(axis=0), searched.costs.mean(axis=0))
    likely = compute_membership(searched.gains, searched.costs, counts)
    order = np.lexsort((-likely, ~on_front))
    chosen = [i for i in order if on_front[i] or likely[i] >= NEAR][:MOST_SCORED_AGAIN]
    front = {searched.packages[i] for i in chosen if on_front[i]}
    return front, list(dict.fromkeys([(0,) * len(searched.packages[0]), *(searched.packages[i] for i in chosen)]))


def _result(
    searched: _Scores,
    fresh: _Scores,
    front: set[PackageSteps],
    lattice: PackageLattice,
    aim: PackageAim,
    search: PackageSearch,
    how: str,
) -> PackageSearchResult:
    counts = np.array(list(draw_resamples(len(fresh.gains), search.times, search.seed, fresh.sets)))
    stays = compute_membership(fresh.gains, fresh.costs, counts)
    before = dict(zip(searched.packages, searched.gains.mean(axis=0), strict=True))
    made = []
    for i, package in enumerate(fresh.packages):
        outcome = aim.better * fresh.gains[:, i]
        mean, half = float(outcome.mean()), WIDE * standard_error(outcome, fresh.sets)
        made.append(
            ScoredPackage(
                settings=lattice.settings(package),
                cost=float(fresh.costs[:, i].mean()),
                searched=float(aim.better * before[package]),
                fresh=mean,
                interval=(mean - half, mean + half),
                on_front=package in front,
                membership=float(stays[i]),
            )
        )
    optimism, interval = _optimism(searched, fresh, sorted(front - {(0,) * len(lattice.levers)}))
    return PackageSearchResult(
        packages=tuple(sorted(made, key=lambda p: (p.cost, -aim.better * p.fresh))),
        nothing=made[0],
        lattice=lattice,
        aim=aim,
        tried=len(searched.packages),
        how=how,
        worlds=len(searched.gains),
        fresh=len(fresh.gains),
        failed=searched.failed + fresh.failed,
        optimism=optimism,
        optimism_interval=interval,
    )


def _optimism(searched: _Scores, fresh: _Scores, front: Sequence[PackageSteps]) -> tuple[float, tuple[float, float]]:
    """By how much the front gains less in fresh worlds, on average over packages, and the 95% interval.

    That the two sets of worlds differ anyway is taken out by what moving nothing gives in them (a control variate),
    as far as it goes along with what the front gives.
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
    half = WIDE * float(np.hypot(errors[0], errors[1]))
    return drop, (drop - half, drop + half)
