"""Lever sweep: a lever at many values, and a reference with other levers set, in the same worlds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from simulator.common.errors import InputError
from simulator.common.formatting import significant
from simulator.experiments.core.model_protocol import Factor, Floats, ModelProtocol, Points, Progress
from simulator.experiments.core.sampled_futures import (
    Labels,
    Policies,
    SampledFutures,
    average_over_replicates,
    run_policies,
)
from simulator.experiments.core.sweep import make_fresh_seeds
from simulator.experiments.stats.grid_roots import compute_shortfall

STEPS = 25
FEWEST_DRAWS = 10
ROUNDING = 1e-12


@dataclass(frozen=True)
class LeverQuestion:
    """How much of `lever` does as much for `outcome` as `reference`, which sets other levers, does?

    Under the reference the lever keeps the model's own value, unless the reference sets it too. `settings` hold on both
    sides, `along_with` only beside the lever. `better` is +1 where more of the outcome is better, -1 where less is, and
    0 where neither is and the lever has to move the outcome as far as the reference does. `amounts` are
    the values tried, in order from nothing to most: evenly from the lever's lower to its upper bound unless given.
    `label` is what people call the reference, and `about` what they call the outcome.
    """

    lever: Factor
    reference: Mapping[str, float]
    outcome: str
    better: int = 1
    settings: Mapping[str, float] = field(default_factory=dict)
    along_with: Mapping[str, float] = field(default_factory=dict)
    amounts: tuple[float, ...] = ()
    label: str = ""
    about: str = ""

    @property
    def grid(self) -> Floats:
        """The amounts to try: (amounts,). Raises ValueError if they do not strictly rise or strictly fall."""
        if not self.amounts:
            return np.linspace(self.lever.low, self.lever.high, STEPS)
        steps = np.diff(self.amounts)
        if not (len(steps) and ((steps > 0).all() or (steps < 0).all())):
            raise InputError(f"the amounts of {self.lever.name} to try must be two or more, all rising or all falling")
        return np.asarray(self.amounts, np.float64)

    @property
    def words(self) -> tuple[str, str]:
        """The lever and the reference as people say them."""
        plain = " and ".join(f"{name} at {significant(value)}" for name, value in self.reference.items())
        return self.lever.name.replace("_", " "), self.label or plain.replace("_", " ")


@dataclass(frozen=True, eq=False)
class LeverSweep:
    """What every parameter draw got of the outcome: `reference` (draws,) and by amount `swept` (draws, amounts).

    `runs` is the smallest number of lucks that a draw was averaged over; `failed` worlds are left out; `sets` (draws,)
    says which draws have the same parameters.
    """

    amounts: Floats
    reference: Floats
    swept: Floats
    runs: int
    failed: int
    sets: Labels | None = None

    def missing(self, better: int, weights: Floats | None = None) -> Floats:
        """What is missing to the reference: (draws, amounts), or for weighted averages over draws (n, amounts)."""
        gap = self.reference[:, None] - self.swept
        gap[abs(gap) <= ROUNDING * np.abs(self.swept).max()] = 0.0
        return compute_shortfall(gap if weights is None else weights @ gap / len(gap), better)


def repeat_draws(points: Points, seed: int, lucks: int = 1) -> SampledFutures:
    """Given parameter draws, one column (draws,) each, met by `lucks` lucks each that no other draw meets."""
    draws = len(next(iter(points.values()), ()))
    if not draws or any(np.shape(column) != (draws,) for column in points.values()) or lucks < 1:
        raise InputError("parameter draws are columns of one length with one row or more, met by one luck or more")
    columns = {name: np.repeat(np.asarray(column, np.float64), lucks) for name, column in points.items()}
    return SampledFutures(columns, make_fresh_seeds(draws * lucks, seed), np.repeat(np.arange(draws), lucks))


def sweep_lever(
    simulate: ModelProtocol, question: LeverQuestion, worlds: SampledFutures, progress: Progress | None = None
) -> LeverSweep:
    """Run the reference and every amount of the lever in the same worlds, averaged over the lucks of each draw.

    Raises ValueError for fewer than ten draws, for levers that move nothing, and as `average_over_replicates`.
    """
    return sweep_lever_and_policies(simulate, question, worlds, {}, progress)[0]


def sweep_lever_and_policies(
    simulate: ModelProtocol,
    question: LeverQuestion,
    worlds: SampledFutures,
    others: Policies,
    progress: Progress | None = None,
) -> tuple[LeverSweep, dict[str, Floats]]:
    """The sweep, and what every draw got under each of `others`: (draws,). Raises as `sweep_lever`."""
    name, amounts = question.lever.name, question.grid
    policies = {"the reference": question.reference}
    policies |= {f"{name} at {a:g}": {**question.along_with, name: float(a)} for a in amounts}
    held = {policy: {**question.settings, **settings} for policy, settings in {**policies, **others}.items()}
    averages = average_over_replicates(run_policies(simulate, worlds, held, question.outcome, progress), worlds.draws)
    reference, *columns = (averages.means[policy] for policy in policies)
    swept = np.column_stack(columns)
    if len(reference) < FEWEST_DRAWS:
        raise InputError(f"{len(reference)} parameter draws are too few for an interval: {FEWEST_DRAWS} are needed")
    if not (swept != reference[:, None]).any():
        raise InputError(f"neither {name} nor the reference moves {question.outcome} in any world: check their names")
    assert averages.first is not None
    found = LeverSweep(amounts, reference, swept, averages.runs, averages.failed, worlds.sets[averages.first])
    return found, {policy: averages.means[policy] for policy in others}
