"""Runs both drivers and the compiled trace with a plug-in, interpreted, and prints where they differ, as JSON.

A process of its own calls it: with a file, and the folder of the random worlds.
"""

from __future__ import annotations

import json
import sys

from simulator.engine.lanes import choose_lanes

choose_lanes(4)
sys.path.insert(0, sys.argv[2])

import simulator.plugins

simulator.plugins.load(sys.argv[1])

import numpy as np
from random_worlds import Case, case_of, compiled, differences, mesa_model

from simulator.agents.model import HealthSystem
from simulator.declarations.draw_ids import Event
from simulator.engine import decision_trace

KINDS = (("prior", "prior"), ("anywhere", "anywhere"), ("prior", "ends"))
Line = tuple[float, ...]


def decisions_of_mesa(model: HealthSystem) -> list[Line]:
    """Every decision with its numbers and pulls, sorted."""
    return sorted(
        (
            d.quarter,
            d.area,
            d.event,
            d.pull,
            d.draw,
            d.taken,
            d.width,
            *(float(x) for pulls in d.reasons for x in pulls),
        )
        for d in model.trace or ()
    )


def decisions_of_trace(case: Case) -> list[Line]:
    """The same as the compiled trace writes them down."""
    n, quarters = len(case.areas), len(case.schedule)
    room = quarters * n * decision_trace.PER_QUARTER
    whole, numbers = np.zeros((room, 3), np.int64), np.zeros((room, decision_trace.COLUMNS))
    key = (np.uint64(case.seed & 0xFFFFFFFF), np.uint64(case.seed >> 32), np.uint64(case.run))
    out, deciders = (np.zeros(1, np.int64), whole, numbers), np.zeros((quarters, n), np.int64)
    count = decision_trace.trace_future(case.areas, case.schedule, case.first_plan, key, case.point, out, deciders)
    lines = []
    for line, row in zip(whole[:count].tolist(), numbers[:count].tolist(), strict=True):
        pulls = sum(len(group._fields) for group in decision_trace.REASONS[Event(line[2])])
        lines.append((*line, *row[: len(decision_trace.NUMBERS) + pulls]))
    return sorted(lines)


found, shown = [], set()
for seed, kinds in enumerate(KINDS):
    case = case_of(kinds, years=3, n=6, seed=seed)
    model = mesa_model(case).run()
    found += differences(model, compiled(case))
    found += [] if decisions_of_mesa(model) == decisions_of_trace(case) else [f"decisions of case {seed}"]
    shown |= {
        pull.name for d in model.trace or () for pull in d.pulls if pull.name.startswith("plugin_") and pull.value
    }
print(json.dumps([found, sorted(shown)]))
