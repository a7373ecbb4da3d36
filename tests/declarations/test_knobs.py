"""Every knob is alive: moved across its range, each parameter and each lever changes what the nation gets."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from simulator.common.units import Unit
from simulator.declarations.calendar import NEVER, QUARTERS
from simulator.declarations.levers import LEVERS, QUARTER_DTYPE
from simulator.declarations.number import Declared
from simulator.declarations.parameters import PARAMETERS, POINT_DTYPE, Parameters
from simulator.engine.ensemble import simulate
from simulator.engine.records import AREA_DTYPE

pytestmark = pytest.mark.declarations

Table = NDArray[np.void]
FUTURES = 20
MOVED = 1e-6


def crowd() -> Table:
    """Twelve unequal areas in three regions, seven of them in two footprints that merge."""
    areas = np.zeros(12, AREA_DTYPE)
    areas["alloc"] = np.linspace(1.0, 6.5, 12)
    areas["weight"] = np.linspace(3000.0, 800.0, 12)
    areas["target_z"] = np.linspace(-1.6, 1.6, 12)
    areas["core20"] = np.linspace(0.05, 0.6, 12)
    areas["region"] = np.arange(12) % 3
    areas["third"] = np.arange(12) // 4
    areas["head"] = (0, 1, 2, 0, 1, 5, 6, 0, 1, 9, 10, 0)
    shared = np.bincount(areas["head"], minlength=12)[areas["head"]] > 1
    areas["share_q"] = np.where(shared, 14, NEVER)
    areas["merge_q"] = np.where(shared, np.where(areas["head"] == 0, 16, 20), NEVER)
    return areas


INTERIOR = {
    "ringfence": 0.5,
    "audit": 0.3,
    "waivable": 0.7,
    "waiver": 0.4,
    "named": 0.6,
    "gateway": 0.2,
    "oversight": 0.2,
    "strategy": 0.3,
    "principles": 0.2,
    "multi_year": 0.5,
    "uplift": 0.03,
    "early_release": 0.3,
    "carry_forward": 0.4,
    "direct_share": 0.1,
    "pot_scale": 1.1,
    "forward_plan": 0.6,
    "leader_lift": 0.1,
    "finance_lift": 0.02,
    "stability": 0.4,
    "committee": 0.25,
    "relations": 0.4,
    "finance_grip": 1.2,
    "alignment": 0.3,
    "letter_guard": 0.3,
    "support": 0.8,
    "support_conditional": 1.0,
    "savings_ask": 5.8,
    "upheaval": 0.5,
    "reorganise": 1.0,
    "devolve": 0.3,
    "access": 0.6,
    "core20": 0.4,
    "conditions": 0.3,
    "central_staff": 1.5,
    "networks": 0.3,
    "peers": 0.6,
    "long_contracts": 0.2,
    "evaluation": 0.5,
    "route": 0.4,
}

BY_YEAR = {
    "gap_mean": (0.5, 1.5, 1.8, 1.5, 1.5, 1.2, 1.5, 1.5),
    "recurrent": (0.1, 0.8, 0.8, 0.1, 0.8, 0.8, 0.8, 0.8),
    "capacity": (1.0, 0.95, 0.8, 0.7, 0.7, 0.6, 0.6, 0.5),
    "lead_seat": (0.0, 0.0, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3),
    "cut": (0.0, 0.0, 0.0, 0.5, 0.8, 0.8, 0.8, 0.8),
}
BY_QUARTER = {"letter": (0.0, 0.2, 0.8, 0.5)}

# A constant of a structural alternative bites only where the alternative is switched on.
NEEDS = {"threshold_line": "pressure_threshold", "threshold_level": "pressure_threshold", "safe_reach": "place_safe"}


def busy(**held: float) -> Table:
    """A calendar in which every lever is somewhere inside its range; `held` levers are constant throughout."""
    schedule = np.zeros(QUARTERS, QUARTER_DTYPE)
    paths = {name: np.full(QUARTERS, value) for name, value in INTERIOR.items()}
    paths |= {name: np.repeat(values, 4) for name, values in BY_YEAR.items()}
    paths |= {name: np.tile(values, QUARTERS // 4) for name, values in BY_QUARTER.items()}
    paths |= {name: np.full(QUARTERS, value) for name, value in held.items()}
    for name, path in paths.items():
        schedule[LEVERS[name].group][name] = path
    return schedule


def draws(**settings: float) -> Table:
    points = np.array([Parameters()] * FUTURES, POINT_DTYPE)
    for name, value in settings.items():
        points[PARAMETERS[name].group][name] = value
    return points


def national(points: Table, schedule: Table) -> NDArray[np.float64]:
    """All national measures of the same runs for every set of `FUTURES` points: (sets, FUTURES, years, measures)."""
    runs = np.tile(np.arange(FUTURES), len(points) // FUTURES)
    nation = simulate(points, runs, schedule, crowd(), seed=20240323).nation
    return nation.view(np.float64).reshape(-1, FUTURES, QUARTERS // 4, len(nation.dtype.names))


def movement(after: NDArray[np.float64], before: NDArray[np.float64]) -> float:
    return float(np.abs(after - before).max())


def moved_values(number: Declared) -> list[float]:
    """The ends of a number's range that are not its default."""
    return [v for v in (number.about.low, number.about.high) if v != number.default]


@pytest.fixture(scope="module")
def moved_by_parameters() -> dict[str, float]:
    """Largest change of any national measure for each parameter at either end of its range."""
    cases = [(name, value) for name, number in PARAMETERS.items() for value in moved_values(number)]
    sets = [draws()] + [draws(**{NEEDS[n]: 1.0}) for n in NEEDS]
    sets += [draws(**{name: value, **({NEEDS[name]: 1.0} if name in NEEDS else {})}) for name, value in cases]
    outputs = national(np.concatenate(sets), busy())
    before = {name: outputs[1 + i] for i, name in enumerate(NEEDS)}
    most: dict[str, float] = dict.fromkeys(PARAMETERS, 0.0)
    for (name, _), after in zip(cases, outputs[1 + len(NEEDS) :], strict=True):
        most[name] = max(most[name], movement(after, before.get(name, outputs[0])))
    return most


@pytest.fixture(scope="module")
def moved_by_levers() -> dict[str, float]:
    """Largest change of any national measure for each lever held at either end of its range."""
    before = national(draws(), busy())
    return {
        name: max(movement(national(draws(), busy(**{name: end})), before) for end in (d.about.low, d.about.high))
        for name, d in LEVERS.items()
    }


def test_the_busy_calendar_sets_every_lever_once_and_off_its_bounds() -> None:
    assert sorted([*INTERIOR, *BY_YEAR, *BY_QUARTER]) == sorted(LEVERS)
    inside = {n for n, v in INTERIOR.items() if LEVERS[n].about.low < v < LEVERS[n].about.high}
    assert set(INTERIOR) - inside == {n for n, d in LEVERS.items() if d.about.unit is Unit.SWITCH}


@pytest.mark.parametrize("name", PARAMETERS)
def test_every_parameter_moves_some_national_measure(name: str, moved_by_parameters: dict[str, float]) -> None:
    assert moved_by_parameters[name] > MOVED


@pytest.mark.parametrize("name", LEVERS)
def test_every_lever_moves_some_national_measure(name: str, moved_by_levers: dict[str, float]) -> None:
    assert moved_by_levers[name] > MOVED


def test_a_dead_knob_would_be_found(moved_by_parameters: dict[str, float]) -> None:
    spare = national(np.concatenate([draws(), draws(safe_reach=0.0), draws(threshold_line=4.0)]), busy())
    assert movement(spare[1], spare[0]) == 0.0
    assert movement(spare[2], spare[0]) == 0.0
    assert min(moved_by_parameters.values()) > 0.0
