"""What the model expects to be seen: single boards' figures and national ones, in any number of replicates.

`simulate_places` and `simulate_national` are also the simulator of data sets for designs that nobody has asked for yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.boards.table import read_boards
from simulator.declarations.outcomes import OUTCOMES
from simulator.engine.ensemble import YearlyRecords, simulate
from simulator.evidence.observations import NationalFigure
from simulator.experiments.core.model_protocol import Floats
from simulator.replays.replay import load_replay, replay_names
from simulator.runs.parameter_sets import Records
from simulator.scenarios.scenario import load_scenario

SEED = 20260401
"""Of the chance in every weighing: the same evidence gives the same weights."""

RECORDED = ("chief", "gap")
"""What is recorded of a board beside its outcomes: the strength of its chief when plans were made, and its gap."""


class Place(NamedTuple):
    """Where something can be seen: a board by its code, a year by its index, and an outcome or a recorded name."""

    board: str
    year: int
    outcome: str


def simulate_places(points: Records, runs: NDArray[np.int64], places: Sequence[Place], seed: int = SEED) -> Floats:
    """What each run has at each place, without any error of observation: (runs, places). Raises as `simulate`."""
    stop = max(place.year for place in places) + 1
    yearly = _simulate_history(points, runs, stop, seed, detail=True)
    assert yearly.areas is not None
    codes = {code: row for row, code in enumerate(read_boards().codes)}
    values = np.empty((len(runs), len(places)))
    for k, place in enumerate(places):
        records = yearly.areas[:, place.year, codes[place.board]]
        values[:, k] = records[place.outcome] if place.outcome in RECORDED else _read_outcome(records, place.outcome)
    return values


def _read_outcome(records: NDArray[np.void], name: str) -> Floats:
    """An outcome of single boards; one without a fund kept nothing of it."""
    return np.nan_to_num(OUTCOMES[name].of(records[:, None]), nan=0.0)


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
    points: Records, runs: NDArray[np.int64], years: int, seed: int, *, detail: bool
) -> YearlyRecords:
    """The years of the calendar as they were, up to but not including year `years`."""
    schedule = load_scenario("baseline").schedule[: 4 * years]
    return simulate(points, runs, schedule, read_boards().areas, seed=seed, detail=detail)
