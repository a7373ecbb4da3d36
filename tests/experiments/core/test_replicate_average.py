from __future__ import annotations

import numpy as np
import pytest
from known_functions import stochastic_ishigami

from simulator.experiments.core.model_protocol import draw_points
from simulator.experiments.core.replicate_average import ReplicateAverage, derive_seeds
from simulator.experiments.core.sampled_futures import sample_futures
from simulator.experiments.core.sweep import make_fresh_seeds
from simulator.experiments.sensitivity.sobol import run_sobol
from simulator.experiments.sensitivity.variance_split import split_variance_of

pytestmark = pytest.mark.experiments

TOY = stochastic_ishigami()


def test_nested_runs_give_luck_its_exact_share() -> None:
    split = split_variance_of(TOY.simulate, sample_futures(TOY.factors, 2_000, seed=1, replicates=10), "y")
    assert split.chance_share.value == pytest.approx(TOY.chance, abs=0.03)


def test_draws_that_are_no_draws_leave_luck_all_of_the_variance() -> None:
    """The negative control: labels at random, so that nothing lies between them."""
    futures = sample_futures(TOY.factors, 20_000, seed=1)
    labels = np.arange(20_000) % 2_000
    split = split_variance_of(TOY.simulate, type(futures)(futures.points, futures.seeds, labels), "y")
    assert split.chance_share.value == pytest.approx(1, abs=0.03)


def test_luck_shrinks_in_means_as_it_should() -> None:
    mean = run_sobol(ReplicateAverage(TOY.simulate, 8), TOY.factors, "y", start=2048, most=2048)
    left = TOY.chance / 8 / (TOY.chance / 8 + 1 - TOY.chance)
    assert mean.chance.total == pytest.approx(left, abs=0.01)
    assert mean.indices[-1].total == 0


def test_a_mean_is_the_mean_of_its_runs() -> None:
    points, seeds = draw_points(TOY.factors, 5, 1), make_fresh_seeds(5, 1)
    mean = ReplicateAverage(TOY.simulate, 3)(points, seeds)["y"]
    runs = [TOY.simulate(points, derive_seeds(seeds, 3)[:, k])["y"] for k in range(3)]
    assert mean == pytest.approx(np.mean(runs, axis=0))


def test_seeds_made_of_seeds_do_not_depend_on_their_neighbours_and_hardly_ever_meet() -> None:
    seeds = np.arange(2_000, dtype=np.int64)
    seed_rows = derive_seeds(seeds, 10)
    assert (seed_rows[7:9, :4] == derive_seeds(seeds[7:9], 4)).all()
    assert len(np.unique(seed_rows)) > 19_990


def test_a_mean_with_a_failed_run_is_a_failed_row() -> None:
    marked = ReplicateAverage(lambda points, seeds: {"y": np.where(np.arange(len(seeds)) == 4, np.nan, 1.0)}, 3)
    assert np.isnan(marked({}, np.zeros(3, np.int64))["y"]).tolist() == [False, True, False]


def test_a_mean_over_no_runs_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        ReplicateAverage(TOY.simulate, 0)
