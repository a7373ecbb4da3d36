"""Averages over luck in place of single runs, for experiments on what a policy does on average."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.common.errors import InputError
from simulator.engine.philox import philox
from simulator.experiments.core.model_protocol import ModelProtocol, Outcomes, Points, Seeds

_MANY_SEEDS = 0xFFFFFFFE


@dataclass(frozen=True)
class ReplicateAverage:
    """A simulation whose outcomes are means over `runs` lucks, all of them decided by the row's seed.

    It takes the simulation's place in any experiment, at `runs` times the cost. Shared luck stays shared, and the share
    of luck that an experiment then finds is its share of such means; the variance decomposition gives that of single
    runs. A row is nan if any of its runs is.
    """

    simulate: ModelProtocol
    runs: int

    def __post_init__(self) -> None:
        if self.runs < 1:
            raise InputError(f"a mean over {self.runs} runs: at least one is needed")

    def __call__(self, points: Points, seeds: Seeds) -> Outcomes:
        repeated = {name: np.repeat(column, self.runs) for name, column in points.items()}
        outcomes = self.simulate(repeated, derive_seeds(seeds, self.runs).ravel())
        return {name: np.reshape(column, (-1, self.runs)).mean(axis=1) for name, column in outcomes.items()}


def derive_seeds(seeds: Seeds, runs: int) -> Seeds:
    """`runs` seeds out of each seed: (n, runs). Run k of one seed is the same whatever `runs` is."""
    blank = np.zeros((len(seeds), runs), np.uint64)
    seed, run = blank + seeds[:, None].astype(np.uint64), blank + np.arange(runs, dtype=np.uint64)
    word, _, _, _ = philox(seed, run, blank, blank + np.uint64(_MANY_SEEDS), np.uint64(0), np.uint64(0))
    return np.asarray(word, np.int64)
