"""What an experiment knows of a model: its factors, and a function from points and seeds to outcomes.

Nothing here is about boards or funds, so that every experiment also runs on toys with known answers and on anybody
else's model.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from simulator.common.errors import InputError
from simulator.declarations.priors import Prior, Uniform
from simulator.engine.philox import BELOW_ONE, philox, to_unit

Floats: TypeAlias = NDArray[np.float64]
Seeds: TypeAlias = NDArray[np.int64]
Points: TypeAlias = Mapping[str, Floats]
Outcomes: TypeAlias = Mapping[str, Floats]
Progress: TypeAlias = Callable[[int, int], None]

MOST_SEEDS = 2**32
_DESIGN = 0xFFFFFFFF


class ModelProtocol(Protocol):
    """A model as an experiment sees it."""

    def __call__(self, points: Points, seeds: Seeds) -> Outcomes:
        """Run every point once.

        `points` holds one column a factor, (n,) each; factors left out keep the model's own values. `seeds` (n,) says
        which luck a row meets, 0 to 2^32 - 1: rows with one seed meet the same luck. Returns one column an outcome,
        (n,) each; a row that failed is nan.
        """
        ...


@dataclass(frozen=True)
class Factor:
    """One input of a model: a name, the range it may take, what is believed of it (`prior`), and words for people."""

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
        """Values at probabilities `u`, from the prior clipped to the bounds; without a prior evenly between them."""
        return np.clip((self.prior or Uniform(self.low, self.high)).quantile(u), self.low, self.high)


def draw_uniforms(n: int, seed: int, name: str, first: int = 0) -> Floats:
    """Uniform numbers for one named column of a random design, rows `first` to `first + n`: shape (n,).

    A number is addressed by (seed, row, name), so that neither chunks, nor other columns, nor `n` can change it.
    """
    word, event = map(np.uint64, design_address(name))
    row = np.arange(first, first + n, dtype=np.uint64)
    blank = np.zeros(n, np.uint64)
    w0, w1, _, _ = philox(row, blank + word, blank, blank + event, np.uint64(seed & 0xFFFFFFFF), np.uint64(seed >> 32))
    return np.asarray(np.minimum(to_unit(w0, w1), BELOW_ONE))


def design_address(name: str) -> tuple[int, int]:
    """The area and the event that stand for a named column in the addresses of its numbers; rows stand for runs."""
    return zlib.crc32(name.encode()), _DESIGN


def draw_points(factors: Sequence[Factor], n: int, seed: int, first: int = 0) -> dict[str, Floats]:
    """Rows `first` to `first + n` of random points, each factor drawn from its prior: one column (n,) a factor."""
    return {f.name: f.quantile(draw_uniforms(n, seed, f.name, first)) for f in factors}


def index_factors(factors: Sequence[Factor]) -> dict[str, Factor]:
    """Factors by name. Raises ValueError for a name that occurs twice, and if there are none."""
    named = {f.name: f for f in factors}
    if not named:
        raise InputError("there are no factors")
    if len(named) < len(factors):
        raise InputError(f"a factor occurs twice among {', '.join(f.name for f in factors)}")
    return named
