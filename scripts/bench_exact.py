"""What own exponentials and logarithms cost: the kernel with them against the same kernel with the system's.

Two processes compile the model, one with the system's functions in place of `simulator/rules/exact.py`. They take
turns at the same futures on one thread, so that what disturbs one disturbs the other. Compiling takes a minute or two.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
import tempfile
import time
from statistics import median

ROUNDS = 25
FUTURES, RUNS = 128, 4
OWN, SYSTEM = "own", "system"


def use_system_functions() -> None:
    """Let kernels call the system's exponential and logarithm where rules call our own."""
    from numba.extending import overload

    from simulator.engine import bit_casts
    from simulator.rules import exact

    def register() -> None:
        overload(exact.exp)(lambda x: lambda x: math.exp(x))
        overload(exact.log)(lambda x: lambda x: math.log(x))

    bit_casts.register = register


def work(which: str) -> None:
    """Run futures whenever a line comes in, and say how many seconds of the processor they took."""
    if which == SYSTEM:
        use_system_functions()
    from simulator.boards.table import read_boards
    from simulator.engine.ensemble import simulate
    from simulator.runs.futures import draw_futures
    from simulator.scenarios.scenario import load_scenario

    drawn, schedule, areas = draw_futures(FUTURES), load_scenario("baseline").schedule, read_boards().areas
    simulate(drawn.points, drawn.runs, schedule, areas, seed=drawn.seed, workers=1)
    print("ready", flush=True)
    for _ in sys.stdin:
        since = time.process_time()
        for _ in range(RUNS):
            simulate(drawn.points, drawn.runs, schedule, areas, seed=drawn.seed, workers=1)
        print(time.process_time() - since, flush=True)


def measured() -> tuple[float, float]:
    """Seconds of the processor a run, with own functions and with the system's."""
    seconds: dict[str, list[float]] = {OWN: [], SYSTEM: []}
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "NUMBA_CACHE_DIR": folder}
        workers = {
            which: subprocess.Popen(
                [sys.executable, __file__, which],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=environment if which == SYSTEM else None,
            )
            for which in seconds
        }
        for worker in workers.values():
            assert worker.stdout is not None
            assert worker.stdout.readline() == "ready\n"
        for turn in range(ROUNDS):
            for which in (OWN, SYSTEM) if turn % 2 else (SYSTEM, OWN):
                worker = workers[which]
                assert worker.stdin is not None
                assert worker.stdout is not None
                worker.stdin.write("\n")
                worker.stdin.flush()
                seconds[which].append(float(worker.stdout.readline()) / (FUTURES * RUNS))
        for worker in workers.values():
            worker.communicate()
    ratios = sorted(own / system for own, system in zip(seconds[OWN], seconds[SYSTEM], strict=True))
    print(f"own against the system's, median of {ROUNDS} turns: {median(ratios):.3f}   aim at most 1.05")
    print(f"the middle half of turns: {ratios[ROUNDS // 4]:.3f} to {ratios[3 * ROUNDS // 4]:.3f}")
    return min(seconds[OWN]), min(seconds[SYSTEM])


if __name__ == "__main__":
    if len(sys.argv) > 1:
        work(sys.argv[1])
    else:
        own, system = measured()
        print(f"shortest, µs a run: {own * 1e6:.0f} with own functions, {system * 1e6:.0f} with the system's")
        print(f"ratio of the shortest: {own / system:.3f}")
