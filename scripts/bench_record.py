"""The record of speed: `scripts/bench --record` writes a line of it, `scripts/bench --check` holds today against it.

Every figure is a ratio of processor times that were measured in turns in one run, each the least of several, so that a
busy machine or another processor moves it little. A line belongs to a version; recording a version again replaces its
line. `--check` warns and never fails: a ratio can still be unlucky.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import NamedTuple, TypedDict

ROOT = Path(__file__).resolve().parents[1]
RECORD = ROOT / "docs" / "benchmarks.jsonl"
PACKAGES = ("numpy", "numba", "llvmlite", "mesa")
WORSE = 1.25
"""A ratio that grew to more than this many times the recorded one is worth a warning."""
NUMPY = "import numpy"


class Ratio(NamedTuple):
    """A figure of the record: what it says, and whether more of it is better. `short`: `--check` measures it too."""

    says: str
    more_is_better: bool = False
    short: bool = False


RATIOS = {
    "run_to_floor": Ratio("compiled run to its draws, exponentials and logarithms", short=True),
    "mesa_to_run": Ratio("run through Mesa's batch_run to a compiled run", more_is_better=True, short=True),
    "arrays_to_run": Ratio("the rulebook over NumPy arrays to a compiled run", more_is_better=True, short=True),
    "trace_to_run": Ratio("run in Mesa with its trace to a compiled run", short=True),
    "apart_to_together": Ratio("policies apart to policies that share a beginning", more_is_better=True, short=True),
    "fit_to_run": Ratio("parameter set of the fit, in all replays, to a compiled run"),
    "help_to_numpy": Ratio("ringfence --help to import numpy", short=True),
    "list_to_numpy": Ratio("ringfence scenarios list to import numpy", short=True),
    "kept_to_numpy": Ratio("ringfence compare, results kept, to import numpy"),
    "compare_to_numpy": Ratio("ringfence compare, two policies run, to import numpy"),
    "compile_to_numpy": Ratio("compiling the model, once a computer, to import numpy"),
}
STARTS = {
    "help_to_numpy": "ringfence --help",
    "list_to_numpy": "ringfence scenarios list",
    "kept_to_numpy": "ringfence compare ringfence leadership, kept",
    "compare_to_numpy": "ringfence compare ringfence leadership, run",
}


class RecordLine(TypedDict):
    """A line of the record. `seconds` are the processor times behind the ratios, and say how fast the machine was."""

    version: str
    commit: str
    date: str
    processor: str
    cores: int
    load: float
    python: str
    packages: dict[str, str]
    note: str
    ratios: dict[str, float]
    seconds: dict[str, float]


def least_in_turns(works: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The shortest processor time of each piece of work, in seconds; they take turns."""
    least = dict.fromkeys(works, float("inf"))
    for work in works.values():
        work()
    for _ in range(rounds):
        for name, work in works.items():
            since = time.process_time()
            work()
            least[name] = min(least[name], time.process_time() - since)
    return least


def measure_model(rounds: int) -> dict[str, float]:
    """Seconds a run: compiled, its floor, over arrays, through Mesa, three policies together and apart."""
    import bench
    import mesa
    import numpy as np

    from simulator.agents.model import HealthSystem

    areas, some = bench.read_boards().areas, bench.draw_futures(bench.BLOCK)
    schedules = np.stack([bench.load_scenario(name).schedule for name in bench.POLICIES])
    luck, seed, n = bench.draws(some, len(areas), schedules.shape[1]), bench.SEED, len(some)
    parameters = {"scenario": "baseline", "luck_seed": seed, "run": range(1), "record": False}

    def run(policies: Sequence[int], together: bool = False) -> None:
        if together:
            bench.simulate_all(some.points, some.runs, schedules, areas, seed=seed, workers=1)
            return
        for policy in policies:
            bench.simulate(some.points, some.runs, schedules[policy], areas, seed=seed, workers=1)

    def draw_and_calculate() -> None:
        bench.draws_alone(bench.DRAWS * n // 42)
        bench.functions_alone(n * bench.EXPONENTIALS, n * bench.LOGARITHMS)

    def run_mesa() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            mesa.batch_run(HealthSystem, parameters, number_processes=1, display_progress=False, max_steps=32)

    quick = least_in_turns({"run": lambda: run([0]), "floor": draw_and_calculate}, 6 * rounds)
    slow = least_in_turns(
        {
            "apart": lambda: run(range(len(schedules))),
            "together": lambda: run((), together=True),
            "arrays": lambda: bench.Vectorised(some.points, schedules[0], areas, luck).run(),
            "mesa": run_mesa,
            "trace": lambda: HealthSystem(luck_seed=seed).run(),
        },
        rounds,
    )
    each = {"run": n, "floor": n, "apart": 3 * n, "together": 3 * n, "arrays": n, "mesa": 1, "trace": 1}
    return {name: seconds / each[name] for name, seconds in (quick | slow).items()}


def measure_fit(rounds: int) -> float:
    """Seconds a parameter set of a small fit, on one thread."""
    from simulator.calibration.fit import calibrate

    sizes = (1_000, 1_000)
    os.environ["RINGFENCE_THREADS"] = "1"
    return least_in_turns({"fit": lambda: calibrate(sizes)}, rounds)["fit"] / sum(sizes)


def measure_compiling() -> float:
    """Processor seconds of compiling the model in a process of its own, with nothing kept."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "NUMBA_CACHE_DIR": folder}
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [sys.executable, "-m", "simulator", "warm"], env=environment, check=True, capture_output=True, cwd=ROOT
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure(short: bool) -> tuple[dict[str, float], dict[str, float]]:
    """Ratios and the seconds behind them; `short` leaves out what takes long."""
    from bench_start import measure_starts

    os.environ["RINGFENCE_CACHE"] = "off"
    seconds = measure_model(2 if short else 15)
    chosen = [name for name in STARTS if RATIOS[name].short or not short]
    starts = measure_starts(2 if short else 7, {NUMPY, *(STARTS[name] for name in chosen)})
    seconds |= {"numpy": min(starts[NUMPY]), **{name.split("_")[0]: min(starts[STARTS[name]]) for name in chosen}}
    if not short:
        seconds |= {"fit": measure_fit(3), "compile": measure_compiling()}
    ratios = {}
    for name, ratio in RATIOS.items():
        if ratio.short or not short:
            above, below = name.split("_to_")
            ratios[name] = round(seconds[above] / seconds[below], 2)
    return ratios, {name: float(f"{value:.4g}") for name, value in seconds.items()}


def name_processor() -> str:
    """The processor's own name, where the system tells it."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
        return next(line.split(":", 1)[1].strip() for line in text.splitlines() if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def find_commit() -> str:
    """The commit that was measured, marked if files differ from it; empty outside a repository."""
    told = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--exclude=*"], capture_output=True, text=True, cwd=ROOT, check=False
    )
    return told.stdout.strip()


def describe_run(ratios: dict[str, float], seconds: dict[str, float], note: str) -> RecordLine:
    """A line of the record for this machine, now."""
    return {
        "version": metadata.version("ringfence"),
        "commit": find_commit(),
        "date": datetime.now(UTC).date().isoformat(),
        "processor": name_processor(),
        "cores": os.cpu_count() or 1,
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else -1.0,
        "python": platform.python_version(),
        "packages": {name: metadata.version(name) for name in PACKAGES},
        "note": note,
        "ratios": ratios,
        "seconds": seconds,
    }


def read_record(path: Path = RECORD) -> list[RecordLine]:
    """The lines of the record, oldest first; none if there is no file."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def add_line(line: RecordLine, path: Path = RECORD) -> None:
    """Write a line behind the others, in place of one of the same version."""
    lines = [other for other in read_record(path) if other["version"] != line["version"]]
    text = "".join(f"{json.dumps(each, ensure_ascii=False)}\n" for each in [*lines, line])
    path.write_text(text, encoding="utf-8", newline="\n")


def find_worse(ratios: Mapping[str, float], recorded: Mapping[str, float]) -> list[str]:
    """A warning for each ratio that is worse than the recorded one by more than WORSE times."""
    warned = []
    for name in sorted(set(ratios) & set(recorded) & set(RATIOS)):
        says, more_is_better, _ = RATIOS[name]
        now, before = ratios[name], recorded[name]
        if (before / now if more_is_better else now / before) > WORSE:
            warned.append(f"{says}: {now:.2f} times, recorded {before:.2f}")
    return warned


def check() -> None:
    """Print today's short ratios beside those of the last line, and warnings."""
    lines = read_record()
    if not lines:
        print(f"there is no record in {RECORD.name} to compare with")
        return
    last = lines[-1]
    ratios, _ = measure(short=True)
    for name, ratio in ratios.items():
        print(f"{RATIOS[name].says:<84}{ratio:9.2f}{last['ratios'].get(name, float('nan')):10.2f} recorded")
    for warning in find_worse(ratios, last["ratios"]):
        print(f"warning: slower than version {last['version']}: {warning}", file=sys.stderr)


def record(note: str) -> None:
    """Measure everything, write the line, and draw the picture again."""
    from draw_benchmarks import write_picture

    line = describe_run(*measure(short=False), note)
    add_line(line)
    write_picture()
    for name, ratio in line["ratios"].items():
        print(f"{RATIOS[name].says:<84}{ratio:9.2f}")
    print(f"wrote {RECORD.relative_to(ROOT)}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["check"]:
        check()
    else:
        record(" ".join(sys.argv[2:]))
