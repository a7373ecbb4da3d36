"""What carries a verdict: the single number, or the structure, whose change within its range turns it.

Paired differences are conditioned on each parameter: on the fifth of the draws in which it is lowest, and on the fifth
in which it is highest. What varies with it varies along, as in any sample of the posterior. Each structure gives its
own answer. A verdict is said to turn only where that can be told from chance, with all that was looked at counted
together (Bonferroni). Nothing is guessed: what does not turn the verdict in these futures is not named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from simulator.common.arrays import Floats
from simulator.common.formatting import FEWEST
from simulator.experiments.core import verdicts
from simulator.experiments.core.clustered_errors import standard_error
from simulator.experiments.core.model_protocol import Labels
from simulator.experiments.core.paired_comparison import Comparison

PART = 5
"""A fifth of the draws at either end of a parameter."""

MOST = 3
"""As many carriers are named, the strongest first."""

CONFIDENCE = 0.95
LOWEST, HIGHEST, STRUCTURE = "lowest", "highest", "structure"


@dataclass(frozen=True)
class Carrier:
    """A condition under which the verdict is another: `kind` is LOWEST or HIGHEST (a parameter `name` below or above
    `edge`) or STRUCTURE (the structure `name`; `edge` is nan). `difference`, `standard_error` and `better` (a share of
    the `n` futures) are those under the condition; `turns` says what to: +1 better, -1 worse, 0 neither.
    """

    kind: str
    name: str
    edge: float
    n: int
    difference: float
    standard_error: float
    better: float
    turns: int


@dataclass(frozen=True)
class VerdictCarriers:
    """What turns a verdict: at most `MOST` carriers, the strongest first.

    `parameters` and `structures` are how many were looked at: none where there are too few futures for fifths of at
    least `FEWEST`.
    """

    carriers: tuple[Carrier, ...]
    parameters: int
    structures: int

    @property
    def looked(self) -> bool:
        """Whether there was anything to look at."""
        return self.parameters + self.structures > 0


def find_carriers(
    comparison: Comparison,
    difference: Floats,
    parameters: Mapping[str, Floats],
    structures: Mapping[str, Comparison] | None = None,
    sets: Labels | None = None,
) -> VerdictCarriers:
    """Screen the futures of a comparison for what turns its verdict.

    `difference` (futures,) are its paired differences, nan where the outcome is not defined, `parameters` the columns
    (futures,) of what is uncertain, `structures` the same comparison under each structure, and `sets` (futures,) says
    which futures share their parameters.
    """
    kept = np.isfinite(difference)
    values = difference[kept] * (comparison.outcome.better or 1)
    labels = None if sets is None else np.asarray(sets)[kept]
    columns = {name: column[kept] for name, column in parameters.items()} if len(values) >= PART * FEWEST else {}
    columns = {name: column for name, column in columns.items() if np.ptp(column) > 0}
    others = {name: other for name, other in (structures or {}).items() if other.n > 1}
    looks = 2 * len(columns) + len(others)
    if not looks:
        return VerdictCarriers((), 0, 0)
    z = find_critical_value(looks)
    candidates = [
        carrier
        for name, column in columns.items()
        for carrier in _look_at_ends(name, column, values, labels, comparison, z)
    ]
    for name, other in others.items():
        carrier = Carrier(
            STRUCTURE, name, float("nan"), other.n, other.gain, other.standard_error, other.better / other.n, 0
        )
        candidates += _keep_if_it_turns(carrier, comparison, z)
    candidates.sort(key=lambda carrier: _strength(carrier, comparison), reverse=True)
    return VerdictCarriers(tuple(_one_a_name(candidates)[:MOST]), len(columns), len(others))


def find_critical_value(looks: int) -> float:
    """How many standard errors from 0 a mean must lie where so many are looked at together (Bonferroni)."""
    return NormalDist().inv_cdf(1 - (1 - CONFIDENCE) / 2 / looks)


def _one_a_name(candidates: list[Carrier]) -> list[Carrier]:
    """The stronger end of each parameter."""
    first: dict[str, Carrier] = {}
    for carrier in candidates:
        first.setdefault(carrier.name, carrier)
    return list(first.values())


def _look_at_ends(
    name: str, column: Floats, values: Floats, sets: ArrayLike | None, comparison: Comparison, z: float
) -> list[Carrier]:
    """The carriers among both ends of one parameter: none, one, or two."""
    order = np.argsort(column, kind="stable")
    size = len(order) // PART
    ends = {LOWEST: order[:size], HIGHEST: order[-size:]}
    carriers = []
    for kind, rows in ends.items():
        part = values[rows]
        edge = float(column[rows].max() if kind == LOWEST else column[rows].min())
        error = standard_error(part, None if sets is None else np.asarray(sets)[rows])
        carrier = Carrier(kind, name, edge, size, float(part.mean()), error, float((part > 0).mean()), 0)
        carriers += _keep_if_it_turns(carrier, comparison, z)
    return carriers


def _keep_if_it_turns(carrier: Carrier, comparison: Comparison, z: float) -> list[Carrier]:
    """The carrier, if the verdict under its condition is another one beyond chance.

    It turns to better or worse where the average has that sign at the stricter level, and to neither where the average
    is not settled, is slight, and differs from the whole average at the stricter level.
    """
    gain, error = carrier.difference, carrier.standard_error
    if not error > 0:
        sign = int(np.sign(gain))
        turned = sign if sign != comparison.settled else None
    elif abs(gain) > z * error:
        sign = 1 if gain > 0 else -1
        turned = sign if sign != comparison.settled else None
    else:
        apart = abs(gain - comparison.gain) > z * float(np.hypot(error, comparison.standard_error))
        slight = verdicts.is_slight(gain, comparison.outcome.unit)
        turned = 0 if comparison.settled and apart and slight else None
    if turned is None:
        return []
    return [
        Carrier(
            carrier.kind,
            carrier.name,
            carrier.edge,
            carrier.n,
            gain * (comparison.outcome.better or 1),
            error,
            carrier.better,
            turned,
        )
    ]


def _strength(carrier: Carrier, comparison: Comparison) -> tuple[int, float]:
    """How far the verdict turns: reversals before what only fades; then by how far the average moves."""
    reversal = int(carrier.turns != 0 and carrier.turns == -comparison.settled)
    return reversal, abs(carrier.difference - comparison.difference)
