"""What the model expects to be seen: single boards' figures and national ones, in any number of replicates.

`simulate_places` and `simulate_national` are also the simulator of data sets for designs that nobody has asked for yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.boards.table import read_boards
from simulator.common.arrays import Floats
from simulator.declarations.outcomes import OUTCOMES
from simulator.engine.ensemble import YearlyRecords, simulate
from simulator.evidence.observations import NationalFigure
from simulator.replays.replay import load_replay, replay_names
from simulator.runs.parameter_sets import Records
from simulator.scenarios.scenario import load_scenario

SEED = 20260401
"""Of the chance in every weighing: the same evidence gives the same weights."""

RECORDED = ("chief", "gap")
"""What is recorded of a board beside its outcomes: the strength of its chief when plans were made, and its gap."""


MANY = 2
"""Where more than one board in so many is seen, all of them are read at once, which is quicker than one by one."""


class Place(NamedTuple):
    """Where something can be seen: a board by its code, a year by its index, and an outcome or a recorded name."""

    board: str
    year: int
    outcome: str


def simulate_places(
    points: Records, runs: NDArray[np.int64], places: Sequence[Place], seed: int = SEED, *, workers: int | None = None
) -> Floats:
    """What each run has at each place, without any error of observation: (runs, places). Raises as `simulate`.

    `workers` threads run them, by default as many as there are.
    """
    stop = max(place.year for place in places) + 1
    yearly = _simulate_history(points, runs, stop, seed, detail=True, workers=workers)
    assert yearly.areas is not None
    codes = {code: row for row, code in enumerate(read_boards().codes)}
    alike = dict[tuple[int, str], list[int]]()
    for k, place in enumerate(places):
        alike.setdefault((place.year, place.outcome), []).append(k)
    values = np.empty((len(runs), len(places)))
    for (year, outcome), numbers in alike.items():
        boards = [codes[places[k].board] for k in numbers]
        if MANY * len(boards) > len(codes):
            values[:, numbers] = _read_column(yearly.areas[:, year], outcome)[:, boards]
            continue
        for k, board in zip(numbers, boards, strict=True):
            values[:, k] = _read_column(yearly.areas[:, year, board], outcome)
    return values


def _read_column(records: NDArray[np.void], name: str) -> Floats:
    """An outcome or a recorded name of single boards, in the shape of their records."""
    return np.asarray(records[name]) if name in RECORDED else _read_outcome(records, name)


def _read_outcome(records: NDArray[np.void], name: str) -> Floats:
    """An outcome of single boards, in the shape of their records; one without a fund kept nothing of it."""
    return np.nan_to_num(OUTCOMES[name].of(records[..., None]), nan=0.0)


def simulate_national(
    points: Records, runs: NDArray[np.int64], figures: Sequence[NationalFigure], seed: int = SEED
) -> Floats:
    """What each run gives for each figure, without any error of observation: (runs, figures). Raises as `simulate`."""
    values = np.empty((len(runs), len(figures)))
    calendar = [figure for figure in figures if not figure.target]
    if calendar:
        nation = _simulate_history(points, runs, max(f.years[1] for f in calendar), seed, detail=False).nation
        for k, figure in enumerate(figures):
            if not figure.target:
                values[:, k] = OUTCOMES[figure.what].of(nation[:, slice(*figure.years)])
    for name in replay_names() if len(calendar) < len(figures) else ():
        replay = load_replay(name)
        read = {o.observed.id: o.name for o in replay.observations if o.observed}
        wanted = [k for k, figure in enumerate(figures) if figure.target and figure.what in read]
        predicted = replay.predict(points, runs, seed=seed) if wanted else {}
        for k in wanted:
            values[:, k] = predicted[read[figures[k].what]]
    return values


def _simulate_history(
    points: Records, runs: NDArray[np.int64], years: int, seed: int, *, detail: bool, workers: int | None = None
) -> YearlyRecords:
    """The years of the calendar as they were, up to but not including year `years`."""
    schedule = load_scenario("baseline").schedule[: 4 * years]
    return simulate(points, runs, schedule, read_boards().areas, seed=seed, detail=detail, workers=workers)
