"""Designs: which points a sweep runs, and with which seeds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, auto
from functools import cached_property
from math import prod

import numpy as np
from numpy.typing import NDArray

from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.experiments.core.model_protocol import (
    MOST_SEEDS,
    Factor,
    Points,
    Seeds,
    draw_points,
    draw_uniforms,
    index_factors,
)
from simulator.experiments.core.sweep import make_seeds

_BITS = 30
_BLOCK = 1 << 16


class DesignKind(StrEnum):
    """The kinds of design; a design file holds the value of one."""

    GRID = auto()
    LATIN = auto()
    SOBOL = auto()
    RANDOM = auto()


@dataclass(frozen=True)
class Levels:
    """A prior on a few values, all equally likely."""

    values: tuple[float, ...]

    def quantile(self, u: Floats) -> Floats:
        """Values at probabilities `u`: same shape."""
        return np.asarray(self.values)[np.minimum((u * len(self.values)).astype(np.int64), len(self.values) - 1)]


@dataclass(frozen=True)
class Design:
    """Points of one kind over some factors, each run `runs` times.

    `grid` takes all combinations of levels, and `points` stays 0; `latin` (a Latin hypercube), `sobol` (the scrambled
    Sobol' sequence) and `random` spread `points` over the factors' priors. Run k of every point has the same seed, so
    that points can be compared, unless `independent_seeds` gives every row a seed of its own.
    Raises ValueError if the fields do not fit together.
    """

    kind: DesignKind
    factors: tuple[Factor, ...]
    points: int = 0
    runs: int = 1
    seed: int = 0
    independent_seeds: bool = False

    def __post_init__(self) -> None:
        index_factors(self.factors)
        if problems := find_design_problems(self.kind, self.factors, self.points, self.runs):
            raise InputError("; ".join(f"{field}: {message}" for field, message in problems))

    @property
    def n(self) -> int:
        """How many points there are."""
        return prod(self._shape) if self.kind is DesignKind.GRID else self.points

    def __len__(self) -> int:
        return self.n * self.runs

    @property
    def _shape(self) -> tuple[int, ...]:
        return tuple(len(f.prior.values) for f in self.factors if isinstance(f.prior, Levels))

    @cached_property
    def _strata(self) -> dict[str, NDArray[np.uint32]]:
        """The stratum of each row of a Latin hypercube, by factor; another factor does not change those of the rest."""
        return {f.name: _shuffle(self.points, self.seed, f"stratum of {f.name}") for f in self.factors}

    def rows(self, first: int, last: int) -> tuple[Points, Seeds]:
        """Rows `first` up to, not including, `last`: columns (last - first,), and seeds; runs of a point adjacent."""
        row = np.arange(first, last, dtype=np.int64)
        point, run = np.divmod(row, self.runs)
        start = first // self.runs
        columns = self._points(start, -(-last // self.runs))
        seeds = make_seeds(row if self.independent_seeds else run, self.seed)
        return {name: column[point - start] for name, column in columns.items()}, seeds

    def _points(self, first: int, last: int) -> dict[str, Floats]:
        """Points `first` to `last`, one column (last - first,) a factor."""
        n = last - first
        if self.kind is DesignKind.GRID:
            indices = np.unravel_index(np.arange(first, last), self._shape)
            return {
                f.name: np.asarray(f.prior.values)[index]
                for f, index in zip(self.factors, indices, strict=True)
                if isinstance(f.prior, Levels)
            }
        if self.kind is DesignKind.SOBOL:
            u = draw_sobol_uniforms(len(self.factors), self.seed, first, n)
            return {f.name: f.quantile(u[:, j]) for j, f in enumerate(self.factors)}
        if self.kind is DesignKind.RANDOM:
            return draw_points(self.factors, n, self.seed, first)
        within = {f.name: draw_uniforms(n, self.seed, f.name, first) for f in self.factors}
        return {
            f.name: f.quantile((self._strata[f.name][first:last] + within[f.name]) / self.points) for f in self.factors
        }


@dataclass(frozen=True)
class BlockDesign:
    """A design of `n` blocks, each of `block` rows that are analysed together; no two factors have one name."""

    factors: tuple[Factor, ...]
    n: int
    seed: int = 0

    def __post_init__(self) -> None:
        index_factors(self.factors)

    @property
    def block(self) -> int:
        """Rows of a block."""
        raise NotImplementedError

    def __len__(self) -> int:
        return self.n * self.block


def _shuffle(n: int, seed: int, name: str) -> NDArray[np.uint32]:
    """The numbers from 0 up to n in random order: (n,). Drawn block by block, because a draw needs much memory."""
    u = np.empty(n)
    for first in range(0, n, _BLOCK):
        last = min(first + _BLOCK, n)
        u[first:last] = draw_uniforms(last - first, seed, name, first)
    return np.argsort(u, kind="stable").astype(np.uint32)


def draw_sobol_uniforms(dimensions: int, seed: int, first: int, n: int) -> Floats:
    """Points `first` to `first + n` of a Sobol' sequence scrambled by `seed`: (n, dimensions), above 0 and below 1.

    A longer sequence begins with the shorter one, so that a design can be doubled and earlier runs be kept.
    """
    from scipy.stats import qmc

    engine = qmc.Sobol(dimensions, bits=_BITS, rng=seed)
    if first:
        engine.fast_forward(first)
        drawn = engine.random(n)
    else:  # one and then the rest: the engine warns when it begins with any number but a power of two
        drawn = np.concatenate([engine.random(1), engine.random(max(n - 1, 0))])[:n]
    return np.asarray(drawn + 0.5 ** (_BITS + 1))


def find_design_problems(
    kind: DesignKind, factors: tuple[Factor, ...], points: int, runs: int
) -> list[tuple[str, str]]:
    """What is wrong with the fields of a design taken together: (field, message) each, in order."""
    problems = []
    if kind is DesignKind.GRID:
        without_levels = [f.name for f in factors if not isinstance(f.prior, Levels)]
        if without_levels:
            problems.append(("factors", f"a grid needs levels for {', '.join(without_levels)}"))
        if points:
            problems.append(("points", "leave it out: a grid has as many points as its levels make"))
    elif points < 1:
        problems.append(("points", f"{points} points; a {kind.value} design needs at least one"))
    elif kind is DesignKind.SOBOL and points & (points - 1):
        below = 1 << (points.bit_length() - 1)
        problems.append(("points", f"{points} is not a power of two, which sobol needs: take {below} or {2 * below}"))
    if runs < 1:
        problems.append(("runs", f"{runs} runs a point; at least one is needed"))
    levels = (len(f.prior.values) for f in factors if isinstance(f.prior, Levels))
    rows = max(runs, 1) * (prod(levels) if kind is DesignKind.GRID else points)
    if rows > MOST_SEEDS:
        problems.append(("points", f"{rows:,} rows are more than the {MOST_SEEDS:,} seeds there are"))
    return problems
