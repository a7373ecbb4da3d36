from __future__ import annotations

import numpy as np
import pytest
from known_functions import FreshSeeds, KnownFunction, ishigami, sobol_g, stochastic_ishigami

from simulator.experiments.core.model_protocol import draw_points
from simulator.experiments.core.sweep import make_fresh_seeds

pytestmark = pytest.mark.experiments

SEEDS = np.arange(1000, dtype=np.int64)


def test_ishigamis_indices_are_the_published_ones() -> None:
    toy = ishigami()
    assert list(toy.first.values()) == pytest.approx([0.313905, 0.442411, 0], abs=1e-6)
    assert list(toy.total.values()) == pytest.approx([0.557589, 0.442411, 0.243684], abs=1e-6)


def test_the_g_functions_indices_are_the_published_ones() -> None:
    published = [0.716192, 0.179048, 0.023676, 0.007162, *[0.000072] * 4]
    assert list(sobol_g().first.values()) == pytest.approx(published, abs=1e-6)


def test_luck_makes_40_27_per_cent_of_the_noisy_toy() -> None:
    toy = stochastic_ishigami()
    assert toy.chance == pytest.approx(0.4027, abs=5e-5)
    y = toy.simulate(draw_points(toy.factors, 400_000, 1), make_fresh_seeds(400_000, 1))["y"]
    quiet = ishigami()
    mean = quiet.simulate(draw_points(quiet.factors, 400_000, 1), make_fresh_seeds(400_000, 1))["y"]
    assert np.var(y - mean) / np.var(y) == pytest.approx(toy.chance, abs=0.005)


@pytest.mark.parametrize("toy", [ishigami(), stochastic_ishigami(), sobol_g()])
def test_a_toys_row_is_decided_by_its_point_and_its_seed_alone(toy: KnownFunction) -> None:
    points = draw_points(toy.factors, 1000, 3)
    whole = toy.simulate(points, SEEDS)["y"]
    backwards = toy.simulate({name: column[::-1] for name, column in points.items()}, SEEDS[::-1])["y"]
    assert (whole == backwards[::-1]).all()


def test_the_spoilt_toy_gives_rows_of_one_seed_different_luck() -> None:
    toy = stochastic_ishigami()
    same = np.zeros(4, np.int64)
    assert len(set(toy.simulate({}, same)["y"])) == 1
    spoilt = FreshSeeds(toy.simulate)
    assert len({*spoilt({}, same)["y"], *spoilt({}, same)["y"]}) == 8


def test_a_toy_refuses_a_factor_it_does_not_have() -> None:
    with pytest.raises(ValueError, match="no factor is called x9"):
        ishigami().simulate({"x9": np.zeros(1000)}, SEEDS)
