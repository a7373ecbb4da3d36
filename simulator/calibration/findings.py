"""Which findings moved anything: the fit with each finding alone, and with all but it, from the points of one fit.

The points of a fit were drawn from mixtures that hold the priors, so that weights for any choice of findings follow
from the same runs. A finding *moved the answer* if, added alone to the priors or taken away from all the others, it
moves the average difference that some headline policy makes by a point or more, and by more than sampling explains.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from simulator.calibration.fit import Fit
from simulator.calibration.likelihood import as_records, log_likelihood
from simulator.common.arrays import Floats
from simulator.common.units import Unit
from simulator.experiments.core.clustered_errors import Z_95
from simulator.experiments.core.verdicts import SLIGHT
from simulator.runs.futures import SEED, Futures
from simulator.runs.posterior import BIAS
from simulator.runs.run import run_many
from simulator.scenarios.headline import HEADLINE

OUTCOMES = ("retained", "additional")
MOST_ROWS = 40_000
PART = 1_024
"""Futures whose results, under all headline policies, are held at once."""
ENOUGH = SLIGHT[Unit.SHARE]


@dataclass(frozen=True)
class Moved:
    """How far a finding moves the headline difference that it moves most: the shift of its mean and its error."""

    policy: str
    outcome: str
    shift: float
    error: float

    @property
    def counts(self) -> bool:
        """Whether it is a point or more, and not sampling noise."""
        return abs(self.shift) >= ENOUGH and abs(self.shift) > Z_95 * self.error


@dataclass(frozen=True)
class Finding:
    """What one finding does. `bits` is the information it brings by itself, on parameters and chance together;
    `narrows` the number that it narrows most by itself, to `ratio` of its prior spread. `alone` is what it does to the
    answer when it is added to the priors, `without` what it does when it is added last, to all the others.
    """

    id: str
    bits: float
    narrows: str
    ratio: float
    alone: Moved
    without: Moved

    @property
    def moved(self) -> bool:
        """Whether it moved the answer."""
        return self.alone.counts or self.without.counts


def weigh_findings(fit: Fit, most: int = MOST_ROWS) -> tuple[Finding, ...]:
    """What each finding of a fit did, in order. Runs the headline policies for at most `most` of its points."""
    weighted = fit.weighted
    mixture = weighted.log_likelihood - weighted.log_weights
    logs = {t.id: log_likelihood(t, weighted.outcomes) for t in fit.targets if t.id in fit.used}
    answers = Answers(fit, most)
    prior, whole = _compute_weights(-mixture), weighted.weights
    results = []
    for name, log in logs.items():
        alone, without = _compute_weights(log - mixture), _compute_weights(weighted.log_weights - log)
        narrows, ratio = _find_narrowed(fit, prior, alone)
        results.append(
            Finding(
                name,
                _measure_information(alone, prior),
                narrows,
                ratio,
                answers.moved(prior, alone),
                answers.moved(without, whole),
            )
        )
    return tuple(results)


class Answers:
    """What the headline policies add, at some of the points of a fit: (policies x outcomes, rows)."""

    def __init__(self, fit: Fit, most: int = MOST_ROWS) -> None:
        weighted = fit.weighted
        self.rows = np.arange(0, len(weighted), max(1, -(-len(weighted) // most)))
        parts = [_run_part(fit, self.rows[at : at + PART]) for at in range(0, len(self.rows), PART)]
        self.effects = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}

    def moved(self, before: Floats, after: Floats) -> Moved:
        """The effect whose weighted mean differs most between two sets of weights, (points,) each, by its error."""
        a, b = (_normalise(weights[self.rows]) for weights in (before, after))
        moves = []
        for (policy, outcome), values in self.effects.items():
            old, new = a @ values, b @ values
            error = np.sqrt(np.sum((b * (values - new) - a * (values - old)) ** 2))
            moves.append(Moved(policy, outcome, float(new - old), float(error)))
        return max(moves, key=lambda m: abs(m.shift))


def compute_headline_effects(drawn: Futures) -> dict[tuple[str, str], Floats]:
    """What every headline policy adds to every outcome in these futures: (policy, outcome) -> (futures,)."""
    base, *results = run_many(("baseline", *HEADLINE), futures=drawn)
    span = results[0].span()
    return {
        (name, outcome): result.outcome(outcome, span) - base.outcome(outcome, span)
        for name, result in zip(HEADLINE, results, strict=True)
        for outcome in OUTCOMES
    }


def _run_part(fit: Fit, rows: NDArray[np.int64]) -> dict[tuple[str, str], Floats]:
    points = {name: column[rows] for name, column in fit.weighted.points.items() if name != BIAS}
    records = as_records({**points, **_list_held(fit, len(rows))})
    return compute_headline_effects(Futures(records, rows, SEED, "given"))


def _list_held(fit: Fit, n: int) -> Mapping[str, Floats]:
    return {name: np.full(n, value) for name, value in fit.held.items() if name != BIAS}


def _compute_weights(logs: Floats) -> Floats:
    return np.asarray(
        np.exp(logs - logsumexp(logs[np.isfinite(logs)]), where=np.isfinite(logs), out=np.zeros(len(logs)))
    )


def _normalise(weights: Floats) -> Floats:
    return np.asarray(weights / weights.sum())


def _measure_information(after: Floats, before: Floats) -> float:
    """Kullback and Leibler's information of one weighted sample relative to another on the same points."""
    positive = after > 0
    return float(after[positive] @ np.log2(after[positive] / before[positive]))


def _find_narrowed(fit: Fit, before: Floats, after: Floats) -> tuple[str, float]:
    """The factor that the second weights narrow most, and to how much of its spread under the first."""
    ratios = {}
    for f in fit.weighted.factors:
        if f.name not in fit.held:
            values = fit.weighted.points[f.name]
            spreads = [np.sqrt(w @ (values - w @ values) ** 2) for w in (before, after)]
            ratios[f.name] = float(spreads[1] / spreads[0])
    name = min(ratios, key=lambda factor: ratios[factor])
    return name, ratios[name]
