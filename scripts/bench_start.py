"""How soon commands begin: processor seconds of whole processes, as ratios to a bare `import numpy`.

They take turns, so that what disturbs one disturbs the others, and each figure is a median. The model is compiled
beforehand. Not for Windows, which does not tell what a finished process took.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Collection
from pathlib import Path
from statistics import median

ROUNDS = 7
BARE = "import numpy"
COMMANDS = {
    "ringfence --help": ("--help",),
    "ringfence compare --help": ("compare", "--help"),
    "ringfence scenarios list": ("scenarios", "list"),
    "ringfence compare ringfence leadership, kept": ("compare", "ringfence", "leadership"),
    "ringfence compare ringfence leadership, run": ("compare", "ringfence", "leadership"),
}
PROGRAMS = {
    BARE: BARE,
    "import simulator": "import simulator",
    "simulator.load_scenario('ringfence')": "import simulator; simulator.load_scenario('ringfence')",
    "every name of simulator": "from simulator import *",
}


def measure(words: list[str], environment: dict[str, str]) -> float:
    """Processor seconds of one process, user and system."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(words, env=environment, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure_starts(rounds: int = ROUNDS, labels: Collection[str] | None = None) -> dict[str, list[float]]:
    """Processor seconds of every start, or of those named, in turns: label -> one figure a round."""
    with tempfile.TemporaryDirectory() as folder:
        kept, off = ({**os.environ, "RINGFENCE_CACHE": value} for value in (str(Path(folder)), "off"))
        runs = {label: ([sys.executable, "-c", text], kept) for label, text in PROGRAMS.items()}
        for label, words in COMMANDS.items():
            runs[label] = ([sys.executable, "-m", "simulator", *words], off if label.endswith("run") else kept)
        runs = {label: run for label, run in runs.items() if labels is None or label in labels}
        for words, environment in runs.values():  # warm: files read, the model compiled, results kept
            measure(words, environment)
        seconds: dict[str, list[float]] = {label: [] for label in runs}
        for _ in range(rounds):
            for label, (words, environment) in runs.items():
                seconds[label].append(measure(words, environment))
    return seconds


def main() -> None:
    """Measure all in turns, and print a line each."""
    seconds = measure_starts()
    print(f"{'':48}{'x numpy':>9}{'median s':>10}{'least s':>9}")
    for label, each in seconds.items():
        ratio = median(own / bare for own, bare in zip(each, seconds[BARE], strict=True))
        print(f"{label:48}{ratio:9.2f}{median(each):10.3f}{min(each):9.3f}")


if __name__ == "__main__":
    main()
