"""Packages by evolution: close to the true front, repeatable, and plain about what must be installed."""

from __future__ import annotations

import sys
from itertools import product

import numpy as np
import pytest
from package_fronts import list_front

from simulator.common.arrays import Floats
from simulator.experiments.core.model_protocol import Outcomes, Points, Seeds
from simulator.experiments.core.sampled_futures import sample_futures
from simulator.experiments.tradeoffs.package_search import (
    EvolutionSettings,
    PackageAim,
    PackageSearch,
    PricedLever,
    search_packages,
)

pytestmark = pytest.mark.experiments

AIM = PackageAim("kept", 1)
PAIR = sample_futures([], 2, seed=0), sample_futures([], 2, seed=0, first=2)
EIGHT = [PricedLever(f"lever {i}", 0, 1, 1.0 + i) for i in range(8)]
WORTH = np.array([5.0, 1.0, 4.0, 0.5, 3.0, 0.0, 2.0, 0.2])


def eight(points: Points, seeds: Seeds) -> Outcomes:
    return {
        "kept": np.asarray(
            sum(w * points[lever.name] for w, lever in zip(WORTH, EIGHT, strict=True) if lever.name in points)
        )
    }


def test_evolution_finds_the_front_that_enumeration_finds() -> None:
    pytest.importorskip("pymoo")
    whole = search_packages(eight, EIGHT[:4], AIM, *PAIR, PackageSearch(most=1_296, times=2))
    evolution = EvolutionSettings(population=40, generations=25, steps=whole.lattice.steps)
    packages = search_packages(eight, EIGHT[:4], AIM, *PAIR, PackageSearch(times=2, evolution=evolution))
    assert list_front(packages) == list_front(whole)
    assert packages.tried < whole.tried == 1_296


def covered_area(costs: Floats, gains: Floats, most: float) -> float:
    """Area that a front dominates, of gains at 0 or more and costs up to `most`."""
    order = np.argsort(costs)
    best = np.maximum.accumulate(gains[order])
    return float((best * np.diff(np.r_[costs[order], most])).sum())


def test_beyond_six_levers_evolution_comes_close_to_the_true_front() -> None:
    pytest.importorskip("pymoo")
    search = PackageSearch(times=2, evolution=EvolutionSettings(population=60, generations=30, steps=3))
    packages = search_packages(eight, EIGHT, AIM, *PAIR, search)
    every = np.array(list(product(range(4), repeat=8))) / 3
    costs, gains = every @ np.array([lever.cost for lever in EIGHT]), every @ WORTH
    mine = np.array([[p.cost, p.fresh] for p in packages.front]).T
    assert covered_area(*mine, 36.0) > 0.99 * covered_area(costs, gains, 36.0)
    assert covered_area(*mine, 36.0) <= covered_area(costs, gains, 36.0) + 1e-9


def test_evolution_repeats_itself_whatever_else_draws_random_numbers() -> None:
    pytest.importorskip("pymoo")
    search = PackageSearch(times=2, budget=9.0, evolution=EvolutionSettings(20, 5, 4))
    first = search_packages(eight, EIGHT, AIM, *PAIR, search)
    np.random.seed(99)
    again = search_packages(eight, EIGHT, AIM, *PAIR, search)
    assert first == again
    assert max(p.cost for p in first.packages) <= 9 + 1e-9


def test_without_pymoo_evolution_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pymoo", None)
    for name in [name for name in sys.modules if name.startswith("pymoo.")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(ImportError, match="pip install pymoo"):
        search_packages(eight, EIGHT, AIM, *PAIR)
