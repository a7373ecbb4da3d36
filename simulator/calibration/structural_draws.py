"""What the structural alternatives that ship say, and their draws: read without what fitting them takes.

`simulator.calibration.structural_fits` writes both files.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from functools import cache

import numpy as np

from simulator.calibration.structural_variants import STRUCTURES
from simulator.common.arrays import Floats
from simulator.declarations.parameters import PARAMETERS
from simulator.declarations.plugin_interface import GROUP as PLUGIN
from simulator.runs.fit_documents import StructureDocument, StructuresDocument
from simulator.runs.parameter_sets import UNCERTAIN, prior_columns
from simulator.runs.posterior import find_data_folder

DRAWS = 500
"""Draws of each alternative behind what `structures.json` says of it: a future each."""

NAMES = ("structures.json", "structures.csv.gz")
SHIPPED_DIGITS = 4
"""Far finer than a draw is known to. A page that holds draws of every structure stays small enough to be sent."""


@cache
def read_structures() -> Mapping[str, StructureDocument]:
    """What the shipped alternatives say, by name."""
    whole: StructuresDocument = json.loads((find_data_folder() / NAMES[0]).read_text(encoding="utf-8"))
    return {summary["name"]: summary for summary in whole["structures"]}


@cache
def read_structure_draws() -> Mapping[str, Mapping[str, Floats]]:
    """The shipped draws of every alternative: name -> one column (250,) a parameter, held ones included.

    A plug-in's numbers, which no alternative was fitted with, are drawn from their priors, the same in each.
    """
    with gzip.open(find_data_folder() / NAMES[1], "rt", encoding="utf-8", newline="") as file:
        head, *rows = file.read().splitlines()
    columns = head.split(",")[1:]
    added = [name for name in UNCERTAIN if PARAMETERS[name].group == PLUGIN]
    lines: dict[str, list[str]] = {}
    for row in rows:
        name, _, values = row.partition(",")
        lines.setdefault(name, []).append(values)
    tables = {
        name: np.array(",".join(values).split(","), np.float64).reshape(-1, len(columns))
        for name, values in lines.items()
    }
    return {
        name: {c: table[:, k] for k, c in enumerate(columns)}
        | dict(list_held(name, len(table)))
        | prior_columns(added, len(table))
        for name, table in tables.items()
    }


def list_held(name: str, n: int) -> Iterator[tuple[str, Floats]]:
    """The parameters that an alternative holds, with `n` copies of the value of each."""
    for parameter, value in STRUCTURES[name].held.items():
        yield parameter, np.full(n, value)
