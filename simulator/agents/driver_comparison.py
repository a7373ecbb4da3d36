"""Whether a run of the Mesa model and the same future of the compiled driver have the same bits."""

from __future__ import annotations

import numpy as np

from simulator.agents.model import HealthSystem
from simulator.engine.ensemble import YearlyRecords


def find_differences(model: HealthSystem, yearly: YearlyRecords, at: int = 0) -> list[str]:
    """Each output variable in which a finished Mesa run and future `at` of a compiled run with detail differ, in words
    that give the first value that does.
    """
    assert yearly.areas is not None
    differences = []
    for kind, mesa, compiled in (
        ("areas", model.area_rows(), yearly.areas[at]),
        ("nation", model.nation, yearly.nation[at]),
    ):
        for name in mesa.dtype.names or ():
            ours, theirs = (np.ascontiguousarray(rows[name]).view(np.int64) for rows in (mesa, compiled))
            if (ours != theirs).any():
                first = tuple(int(i) for i in np.argwhere(ours != theirs)[0])
                values = f"{float(mesa[name][first])!r} in Mesa and {float(compiled[name][first])!r} compiled"
                differences.append(f"{kind}.{name} is {values}")
    return differences
