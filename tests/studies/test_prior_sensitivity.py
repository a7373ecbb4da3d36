"""Prior sensitivity of the headline: weights move what they should and nothing else, and say when they cannot."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from simulator.calibration.fit import FULL
from simulator.calibration.likelihood import list_factors
from simulator.declarations.priors import HalfNormal, Prior
from simulator.experiments.core.model_protocol import draw_uniforms
from simulator.experiments.sensitivity.power_scaling import scale_prior
from simulator.runs.futures import draw_futures
from simulator.runs.posterior import ROW, read_fit_document, shipped_draws
from simulator.runs.results import find_outcome
from simulator.runs.run import run_many
from simulator.studies.prior_sensitivity import PriorSensitivity, describe_carrier, prepare_prior_sensitivity

pytestmark = pytest.mark.experiments

N = 1_500


@cache
def study() -> PriorSensitivity:
    futures = draw_futures(N, seed=7)
    base, *results = run_many(("baseline", "ringfence", "leadership"), futures=futures)
    span = results[0].span()
    gains = {
        name: result.outcome("retained", span) - base.outcome("retained", span)
        for name, result in zip(("ringfence", "leadership"), results, strict=True)
    }
    return prepare_prior_sensitivity(gains, futures, find_outcome("retained"))


def test_points_are_those_of_the_futures_and_priors_those_declared() -> None:
    futures = draw_futures(N, seed=7).to_frame()
    for name, values in study().points.items():
        np.testing.assert_array_equal(values, futures[name], err_msg=name)
    assert study().priors == {f.name: f.prior for f in list_factors()}


def test_weaker_priors_of_the_chief_s_pull_make_leadership_add_less_and_leave_the_ring_fence_alone() -> None:
    prior = study().priors["pull_chief"]
    means = [study().under({"pull_chief": scale_prior(prior, by)}) for by in (0.4, 0.7, 1.0)]
    leadership, ringfence = ([w.mean(study().gains[name]) for w in means] for name in ("leadership", "ringfence"))
    assert leadership[0] < leadership[1] < leadership[2]
    assert leadership[2] > 1.5 * leadership[0]
    assert np.ptp(ringfence) < 0.02
    assert leadership[2] == pytest.approx(study().gains["leadership"].mean())


def test_a_number_that_does_nothing_to_the_headline_moves_nothing() -> None:
    """A negative control: how pilots fare is no part of what is retained by today's policies."""
    weighed = study().under({"mainstream_base": scale_prior(study().priors["mainstream_base"], 0.6)})
    for name, gain in study().gains.items():
        shift = weighed.mean(gain) - gain.mean()
        assert abs(shift) < 4 * weighed.error(gain), name
        assert abs(shift) < 0.01, name


def test_the_carriers_are_found_and_said_in_one_sentence() -> None:
    assert "pull_chief" in study().list_carriers()
    assert max(study().shifts("pull_chief"), key=lambda p: study().shifts("pull_chief")[p]) == "leadership"
    sentence = describe_carrier(study(), "leadership")
    assert sentence.startswith("Its size rests on the prior of pull_chief: +")
    assert sentence.count(" under ") >= 3


def test_leadership_rests_on_its_prior_and_the_findings_say_little() -> None:
    power = {each.policy: each for each in study().powers()}["leadership"]
    assert power.numbers[0][0] == "pull_chief"
    assert power.prior > power.likelihood
    assert power.diagnosis == "rests on the prior; the findings say little"


def test_a_draw_of_the_first_stage_is_the_row_of_the_fit_that_it_names() -> None:
    """The likelihood of a draw is worked out again with the chance of its row: the row must be the right one."""
    draws, seed = shipped_draws(), read_fit_document()["seed"]
    first = np.flatnonzero(draws[ROW][:1_000] < FULL[0])[:5]
    assert len(first) == 5
    for at in first:
        row = int(draws[ROW][at])
        for factor in list_factors()[:10]:
            expected = factor.quantile(draw_uniforms(1, seed, factor.name, row))[0]
            assert draws[factor.name][at] == pytest.approx(expected, rel=1e-6), factor.name


def test_the_likelihood_of_what_was_drawn_is_higher_than_under_other_chance() -> None:
    """Rows were kept because their own chance gave the findings; other chance gives them less well."""
    assert study().log_likelihood is not None
    other = prepare_prior_sensitivity({}, draw_futures(N, seed=8), find_outcome("retained"))
    assert other.log_likelihood is not None
    assert np.isfinite(study().log_likelihood).all()
    assert study().log_likelihood.mean() == pytest.approx(other.log_likelihood.mean(), abs=1.0)


def test_futures_that_are_not_of_the_posterior_and_numbers_without_a_prior_are_refused() -> None:
    with pytest.raises(ValueError, match="draw the futures from it"):
        prepare_prior_sensitivity({}, draw_futures(10, source="prior"), find_outcome("retained"))
    wrong: dict[str, Prior] = {"colour": HalfNormal(1)}
    with pytest.raises(ValueError, match="not an uncertain number with a prior: colour"):
        study().under(wrong)
