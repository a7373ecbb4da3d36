"""What a search for packages needs: levers with their costs, the outcome to reach, and two sets of futures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.experiments.tradeoffs.lever_sweep import WAIVED
from simulator.studies.samples import sample_first_draws

if TYPE_CHECKING:
    from simulator.experiments.core.sampled_futures import SampledFutures
    from simulator.experiments.tradeoffs.package_search import PackageAim, PricedLever
    from simulator.studies.model_function import ModelFunction

FENCE = ("ringfence", "audit", "waiver", "waivable")
"""Levers that act through a ring-fence alone (`rule_pulls` in `simulator/rules/plans.py`)."""

FEWEST = 2
"""Draws that an interval takes."""


def hold_levers(model: ModelFunction, held: Mapping[str, float]) -> ModelFunction:
    """The model with some levers held in every package from its start on."""
    policy = model.policy
    for name, value in held.items():
        policy = policy.with_lever(name, value, model.start)
    return replace(model, policy=policy)


def price_levers(simulate: ModelFunction, full: Mapping[str, float], prices: Mapping[str, float]) -> list[PricedLever]:
    """Levers from where the scenario has them to full strength. Raises InputError for those that cannot be moved so."""
    from simulator.declarations.levers import LEVERS
    from simulator.experiments.tradeoffs.package_search import PricedLever
    from simulator.studies.model_function import list_lever_factors

    list_lever_factors(full)
    priced, problems = [], []
    for name, value in full.items():
        low, high = LEVERS[name].about.low, LEVERS[name].about.high
        if not low <= value <= high:
            problems.append(f"{name}: {value:g} is outside {low:g} to {high:g}")
            continue
        values = np.unique(simulate.policy.lever(name)[simulate.first :])
        if len(values) > 1:
            problems.append(f"{name}: the scenario itself changes it over the years, so it has no 'off' to start from")
        elif values[0] == value:
            problems.append(f"{name}: it is {value:g} already, so there is nothing to move")
        else:
            priced.append(PricedLever(name, float(values[0]), value, prices[name]))
    if problems:
        raise InputError("\n".join(problems))
    refuse_without_fence(simulate, full)
    return priced


def refuse_without_fence(simulate: ModelFunction, moved: Mapping[str, float]) -> None:
    """Refuse levers of a ring-fence alone where none is in force with any of them. Raises InputError.

    They act through its label times what no waiver lifts. A plug-in may use them otherwise.
    """
    from simulator.declarations.plugin import find_plugin

    if not set(moved) <= set(FENCE) or find_plugin() is not None:
        return

    def find_strongest(name: str, choose: np.ufunc) -> Floats:
        values = np.asarray(simulate.policy.lever(name)[simulate.first :], float)
        return np.asarray(choose(values, moved.get(name, values)), float)

    label = find_strongest("ringfence", np.maximum)
    waiver, waivable = find_strongest("waiver", np.minimum), find_strongest("waivable", np.minimum)
    if (label * (1 - waiver * waivable) > 0).any():
        return
    if not label.any():
        why = "there is no ring-fence (ringfence is 0)"
    else:
        held = f"waiver is {waiver.max():g}, waivable {waivable.max():g}"
        why = f"a waiver lifts the whole ring-fence ({held})"
    does = "do nothing" if len(moved) > 1 else "does nothing"
    raise InputError(f"{', '.join(moved)}: {does} here, since {why} from {simulate.start} on. {WAIVED}")


def make_aim(outcome: str, outcome_prices: Mapping[str, float], target: float | None) -> PackageAim:
    """The outcome to reach and what others cost. Raises InputError for a target that a share cannot reach."""
    from simulator.common.units import Unit
    from simulator.experiments.tradeoffs.package_search import PackageAim
    from simulator.studies.scenario_runs import find_directed_outcome

    directed = find_directed_outcome(outcome)
    if target is not None and directed.unit is Unit.SHARE and not 0 <= target <= 1:
        raise InputError(f"a target of {target:g} is no share; write 60% as 0.6")
    return PackageAim(outcome, directed.better, outcome_prices, directed.change_unit, directed.label)


def sample_halves(draws: int, seed: int, source: str) -> tuple[SampledFutures, SampledFutures]:
    """Futures to search in, and others with other parameters and other random numbers to score again in.

    Parameter sets that the search has met are left out of the second: heavy ones are drawn more than once.
    """
    from simulator.experiments.core.sampled_futures import SampledFutures
    from simulator.runs.posterior import current_posterior

    if draws < FEWEST:
        raise InputError(f"{draws} draw is too few: packages are told apart by many; give {FEWEST} draws or more")
    most = len(current_posterior()) // 2
    if source == "posterior" and draws > most:
        raise InputError(f"{draws} draws are too many: the posterior has {most} for the search, {most} to score again")
    both = sample_first_draws(2 * draws, 1, seed, source)
    met = np.isin(both.sets, both.sets[:draws])
    first, second = (
        SampledFutures({name: column[rows] for name, column in both.points.items()}, both.seeds[rows], both.draws[rows])
        for rows in (np.arange(draws), np.flatnonzero(~met))
    )
    if len(second.seeds) < FEWEST:
        raise InputError(f"{draws} draws leave too few others to score packages again in; give more draws")
    return first, second
