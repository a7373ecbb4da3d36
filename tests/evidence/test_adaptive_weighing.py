"""Adaptive weighing against posteriors in closed form; the same input gives the same sample; what is kept on disk."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from scipy.special import ndtri

from simulator.common.arrays import Floats
from simulator.declarations.priors import Normal
from simulator.evidence import evidence as evidence_module
from simulator.evidence.adaptive_weighing import IN_FULL, Stage, find_chances, sample_adaptively, temper
from simulator.evidence.evidence import Evidence, Update, weigh_evidence
from simulator.evidence.observations import BoardRow, Statement
from simulator.experiments.core.model_protocol import Factor, Outcomes, Points, Seeds, draw_uniforms
from simulator.experiments.stats.importance_sampling import Proposal, WeightedSample
from simulator.experiments.stats.weighted_draws import resample_in_blocks
from simulator.runs.posterior import Posterior, shipped_posterior

pytestmark = pytest.mark.calibration

FACTORS = tuple(Factor(name, -9.0, 9.0, 0.0, Normal(0.0, 1.0)) for name in "abcd")
FOUND, FOUND_ERROR, SEEN, ERROR = 1.0, 0.7, {"a": 2.6, "b": -2.4}, 0.12
COUNT = 2_000


def find_published(points: Points, seeds: Seeds) -> Outcomes:
    """A fit to one finding about a, whose run has chance in it."""
    luck = 0.3 * ndtri(draw_uniforms(len(seeds), 3, "luck", int(seeds[0])))
    return {"log_likelihood": -0.5 * ((points["a"] + luck - FOUND) / FOUND_ERROR) ** 2}


@dataclass(frozen=True)
class Seeing:
    """Evidence about a and b, seen through replicates: each has chance of its own, as large as the error."""

    wider: float = 1.0

    def __call__(self, points: Points, replicates: int, seed: int) -> Floats:
        total = np.zeros(len(points["a"]))
        for name, value in SEEN.items():
            luck = ERROR * ndtri(draw_uniforms(len(total) * replicates, seed, name)).reshape(len(total), -1)
            kernels = np.exp(-0.5 * ((points[name][:, None] + luck - value) / (self.wider * ERROR)) ** 2)
            total += np.log(np.maximum(kernels.mean(1), 1e-300))
        return total

    def measure_noise(self, points: Points, replicates: int, seed: int) -> Floats:
        return np.full(len(points["a"]), 480.0 / self.wider**2)

    def widen(self, factor: float) -> Seeing:
        return Seeing(factor * self.wider)


def known(name: str) -> tuple[float, float]:
    """Mean and standard deviation of the posterior of a factor under the finding and the evidence."""
    seen = [(SEEN[name], 2 * ERROR**2)] if name in SEEN else []
    if name == "a":
        seen.append((FOUND, FOUND_ERROR**2 + 0.3**2))
    precision = 1 + sum(1 / variance for _, variance in seen)
    return sum(value / variance for value, variance in seen) / precision, precision**-0.5


def start() -> Stage:
    """Draws of the fit."""
    z = {f.name: ndtri(draw_uniforms(20_000, 5, f.name)) for f in FACTORS}
    logs = find_published(z, np.arange(20_000))["log_likelihood"]
    weights = np.exp(logs)
    rows = resample_in_blocks(weights / weights.sum(), COUNT, 1, 1)
    points = {name: column[rows] for name, column in z.items()}
    return Stage(Proposal(), points, points, float(np.log(weights.mean())), Seeing()(points, 100, 1))


@pytest.fixture(scope="module")
def sample() -> WeightedSample:
    return sample_adaptively(start(), find_published, FACTORS, Seeing(), least=200, largest_k=0.7)


def test_it_finds_a_posterior_in_closed_form_that_few_draws_of_the_fit_reach(sample: WeightedSample) -> None:
    first = start().log_evidence
    assert 1 / ((w := np.exp(first - first.max()) / np.exp(first - first.max()).sum()) ** 2).sum() < 10
    assert sample.effective >= 200
    for factor in FACTORS:
        mean, sd = known(factor.name)
        assert sample.mean(factor.name) == pytest.approx(mean, abs=4 * sd / np.sqrt(sample.effective))
        assert sample.sd(factor.name) == pytest.approx(sd, rel=0.2)
    assert w.max() > 0.1


def test_the_published_findings_count_once(sample: WeightedSample) -> None:
    """A control: counting the finding twice, or leaving it out, would be seen in the mean of a."""
    precision = 1 + 1 / (2 * ERROR**2)
    without = SEEN["a"] / (2 * ERROR**2) / precision
    assert abs(known("a")[0] - without) > 2 * known("a")[1] / np.sqrt(sample.effective)
    assert abs(sample.mean("a") - known("a")[0]) < abs(sample.mean("a") - without)


def test_the_same_input_gives_the_same_sample(sample: WeightedSample) -> None:
    again = sample_adaptively(start(), find_published, FACTORS, Seeing(), least=200, largest_k=0.7)
    assert np.array_equal(again.log_weights, sample.log_weights)


def test_few_sets_are_run_in_full_and_what_is_left_out_is_made_up_for(sample: WeightedSample) -> None:
    """Runs are counted, not seconds: the roulette leaves a fraction of the sets, and the sample is still the right one,
    as the test in closed form says.
    """
    looks, full = list[int](), list[int]()

    class Counting(Seeing):
        def __call__(self, points: Points, replicates: int, seed: int) -> Floats:
            (looks if self.wider > 1 else full).append(len(points["a"]))
            return super().__call__(points, replicates, seed)

        def widen(self, factor: float) -> Seeing:
            return Counting(factor * self.wider)

    again = sample_adaptively(start(), find_published, FACTORS, Counting(), least=200, largest_k=0.7)
    assert np.array_equal(again.log_weights, sample.log_weights)
    assert full and max(full) < 1.3 * IN_FULL and sum(looks) > 2 * sum(full)


def test_chances_add_up_to_as_many_as_are_asked_for_and_never_fall_where_looks_rise() -> None:
    logs = np.random.default_rng(4).normal(0, 3.0, 500)
    chances = find_chances(logs, 100)
    assert chances.sum() == pytest.approx(100, rel=1e-3) and chances.max() == 1.0
    assert (np.diff(chances[np.argsort(logs)]) >= 0).all()
    assert np.array_equal(find_chances(logs, 500), np.ones(500))
    assert find_chances(np.zeros(500), 100) == pytest.approx(np.full(500, 0.2), rel=1e-3)


def test_it_stops_when_it_is_stopped() -> None:
    def stop(done: int, total: int) -> None:
        assert done < total
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sample_adaptively(start(), find_published, FACTORS, Seeing(), least=200, largest_k=0.7, progress=stop)


def test_tempering_keeps_as_many_as_it_is_asked(sample: WeightedSample) -> None:
    uneven = replace(sample, log_weights=8 * sample.log_weights)
    tempered, power = temper(uneven, 100)
    assert 0 < power < 1 and tempered.effective == pytest.approx(100, rel=0.02)
    assert temper(sample, 100)[1] == 1.0


def small() -> Posterior:
    shipped = shipped_posterior()
    return replace(shipped, draws={name: column[:200] for name, column in shipped.draws.items()})


def weigh(base: Posterior) -> Update:
    row, claim = BoardRow("QWO", 0, "retained", 1.0, 0.05), Statement("leadership", "ringfence", "retained", 0.6, "x")
    other = BoardRow("QF7", 0, "retained", 0.0, 0.05)
    return weigh_evidence(Evidence("A title", "A reason", (row, claim, other)), base)


def test_weights_are_kept_on_disk_and_read_back_bit_for_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RINGFENCE_CACHE", str(tmp_path))
    first = weigh(small())
    with monkeypatch.context() as patch:
        patch.setattr(evidence_module, "weigh_draws", lambda *_: pytest.fail("weighed again"))
        second = weigh(small())
    assert np.array_equal(first.weights, second.weights) and first.pareto_k == second.pareto_k
    assert [repr(s) for s in first.surprises] == [repr(s) for s in second.surprises]
    assert first.credences == second.credences
    for name, column in first.posterior.draws.items():
        assert np.array_equal(column, second.posterior.draws[name])


def test_damaged_weights_are_worked_out_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RINGFENCE_CACHE", str(tmp_path))
    first = weigh(small())
    files = list(tmp_path.rglob("*.results"))
    assert len(files) == 2
    files[0].write_bytes(files[0].read_bytes()[:-8])
    assert np.array_equal(weigh(small()).weights, first.weights)
