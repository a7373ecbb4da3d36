"""Adaptive importance sampling: parameter sets weighted by how well they reproduce the data.

Points are drawn in stages. The first stage comes from the priors; each later one from a mixture of the priors and a
normal distribution fitted to what the earlier stages found, in the space where every prior is standard normal. All
stages are pooled under the deterministic mixture weights of Owen and Zhou (2000), as in adaptive multiple importance
sampling (Cornuet et al. 2012), and the prior's part in every stage keeps all weights bounded by the likelihood.

A stochastic model is run once a point: its likelihood is then noisy but unbiased, and the posterior of the parameters
is still the right one (Andrieu and Roberts 2009).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial

import numpy as np
from scipy.linalg import cholesky, solve_triangular
from scipy.special import logsumexp, ndtr, ndtri

from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.common.representation import short_repr
from simulator.common.threads import work_in_threads
from simulator.experiments.core.model_protocol import (
    Factor,
    ModelProtocol,
    Outcomes,
    Progress,
    draw_uniforms,
    index_factors,
)
from simulator.experiments.stats.weighted_draws import effective_size, resample_in_blocks

PRIOR_SHARE = 0.25
INFLATION = 1.1
SHIFTED, NARROWED, ERRORS = 0.15, 0.93, 2.5
DECIMALS = 3
CHUNK = 4_096


@short_repr
@dataclass(frozen=True)
class Proposal:
    """A stage's distribution over standard-normal coordinates: the prior with chance `prior_share`, else a normal
    with `mean` (d,) and `covariance` (d, d) in the coordinates `names` and the prior in all others.
    """

    names: tuple[str, ...] = ()
    mean: Floats = field(default_factory=lambda: np.zeros(0))
    covariance: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    prior_share: float = 1.0

    @cached_property
    def root(self) -> Floats:
        """Lower Cholesky factor of the covariance."""
        return np.asarray(cholesky(self.covariance, lower=True)) if self.names else self.covariance

    def draw(self, factors: Sequence[Factor], n: int, seed: int, first: int) -> dict[str, Floats]:
        """Standard-normal coordinates of rows `first` to `first + n`: one column (n,) a factor."""
        coordinates = {f.name: ndtri(draw_uniforms(n, seed, f.name, first)) for f in factors}
        if self.names:
            fitted = draw_uniforms(n, seed, "which part of the mixture", first) >= self.prior_share
            moved = self.mean + np.stack([coordinates[name] for name in self.names], axis=1) @ self.root.T
            for k, name in enumerate(self.names):
                coordinates[name] = np.where(fitted, moved[:, k], coordinates[name])
        return coordinates

    def log_ratio(self, coordinates: Mapping[str, Floats]) -> Floats:
        """Log density relative to the prior: shape (n,)."""
        if not self.names:
            return np.zeros(len(next(iter(coordinates.values()))))
        z = np.stack([coordinates[name] for name in self.names], axis=1)
        far = solve_triangular(self.root, (z - self.mean).T, lower=True)
        log_normal = 0.5 * (z**2).sum(axis=1) - 0.5 * (far**2).sum(axis=0) - np.log(np.diag(self.root)).sum()
        return np.asarray(np.logaddexp(np.log(self.prior_share), np.log1p(-self.prior_share) + log_normal))


@short_repr
@dataclass(frozen=True, eq=False)
class WeightedSample:
    """Points with weights: a sample of the posterior.

    `coordinates` and `points` hold one column (n,) a factor, standard normal and in the factor's unit; `outcomes` what
    the model gave; `log_weights` (n,) are not normalised; `stages` lists each stage's size and proposal.
    """

    factors: tuple[Factor, ...]
    coordinates: dict[str, Floats]
    points: dict[str, Floats]
    outcomes: dict[str, Floats]
    log_likelihood: Floats
    log_weights: Floats
    stages: tuple[tuple[int, Proposal], ...]
    seed: int

    def __len__(self) -> int:
        return len(self.log_weights)

    @cached_property
    def weights(self) -> Floats:
        """Weights that sum to one: shape (n,)."""
        return normalise_weights(self.log_weights)

    @property
    def effective(self) -> float:
        """Effective sample size (Kish)."""
        return effective_size(self.weights)

    @property
    def largest(self) -> float:
        """The largest weight."""
        return float(self.weights.max())

    @property
    def log_evidence(self) -> float:
        """Log marginal likelihood: how well the model with these priors gives the data."""
        return float(logsumexp(self.log_weights) - np.log(len(self)))

    def mean(self, name: str) -> float:
        """Posterior mean of a factor."""
        return float(self.weights @ self.points[name])

    def expect(self, name: str) -> float:
        """Posterior mean of an outcome; rows that failed have no weight and do not count."""
        counted = self.weights > 0
        return float(self.weights[counted] @ self.outcomes[name][counted])

    def sd(self, name: str) -> float:
        """Posterior standard deviation of a factor."""
        values = self.points[name]
        return float(np.sqrt(self.weights @ (values - self.weights @ values) ** 2))

    def resample(self, n: int, blocks: int = 1) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Row numbers of `blocks` times `n` equally weighted draws, systematically resampled and shuffled by the seed.

        Every block is a fair sample, and so are the first 2, 4, 8 ... blocks: each block fills the gaps that earlier
        ones left (van der Corput's order). More blocks leave the first ones as they are.
        """
        return resample_in_blocks(self.weights, n, blocks, self.seed)


def normalise_weights(log_weights: Floats) -> Floats:
    """Weights that sum to one. Raises ValueError where no point has any weight."""
    total = logsumexp(log_weights)
    if not np.isfinite(total):
        raise InputError("no point gives the data at all: the model or the priors exclude them")
    return np.asarray(np.exp(log_weights - total))


def sample_by_importance(
    simulate: ModelProtocol,
    factors: Sequence[Factor],
    sizes: Sequence[int],
    *,
    seed: int,
    likelihood: str = "log_likelihood",
    start: Proposal | None = None,
    progress: Progress | None = None,
    threads: int = 1,
) -> WeightedSample:
    """Draw and weight points in stages of these sizes. The outcome `likelihood` is the log likelihood of a point's run.

    Row j has seed j. `start` replaces the prior as the proposal of the first stage, and comes from an earlier, similar
    fit. Rows that failed (nan) get no weight. `progress` counts rows. `threads` chunks of rows are run at a time, which
    changes nothing. Raises ValueError if no point has any weight.
    """
    index_factors(factors)
    columns: dict[str, Floats] = {}  # of all stages, each written once: a copy of everything a stage takes gigabytes
    proposal, stages = start or Proposal(), list[tuple[int, Proposal]]()
    pooled: WeightedSample | None = None
    first = done = 0
    total = sum(sizes)

    def take_chunk(at: int, chunk: dict[str, Floats]) -> None:
        nonlocal done
        n = len(next(iter(chunk.values())))
        for key, values in chunk.items():
            columns.setdefault(key, np.empty(total))[at : at + n] = values
        done += n
        if progress:
            progress(done, total)

    for size in sizes:
        proposal = proposal if pooled is None else adapt_proposal(pooled)
        stages.append((size, proposal))
        end = first + size
        run_chunk = partial(_run_chunk, simulate, factors, proposal, seed, end)
        work_in_threads(run_chunk, range(first, end, CHUNK), threads, take_chunk)
        first = end
        pooled = _pool({key: column[:end] for key, column in columns.items()}, factors, stages, likelihood, seed)
    if pooled is None:
        raise InputError("give at least one stage")
    return pooled


def _run_chunk(
    simulate: ModelProtocol, factors: Sequence[Factor], proposal: Proposal, seed: int, end: int, first: int
) -> dict[str, Floats]:
    """Coordinates ("z:" columns), points ("x:") and outcomes ("y:") of the chunk of rows from `first`, before `end`."""
    n = min(CHUNK, end - first)
    z = proposal.draw(factors, n, seed, first)
    x = {f.name: f.quantile(np.clip(ndtr(z[f.name]), 1e-15, 1 - 1e-15)) for f in factors}
    y: Outcomes = simulate(x, np.arange(first, first + n, dtype=np.int64))
    return {
        **{f"z:{k}": v for k, v in z.items()},
        **{f"x:{k}": v for k, v in x.items()},
        **{f"y:{k}": v for k, v in y.items()},
    }


def _pool(
    columns: Mapping[str, Floats],
    factors: Sequence[Factor],
    stages: Sequence[tuple[int, Proposal]],
    likelihood: str,
    seed: int,
) -> WeightedSample:
    z, x, y = ({k[2:]: v for k, v in columns.items() if k[0] == kind} for kind in "zxy")
    fit = np.where(np.isfinite(y[likelihood]), y[likelihood], -np.inf)
    sizes = np.array([size for size, _ in stages], np.float64)
    ratios = np.stack([proposal.log_ratio(z) for _, proposal in stages])
    log_weights = fit - logsumexp(ratios, axis=0, b=(sizes / sizes.sum())[:, None])
    return WeightedSample(tuple(factors), z, x, y, fit, np.asarray(log_weights), tuple(stages), seed)


def adapt_proposal(fit: WeightedSample) -> Proposal:
    """The next proposal: a normal fitted to the coordinates that the data have moved or narrowed.

    A coordinate is fitted if it has moved by `SHIFTED` or narrowed to `NARROWED`, and by several standard errors of the
    sample, so that early stages do not chase noise. The parameters of the normal are rounded, so that the last digits
    of a machine's linear algebra cannot change any later draw.
    """
    w = fit.weights
    noise = ERRORS / np.sqrt(fit.effective)
    shift, narrowing = max(SHIFTED, noise), min(NARROWED, 1 - noise / np.sqrt(2))
    moved = []
    for f in fit.factors:
        z = fit.coordinates[f.name]
        mean = w @ z
        if abs(mean) > shift or np.sqrt(w @ (z - mean) ** 2) < narrowing:
            moved.append(f.name)
    if not moved:
        return Proposal()
    z = np.stack([fit.coordinates[name] for name in moved], axis=1)
    mean = w @ z
    covariance = (z - mean).T @ ((z - mean) * w[:, None]) * INFLATION**2
    covariance[np.diag_indices(len(moved))] += 0.02
    return Proposal(tuple(moved), np.round(mean, DECIMALS), np.round(covariance, DECIMALS), PRIOR_SHARE)
