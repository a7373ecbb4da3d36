"""What an experiment knows of a model: its factors, and a function from points and seeds to outcomes.

Nothing here is about boards or funds, so that every experiment also runs on functions with known answers and on
anybody else's model.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.declarations.priors import Prior, Uniform
from simulator.engine.philox import BELOW_ONE, philox, to_unit

Seeds: TypeAlias = NDArray[np.int64]
Labels: TypeAlias = NDArray[np.int64]
Points: TypeAlias = Mapping[str, Floats]
Outcomes: TypeAlias = Mapping[str, Floats]
Progress: TypeAlias = Callable[[int, int], None]

MOST_SEEDS = 2**32
ROUNDING = 1e-12
"""Differences up to this, relative to the values or in absolute terms, are rounding and count as none."""

_DESIGN = 0xFFFFFFFF


class ModelProtocol(Protocol):
    """A model as an experiment sees it."""

    def __call__(self, points: Points, seeds: Seeds) -> Outcomes:
        """Run every point once.

        `points` holds one column per factor, (n,) each; factors left out keep the model's own values. `seeds` (n,), 0
        to 2^32 - 1, decide all that is random: rows with one seed meet the same chance. Returns one column per outcome,
        (n,) each; a row that failed is nan.
        """
        ...


@dataclass(frozen=True)
class Factor:
    """One input of a model: its name, range and default, its prior if it has one, and what it means, with its unit."""

    name: str
    low: float
    high: float
    default: float
    prior: Prior | None = None
    meaning: str = ""
    unit: str = ""

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise InputError(f"{self.name}: the lower bound {self.low:g} is not below the upper bound {self.high:g}")

    def quantile(self, u: Floats) -> Floats:
        """Values at probabilities `u`, same shape: from the prior clipped to the bounds, or evenly between them."""
        return np.clip((self.prior or Uniform(self.low, self.high)).quantile(u), self.low, self.high)


def draw_uniforms(n: int, seed: int, name: str, first: int = 0) -> Floats:
    """Uniform numbers for one named column of a random design, rows `first` to `first + n`: (n,), below 1.

    Seed, row and name alone decide a number: neither chunks, nor other columns, nor `n` can change it.
    """
    column, event = map(np.uint64, design_address(name))
    row = np.arange(first, first + n, dtype=np.uint64)
    blank = np.zeros(n, np.uint64)
    low, high = np.uint64(seed & 0xFFFFFFFF), np.uint64(seed >> 32)
    w0, w1, _, _ = philox(row, blank + column, blank, blank + event, low, high)
    return np.asarray(np.minimum(to_unit(w0, w1), BELOW_ONE))


def draw_uniform_columns(n: int, seed: int, names: Sequence[str]) -> Floats:
    """Rows 0 to `n` of several named columns at once, as `draw_uniforms` gives each: (names, n)."""
    columns = np.array([design_address(name)[0] for name in names], np.uint64)[:, None]
    row, blank = np.arange(n, dtype=np.uint64), np.uint64(0)
    w0, w1, _, _ = philox(row, columns, blank, np.uint64(_DESIGN), np.uint64(seed & 0xFFFFFFFF), np.uint64(seed >> 32))
    return np.asarray(np.minimum(to_unit(w0, w1), BELOW_ONE))


def design_address(name: str) -> tuple[int, int]:
    """The area and the event in the addresses of a named column's numbers; rows stand in the place of runs."""
    return zlib.crc32(name.encode()), _DESIGN


def draw_points(factors: Sequence[Factor], n: int, seed: int, first: int = 0) -> dict[str, Floats]:
    """Rows `first` to `first + n` of random points, each factor drawn from its prior: one column (n,) a factor."""
    return {f.name: f.quantile(draw_uniforms(n, seed, f.name, first)) for f in factors}


def index_factors(factors: Sequence[Factor]) -> dict[str, Factor]:
    """Factors by name. Raises ValueError for a name that occurs twice, and if there are none."""
    indexed = {factor.name: factor for factor in factors}
    if not indexed:
        raise InputError("there are no factors")
    if len(indexed) < len(factors):
        raise InputError(f"a factor occurs twice among {', '.join(factor.name for factor in factors)}")
    return indexed
