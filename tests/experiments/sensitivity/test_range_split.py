"""Ranges over parameters and over chance, apart: right where both are known."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.common.errors import InputError
from simulator.experiments.sensitivity.range_split import split_range

Z_80 = 1.2815515655446004


def draw(parameters: float, chance: float, sets: int = 4_000, replicates: int = 3) -> np.ndarray:
    rng = np.random.default_rng(1)
    return 0.1 + parameters * rng.standard_normal((sets, 1)) + chance * rng.standard_normal((sets, replicates))


@pytest.mark.parametrize(("parameters", "chance"), [(0.05, 0.02), (0.02, 0.05), (0.05, 0.0)])
def test_known_ranges_are_recovered(parameters: float, chance: float) -> None:
    split = split_range(draw(parameters, chance))
    assert split is not None
    for end, sign in zip(split.parameters, (-1, 1), strict=True):
        assert end == pytest.approx(0.1 + sign * Z_80 * parameters, abs=0.006)
    for end, sign in zip(split.chance, (-1, 1), strict=True):
        assert end == pytest.approx(sign * Z_80 * chance, abs=0.004)


def test_chance_alone_leaves_next_to_no_range_over_parameters() -> None:
    split = split_range(draw(0.0, 0.05))
    assert split is not None
    low, high = split.parameters
    assert high - low < 0.02 < split.chance[1] - split.chance[0]


def test_means_of_sets_themselves_would_show_too_wide_a_range() -> None:
    values = draw(0.02, 0.08)
    split = split_range(values)
    assert split is not None
    raw = np.quantile(values.mean(axis=1), (0.1, 0.9))
    assert split.parameters[1] - split.parameters[0] < 0.6 * (raw[1] - raw[0])


def test_the_order_of_sets_and_of_replicates_does_not_matter() -> None:
    values = draw(0.03, 0.03, 50)
    turned = values[::-1, ::-1]
    first, second = split_range(values), split_range(turned)
    assert first is not None and second is not None
    assert first.parameters == pytest.approx(second.parameters)
    assert first.chance == pytest.approx(second.chance)


def test_undefined_rows_are_left_out_and_too_few_give_nothing() -> None:
    values = draw(0.03, 0.03, 12)
    values[3, 1] = np.nan
    split = split_range(values)
    assert split is not None and (split.sets, split.replicates) == (11, 3)
    values[4:8, 0] = np.nan
    assert split_range(values) is None
    with pytest.raises(InputError, match="two runs or more"):
        split_range(values[:, :1])
