"""Simulation-based calibration: does a fit find the truth, judged from one bank of points?

One point of the bank is taken as the truth: its run is observed with noise, the other points are weighted by those
data, and each quantity of the truth is ranked in its posterior. If model, noise and likelihood fit together, ranks are
uniform (Talts et al. 2018). Ranks of parameters alone cannot detect a fit that ignores the data, so quantities that
depend on the data, such as the log likelihood, are ranked too (Modrák et al. 2023).

Each rank is computed twice. `ranks` leave the truth out of the bank, as a real fit does, so that they also detect a
bank that is too small for the data. Data sets with too few points nearby are left out, which causes no bias, because
only the data and the other points decide it. `exact` ranks keep the truth in the bank: it is then one of n + 1 points,
each as likely the truth as its weight says, so that ranks are uniform for a bank of any size unless the likelihood is
wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.common.representation import short_repr
from simulator.experiments.core.model_protocol import Outcomes, Points, Progress, draw_uniforms

Data: TypeAlias = Mapping[str, Floats]

LEAST_EFFECTIVE = 50.0
JOINT = "joint log likelihood"


@dataclass(frozen=True, eq=False)
class SimulationBank:
    """Points drawn from the priors, and the outcomes of one run of each: one column (n,) a factor and an outcome."""

    points: Points
    outcomes: Outcomes

    def __len__(self) -> int:
        return len(next(iter(self.points.values())))


@short_repr
@dataclass(frozen=True, eq=False)
class ObservationModel:
    """How data are observed, and how points are weighted by them.

    `draw` makes data from one run (columns (1,)) and `uniforms` uniform numbers; `fit` gives the log likelihood (n,)
    of such data at every run. `parameters` names the factors to rank, `quantities` makes others from runs and data.
    """

    draw: Callable[[Outcomes, Floats], Data]
    fit: Callable[[Outcomes, Data], Floats]
    uniforms: int
    parameters: Sequence[str] = ()
    quantities: Mapping[str, Callable[[Outcomes, Data], Floats]] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Everything that is ranked, in order."""
        return (*self.parameters, *self.quantities, JOINT)


@dataclass(frozen=True)
class RankCheck:
    """One quantity over all data sets.

    `p` is the chance of ranks this far from uniform (Kolmogorov and Smirnov), `p_exact` that for exact ranks;
    `cover_50` and `cover_90` are the shares of truths inside central intervals.
    """

    quantity: str
    p: float
    p_exact: float
    mean_rank: float
    cover_50: float
    cover_90: float


@short_repr
@dataclass(frozen=True, eq=False)
class TruthRanks:
    """Ranks of truths, 0 to 1, one column (sets,) a quantity.

    `effective` (sets,) is the effective sample size of each posterior without the truth, by the likelihood itself,
    whatever its power. Data sets below `least` are left out of all but the exact ranks.
    """

    ranks: Mapping[str, Floats]
    exact: Mapping[str, Floats]
    effective: Floats
    least: float

    @cached_property
    def kept(self) -> NDArray[np.bool_]:
        """Data sets that the bank covers well enough: shape (sets,)."""
        return np.asarray(self.effective >= self.least)

    @property
    def thin(self) -> float:
        """Share of data sets that are left out."""
        return float(1 - self.kept.mean())

    def verdict(self, quantity: str) -> RankCheck:
        """Whether the ranks of one quantity are uniform. All numbers but `p_exact` are nan if every set is left out."""
        from scipy.stats import kstest  # over a second to load, so only when asked for

        rank, exact = self.ranks[quantity][self.kept], self.exact[quantity]
        if not len(rank):
            return RankCheck(quantity, np.nan, float(kstest(exact, "uniform").pvalue), np.nan, np.nan, np.nan)
        off = np.abs(rank - 0.5)
        p, p_exact = (float(kstest(r, "uniform").pvalue) for r in (rank, exact))
        cover = (float((off <= level / 2).mean()) for level in (0.5, 0.9))
        return RankCheck(quantity, p, p_exact, float(rank.mean()), *cover)

    @cached_property
    def verdicts(self) -> tuple[RankCheck, ...]:
        """One verdict a quantity, in order."""
        return tuple(self.verdict(name) for name in self.ranks)

    @property
    def worst(self) -> float:
        """The smallest chance of the ranks of any quantity, exact ones included."""
        return float(np.nanmin([[v.p, v.p_exact] for v in self.verdicts]))


def rank_truths(
    bank: SimulationBank,
    how: ObservationModel,
    sets: int,
    *,
    seed: int,
    power: float = 1.0,
    least: float = LEAST_EFFECTIVE,
    progress: Progress | None = None,
) -> TruthRanks:
    """Rank `sets` truths, taken from the bank at random, in the posteriors of the data that they give.

    `power` raises the likelihood to a power, for two controls that the check must catch: 2.1, a fit that is too sure of
    itself, and 0, one that ignores the data. Data set k depends on `seed` and k alone. Points whose run failed (nan in
    any outcome) are neither truths nor weighted. `progress` counts data sets. Raises ValueError for more sets than
    usable points.
    """
    usable = np.flatnonzero(np.logical_and.reduce([np.isfinite(column) for column in bank.outcomes.values()]))
    if not 1 <= sets <= len(usable):
        raise InputError(f"{sets} data sets; this bank has enough points for 1 to {len(usable)}")
    bank = SimulationBank(*({k: v[usable] for k, v in columns.items()} for columns in (bank.points, bank.outcomes)))
    truths = np.argsort(draw_uniforms(len(bank), seed, "truths"), kind="stable")[:sets]
    noise = np.stack([draw_uniforms(sets, seed, f"datum {j}") for j in range(how.uniforms)], axis=1)
    ties = np.stack([draw_uniforms(sets, seed, f"rank of {name}") for name in how.names], axis=1)
    ranks, exact = np.empty((2, sets, len(how.names)))
    effective = np.empty(sets)
    for k, truth in enumerate(truths):
        data = how.draw({name: column[[truth]] for name, column in bank.outcomes.items()}, noise[k])
        ranks[k], exact[k], effective[k] = _rank_truth(bank, how, data, int(truth), ties[k], power)
        if progress:
            progress(k + 1, sets)
    columns, exact_columns = (dict(zip(how.names, matrix.T, strict=True)) for matrix in (ranks, exact))
    return TruthRanks(columns, exact_columns, effective, least)


def _rank_truth(
    bank: SimulationBank, how: ObservationModel, data: Data, truth: int, u: Floats, power: float
) -> tuple[Floats, Floats, float]:
    """Ranks and exact ranks of all quantities, (quantities,) each, and the effective sample."""
    fit = how.fit(bank.outcomes, data)
    weights = temper_weights(fit, 1.0)
    effective = _compute_effective(np.delete(weights, truth))
    if power != 1.0:
        weights = temper_weights(fit, power)
    own = float(weights[truth])
    weights[truth] = 0.0
    others = weights.sum()
    columns = [bank.points[name] for name in how.parameters]
    columns += [quantity(bank.outcomes, data) for quantity in how.quantities.values()]
    ranks, exact = np.empty((2, len(u)))
    for j, values in enumerate([*columns, fit]):
        below, level = weights[values < values[truth]].sum(), weights[values == values[truth]].sum()
        ranks[j] = (below + u[j] * level) / others if others else np.nan
        exact[j] = (below + u[j] * (level + own)) / (others + own)
    return ranks, exact, effective


def _compute_effective(weights: Floats) -> float:
    """Effective sample size (Kish), 0 without any weight."""
    squares = float((weights**2).sum())
    return float(weights.sum() ** 2 / squares) if squares else 0.0


def temper_weights(log_likelihood: Floats, power: float) -> Floats:
    """Weights by a likelihood raised to a power: shape (n,), summing to one; a power of 0 gives all the same weight.

    Raises ValueError where the likelihood of the data is zero everywhere.
    """
    logs = np.zeros(len(log_likelihood)) if power == 0 else power * log_likelihood
    total = logsumexp(logs)
    if not np.isfinite(total):
        raise InputError("the likelihood is zero for data that were drawn: noise and likelihood do not fit together")
    return np.asarray(np.exp(logs - total))
