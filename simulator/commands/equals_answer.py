"""What every kind of ‘ringfence equals’ is asked of, and how its amounts are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isinf
from typing import TYPE_CHECKING, Any

from simulator.commands.shared import options
from simulator.commands.shared.rendering import show_text

if TYPE_CHECKING:
    from simulator.experiments.core.sampled_futures import SampledFutures
    from simulator.experiments.sensitivity.variance_split import Estimate
    from simulator.experiments.tradeoffs.equivalence import Equivalence
    from simulator.studies.model_function import ModelFunction


SHARES = (0.1, 0.25, 0.5, 0.75, 0.9)


@dataclass(frozen=True)
class Setting:
    """What every kind of this question is asked of: the model, the worlds, and how both came about."""

    model: ModelFunction
    worlds: SampledFutures
    seed: int
    badge: str

    @property
    def years(self) -> str:
        """The years that the outcome is taken over, in words."""
        from simulator.declarations.calendar import YEARS, year_name

        span = range(YEARS)[self.model.span]
        return options.span_words(year_name(span[0]), year_name(span[-1]))


def item(found: Equivalence) -> dict[str, Any]:
    """One equivalence for JSON; an amount that does not exist is null."""
    return {
        "sentence": found.sentence,
        "on_average": dict(found.on_average._asdict()),
        "quantiles_where_enough": {f"{q:g}": dict(e._asdict()) for q, e in found.quantiles.items()},
        "enough_in": {f"{share:g}": found.enough_in(share) for share in SHARES},
        "draws": found.draws,
        "none_enough": found.none_enough,
        "none_needed": found.none_needed,
        "crosses_again": found.crosses_again,
        "failed": found.sweep.failed,
    }


def amount(x: float) -> str:
    """An amount for a table; infinite means that no amount is enough."""
    from simulator.common.formatting import significant

    return "no amount" if isinf(x) else significant(x)


def interval(estimate: Estimate) -> str:
    """The ends of an interval of amounts, said once where they are the same."""
    low, high = sorted((estimate.low, estimate.high))
    return options.range_words(amount(low), amount(high))


def show_notes(setting: Setting, levers: Mapping[str, Sequence[float]]) -> None:
    """Print what outcome and levers mean, what of the answer is noise, and how it was made."""
    from simulator.declarations.outcomes import OUTCOMES
    from simulator.studies.equivalence import describe_levers

    about = OUTCOMES[setting.model.outcomes[0]]
    show_text(f"{about.label}: {about.meaning}, {setting.years}.")
    for line in describe_levers(setting.model, {name: tuple(values) for name, values in levers.items()}):
        show_text(line)
    show_text(
        "The 95% interval is noise: it says how well so many parameter sets pin the average down, and more draws "
        "shrink it. The range from set to set is not noise but not knowing the parameters. Single sets also hold what "
        "luck is left after averaging over their lucks: it spreads them and makes curves turn back, and more lucks "
        "shrink it."
    )
    show_text(f"Levers are moved from {setting.model.start} on. {setting.badge}.")
