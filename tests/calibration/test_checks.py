"""The fit's own checks, on our model: calibrated, spoilt fits caught, and predictions with errors of observation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simulator.calibration import diagnostics as checks
from simulator.calibration.likelihood import COUNTS, LOG_LIKELIHOOD
from simulator.common.arrays import Floats
from simulator.declarations.priors import Normal
from simulator.experiments.core.model_protocol import Factor, Outcomes, Points, Seeds
from simulator.experiments.stats.importance_sampling import WeightedSample, sample_by_importance
from simulator.experiments.stats.simulation_based_calibration import JOINT, Data, SimulationBank, rank_truths
from simulator.replays.targets import list_fitted

pytestmark = pytest.mark.calibration

PASS, CAUGHT = 0.001, 1e-6
POINTS, SETS = 4_000, 300


@pytest.fixture(scope="module")
def bank() -> SimulationBank:
    return checks.run_prior_bank(POINTS, seed=11)


def test_the_fit_to_our_findings_is_calibrated(bank: SimulationBank) -> None:
    """So small a bank covers few data sets, but exact ranks are even for a bank of any size."""
    ranks = checks.run_simulation_based_calibration(bank, SETS, seed=5)
    assert {v.quantity for v in ranks.verdicts} > {
        *checks.INFORMED,
        "share that kept all",
        "distance to the interviews",
        JOINT,
    }
    assert ranks.worst > PASS


@pytest.mark.parametrize("power", [checks.TOO_SURE, checks.IGNORING])
def test_a_fit_too_sure_of_itself_and_one_that_ignores_the_findings_are_caught(
    bank: SimulationBank, power: float
) -> None:
    assert checks.run_simulation_based_calibration(bank, SETS, seed=5, power=power).worst < CAUGHT


def test_data_sets_that_the_bank_covers_thinly_are_counted(bank: SimulationBank) -> None:
    ranks = checks.run_simulation_based_calibration(bank, 60, seed=5, least=20)
    assert 0.5 < ranks.thin < 1
    assert ranks.worst > PASS


def test_an_error_of_observation_three_times_too_large_is_caught(bank: SimulationBank) -> None:
    """In the quantity that looks at the very finding; nothing else need see it."""
    honest = checks.make_observation_model()

    def far(outcomes: Outcomes, data: Data) -> Floats:
        return np.asarray(abs(outcomes["turnover"] - data["turnover"][0]))

    def noisier(outcomes: Outcomes, u: Floats) -> Data:
        data = dict(honest.draw(outcomes, u))
        return data | {"turnover": outcomes["turnover"] + 3 * (data["turnover"] - outcomes["turnover"])}

    looking = replace(honest, quantities={"far": far})
    assert rank_truths(bank, looking, SETS, seed=5).verdict("far").p_exact > PASS
    assert rank_truths(bank, replace(looking, draw=noisier), SETS, seed=5).verdict("far").p_exact < CAUGHT


# Observing.


def test_data_of_the_middle_of_all_noise_are_the_predictions(bank: SimulationBank) -> None:
    one = {k: v[:1] for k, v in bank.outcomes.items()}
    data = checks.observe(one, np.full(len(list_fitted()), 0.5))
    for target in list_fitted():
        if target.likelihood == "normal":
            assert data[target.id] == pytest.approx(one[target.id])
    assert data["interviews"].sum() == 20


def test_likelihoods_of_the_data_observed_add_up_to_those_of_the_bank(bank: SimulationBank) -> None:
    data = {t.id: np.array(t.observed) for t in list_fitted()}
    assert checks.make_observation_model().fit(bank.outcomes, data) == pytest.approx(bank.outcomes[LOG_LIKELIHOOD])


def test_noise_has_the_size_that_the_likelihood_says(bank: SimulationBank) -> None:
    one = {k: v[:1] for k, v in bank.outcomes.items()}
    for k, target in enumerate(list_fitted()):
        if target.error is not None:
            u = np.full(len(list_fitted()), 0.5)
            u[k] = 0.8413447460685429
            assert checks.observe(one, u)[target.id] - one[target.id] == pytest.approx(target.error)


# Posterior predictive checks.


def exactly(n: int = 4_000) -> dict[str, Floats]:
    """Predictions of draws that give every finding to the dot; 21, 15 and 6 boards of 42."""
    values_by_id = {t.id: np.full(n, t.observed[0]) for t in list_fitted() if t.error is not None}
    return values_by_id | {name: np.full(n, boards) for name, boards in zip(COUNTS, (21.0, 14.7, 6.3), strict=True)}


def test_draws_that_give_every_finding_have_a_p_of_a_half_and_a_spread_of_the_errors() -> None:
    p_values = {p.target: p for p in checks.check_predictions(exactly(), seed=1)}
    assert list(p_values) == [*COUNTS, *(t.id for t in list_fitted() if t.error is not None)]
    for target in list_fitted():
        if target.error is not None:
            p_value = p_values[target.id]
            assert p_value.p == pytest.approx(0.5, abs=0.03)
            assert p_value.mean == pytest.approx(p_value.observed, abs=0.1 * target.error)
            assert (p_value.high - p_value.low) / (2 * 1.645 * target.error) == pytest.approx(1, abs=0.06)
    assert [p_values[name].observed for name in COUNTS] == [10, 7, 3]
    assert [p_values[name].mean for name in COUNTS] == pytest.approx([10, 7, 3], abs=0.1)
    assert all(p_values[name].low < p_values[name].observed < p_values[name].high for name in COUNTS)
    assert p_values[COUNTS[0]].title.endswith("kept all of it")


@pytest.mark.parametrize(("side", "p"), [(3.0, 1.0), (-3.0, 0.0)])
def test_draws_that_miss_a_finding_are_told_by_p(side: float, p: float) -> None:
    target = next(t for t in list_fitted() if t.id == "deficits_2023")
    assert target.error is not None
    outcomes = exactly()
    outcomes[target.id] = outcomes[target.id] + side * target.error
    p_values = {prediction.target: prediction.p for prediction in checks.check_predictions(outcomes, seed=1)}
    assert p_values["deficits_2023"] == pytest.approx(p, abs=0.005)
    assert p_values["deficits_2022"] == pytest.approx(0.5, abs=0.03)


def test_draws_without_weight_count_for_nothing() -> None:
    outcomes = exactly(2_000)
    half = {k: np.concatenate([v, v if k in COUNTS else v + 1]) for k, v in outcomes.items()}
    w = np.repeat([1 / 2_000, 0.0], 2_000)
    for prediction in checks.check_predictions(half, seed=1, weights=w):
        assert prediction.p == pytest.approx(0.5, abs=0.04) or prediction.target in COUNTS
    predictions_by_target = {
        prediction.target: prediction for prediction in checks.check_predictions(half, seed=1, weights=w[::-1])
    }
    assert predictions_by_target["turnover"].p == 1
    assert predictions_by_target["turnover"].mean == pytest.approx(
        predictions_by_target["turnover"].observed + 1, abs=0.01
    )


def test_weighing_the_bank_brings_predictions_to_the_findings(bank: SimulationBank) -> None:
    fit = bank.outcomes[LOG_LIKELIHOOD]
    w = np.exp(fit - fit.max())
    before, after = (
        checks.check_predictions(bank.outcomes, seed=1),
        checks.check_predictions(bank.outcomes, seed=1, weights=w / w.sum()),
    )
    assert all(0.01 < one.p < 0.99 for one in after), after
    assert np.mean([(one.high - one.low) / (old.high - old.low) for one, old in zip(after, before, strict=True)]) < 0.9


# Repeatability.

TOY = (Factor("a", -9.0, 9.0, 0.0, Normal(0.0, 1.0)), Factor("idle", -9.0, 9.0, 0.0, Normal(0.0, 1.0)))


def toy(seed: int, n: int = 2_000, y: float = 0.0) -> WeightedSample:
    def simulate(points: Points, seeds: Seeds) -> Outcomes:
        return {"log_likelihood": -0.5 * ((points["a"] - y) / 0.1) ** 2}

    return sample_by_importance(simulate, TOY, (n,), seed=seed)


def test_fits_with_other_seeds_differ_by_what_their_effective_samples_allow() -> None:
    fits = [toy(seed) for seed in range(12)]
    found = {one.name: one for one in checks.check_repeatability(fits)}
    expected = 1 / np.sqrt(np.mean([fit.effective for fit in fits]))
    for one in found.values():
        assert one.spread == pytest.approx(expected, rel=0.5)
        assert one.spread < one.widest < 6 * one.spread
        assert 1 <= one.sd_ratio < 1.5


def test_a_fit_that_disagrees_is_seen_and_in_units_of_the_posterior() -> None:
    found = {
        one.name: one for one in checks.check_repeatability([toy(1, 20_000), toy(2, 20_000), toy(3, 20_000, y=0.2)])
    }
    assert found["a"].widest == pytest.approx(2.0, abs=0.2)
    assert found["idle"].widest < 0.2


def test_one_fit_repeats_nothing() -> None:
    with pytest.raises(ValueError, match="two fits or more"):
        checks.check_repeatability([toy(1)])
