"""Which uncertain numbers carry an answer: those whose lowest and highest fifth of futures give clearly different ones.

Any number on a page that is an average over futures can be looked at so; what varies with a number varies along.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from simulator.common.arrays import Floats
from simulator.declarations.levers import LEVERS
from simulator.declarations.parameters import PARAMETERS
from simulator.declarations.sign_promises import list_promises
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


def find_carried_numbers(run: Results, values: Floats) -> list[CarriedNumber]:
    """The numbers that move the average of `values` (futures,) most, the strongest first; none where there are too few
    futures. All that is looked at counts together (Bonferroni).
    """
    columns = {name: column for name, column in read_parameters(run).items() if np.ptp(column) > 0}
    known = np.isfinite(values)
    size = int(known.sum()) // PARTS
    if size < FEWEST_IN_PART or not columns:
        return []
    order = np.argsort(np.array([column[known] for column in columns.values()]), axis=1, kind="stable")
    lowest, highest = values[known][order[:, :size]], values[known][order[:, -size:]]
    error = np.sqrt((lowest.var(axis=1) + highest.var(axis=1)) / (size - 1))
    moves = highest.mean(axis=1) - lowest.mean(axis=1)
    clear = np.abs(moves) > NormalDist().inv_cdf(1 - (1 - CONFIDENCE) / 2 / len(columns)) * error
    names = list(columns)
    chosen = sorted(np.flatnonzero(clear).tolist(), key=lambda at: -abs(float(moves[at])))[:MOST]
    return [CarriedNumber(names[at], float(lowest[at].mean()), float(highest[at].mean())) for at in chosen]


def list_sign_pulls(outcome: str, new: Results, old: Results) -> list[str]:
    """The numbers whose declared sign a promise on the difference of two scenarios rests on."""
    if new.schedule is None or old.schedule is None:
        return []
    promises, pulls = list_promises(outcome), dict[str, None]()
    for name, promise in promises.items():
        group = LEVERS[name].group
        if not np.array_equal(new.schedule[group][name], old.schedule[group][name]):
            pulls |= dict.fromkeys(promise.pulls)
    return list(pulls)


def read_values(runs: Sequence[Results], outcome: str, span: slice, scenario: int, against: int = -1) -> Floats:
    """An outcome in each future, (futures,), £ in each £100; less that of another scenario unless `against` is -1."""
    values = runs[scenario].outcome(outcome, span)
    return 100 * (values if against < 0 else values - runs[against].outcome(outcome, span))
