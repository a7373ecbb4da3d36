"""The runs that the pattern statistics are read from: the baseline and the same futures under changed levers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.boards.table import read_boards
from simulator.common.arrays import Floats
from simulator.common.representation import short_repr
from simulator.declarations.calendar import YEARS
from simulator.declarations.levers import LEVERS, QUARTER_DTYPE
from simulator.declarations.parameters import PARAMETERS
from simulator.engine.ensemble import Progress, YearlyRecords, simulate
from simulator.experiments.core.model_protocol import draw_uniforms
from simulator.replays.survey_emulator import Integers, sample_counts, simulate_reported
from simulator.runs.futures import Futures
from simulator.scenarios.library import BASELINE
from simulator.scenarios.scenario import load_scenario

Rows = NDArray[np.void]

NEVER_LEAVES = -30.0
AUDITED = {"audit": 1.0, "waivable": 0.0}
_SILENT_YEAR = slice(4, 8)
_SAMPLE = "sample of boards interviewed"
_RUNS = 6


@short_repr
@dataclass(frozen=True, eq=False)
class Runs:
    """Rows of areas, (futures, years, areas), as many years from 2022/23 as are needed, under one calendar each.

    `baseline` four years; `audited` one, the ring-fence audited and not waivable; `silent` two, without letter and
    waiver in 2023/24; `committee` two, committees everywhere. `settled` (futures, 3) and `fenced` (futures, 8) are
    mean shares retained by year: no chief ever leaves; a ring-fence throughout, audited and not waivable. `counts`
    and `sampled` (futures, 3) are boards that report all, part and none kept: of all boards, and of a sample of 20.
    """

    baseline: Rows
    audited: Rows
    silent: Rows
    committee: Rows
    settled: Floats
    fenced: Floats
    counts: Floats
    sampled: Integers


def run_patterns(
    futures: Futures,
    progress: Progress | None = None,
    bias: Floats | float = 1.0,
    levers: Mapping[str, float] | None = None,
) -> Runs:
    """Run what the statistics need, all with the random draws of `futures`. Levers change from 2022/23 Q1 on.

    `levers` are held at a value in every run, in both arms of what is compared. `bias` (futures,) is the volunteers'
    bias of each future; `progress` counts all runs together. Future j's sample of boards is drawn with a uniform number
    addressed by its row. Raises as `simulate`.
    """
    run, held = _Runner(futures, progress), dict(levers or {})
    baseline = run.areas(_make_calendar(4, held))
    silent = _make_calendar(2, held)
    for name in ("letter", "waiver"):
        silent[LEVERS[name].group][name][_SILENT_YEAR] = 0.0
    counts = simulate_reported(baseline, bias)
    return Runs(
        baseline=baseline,
        audited=run.areas(_make_calendar(1, {**held, **AUDITED})),
        silent=run.areas(silent),
        committee=run.areas(_make_calendar(2, {**held, "committee": 1.0})),
        settled=run.retained(_make_calendar(3, held), {"chief_exit": NEVER_LEAVES}),
        fenced=run.retained(_make_calendar(YEARS, {**held, "ringfence": 1.0, **AUDITED})),
        counts=counts,
        sampled=sample_counts(counts, draw_uniforms(len(futures), futures.seed, _SAMPLE)),
    )


def _make_calendar(years: int, levers: Mapping[str, float] | None = None) -> Rows:
    """The first years of the baseline calendar, levers held at a value throughout: shape (quarters,)."""
    schedule = np.array(load_scenario(BASELINE).schedule[: 4 * years], QUARTER_DTYPE)
    for name, value in (levers or {}).items():
        schedule[LEVERS[name].group][name] = value
    return schedule


class _Runner:
    """Runs the same futures again and again, and reports the progress of all runs together."""

    def __init__(self, futures: Futures, progress: Progress | None) -> None:
        self.futures = futures
        self.progress = progress
        self.before = 0

    def areas(self, schedule: Rows) -> Rows:
        """Rows of areas: (futures, years, areas)."""
        areas = self._run(schedule, self.futures.points, detail=True).areas
        assert areas is not None
        return areas

    def retained(self, schedule: Rows, held: Mapping[str, float] | None = None) -> Floats:
        """Mean share retained over areas, (futures, years), with parameters held, out of their bounds if need be."""
        points = self.futures.points.copy()
        for name, value in (held or {}).items():
            points[PARAMETERS[name].group][name] = value
        return np.asarray(self._run(schedule, points, detail=False).nation["retained_mean"])

    def _run(self, schedule: Rows, points: Rows, detail: bool) -> YearlyRecords:
        futures = self.futures
        progress = self._tell if self.progress else None
        yearly = simulate(
            points, futures.runs, schedule, read_boards().areas, seed=futures.seed, detail=detail, progress=progress
        )
        self.before += len(futures)
        return yearly

    def _tell(self, done: int, total: int) -> None:
        assert self.progress is not None
        self.progress(self.before + done, _RUNS * total)
