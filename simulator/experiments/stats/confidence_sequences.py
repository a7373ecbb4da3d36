"""Confidence sequences: intervals that are valid at all looks together, so that one may stop at any of them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import betaln, lambertw, xlog1py, xlogy

from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.common.ranges import Range
from simulator.experiments.core.clustered_errors import number_labels, sum_deviations
from simulator.experiments.core.model_protocol import ROUNDING, Labels


@dataclass(frozen=True)
class Look:
    """A mean after `n` numbers with its interval, and how many numbers carry the spread (n / kurtosis; 0 for none).

    `sets` is how many parameter sets the numbers come from.
    """

    n: int
    mean: float
    low: float
    high: float
    carriers: float
    sets: int = 0


@dataclass(frozen=True)
class LookSchedule:
    """When to look: after `first` numbers, and whenever there are `growth` times as many, up to `most`.

    The intervals are asymptotic, and far too narrow while a few numbers carry the whole spread (where one in a hundred
    is not zero, for example). A look should count only if at least `carriers` numbers carry the spread.
    """

    first: int = 200
    growth: float = 1.5
    most: int = 20_000
    confidence: float = 0.95
    carriers: float = 20.0

    def __post_init__(self) -> None:
        if not (10 <= self.first <= self.most and self.growth > 1 and 0 < self.confidence < 1):
            raise InputError("looks need 10 <= first <= most, a growth above 1 and a confidence between 0 and 1")

    def __iter__(self) -> Iterator[int]:
        n = self.first
        while n < self.most:
            yield n
            n = int(np.ceil(n * self.growth))
        yield self.most

    def at(self, numbers: Floats, sets: Labels | None = None) -> Look:
        """The mean of these numbers, (n,) with n > 1, with its interval.

        `sets` (n,) says which of them share their parameters. Such numbers count together: sums by set replace single
        numbers. Where sets recur there are two bounds, one for as many numbers as there are sets and one for as many as
        there are numbers, and the wider one is used.
        """
        n, mean = len(numbers), float(numbers.mean())
        labels = number_labels(sets, n)
        count = int(labels.max()) + 1
        squares = sum_deviations(numbers, labels) ** 2
        sd = (
            float(np.sqrt(squares.sum() * count / (count - 1) / n))
            if count < n
            else (float(np.sqrt(squares.sum() / (n - 1))))
        )
        half = max(self.half_width(n, sd), self.half_width(count, sd * np.sqrt(count / n)))
        carriers = squares.sum() ** 2 / (squares @ squares) if sd > ROUNDING * abs(mean) else 0.0
        return Look(n, mean, mean - half, mean + half, float(carriers), count)

    def half_width(self, n: int, sd: float) -> float:
        """Half the width of the interval of a mean after `n` numbers with standard deviation `sd`, in their unit.

        This is Robbins' normal mixture, tuned to be narrowest half way (in logs) between the first and the last look.
        Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, "Time-uniform central limit theory and asymptotic confidence
        sequences", Annals of Statistics 52 (2024).
        """
        alpha = 1 - self.confidence
        tuned = (-float(lambertw(-(alpha**2) / math.e, -1).real) - 1) / np.sqrt(self.first * self.most)
        grown = n * tuned + 1
        return float(sd * np.sqrt(2 * grown / (n * n * tuned) * np.log(np.sqrt(grown) / alpha)))


def bound_share(count: float, n: float, confidence: float = 0.95) -> Range:
    """The range of shares that `count` of `n` do not rule out, at all looks together: exact for independent rows.

    For rows that are not independent, scale both down to the number of independent rows with the same error. Raises
    ValueError unless 0 <= count <= n.

    This is Robbins' beta-binomial mixture with a uniform prior. Howard, Ramdas, McAuliffe and Sekhon, "Time-uniform,
    nonparametric, nonasymptotic confidence sequences", Annals of Statistics 49 (2021).
    """
    if not 0 <= count <= n or not n:
        raise InputError(f"{count} of {n} is not a share")
    return _find_lowest_share(count, n, confidence), 1 - _find_lowest_share(n - count, n, confidence)


def _find_lowest_share(count: float, n: float, confidence: float) -> float:
    from scipy.optimize import brentq  # half a second to load, so only when asked for

    mixture = float(betaln(1 + count, 1 + n - count) + np.log1p(-confidence))

    def evidence_against(share: float) -> float:
        return mixture - float(xlogy(count, share) + xlog1py(n - count, -share))

    return float(brentq(evidence_against, 1e-300, count / n)) if count else 0.0
