"""Toys: simulations whose sensitivity is known exactly, to check methods on before a model is put to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import pi

import numpy as np
from scipy.special import ndtri

from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.engine.philox import BELOW_ONE, philox, to_unit
from simulator.experiments.core.model_protocol import Factor, ModelProtocol, Outcomes, Points, Seeds
from simulator.experiments.core.sweep import make_fresh_seeds

A, B = 7.0, 0.1
SCALE = 2.0
BENDS = (0.0, 1.0, 4.5, 9.0, 99.0, 99.0, 99.0, 99.0)


@dataclass(frozen=True)
class FunctionModel:
    """A simulation made of a function of columns and seeds; its only outcome is `y`."""

    factors: tuple[Factor, ...]
    function: Callable[[Mapping[str, Floats], Seeds], Floats]

    def __call__(self, points: Points, seeds: Seeds) -> Outcomes:
        unknown = set(points) - {f.name for f in self.factors}
        if unknown:
            raise InputError(f"no factor is called {', '.join(sorted(unknown))}")
        columns = {
            f.name: np.ascontiguousarray(points.get(f.name, np.full(len(seeds), f.default))) for f in self.factors
        }
        return {"y": self.function(columns, seeds)}


@dataclass
class FreshSeeds:
    """A spoilt simulation: every row ever run gets a new seed, whatever seed it was given. For negative controls."""

    simulate: ModelProtocol
    rows: int = 0

    def __call__(self, points: Points, seeds: Seeds) -> Outcomes:
        spoilt = make_fresh_seeds(len(seeds), seed=0, first=self.rows)
        self.rows += len(seeds)
        return self.simulate(points, spoilt)


@dataclass(frozen=True)
class KnownFunction:
    """A simulation, its factors, and the exact share of the variance of `y` that each explains.

    `first` and `total` are first and total order indices by factor; `chance` is the total index of chance.
    """

    simulate: ModelProtocol
    factors: tuple[Factor, ...]
    first: Mapping[str, float]
    total: Mapping[str, float]
    chance: float = 0.0


def _normal(seeds: Seeds) -> Floats:
    """One standard normal number a seed: (n,). Nothing but the seed decides it."""
    blank = np.zeros(len(seeds), np.uint64)
    w0, w1, _, _ = philox(seeds.astype(np.uint64), blank, blank, blank, np.uint64(0), np.uint64(0))
    return np.asarray(ndtri(np.minimum(to_unit(w0, w1), BELOW_ONE)))


def _ishigami(x: Mapping[str, Floats], seeds: Seeds) -> Floats:
    return np.asarray(np.sin(x["x1"]) * (1 + B * x["x3"] ** 4) + A * np.sin(x["x2"]) ** 2)


def _noisy_ishigami(x: Mapping[str, Floats], seeds: Seeds) -> Floats:
    return _ishigami(x, seeds) + SCALE * (1 + x["spread"]) * _normal(seeds)


def _sobol_g(x: Mapping[str, Floats], seeds: Seeds) -> Floats:
    terms = [(abs(4 * x[f"x{i}"] - 2) + a) / (1 + a) for i, a in enumerate(BENDS, 1)]
    return np.asarray(np.prod(terms, axis=0))


def ishigami() -> KnownFunction:
    """Ishigami and Homma (1990) with a = 7, b = 0.1: x1 and x3 act together, x3 only so, x2 by itself."""
    factors = tuple(Factor(f"x{i}", -pi, pi, 0.0) for i in (1, 2, 3))
    alone = {"x1": (1 + B * pi**4 / 5) ** 2 / 2, "x2": A**2 / 8, "x3": 0.0}
    together = 8 * B**2 * pi**8 / 225
    whole = sum(alone.values()) + together
    total = {"x1": alone["x1"] + together, "x2": alone["x2"], "x3": together}
    return KnownFunction(FunctionModel(factors, _ishigami), factors, _shares(alone, whole), _shares(total, whole))


def stochastic_ishigami() -> KnownFunction:
    """Ishigami plus chance: 2 (1 + spread) times a normal number that belongs to the row's seed.

    `spread`, evenly between 0 and 1, decides only how much chance matters; `inert` does nothing at all. The variance of
    chance is 4 E(1 + spread)^2 = 28/3, of which 1/3 is shared with `spread`.
    """
    quiet = ishigami()
    factors = (*quiet.factors, Factor("spread", 0.0, 1.0, 0.5), Factor("inert", 0.0, 1.0, 0.5))
    of_chance, shared = SCALE**2 * 7 / 3, SCALE**2 / 12
    own = A**2 / 8 + B * pi**4 / 5 + B**2 * pi**8 / 18 + 1 / 2
    whole = own + of_chance
    scale = own / whole
    first = {name: share * scale for name, share in quiet.first.items()} | {"spread": 0.0, "inert": 0.0}
    total = {name: share * scale for name, share in quiet.total.items()} | {"spread": shared / whole, "inert": 0.0}
    return KnownFunction(FunctionModel(factors, _noisy_ishigami), factors, first, total, of_chance / whole)


def sobol_g() -> KnownFunction:
    """The G function (Saltelli and Sobol' 1995) with a = 0, 1, 4.5, 9 and four times 99: from important to hardly."""
    factors = tuple(Factor(f"x{i}", 0.0, 1.0, 0.5) for i in range(1, len(BENDS) + 1))
    alone = {f"x{i}": 1 / (3 * (1 + a) ** 2) for i, a in enumerate(BENDS, 1)}
    product = float(np.prod([1 + v for v in alone.values()]))
    total = {name: v * product / (1 + v) for name, v in alone.items()}
    return KnownFunction(
        FunctionModel(factors, _sobol_g), factors, _shares(alone, product - 1), _shares(total, product - 1)
    )


def _shares(parts: Mapping[str, float], whole: float) -> dict[str, float]:
    return {name: part / whole for name, part in parts.items()}
