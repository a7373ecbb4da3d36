"""Speed of the calibration and the experiments, each against what the compiled model does in the same minute.

A figure in seconds depends on the machine; the ratio beside it, work against plain runs, does so far less.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable

import numpy as np

from simulator.boards.table import read_boards
from simulator.calibration.fit import FULL, QUICK, calibrate
from simulator.evidence.evidence import Evidence
from simulator.evidence.observations import BoardRow
from simulator.evidence.predictions import Place, simulate_places
from simulator.evidence.weighing import make_records, weigh_draws
from simulator.experiments.core.replicate_average import ReplicateAverage
from simulator.experiments.core.sampled_futures import repeat_draws
from simulator.experiments.sensitivity.sobol import run_sobol
from simulator.experiments.tradeoffs.attribution import attribute_package
from simulator.experiments.tradeoffs.equivalence import find_equivalence
from simulator.experiments.tradeoffs.lever_sweep import STEPS, LeverQuestion
from simulator.runs.futures import draw_futures
from simulator.runs.posterior import shipped_posterior
from simulator.runs.run import run
from simulator.studies.model_function import (
    ModelFunction,
    draw_posterior_points,
    list_lever_factors,
    list_parameter_factors,
)

DRAWS = 500
EVIDENCE_RUNS = 1_000_000
"""Plain runs, of eight years, that weighing evidence is compared with."""

LEVERS = {
    "ringfence": {"ringfence": 1.0, "waiver": 0.0},
    "leadership": {"leader_lift": 0.45},
    "finance": {"finance_lift": 0.2},
    "committee": {"committee": 1.0},
    "named": {"named": 1.0},
    "lead": {"lead_seat": 1.0},
    "oversight": {"oversight": 1.0},
    "early": {"early_release": 1.0},
}


def timed(work: Callable[[], object]) -> float:
    """Seconds that some work takes."""
    since = time.perf_counter()
    work()
    return time.perf_counter() - since


def plain() -> float:
    """Runs a second of the baseline, now."""
    few = draw_futures(2_048)
    return len(few) / timed(lambda: run("baseline", futures=few))


def line(what: str, seconds: float, runs: int, target: float) -> None:
    """One line: seconds, target, and how the work compares with as many plain runs."""
    ratio = seconds / (runs / plain())
    heap = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{what:<58}{seconds:>8.1f} s  under {target:>4.0f} s   {ratio:>5.2f} of plain runs   {heap:>6,.0f} MB")


def equals() -> None:
    """How much of a leadership programme equals a ring-fence, for every draw."""
    lever = list_lever_factors(("leader_lift",))[0]
    question = LeverQuestion(lever, {"ringfence": 1.0, "waiver": 0.0}, "retained")
    worlds = repeat_draws(draw_posterior_points(DRAWS), 1)
    seconds = timed(lambda: find_equivalence(ModelFunction(), question, worlds))
    line(f"equivalence, {DRAWS} draws", seconds, DRAWS * (STEPS + 1), 20)


def shapley() -> None:
    """Which of eight levers did it?"""
    worlds = repeat_draws(draw_posterior_points(DRAWS), 1)
    seconds = timed(lambda: attribute_package(ModelFunction(), worlds, LEVERS, "retained", seed=1))
    line(f"Shapley shares, 8 levers, {DRAWS} paired runs", seconds, DRAWS * 256, 60)


def indices() -> None:
    """Sobol' indices of 20 parameters, 1,024 blocks, 25 runs a point."""
    factors, n, runs = list_parameter_factors()[:20], 1_024, 25
    model = ReplicateAverage(ModelFunction(), runs)
    seconds = timed(lambda: run_sobol(model, factors, "retained", start=n, most=n))
    line(f"Sobol' indices, 20 parameters, {n * 23:,} points x {runs} runs", seconds, n * 23 * runs, 240)


def fits() -> None:
    """The quick and the full fit; a plain run stands for a point, which is about 1,460 board-quarters of 1,344."""
    for name, sizes, target in (("quick", QUICK, 60.0), ("full", FULL, 600.0)):
        made = []
        seconds = timed(lambda sizes=sizes, made=made: made.append(calibrate(sizes)))  # type: ignore[misc]
        line(
            f"{name} fit, {sum(sizes):,} points, effective {made[0].quality.effective:,.0f}",
            seconds,
            sum(sizes),
            target,
        )


def evidence() -> None:
    """Evidence of all boards in two years, invented: what one run of the first draw has, seen with an error of 5%."""
    base = shipped_posterior()
    places = [Place(code, year, "retained") for code in read_boards().codes for year in (0, 1)]
    seen = simulate_places(make_records(base, 1), np.array([123_456]), places, 99)[0]
    rows = tuple(BoardRow(*place, round(float(x), 3), 0.05) for place, x in zip(places, seen, strict=True))
    made = []
    seconds = timed(lambda: made.append(weigh_draws(Evidence("Invented", "To time it", rows), base)))
    line(f"evidence, {len(rows)} rows, effective {made[0].effective:,.0f}", seconds, EVIDENCE_RUNS, 60.0)


WORKS: dict[str, Callable[[], None]] = {
    "equals": equals,
    "shapley": shapley,
    "fits": fits,
    "indices": indices,
    "evidence": evidence,
}

if __name__ == "__main__":
    np.seterr(all="raise", under="ignore")
    plain()
    for name in sys.argv[1:] or WORKS:
        WORKS[name]()
