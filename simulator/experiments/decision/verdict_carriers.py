"""What carries a verdict: the single number, or the structure, whose change within its range turns it.

Paired differences are conditioned on each parameter: on the fifth of the draws in which it is lowest, and on the fifth
in which it is highest. What varies with it varies along, as in any sample of the posterior. Each structure gives its
own answer. A verdict is said to turn only where that can be told from chance: by an interval of Student's t, which
allows for few parameter sets, and by the count of futures, with all that was looked at counted together (Bonferroni).
It is said to fade where the average is slight and not settled, and differs from the whole average beyond chance. A
structure with few futures is not looked at. Nothing is guessed: what does not turn the verdict in these futures is not
named. Where an average is not settled, what settles it is named.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from simulator.common.arrays import Floats
from simulator.common.formatting import FEWEST
from simulator.experiments.core import verdicts
from simulator.experiments.core.clustered_errors import number_labels, standard_error
from simulator.experiments.core.model_protocol import ROUNDING, Labels
from simulator.experiments.core.paired_comparison import Comparison

PART = 5
"""A fifth of the draws at either end of a parameter."""

FEWEST_OF_WAY = 40
"""With fewer futures a structure is not looked at. As many run beside the fewest in which parameters are looked at."""

MOST = 3
"""As many carriers are named, the strongest first."""

CONFIDENCE = 0.99
"""Of all looks together. Paired differences are skewed, and intervals of skewed averages miss more often than they say:
at this level no more than 5 in 100 answers name a structure that differs by chance alone.
"""

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
    least `FEWEST`, and none of a structure with fewer than `FEWEST_OF_WAY`; `too_few` counts these structures.
    """

    carriers: tuple[Carrier, ...]
    parameters: int
    structures: int
    too_few: int = 0

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
    others = {name: other for name, other in (structures or {}).items() if other.n >= FEWEST_OF_WAY}
    looks, too_few = 2 * len(columns) + len(others), len(structures or {}) - len(others)
    if not looks:
        return VerdictCarriers((), len(columns), len(others), too_few)
    z = find_critical_value(looks)
    candidates = [
        carrier
        for name, column in columns.items()
        for carrier in _look_at_ends(name, column, values, labels, comparison, z)
    ]
    for name, other in others.items():
        counts, looked = (other.better, other.worse), (z, count_sets(other))
        carrier = Carrier(
            STRUCTURE, name, float("nan"), other.n, other.gain, other.standard_error, other.better / other.n, 0
        )
        candidates += _keep_if_it_turns(carrier, comparison, counts, looked)
    candidates.sort(key=lambda carrier: _strength(carrier, comparison), reverse=True)
    return VerdictCarriers(tuple(_one_a_name(candidates)[:MOST]), len(columns), len(others), too_few)


def find_critical_value(looks: int) -> float:
    """How many standard errors from 0 a mean must lie where so many are looked at together (Bonferroni)."""
    return NormalDist().inv_cdf(1 - (1 - CONFIDENCE) / 2 / looks)


def count_sets(comparison: Comparison) -> int:
    """How many parameter sets its error is from: where all its futures share one, each counts by itself."""
    return comparison.sets if comparison.sets > 1 else comparison.n


def widen_for_few(z: float, sets: int) -> float:
    """The quantile of Student's t that belongs to a normal quantile `z`, for an error from so many parameter sets.

    The expansion of Fisher and Cornish (Abramowitz and Stegun 1964, 26.7.5), which the explorer can work out too. It is
    within one part in a thousand from 16 sets on.
    """
    freedom = max(sets - 1, 1)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / freedom + second / freedom**2 + third / freedom**3


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
        labels = None if sets is None else np.asarray(sets)[rows]
        error = standard_error(part, labels)
        carrier = Carrier(kind, name, edge, size, float(part.mean()), error, float((part > 0).mean()), 0)
        alone = 1 + int(number_labels(labels, size).max())
        counts = int((part > ROUNDING).sum()), int((part < -ROUNDING).sum())
        carriers += _keep_if_it_turns(carrier, comparison, counts, (z, alone))
    return carriers


def _keep_if_it_turns(
    carrier: Carrier, comparison: Comparison, counts: tuple[int, int], looked: tuple[float, int]
) -> list[Carrier]:
    """The carrier, if the verdict under its condition is another one beyond chance.

    It turns to better or worse where that is told from chance, and to neither where the average is slight and its sign
    not settled, and it differs from the whole average beyond chance. `counts` are the futures that go for the better
    and for the worse, and `looked` the quantile that counts looks together and the parameter sets of the carrier.
    """
    gain, error, critical = carrier.difference, carrier.standard_error, widen_for_few(*looked)
    if not error > 0 or is_beyond_chance(gain, error, counts, looked):
        sign = int(np.sign(gain))
        turned = sign if sign != comparison.settled else None
    else:
        apart = abs(gain - comparison.gain) > critical * float(np.hypot(error, comparison.standard_error))
        slight = verdicts.is_slight(gain, comparison.outcome.unit) and not verdicts.find_settled_sign(gain, error)
        turned = 0 if comparison.settled and apart and slight else None
    if turned is None:
        return []
    return [replace(carrier, difference=gain * (comparison.outcome.better or 1), turns=turned)]


def is_beyond_chance(gain: float, error: float, counts: tuple[int, int], looked: tuple[float, int]) -> bool:
    """Whether the sign of an average gain is told from chance, as `_keep_if_it_turns` needs it.

    Zero must lie outside its interval of Student's t, and the count of futures must go the same way by a sign test with
    its correction for continuity: where differences are skewed the interval alone is wrong too often.
    """
    sign = 1 if gain > 0 else -1
    ahead = sign * (counts[0] - counts[1])
    return abs(gain) > widen_for_few(*looked) * error and ahead - 1 > looked[0] * math.sqrt(sum(counts))


def _strength(carrier: Carrier, comparison: Comparison) -> tuple[int, float]:
    """How far the verdict turns: reversals before what only fades; then by how far the average moves."""
    reversal = int(carrier.turns != 0 and carrier.turns == -comparison.settled)
    return reversal, abs(carrier.difference - comparison.difference)
