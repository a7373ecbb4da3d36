"""A small fit of the model: the same whoever computes it, holding what is held, and published only if it is sound."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from simulator.calibration.export import NotFit, hash_facts, publish, round_numbers
from simulator.calibration.fit import BIAS, Fit, Quality, calibrate
from simulator.calibration.likelihood import (
    COUNTS,
    LOG_LIKELIHOOD,
    Likelihood,
    list_factors,
    log_likelihood,
    sum_log_likelihoods,
)
from simulator.calibration.target_file import TargetFile
from simulator.experiments.stats import importance_sampling as sampling
from simulator.replays.targets import list_fitted, read_targets
from simulator.runs.parameter_sets import UNCERTAIN
from simulator.runs.posterior import NAMES, ROW, PosteriorError, read_draws, write_draws

pytestmark = pytest.mark.calibration

SIZES, SEED = (2_000, 2_000), 11
HELD = {"pull_chief": 2.0, "raid_first": 1.0, BIAS: 1.65}
GOOD = Quality(points=9_000, effective=400.0, pareto_k=0.7, largest=0.02, log_evidence=-7.0)


@cache
def small() -> Fit:
    return calibrate(SIZES, seed=SEED)


@cache
def held() -> Fit:
    return calibrate((1_000,), seed=SEED, held=HELD)


@cache
def by_interviews() -> Fit:
    """Interviews alone leave enough effective points for a fit as small as this."""
    return calibrate((4_000,), seed=SEED, use=["interviews"])


def same(a: Mapping[str, np.ndarray], b: Mapping[str, np.ndarray]) -> None:
    assert list(a) == list(b)
    for name in a:
        np.testing.assert_array_equal(a[name], b[name], err_msg=name)


# The same whoever computes it.


def test_chunks_and_threads_change_no_bit_of_a_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    first = small()
    monkeypatch.setattr(sampling, "CHUNK", 700)
    monkeypatch.setenv("RINGFENCE_THREADS", "1")
    again = calibrate(SIZES, seed=SEED)
    np.testing.assert_array_equal(first.weighted.log_weights, again.weighted.log_weights)
    same(first.draws(200), again.draws(200))
    assert first.quality == again.quality


def test_another_seed_gives_other_points_and_other_luck() -> None:
    other = calibrate((500,), seed=SEED + 1)
    for name, values in (("plan_base", other.weighted.points), ("turnover", other.weighted.outcomes)):
        mine = (small().weighted.points if name == "plan_base" else small().weighted.outcomes)[name][:500]
        assert (values[name] != mine).mean() > 0.9, name


def test_the_first_stage_is_the_same_however_many_follow() -> None:
    one = calibrate((2_000,), seed=SEED)
    for name, values in one.weighted.outcomes.items():
        np.testing.assert_array_equal(values, small().weighted.outcomes[name][:2_000])


def test_a_drawn_row_run_again_with_its_own_luck_gives_its_predictions() -> None:
    fit = small()
    predictions = Likelihood(SEED)(fit.draws(40), fit.rows(40))
    same(fit.predictions(40), predictions)


def test_every_uncertain_parameter_and_the_bias_is_drawn_within_its_bounds() -> None:
    assert [f.name for f in list_factors()] == [*UNCERTAIN, BIAS]
    for f in list_factors():
        values = small().draws(300)[f.name]
        assert (values >= f.low).all() and (values <= f.high).all() and np.ptp(values) > 0, f.name


# What is weighed.


def test_the_log_likelihood_is_the_sum_over_targets_worked_out_by_hand() -> None:
    outcomes = small().weighted.outcomes
    expected = np.zeros(4_000)
    for t in list_fitted():
        if t.error is not None:
            z = (outcomes[t.id] - t.observed[0]) / t.error
            expected += -0.5 * z * z - np.log(t.error) - 0.5 * np.log(2 * np.pi)
    counts = np.stack([outcomes[name] for name in COUNTS], axis=1)
    expected += log_likelihood(read_targets()["interviews"], {name: counts[:, k] for k, name in enumerate(COUNTS)})
    np.testing.assert_allclose(outcomes[LOG_LIKELIHOOD], expected, rtol=1e-12)


def test_only_the_targets_in_use_are_weighed(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger="ringfence")
    fit = calibrate((500,), seed=SEED, use=("turnover", "deficit_2022"))
    started, done = (record.getMessage() for record in caplog.records)
    assert started == "event=fit-started points=500 targets=2"
    assert done.startswith("event=fit-done points=500 effective=")
    outcomes = fit.weighted.outcomes
    expected = sum(log_likelihood(read_targets()[name], outcomes) for name in fit.used)
    np.testing.assert_allclose(fit.weighted.log_weights, expected, rtol=1e-12)
    assert fit.used == ("turnover", "deficit_2022")
    np.testing.assert_array_equal(sum_log_likelihoods(outcomes, ()), np.zeros(500))


def test_other_data_can_be_weighed_in_the_place_of_what_was_seen() -> None:
    made = {"turnover": np.array([0.31, 0.45])}
    seen, other = (log_likelihood(read_targets()["turnover"], made, data) for data in (None, [0.45]))
    assert seen[0] == other[1] > seen[1] == pytest.approx(other[0])


# What is held.


def test_what_is_held_is_held_in_every_draw_and_identified_nowhere() -> None:
    fit = held()
    for name in ("pull_chief", BIAS):
        assert (fit.draws(50)[name] == HELD[name]).all()
        assert name not in {i.name for i in fit.identified}
    assert len(fit.identified) == len(list_factors()) - 2


def test_a_fit_with_something_held_weighs_runs_in_which_it_is_held() -> None:
    fit = held()
    columns = {name: values[:60] for name, values in fit.weighted.points.items()}
    spelt_out = {**columns, "pull_chief": np.full(60, 2.0), BIAS: np.full(60, 1.65)}
    kept = Likelihood(SEED, held={"raid_first": 1.0})(spelt_out, np.arange(60))
    for name, values in kept.items():
        np.testing.assert_array_equal(fit.weighted.outcomes[name][:60], values, err_msg=name)
    free = Likelihood(SEED)(columns, np.arange(60))
    assert (free[LOG_LIKELIHOOD] != kept[LOG_LIKELIHOOD]).mean() > 0.9


def test_a_code_changes_its_own_world_alone() -> None:
    plain, coded = (
        calibrate((400,), seed=SEED, codes=codes).weighted.outcomes
        for codes in (None, {"floor_national": {"enforcement_start": 0.9}})
    )
    changed = {name for name in plain if (plain[name] != coded[name]).any()}
    assert changed == {"floor_national", LOG_LIKELIHOOD}
    assert coded["floor_national"].mean() > plain["floor_national"].mean()


# What is refused.


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (
            {"use": ["turnover", "turnovr"]},
            "not a target of the fit: 'turnovr'; did you mean 'turnover'?; there are interviews, floor_national",
        ),
        ({"use": ["choosing_money"]}, "not a target of the fit: 'choosing_money'"),
        ({"held": {"pull_cheif": 1.0}}, "'pull_cheif' is not a parameter; did you mean 'pull_chief'?"),
        ({"held": {"habit": -1.0}}, "habit = -1.0 is outside 0"),
        ({"held": {BIAS: 0.0}}, "volunteer_bias = 0.0 is outside 0.1 to 10"),
        ({"codes": {"floor": {}}}, "'floor' is not a replay of the fit; there are england, floor_national"),
        ({"codes": {"floor_audited": {"audit": 1.0}}}, "'audit' is not a parameter"),
        ({"sizes": ()}, "give at least one stage"),
        ({"targets": "mine.yaml"}, "write targets=rf.read_targets('mine.yaml').targets"),
        ({"targets": TargetFile("Mine", (), (), "")}, "write targets=rf.read_targets('mine.yaml').targets"),
        ({"own": "mine.yaml"}, "write own=rf.read_targets('mine.yaml').own"),
        ({"priors": "mine.yaml"}, "write priors=rf.read_priors('mine.yaml').priors"),
        ({"priors": {"pull_chief": 1}}, "{'pull_chief': HalfNormal(1)}"),
    ],
)
def test_what_cannot_be_fitted_is_told_before_anything_runs(asked: Mapping[str, object], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        calibrate(**{"sizes": (10**9,), "seed": SEED, **asked})  # type: ignore[arg-type]
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("spoilt", "message"),
    [
        ({"effective": 399.4}, "the effective sample is 399, below 400"),
        ({"pareto_k": 0.71}, "k-hat 0.71 is above 0.7"),
        ({"pareto_k": float("inf")}, "k-hat inf is above 0.7"),
        ({"pareto_k": float("nan")}, "k-hat nan is above 0.7"),
        ({"largest": 0.021}, "one point holds 2.1% of the weight, above 2%"),
    ],
)
def test_each_diagnostic_forbids_by_itself(spoilt: dict[str, float], message: str) -> None:
    assert GOOD.problems == []
    [problem] = replace(GOOD, **spoilt).problems
    assert message in problem


def test_a_fit_whose_weights_cannot_be_trusted_is_not_published(tmp_path: Path) -> None:
    with pytest.raises(NotFit, match=r"not published: the effective sample is .* Ask for more points"):
        publish(small(), tmp_path / "new")
    assert not (tmp_path / "new").exists()


# What is published.


def test_what_is_published_reads_back_as_it_was(tmp_path: Path) -> None:
    fit = by_interviews()
    paths = publish(fit, tmp_path / "deep" / "new", 150)
    assert tuple(path.name for path in paths) == NAMES
    columns = read_draws(paths[0])
    assert list(columns) == [ROW, *(f.name for f in list_factors())]
    np.testing.assert_array_equal(columns[ROW], fit.rows(150))
    for name, values in fit.draws(150).items():
        np.testing.assert_allclose(columns[name], values, rtol=1e-8, atol=1e-12, err_msg=name)


def test_the_manifest_says_how_the_draws_were_made(tmp_path: Path) -> None:
    fit = by_interviews()
    fit_document = json.loads(publish(fit, tmp_path, 150)[1].read_text(encoding="utf-8"))
    assert (fit_document["seed"], fit_document["sizes"], fit_document["draws"], fit_document["targets"]) == (
        SEED,
        [4_000],
        150,
        ["interviews"],
    )
    assert fit_document["facts"] == hash_facts()
    assert fit_document["quality"]["effective"] == pytest.approx(fit.quality.effective, rel=1e-5)
    own = {i.name: i for i in fit.identified}
    assert [one["name"] for one in fit_document["identified"]] == list(own)
    assert fit_document["not_pinned"] == sum(not own[name].pinned for name in UNCERTAIN)
    assert {tuple(d["along"]) for d in fit_document["directions"]} == {
        tuple(i.name for i in fit.identified if i.pinned)
    }
    assert {p["name"] for p in fit_document["predictions"]} == {
        *COUNTS,
        *(t.id for t in list_fitted() if t.id != "interviews"),
    }
    for p in fit_document["predictions"]:
        assert p["mean"] == pytest.approx(fit.weighted.expect(p["name"]), rel=1e-5)
        assert p["low"] <= p["mean"] <= p["high"]


def test_a_fit_to_nothing_is_published_without_directions(tmp_path: Path) -> None:
    fit = calibrate((2_500,), seed=SEED, use=())
    assert fit.quality.effective == pytest.approx(2_500)
    assert fit.quality.log_evidence == pytest.approx(0.0, abs=1e-9)
    fit_document = json.loads(publish(fit, tmp_path, 20)[1].read_text(encoding="utf-8"))
    assert (fit_document["directions"], fit_document["not_pinned"]) == ([], fit_document["uncertain"])


def test_numbers_of_a_manifest_are_rounded_wherever_they_stand() -> None:
    assert round_numbers({"a": [1 / 3, (2e6 / 3, 7)], "b": True}) == {"a": [0.333333, [666667.0, 7]], "b": True}


@pytest.mark.parametrize(
    "raw",
    [b"", b"a,b\n", b"a,a\n1,2\n", b"a,b\n1\n", b"a,b\n1,2\n3\n", b"a,b\n1,x\n", b"\xff\xfe\n1\n", b"a\n1,2\n"],
)
def test_a_file_that_holds_no_draws_is_refused_by_its_name(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "draws.csv"
    path.write_bytes(raw)
    with pytest.raises(PosteriorError, match=r"draws\.csv"):
        read_draws(path)


def test_draws_are_written_with_nine_digits_and_unix_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "draws.csv"
    write_draws(path, {"a": np.array([1 / 3, 319_999.0]), "b": np.array([1e-12, -2.0])})
    assert path.read_bytes() == b"a,b\n0.333333333,1e-12\n319999,-2\n"
