"""Random worlds, parameters, calendars and addresses for the tests that compare the two drivers."""

from __future__ import annotations

import dataclasses
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from simulator.agents.model import HealthSystem
from simulator.boards.table import Boards, make_equal_bodies
from simulator.common.units import Unit
from simulator.declarations.calendar import NEVER
from simulator.declarations.levers import LEVERS, QUARTER_DTYPE
from simulator.declarations.number import Declared
from simulator.declarations.parameters import PARAMETERS
from simulator.engine.ensemble import YearlyRecords, simulate
from simulator.engine.records import AREA_DTYPE
from simulator.runs.parameter_sets import make_points, prior_points
from simulator.scenarios.scenario import Scenario, load_scenario

Table = NDArray[np.void]
WAYS = ("prior", "anywhere", "ends")


class Case(NamedTuple):
    """Everything that decides a run."""

    point: Any
    schedule: Table
    areas: Table
    seed: int
    run: int
    first_plan: int
    shuffle: bool
    recipe: str = ""

    def __repr__(self) -> str:
        return f"Case({self.recipe}, run={self.run}, first_plan={self.first_plan}, shuffle={self.shuffle})"


def column(number: Declared, way: str, size: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Values of one number: a switch is on or off, others lie anywhere within bounds or at their ends."""
    about = number.about
    if about.unit is Unit.SWITCH or way == "ends":
        return rng.choice([about.low, about.high], size)
    return rng.uniform(about.low, about.high, size)


def random_point(way: str, seed: int) -> Any:
    """A draw from the priors with random switches, or every number anywhere within its bounds."""
    rng = np.random.default_rng(seed)
    points = prior_points(1, seed) if way == "prior" else make_points(1)
    for name, number in PARAMETERS.items():
        if way != "prior" or number.about.unit is Unit.SWITCH:
            points[number.group][name] = column(number, "anywhere", 1, rng)
    return points[0]


def random_schedule(way: str, years: int, seed: int) -> Table:
    """A calendar: the baseline's with some levers moved, or all levers anywhere or at their ends each quarter."""
    rng = np.random.default_rng(seed)
    base = np.array(load_scenario("baseline").schedule[: 4 * years], QUARTER_DTYPE)
    for name, number in LEVERS.items():
        if way != "prior" or rng.random() < 0.3:
            base[number.group][name] = column(number, way, 4 * years, rng)
    return base


def random_areas(n: int, seed: int) -> Table:
    """Areas with random facts; about half share footprints, whose heads, mergers and shared leaders are random."""
    rng = np.random.default_rng(seed)
    areas = np.zeros(n, AREA_DTYPE)
    areas["alloc"] = np.where(rng.random(n) < 0.1, 0.0, rng.uniform(0.01, 30.0, n))
    areas["weight"] = rng.uniform(1.0, 6000.0, n)
    areas["target_z"] = rng.normal(0.0, 1.5, n)
    areas["core20"] = rng.random(n)
    areas["region"] = rng.integers(0, rng.integers(1, n + 1), n)
    areas["third"] = rng.integers(0, 3, n)
    areas["head"] = np.arange(n)
    areas["merge_q"] = areas["share_q"] = NEVER
    footprint = np.where(rng.random(n) < 0.5, rng.integers(0, max(1, n // 3), n), -1)
    for which in set(footprint[footprint >= 0].tolist()):
        members = np.flatnonzero(footprint == which)
        areas["head"][members] = rng.choice(members)
        areas["merge_q"][members] = rng.choice([0, *rng.integers(0, 32, 4), NEVER])
        areas["share_q"][members] = rng.choice([0, *rng.integers(0, 32, 4), NEVER])
    return areas


def case_of(
    kinds: tuple[str, str], years: int, n: int, seed: int, run: int = 0, first_plan: int = 1, shuffle: bool = False
) -> Case:
    """The case of a few numbers: how parameters and calendar are drawn, its size, and the seed of all of it."""
    recipe = f"case_of({kinds}, {years}, {n}, {seed})"
    made = (random_point(kinds[0], seed), random_schedule(kinds[1], years, seed), random_areas(n, seed))
    return Case(*made, seed, run, first_plan, shuffle, recipe)


def cases(most_areas: int = 60) -> st.SearchStrategy[Case]:
    """Cases of 1 to 8 years; a failing one is told by the few numbers that make it again."""
    return st.builds(
        case_of,
        st.tuples(st.sampled_from(WAYS[:2]), st.sampled_from(WAYS)),
        years=st.integers(1, 8),
        n=st.integers(1, most_areas),
        seed=st.integers(0, 2**64 - 1),
        run=st.integers(0, 2**32 - 1),
        first_plan=st.integers(0, 3),
        shuffle=st.booleans(),
    )


def as_boards(areas: Table) -> Boards:
    """Boards with these facts."""
    return dataclasses.replace(make_equal_bodies(len(areas)), record=areas.tobytes())


def as_scenario(schedule: Table) -> Scenario:
    """A scenario with this calendar, which no file could express."""
    scenario = Scenario("random", "A random calendar", "Do the drivers agree?")
    object.__setattr__(scenario, "schedule", schedule)
    return scenario


def mesa_model(case: Case, **options: bool) -> HealthSystem:
    """The Mesa model of a case, not yet run."""
    return HealthSystem(
        scenario=as_scenario(case.schedule),
        parameters=case.point,
        boards=as_boards(case.areas),
        luck_seed=case.seed,
        run=case.run,
        first_plan=case.first_plan,
        shuffle=case.shuffle,
        **options,
    )


def compiled(case: Case, workers: int = 1) -> YearlyRecords:
    """The compiled run of a case: one future, area rows kept."""
    return simulate(
        np.array([case.point]),
        np.array([case.run]),
        case.schedule,
        case.areas,
        seed=case.seed,
        first_plan=case.first_plan,
        detail=True,
        workers=workers,
    )


def differences(model: HealthSystem, yearly: YearlyRecords) -> list[str]:
    """Where a Mesa run and a compiled one differ, to the last bit: empty when they do not."""
    assert yearly.areas is not None
    texts = []
    for kind, mesa, other in (
        ("areas", model.area_rows(), yearly.areas[0]),
        ("nation", model.nation, yearly.nation[0]),
    ):
        if mesa.shape != other.shape:
            texts.append(f"{kind}: shapes {mesa.shape} and {other.shape}")
            continue
        for name in mesa.dtype.names or ():
            apart = np.ascontiguousarray(mesa[name]).view(np.int64) != np.ascontiguousarray(other[name]).view(np.int64)
            if apart.any():
                at = tuple(int(i) for i in np.argwhere(apart)[0])
                texts.append(f"{kind}.{name} at {at}: {mesa[name][at]!r} and {other[name][at]!r}")
    return texts
