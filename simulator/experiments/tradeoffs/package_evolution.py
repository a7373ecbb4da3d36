"""Search among more packages than can be listed, by NSGA-II of pymoo, which is an optional extra."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.experiments.core.model_protocol import draw_uniforms
from simulator.experiments.tradeoffs.package_lattice import PackageLattice, PackageSteps


@dataclass(frozen=True)
class EvolutionSettings:
    """Settings of NSGA-II (Deb et al. 2002): packages in a generation, generations, and steps from off to full."""

    population: int = 60
    generations: int = 40
    steps: int = 10


def evolve_packages(
    evolution: EvolutionSettings,
    lattice: PackageLattice,
    objectives: Callable[[PackageSteps], tuple[float, float]],
    seed: int,
) -> None:
    """Call `objectives`, both to be minimised, with the packages that NSGA-II proposes; the caller keeps the results.

    Raises ImportError if pymoo is not installed.
    """
    algorithm = _import_pymoo("algorithms.moo.nsga2").NSGA2(
        pop_size=evolution.population,
        sampling=_make_first_generation(evolution.population, lattice, seed),
        crossover=_import_pymoo("operators.crossover.sbx").SBX(
            repair=_import_pymoo("operators.repair.rounding").RoundingRepair()
        ),
        mutation=_import_pymoo("operators.mutation.pm").PM(
            repair=_import_pymoo("operators.repair.rounding").RoundingRepair()
        ),
        eliminate_duplicates=True,
    )

    def over_budget(x: NDArray[np.int64]) -> float:
        return float(lattice.cost(x[None, :])[0] - lattice.budget)

    problem = _import_pymoo("problems.functional").FunctionalProblem(
        len(lattice.levers),
        [lambda x: objectives(tuple(x.tolist()))[0], lambda x: objectives(tuple(x.tolist()))[1]],
        constr_ieq=[over_budget] if np.isfinite(lattice.budget) else [],
        xl=0,
        xu=lattice.steps,
        vtype=int,
    )
    _import_pymoo("optimize").minimize(problem, algorithm, ("n_gen", evolution.generations), seed=seed, verbose=False)


def _import_pymoo(module: str) -> Any:
    try:
        return import_module(f"pymoo.{module}")
    except ImportError as error:
        raise ImportError("searching this many levers needs pymoo: pip install pymoo") from error


def _make_first_generation(population: int, lattice: PackageLattice, seed: int) -> NDArray[np.int64]:
    """Every lever alone, all levers, and random packages of which later ones move more. Shape (population, levers)."""
    moved = np.arange(population) / population
    columns = []
    for lever in lattice.levers:
        steps = 1 + np.floor(draw_uniforms(population, seed, f"{lever.name} size") * lattice.steps)
        columns.append(np.where(draw_uniforms(population, seed, f"{lever.name} moved") < moved, steps, 0))
    full = np.vstack([np.eye(len(columns)), np.ones(len(columns))])[:population] * lattice.steps
    return np.vstack([full, np.column_stack(columns)[len(full) :]]).astype(np.int64)
