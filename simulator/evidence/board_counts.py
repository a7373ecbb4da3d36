"""A count of boards, such as 12 of 42, as a figure for England with the error that follows from how many were asked."""

from __future__ import annotations

import math
from typing import NamedTuple

from simulator.common.errors import InputError
from simulator.common.units import Unit
from simulator.declarations.outcomes import OUTCOMES

BOARDS = 42
COUNTED = ("kept_in_full", "kept_none", "deficits")
"""The outcomes that count boards."""


class CountedFigure(NamedTuple):
    """A count as a figure: `value` and the standard deviation of its `error`, in the unit of its outcome."""

    value: float
    error: float


def measure_count(count: int, asked: int) -> CountedFigure:
    """The share of the 42 boards that `count` of `asked` boards stand for, and its standard deviation, from 0 to 1.

    Boards asked are taken as a sample drawn evenly, without putting any back, from 42: the error is that of the
    hypergeometric distribution, sqrt(p (1 - p) / n * (42 - n) / 41), with n boards asked (Cochran, Sampling Techniques,
    3rd edition 1977, chapter 3). p in it is (count + 1) / (n + 2), Laplace's rule, so that none of n, or all of n, does
    not count as certain. Where all boards answered no error of sampling is left, and one board either way stands for
    those that are near the line between two answers: 1 / 42, the least that any count has, by judgement. How much the
    share differs by chance from one run of the model to the next is no error of the count: it is weighed with every
    figure.

    Raises InputError for what cannot be a count.
    """
    if not 1 <= asked <= BOARDS:
        raise InputError(f"{asked} boards cannot have answered: there are {BOARDS}; write from 1 to {BOARDS}")
    if not 0 <= count <= asked:
        raise InputError(f"{count} of {asked} is no count; write from 0 to {asked}")
    likely = (count + 1) / (asked + 2)
    sampling = math.sqrt(likely * (1 - likely) / asked * (BOARDS - asked) / (BOARDS - 1))
    return CountedFigure(count / asked, max(sampling, 1 / BOARDS))


def measure_outcome(name: str, count: int, asked: int) -> CountedFigure:
    """The same in the unit of an outcome that counts boards: shares of boards, or boards of 42. Raises InputError."""
    share = measure_count(count, asked)
    scale = BOARDS if OUTCOMES[name].unit is Unit.COUNT else 1
    return CountedFigure(scale * share.value, scale * share.error)
