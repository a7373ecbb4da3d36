"""Lever sweep: an outcome at many values of a lever and under a reference that sets other levers, in shared futures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.common.formatting import format_number
from simulator.common.representation import short_repr
from simulator.experiments.core.model_protocol import ROUNDING, Factor, Labels, ModelProtocol, Progress
from simulator.experiments.core.replicate_average import average_over_replicates
from simulator.experiments.core.sampled_futures import Policies, SampledFutures, run_policies
from simulator.experiments.stats.grid_roots import compute_shortfall

STEPS = 25
WAIVED = (
    "Levers of a ring-fence, such as audit, do nothing while there is none or while it is waived: try them with "
    "ringfence held at 1 and waiver at 0"
)
"""What to try where a lever moves nothing."""

FEWEST_DRAWS = 10


@dataclass(frozen=True)
class LeverQuestion:
    """How much of `lever` does as much for `outcome` as `reference`, which sets other levers?

    Under the reference the lever keeps the model's own value, unless the reference sets it too. `settings` hold on both
    sides, `along_with` only where the lever is set. `better` is +1 where more of the outcome is better, -1 where less
    is, and 0 where neither is: the lever then has to move the outcome as far as the reference does. `amounts` are the
    values to try, in order from nothing to most, by default evenly from the lever's lower to its upper bound. `label`
    is what people call the reference, and `about` what they call the outcome.
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
        """What people call the lever and the reference."""
        plain = " and ".join(f"{name} at {format_number(value)}" for name, value in self.reference.items())
        return self.lever.name.replace("_", " "), self.label or plain.replace("_", " ")


@short_repr
@dataclass(frozen=True, eq=False)
class LeverSweep:
    """The outcome in every parameter draw: `reference` (draws,), and `swept` (draws, amounts) at each of the `amounts`.

    `replicates` is the smallest number that a draw was averaged over; `failed` futures were left out; `sets` (draws,)
    says which draws have the same parameters.
    """

    amounts: Floats
    reference: Floats
    swept: Floats
    replicates: int
    failed: int
    sets: Labels | None = None

    def missing(self, better: int, weights: Floats | None = None) -> Floats:
        """By how much the lever falls short of the reference: (draws, amounts).

        With `weights` (n, draws) it is that of n weighted averages over draws: (n, amounts).
        """
        gap = self.reference[:, None] - self.swept
        gap[abs(gap) <= ROUNDING * np.abs(self.swept).max()] = 0.0
        return compute_shortfall(gap if weights is None else weights @ gap / len(gap), better)


def sweep_lever(
    simulate: ModelProtocol, question: LeverQuestion, futures: SampledFutures, progress: Progress | None = None
) -> LeverSweep:
    """Run the reference and every amount of the lever in the same futures, and average over the replicates of a draw.

    Raises ValueError for fewer than ten draws, for levers that move nothing, and as `average_over_replicates`.
    """
    return sweep_lever_and_policies(simulate, question, futures, {}, progress)[0]


def sweep_lever_and_policies(
    simulate: ModelProtocol,
    question: LeverQuestion,
    futures: SampledFutures,
    others: Policies,
    progress: Progress | None = None,
) -> tuple[LeverSweep, dict[str, Floats]]:
    """The sweep, and the outcome in every draw under each of the `others`: (draws,). Raises as `sweep_lever` does."""
    name, amounts = question.lever.name, question.grid
    policies = {"the reference": question.reference}
    policies |= {f"{name} at {a:g}": {**question.along_with, name: float(a)} for a in amounts}
    held = {policy: {**question.settings, **settings} for policy, settings in {**policies, **others}.items()}
    averages = average_over_replicates(run_policies(simulate, futures, held, question.outcome, progress), futures.draws)
    reference, *columns = (averages.means[policy] for policy in policies)
    swept = np.column_stack(columns)
    if len(reference) < FEWEST_DRAWS:
        raise InputError(f"{len(reference)} parameter draws are too few for an interval: {FEWEST_DRAWS} are needed")
    if not (swept != reference[:, None]).any():
        raise InputError(
            f"neither {name} nor the reference moves {question.outcome} in any future: check names and years. {WAIVED}"
        )
    assert averages.first is not None
    lever_sweep = LeverSweep(
        amounts, reference, swept, averages.replicates, averages.failed, futures.sets[averages.first]
    )
    return lever_sweep, {policy: averages.means[policy] for policy in others}
