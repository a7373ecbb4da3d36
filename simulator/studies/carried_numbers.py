"""Which uncertain numbers carry an answer: those whose lowest and highest fifth of futures give clearly different ones.

Any number on a page that is an average over futures can be looked at so; what varies with a number varies along.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from simulator.common.arrays import Floats
from simulator.declarations.levers import LEVERS
from simulator.declarations.parameters import PARAMETERS
from simulator.declarations.sign_promises import list_promises
from simulator.runs.acting_numbers import Acts, acts_between, find_acting
from simulator.runs.results import Results
from simulator.studies.examined_comparison import read_parameters

PARTS, FEWEST_IN_PART, MOST, CONFIDENCE = 5, 100, 4, 0.95


@dataclass(frozen=True)
class CarriedNumber:
    """An uncertain number, and the average of an answer in the fifths of futures where it is lowest and highest."""

    name: str
    low: float
    high: float

    @property
    def meaning(self) -> str:
        """What the number is."""
        return PARAMETERS[self.name].about.meaning


class CarriedNumbers(NamedTuple):
    """The numbers that move an answer most, the strongest first; and those that go with it as much but do not act in
    its years, each with whether it acted before them, or never.
    """

    numbers: list[CarriedNumber]
    at_rest: dict[str, Acts]


def find_critical_value(looks: int) -> float:
    """How many standard errors from 0 a move must lie where so many are looked at together (Bonferroni)."""
    return NormalDist().inv_cdf(1 - (1 - CONFIDENCE) / 2 / looks)


def find_carried_numbers(
    runs: Sequence[Results], outcome: str, span: slice, scenario: int, against: int = -1
) -> CarriedNumbers:
    """The numbers that move the average of an outcome most, less that of another scenario unless `against` is -1; none
    where there are too few futures. All that is looked at counts together (Bonferroni).
    """
    run, values = runs[scenario], read_values(runs, outcome, span, scenario, against)
    columns = {name: column for name, column in read_parameters(run).items() if np.ptp(column) > 0}
    known = np.isfinite(values)
    size = int(known.sum()) // PARTS
    if size < FEWEST_IN_PART or not columns:
        return CarriedNumbers([], {})
    order = np.argsort(np.array([column[known] for column in columns.values()]), axis=1, kind="stable")
    lowest, highest = values[known][order[:, :size]], values[known][order[:, -size:]]
    error = np.sqrt((lowest.var(axis=1) + highest.var(axis=1)) / (size - 1))
    moves = highest.mean(axis=1) - lowest.mean(axis=1)
    clear = np.abs(moves) > find_critical_value(len(columns)) * error
    names = list(columns)
    acting = find_acting(names, outcome, span, [run, *([runs[against]] if against >= 0 else [])])
    numbers: list[CarriedNumber] = []
    at_rest: dict[str, Acts] = {}
    for at in sorted(np.flatnonzero(clear).tolist(), key=lambda at: -abs(float(moves[at]))):
        if len(numbers) == MOST:
            break
        if acting[names[at]] is Acts.NOW:
            numbers.append(CarriedNumber(names[at], float(lowest[at].mean()), float(highest[at].mean())))
        else:
            at_rest[names[at]] = acting[names[at]]
    return CarriedNumbers(numbers, at_rest)


def list_sign_pulls(outcome: str, span: slice, new: Results, old: Results) -> list[str]:
    """The numbers whose declared sign a promise on the difference of two scenarios rests on: those of levers that
    differ, if they act under either scenario between the first quarter of the difference and the last of `span`. One
    that bears on the lever only through a number that is zero in every future is not among them.
    """
    if new.schedule is None or old.schedule is None:
        return []
    promises, pulls = list_promises(outcome), dict[str, None]()
    stop = 4 * span.indices(len(new.years))[1]
    for name, promise in promises.items():
        group = LEVERS[name].group
        differs = np.flatnonzero(new.schedule[group][name][:stop] != old.schedule[group][name][:stop])
        if differs.size:
            first = int(differs[0])
            borne = [p for p in promise.pulls if p not in promise.through or _can_bear(promise.through[p], (new, old))]
            pulls |= {pull: None for pull in borne if acts_between(pull, (new, old), first, stop)}
    return list(pulls)


def _can_bear(name: str, runs: Sequence[Results]) -> bool:
    """Whether a number is other than zero in some future; where futures are not known it has its default."""
    group, default = PARAMETERS[name].group, PARAMETERS[name].default
    held = [default if run.futures is None else run.futures.points[group][name] for run in runs]
    return any(bool(np.any(column)) for column in held)


def read_values(runs: Sequence[Results], outcome: str, span: slice, scenario: int, against: int = -1) -> Floats:
    """An outcome in each future, (futures,), £ in each £100; less that of another scenario unless `against` is -1."""
    values = runs[scenario].outcome(outcome, span)
    return 100 * (values if against < 0 else values - runs[against].outcome(outcome, span))
