"""The model as a class of the EMA Workbench, which is optional: only `tool_adapters` imports this module."""

from __future__ import annotations

import operator
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import numpy as np
from ema_workbench import IntegerParameter, RealParameter, ScalarOutcome, Scenario
from ema_workbench.em_framework.model import SingleReplication
from ema_workbench.em_framework.samplers import AbstractSampler, DefaultDesigns
from scipy.stats import rv_continuous

from simulator.common.errors import InputError
from simulator.common.near_names import suggest
from simulator.declarations.outcomes import OUTCOMES
from simulator.experiments.core.model_protocol import MOST_SEEDS, Factor, Points
from simulator.studies.model_function import ModelFunction

LUCK = "luck"
OUTCOME_KINDS = {1: ScalarOutcome.MAXIMIZE, -1: ScalarOutcome.MINIMIZE, 0: ScalarOutcome.INFO}


class PriorDistribution(rv_continuous):
    """A factor's prior as a distribution of SciPy, with the same quantiles as the model's own draws."""

    def __init__(
        self,
        factor: Factor,
        momtype: Literal[0, 1] = 1,
        a: float | None = None,
        b: float | None = None,
        xtol: float = 1e-14,
        badvalue: float | None = None,
        name: str | None = None,
        longname: str | None = None,
        shapes: str | None = None,
        seed: Any = None,
    ) -> None:
        self.factor = factor
        super().__init__(momtype, factor.low, factor.high, xtol, badvalue, factor.name, longname, shapes, seed)

    def _ppf(self, q: Any, *args: Any) -> Any:
        return self.factor.quantile(np.asarray(q, np.float64))

    def _updated_ctor_param(self) -> dict[str, Any]:
        return {**super()._updated_ctor_param(), "factor": self.factor}  # type: ignore[misc]


class PriorParameter(RealParameter):  # type: ignore[misc]
    """A parameter with a prior, which warns when a sampler uses its bounds only."""

    @property
    def lower_bound(self) -> float:
        """The factor's lower bound."""
        if sys._getframe(1).f_code.co_name == "get_SALib_problem":
            warnings.warn(
                "the workbench's SOBOL, MORRIS and FAST samplers draw evenly between bounds and ignore priors; "
                "use make_prior_sampler('sobol') of simulator.studies.tool_adapters instead",
                UserWarning,
                stacklevel=2,
            )
        return float(self.dist.dist.factor.low)

    @property
    def upper_bound(self) -> float:
        """The factor's upper bound."""
        return float(self.dist.dist.factor.high)


class PriorSampler(AbstractSampler):  # type: ignore[misc]
    """A sampler of the unit cube, such as SALib's, whose numbers become quantiles of each prior."""

    def __init__(self, sampler: Any) -> None:
        super().__init__()
        self.sampler = sampler

    def generate_samples(self, parameters: Sequence[Any], size: int) -> dict[str, Any]:
        """One column for each parameter: its quantiles at the sampler's numbers."""
        ordered = sorted(parameters, key=operator.attrgetter("name"))
        uniform = self.sampler.generate_samples([RealParameter(p.name, 0.0, 1.0) for p in ordered], size)
        return {p.name: p.dist.ppf(np.clip(uniform[p.name], 0.0, 1.0)) for p in ordered}

    def generate_designs(self, parameters: Sequence[Any], nr_samples: int) -> Any:
        """The designs, as many as the sampler makes of `nr_samples`."""
        ordered = sorted(parameters, key=operator.attrgetter("name"))
        columns = self.generate_samples(ordered, nr_samples)
        rows = list(zip(*(columns[p.name] for p in ordered), strict=True))
        return DefaultDesigns(rows, ordered, len(rows))


def make_prior_sampler(name: str) -> PriorSampler:
    """SALib's sampler of this name, drawing from the priors. Raises ValueError for a name that is not known."""
    from ema_workbench.em_framework import salib_samplers

    known = {
        "sobol": salib_samplers.SobolSampler,
        "morris": salib_samplers.MorrisSampler,
        "fast": salib_samplers.FASTSampler,
    }
    if name not in known:
        raise InputError(f"'{name}' is not a sampler{suggest(name, known)}; there are {', '.join(known)}")
    return PriorSampler(known[name]())


class RingfenceModel(SingleReplication):  # type: ignore[misc]
    """A model function whose experiments are means over `replicates`, or single runs with the seed `luck` if None."""

    def __init__(self, function: ModelFunction, replicates: int | None) -> None:
        super().__init__("Ringfence")
        self.function, self.replicates = function, replicates

    def run_experiment(self, experiment: Mapping[str, Any]) -> dict[str, float]:
        """Outcomes of one experiment, by name. Raises ValueError for a name that is no parameter or lever."""
        values = dict(experiment)
        seeds = np.array([values.pop(LUCK)], np.int64) if self.replicates is None else np.arange(self.replicates)
        points = {name: np.full(len(seeds), float(value)) for name, value in values.items()}
        return {name: float(column.mean()) for name, column in self.function(points, seeds).items()}


def make_workbench_model(
    function: ModelFunction, uncertainties: Sequence[Factor], levers: Sequence[Factor], replicates: int | None
) -> RingfenceModel:
    """The model with its inputs and outcomes declared to the workbench. Raises ValueError for no replicates."""
    if replicates is not None and replicates < 1:
        raise InputError(
            f"a mean over {replicates} replicates: one or more are needed, or None to make the seed uncertain"
        )
    model = RingfenceModel(function, replicates)
    seed = [IntegerParameter(LUCK, 0, MOST_SEEDS - 1)] if replicates is None else []
    model.uncertainties = [*(_make_parameter(factor) for factor in uncertainties), *seed]
    model.levers = [_make_parameter(factor) for factor in levers]
    model.outcomes = [ScalarOutcome(name, kind=OUTCOME_KINDS[OUTCOMES[name].better]) for name in function.outcomes]
    return model


def _make_parameter(factor: Factor) -> Any:
    if factor.prior is None:
        return RealParameter(factor.name, factor.low, factor.high, default=factor.default)
    return PriorParameter.from_dist(factor.name, PriorDistribution(factor)(), default=factor.default)


def make_workbench_scenarios(points: Points) -> Iterator[Any]:
    """One scenario a row of columns (n,), numbered from 0."""
    for number, values in enumerate(zip(*points.values(), strict=True)):
        yield Scenario(str(number), **dict(zip(points, map(float, values), strict=True)))
