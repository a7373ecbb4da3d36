"""A number has one text, whichever way it reaches the reader."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.common.adding_up import CommonPlace
from simulator.common.formatting import (
    UNDEFINED,
    describe_difference,
    format_amount,
    format_average,
    format_changes,
    format_difference,
    format_differences,
    format_ends,
    format_pounds,
    format_signed_amount,
    format_signed_gap,
)
from simulator.common.units import Unit

TINY = (3e-5, -3e-5, 4.9e-5, -4.9e-5, 2e-11, -2e-11, 0.0)


def list_gains() -> list[float]:
    """Thirty differences of shares from a pound's tenth to a penny and below, and a few of none."""
    rng = np.random.default_rng(11)
    return [*(rng.choice([-1, 1], 30) * 10 ** rng.uniform(-5, -0.7, 30)).tolist(), *TINY]


@pytest.mark.parametrize("gain", list_gains())
def test_a_gain_of_each_100_has_one_text_alone_in_a_list_from_levels_and_among_parts(gain: float) -> None:
    text = format_difference(gain, Unit.SHARE)
    others = {
        "in a list": format_differences([gain], Unit.SHARE)[0],
        "from levels": format_signed_gap(gain, 0.0) if abs(100 * gain) > 1e-9 else text,
        "as a part": CommonPlace.of([gain], Unit.SHARE).tell(gain),
    }
    assert {name: told for name, told in others.items() if told != text} == {}
    said = describe_difference(gain, Unit.SHARE)
    assert text.lstrip("+−").removesuffix(" more").removesuffix(" less") in said or text == "£0"


def test_what_is_below_a_penny_says_its_way_in_a_word_and_never_beside_a_sign() -> None:
    for pounds, text in ((0.003, "under 1p more"), (-0.003, "under 1p less"), (0.0, "£0")):
        assert format_signed_amount(pounds, 2) == text
        assert CommonPlace(Unit.SHARE, 2).tell(pounds / 100) == text
        assert format_changes(pounds, 0.2)[0] == text
        assert format_ends(pounds / 100, 0.002, Unit.SHARE)[0] == text
    assert format_signed_amount(float("nan"), 1) == UNDEFINED
    assert format_signed_amount(-0.003, 1) == "£0"


def test_an_average_has_one_text_wherever_it_is_told() -> None:
    for share in np.random.default_rng(12).uniform(0, 1, 30).tolist():
        assert format_pounds(share) == format_average(100 * share)
        if share > 0.01:
            assert format_pounds(share) == format_amount(100 * share, 1)
