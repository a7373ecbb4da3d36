"""The model as a function of points and seeds, for experiments and for other people's tools.

A point sets parameters and levers by name. Parameters hold throughout; levers hold from `start` on and replace those of
the scenario's own calendar. A seed is the number of a run: rows with one seed meet the same chance.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simulator.boards.table import Boards, read_boards, to_boards
from simulator.common.arrays import Floats
from simulator.common.errors import InputError, UnknownNameError
from simulator.common.numbers import parse_seed
from simulator.common.representation import short_repr
from simulator.common.units import Unit
from simulator.declarations.calendar import QUARTERS, YEARS, parse_quarter, parse_years, span_name
from simulator.declarations.levers import LEVERS
from simulator.declarations.number import Declared
from simulator.declarations.outcomes import HEADLINES, OUTCOMES
from simulator.declarations.parameters import PARAMETERS
from simulator.declarations.plugin import suggest_declared
from simulator.engine.ensemble import simulate
from simulator.experiments.core.design import Levels
from simulator.experiments.core.model_protocol import Factor, Outcomes, Points, Seeds
from simulator.runs.futures import SEED
from simulator.runs.parameter_sets import UNCERTAIN, make_points, posterior_columns
from simulator.runs.results import find_outcome
from simulator.scenarios.scenario import PROSPECTIVE, Scenario, load_scenario

CHUNK = 4_096


@short_repr
@dataclass(frozen=True, eq=False)
class ModelFunction:
    """The model as a `ModelProtocol`, under one scenario: `policy`, whose name or file is loaded.

    `outcomes` is a list of names, taken over `years`, by default from the year of `start` on. `luck_seed` decides all
    chance, together with each row's seed. Called with points, a column (n,) by name of a parameter or lever, and seeds
    (n,), it gives a column (n,) by outcome. Raises LookupError for unknown names, InputError for all else.
    """

    policy: Scenario = field(default_factory=lambda: load_scenario("baseline"))
    outcomes: Sequence[str] = HEADLINES
    start: str = PROSPECTIVE
    years: str | None = None
    areas: Boards = field(default_factory=read_boards)
    luck_seed: int = SEED

    def __post_init__(self) -> None:
        object.__setattr__(self, "policy", load_scenario(self.policy))
        object.__setattr__(self, "areas", to_boards(self.areas))
        object.__setattr__(self, "luck_seed", parse_seed(self.luck_seed))
        if isinstance(self.outcomes, str) or not isinstance(self.outcomes, Iterable):
            raise InputError(f"outcomes is a list of names, such as ['retained'], not {self.outcomes!r}")
        for name in self.outcomes:
            find_outcome(name)
        if not 0 <= self.first < QUARTERS:
            raise InputError(f"levers cannot be set from {self.start}: it is outside the calendar")
        if self.years is not None and not range(QUARTERS // 4)[self.span]:
            raise InputError(f"there is no year in {self.years}: the model has {span_name(0, YEARS - 1)}")

    @cached_property
    def first(self) -> int:
        """The quarter from which levers are set."""
        return parse_quarter(self.start)

    @cached_property
    def span(self) -> slice:
        """The years that outcomes are taken over."""
        return slice(self.first // 4, None) if self.years is None else parse_years(self.years)

    def __call__(self, points: Points, seeds: Seeds) -> Outcomes:
        """Outcomes, (n,) each, in their units. Raises ValueError as `check_columns`."""
        points, seeds = _read_rows(points, seeds)
        check_columns(points)
        outcomes: dict[str, Floats] = {name: np.empty(len(seeds)) for name in self.outcomes}
        for first in range(0, len(seeds), CHUNK):
            rows = slice(first, first + CHUNK)
            nation = self._run({name: column[rows] for name, column in points.items()}, seeds[rows])
            for name in self.outcomes:
                outcomes[name][rows] = OUTCOMES[name].of(nation[:, self.span])
        return outcomes

    def _run(self, columns: Points, seeds: Seeds) -> NDArray[np.void]:
        """National records (rows, years) of one chunk."""
        records = make_points(len(seeds))
        for name in columns:
            if name in PARAMETERS:
                records[PARAMETERS[name].group][name] = columns[name]
        schedules, policy = self._schedules({name: columns[name] for name in columns if name in LEVERS}, len(seeds))
        return simulate(
            records,
            seeds,
            schedules,
            self.areas.areas,
            seed=self.luck_seed,
            policy=policy,
        ).nation

    def _schedules(self, levers: Points, n: int) -> tuple[NDArray[np.void], NDArray[np.int64]]:
        """The distinct schedules, (policies, quarters), and the one that each row runs under, (n,)."""
        base = self.policy.schedule
        if not levers:
            return base, np.zeros(n, np.int64)
        table, which = np.unique(np.stack(list(levers.values()), axis=1), axis=0, return_inverse=True)
        schedules = np.repeat(base[None, :], len(table), axis=0)
        for k, name in enumerate(levers):
            schedules[LEVERS[name].group][name][:, self.first :] = table[:, k : k + 1]
        return schedules, np.asarray(which.reshape(-1), np.int64)


def _read_rows(points: Points, seeds: Seeds) -> tuple[Points, Seeds]:
    """Points and seeds as arrays, (n,) each. Raises InputError for what is none."""
    if not isinstance(points, Mapping):
        raise InputError(
            f"points are columns by name, such as {{'audit': [0, 1]}}, with a seed a row, not a {type(points).__name__}"
        )
    try:
        columns = {name: np.asarray(column, np.float64) for name, column in points.items()}
        numbers = np.asarray(seeds)
    except (TypeError, ValueError) as problem:
        raise InputError(f"points and seeds are numbers, a column each: {problem}") from None
    if numbers.ndim != 1 or not np.issubdtype(numbers.dtype, np.integer):
        raise InputError("seeds are whole numbers, one for each row, such as [0, 1]")
    if wrong := [name for name, column in columns.items() if column.shape != numbers.shape]:
        raise InputError(f"{wrong[0]} has shape {columns[wrong[0]].shape}: it takes {numbers.shape}, one per seed")
    return columns, numbers


def check_columns(columns: Points) -> None:
    """Refuse what is no parameter or lever, blanks and values out of bounds. Raises one ValueError that lists all."""
    problems = []
    for name, column in columns.items():
        number = PARAMETERS.get(name) or LEVERS.get(name)
        if number is None:
            problems.append(
                f"'{name}' is neither a parameter nor a lever{suggest_declared(name, (*PARAMETERS, *LEVERS))}"
            )
            continue
        low, high = number.about.low, number.about.high
        wrong = column[~((column >= low) & (column <= high))]
        if wrong.size:
            problems.append(f"{name} = {wrong[0]:g} is outside {low:g} to {high:g}")
    if problems:
        raise InputError("; ".join(problems))


def list_parameter_factors(names: Iterable[str] = UNCERTAIN) -> tuple[Factor, ...]:
    """Parameters as factors with their priors, by default all uncertain ones. Raises LookupError for other names."""
    return tuple(_make_factor(name, PARAMETERS, "parameter") for name in names)


def list_lever_factors(names: Iterable[str] = tuple(LEVERS)) -> tuple[Factor, ...]:
    """Levers as factors, even over their bounds, or on and off for switches. Raises LookupError for other names."""
    return tuple(_make_factor(name, LEVERS, "lever") for name in names)


def list_factors(names: Iterable[str]) -> tuple[Factor, ...]:
    """Parameters and levers as factors. Raises LookupError, which lists every unknown name."""
    wanted, known = list(names), {**PARAMETERS, **LEVERS}
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise UnknownNameError(
            "\n".join(f"'{n}' is neither a parameter nor a lever{_say_outcome(n, known)}" for n in unknown)
        )
    return tuple(_make_factor(name, known, "factor") for name in wanted)


def _say_outcome(name: str, known: Mapping[str, Declared]) -> str:
    """What to write instead of a name that is no factor."""
    if name in OUTCOMES:
        return f", but an outcome, which factors move: write outcome='{name}'"
    return suggest_declared(name, known)


def _make_factor(name: str, known: Mapping[str, Declared], kind: str) -> Factor:
    if name not in known:
        raise UnknownNameError(f"'{name}' is not a {kind}{suggest_declared(name, known)}")
    d = known[name]
    prior = Levels((d.about.low, d.about.high)) if d.about.unit is Unit.SWITCH else d.about.prior
    return Factor(name, d.about.low, d.about.high, d.default, prior, d.about.meaning, d.about.unit.value)


def draw_posterior_points(n: int, first: int = 0, seed: int = SEED) -> dict[str, Floats]:
    """Parameter draws of the posterior, one column (n,) a parameter: those of `futures` with the same seed."""
    columns = posterior_columns(n, seed, first)
    return {name: columns[name] for name in UNCERTAIN}
