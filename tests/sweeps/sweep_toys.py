"""Simulations that go wrong on purpose, importable by worker processes, and the sweeps that are made of them."""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from simulator.experiments.core.design import Design, DesignKind, Levels
from simulator.experiments.core.model_protocol import Factor, ModelProtocol, Outcomes, Points, Seeds
from simulator.sweeps.executor_protocol import Executor
from simulator.sweeps.executors import make_executor
from simulator.sweeps.job import Job, TableDigest
from simulator.sweeps.runner import run_sweep
from simulator.sweeps.store import Store, open_store

FACTORS = (Factor("x", -2.0, 3.0, 0.0), Factor("y", 0.0, 1.0, 0.5), Factor("on", 0, 1, 0, Levels((0.0, 1.0))))
TRIAL = 64
"""The first rows, which every sweep tries first: nothing goes wrong in them."""


def wave(points: Points, seeds: Seeds) -> Outcomes:
    """A function of the point and of the seed; blank where `y` is nearly 1."""
    height = np.sin(3 * points["x"]) + points["on"] * points["y"] ** 2 + (seeds % 1009) / 1009
    return {"height": np.where(points["y"] > 0.98, np.nan, height), "x": points["x"] ** 2}


def looks_for_pandas(points: Points, seeds: Seeds) -> Outcomes:
    """The same, but the height is 1 in a worker that has imported pandas, and else 0."""
    imported = multiprocessing.parent_process() is not None and "pandas" in sys.modules
    return {**wave(points, seeds), "height": np.full(len(seeds), float(imported))}


@dataclass(frozen=True)
class Slow:
    """The same, taking so many seconds a row."""

    seconds: float

    def __call__(self, points: Points, seeds: Seeds) -> Outcomes:
        if len(seeds) > 1:
            time.sleep(self.seconds * len(seeds))
        return wave(points, seeds)


@dataclass(frozen=True)
class Stumbles:
    """The same, but a batch with a point in the highest share of `x` breaks down: the first time only, or always.

    `how` is "raise" for an error that says nothing of a single row, or "end" to end the process at once.
    """

    folder: Path
    share: float
    how: str = "raise"
    once: bool = True

    def __call__(self, points: Points, seeds: Seeds) -> Outcomes:
        if (points["x"] > 3 - 5 * self.share).any() and len(seeds) < TRIAL:
            mark = self.folder / f"{points['x'][0]:.17g}"
            if not (self.once and mark.exists()):
                mark.touch()
                if self.how == "end":
                    time.sleep(0.1)  # what it has said before is sent
                    os._exit(9)
                raise OSError("the licence server is away")
        return wave(points, seeds)


def plan(points: int = 500, runs: int = 4, kind: DesignKind = DesignKind.LATIN, seed: int = 5) -> Design:
    """A design over the three factors."""
    return Design(kind, FACTORS, points, runs, seed)


def job(simulate: ModelProtocol = wave, design: Design | None = None) -> Job:
    """A sweep of a toy; all toys of this module give one table unless they are made to fail for good."""
    return Job(simulate, design or plan(), ("height", "x"), {"toy": "wave"})


def swept(
    folder: Path, work: Job, on: str | Executor = "here", *, chunk: int | None = 50, resume: bool = False
) -> tuple[Store, str]:
    """Run a sweep into a folder; its store and the SHA-256 of its table."""
    with open_store(folder, work, resume=resume, chunk=chunk) as store:
        run_sweep(store, make_executor(on) if isinstance(on, str) else on)
        return store, store.summary()[1]


def undisturbed(design: Design | None = None) -> str:
    """The SHA-256 of the table as one batch in this process makes it, without any store."""
    work, digest = job(design=design), TableDigest()
    digest.add(work.run(0, len(work.design)))
    return digest.hex()
