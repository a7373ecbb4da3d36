"""Checks of the fit: is it calibrated, would its draws give the findings again, and do other seeds agree?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from simulator.calibration.likelihood import COUNTS, Likelihood, list_factors, log_likelihood
from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.experiments.core.model_protocol import Outcomes, Progress, draw_uniforms
from simulator.experiments.stats.importance_sampling import WeightedSample, sample_by_importance
from simulator.experiments.stats.simulation_based_calibration import (
    LEAST_EFFECTIVE,
    Data,
    ObservationModel,
    SimulationBank,
    TruthRanks,
    rank_truths,
)
from simulator.replays.survey_emulator import CATEGORIES, sample_counts
from simulator.replays.targets import Target, list_fitted

BANK = 60_000
INFORMED = (
    "plan_base",
    "split_width",
    "pull_ringfence",
    "gap_spread",
    "gap_level",
    "chief_exit",
    "pull_pressure",
)
TOO_SURE, IGNORING = 2.1, 0.0


@dataclass(frozen=True)
class Predicted:
    """One finding, and what the draws would show in its place, errors of observation included: mean, 5% and 95%.

    `p` is the chance that the draws show more than was observed, ties counted half: near 0 or 1 they miss it.
    """

    target: str
    title: str
    observed: float
    mean: float
    low: float
    high: float
    p: float


@dataclass(frozen=True)
class Repeated:
    """One parameter over fits with different seeds, in posterior standard deviations: `spread` is the standard
    deviation of its posterior means, `widest` the distance between the two that lie farthest apart; `sd_ratio` is the
    largest over the smallest posterior standard deviation.
    """

    name: str
    spread: float
    widest: float
    sd_ratio: float


def run_prior_bank(n: int = BANK, *, seed: int, progress: Progress | None = None) -> SimulationBank:
    """A bank of points from the priors, one run each. About half a minute for 60,000."""
    sample = sample_by_importance(Likelihood(seed), list_factors(), (n,), seed=seed, progress=progress)
    return SimulationBank(sample.points, sample.outcomes)


def run_simulation_based_calibration(
    bank: SimulationBank,
    sets: int,
    seed: int,
    power: float = 1.0,
    progress: Progress | None = None,
    least: float = LEAST_EFFECTIVE,
) -> TruthRanks:
    """Simulation-based calibration of the informed parameters and of what looks at the data: see `rank_truths`.

    The controls are `power` TOO_SURE and IGNORING.
    """
    return rank_truths(bank, make_observation_model(), sets, seed=seed, power=power, least=least, progress=progress)


def make_observation_model() -> ObservationModel:
    """How the findings come about from a run, and how they are weighed."""
    apart = {
        "share that kept all": _share_full,
        "distance to the interviews": lambda made, data: abs(_share_full(made, data) - _full(data)),
        "distance to the deficit of 2023": lambda made, data: abs(made["deficit_2023"] - data["deficit_2023"][0]),
    }
    return ObservationModel(observe, _fit, len(list_fitted()), INFORMED, apart)


def observe(outcomes: Outcomes, u: Floats) -> Data:
    """Data of every target as one run would give them: `made` has columns (1,), `u` (targets,) is the noise."""
    return {t.id: _simulate_observed(t, outcomes, u[[k]])[0] for k, t in enumerate(list_fitted())}


def check_predictions(predictions: Outcomes, *, seed: int, weights: Floats | None = None) -> tuple[Predicted, ...]:
    """Posterior predictive checks, one for each target and three for the interviews.

    `made` holds predictions of draws, (n,) each; `weights` (n,) sum to one, and are equal if left out. `seed` decides
    the errors of observation.
    """
    n = len(predictions[COUNTS[0]])
    shares = np.full(n, 1 / n) if weights is None else weights
    checks = []
    for target in list_fitted():
        shown = _simulate_observed(target, predictions, draw_uniforms(n, seed, f"observation of {target.id}"))
        for k, observed in enumerate(target.observed):
            several = len(target.observed) > 1
            title = f"{target.title}: {CATEGORIES[k]}" if several else target.title
            name = COUNTS[k] if several else target.id
            checks.append(_check_prediction(name, title, observed, shown[:, k], shares))
    return tuple(checks)


def check_repeatability(fits: Sequence[WeightedSample]) -> tuple[Repeated, ...]:
    """How far fits with different seeds agree on every factor. Raises ValueError for fewer than two."""
    if len(fits) < 2:
        raise InputError("repeatability needs two fits or more, each with a seed of its own")
    return tuple(_check_repeated(f.name, fits) for f in fits[0].factors)


def _simulate_observed(target: Target, predictions: Outcomes, u: Floats) -> Floats:
    """What would be observed of a target in each run: shape (n, numbers of the target)."""
    if target.likelihood == "survey":
        counts = np.stack([predictions[name] for name in COUNTS], axis=1)
        return sample_counts(counts, u, int(sum(target.observed))).astype(np.float64)
    assert target.error is not None
    noise = target.error * ndtri(np.clip(u, 1e-15, 1 - 1e-15))
    return np.asarray((predictions[target.id] + noise)[:, None])


def _fit(outcomes: Outcomes, data: Data) -> Floats:
    return np.asarray(np.sum([log_likelihood(t, outcomes, data[t.id].tolist()) for t in list_fitted()], axis=0))


def _share_full(outcomes: Outcomes, data: Data) -> Floats:
    counts = [outcomes[name] for name in COUNTS]
    return np.asarray(counts[0] / np.sum(counts, axis=0))


def _full(data: Data) -> float:
    return float(data["interviews"][0] / data["interviews"].sum())


def _check_prediction(name: str, title: str, observed: float, shown: Floats, weights: Floats) -> Predicted:
    order = np.argsort(shown, kind="stable")
    reached = np.cumsum(weights[order])
    low, high = (float(shown[order][np.searchsorted(reached, q * reached[-1])]) for q in (0.05, 0.95))
    p = float(weights[shown > observed].sum() + 0.5 * weights[shown == observed].sum())
    return Predicted(name, title, observed, float(weights @ shown), low, high, min(p, 1.0))


def _check_repeated(name: str, fits: Sequence[WeightedSample]) -> Repeated:
    means, sds = (np.array([getattr(fit, statistic)(name) for fit in fits]) for statistic in ("mean", "sd"))
    unit = float(np.sqrt((sds**2).mean()))
    return Repeated(name, float(means.std(ddof=1) / unit), float(np.ptp(means) / unit), float(sds.max() / sds.min()))
