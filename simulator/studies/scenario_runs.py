"""Scenarios as the policies of an experiment: each runs in the same futures, over the same years.

A policy is a whole scenario here, not a lever at a value. Experiments that choose between policies take the table that
`run_scenarios` returns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from simulator.boards.table import Boards, read_boards
from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.declarations.calendar import YEARS, parse_years, year_name
from simulator.declarations.outcomes import Outcome
from simulator.declarations.parameters import PARAMETERS
from simulator.experiments.core.model_protocol import Progress
from simulator.experiments.core.sampled_futures import SampledFutures, repeat_draws, sample_futures
from simulator.experiments.decision.robustness import Robustness, assess_robustness
from simulator.runs.futures import SEED
from simulator.runs.parameter_sets import UNCERTAIN
from simulator.runs.posterior import current_posterior
from simulator.runs.results import find_outcome
from simulator.runs.run import remark_later_starts
from simulator.scenarios.labels import with_distinct_titles
from simulator.scenarios.library_titles import list_lookalikes
from simulator.scenarios.scenario import Scenario, load_scenario
from simulator.studies.model_function import ModelFunction, draw_posterior_points, list_parameter_factors

FEWEST_POLICIES = 2

STRUCTURE_REPLICATES, MOST_STRUCTURE_DRAWS = 2, 250
"""Replicates of every draw of a structural alternative, and how many draws of each there are."""


def index_by_title(policies: Iterable[str | Path | Scenario]) -> dict[str, Scenario]:
    """Scenarios by title, with titles made distinct (see `with_distinct_titles`). Raises ValueError, LookupError."""
    if isinstance(policies, str | Path | Scenario) or not isinstance(policies, Iterable):
        raise InputError("give a list of policies, such as ['ringfence', 'leadership']")
    if isinstance(policies, set | frozenset):
        raise InputError("give a list of policies, such as ['ringfence', 'leadership']; a set has no order")
    given = [load_scenario(policy) for policy in policies]
    read = with_distinct_titles(given)
    named = {policy.title: policy for policy in read}
    if len(named) < len(read):
        titles = [policy.title for policy in read]
        twice = dict.fromkeys(own.title for own, title in zip(given, titles, strict=True) if titles.count(title) > 1)
        raise InputError(f"given twice: {', '.join(f'“{title}”' for title in twice)}; leave out one of each")
    if len(named) < FEWEST_POLICIES:
        raise InputError("a choice takes two policies or more")
    return named


def find_directed_outcome(name: str) -> Outcome:
    """The outcome of this name, if more or less of it is better. Raises LookupError, and ValueError if neither is."""
    about = find_outcome(name)
    if not about.better:
        raise InputError(f"of '{name}' neither more nor less is better, so no policy is best by it")
    return about


def find_years_of_change(policies: Iterable[Scenario]) -> str:
    """The years from the first change in any of these scenarios on, as `ModelFunction` takes them: "2027/28-"."""
    starts = [policy.start for policy in policies if policy.start is not None]
    return f"{year_name(min(starts, default=0) // 4)}-"


def find_years_all_act(policies: Iterable[Scenario]) -> str:
    """The years in which all of these scenarios that change anything act the whole year through, to the last; "" where
    they start in the same year, or one acts in no whole year.
    """
    starts = [policy.start for policy in policies if policy.start is not None]
    first = -(-max(starts, default=0) // 4)
    if not starts or first <= min(starts) // 4 or first >= YEARS:
        return ""
    return name_years(slice(first, YEARS))


def find_matched_years(policies: Iterable[Scenario], years: str) -> str:
    """Those of `years` in which each of these scenarios that change anything acts the whole year through, or the last
    alone where there are none; "" where none of them starts after the first year.
    """
    chosen = range(YEARS)[parse_years(years)]
    starts = [policy.start for policy in policies if policy.start is not None]
    if not any(start // 4 in chosen[1:] for start in starts):
        return ""
    return name_years(slice(min(-(-max(starts) // 4), chosen[-1]), chosen[-1] + 1))


def name_years(span: slice) -> str:
    """A span of years as arguments take it: 2027/28-2029/30, or one year. Years with gaps between stand one by one."""
    years = range(YEARS)[span]
    if span.step not in (None, 1):
        return ", ".join(map(year_name, years))
    return year_name(years[0]) if len(years) == 1 else f"{year_name(years[0])}-{year_name(years[-1])}"


def name_chosen_years(years: str | None, policies: Iterable[Scenario]) -> str:
    """The years that `run_scenarios` takes an outcome over, such as 2027/28-2029/30."""
    return name_years(parse_years(years or find_years_of_change(policies)))


def remark_years(years: str | None, policies: Iterable[Scenario]) -> str:
    """What to say where some of these begin later than the years that an outcome is taken over, or would pass for
    another policy of the library; "" where none does.
    """
    policies = tuple(policies)
    alike = "".join(f"; {told.rstrip('.')}" for told in list_lookalikes(policies))
    return f"{remark_later_starts([(policy.title, policy.start) for policy in policies], years)}{alike}"


def run_scenarios(
    policies: Mapping[str, Scenario],
    futures: SampledFutures,
    outcome: str,
    years: str | None = None,
    areas: Boards | None = None,
    progress: Progress | None = None,
) -> dict[str, Floats]:
    """Run every policy in the same futures. Returns one column (futures,) of the outcome a policy, in its unit.

    `years` are by default those from the first change of any policy on. `progress` counts runs. Raises LookupError for
    an unknown outcome, and ValueError for unknown years and parameters.
    """
    span, area = years or find_years_of_change(policies.values()), areas or read_boards()
    table = {}
    for done, (name, policy) in enumerate(policies.items(), 1):
        simulate = ModelFunction(policy, (outcome,), years=span, areas=area)
        table[name] = np.asarray(simulate(futures.points, futures.seeds)[outcome])
        if progress:
            progress(done * futures.n, len(policies) * futures.n)
    return table


def sample_posterior_futures(draws: int, replicates: int = 1, seed: int = SEED) -> SampledFutures:
    """The first draws of the present posterior, each with `replicates` seeds of its own.

    Raises ValueError for more draws than it holds, because repeated ones would count as new evidence.
    """
    most = len(current_posterior())
    if draws > most:
        raise InputError(f"the posterior has {most:,} draws, not {draws:,}: ask for fewer, with more replicates each")
    return repeat_draws(draw_posterior_points(draws), seed, replicates)


def sample_prior_futures(draws: int, replicates: int = 1, seed: int = SEED) -> SampledFutures:
    """Draws from the priors of all uncertain parameters, each with `replicates` seeds of its own. Raises ValueError."""
    return sample_futures(list_parameter_factors(), draws, seed, replicates)


@dataclass(frozen=True)
class StructuralFutures:
    """Futures of all structural variants, each fitted separately; `structures` (futures,) names that of each row.

    Structures have the same seeds, row by row.
    """

    futures: SampledFutures
    structures: Sequence[str]


def sample_structural_futures(draws: int | None = None, replicates: int = 1, seed: int = SEED) -> StructuralFutures:
    """The first `draws` (all by default) of every structure's fit, each with `replicates` seeds. Raises ValueError."""
    from simulator.calibration.structural_fits import read_structure_draws

    parts, labels = [], []
    for name, columns in read_structure_draws().items():
        named = {parameter: column[:draws] for parameter, column in columns.items() if parameter in PARAMETERS}
        parts.append(repeat_draws(named, seed, replicates))
        labels += [name] * parts[-1].n
    held = dict.fromkeys(name for part in parts for name in part.points)
    points = {
        name: np.concatenate([part.points.get(name, np.full(part.n, PARAMETERS[name].default)) for part in parts])
        for name in held
    }
    seeds, numbers = ([getattr(part, kind) for part in parts] for kind in ("seeds", "draws"))
    return StructuralFutures(SampledFutures(points, np.concatenate(seeds), np.concatenate(numbers)), labels)


def assess_structures(table: Mapping[str, Floats], drawn: StructuralFutures, outcome: str) -> Mapping[str, Robustness]:
    """How robust policies are under each structure alone, from what `run_scenarios` returns for `drawn`."""
    about = find_directed_outcome(outcome)
    result = assess_robustness(
        table, better=about.better, draws=drawn.futures.draws, structures=drawn.structures, unit=about.change_unit
    )
    return result.structures


def group_parameters() -> dict[str, list[str]]:
    """The names of the uncertain parameters in each declared group."""
    groups: dict[str, list[str]] = {}
    for name in UNCERTAIN:
        groups.setdefault(PARAMETERS[name].group, []).append(name)
    return groups
