"""Parts of a whole add up as they are told, in every unit, and each is told to within one step of its last place."""

from __future__ import annotations

import math
import random
import re

import pytest

from simulator.common.adding_up import CommonPlace
from simulator.common.units import Unit

UNITS = [Unit.SHARE, Unit.CASES, Unit.MILLIONS, Unit.COUNT]


def read(text: str) -> float:
    """The number in a text, in the unit that is shown."""
    if text.startswith("under"):
        return 0.0
    (number,) = re.findall(r"[\d,.]+", text)
    size = float(number.replace(",", "")) / (100 if text.endswith("p") else 1)
    return -size if text.startswith("−") else size


def make_parts(source: random.Random) -> list[float]:
    scale = 10 ** source.uniform(-1.5, 1.5)
    return [source.uniform(-0.2, 1) * scale for _ in range(source.randint(1, 8))]


@pytest.mark.parametrize("unit", UNITS)
def test_parts_as_told_add_up_to_the_whole_as_told(unit: Unit) -> None:
    source = random.Random(7)
    for _ in range(2_000):
        parts = make_parts(source)
        parts = [x / 100 for x in parts] if unit in (Unit.SHARE, Unit.CASES) else parts
        place = CommonPlace.of([*parts, sum(parts)], unit)
        told, whole, step = place.tell_parts(parts, sum(parts)), place.tell(sum(parts)), 10.0**-place.decimals
        assert sum(read(text) for text in told) == pytest.approx(read(whole), abs=1e-9), (told, whole)
        for text, x in zip(told, parts, strict=True):
            assert abs(read(text) - x * place.scale) < step * (1 + 1e-9), (text, x)


def test_what_would_miss_by_rounding_is_told_one_step_up_where_it_was_rounded_furthest() -> None:
    place = CommonPlace.of([0.1766, 0.1402, 0.0364], Unit.SHARE)
    assert place.tell_parts([0.1402, 0.0364], 0.1766) == ["+£14.0", "+£3.7"] and place.tell(0.1766) == "+£17.7"
    millions = CommonPlace.of([17.4, 13.7, 3.7], Unit.MILLIONS)
    assert [millions.tell(17.4), *millions.tell_parts([13.7, 3.7], 17.4)] == ["+£17.4m", "+£13.7m", "+£3.7m"]
    assert CommonPlace.of([0.153, 0.0765], Unit.SHARE).tell_parts([0.0765, 0.0765], 0.153) == ["+£7.7", "+£7.6"]


def test_nothing_stays_nothing_and_what_is_not_defined_says_so() -> None:
    place = CommonPlace.of([0.1004, 0.05025, 0.05015], Unit.SHARE)
    assert place.tell_parts([0.0, 0.05025, 0.05015], 0.1004)[0] == "£0"
    assert place.tell_parts([math.nan, 0.1], 0.1)[0] == "not defined"
    assert place.tell(math.nan) == "not defined"


def test_a_difference_is_that_of_two_amounts_as_they_are_told() -> None:
    assert CommonPlace.of([0.195], Unit.SHARE).tell_between(0.19549, 0.22451) == "£3.0"
    assert CommonPlace.of([17.4], Unit.MILLIONS).tell_between(17.04, 12.96) == "£4.0m"
