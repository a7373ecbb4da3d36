"""Prior sensitivity from draws that are there already: other priors and power-scaled ones, by importance weights.

Draws of a posterior are weighed by the ratio of another prior to the one that they were drawn with; or the prior, or
the likelihood, is raised to a power near one (Kallioinen, Paananen, Bürkner and Vehtari 2024, Statistics and Computing
34). No model is run again. The effective sample and Pareto k-hat say whether the weights can be trusted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, cast

import numpy as np
from scipy.special import ndtri

from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.common.representation import short_repr
from simulator.declarations.priors import Beta, HalfNormal, LogNormal, Normal, Prior, Triangular, Uniform
from simulator.experiments.core.model_protocol import Factor, Labels
from simulator.experiments.stats.importance_sampling import normalise_weights
from simulator.experiments.stats.pareto_smoothing import smooth_weights
from simulator.experiments.stats.weighted_draws import effective_size

LEAST_EFFECTIVE, LARGEST_K = 100, 0.7
ALPHA = 1.01
SENSITIVE = 0.05
"""A distance for each doubling of the power above which an answer counts as sensitive, as in priorsense."""
TINY = 1e-12
SURE = 1e-15


def log_density(prior: Prior, factor: Factor, values: Floats) -> Floats:
    """Log density of a prior that is clipped to the factor's bounds, at values (n,): at a bound the log of the
    probability beyond it. -inf where it holds nothing.
    """
    frozen = _freeze(prior)
    with np.errstate(divide="ignore"):
        logs = np.asarray(frozen.logpdf(values), np.float64)
        for bound, beyond in ((factor.low, frozen.cdf(factor.low)), (factor.high, frozen.sf(factor.high))):
            if beyond > TINY:
                logs = np.where(values == bound, np.log(beyond), logs)
    return logs


def standardise(factor: Factor, values: Floats) -> Floats:
    """Values (n,) of a factor in the space where its prior is standard normal: (n,). Raises InputError as
    `log_density`.
    """
    if factor.prior is None:
        raise InputError(f"{factor.name} has no prior")
    levels = np.asarray(_freeze(factor.prior).cdf(values), np.float64)
    return np.asarray(ndtri(np.clip(levels, SURE, 1 - SURE)))


class Distribution(Protocol):
    """What is needed of a distribution of SciPy."""

    def logpdf(self, x: Floats) -> Floats:
        """Log density."""
        ...

    def cdf(self, x: Floats | float) -> Floats | float:
        """Probability at or below values."""
        ...

    def sf(self, x: float) -> float:
        """Probability above a value."""
        ...


def _freeze(prior: Prior) -> Distribution:
    """The same distribution in SciPy."""
    from scipy import stats  # over a second to load, so only when asked for

    match prior:
        case Normal(mean, sd):
            return cast(Distribution, stats.norm(mean, sd))
        case HalfNormal(scale):
            return cast(Distribution, stats.halfnorm(0, scale))
        case LogNormal(log_mean, log_sd):
            return cast(Distribution, stats.lognorm(log_sd, scale=np.exp(log_mean)))
        case Beta(a, b):
            return cast(Distribution, stats.beta(a, b))
        case Uniform(low, high):
            return cast(Distribution, stats.uniform(low, high - low))
        case Triangular(low, mode, high):
            return cast(Distribution, stats.triang((mode - low) / (high - low), low, high - low))
    raise InputError(f"the density of {prior!r} is not known")


@short_repr
@dataclass(frozen=True, eq=False)
class Reweighted:
    """Draws under other weights (n,), which sum to one; `sets` (n,) tells parameter sets apart, which count once."""

    weights: Floats
    pareto_k: float
    sets: Labels

    @property
    def effective(self) -> float:
        """Kish's sample size over different parameter sets."""
        _, at = np.unique(self.sets, return_inverse=True)
        shares = np.bincount(at, self.weights).astype(np.float64)
        return effective_size(shares)

    @property
    def trusted(self) -> bool:
        """Whether averages under these weights mean anything."""
        return self.effective >= LEAST_EFFECTIVE and not self.pareto_k > LARGEST_K

    def mean(self, values: Floats) -> float:
        """Mean of values (n,)."""
        return float(self.weights @ values)

    def error(self, values: Floats) -> float:
        """Monte Carlo standard error of that mean; draws of one parameter set count together."""
        _, at = np.unique(self.sets, return_inverse=True)
        parts = np.bincount(at, self.weights * (values - self.mean(values)))
        return float(np.sqrt((parts**2).sum()))


def reweigh(log_ratio: Floats, sets: Labels) -> Reweighted:
    """Draws weighed by a log ratio (n,), Pareto-smoothed. Raises InputError where no draw is left."""
    if not np.isfinite(log_ratio).any():
        raise InputError("no draw is possible under this prior; it excludes all that the fit found")
    if np.ptp(log_ratio) == 0:
        return Reweighted(np.full(len(sets), 1 / len(sets)), -np.inf, sets)
    smoothed, k = smooth_weights(np.asarray(log_ratio, np.float64))
    smoothed = np.where(np.isfinite(log_ratio), smoothed, -np.inf)
    return Reweighted(normalise_weights(smoothed), k, sets)


def measure_power_sensitivity(values: Floats, log_component: Floats) -> float:
    """How far the distribution of an answer (n,) moves for each doubling of the power of a component of the posterior,
    given its log density (n,) at each draw: the cumulative Jensen-Shannon distance, 0 where nothing moves.

    As priorsense; above 0.05 the answer counts as sensitive. Draws where the component holds nothing count as they are.
    """
    from arviz_stats.base.array import array_stats  # a second to load, so only when asked for

    finite = np.where(np.isfinite(log_component), log_component, 0.0)
    if np.ptp(finite) == 0 or np.ptp(values) == 0:
        return 0.0
    low, high = (normalise_weights((alpha - 1) * finite) for alpha in (1 / ALPHA, ALPHA))
    measure: Callable[..., Floats] = array_stats.power_scale_sense
    rows = [np.asarray(column)[None, :] for column in (values, low, high)]
    return float(measure(*rows, lower_alpha=1 / ALPHA, upper_alpha=ALPHA, chain_axis=0, draw_axis=1))


def diagnose(prior: float, likelihood: float) -> str:
    """What two power-scaling sensitivities say together, in priorsense's terms."""
    if prior < SENSITIVE:
        return "rests on the findings" if likelihood >= SENSITIVE else "sensitive to neither"
    return "prior and findings pull apart" if likelihood >= SENSITIVE else "rests on the prior; the findings say little"


def scale_prior(prior: Prior, by: float) -> Prior:
    """The same prior with its spread multiplied; a beta keeps its mean. Raises InputError for another kind."""
    match prior:
        case Normal(mean, sd):
            return Normal(mean, sd * by)
        case HalfNormal(scale):
            return HalfNormal(scale * by)
        case LogNormal(log_mean, log_sd):
            return LogNormal(log_mean, log_sd * by)
        case Beta(a, b):
            return Beta(a / by**2, b / by**2)
        case Uniform(low, high):
            middle, half = (low + high) / 2, by * (high - low) / 2
            return Uniform(middle - half, middle + half)
        case Triangular(low, mode, high):
            return Triangular(mode - by * (mode - low), mode, mode + by * (high - mode))
    raise InputError(f"{prior!r} cannot be scaled")


def log_densities(priors: Mapping[str, Prior], factors: Mapping[str, Factor], points: Mapping[str, Floats]) -> Floats:
    """Log density of independent priors together, at points of one column (n,) a name: (n,)."""
    return np.asarray(sum(log_density(prior, factors[name], points[name]) for name, prior in priors.items()))
