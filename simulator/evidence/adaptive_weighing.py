"""When evidence leaves few of the shipped draws: adaptive importance sampling until enough parameter sets fit it.

Population Monte Carlo with tempered weights (Cappé, Guillin, Marin and Robert 2004, Journal of Computational and
Graphical Statistics 13; Koblents and Míguez 2015, Statistics and Computing 25): stages of parameter sets are drawn from
a normal distribution fitted to what earlier stages found, weighed to a power that keeps enough of them, until whole
weights do. The sample is made of the stages that come after, pooled under deterministic mixture weights.

A stage is drawn and run through the replays of the fit by `sample_by_importance`, and thinned in proportion to the
likelihood of the published findings. A set that is left has the density (proposal × likelihood of the findings / their
mean likelihood), chance of the fit included, so that the findings cancel: its weight is the likelihood of the evidence
by the ratio of prior to proposal. The evidence is run in so many replicates that its log likelihood has a variance of
about one, which is where more replicates stop to pay (Tran, Scharth, Pitt and Kohn 2013, arXiv 1309.3339).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from scipy.special import logsumexp

from simulator.evidence.predictions import SEED
from simulator.experiments.core.model_protocol import Factor, Floats, ModelProtocol, Points, Progress
from simulator.experiments.sensitivity.power_scaling import standardise
from simulator.experiments.stats.importance_sampling import (
    Proposal,
    WeightedSample,
    adapt_proposal,
    normalise_weights,
    sample_by_importance,
)
from simulator.experiments.stats.pareto_smoothing import smooth_weights
from simulator.experiments.stats.weighted_draws import resample_in_blocks
from simulator.runs.posterior import Posterior

CANDIDATES = 8_192
"""Parameter sets that are run through the replays of the fit in each stage: about two seconds of a core."""

LEARNING_SIZE, LEARNING_REPLICATES, LEARNING_STAGES = 400, 100, 6
SIZE, STAGES = 500, 6
TEMPERED, LEARNED = 100.0, 60.0
"""The effective sample that the power of the weights keeps, and the one at which the proposal has been learned."""

PRIOR_SHARE = 0.05
POWER_DECIMALS = 4
VARIANCE, MOST_REPLICATES, TRIED, TRIAL = 1.0, 1_000, 12, 400
"""The variance that the log likelihood should have; how many sets it is measured on, in how many replicates."""


class LogEvidence(Protocol):
    """The evidence: its log likelihood (sets,) in so many replicates with a seed, and the variance of that for each
    replicate, (sets,).
    """

    def __call__(self, points: Points, replicates: int, seed: int) -> Floats:
        """Log likelihood (sets,)."""
        ...

    def measure_noise(self, points: Points, replicates: int, seed: int) -> Floats:
        """Variance of the log likelihood of each set, times the replicates that it is averaged over."""
        ...


@dataclass(frozen=True, eq=False)
class Stage:
    """Parameter sets (n,) of one proposal that were thinned by the fit, with the log likelihood of the evidence.

    `log_mean` is the log of the mean likelihood of the findings under the proposal.
    """

    proposal: Proposal
    coordinates: Mapping[str, Floats]
    points: Mapping[str, Floats]
    log_mean: float
    log_evidence: Floats

    def __len__(self) -> int:
        return len(self.log_evidence)


def pool_stages(stages: Sequence[Stage], factors: Sequence[Factor]) -> WeightedSample:
    """Stages together, weighed as a sample of the posterior under findings and evidence."""
    names = [factor.name for factor in factors]
    coordinates = {name: np.concatenate([stage.coordinates[name] for stage in stages]) for name in names}
    points = {name: np.concatenate([stage.points[name] for stage in stages]) for name in names}
    logs = np.concatenate([stage.log_evidence for stage in stages])
    sizes = np.array([len(stage) for stage in stages], np.float64)
    ratios = np.stack([stage.proposal.log_ratio(coordinates) - stage.log_mean for stage in stages])
    weights = np.asarray(logs - logsumexp(ratios, axis=0, b=(sizes / sizes.sum())[:, None]))
    made = tuple((len(stage), stage.proposal) for stage in stages)
    return WeightedSample(tuple(factors), coordinates, points, {}, logs, weights, made, SEED)


def temper(pooled: WeightedSample, least: float = TEMPERED) -> tuple[WeightedSample, float]:
    """The sample with its weights raised to the largest power, up to one, that leaves `least` effective sets."""

    def measure_effective(power: float) -> float:
        return float(1 / (normalise_weights(power * pooled.log_weights) ** 2).sum())

    if measure_effective(1.0) >= least:
        return pooled, 1.0
    low, high = 0.0, 1.0
    while high - low > 0.1**POWER_DECIMALS:
        middle = (low + high) / 2
        low, high = (middle, high) if measure_effective(middle) >= least else (low, middle)
    power = round(low, POWER_DECIMALS)
    return replace(pooled, log_weights=power * pooled.log_weights), power


def start_from_posterior(base: Posterior, factors: Sequence[Factor], log_evidence: Floats) -> Stage:
    """The first draws of a posterior as a stage: its proposal is the prior, and they were thinned by the fit."""
    count = len(log_evidence)
    points = {f.name: base.draws[f.name][:count] for f in factors}
    coordinates = {f.name: standardise(f, points[f.name]) for f in factors}
    return Stage(Proposal(), coordinates, points, base.document["quality"]["log_evidence"], log_evidence)


@dataclass(eq=False)
class _Sampler:
    """What every stage needs. `done` counts stages, for the progress."""

    likelihood: ModelProtocol
    factors: tuple[Factor, ...]
    evidence: LogEvidence
    progress: Progress | None
    done: int = 0

    def draw_stage(self, learned: WeightedSample, size: int, replicates: int) -> Stage:
        """`size` sets of a proposal fitted to what was learned, thinned by the fit, with the evidence weighed."""
        proposal = replace(adapt_proposal(learned), prior_share=PRIOR_SHARE)
        seed = SEED + 1 + self.done
        candidates = sample_by_importance(self.likelihood, self.factors, (CANDIDATES,), seed=seed, start=proposal)
        logs = candidates.log_likelihood
        rows = resample_in_blocks(normalise_weights(logs), size, 1, seed)
        distinct, again = np.unique(rows, return_inverse=True)
        points = {name: column[rows] for name, column in candidates.points.items()}
        once = {name: column[distinct] for name, column in candidates.points.items()}
        weighed = self.evidence(once, replicates, seed)[again]
        self.done += 1
        if self.progress:
            self.progress(self.done, LEARNING_STAGES + STAGES)
        coordinates = {name: column[rows] for name, column in candidates.coordinates.items()}
        return Stage(proposal, coordinates, points, float(logsumexp(logs) - np.log(len(logs))), weighed)


def sample_adaptively(
    start: Stage,
    likelihood: ModelProtocol,
    factors: Sequence[Factor],
    evidence: LogEvidence,
    *,
    least: float,
    largest_k: float,
    progress: Progress | None = None,
) -> WeightedSample:
    """Parameter sets weighed by findings and evidence, until they leave `least` effective ones and Pareto k-hat is at
    most `largest_k`, or after `STAGES` stages. The same input gives the same sample. `progress` counts stages.
    """
    sampler = _Sampler(likelihood, tuple(factors), evidence, progress)
    learned = [start]
    for _ in range(LEARNING_STAGES):
        pooled = pool_stages(learned, factors)
        if len(learned) > 1 and pooled.effective >= LEARNED:
            break
        learned.append(sampler.draw_stage(temper(pooled)[0], LEARNING_SIZE, LEARNING_REPLICATES))
    pooled = pool_stages(learned, factors)
    replicates = _choose_replicates(pooled, evidence)
    sampler.done = LEARNING_STAGES
    stages: list[Stage] = []
    for _ in range(STAGES):
        stages.append(sampler.draw_stage(temper(pooled)[0], SIZE, replicates))
        pooled = pool_stages(stages, factors)
        logs, k = smooth_weights(pooled.log_weights)
        if 1 / (normalise_weights(logs) ** 2).sum() >= least and k <= largest_k:
            break
    if progress:
        progress(LEARNING_STAGES + STAGES, LEARNING_STAGES + STAGES)
    return pooled


def _choose_replicates(pooled: WeightedSample, evidence: LogEvidence) -> int:
    """As many replicates as give the log likelihood of the likeliest sets the variance that pays best."""
    likeliest = np.argsort(-pooled.log_weights, kind="stable")[:TRIED]
    points = {name: column[likeliest] for name, column in pooled.points.items()}
    noise = float(np.median(evidence.measure_noise(points, TRIAL, SEED)))
    return int(np.clip(100 * np.ceil(noise / VARIANCE / 100), LEARNING_REPLICATES, MOST_REPLICATES))
