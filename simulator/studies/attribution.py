"""Attribution for this model: a policy split into components, which run in every combination.

Components are the scenarios of a stack, the levers that a policy moves, or the themes of these levers. Every coalition
runs in the same futures, so that shares add up to what `compare` says about the policy in those futures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.boards.table import Boards, read_boards
from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.declarations.levers import LEVERS
from simulator.declarations.outcomes import Outcome
from simulator.engine.ensemble import simulate
from simulator.experiments.core.clustered_errors import number_labels
from simulator.experiments.core.model_protocol import Progress
from simulator.experiments.tradeoffs.attribution import MOST_COMPONENTS, Attribution, attribute
from simulator.runs.futures import Futures, draw_futures
from simulator.runs.results import find_outcome, read_years
from simulator.scenarios.library import split_stack
from simulator.scenarios.scenario import Scenario, library, load_scenario, stack
from simulator.studies.component_kind import ComponentKind

Schedules = NDArray[np.void]

ROWS = 4_096
"""The most runs in one call: schedules times futures."""

BASELINE = "baseline"

FEWEST = 2
"""Futures that an interval takes."""


@dataclass(frozen=True, eq=False)
class PolicyPackage:
    """A policy split by `by`: the levers that each component moves, and the schedule (quarters,) of every coalition."""

    policy: Scenario
    by: ComponentKind
    levers: Mapping[str, tuple[str, ...]]
    schedules: Mapping[frozenset[str], Schedules]

    @property
    def components(self) -> tuple[str, ...]:
        """What people call the components."""
        return tuple(self.levers)

    def span(self, years: str | None = None) -> slice:
        """The years asked for, or by default those from the first change on."""
        return read_years(years) if years else slice((self.policy.start or 0) // 4, None)


def split_by_scenarios(parts: Sequence[Scenario], whole: Scenario | None = None) -> PolicyPackage:
    """Split a stack into its scenarios, named by their titles; `whole` is a scenario that equals the stack.

    Raises ValueError as `split_policy`.
    """
    named = {part.title: part for part in parts}
    if len(named) < len(parts):
        raise InputError(f"two of these scenarios have the same title: {', '.join(part.title for part in parts)}")
    schedules = {
        coalition: stack([part for title, part in named.items() if title in coalition] or [BASELINE]).schedule
        for coalition in _list_coalitions(named)
    }
    levers = {title: part.differs_from(load_scenario(BASELINE)) for title, part in named.items()}
    return PolicyPackage(whole or stack(parts), ComponentKind.SCENARIOS, levers, schedules)


def split_by_levers(policy: Scenario, themes: bool = False) -> PolicyPackage:
    """Split a policy into the levers that it moves, or into their themes. Raises ValueError as `split_policy`."""
    moved = policy.differs_from(load_scenario(BASELINE))
    groups: dict[str, list[str]] = {}
    for name in moved:
        groups.setdefault(LEVERS[name].about.theme if themes else name, []).append(name)
    schedules = {}
    for coalition in _list_coalitions(groups):
        schedule = np.array(load_scenario(BASELINE).schedule)
        for name in (name for component in coalition for name in groups[component]):
            schedule[LEVERS[name].group][name] = policy.lever(name)
        schedules[coalition] = schedule
    levers = {component: tuple(names) for component, names in groups.items()}
    return PolicyPackage(policy, ComponentKind.THEMES if themes else ComponentKind.LEVERS, levers, schedules)


def split_policy(which: str | Scenario | Sequence[Scenario], by: ComponentKind | None = None) -> PolicyPackage:
    """Split a policy into the components asked for, by default those that suit it.

    The default is the scenarios of a stack, or of a scenario that only extends others, and otherwise the levers. Raises
    LookupError and ScenarioError as `scenario`, and ValueError for no, too many, or no such components.
    """
    if isinstance(which, str):
        parts = [load_scenario(name) for name in split_stack(which)]
    else:
        parts = [which] if isinstance(which, Scenario) else list(which)
    whole = stack(parts)
    if len(parts) == 1:
        parts = _find_parents(whole)
    if by is ComponentKind.SCENARIOS and len(parts) == 1:
        raise InputError(f"'{whole.name}' is no stack of scenarios; split it by levers or by themes")
    if by is ComponentKind.SCENARIOS or (by is None and len(parts) > 1):
        return split_by_scenarios(parts, whole)
    return split_by_levers(whole, by is ComponentKind.THEMES)


def _find_parents(policy: Scenario) -> list[Scenario]:
    """The scenarios that a policy extends, if together they equal it; otherwise the policy itself."""
    if len(policy.parents) < 2 or not set(policy.parents) <= set(library()):
        return [policy]
    parents = [load_scenario(name) for name in policy.parents]
    return parents if stack(parents).fingerprint == policy.fingerprint else [policy]


def _list_coalitions(components: Mapping[str, Any]) -> list[frozenset[str]]:
    k = len(components)
    if not k:
        raise InputError("this policy changes nothing, so there is nothing to share out")
    if k > MOST_COMPONENTS:
        raise InputError(
            f"{k} components ({', '.join(components)}) make 2^{k} combinations, and at most {MOST_COMPONENTS} "
            "components are run; split the policy by themes, or join some into one scenario"
        )
    return [frozenset(chosen) for size in range(k + 1) for chosen in combinations(components, size)]


def attribute_policy(
    package: PolicyPackage,
    outcome: str = "retained",
    years: str | None = None,
    *,
    drawn: Futures | None = None,
    areas: Boards | None = None,
    times: int = 1_000,
    progress: Progress | None = None,
) -> Attribution:
    """Share out the effect of a policy on an outcome among its components, in the same futures under every coalition.

    Intervals come from `times` bootstrap resamples; `progress` counts runs. Raises LookupError for the outcome and
    ValueError as `attribute`.
    """
    about: Outcome = find_outcome(outcome)
    drawn = drawn or draw_futures()
    if len(drawn) < FEWEST:
        raise InputError(f"{len(drawn)} future is too few to share a gain out in; give {FEWEST} or more")
    schedules, row = _find_distinct_schedules(package)
    outcomes = _run_schedules(schedules, drawn, areas or read_boards(), about, package.span(years), progress)
    return attribute(
        lambda coalition: outcomes[row[coalition]],
        package.components,
        about.label,
        seed=drawn.seed,
        unit=about.change_unit,
        draws=number_labels(drawn.sets, len(drawn)),
        times=times,
    )


def _find_distinct_schedules(package: PolicyPackage) -> tuple[Schedules, dict[frozenset[str], int]]:
    """The distinct schedules, (policies, quarters), and the row of each coalition among them."""
    rows: dict[bytes, int] = {}
    which = {coalition: rows.setdefault(s.tobytes(), len(rows)) for coalition, s in package.schedules.items()}
    first = {number: coalition for coalition, number in reversed(which.items())}
    return np.stack([package.schedules[first[number]] for number in range(len(rows))]), which


def _run_schedules(
    schedules: Schedules, drawn: Futures, areas: Boards, about: Outcome, span: slice, progress: Progress | None
) -> Floats:
    """The outcome under each schedule in each future: (policies, futures). One call runs several schedules."""
    n, at_once = len(drawn), max(1, ROWS // len(drawn))
    outcomes = np.empty((len(schedules), n))
    for first in range(0, len(schedules), at_once):
        batch = schedules[first : first + at_once]
        k = len(batch)
        nation = simulate(
            np.tile(drawn.points, k),
            np.tile(drawn.runs, k),
            batch,
            areas.areas,
            seed=drawn.seed,
            policy=np.repeat(np.arange(k), n),
        ).nation
        outcomes[first : first + k] = about.of(nation[:, span]).reshape(k, n)
        if progress:
            progress((first + k) * n, len(schedules) * n)
    return outcomes
