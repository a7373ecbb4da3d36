"""A scenario by value: every lever in every quarter, so that a later release runs what was meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from simulator.common.errors import InputError
from simulator.declarations.calendar import QUARTERS
from simulator.declarations.levers import LEVERS
from simulator.scenarios.change import LAST, Change
from simulator.scenarios.loader import baseline_values
from simulator.scenarios.scenario import Scenario

Steps = Sequence[tuple[float, int]]
"""Values of a lever, each with the number of quarters that it lasts."""


@dataclass(frozen=True)
class FrozenScenario:
    """A scenario as it was run: names, the text of its file, and its `levers` quarter by quarter.

    `fingerprint` is that of the schedule, `start` the first quarter that differed from the baseline of then, or -1.
    """

    name: str
    title: str
    question: str
    fingerprint: str
    start: int
    file: str
    levers: dict[str, Steps]


def freeze_scenario(scenario: Scenario) -> FrozenScenario:
    """A scenario by value."""
    start = -1 if scenario.start is None else scenario.start
    levers = {name: _find_steps(scenario.lever(name).tolist()) for name in LEVERS}
    return FrozenScenario(
        scenario.name, scenario.title, scenario.question, scenario.fingerprint, start, scenario.to_yaml(), levers
    )


def _find_steps(values: Sequence[float]) -> Steps:
    return [(value, len(list(same))) for value, same in groupby(values)]


def thaw_scenario(frozen: FrozenScenario) -> Scenario:
    """The scenario that can be run again. It has the fingerprint it had, unless levers or their bounds have changed.

    Raises InputError for levers that this version does not have, and for steps that do not fill the calendar.
    """
    unknown = [name for name in frozen.levers if name not in LEVERS]
    if unknown:
        raise InputError(
            f"“{frozen.title}” sets {', '.join(unknown[:3])}, which this version of Ringfence does not have; "
            "run the version that saved it"
        )
    changes: list[Change] = []
    for name, steps in frozen.levers.items():
        if any(length < 1 for _, length in steps) or sum(length for _, length in steps) != QUARTERS:
            raise InputError(f"“{frozen.title}”: the steps of {name} do not fill {QUARTERS} quarters")
        wanted = [value for value, length in steps for _ in range(length)]
        if wanted != baseline_values()[name].tolist():
            changes += _list_changes(name, steps)
    return Scenario(frozen.name, frozen.title, frozen.question, tuple(changes))


def _list_changes(name: str, steps: Steps) -> list[Change]:
    starts = [0]
    for _, length in steps:
        starts.append(starts[-1] + length)
    because = "as the claim holds it"
    return [
        Change(name, "to", value, (), first, after - 1 if after <= LAST else LAST, 0, because, (), True, "claim", 0)
        for (value, _), (first, after) in zip(steps, pairwise(starts), strict=True)
    ]
