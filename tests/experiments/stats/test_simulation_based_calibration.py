"""Simulation-based calibration on toys: honest fits pass, and every spoilt one is caught."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from math import comb

import numpy as np
import pytest
from scipy.special import ndtri

from simulator.common.arrays import Floats
from simulator.experiments.core.model_protocol import Outcomes, draw_uniforms
from simulator.experiments.stats.simulation_based_calibration import (
    JOINT,
    Data,
    ObservationModel,
    SimulationBank,
    TruthRanks,
    rank_truths,
    temper_weights,
)

pytestmark = pytest.mark.experiments

PASS, CAUGHT = 0.001, 1e-6
SETS = 400
ERROR = 0.5


def normal(n: int, name: str, seed: int) -> Floats:
    return np.asarray(ndtri(draw_uniforms(n, seed, name)))


# A normal toy: x from a standard normal, a run adds luck, and what is seen adds an error of observation.


def normal_bank(n: int = 6_000, seed: int = 1) -> SimulationBank:
    x = normal(n, "x", seed)
    return SimulationBank({"x": x, "idle": normal(n, "idle", seed)}, {"run": x + 0.3 * normal(n, "luck", seed)})


def see(outcomes: Outcomes, u: Floats) -> Data:
    return {"y": outcomes["run"] + ERROR * ndtri(u)}


def weigh(outcomes: Outcomes, data: Data) -> Floats:
    return np.asarray(-0.5 * ((outcomes["run"] - data["y"]) / ERROR) ** 2)


APART = {"distance": lambda made, data: abs(made["run"] - data["y"])}
NORMAL = ObservationModel(see, weigh, 1, ("x", "idle"), APART)


# A toy of counts, with ties throughout: a share of few values, of which 12 boards come about and 6 are seen.


def counted_bank(n: int = 6_000, seed: int = 1) -> SimulationBank:
    share = np.floor(draw_uniforms(n, seed, "share") * 8) / 8
    luck = [draw_uniforms(n, seed, f"board {k}") < share for k in range(12)]
    return SimulationBank({"share": share}, {"full": np.sum(luck, axis=0, dtype=np.float64)})


def chances() -> Floats:
    """Log chance of each number of full ones among 6 of 12, by how many of the 12 are full: (13, 7)."""
    ways = [[comb(full, k) * comb(12 - full, 6 - k) / comb(12, 6) for k in range(7)] for full in range(13)]
    with np.errstate(divide="ignore"):
        return np.log(np.array(ways))


CHANCES = chances()


def count(outcomes: Outcomes, u: Floats) -> Data:
    reached = np.cumsum(np.exp(CHANCES[outcomes["full"].astype(int)]), axis=1)
    return {"seen": np.minimum((reached <= u[:, None]).sum(axis=1), 6.0)}


def weigh_counts(outcomes: Outcomes, data: Data) -> Floats:
    return CHANCES[outcomes["full"].astype(int), int(data["seen"][0])]


def off(outcomes: Outcomes, data: Data) -> Floats:
    return np.asarray(abs(outcomes["full"] / 12 - data["seen"][0] / 6))


COUNTED = ObservationModel(count, weigh_counts, 1, ("share",), {"distance": off})

TOYS: Mapping[str, tuple[SimulationBank, ObservationModel]] = {
    "normal": (normal_bank(), NORMAL),
    "counted": (counted_bank(), COUNTED),
}


@cache
def checked(toy: str, power: float = 1.0, seed: int = 3) -> TruthRanks:
    return rank_truths(*TOYS[toy], SETS, seed=seed, power=power)


@pytest.mark.parametrize("seed", [3, 4, 5])
@pytest.mark.parametrize("toy", TOYS)
def test_an_honest_fit_has_even_ranks(toy: str, seed: int) -> None:
    ranks = checked(toy, 1.0, seed)
    assert ranks.thin < 0.01
    assert ranks.worst > PASS


@pytest.mark.parametrize("toy", TOYS)
def test_central_intervals_hold_their_share_of_truths(toy: str) -> None:
    for verdict in checked(toy, 1.0, 3).verdicts:
        assert verdict.cover_50 == pytest.approx(0.5, abs=0.08)
        assert verdict.cover_90 == pytest.approx(0.9, abs=0.05)
        assert verdict.mean_rank == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("power", [2.1, 0.0])
@pytest.mark.parametrize("toy", TOYS)
def test_a_fit_too_sure_and_one_that_ignores_the_data_are_caught(toy: str, power: float) -> None:
    assert checked(toy, power).worst < CAUGHT


def test_ranks_of_parameters_alone_cannot_see_that_the_data_are_ignored() -> None:
    """Which is why others are ranked."""
    ranks = checked("normal", 0.0)
    assert min(ranks.verdict("x").p, ranks.verdict("idle").p) > PASS
    assert max(ranks.verdict("distance").p, ranks.verdict(JOINT).p) < CAUGHT


def test_a_fit_too_sure_of_itself_covers_too_little() -> None:
    ranks = checked("normal", 2.1)
    assert ranks.verdict("x").cover_90 < 0.85 < ranks.verdict("idle").cover_90


SPOILT = {
    "the noise is twice what the likelihood says": replace(
        NORMAL, draw=lambda made, u: {"y": made["run"] + 2 * ERROR * ndtri(u)}
    ),
    "the likelihood is shifted": replace(NORMAL, fit=lambda made, data: weigh({"run": made["run"] - 0.3}, data)),
    "an error that depends on the run is not normalised": ObservationModel(
        lambda made, u: {"y": made["run"] + np.exp(0.5 * made["run"]) * ndtri(u)},
        lambda made, data: -0.5 * ((made["run"] - data["y"]) / np.exp(0.5 * made["run"])) ** 2,
        1,
        ("x",),
        APART,
    ),
}


@pytest.mark.parametrize("spoilt", SPOILT)
def test_noise_and_likelihood_that_do_not_fit_together_are_caught(spoilt: str) -> None:
    ranks = rank_truths(normal_bank(), SPOILT[spoilt], SETS, seed=3)
    assert ranks.worst < CAUGHT


def test_the_same_error_normalised_is_honest() -> None:
    how = SPOILT["an error that depends on the run is not normalised"]
    whole = replace(how, fit=lambda outcomes, data: how.fit(outcomes, data) - 0.5 * outcomes["run"])
    assert rank_truths(normal_bank(), whole, SETS, seed=3).worst > PASS


# A bank that is too small: eight numbers seen closely, which few points come near to.


def many_bank(n: int) -> SimulationBank:
    x = {f"x{k}": normal(n, f"x{k}", 2) for k in range(8)}
    return SimulationBank(x, x)


MANY = ObservationModel(
    lambda made, u: {k: v + ERROR * ndtri(u[[j]]) for j, (k, v) in enumerate(made.items())},
    lambda made, data: -0.5 * np.sum([((made[k] - y) / ERROR) ** 2 for k, y in data.items()], axis=0),
    8,
    ("x0", "x1"),
)


def test_a_bank_too_small_for_its_data_fails_but_not_in_its_exact_ranks() -> None:
    ranks = rank_truths(many_bank(600), MANY, SETS, seed=3, least=0)
    assert min(v.p for v in ranks.verdicts) < CAUGHT
    assert min(v.p_exact for v in ranks.verdicts) > PASS
    assert np.median(ranks.effective) < 10


def test_data_sets_that_a_bank_covers_thinly_are_left_out_and_counted() -> None:
    ranks = rank_truths(many_bank(20_000), MANY, SETS, seed=3, least=20)
    assert 0.2 < ranks.thin < 0.9
    assert ranks.kept.sum() == round((1 - ranks.thin) * SETS)
    assert ranks.effective[ranks.kept].min() >= 20 > ranks.effective[~ranks.kept].max()
    assert ranks.worst > PASS


def test_with_every_data_set_left_out_exact_ranks_still_judge() -> None:
    honest = rank_truths(many_bank(600), MANY, 100, seed=3, least=10_000)
    spoilt = rank_truths(many_bank(600), MANY, 300, seed=3, least=10_000, power=2.1)
    assert honest.thin == 1
    assert np.isnan([v.p for v in honest.verdicts]).all()
    assert honest.worst > PASS
    assert spoilt.worst < CAUGHT


# Bookkeeping.


def test_a_rank_is_the_weight_below_the_truth_which_is_not_in_the_bank() -> None:
    x = np.array([1.0, 2.0, 3.0, 4.0])
    how = ObservationModel(
        lambda outcomes, u: {}, lambda outcomes, data: np.log(np.array([0.1, 0.2, 0.3, 0.4])), 1, ("x",)
    )
    ranks = rank_truths(SimulationBank({"x": x}, {"run": x}), how, 4, seed=1, least=0)
    assert sorted(ranks.ranks["x"]) == pytest.approx([0.0, 0.1 / 0.8, 0.3 / 0.7, 1.0])
    weights = sorted(np.array([0.2, 0.3, 0.4]) / 0.9)
    assert 1 / np.sum(np.square(weights)) == pytest.approx(ranks.effective[np.argmin(ranks.ranks["x"])])


def test_ties_are_split_at_random_and_evenly() -> None:
    same = SimulationBank({"x": np.zeros(500)}, {"run": normal(500, "run", 1)})
    ranks = rank_truths(same, replace(NORMAL, parameters=("x",)), 400, seed=1, least=0)
    assert ranks.verdict("x").p > PASS
    assert ranks.verdict("x").mean_rank == pytest.approx(0.5, abs=0.06)


def test_more_data_sets_begin_with_the_same_ones() -> None:
    few, many = (rank_truths(normal_bank(), NORMAL, sets, seed=3) for sets in (10, 20))
    assert many.ranks["x"][:10].tolist() == few.ranks["x"].tolist()
    assert rank_truths(normal_bank(), NORMAL, 10, seed=4).ranks["x"].tolist() != few.ranks["x"].tolist()


def test_points_that_failed_are_neither_truths_nor_weighed() -> None:
    good = normal_bank(1_000)
    hole = np.insert(good.outcomes["run"], np.arange(0, 1_000, 4), np.nan)
    x = {k: np.insert(v, np.arange(0, 1_000, 4), 99.0) for k, v in good.points.items()}
    holed = rank_truths(SimulationBank(x, {"run": hole}), NORMAL, 50, seed=3)
    whole = rank_truths(good, NORMAL, 50, seed=3)
    assert holed.ranks["x"].tolist() == whole.ranks["x"].tolist()
    with pytest.raises(ValueError, match="enough points for 1 to 1000"):
        rank_truths(SimulationBank(x, {"run": hole}), NORMAL, 1_001, seed=3)


@pytest.mark.parametrize("sets", [0, 6_001])
def test_a_number_of_data_sets_that_the_bank_cannot_give_is_refused(sets: int) -> None:
    with pytest.raises(ValueError, match="enough points for 1 to 6000"):
        rank_truths(normal_bank(), NORMAL, sets, seed=3)


def test_data_that_the_likelihood_calls_impossible_are_an_error() -> None:
    how = replace(NORMAL, fit=lambda outcomes, data: np.full(6_000, -np.inf))
    with pytest.raises(ValueError, match="noise and likelihood do not fit together"):
        rank_truths(normal_bank(), how, 5, seed=3)


def test_progress_is_told_after_every_data_set() -> None:
    reports: list[tuple[int, int]] = []
    rank_truths(normal_bank(), NORMAL, 3, seed=3, progress=lambda done, total: reports.append((done, total)))
    assert reports == [(1, 3), (2, 3), (3, 3)]


def test_a_power_of_nought_weighs_impossible_points_too() -> None:
    assert temper_weights(np.array([-np.inf, 0.0]), 0.0).tolist() == [0.5, 0.5]
    assert temper_weights(np.array([0.0, np.log(2)]), 2.0) == pytest.approx([0.2, 0.8])
