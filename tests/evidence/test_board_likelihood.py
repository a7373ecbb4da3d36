"""The likelihood of single boards' figures: another one agrees, ranks are uniform, a useless score is useless."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest
from scipy.stats import kstest, norm

from simulator.boards.table import read_boards
from simulator.common.arrays import Floats
from simulator.evidence import board_likelihood
from simulator.evidence.board_likelihood import BoardData, log_likelihood, weigh_replicates
from simulator.evidence.observations import BoardRow, LeaderScore
from simulator.evidence.predictions import Place, simulate_places
from simulator.evidence.weighing import make_records
from simulator.experiments.core.model_protocol import draw_uniforms
from simulator.runs.posterior import shipped_posterior

pytestmark = pytest.mark.calibration

CODES = read_boards().codes
SETS, REPLICATES, DATA_SETS = 240, 60, 160
ERROR = 0.05


@cache
def bank() -> tuple[tuple[Place, ...], Floats, Floats, Floats]:
    """Places of 10 boards in two years, twice replicates of every set there, and one run of each set for data."""
    places = tuple(Place(code, year, "retained") for code in CODES[::4][:10] for year in (0, 1))
    points = make_records(shipped_posterior(), SETS)
    many, runs = np.repeat(points, REPLICATES), np.arange(SETS * REPLICATES)
    first, second = (simulate_places(many, runs, places, seed).reshape(SETS, REPLICATES, -1) for seed in (1, 2))
    return places, first, second, simulate_places(points, np.arange(SETS), places, seed=77)


def make_data(truth: Floats, k: int) -> BoardData:
    noise = np.random.default_rng(k).normal(0, ERROR, len(truth))
    rows = (BoardRow(*place, float(y), ERROR) for place, y in zip(bank()[0], truth + noise, strict=True))  # type: ignore[misc]
    return BoardData(tuple(rows))


def rank(logs: Floats, values: Floats, truth: int, u: float, power: float) -> float:
    """The rank of the truth, which is one of the bank's points and as likely it as its weight says."""
    weights = np.exp(power * (logs - logs.max()))
    below, level = weights[values < values[truth]].sum(), weights[values == values[truth]].sum()
    return float((below + u * level) / weights.sum())


@cache
def weigh_bank(k: int) -> tuple[Floats, Floats]:
    """The likelihood of every point of the bank given data set `k`, by the bank's replicates and by the others."""
    _, values, others, truths = bank()
    data = make_data(truths[k], k)
    return weigh_replicates(values, data), weigh_replicates(others, data)


@cache
def ranks(power: float) -> tuple[Floats, Floats]:
    """Ranks of enforcement and of the likelihood of the truth over all data sets.

    The likelihood that is ranked comes from other replicates than the weights: an estimate is no fair judge of itself.
    """
    parameter = shipped_posterior().draws["enforcement_start"][:SETS]
    u = draw_uniforms(2 * DATA_SETS, 5, "ranks").reshape(2, -1)
    ranked = np.empty((2, DATA_SETS))
    for k in range(DATA_SETS):
        logs, other = weigh_bank(k)
        ranked[:, k] = rank(logs, parameter, k, u[0, k], power), rank(logs, other, k, u[1, k], power)
    return ranked[0], ranked[1]


def test_an_independent_likelihood_by_brute_force_agrees() -> None:
    """Plain loops over replicates, without bandwidths and logarithms of sums."""
    points = make_records(shipped_posterior(), 6)
    seen = [("QWO", 0, 1.0), ("QWO", 1, 0.5), ("QF7", 0, 0.0), ("QHM", 0, 0.7)]
    rows = tuple(BoardRow(board, year, "retained", y, 0.15) for board, year, y in seen)
    many = 400
    values = simulate_places(
        np.repeat(points, many), np.arange(6 * many), [Place(b, t, "retained") for b, t, _ in seen], seed=123
    )
    brute = []
    for j in range(6):
        total = 0.0
        for own in ([0, 1], [2], [3]):
            mean = 0.0
            for x in values[j * many : (j + 1) * many]:
                density = 1.0
                for k in own:
                    density *= math.exp(-(((seen[k][2] - x[k]) / 0.15) ** 2) / 2) / (0.15 * math.sqrt(2 * math.pi))
                mean += density / many
            total += math.log(mean)
        brute.append(total)
    ours = weigh_replicates(values.reshape(6, many, -1), BoardData(rows))
    assert ours == pytest.approx(brute, abs=0.06)
    assert log_likelihood(points, BoardData(rows), replicates=many) == pytest.approx(brute, abs=0.6)
    assert np.ptp(brute) > 0.5  # sets differ by more than the tolerance


@pytest.mark.parametrize("quantity", [0, 1])
def test_ranks_of_truths_are_uniform(quantity: int) -> None:
    assert kstest(ranks(1.0)[quantity], "uniform").pvalue > 0.005


def test_ranks_show_a_likelihood_that_is_too_sure_or_ignores_the_data() -> None:
    """A control that must fail: the check above can see a wrong likelihood."""
    assert kstest(ranks(0.0)[1], "uniform").pvalue < 1e-6
    assert kstest(ranks(3.0)[1], "uniform").pvalue < 1e-3


def test_truths_lie_in_their_intervals_as_often_as_stated() -> None:
    inside = np.abs(ranks(1.0)[0] - 0.5) <= 0.4
    assert 0.8 - 3 * math.sqrt(0.16 / DATA_SETS) <= inside.mean() <= 0.8 + 3 * math.sqrt(0.16 / DATA_SETS)


def test_boards_are_independent_given_the_parameters() -> None:
    """What the product over boards rests on: the variance of the mean over boards is that of independent ones."""
    points = np.repeat(make_records(shipped_posterior(), 3)[[2]], 1_500)
    values = simulate_places(points, np.arange(1_500), [Place(code, 0, "retained") for code in CODES])
    ratio = values.mean(1).var() / (values.var(0).mean() / len(CODES))
    assert 0.85 < ratio < 1.2


def score_data(score: Floats) -> tuple[BoardData, BoardData]:
    """Rows of all boards in one run of a set, without a score of their chiefs and with it."""
    places = [Place(code, 0, name) for name in ("retained", "chief") for code in CODES]
    values = simulate_places(make_records(shipped_posterior(), 40)[[39]], np.array([7]), places, seed=5)[0]
    rows = tuple(BoardRow(code, 0, "retained", float(y), ERROR) for code, y in zip(CODES, values, strict=False))
    given = score if len(score) else values[len(CODES) :]
    scores = LeaderScore("rating", 0, tuple(zip(CODES, map(float, given), strict=True)))
    return BoardData(rows), BoardData(rows, (scores,))


@cache
def likelihood_of_rows() -> Floats:
    """Of 50 sets, given the rows alone: the same beside every score."""
    return log_likelihood(make_records(shipped_posterior(), 50), score_data(np.zeros(0))[0], replicates=150)


def shift_of_pull(score: Floats) -> float:
    """How far a score moves the mean pull of chiefs beyond the rows, in standard deviations."""
    pull, alone = shipped_posterior().draws["pull_chief"][:50], likelihood_of_rows()
    both = log_likelihood(make_records(shipped_posterior(), 50), score_data(score)[1], replicates=150)
    weights = np.exp(both - alone - (both - alone).max())
    return float((weights @ pull / weights.sum() - pull.mean()) / pull.std())


def test_a_useless_score_moves_next_to_nothing_and_a_good_one_moves_more() -> None:
    useless = [shift_of_pull(np.random.default_rng(k).normal(size=len(CODES))) for k in range(3)]
    good = shift_of_pull(np.zeros(0))
    assert abs(np.mean(useless)) < 0.2, useless
    assert good - np.mean(useless) > 0.2, (useless, good)


def test_a_score_that_is_known_to_measure_nothing_teaches_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a score teaches comes from the belief that it may measure chiefs, and from nothing else."""
    rating = np.random.default_rng(0).normal(size=len(CODES))
    points = make_records(shipped_posterior(), 8)
    monkeypatch.setattr(board_likelihood, "GAMMAS", (0.0,))
    for useless, least in ((1.0, None), (0.0, 1e-3)):  # the second is a control
        monkeypatch.setattr(board_likelihood, "USELESS", useless)
        alone, both = (log_likelihood(points, data, replicates=60) for data in score_data(rating))
        spread = float(np.ptp(both - alone))
        assert spread < 1e-9 if least is None else spread > least


def test_the_unit_of_a_score_does_not_matter() -> None:
    points, score = make_records(shipped_posterior(), 5), np.random.default_rng(1).normal(size=len(CODES))
    first, second = (log_likelihood(points, score_data(s)[1], replicates=20) for s in (score, 100 + 7 * score))
    assert first == pytest.approx(second, abs=1e-9)


def test_densities_of_scores_are_those_of_the_formula() -> None:
    rng = np.random.default_rng(4)
    leader, pressure = rng.normal(size=(2, 7, 5)) * 2
    share = rng.uniform(size=(7, 5))
    grid, _ = board_likelihood.make_score_grid()
    expected = [(share * norm.pdf(1.3, slope * leader + bend * pressure, noise)).sum(0) for slope, bend, noise in grid]
    given = board_likelihood._average_densities(1.3, leader, pressure, share)
    assert np.allclose(given, expected, rtol=1e-10)
