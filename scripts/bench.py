"""Speed of the two drivers, in one process, mostly as ratios: machines are noisy, ratios less so.

Each figure is the best of several short repeats. Targets are printed beside what was measured; a target missed by a
noisy machine is no error, so the exit code is 0 unless results are wrong.
"""

from __future__ import annotations

import math
import resource
import subprocess
import sys
import time
import warnings
from collections.abc import Callable

import mesa
import numba
import numpy as np

from simulator.boards import boards
from simulator.draws import uniforms
from simulator.ensemble import BLOCK, simulate, threads
from simulator.futures import futures
from simulator.running import run_in_parts
from simulator.scenario import scenario
from simulator.system import HealthSystem

SEED = 20240323
# Counted in Mesa replays of prior draws on the baseline: what one run of 42 boards x 32 quarters cannot do without.
DRAWS, EXPONENTIALS, LOGARITHMS = 6_370, 2_450, 3_020


TRACED = f"""
import gc
import time
from simulator.system import HealthSystem
times = []
for _ in range(15):
    gc.collect()
    start = time.perf_counter()
    HealthSystem(luck_seed={SEED}).run()
    times.append(time.perf_counter() - start)
print(min(times))
"""


def best(work: Callable[[], object], repeats: int = 7) -> float:
    """Shortest time of several, in seconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


@numba.njit
def draws_alone(rounds: int) -> float:
    """Draw for 42 areas at a time, as the kernel does."""
    key = (np.uint64(1), np.uint64(2), np.uint64(3))
    total = 0.0
    for r in range(rounds):
        total += uniforms(key, 42, r & 31, 8)[5]
    return total


@numba.njit
def functions_alone(exps: int, logs: int) -> float:
    """Exponentials and logarithms, one after the other."""
    total = 0.0
    for i in range(exps):
        total += math.exp(-1e-4 * i)
    for i in range(logs):
        total += math.log(1e-4 * i + 0.1)
    return total


def line(what: str, value: str, target: str = "") -> None:
    """One line of the table."""
    print(f"{what:<62}{value:>16}   {target}")


def ensemble() -> float:
    """Runs a second on one and two threads, memory, and distance from the floor. Returns runs a second."""
    schedule, areas = scenario("baseline").schedule, boards().areas
    few = futures(16 * BLOCK)

    def go(f: object, workers: int) -> None:
        simulate(f.points, f.runs, schedule, areas, seed=SEED, workers=workers)  # type: ignore[attr-defined]

    go(few, 1)
    one = len(few) / best(lambda: go(few, 1))
    two = len(few) / best(lambda: go(few, 2))
    line("ensemble, one thread, runs a second", f"{one:,.0f}")
    line("ensemble, two threads, runs a second", f"{two:,.0f}", "at least 5,000")
    line("two threads against one", f"{two / one:.2f}")
    draws_alone(1)
    functions_alone(1, 1)
    floor = best(lambda: draws_alone(DRAWS * 50 // 42)) / 50
    floor += best(lambda: functions_alone(50 * EXPONENTIALS, 50 * LOGARITHMS)) / 50
    line("draws, exponentials and logarithms alone, µs a run", f"{floor * 1e6:,.0f}")
    line("one run against that floor, one thread", f"{1 / one / floor:.2f}", "aim under 2")
    heaps = []
    for parts in (2, 8):
        for _ in run_in_parts("baseline", parts * 4096, part=4096):
            pass
        heaps.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    line("peak memory of 8,192 runs in parts, MB", f"{heaps[0]:,.0f}")
    line("more for four times as many, MB", f"{heaps[1] - heaps[0]:,.1f}", "about 0")
    return two


def against_mesa(fast: float) -> None:
    """The same runs through Mesa's own batch_run, and one traced run."""
    runs = 8
    parameters = {"scenario": "baseline", "luck_seed": SEED, "run": range(runs), "record": False}

    def batch() -> object:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return mesa.batch_run(HealthSystem, parameters, number_processes=1, display_progress=False, max_steps=32)

    batch()
    slow = runs / best(batch, 3)
    line("Mesa batch_run, one process, runs a second", f"{slow:,.1f}")
    line("ensemble against batch_run", f"{fast / slow:,.0f} times", "at least 100 times")
    line(
        "one Mesa run with its trace, ms", f"{1e3 * best(lambda: HealthSystem(luck_seed=SEED).run()):.0f}", "at most 50"
    )


def commands() -> None:
    """Seconds until the command answers, and until the package is imported."""
    python = sys.executable
    compare = best(lambda: subprocess.run([python, "-m", "simulator", "compare"], check=True, capture_output=True), 3)
    line("ringfence compare, warm cache, s", f"{compare:.2f}", "under 3")
    importing = best(lambda: subprocess.run([python, "-c", "import simulator as rf; rf.run"], check=True), 3)
    line("import simulator and reach its functions, s", f"{importing:.2f}", "under 1.5")


def same_bits() -> bool:
    """One thread and two give the same bytes."""
    schedule, areas, f = scenario("baseline").schedule, boards().areas, futures(3 * BLOCK + 7)
    made = [
        simulate(f.points, f.runs, schedule, areas, seed=SEED, workers=w).nation.tobytes() for w in (1, 2, threads())
    ]
    return len(set(made)) == 1


if __name__ == "__main__":
    speed = ensemble()
    against_mesa(speed)
    commands()
    alike = same_bits()
    line("one and two threads give the same bytes", "yes" if alike else "NO")
    sys.exit(0 if alike else 1)
