"""Prior sensitivity of the headline: what each policy would add under other priors of the numbers that carry it.

The futures that every scenario runs through are weighed anew, so that one run of each scenario answers for every prior.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simulator.calibration.fit_folder import read_priors_of
from simulator.calibration.likelihood import LOG_LIKELIHOOD, Likelihood, list_factors
from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.common.representation import short_repr
from simulator.declarations.outcomes import Outcome
from simulator.declarations.priors import Prior
from simulator.experiments.core.model_protocol import Factor
from simulator.experiments.sensitivity.power_scaling import (
    Reweighted,
    diagnose,
    log_density,
    measure_power_sensitivity,
    reweigh,
    scale_prior,
)
from simulator.runs.futures import Futures
from simulator.runs.parameter_sets import UNCERTAIN, posterior_columns, posterior_rows
from simulator.runs.posterior import BIAS, ROW, current_posterior, shipped_posterior

SCALES = (0.25, 0.5, 0.75, 1.25)
NUMBERS = 3
WORTH_SAYING = 0.01


@dataclass(frozen=True, eq=False)
class PowerSensitivity:
    """How far one policy's gain moves with the power of all priors, of the likelihood (nan if unknown), and of the
    prior of each number, the most sensitive first.
    """

    policy: str
    prior: float
    likelihood: float
    numbers: tuple[tuple[str, float], ...]

    @property
    def diagnosis(self) -> str:
        """What the two say together; empty where the likelihood is not known."""
        return "" if np.isnan(self.likelihood) else diagnose(self.prior, self.likelihood)


@short_repr
@dataclass(frozen=True, eq=False)
class PriorSensitivity:
    """What policies add in each future, with what is needed to weigh the futures anew.

    `gains` holds one column (n,) a policy; `points` one (n,) a number; `priors` those that the draws were fitted with;
    `log_likelihood` (n,) that of the findings, or None where it is not known.
    """

    outcome: Outcome
    gains: Mapping[str, Floats]
    points: Mapping[str, Floats]
    priors: Mapping[str, Prior]
    sets: np.ndarray[tuple[int], np.dtype[np.int64]]
    log_likelihood: Floats | None = None

    @cached_property
    def factors(self) -> Mapping[str, Factor]:
        """The uncertain numbers by name."""
        return {factor.name: factor for factor in list_factors()}

    @cached_property
    def plain(self) -> Reweighted:
        """The futures as they are drawn."""
        return reweigh(np.zeros(len(self.sets)), self.sets)

    def under(self, priors: Mapping[str, Prior]) -> Reweighted:
        """The futures under other priors of some numbers. Raises InputError for a number without a prior."""
        if wrong := [name for name in priors if name not in self.priors or name not in self.points]:
            raise InputError(f"not an uncertain number with a prior: {', '.join(wrong)}")
        ratio = np.zeros(len(self.sets))
        for name, prior in priors.items():
            old, new = (log_density(p, self.factors[name], self.points[name]) for p in (self.priors[name], prior))
            ratio += np.where(np.isfinite(old), new - old, 0.0)
        return reweigh(ratio, self.sets)

    def powers(self) -> tuple[PowerSensitivity, ...]:
        """The power-scaling sensitivity of every policy's gain."""
        logs = {
            name: log_density(prior, self.factors[name], self.points[name])
            for name, prior in self.priors.items()
            if name in self.points
        }
        whole = np.asarray(sum(np.where(np.isfinite(log), log, 0.0) for log in logs.values()))
        results = []
        for policy, gain in self.gains.items():
            each = {name: measure_power_sensitivity(gain, log) for name, log in logs.items()}
            likelihood = np.nan if self.log_likelihood is None else measure_power_sensitivity(gain, self.log_likelihood)
            numbers = tuple(sorted(each.items(), key=lambda item: -item[1]))
            results.append(PowerSensitivity(policy, measure_power_sensitivity(gain, whole), likelihood, numbers))
        return tuple(results)

    def try_scales(self, name: str) -> list[tuple[Prior, Reweighted]]:
        """The priors of a number that `SCALES` gives, with weights that can be trusted; worked out once."""
        if name not in self._scaled:
            priors = [scale_prior(self.priors[name], scale) for scale in SCALES]
            tried = [(prior, self.under({name: prior})) for prior in priors]
            self._scaled[name] = [(prior, weighed) for prior, weighed in tried if weighed.trusted]
        return self._scaled[name]

    @cached_property
    def _scaled(self) -> dict[str, list[tuple[Prior, Reweighted]]]:
        return {}

    def shifts(self, name: str) -> dict[str, float]:
        """By how much each policy's mean gain differs between the widest and the narrowest prior of a number that
        `SCALES` gives, among those whose weights can be trusted.
        """
        means: dict[str, list[float]] = {policy: [self.plain.mean(g)] for policy, g in self.gains.items()}
        for _, weighed in self.try_scales(name):
            for policy, gain in self.gains.items():
                means[policy].append(weighed.mean(gain))
        return {policy: max(values) - min(values) for policy, values in means.items()}

    def list_carriers(self, most: int = NUMBERS) -> tuple[str, ...]:
        """The numbers whose priors move some policy's mean gain most, the first first."""
        moved = {name: max(self.shifts(name).values()) for name in self.priors if name in self.points}
        return tuple(sorted(moved, key=lambda name: -moved[name])[:most])


def prepare_prior_sensitivity(
    gains: Mapping[str, Floats], futures: Futures, outcome: Outcome, *, likelihood: bool = True
) -> PriorSensitivity:
    """Prior sensitivity of what policies add (futures,) in futures that were drawn from the present posterior.

    With `likelihood` that of each draw is worked out again, by one run of each. Raises InputError for other futures.
    """
    if futures.source != "posterior":
        raise InputError("prior sensitivity weighs draws of the posterior; draw the futures from it")
    posterior, n = current_posterior(), len(futures)
    first = int(futures.runs[0])
    columns = posterior_columns(n, futures.seed, first)
    held = {name for name, _ in futures.settings}
    points = {name: columns[name] for name in UNCERTAIN if name not in held}
    priors = read_priors_of(posterior)
    logs = None
    if likelihood and posterior is shipped_posterior() and not held:
        rows = posterior.draws[ROW][posterior_rows(n, futures.seed, first)].astype(np.int64)
        made = Likelihood(posterior.document["seed"])({**points, BIAS: columns[BIAS]}, rows)  # the chance of the fit
        logs = np.asarray(made[LOG_LIKELIHOOD])
    return PriorSensitivity(outcome, gains, points, priors, futures.sets, logs)


def describe_carrier(study: PriorSensitivity, policy: str) -> str:
    """One sentence beside a headline: the number whose prior carries it, and what other priors of it would give.

    Empty where no other prior moves it by a point. For a report or `compare`.
    """
    from simulator.calibration.prior_file import describe_prior
    from simulator.common.formatting import format_difference, name_base

    name = max((n for n in study.priors if n in study.points), key=lambda n: study.shifts(n)[policy])
    if study.shifts(name)[policy] < WORTH_SAYING:
        return ""
    gain, unit = study.gains[policy], study.outcome.change_unit
    parts = [
        f"{format_difference(weighed.mean(gain), unit)}{name_base(unit)} under {describe_prior(prior)}"
        for prior, weighed in study.try_scales(name)
    ]
    return f"Its size rests on the prior of {name}: {'; '.join(parts)}."
