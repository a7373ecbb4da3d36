"""Expected value of sample information: what the choice would gain on average by data that nobody has yet.

Every parameter draw in turn makes a data set, and the others are weighed by its likelihood, which moves the mean of
every policy. Weights are noisy, so these shifts are taken as a summary of the data and not as the truth: gains are
regressed on them (Strong, Oakley, Brennan and Breeze 2015, Medical Decision Making 35), by the estimator of partial
information, whose two figures bracket the value of choosing by the summary.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.common.ranges import Range
from simulator.common.representation import short_repr
from simulator.experiments.core.clustered_errors import Z_95
from simulator.experiments.core.model_protocol import ROUNDING, Progress, draw_uniforms
from simulator.experiments.decision.value_of_information import (
    bracket_estimate,
    estimate_partial_information,
)
from simulator.experiments.stats.resampling import draw_resamples
from simulator.experiments.stats.spline_regression import make_joint_basis

FEWEST = 120
FARTHEST = 6.0
"""Summaries farther than so many standard deviations from their mean are held there: splines bend badly beyond."""


@short_repr
@dataclass(frozen=True)
class SampleInformation:
    """What data are worth, in the outcome's unit: a bracket (`low`, `high`), its standard errors and 95% interval.

    `low` is cross-fitted, and errs low; `high` is judged on the draws that made the rule, and errs high. `chosen`
    (draws,) is the policy that is best after each data set, as a column of the gains.
    """

    low: float
    high: float
    errors: tuple[float, float]
    interval: Range
    chosen: np.ndarray[tuple[int], np.dtype[np.int64]]


NOTHING = (0.0, 0.0)


def summarise_data_sets(
    gains: Floats, weigh: Callable[[int], Floats], progress: Progress | None = None, threads: int = 1
) -> Floats:
    """By how much every data set moves the mean of every policy: (draws, policies), as `gains` are.

    `weigh(j)` gives the log likelihood (draws,) of the data that draw j made. Draw j itself is left out, before the
    data and after them: a mean that lacks a draw would tell that draw's gain by what is missing. `progress` counts data
    sets, and may raise to stop. `threads` weigh at the same time, which changes nothing.
    """
    shifts = np.empty_like(gains)
    total, n = gains.sum(axis=0), len(gains)
    pool = ThreadPoolExecutor(threads)
    try:
        for j, likelihoods in enumerate(pool.map(weigh, range(n))):
            logs = np.array(likelihoods, np.float64)
            logs[j] = -np.inf
            if not np.isfinite(logs.max()):
                raise InputError("a data set has no likelihood under any draw")
            weights = np.exp(logs - logs.max())
            shifts[j] = weights @ gains / weights.sum() - (total - gains[j]) / (n - 1)
            if progress:
                progress(j + 1, n)
    finally:
        pool.shutdown(cancel_futures=True)
    return shifts


def estimate_sample_information(
    gains: Floats, summaries: Floats, *, times: int = 100, seed: int = 0
) -> SampleInformation:
    """What choosing by `summaries` (draws, columns) is worth, from `gains` (draws, policies) of any common origin.

    Summaries that are the same after every data set are worth nothing. Raises InputError for fewer than 120 draws.
    """
    if len(gains) < FEWEST:
        raise InputError(f"{len(gains)} draws are too few to learn from: give {FEWEST} or more")
    best = int(gains.mean(axis=0).argmax())
    relative = gains - gains[:, [best]]
    told = [_hold_back(column) for column in _select_columns(summaries - summaries[:, [best]])]
    if not told:
        return SampleInformation(*NOTHING, NOTHING, NOTHING, np.full(len(gains), best))
    order = np.argsort(draw_uniforms(len(gains), seed, "order of rows"), kind="stable")
    basis, relative = make_joint_basis(told)[order], relative[order]
    estimate = estimate_partial_information(relative, basis)
    counts = list(draw_resamples(len(gains), times, seed, np.arange(len(gains))))
    value = bracket_estimate(estimate, np.ones(len(gains)), counts)
    errors = ((value.low - value.interval[0]) / Z_95, (value.interval[1] - value.high) / Z_95)
    fitted = basis @ np.linalg.lstsq(basis, relative, rcond=None)[0]
    chosen = np.empty(len(gains), np.int64)
    chosen[order] = fitted.argmax(axis=1)
    return SampleInformation(value.low, value.high, errors, value.interval, chosen)


def _select_columns(summaries: Floats) -> Sequence[Floats]:
    """The columns that vary from data set to data set by more than rounding."""
    scale = max(float(np.abs(summaries).max()), 1e-300)
    return [column for column in summaries.T if np.ptp(column) > ROUNDING * scale]


def _hold_back(column: Floats) -> Floats:
    mean, sd = column.mean(), column.std()
    return np.clip(column, mean - FARTHEST * sd, mean + FARTHEST * sd)
