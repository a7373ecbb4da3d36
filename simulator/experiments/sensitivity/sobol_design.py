"""The design that Sobol' indices are computed from, with luck as one more factor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.common.errors import InputError
from simulator.experiments.core.design import draw_sobol_uniforms
from simulator.experiments.core.model_protocol import Factor, Points, Seeds, index_factors
from simulator.experiments.core.sweep import convert_to_seeds

LUCK = "luck"
FEWEST = 32


@dataclass(frozen=True)
class SaltelliDesign:
    """The design of Saltelli et al. (2010) over `factors` and luck: `n` blocks of d + 3 rows, each with shared luck.

    A block is a point a, then a with one column after the other (luck last) taken from a second point b, then b.
    Twice as many blocks begin with the same blocks. Raises ValueError unless `n` is a power of two.
    """

    factors: tuple[Factor, ...]
    n: int
    seed: int = 0

    def __post_init__(self) -> None:
        if LUCK in index_factors(self.factors):
            raise InputError(f"'{LUCK}' names the column of seeds; call the factor something else")
        if self.n < FEWEST or self.n & (self.n - 1):
            raise InputError(f"{self.n} blocks: take a power of two from {FEWEST} on, such as 1024")

    @property
    def block(self) -> int:
        """Rows of a block: d + 3."""
        return len(self.factors) + 3

    def __len__(self) -> int:
        return self.n * self.block

    def rows(self, first: int, last: int) -> tuple[Points, Seeds]:
        """Rows `first` to `last`: columns (last - first,), and the seeds."""
        start, stop = first // self.block, -(-last // self.block)
        columns = self.block - 2
        a, b = np.split(draw_sobol_uniforms(2 * columns, self.seed, start, stop - start), 2, axis=1)
        u = np.repeat(a[:, None, :], self.block, axis=1)
        u[:, -1] = b
        for j in range(columns):
            u[:, j + 1, j] = b[:, j]
        cut = u.reshape(-1, columns)[first - start * self.block : last - start * self.block]
        return {f.name: f.quantile(cut[:, j]) for j, f in enumerate(self.factors)}, convert_to_seeds(cut[:, -1])
