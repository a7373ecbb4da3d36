"""Importance sampling against posteriors and evidence in closed form, and what must not change or be weighed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from scipy.special import gammaln, ndtri

from simulator.common.arrays import Floats
from simulator.declarations.priors import Beta, Normal
from simulator.experiments.core.model_protocol import Factor, ModelProtocol, Outcomes, Points, Seeds, draw_uniforms
from simulator.experiments.stats import importance_sampling as module
from simulator.experiments.stats.importance_sampling import (
    Proposal,
    WeightedSample,
    normalise_weights,
    sample_by_importance,
)

pytestmark = pytest.mark.experiments

# A normal toy: four factors, two of them seen with an error and one of those moved far; the posterior is normal.

SEEN = {"a": 2.5, "b": -0.5}
ERROR = 0.2
NORMAL = tuple(Factor(name, -9.0, 9.0, 0.0, Normal(0.0, 1.0)) for name in "abcd")


@dataclass(frozen=True)
class Seeing:
    """The log likelihood of SEEN with an error; `luck` is the standard deviation of luck inside a run."""

    error: float = ERROR
    luck: float = 0.0

    def __call__(self, points: Points, seeds: Seeds) -> Outcomes:
        products = {k: points[k] + self.luck * lucky(seeds, k) for k in SEEN}
        far = sum(((products[k] - y) / self.error) ** 2 for k, y in SEEN.items())
        return {**products, "log_likelihood": -0.5 * far - len(SEEN) * np.log(self.error * np.sqrt(2 * np.pi))}


def lucky(seeds: Seeds, name: str) -> Floats:
    return np.asarray(ndtri(draw_uniforms(len(seeds), 77, f"luck of {name}", int(seeds[0]))))


def truth(name: str, error: float = ERROR) -> tuple[float, float]:
    """Posterior mean and standard deviation."""
    return (SEEN[name] / (1 + error**2), error / np.sqrt(1 + error**2)) if name in SEEN else (0.0, 1.0)


def log_evidence(error: float = ERROR) -> float:
    return float(sum(-0.5 * y**2 / (1 + error**2) - 0.5 * np.log(2 * np.pi * (1 + error**2)) for y in SEEN.values()))


def worst(fit: WeightedSample, error: float = ERROR) -> tuple[float, float]:
    """The largest error of a mean, in posterior standard deviations, and the largest of log ratios of spreads."""
    off = [abs(fit.mean(f.name) - truth(f.name, error)[0]) / truth(f.name, error)[1] for f in fit.factors]
    ratios = [abs(np.log(fit.sd(f.name) / truth(f.name, error)[1])) for f in fit.factors]
    return max(off), max(ratios)


STAGES = (20_000, 20_000, 20_000)


@pytest.fixture(scope="module")
def fit() -> WeightedSample:
    return sample_by_importance(Seeing(), NORMAL, STAGES, seed=5)


@pytest.mark.parametrize("seed", [5, 6, 7])
def test_means_and_spreads_are_those_of_the_closed_form(seed: int) -> None:
    off, ratio = worst(sample_by_importance(Seeing(), NORMAL, STAGES, seed=seed))
    assert off < 0.05
    assert ratio < np.log(1.05)


def test_the_evidence_is_that_of_the_closed_form(fit: WeightedSample) -> None:
    assert fit.log_evidence == pytest.approx(log_evidence(), abs=0.05)


def test_one_noisy_run_a_point_gives_the_posterior_with_luck_averaged_out() -> None:
    both = float(np.hypot(0.2, 0.3))
    noisy = sample_by_importance(Seeing(error=0.2, luck=0.3), NORMAL, STAGES, seed=8)
    off, ratio = worst(noisy, both)
    assert off < 0.05
    assert ratio < np.log(1.05)
    assert noisy.log_evidence == pytest.approx(log_evidence(both), abs=0.05)


@pytest.mark.parametrize("wrong", [Seeing(error=0.3), Seeing(error=0.15), Seeing(luck=0.2)])
def test_a_wrong_likelihood_is_caught(wrong: ModelProtocol) -> None:
    assert worst(sample_by_importance(wrong, NORMAL, STAGES, seed=5))[1] > 3 * np.log(1.05)


def test_a_normal_toy_with_its_sign_turned_is_caught() -> None:
    def turned(points: Points, seeds: Seeds) -> Outcomes:
        return Seeing()({k: -v for k, v in points.items()}, seeds)

    assert worst(sample_by_importance(turned, NORMAL, STAGES, seed=5))[0] > 1


def test_stages_that_adapt_raise_the_effective_sample(fit: WeightedSample) -> None:
    once = sample_by_importance(Seeing(), NORMAL, (sum(STAGES),), seed=5)
    assert once.effective < 0.02 * len(once)
    assert fit.effective > 10 * once.effective
    assert fit.largest < once.largest
    own = [stage.sum() ** 2 / (stage**2).sum() for stage in np.split(fit.weights, np.cumsum(STAGES)[:-1])]
    assert own[0] < own[1] < 1.2 * own[2]


def test_stages_come_to_adapt_only_what_the_data_moved_or_narrowed(fit: WeightedSample) -> None:
    assert fit.stages[0][1].names == ()
    last = fit.stages[-1][1]
    assert last.names == ("a", "b")
    assert last.mean == pytest.approx([truth("a")[0], truth("b")[0]], abs=0.1)


def test_what_the_data_say_nothing_of_is_drawn_from_the_prior_throughout() -> None:
    silent = sample_by_importance(
        lambda points, seeds: {"log_likelihood": np.zeros(len(seeds))}, NORMAL, (500, 500), seed=1
    )
    assert [stage.names for _, stage in silent.stages] == [(), ()]
    assert silent.effective == pytest.approx(1_000)
    assert silent.log_evidence == pytest.approx(0)


def test_a_start_from_another_fit_changes_the_effort_and_not_the_answer(fit: WeightedSample) -> None:
    again = sample_by_importance(Seeing(), NORMAL, (20_000,), seed=9, start=fit.stages[-1][1])
    off, ratio = worst(again)
    assert off < 0.05
    assert ratio < np.log(1.05)
    assert again.effective > 3_000


def test_a_proposal_tells_its_own_density() -> None:
    """Weights relative to the prior average to one under the prior's opposite: E_q[p/q] = 1 for any proposal q."""
    q = Proposal(("a", "c"), np.array([1.0, -2.0]), np.array([[0.5, 0.2], [0.2, 0.3]]), 0.2)
    drawn = q.draw(NORMAL, 100_000, 3, 0)
    inverse = np.exp(-q.log_ratio(drawn))
    assert inverse.mean() == pytest.approx(1, abs=0.02)
    assert (inverse * drawn["a"]).mean() == pytest.approx(0, abs=0.03)
    assert (inverse * drawn["c"] ** 2).mean() == pytest.approx(1, abs=0.05)
    assert inverse.max() <= 1 / 0.2


@pytest.mark.parametrize("chunk", [777, 5_000, 10**6])
def test_chunks_cannot_change_a_row(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = sample_by_importance(Seeing(luck=0.3), NORMAL, (9_000, 9_000), seed=3)
    monkeypatch.setattr(module, "CHUNK", chunk)
    parts = sample_by_importance(Seeing(luck=0.3), NORMAL, (9_000, 9_000), seed=3)
    for name in "abcd":
        assert parts.points[name].tobytes() == whole.points[name].tobytes()
    assert parts.log_weights.tobytes() == whole.log_weights.tobytes()


def test_every_row_meets_luck_of_its_own() -> None:
    met: list[Seeds] = []

    def noting(points: Points, seeds: Seeds) -> Outcomes:
        met.append(seeds)
        return Seeing()(points, seeds)

    sample_by_importance(noting, NORMAL, (9_000, 100), seed=3)
    assert np.concatenate(met).tolist() == list(range(9_100))


def test_progress_counts_every_stage() -> None:
    reports: list[tuple[int, int]] = []
    sample_by_importance(
        Seeing(), NORMAL, (9_000, 100), seed=3, progress=lambda done, total: reports.append((done, total))
    )
    assert reports == [(4_096, 9_100), (8_192, 9_100), (9_000, 9_100), (9_100, 9_100)]


def failing(points: Points, seeds: Seeds) -> Outcomes:
    """Fails in a third of all rows, whatever the point."""
    made = Seeing()(points, seeds)
    return {k: np.where(seeds % 3 == 0, np.nan, v) for k, v in made.items()}


def test_rows_that_failed_get_no_weight() -> None:
    fit = sample_by_importance(failing, NORMAL, STAGES, seed=5)
    failed = np.arange(len(fit)) % 3 == 0
    assert fit.weights[failed].sum() == 0
    assert fit.weights[~failed].sum() == pytest.approx(1)
    assert worst(fit)[0] < 0.05
    assert not failed[fit.resample(1_000)].any()


@pytest.mark.parametrize("value", [np.nan, -np.inf])
def test_data_that_no_point_gives_are_an_error(value: float) -> None:
    with pytest.raises(ValueError, match="no point gives the data at all"):
        sample_by_importance(lambda p, s: {"log_likelihood": np.full(len(s), value)}, NORMAL, (100, 100), seed=1)


def test_no_stage_and_factors_named_twice_are_errors() -> None:
    with pytest.raises(ValueError, match="at least one stage"):
        sample_by_importance(Seeing(), NORMAL, (), seed=1)
    with pytest.raises(ValueError, match="a factor occurs twice"):
        sample_by_importance(Seeing(), NORMAL + NORMAL, (100,), seed=1)


def test_tiny_likelihoods_do_not_underflow() -> None:
    assert normalise_weights(np.array([-5_000.0, -5_000.0 + np.log(3)])) == pytest.approx([0.25, 0.75])


@pytest.mark.parametrize("n", [10, 1_000, 5_000])
def test_resampling_is_systematic(fit: WeightedSample, n: int) -> None:
    """Every row is drawn its fair number of times, rounded up or down."""
    counts = np.bincount(fit.resample(n), minlength=len(fit))
    assert counts.sum() == n
    assert np.abs(counts - n * fit.weights).max() < 1


def test_resampled_draws_come_in_no_order_and_the_seed_decides_them(fit: WeightedSample) -> None:
    rows = fit.resample(1_000)
    assert rows.tolist() == fit.resample(1_000).tolist()
    assert abs(np.corrcoef(rows, np.arange(1_000))[0, 1]) < 0.1
    assert rows.tolist() != replace(fit, seed=6).resample(1_000).tolist()
    a = fit.points["a"][rows]
    assert a.mean() == pytest.approx(fit.mean("a"), abs=0.02)
    assert a.std() == pytest.approx(fit.sd("a"), rel=0.05)


# Interviews: shares of three kinds from Dirichlet(1, 1, 1), 42 boards by luck, 20 of them interviewed, (10, 7, 3) seen.

SHARES = (Factor("first", 0.0, 1.0, 1 / 3, Beta(1.0, 2.0)), Factor("second", 0.0, 1.0, 0.5, Beta(1.0, 1.0)))
SAW = np.array([10.0, 7.0, 3.0])
ALPHA = SAW + 1


def shares(points: Points) -> Floats:
    first, rest = points["first"], 1 - points["first"]
    return np.stack([first, rest * points["second"], rest * (1 - points["second"])], axis=1)


def boards(points: Points, seeds: Seeds) -> Floats:
    """How many of 42 boards are of each kind: (n, 3)."""
    edges = np.cumsum(shares(points), axis=1)[:, :2]
    kinds = np.zeros((len(seeds), 3))
    for board in range(42):
        u = draw_uniforms(len(seeds), 5, f"board {board}", int(seeds[0]))
        kinds[np.arange(len(seeds)), (u[:, None] > edges).sum(axis=1)] += 1
    return kinds


def ways(n: Floats, k: Floats) -> Floats:
    """Log of n over k, -inf where k is more than n."""
    possible = k <= n
    return np.where(possible, gammaln(n + 1) - gammaln(k + 1) - gammaln(np.where(possible, n - k, 0) + 1), -np.inf)


def sampled(points: Points, seeds: Seeds) -> Outcomes:
    """20 of the very 42 boards of a run: multivariate hypergeometric."""
    fit = ways(boards(points, seeds), SAW).sum(axis=1) - ways(np.array(42.0), np.array(20.0))
    return {"log_likelihood": fit}


def plugged_in(points: Points, seeds: Seeds) -> Outcomes:
    """The shortcut: 20 drawn with replacement, shares of a single run plugged in."""
    share = np.maximum(boards(points, seeds) / 42, 1e-300)
    coefficient = gammaln(21) - gammaln(SAW + 1).sum()
    return {"log_likelihood": coefficient + (SAW * np.log(share)).sum(axis=1)}


def spreads(fit: WeightedSample) -> tuple[Floats, Floats]:
    """Errors of the three posterior means, and ratios of standard deviations to the exact ones."""
    posterior_shares, total = shares(fit.points), ALPHA.sum()
    mean = fit.weights @ posterior_shares
    exact = np.sqrt(ALPHA * (total - ALPHA) / (total**2 * (total + 1)))
    return mean - ALPHA / total, np.sqrt(fit.weights @ (posterior_shares - mean) ** 2) / exact


@pytest.mark.parametrize("sizes", [(100_000,), (20_000, 20_000)], ids=["bank", "stages"])
@pytest.mark.parametrize("seed", [1, 2])
def test_interviews_give_the_dirichlet_posterior_and_its_evidence(sizes: tuple[int, ...], seed: int) -> None:
    fit = sample_by_importance(sampled, SHARES, sizes, seed=seed)
    off, ratio = spreads(fit)
    assert np.abs(off).max() < 0.006
    assert ratio.min() > 0.97
    assert ratio.max() < 1.03
    assert 231 * np.exp(fit.log_evidence) == pytest.approx(1, abs=0.03)


def test_plugging_in_the_shares_of_single_runs_is_caught() -> None:
    assert spreads(sample_by_importance(plugged_in, SHARES, (100_000,), seed=1))[1].min() > 1.1
