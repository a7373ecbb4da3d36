"""Weights of evidence kept on disk, in the project's one cache of results, so that a file is weighed once.

An entry is named after everything that decides the weights: the observations, the posterior, the scenarios that
statements are about, and the sources of the program. Files of evidence themselves are not kept.
"""

from __future__ import annotations

import functools
import hashlib
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import numpy as np

from simulator.boards.table import read_boards
from simulator.common.arrays import Floats
from simulator.common.representation import short_repr
from simulator.engine.kernel_sources import source_hash
from simulator.runs.posterior import Posterior
from simulator.runs.result_cache import keep_numbers, recall_numbers
from simulator.scenarios.scenario import load_scenario

_ROOMS = ("evidence", "experiments", "calibration", "replays", "runs", "declarations")


@short_repr
@dataclass(frozen=True, eq=False)
class KeptWeights:
    """Weights (pool,) with k-hat; `surprises` (labels, 3) have low, high and chance; `credences` one per statement.

    `drawn` holds a column (pool,) a parameter, and the row, where other draws were weighed than the posterior's first.
    """

    weights: Floats
    pareto_k: float
    surprises: Floats
    credences: Floats
    drawn: Mapping[str, Floats] | None = None


def make_key(observations: Sequence[str], scenarios: Sequence[str], base: Posterior) -> str:
    """32 hexadecimal digits that tell these weights from any other."""
    digest = hashlib.sha256(repr(("weights", hash_sources(), read_boards().fingerprint)).encode())
    for text in (*observations, *scenarios, platform.machine(), metadata.version("numpy"), metadata.version("numba")):
        digest.update(f"{len(text)}:{text}".encode())
    for name in ("baseline", *scenarios):
        digest.update(np.ascontiguousarray(load_scenario(name).schedule).tobytes())
    for name, column in base.draws.items():
        digest.update(name.encode() + np.ascontiguousarray(column).tobytes())
    return digest.hexdigest()[:32]


@functools.cache
def hash_sources() -> str:
    """A hash of the kernels, of the rooms that weigh evidence, and of the published findings."""
    here = Path(__file__).parents[1]
    digest = hashlib.sha256(source_hash().encode())
    paths = [path for room in _ROOMS for path in (here / room).rglob("*.py")]
    paths += [here / "data/targets.yaml", *(here / "data/replays").rglob("*.yaml")]
    paths += (here / "data/questions").rglob("*.yaml")
    for path in sorted(paths):
        digest.update(path.name.encode())
        digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def keep_weights(key: str, kept: KeptWeights) -> None:
    """Keep weights under a key, each of the two tables whole or not at all."""
    keep_numbers(key, np.column_stack([kept.weights, *(kept.drawn or {}).values()]))
    facts = [[kept.pareto_k, len(kept.surprises), 0.0], *kept.surprises.tolist()]
    keep_numbers(_name_facts(key), np.array([*facts, *([float(credence), 0.0, 0.0] for credence in kept.credences)]))


def recall_weights(key: str, columns: Sequence[str]) -> KeptWeights | None:
    """The weights kept under a key, if they are there and whole. `columns` name those of draws, in their order."""
    table, facts = recall_numbers(key), recall_numbers(_name_facts(key))
    if table is None or facts is None or facts.shape[1] != 3 or table.shape[1] not in (1, 1 + len(columns)):
        return None
    count = 1 + int(facts[0, 1])
    drawn = dict(zip(columns, np.ascontiguousarray(table[:, 1:].T), strict=True)) if table.shape[1] > 1 else None
    weights = np.ascontiguousarray(table[:, 0])
    return KeptWeights(weights, float(facts[0, 0]), facts[1:count], facts[count:, 0], drawn)


def _name_facts(key: str) -> str:
    """The key of what is kept beside weights."""
    return hashlib.sha256(f"facts of {key}".encode()).hexdigest()[:32]
