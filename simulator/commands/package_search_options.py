"""What `ringfence package` is given, read and checked: levers, what they cost, the aim and the worlds to search in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from simulator.commands.shared import options, policy_options, study_options
from simulator.commands.shared.console import say
from simulator.common.characters import plain, shown
from simulator.common.errors import InputError
from simulator.common.numbers import NotReadableError, number

if TYPE_CHECKING:
    from simulator.experiments.core.sampled_futures import SampledFutures
    from simulator.experiments.tradeoffs.package_search import PackageAim, PricedLever
    from simulator.studies.model_function import ModelFunction

ALONE = 40
NOTHING, EVERYTHING = "no lever", "all levers"


def settings(lever: Sequence[str], hold: Sequence[str]) -> tuple[Mapping[str, float], Mapping[str, float]]:
    """Levers at full strength, and those held in every package. Raises InputError, also for a lever in both."""
    full, held = study_options.levers(lever), study_options.levers(hold)
    both = sorted(set(full) & set(held))
    if both:
        raise InputError(f"{', '.join(both)} cannot be both moved (--lever) and held (--hold)")
    return full, held


def model(scenario: str, held: Mapping[str, float], start: str, years: str | None, outcome: str) -> ModelFunction:
    """The model, with some levers held in every package from `start` on. Raises LookupError, ValueError."""
    from simulator.studies.scenario_runs import find_directed_outcome

    find_directed_outcome(outcome)
    made = study_options.model((outcome,), years, start, scenario)
    for remark in options.remarks([made.policy]):
        say(remark)
    policy = made.policy
    for name, value in held.items():
        policy = policy.with_lever(name, value, start)
    return replace(made, policy=policy)


def prices(texts: Sequence[str], full: Mapping[str, float]) -> tuple[dict[str, float], dict[str, float]]:
    """What levers at full strength cost, and what one unit of an outcome costs. Raises InputError with all problems."""
    from simulator.declarations.outcomes import OUTCOMES

    found: dict[str, float] = {}
    problems = []
    for text in texts:
        name, _, value = (part.strip() for part in plain(text).partition("="))
        try:
            amount = number(value)
        except NotReadableError:
            problems.append(f"'{shown(text)}' is not a cost; write NAME=AMOUNT, such as ringfence=1")
            continue
        if name not in full and name not in OUTCOMES:
            problems.append(f"{name}: there is a cost, but no --lever {name}=... to move")
        elif name in found:
            problems.append(f"{name} has two costs")
        elif amount < 0:
            problems.append(f"{name}: a cost of {value} is not a number of 0 or more")
        else:
            found[name] = amount
    told = {plain(text).partition("=")[0].strip() for text in texts}
    missing = [name for name in full if name not in told]
    if missing:
        problems.append(
            f"no cost is given for {', '.join(missing)}: what levers cost is yours to say, in any unit; "
            f"add {' '.join(f'--cost {name}=1' for name in missing)} with amounts of your own"
        )
    if problems:
        raise InputError("\n".join(problems))
    return {name: found[name] for name in full}, {name: one for name, one in found.items() if name not in full}


def levers(simulate: ModelFunction, full: Mapping[str, float], prices: Mapping[str, float]) -> list[PricedLever]:
    """Levers from where the scenario has them to full strength. Raises InputError for those that cannot be moved so."""
    import numpy as np

    from simulator.experiments.tradeoffs.package_search import PricedLever

    moved, problems = [], []
    for name, value in full.items():
        values = np.unique(simulate.policy.lever(name)[simulate.first :])
        if len(values) > 1:
            problems.append(f"{name}: the scenario itself changes it over the years, so it has no 'off' to start from")
        elif values[0] == value:
            problems.append(f"{name}: it is {value:g} already, so there is nothing to move")
        else:
            moved.append(PricedLever(name, float(values[0]), value, prices[name]))
    if problems:
        raise InputError("\n".join(problems))
    return moved


def aim(outcome: str, by_outcome: Mapping[str, float], target: float | None) -> PackageAim:
    """The outcome to reach and what others cost. Raises InputError for a target that a share cannot reach."""
    from simulator.common.units import Unit
    from simulator.experiments.tradeoffs.package_search import PackageAim
    from simulator.studies.scenario_runs import find_directed_outcome

    about = find_directed_outcome(outcome)
    if target is not None and about.unit is Unit.SHARE and not 0 <= target <= 1:
        raise InputError(f"a target of {target:g} is no share; write 60% as 0.6")
    return PackageAim(outcome, about.better, by_outcome, about.unit)


def halves(draws: int, seed: int, source: options.Source) -> tuple[SampledFutures, SampledFutures]:
    """Worlds to search in, and others with other parameters and other luck to score again in.

    Parameter sets that the search has met are left out of the second: heavy ones are drawn more than once.
    """
    import numpy as np

    from simulator.experiments.core.sampled_futures import SampledFutures
    from simulator.runs.posterior import shipped_draws

    most = len(next(iter(shipped_draws().values()))) // 2
    if source is options.Source.POSTERIOR and draws > most:
        raise InputError(f"--draws {draws} is too many: the posterior has {most} for the search, {most} to score again")
    both = policy_options.worlds(2 * draws, 1, seed, source)
    met = np.isin(both.sets, both.sets[:draws])
    first, second = (
        SampledFutures({name: column[rows] for name, column in both.points.items()}, both.seeds[rows], both.draws[rows])
        for rows in (np.arange(draws), np.flatnonzero(~met))
    )
    return first, second


def inert(simulate: ModelFunction, levers: Sequence[PricedLever], worlds: SampledFutures, outcome: str) -> list[str]:
    """Levers that change the outcome in no world when moved all the way by themselves. Raises InputError if all levers
    together change nothing either.
    """
    import numpy as np

    from simulator.experiments.core.sampled_futures import SampledFutures, run_policies

    options.tell_if_cold()
    few = SampledFutures({k: v[:ALONE] for k, v in worlds.points.items()}, worlds.seeds[:ALONE], worlds.draws[:ALONE])
    full = {lever.name: lever.full for lever in levers}
    alone = {name: {name: value} for name, value in full.items()}
    table = run_policies(simulate, few, {NOTHING: {}, EVERYTHING: full, **alone}, outcome)
    still = [name for name, column in table.items() if np.array_equal(column, table[NOTHING], equal_nan=True)]
    found = [name for name in full if name in still]
    if EVERYTHING in still:
        raise InputError(" ".join(inert_words(simulate, name) for name in found) or f"no lever moves {outcome}")
    return found


def inert_words(simulate: ModelFunction, name: str) -> str:
    """Why a lever may do nothing by itself: of a ring-fence, that a waiver in force lifts it."""
    told = f"Moving {name} alone changes the outcome in no world."
    policy, first = simulate.policy, simulate.first
    waived = (policy.lever("waiver")[first:] * policy.lever("waivable")[first:]).min() == 1
    if name in ("ringfence", "audit") and waived:
        return f"{told} A national waiver lifts ring-fences in this scenario; --hold waiver=0 lets it stand."
    return f"{told} It may need another lever beside it."
