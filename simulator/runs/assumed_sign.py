"""Whether the sign of a difference between two schedules follows from how the model is built."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from simulator.common.arrays import Floats
from simulator.declarations.levers import LEVERS
from simulator.declarations.parameters import PARAMETERS
from simulator.declarations.plugin_interface import GROUP as PLUGIN
from simulator.declarations.sign_promises import list_promises
from simulator.runs.parameter_sets import Records


def find_assumed_sign(
    outcome: str,
    new: NDArray[np.void],
    old: NDArray[np.void],
    points: Records | None = None,
    open_pulls: Collection[str] = (),
) -> int:
    """The sign of new less old on an outcome if it is assumed: +1, -1, or 0 where it is not.

    It is assumed where every lever that differs, in whatever quarter, is promised a sign on this outcome and all of
    them point the same way. `new` and `old` are schedules (quarters,); `points` are the parameters of the futures, none
    of which may lie below zero where a promise needs it: whoever holds a pull below zero is promised nothing. Nor is a
    structure whose own priors leave the sign of a pull open: `open_pulls` names those. Where a plug-in is at work,
    nothing is promised: what its mechanism does to the effect of a lever is not known beforehand.
    """
    promises, signs = list_promises(outcome), set()
    for name, lever in LEVERS.items():
        if lever.group == PLUGIN and (new[lever.group][name] != lever.default).any():
            return 0
        now: Floats = new[lever.group][name]
        before: Floats = old[lever.group][name]
        change = now - before
        if not change.any():
            continue
        promise = promises.get(name)
        if promise is None or set(promise.pulls) & set(open_pulls) or (change > 0).any() == (change < 0).any():
            return 0
        if points is not None and any((points[PARAMETERS[p].group][p] < 0).any() for p in promise.pulls):
            return 0
        signs.add(promise.sign * (1 if (change > 0).any() else -1))
    return signs.pop() if len(signs) == 1 else 0
