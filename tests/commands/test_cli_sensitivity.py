"""`ringfence sensitivity`: what it says is what the experiments find, and it refuses what would mislead."""

from __future__ import annotations

import csv
import io
import shlex

import numpy as np
import pytest
from cli_runs import bad, document, good

from simulator.calibration.evidence_status import list_badges
from simulator.commands.sensitivity import METHODS, Method, choose_method
from simulator.commands.shared.factor_runs import read_question
from simulator.experiments.core.replicate_average import ReplicateAverage
from simulator.experiments.sensitivity.morris import run_morris
from simulator.experiments.sensitivity.sobol import run_sobol
from simulator.scenarios.scenario import load_scenario
from simulator.studies.model_function import ModelFunction, list_factors

pytestmark = pytest.mark.interface

THREE = ("--over", "plan_base,pull_pressure", "--over", "pull_ringfence")
NAMES = ("plan_base", "pull_pressure", "pull_ringfence")


def shares(found: dict[str, object]) -> dict[str, dict[str, float]]:
    return {row["factor"]: row for row in found["factors"]}  # type: ignore[attr-defined]


def test_sobol_prints_the_indices_of_the_library_and_lucks_own_share() -> None:
    answer = document("sensitivity", "ringfence", "--method", "sobol", "--size", "64", *THREE, "--lucks", "2")
    model = ModelFunction(load_scenario("ringfence"), ("retained",))
    same = run_sobol(ReplicateAverage(model, 2), list_factors(NAMES), "retained", start=64, most=64, seed=20240323)
    rows = shares(answer)
    assert [rows[i.name]["total"] for i in same.indices] == [i.total for i in same.indices]
    assert rows["luck"]["total"] == same.chance.total > 0
    single = 2 * same.chance.total / (1 + same.chance.total)
    assert f"{single:.0%} of that of single futures" in answer["luck"]
    assert "add up to" in answer["sentence"]
    assert answer["question"]["source"] == "prior"


def test_screening_prints_the_effects_of_the_library_the_largest_first() -> None:
    answer = document("sensitivity", "ringfence", "--method", "screen", "--size", "8", *THREE, "--lucks", "1")
    model = ModelFunction(load_scenario("ringfence"), ("retained",))
    same = run_morris(ReplicateAverage(model, 1), list_factors(NAMES), "retained", n=8, seed=20240323)
    sizes = [row["mu_star"] for row in answer["factors"]]
    assert sizes == sorted((e.mu_star for e in same.effects), reverse=True)
    assert answer["draws"] == 8 * 4


@pytest.mark.parametrize("method", ["main", "pawn"])
def test_a_posterior_sample_tells_which_factors_stand_out_from_noise(method: str) -> None:
    answer = document("sensitivity", "baseline", "--method", method, "--lucks", "2", "--size", "400")
    rows = shares(answer)
    assert len(rows) == 99
    assert rows["plan_base"]["clear"]
    assert not rows["false_negative"]["clear"]
    assert answer["badge"].startswith("400 parameter draws with 2 replicates each")
    assert "fitted to" in answer["badge"]
    assert "Chance makes up" in answer["luck"]


def test_every_factor_carries_its_badge_and_its_meaning() -> None:
    rows = shares(document("sensitivity", "baseline", "--size", "200", "--lucks", "1", "--over", "plan_base,ringfence"))
    assert {name: row["badge"] for name, row in rows.items()} == {
        n: list_badges()[n] for n in ("plan_base", "ringfence")
    }
    assert rows["ringfence"]["meaning"] == "Ring-fence on the fund"


def test_a_factor_that_the_model_does_not_read_under_this_policy_has_no_effect_at_all() -> None:
    """Without an evaluation set-aside nothing asks how far it raises evaluations."""
    answer = document(
        "sensitivity",
        "baseline",
        "--method",
        "screen",
        "--size",
        "8",
        "--lucks",
        "1",
        "--over",
        "plan_base,evaluate_setaside",
        "--outcome",
        "planned",
    )
    assert shares(answer)["evaluate_setaside"]["mu_star"] == 0
    assert shares(answer)["plan_base"]["mu_star"] > 0


def test_equal_policies_have_no_difference_to_explain() -> None:
    message = bad("sensitivity", "ringfence", "--against", "ringfence", "--size", "200", "--lucks", "1")
    assert "is the same in every row (0)" in message


def test_a_difference_is_that_of_two_runs_under_the_same_luck() -> None:
    model = read_question("ringfence", "baseline", "retained", None, ["plan_base"], "prior", 1)  # type: ignore[arg-type]
    points, seeds = {"plan_base": np.array([-1.0, 0.0, 1.0])}, np.array([5, 5, 9])
    new, old = (
        ModelFunction(load_scenario(name), ("retained",))(points, seeds)["retained"]
        for name in ("ringfence", "baseline")
    )
    assert (model.simulate(points, seeds)["retained"] == new - old).all()
    assert ((new - old) != 0).any()


def test_a_lever_in_which_the_policies_differ_is_moved_in_the_first_alone() -> None:
    question = read_question("ringfence", "baseline", "retained", None, ["ringfence", "gap_mean"], "prior", 1)  # type: ignore[arg-type]
    points = {"ringfence": np.array([0.0, 1.0]), "gap_mean": np.array([2.0, 2.0])}
    new, old = question.new, question.old
    assert old is not None
    seeds = np.array([3, 3])
    expected = new(points, seeds)["retained"] - old({"gap_mean": points["gap_mean"]}, seeds)["retained"]
    assert (question.simulate(points, seeds)["retained"] == expected).all()
    assert "ringfence under ringfence only" in question.setting


@pytest.mark.parametrize("method", ["sobol", "screen"])
def test_methods_that_need_independent_factors_refuse_the_posterior_and_name_what_to_use(method: str) -> None:
    message = bad("sensitivity", "ringfence", "--method", method, "--source", "posterior")
    assert "vary together" in message
    assert "--method main or --method pawn" in message


def test_method_and_source_choose_each_other() -> None:
    assert [choose_method(method, None)[1].value for method in (None, *METHODS)] == [
        "posterior",
        "prior",
        "prior",
        "posterior",
        "posterior",
    ]
    assert choose_method(None, choose_method(Method.SOBOL, None)[1])[0] is Method.SOBOL


def test_sobol_of_all_factors_takes_those_that_screening_finds() -> None:
    answer = document("sensitivity", "ringfence", "--method", "sobol", "--size", "32")
    assert len(answer["factors"]) == 21
    assert {"plan_base", "pull_pressure", "luck"} <= set(shares(answer))
    assert "40 walks of Morris screening moved most, of 99" in answer["made"]
    assert not answer["settled"]


def test_the_table_says_what_is_noise_how_it_was_made_and_the_badge() -> None:
    text = good("sensitivity", "ringfence", "--size", "200", "--lucks", "1")
    assert text.startswith("Learning one factor exactly would take away")
    for part in (
        "Clear of",
        "judgement",
        "84 more have smaller values",
        "Chance makes up",
        "fitted to 10 published findings",
    ):
        assert part in " ".join(text.split())


def test_csv_has_every_factor_and_how_it_was_made() -> None:
    text = good("sensitivity", "ringfence", "--method", "pawn", "--size", "200", "--lucks", "1", "--csv")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 99
    assert {row["scenario"] for row in rows} == {"ringfence"}
    assert {row["seed"] for row in rows} == {"20240323"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            "--over plan_bass,ringfence,gap_men",
            "'gap_men' is neither a parameter nor a lever; did you mean 'gap_mean'?",
        ),
        ("--over plan_bass", "did you mean 'plan_base'?"),
        ("--over ' , '", "names no parameter"),
        ("--outcome retaned", "did you mean 'retained'?"),
        ("--against basline", "did you mean 'baseline'?"),
        ("--source default", "nothing varies"),
        ("--size 9000", "the posterior holds 8,000 draws"),
        ("--size 10", "200 or more"),
        (f"--method sobol --size 100 {shlex.join(THREE)}", "power of two"),
        ("--method screen --size 4", "8 or more"),
        ("--years 1999/00", "1999/00"),
    ],
)
def test_what_cannot_be_used_is_refused_in_words(words: str, message: str) -> None:
    assert message in bad("sensitivity", "ringfence", *shlex.split(words))
