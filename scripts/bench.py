"""Speed of the two drivers, in one process, mostly as ratios: machines are noisy, ratios less so.

Each figure is the best of several short repeats. Targets are printed beside what was measured; a target missed by a
noisy machine is no error, so the exit code is 0 unless results are wrong.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
import warnings
from collections.abc import Callable

import mesa
import numba
import numpy as np
from bench_vectorised import Vectorised, draws

from simulator.agents.model import HealthSystem
from simulator.boards.table import read_boards
from simulator.engine.checkpoint import Checkpoint
from simulator.engine.ensemble import BLOCK, count_threads, simulate, simulate_all
from simulator.engine.philox import uniforms
from simulator.rules.exact import exp, log
from simulator.runs.futures import Futures, draw_futures
from simulator.runs.run import run_in_parts
from simulator.scenarios.scenario import load_scenario

os.environ["RINGFENCE_CACHE"] = "off"  # what is measured is working out, not looking up
SEED = 20240323
POLICIES = ("baseline", "ringfence", "leadership")
# Counted in Mesa replays of prior draws on the baseline: what one run of 42 boards x 32 quarters cannot do without.
DRAWS, EXPONENTIALS, LOGARITHMS = 6_370, 2_450, 3_020


TRACED = f"""
import gc
import time
from simulator.agents.model import HealthSystem
times = []
for _ in range(15):
    gc.collect()
    start = time.perf_counter()
    HealthSystem(luck_seed={SEED}).run()
    times.append(time.perf_counter() - start)
print(min(times))
"""


def best(work: Callable[[], object], repeats: int = 7, clock: Callable[[], float] = time.perf_counter) -> float:
    """Shortest time of several, in seconds."""
    times = []
    for _ in range(repeats):
        start = clock()
        work()
        times.append(clock() - start)
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
        total += exp(-1e-4 * i)
    for i in range(logs):
        total += log(1e-4 * i + 0.1)
    return total


def line(what: str, value: str, target: str = "") -> None:
    """One line of the table."""
    print(f"{what:<62}{value:>16}   {target}")


def processor(work: Callable[[], object], repeats: int = 7) -> float:
    """Shortest processor time of several, in seconds: what other programs do disturbs it less."""
    return best(work, repeats, time.process_time)


def floor() -> float:
    """Seconds of processor time that one run's draws, exponentials and logarithms take by themselves."""
    draws_alone(1)
    functions_alone(1, 1)
    lucky = processor(lambda: draws_alone(DRAWS * 100 // 42), 15) / 100
    return lucky + processor(lambda: functions_alone(100 * EXPONENTIALS, 100 * LOGARITHMS), 15) / 100


def ensemble() -> tuple[float, float]:
    """Runs a second on one thread and on two, and distance from the floor. Returns the first two."""
    schedule, areas = load_scenario("baseline").schedule, read_boards().areas
    few = draw_futures(16 * BLOCK)

    def go(workers: int) -> None:
        simulate(few.points, few.runs, schedule, areas, seed=SEED, workers=workers)

    go(1)
    one, two = (len(few) / best(lambda w=w: go(w)) for w in (1, 2))  # type: ignore[misc]
    block = few.part(0, BLOCK)
    alone = processor(lambda: simulate(block.points, block.runs, schedule, areas, seed=SEED, workers=1), 30) / BLOCK
    least = floor()
    line("compiled, one thread, runs a second", f"{one:,.0f}")
    line("compiled, two threads, runs a second", f"{two:,.0f}", "at least 5,000; aim 10,000")
    line("two threads against one", f"{two / one:.2f}")
    line("processor time of one run, µs", f"{alone * 1e6:,.0f}", "200 would be 10,000 a second on two cores")
    line("its draws, exponentials and logarithms alone (the floor), µs", f"{least * 1e6:,.0f}")
    line("one run against that floor", f"{alone / least:.2f}", "aim under 2")
    return one, two


def shared(plain: float) -> None:
    """Policies that share what comes before they start; a policy that goes on from where futures stand by then."""
    areas, some = read_boards().areas, draw_futures(4 * BLOCK)
    chosen = [load_scenario(name) for name in POLICIES]
    schedules, start = np.stack([one.schedule for one in chosen]), chosen[1].start or 0
    checkpoint = Checkpoint(some.points, some.runs, schedules[1], areas, start, seed=SEED, workers=2)

    def apart() -> None:
        for schedule in schedules:
            simulate(some.points, some.runs, schedule, areas, seed=SEED, workers=2)

    runs = len(POLICIES) * len(some)
    together = runs / best(lambda: simulate_all(some.points, some.runs, schedules, areas, seed=SEED, workers=2))
    again = len(some) / best(lambda: checkpoint.resume(schedules[1], workers=2))
    separate = runs / best(apart)
    line("today's rules and two policies apart, two threads, runs a second", f"{separate:,.0f}")
    line("the same together, sharing what comes before", f"{together:,.0f}", f"{together / separate:.2f} times")
    line("one policy from where the futures stand when it starts", f"{again:,.0f}", f"{again / separate:.2f} times")
    line("today's rules alone, many futures, for comparison", f"{plain:,.0f}")


def memory() -> None:
    """Peak memory of many runs in parts."""
    heaps = []
    for parts in (2, 8):
        for _ in run_in_parts("baseline", parts * 4096, part=4096):
            pass
        heaps.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    line("peak memory of 8,192 runs in parts, MB", f"{heaps[0]:,.0f}")
    line("more for four times as many, MB", f"{heaps[1] - heaps[0]:,.1f}", "about 0")


def against_arrays(one: float) -> bool:
    """The same rules over NumPy arrays, all of them, with the draws given. Returns whether the numbers agree."""
    schedule, areas = load_scenario("baseline").schedule, read_boards().areas
    fastest, alike = 0.0, True
    for n in (64, 256):
        some = draw_futures(n)
        luck = draws(some, len(areas), len(schedule))
        fastest = max(fastest, n / best(lambda: Vectorised(some.points, schedule, areas, luck).run(), 3))  # noqa: B023
        alike = alike and agree(Vectorised(some.points, schedule, areas, luck).run(), some)
    line("the whole rulebook over NumPy arrays, one thread, runs a second", f"{fastest:,.0f}", "draws not counted")
    line("compiled against arrays, one thread each", f"{one / fastest:,.1f} times")
    line("arrays give the kernel's numbers, to nine digits", "yes" if alike else "NO")
    return alike


def agree(nation: np.ndarray, some: Futures) -> bool:
    """Whether every national measure of every year and future is the kernel's, to nine digits."""
    made = simulate(some.points, some.runs, load_scenario("baseline").schedule, read_boards().areas, seed=SEED).nation
    return all(np.allclose(nation[name], made[name], rtol=1e-9, atol=1e-9) for name in made.dtype.names or ())


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
    schedule, areas, f = load_scenario("baseline").schedule, read_boards().areas, draw_futures(3 * BLOCK + 7)
    made = [
        simulate(f.points, f.runs, schedule, areas, seed=SEED, workers=w).nation.tobytes()
        for w in (1, 2, count_threads())
    ]
    together = simulate_all(f.points, f.runs, np.stack([load_scenario(n).schedule for n in POLICIES]), areas, seed=SEED)
    return len({*made, together[0].nation.tobytes()}) == 1


if __name__ == "__main__":
    single, speed = ensemble()
    shared(speed)
    close = against_arrays(single)
    against_mesa(speed)
    memory()
    commands()
    alike = same_bits()
    line("one and two threads, together and apart, give the same bytes", "yes" if alike else "NO")
    sys.exit(0 if alike and close else 1)
