"""Draws weighed by evidence: those that ship first, and others where these leave too few.

The shipped draws are a pool. Rows, scores and national figures weigh its parameter sets by their likelihood, statements
by Jeffrey's rule, and heavy weights are Pareto-smoothed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from simulator.calibration.likelihood import as_records
from simulator.calibration.saved_likelihood import FitLikelihood, read_saved_likelihood
from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.common.representation import short_repr
from simulator.declarations.parameters import PARAMETERS
from simulator.evidence.adaptive_weighing import number_sets, sample_adaptively, start_from_posterior
from simulator.evidence.board_likelihood import FEW_BOARDS, BoardData, log_likelihood, measure_noise, screen_and_weigh
from simulator.evidence.observations import BoardRow, LeaderScore, NationalFigure, Statement
from simulator.evidence.predictions import SEED, simulate_national
from simulator.experiments.core.model_protocol import Points, Progress
from simulator.experiments.stats.pareto_smoothing import smooth_weights
from simulator.experiments.stats.weighted_draws import effective_size
from simulator.runs.parameter_sets import UNCERTAIN, Records, make_points, posterior_draws
from simulator.runs.posterior import BLOCK, ROW, Posterior

POOL_BLOCKS = 4
"""Blocks of the posterior that are weighed first; all of them, if these leave too little."""

LEAST_EFFECTIVE, LARGEST_K = 200.0, 0.7
PROMISING = 80.0
"""Effective draws of the first blocks with which all of them may do."""

EVEN = 1 - 1e-9
NATIONAL_REPLICATES, PILOT_REPLICATES = 20, 100
FIRST_NEW_ROW = 10_000_000
"""The row of the first parameter set that was drawn for evidence: none of a fit."""


class Pieces(Protocol):
    """The observations that weigh."""

    @property
    def rows(self) -> tuple[BoardRow, ...]:
        """Rows by board."""
        ...

    @property
    def scores(self) -> tuple[LeaderScore, ...]:
        """Scores of leaders."""
        ...

    @property
    def national(self) -> tuple[NationalFigure, ...]:
        """Figures for England."""
        ...

    @property
    def statements(self) -> tuple[Statement, ...]:
        """Statements, which are weighed after the figures."""
        ...


@short_repr
@dataclass(frozen=True, eq=False)
class WeighedDraws:
    """Draws (n,) with smoothed weights, before any statement, and the log likelihood of the figures.

    `sets` (n,) numbers their parameter sets; `drawn` holds a column per parameter, and the row, where they are not the
    first of the posterior.
    """

    points: Records
    sets: NDArray[np.int64]
    weights: Floats
    pareto_k: float
    logs: Floats
    drawn: Mapping[str, Floats] | None = None

    def __len__(self) -> int:
        return len(self.weights)

    @property
    def effective(self) -> float:
        """Kish's effective number of draws."""
        return effective_size(self.weights)

    @property
    def is_weak(self) -> bool:
        """Whether too few draws hold the weight."""
        return self.effective < LEAST_EFFECTIVE or self.pareto_k > LARGEST_K


def weigh_draws(evidence: Pieces, base: Posterior, progress: Progress | None = None) -> WeighedDraws:
    """The draws of a posterior weighed by figures; where they leave too few, others that fit the evidence.

    `progress` counts steps. Raises InputError for figures that no parameter set gives.
    """
    fit = _find_fit(base)
    if fit and len({row.board for row in evidence.rows}) > FEW_BOARDS:
        pilot = _weigh_pilot(evidence, base)
        if pilot.effective * len(base) / len(pilot) < PROMISING:
            return _sample_more(evidence, base, fit, pilot, progress)
    known = dict[float, float]()
    weighed = _weigh_pool(evidence, base, min(len(base), POOL_BLOCKS * BLOCK), known, progress)
    if weighed.is_weak and len(base) > len(weighed) and (weighed.effective >= PROMISING or not fit):
        weighed = _weigh_pool(evidence, base, len(base), known, progress)
    if weighed.is_weak and fit and weighed.effective < len(weighed) * EVEN:
        weighed = _sample_more(evidence, base, fit, weighed, progress)
    return weighed


def _weigh_pilot(evidence: Pieces, base: Posterior) -> WeighedDraws:
    """The first block of draws, by a first look at each: whether weighing all of them could do."""
    points = make_records(base, BLOCK)
    logs = _LogEvidence(evidence).weigh(points, PILOT_REPLICATES, SEED ^ 3)
    smooth, k = _smooth(logs)
    weights = np.exp(smooth - smooth.max())
    return WeighedDraws(points, np.arange(BLOCK), weights / weights.sum(), k, logs)


def _weigh_pool(
    evidence: Pieces, base: Posterior, size: int, known: dict[float, float], progress: Progress | None
) -> WeighedDraws:
    """Weigh the first `size` draws. `known` keeps the log likelihood of each set by its row, for a larger pool."""
    points = make_records(base, size)
    rows, first, sets = np.unique(base.draws[ROW][:size], return_index=True, return_inverse=True)
    fresh = np.flatnonzero([row not in known for row in rows.tolist()])
    known.update(zip(rows[fresh].tolist(), weigh_sets(points[first[fresh]], evidence, progress).tolist(), strict=True))
    likelihoods = np.array([known[row] for row in rows.tolist()])
    logs, k = _smooth(likelihoods)
    weights = np.exp(logs - logs.max())[sets]
    return WeighedDraws(points, sets, weights / weights.sum(), k, likelihoods[sets])


def _find_fit(base: Posterior) -> FitLikelihood | None:
    """What more parameter sets are drawn by; None where that is not known."""
    try:
        return read_saved_likelihood(base)
    except InputError:
        return None


def explain_no_sampling(base: Posterior) -> str:
    """Why no more parameter sets of a fit of one's own can be drawn; empty if they can."""
    if not any(option == "--posterior" for option, _ in base.options):
        return ""
    try:
        read_saved_likelihood(base)
    except InputError as problem:
        return str(problem)
    return ""


def _sample_more(
    evidence: Pieces, base: Posterior, fit: FitLikelihood, weighed: WeighedDraws, progress: Progress | None
) -> WeighedDraws:
    """Other parameter sets than those of the posterior, drawn where the evidence points: the better of both."""
    sample = sample_adaptively(
        start_from_posterior(base, fit.factors),
        fit.likelihood,
        fit.factors,
        _LogEvidence(evidence, fit.held),
        least=LEAST_EFFECTIVE,
        largest_k=LARGEST_K,
        progress=progress,
    )
    logs, k = _smooth(sample.log_weights)
    weights = np.exp(logs - logs.max())
    columns = {name: np.asarray(column) for name, column in sample.points.items()}
    _, sets = number_sets(columns)
    columns |= {name: np.full(len(sample), value) for name, value in fit.held.items()}
    columns[ROW] = FIRST_NEW_ROW + sets.astype(np.float64)
    drawn = {name: columns[name] for name in base.draws}
    more = WeighedDraws(as_records(columns), sets, weights / weights.sum(), k, sample.log_likelihood, drawn)
    return more if more.effective >= weighed.effective else weighed


@dataclass(frozen=True, eq=False)
class _LogEvidence:
    """The likelihood of evidence for the adaptive sampler."""

    evidence: Pieces
    held: Mapping[str, float] = field(default_factory=dict)
    wider: float = 1.0

    @cached_property
    def data(self) -> BoardData:
        """The rows and scores, as they are seen."""
        data = BoardData(self.evidence.rows, self.evidence.scores)
        return data if self.wider == 1 else data.widen(self.wider)

    def __call__(self, points: Points, replicates: int, seed: int) -> Floats:
        return self.weigh(self._make_records(points), replicates, seed)

    def widen(self, factor: float) -> _LogEvidence:
        """The same with wider errors of the rows. Those of national figures make little noise and stay."""
        return replace(self, wider=factor * self.wider)

    def weigh(self, points: Records, replicates: int, seed: int) -> Floats:
        """Log likelihood (sets,) of rows, scores and national figures."""
        logs = np.zeros(len(points))
        if self.evidence.rows or self.evidence.scores:
            logs += log_likelihood(points, self.data, replicates=replicates, seed=seed)
        if self.evidence.national:
            logs += weigh_national(points, self.evidence.national, replicates, seed)
        return np.asarray(logs)

    def measure_noise(self, points: Points, replicates: int, seed: int) -> Floats:
        """Variance (sets,) that one replicate for each set would leave in the log likelihood of the rows."""
        records = self._make_records(points)
        if not self.evidence.rows:
            return np.zeros(len(records))
        return measure_noise(records, self.data, replicates, seed)

    def _make_records(self, points: Points) -> Records:
        count = len(next(iter(points.values())))
        return as_records({**points, **{name: np.full(count, value) for name, value in self.held.items()}})


def _smooth(logs: Floats) -> tuple[Floats, float]:
    """Smoothed log weights and k-hat. Raises InputError where no draw gives the data at all."""
    if not np.isfinite(logs).any():
        raise InputError("no parameter set of the posterior gives your evidence at all; look for a slip in its figures")
    return smooth_weights(np.where(np.isfinite(logs), logs, -np.inf))


def weigh_sets(points: Records, evidence: Pieces, progress: Progress | None) -> Floats:
    """Log likelihood (sets,) of what was seen under each parameter set."""
    logs = np.zeros(len(points))
    if evidence.rows or evidence.scores:
        logs += screen_and_weigh(points, BoardData(evidence.rows, evidence.scores), progress=progress)
    if evidence.national:
        logs += weigh_national(points, evidence.national)
    return np.asarray(logs)


def weigh_national(
    points: Records, figures: Sequence[NationalFigure], replicates: int = NATIONAL_REPLICATES, seed: int = SEED
) -> Floats:
    """Log likelihood (sets,) of national figures: normal, jointly in each replicate, averaged over replicates."""
    seen, error = np.array([figure.value for figure in figures]), np.array([figure.error for figure in figures])
    runs = np.arange(len(points) * replicates)
    values = simulate_national(np.repeat(points, replicates), runs, figures, seed)
    logs = (-0.5 * ((values - seen) / error) ** 2 - np.log(error)).sum(1).reshape(len(points), replicates)
    top = logs.max(1, keepdims=True)
    return np.asarray(np.log(np.exp(logs - top).mean(1)) + top[:, 0])


def make_records(base: Posterior, size: int) -> Records:
    """The first `size` draws of a posterior as records."""
    columns = posterior_draws(base)
    records = make_points(size)
    for name in UNCERTAIN:
        records[PARAMETERS[name].group][name] = columns[name][:size]
    return records
