"""Whether a number acts under given policies: in the years asked about, only before them, or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from simulator.declarations.acting_numbers import ENDS, GATES, Gate, can_move
from simulator.declarations.levers import LEVERS
from simulator.declarations.parameters import PARAMETERS
from simulator.declarations.plugin import find_plugin
from simulator.runs.results import Results


class Acts(StrEnum):
    """In the years asked about; before them alone, so that they feel what was left behind; or never up to their end."""

    NOW = "now"
    BEFORE = "before"
    NEVER = "never"


def find_acting(names: Iterable[str], outcome: str, span: slice, runs: Sequence[Results]) -> dict[str, Acts]:
    """Whether each of `names` acts on an outcome in the years of `span` under any of the policies that were run.

    What is not known to be at rest acts, as where a schedule is not known, or where a plug-in is at work, whose
    mechanism may read any number.
    """
    first, stop, _ = span.indices(len(runs[0].years))
    return {name: _find_act(name, outcome, runs, 4 * first, 4 * stop) for name in names}


def _find_act(name: str, outcome: str, runs: Sequence[Results], first: int, stop: int) -> Acts:
    if find_plugin() is None and not can_move(name, outcome):
        return Acts.NEVER
    if acts_between(name, runs, first, stop):
        return Acts.NOW
    return Acts.BEFORE if name not in ENDS and acts_between(name, runs, 0, first) else Acts.NEVER


def acts_between(name: str, runs: Sequence[Results], first: int, stop: int) -> bool:
    """Whether a number acts in quarters `first` to before `stop` under any of the policies that were run."""
    gate = GATES.get(name)
    if gate is None or find_plugin() is not None or not all(_is_usual(gate, run) for run in runs):
        return True
    return any(run.schedule is None or bool(find_quarters(name, run.schedule)[first:stop].any()) for run in runs)


def find_quarters(name: str, schedule: NDArray[np.void]) -> NDArray[np.bool_]:
    """In which quarters of a schedule (quarters,) a number acts, (quarters,)."""
    acts = np.ones(len(schedule), bool)
    gate = GATES.get(name, Gate(()))
    for clause in gate.clauses:
        acts &= np.any([schedule[LEVERS[lever].group][lever] != rest for lever, rest in clause.items()], axis=0)
    if gate.at_start:
        acts[1:] = False
    return acts


def _is_usual(gate: Gate, run: Results) -> bool:
    """Whether what a gate takes to have its default has it in every future; where futures are not known it is so."""
    if run.futures is None:
        return True
    points = run.futures.points
    return all(bool((points[PARAMETERS[name].group][name] == PARAMETERS[name].default).all()) for name in gate.usual)
