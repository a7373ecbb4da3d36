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

So many replicates are dear, and most sets turn out to weigh next to nothing. So every set is first looked at through
evidence whose errors are widened until a hundred replicates leave little noise. The proposal is learned by such looks
alone. In a stage of the sample they say which sets are run in full: each with a chance that grows with its look, by
which its weight is divided, so that the sample stays that of the whole likelihood (Russian roulette).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from simulator.common.arrays import Floats
from simulator.common.representation import short_repr
from simulator.engine.ensemble import count_threads
from simulator.evidence.predictions import SEED
from simulator.experiments.core.model_protocol import Factor, ModelProtocol, Points, Progress, draw_uniforms
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

LEARNING_SIZE, LEARNING_STAGES = 400, 6
SIZE, STAGES = 600, 8
TEMPERED, LEARNED = 100.0, 60.0
"""The effective sample that the power of the weights keeps, and the one at which the proposal has been learned."""

PRIOR_SHARE = 0.05
POWER_DECIMALS = 4
VARIANCE, MOST_REPLICATES, TRIED, TRIAL = 1.0, 1_000, 12, 400
"""The variance that the log likelihood should have; how many sets it is measured on, in how many replicates."""

LOOK_REPLICATES, LOOK_VARIANCE, WIDER = 100, 2.0, (1.0, 2.0, 3.0, 4.0, 6.0)
"""Replicates of a look, the variance that it may have, and how many times errors are widened for that at most."""

LOOK_SEED = 1 << 20
IN_FULL, LOOK_POWER = 150, 0.6
"""How many sets of a stage are run in full, about; the power of their looks by which they are chosen."""


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

    def widen(self, factor: float) -> LogEvidence:
        """The evidence as it would be with errors so many times as large."""
        ...


@short_repr
@dataclass(frozen=True, eq=False)
class Stage:
    """Parameter sets (n,) of one proposal that were thinned by the fit, with the log likelihood of the evidence, which
    is -inf for those that were not run in full.

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


def start_from_posterior(base: Posterior, factors: Sequence[Factor]) -> Stage:
    """The first draws of a posterior as a stage: its proposal is the prior, they were thinned by the fit, and nothing
    is known of the evidence yet.
    """
    points = {f.name: base.draws[f.name][:LEARNING_SIZE] for f in factors}
    coordinates = {f.name: standardise(f, points[f.name]) for f in factors}
    nothing = np.zeros(min(LEARNING_SIZE, len(base)))
    return Stage(Proposal(), coordinates, points, base.document["quality"]["log_evidence"], nothing)


@dataclass(eq=False)
class _Sampler:
    """What every stage needs. `look` is the evidence with wider errors; `done` counts stages, for the progress."""

    likelihood: ModelProtocol
    factors: tuple[Factor, ...]
    evidence: LogEvidence
    look: LogEvidence
    progress: Progress | None
    done: int = 0

    def draw_stage(self, learned: WeightedSample, size: int) -> Stage:
        """`size` sets of a proposal fitted to what was learned, thinned by the fit, each of them looked at."""
        proposal = replace(adapt_proposal(learned), prior_share=PRIOR_SHARE)
        seed = SEED + 1 + self.done
        candidates = sample_by_importance(
            self.likelihood, self.factors, (CANDIDATES,), seed=seed, start=proposal, threads=count_threads()
        )
        logs = candidates.log_likelihood
        rows = resample_in_blocks(normalise_weights(logs), size, 1, seed)
        points = {name: column[rows] for name, column in candidates.points.items()}
        coordinates = {name: column[rows] for name, column in candidates.coordinates.items()}
        looks = weigh_distinct(self.look, points, LOOK_REPLICATES, seed ^ LOOK_SEED)
        self.done += 1
        if self.progress:
            self.progress(self.done, LEARNING_STAGES + STAGES)
        return Stage(proposal, coordinates, points, float(logsumexp(logs) - np.log(len(logs))), looks)

    def run_in_full(self, stage: Stage, replicates: int) -> Stage:
        """The stage with the whole log likelihood of those sets that a roulette leaves, by their looks."""
        seed = SEED + self.done
        count, numbers = number_sets(stage.points)
        first = np.unique(numbers, return_index=True)[1]
        looks = LOOK_POWER * (stage.log_evidence - stage.proposal.log_ratio(stage.coordinates))[first]
        chances = find_chances(looks, IN_FULL if replicates > LOOK_REPLICATES else count)
        kept = draw_uniforms(count, seed, "which sets are run in full") < chances
        points = {name: column[first[kept]] for name, column in stage.points.items()}
        logs = np.full(count, -np.inf)
        logs[kept] = self.evidence(points, replicates, seed) - np.log(chances[kept])
        return replace(stage, log_evidence=logs[numbers])


def number_sets(points: Mapping[str, Floats]) -> tuple[int, NDArray[np.int64]]:
    """How many different sets there are, and the number of each row's: (n,)."""
    distinct, numbers = np.unique(np.stack(list(points.values()), axis=1), axis=0, return_inverse=True)
    return len(distinct), np.asarray(numbers.reshape(-1), np.int64)


def weigh_distinct(evidence: LogEvidence, points: Mapping[str, Floats], replicates: int, seed: int) -> Floats:
    """The log likelihood (n,) of sets of which some are the same: each is run once."""
    _, numbers = number_sets(points)
    first = np.unique(numbers, return_index=True)[1]
    return evidence({name: column[first] for name, column in points.items()}, replicates, seed)[numbers]


def find_chances(logs: Floats, count: int) -> Floats:
    """Chances (n,) in proportion to exponentials, none above one, that add up to about `count`."""
    if count >= len(logs):
        return np.ones(len(logs))
    low, high = -np.log(len(logs)), float(np.ptp(logs)) + 1.0
    relative = logs - logs.max()
    while high - low > 0.1**POWER_DECIMALS:
        middle = (low + high) / 2
        short = np.exp(np.minimum(relative + middle, 0.0)).sum() < count
        low, high = (middle, high) if short else (low, middle)
    return np.asarray(np.exp(np.minimum(relative + round(high, POWER_DECIMALS), 0.0)))


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
    look = _choose_look(start, factors, evidence)
    sampler = _Sampler(likelihood, tuple(factors), evidence, look, progress)
    looked = [replace(start, log_evidence=weigh_distinct(look, start.points, LOOK_REPLICATES, SEED ^ LOOK_SEED))]
    for _ in range(LEARNING_STAGES):
        looks = pool_stages(looked, factors)
        if len(looked) > 1 and looks.effective >= LEARNED:
            break
        looked.append(sampler.draw_stage(temper(looks)[0], LEARNING_SIZE))
    looks = pool_stages(looked, factors)
    replicates = _choose_replicates(looks, evidence)
    sampler.done = LEARNING_STAGES
    stages: list[Stage] = []
    pooled = looks
    for _ in range(STAGES):
        learned = temper(pool_stages(looked, factors))[0]
        looked.append(sampler.draw_stage(learned, SIZE))
        stages.append(sampler.run_in_full(looked[-1], replicates))
        pooled = pool_stages(stages, factors)
        logs, k = smooth_weights(pooled.log_weights)
        if 1 / (normalise_weights(logs) ** 2).sum() >= least and k <= largest_k:
            break
    if progress:
        progress(LEARNING_STAGES + STAGES, LEARNING_STAGES + STAGES)
    return drop_weightless(pooled)


def drop_weightless(sample: WeightedSample) -> WeightedSample:
    """The sample without the rows that have no weight."""
    kept = np.isfinite(sample.log_weights)
    return replace(
        sample,
        coordinates={name: column[kept] for name, column in sample.coordinates.items()},
        points={name: column[kept] for name, column in sample.points.items()},
        log_likelihood=sample.log_likelihood[kept],
        log_weights=sample.log_weights[kept],
    )


def _choose_look(start: Stage, factors: Sequence[Factor], evidence: LogEvidence) -> LogEvidence:
    """The evidence with errors widened as little as leaves a look at the likeliest sets the variance it may have."""
    widest = evidence.widen(WIDER[-1])
    seen = replace(start, log_evidence=weigh_distinct(widest, start.points, LOOK_REPLICATES, SEED ^ LOOK_SEED))
    points = _take_likeliest(pool_stages([seen], factors))
    for factor in WIDER[:-1]:
        look = evidence if factor == 1 else evidence.widen(factor)
        if float(np.median(look.measure_noise(points, TRIAL, SEED))) <= LOOK_VARIANCE * LOOK_REPLICATES:
            return look
    return widest


def _choose_replicates(pooled: WeightedSample, evidence: LogEvidence) -> int:
    """As many replicates as give the log likelihood of the likeliest sets the variance that pays best."""
    noise = float(np.median(evidence.measure_noise(_take_likeliest(pooled), TRIAL, SEED)))
    return int(np.clip(100 * np.ceil(noise / VARIANCE / 100), LOOK_REPLICATES, MOST_REPLICATES))


def _take_likeliest(pooled: WeightedSample) -> dict[str, Floats]:
    """The sets that weigh most."""
    likeliest = np.argsort(-pooled.log_weights, kind="stable")[:TRIED]
    return {name: column[likeliest] for name, column in pooled.points.items()}
