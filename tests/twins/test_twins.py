"""The Mesa model and the compiled driver are one model: equal to the last bit, whole and stage by stage."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from random_worlds import Case, case_of, cases, compiled, differences, mesa_model, random_areas, random_schedule

from simulator.agents.board import Board
from simulator.agents.model import STAGES, HealthSystem
from simulator.boards.table import make_equal_bodies, read_boards
from simulator.declarations.levers import LEVERS
from simulator.declarations.output_variables import NATIONAL_DTYPE
from simulator.declarations.parameters import PARAMETERS
from simulator.engine import compilation, ensemble, kernel_people, layout
from simulator.engine import kernel_money as kernel
from simulator.engine import kernel_year_end as yearend
from simulator.engine.ensemble import simulate
from simulator.engine.records import BOARD_DTYPE, FACTS_DTYPE, ROOM, ROOM_DTYPE, column, count_records
from simulator.runs.parameter_sets import make_points, prior_points
from simulator.runs.run import run
from simulator.scenarios.scenario import load_scenario

pytestmark = pytest.mark.twins

SEED = 20240323
MODEST = settings(max_examples=80, deadline=None)
FEW = settings(max_examples=25, deadline=None)
CERTAIN_TO_GO_ON = case_of(("anywhere", "prior"), years=2, n=5, seed=0, run=2)  # a pilot whose chance is 1
SMALL = case_of(("prior", "prior"), years=3, n=7, seed=5)._replace(point=make_points(1)[0])


@MODEST
@given(cases(), st.booleans())
@example(CERTAIN_TO_GO_ON, True)
def test_whole_runs_are_equal_to_the_last_bit(case: Case, record: bool) -> None:
    assert differences(mesa_model(case, record=record).run(), compiled(case)) == []


@FEW
@given(cases(most_areas=20))
def test_the_order_in_which_boards_act_does_not_matter(case: Case) -> None:
    straight = mesa_model(case._replace(shuffle=False), record=False).run()
    mixed = mesa_model(case._replace(shuffle=True), record=False).run()
    assert mixed.area_rows().tobytes() == straight.area_rows().tobytes()
    assert mixed.nation.tobytes() == straight.nation.tobytes()


def test_shuffled_boards_really_act_in_another_order(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    monkeypatch.setattr(Board, "spend", lambda board: calls.append(board.index))
    model = mesa_model(SMALL._replace(shuffle=True))
    model.quarter = 5
    model.spend()
    assert sorted(calls) == list(range(7))
    model.spend()
    model.spend()
    assert any(calls[at : at + 7] != list(range(7)) for at in (0, 7, 14))


@pytest.mark.parametrize("name", list(PARAMETERS))
def test_a_parameter_at_either_bound_is_the_same_in_both_drivers(name: str) -> None:
    for value in (PARAMETERS[name].about.low, PARAMETERS[name].about.high):
        case = SMALL._replace(point=make_points(1, {name: value})[0])
        yearly = compiled(case)
        assert all(np.isfinite(yearly.nation[measure]).all() for measure in NATIONAL_DTYPE.names or ())
        assert differences(mesa_model(case, record=False).run(), yearly) == [], value


@pytest.mark.parametrize("name", list(LEVERS))
def test_a_lever_at_either_bound_is_the_same_in_both_drivers(name: str) -> None:
    for value in (LEVERS[name].about.low, LEVERS[name].about.high):
        schedule = SMALL.schedule.copy()
        schedule[LEVERS[name].group][name] = value
        case = SMALL._replace(schedule=schedule)
        assert differences(mesa_model(case, record=False).run(), compiled(case)) == [], value


@pytest.mark.parametrize("first_plan", [0, 1, 2, 3])
def test_the_quarter_of_the_first_plan_is_the_same_in_both_drivers(first_plan: int) -> None:
    case = SMALL._replace(first_plan=first_plan)
    model = mesa_model(case).run()
    assert differences(model, compiled(case)) == []
    assert model.trace is not None
    assert min(d.quarter for d in model.trace if d.event.name == "PLAN") == first_plan


@pytest.mark.parametrize("switch", [8, 9, 14, 17])
def test_calling_reorganisation_off_and_on_again_is_the_same_in_both_drivers(switch: int) -> None:
    case = case_of(("prior", "prior"), years=6, n=12, seed=8)
    case.schedule["capacity"]["reorganise"] = 1.0
    case.schedule["capacity"]["reorganise"][switch : switch + 4] = 0.0
    for fact, value in (("head", 2), ("share_q", 3), ("merge_q", 5)):
        case.areas[fact][:6] = value
    assert differences(mesa_model(case, record=False).run(), compiled(case)) == []


def test_the_real_boards_under_the_baseline_are_equal_for_every_future() -> None:
    n = 6
    drawn, runs, schedule = prior_points(n, 7), np.arange(n), load_scenario("baseline").schedule
    one, two = (
        simulate(drawn, runs, schedule, read_boards().areas, seed=SEED, detail=True, workers=workers)
        for workers in (1, 2)
    )
    assert one.nation.tobytes() == two.nation.tobytes()
    assert one.areas is not None
    assert two.areas is not None
    assert one.areas.tobytes() == two.areas.tobytes()
    for j in range(n):
        alone = dataclasses.replace(two, nation=two.nation[j : j + 1], areas=two.areas[j : j + 1])
        model = HealthSystem(luck_seed=SEED, run=j, parameters=drawn[j], shuffle=j % 2 == 1, record=j % 3 == 0).run()
        assert differences(model, alone) == []


@FEW
@given(cases(most_areas=12))
def test_one_future_among_many_on_two_threads_is_its_mesa_run(case: Case) -> None:
    drawn = np.concatenate([prior_points(130, case.seed), np.array([case.point])])
    runs = np.append(np.arange(130), case.run)
    many = simulate(
        drawn, runs, case.schedule, case.areas, seed=case.seed, first_plan=case.first_plan, detail=True, workers=2
    )
    assert many.areas is not None
    last = dataclasses.replace(many, nation=many.nation[-1:], areas=many.areas[-1:])
    assert differences(mesa_model(case, record=False).run(), last) == []


def test_a_difference_in_the_last_bit_would_be_seen() -> None:
    model, yearly = mesa_model(SMALL).run(), compiled(SMALL)
    assert differences(model, yearly) == []
    assert yearly.areas is not None
    yearly.areas["front"][0, 1, 3] = np.nextafter(yearly.areas["front"][0, 1, 3], np.inf)
    assert [line.split(":")[0] for line in differences(model, yearly)] == ["areas.front at (1, 3)"]


# Stage by stage: each Mesa stage is followed at once by the compiled one, and the state of every board compared.

USES = ("use_interventions", "use_devolved", "use_capability", "use_pilots", "use_staff")
RAIDS = ("raided_q1", "raided_q2", "raided_q3", "raided_q4")
OF_DECIDERS = ("pool_relations", "pool_agency", "pool_knowhow", "pool_net", "pool_visible")
# A Mesa board has these while it decides, from the stage "weigh" on


def mesa_value(board: Board, name: str) -> float | int:
    """What a Mesa board remembers under the name that the compiled driver uses; 0 before it first has it."""
    if name in USES:
        return board.lasting_uses[USES.index(name)]
    if name in RAIDS:
        return board.raids[RAIDS.index(name)] if hasattr(board, "raids") else 0.0
    value = getattr(board, name, 0)
    return value.index if isinstance(value, Board) else value


def unlike(model: HealthSystem, state: np.ndarray, stage: str) -> list[str]:
    """The fields of the compiled state that differ from the Mesa boards', to the last bit."""
    texts = []
    weighed = stage in STAGES[STAGES.index("weigh") :]
    deciders = [board for board in model.boards if weighed and board.decider is board]
    for name in BOARD_DTYPE.names or ():
        boards = deciders if name in OF_DECIDERS else model.boards
        others = column(state, name)[[board.index for board in boards]]
        values = np.array([mesa_value(board, name) for board in boards], others.dtype)
        if values.tobytes() != others.tobytes():
            texts += [
                f"{name} of area {board.index}: {mesa!r} and {other!r}"
                for board, mesa, other in zip(boards, values, others, strict=True)
                if mesa.tobytes() != other.tobytes()
            ]
    return texts


@cache
def as_kernel(stage: Callable[..., Any]) -> Callable[..., Any]:
    """A stage as a kernel of its own, so that Python can call it compiled."""
    return compilation.kernel(stage)


class Twin:
    """The compiled stages of a case, one at a time."""

    def __init__(self, case: Case) -> None:
        self.case = case
        n = len(case.areas)
        self.state, self.facts = np.zeros(count_records(n), BOARD_DTYPE), np.zeros(count_records(n), FACTS_DTYPE)
        self.room = np.zeros(count_records(n), ROOM_DTYPE)
        for name in ROOM:
            column(self.room, name)[:] = np.nan
        self.lines, self.ranks = np.full((3, n), np.nan), np.zeros(n, np.int64)
        as_kernel(layout.lay_out_facts)(case.areas, self.facts)
        self.key = tuple(np.array([case.seed & 0xFFFFFFFF, case.seed >> 32, case.run], np.uint64))

    def start(self) -> None:
        as_kernel(kernel_people.start)(self.state, self.room, self.key, self.case.schedule[0], self.case.point)

    def stage(self, name: str, q: int) -> None:
        getattr(self, name)(q, self.case.schedule[q], self.case.point)

    def merge(self, q: int, lv: np.void, p: np.void) -> None:
        as_kernel(kernel_people.merge)(self.state, self.facts, q, self.key, lv, p)

    def assign(self, q: int, lv: np.void, p: np.void) -> None:
        as_kernel(kernel_people.assign)(self.state, self.facts, q, lv)

    def move_leaders(self, q: int, lv: np.void, p: np.void) -> None:
        as_kernel(kernel_people.move_leaders)(self.state, self.room, q, self.key, lv, p)

    def move_leads(self, q: int, lv: np.void, p: np.void) -> None:
        as_kernel(kernel_people.move_leads)(self.state, self.room, q, self.key, lv, p)

    def finance(self, q: int, lv: np.void, p: np.void) -> None:
        as_kernel(kernel.finance)(self.state, self.facts, self.room, q, self.key, lv, p)

    def weigh(self, q: int, lv: np.void, p: np.void) -> None:
        as_kernel(kernel.weigh)(self.state, self.facts, self.room, lv, p)

    def plan(self, q: int, lv: np.void, p: np.void) -> None:
        if q % 4 == 0:
            as_kernel(kernel.open_pot)(self.state, self.facts, q, lv)
        if q == self.case.first_plan or (q % 4 == 0 and q > self.case.first_plan):
            as_kernel(kernel.plan)(self.state, self.room, q, self.key, lv, p)

    def commit(self, q: int, lv: np.void, p: np.void) -> None:
        if q >= self.case.first_plan:
            if p["raids"]["raid_first"] > 0.0:
                as_kernel(kernel.raid)(self.state, self.room, q, self.key, lv, p)
            as_kernel(kernel.commit)(self.state, lv, p)

    def raid(self, q: int, lv: np.void, p: np.void) -> None:
        if q >= self.case.first_plan and p["raids"]["raid_first"] <= 0.0:
            as_kernel(kernel.raid)(self.state, self.room, q, self.key, lv, p)

    def spend(self, q: int, lv: np.void, p: np.void) -> None:
        if q >= self.case.first_plan:
            as_kernel(kernel.spend)(self.state, q)

    def close_year(self, q: int, lv: np.void, p: np.void) -> None:
        as_kernel(yearend.close_year)(self.state, self.facts, self.room, q, self.key, lv, p)
        as_kernel(yearend.offset)(self.state, self.room, q, self.key, lv, p)

    def learn(self, q: int, lv: np.void, p: np.void) -> None:
        as_kernel(yearend.learn)(self.state, self.facts, self.room, self.lines, self.ranks, lv, p)


def followed(model: HealthSystem, twin: Twin, name: str, met: list[tuple[int, str]]) -> Callable[[], None]:
    """A Mesa stage with the compiled one after it, and a comparison."""
    mesa_stage = getattr(model, name)

    def both() -> None:
        if model.quarter == 0 and not met:
            twin.start()
            assert unlike(model, twin.state, "start") == []
        mesa_stage()
        twin.stage(name, model.quarter)
        met.append((model.quarter, name))
        assert unlike(model, twin.state, name) == [], met[-1]

    return both


@FEW
@given(cases(most_areas=9))
def test_every_stage_of_every_quarter_leaves_the_same_state(case: Case) -> None:
    model, twin = mesa_model(case, record=False), Twin(case)
    met: list[tuple[int, str]] = []
    for name in STAGES:
        setattr(model, name, followed(model, twin, name, met))
    model.run()
    quarters = len(case.schedule)
    always = [(q, name) for q in range(quarters) for name in STAGES[:10]]
    assert [stage for stage in met if stage[1] in STAGES[:10]] == always
    assert met == sorted(met, key=lambda stage: (stage[0], STAGES.index(stage[1])))
    assert sum(name == "learn" for _, name in met) == quarters // 4


def test_every_field_of_the_compiled_state_is_one_of_a_mesa_board() -> None:
    board = mesa_model(SMALL).run().boards[0]
    others = set(BOARD_DTYPE.names or ()) - set(USES) - set(RAIDS)
    assert [name for name in others if not hasattr(board, name)] == []


def test_a_stage_that_went_otherwise_would_be_seen() -> None:
    model, twin = mesa_model(SMALL), Twin(SMALL)
    twin.start()
    model.quarter, model.lv = 0, model.schedule[0]
    model.call_all("start")
    assert unlike(model, twin.state, "start") == []
    column(twin.state, "custom")[3] += 1e-15
    assert len(unlike(model, twin.state, "start")) == 1


WITHOUT_JIT = """
import hashlib, sys
import numba
sys.path.insert(0, {here!r})
from test_twins import small_world_hash
assert numba.config.DISABLE_JIT == {disabled}
print(small_world_hash())
"""


def small_world_hash() -> str:
    """Hash over two futures of eight areas with footprints, through three years."""
    yearly = simulate(
        prior_points(2, 5),
        np.array([0, 9]),
        random_schedule("prior", 3, 6),
        random_areas(8, 2),
        seed=SEED,
        detail=True,
        workers=1,
    )
    assert yearly.areas is not None
    return hashlib.sha256(yearly.nation.tobytes() + yearly.areas.tobytes()).hexdigest()


def test_the_compiled_driver_gives_the_same_bits_without_a_compiler() -> None:
    program = WITHOUT_JIT.format(here=str(Path(__file__).parent), disabled=1)
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [small_world_hash()]


def test_the_kernel_is_compiled_for_one_signature_whatever_is_asked_of_it() -> None:
    run("baseline", 3)
    run("ringfence", 3, detail=True)
    run("baseline", 70, boards=make_equal_bodies(5), first_plan=0)
    assert len(ensemble.block.signatures) == 1
