"""What is said not to act moves no bit of a run, and what is said to act moves some: each number is moved, and seen."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from for_each import for_each
from numpy.typing import NDArray

from simulator.boards.table import read_boards
from simulator.declarations.acting_numbers import ENDS, GATES
from simulator.declarations.levers import LEVERS, QUARTER_DTYPE
from simulator.declarations.output_variables import NATIONAL_VARIABLES
from simulator.declarations.parameters import PARAMETERS
from simulator.declarations.sign_promises import PROMISES
from simulator.engine.ensemble import simulate
from simulator.runs.acting_numbers import find_quarters
from simulator.runs.futures import draw_futures
from simulator.runs.parameter_sets import UNCERTAIN
from simulator.scenarios.scenario import load_scenario

pytestmark = pytest.mark.declarations

Table = NDArray[np.void]
FUTURES, YEAR = 24, 5
BASELINE: Table = np.array(load_scenario("baseline").schedule, QUARTER_DTYPE)
LISTED = tuple(
    dict.fromkeys((*UNCERTAIN, *GATES, *(p for ps in PROMISES.values() for q in ps.values() for p in q.pulls)))
)


@cache
def points() -> Table:
    return draw_futures(FUTURES).points


def set_levers(levers: dict[str, float], quarters: slice = slice(None)) -> Table:
    """Today's rules with every other lever somewhere inside its range, and these at a value in `quarters`."""
    table = BASELINE.copy()
    for name, lever in LEVERS.items():
        if lever.group != "pressure" and name not in ("capacity", "reorganise"):
            table[lever.group][name] = lever.about.low + 0.4 * (lever.about.high - lever.about.low)
    for name, value in levers.items():
        table[LEVERS[name].group][name][quarters] = value
    return table


@cache
def _run_usual(schedule: bytes) -> tuple[Table, Table]:
    return _run(points(), np.frombuffer(schedule, QUARTER_DTYPE))


def _run(sets: Table, schedule: Table) -> tuple[Table, Table]:
    made = simulate(sets, np.arange(len(sets)), schedule, read_boards().areas, seed=5, detail=True)
    assert made.areas is not None
    return made.nation, made.areas


def move(name: str, schedule: Table) -> tuple[tuple[Table, Table], tuple[Table, Table]]:
    """National rows and rows of areas as they are, and with the number moved far in every future."""
    declared, moved = PARAMETERS[name], points().copy()
    column = moved[declared.group][name]
    about = declared.about
    column[:] = np.where(column > (about.low + about.high) / 2, about.low, about.high)
    return _run_usual(schedule.tobytes()), _run(moved, schedule)


def at_rest(name: str) -> list[Table]:
    """A schedule for each way in which a number can be at rest: all levers of one of its clauses."""
    gate = GATES[name]
    quarters = slice(0, 1) if gate.at_start else slice(None)
    return [set_levers(dict(clause), quarters) for clause in gate.clauses]


@for_each(GATES)
def test_a_number_whose_levers_rest_moves_no_bit_and_one_whose_levers_do_not_moves_some(name: str) -> None:
    for schedule in at_rest(name):
        assert not find_quarters(name, schedule).any()
        before, after = move(name, schedule)
        assert all(was.tobytes() == now.tobytes() for was, now in zip(before, after, strict=True))
    awake = set_levers({})
    assert find_quarters(name, awake).any()
    (_, before_areas), (_, after_areas) = move(name, awake)
    assert before_areas.tobytes() != after_areas.tobytes()


@for_each(LISTED)
def test_under_todays_rules_a_number_moves_a_year_if_and_only_if_it_acts_by_then(name: str) -> None:
    """A number that is not listed as resting on levers, and one that acted before, is seen to move the year."""
    (was, _), (now, _) = move(name, BASELINE)
    quarters = find_quarters(name, BASELINE)[: 4 * (YEAR + 1)]
    acts = quarters[4 * YEAR :].any() if name in ENDS else quarters.any()
    assert (was[:, YEAR].tobytes() != now[:, YEAR].tobytes()) == acts


@for_each(ENDS)
def test_a_number_at_the_end_of_the_way_moves_what_it_is_said_to_move_and_nothing_else(name: str) -> None:
    (was, _), (now, _) = move(name, set_levers({}))
    moved = {variable for variable in NATIONAL_VARIABLES if was[variable].tobytes() != now[variable].tobytes()}
    assert moved == set(ENDS[name])
