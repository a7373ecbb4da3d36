"""`ringfence package`: the cheapest package at the user's own costs, scored again in fresh worlds."""

from __future__ import annotations

import csv
import io

import pytest
from cli_runs import bad, document, good

pytestmark = pytest.mark.interface

LEVERS = ("--lever", "ringfence=1", "--lever", "leader_lift=0.45", "--hold", "waiver=0")
COSTS = ("--cost", "ringfence=1", "--cost", "leader_lift=2")
SMALL = ("--draws", "30", "--packages", "16")
PACKAGE = ("package", *LEVERS, *COSTS, *SMALL)


def test_the_cheapest_package_reaches_the_target_and_none_that_reaches_it_costs_less() -> None:
    answer = document(*PACKAGE, "--target", "0.8")
    cheapest = answer["cheapest"]
    assert cheapest["interval"][0] >= 0.8
    assert all(p["cost"] >= cheapest["cost"] for p in answer["packages"] if p["interval"][0] >= 0.8)
    assert answer["sentence"].startswith("The cheapest package shown to reach “Money kept” at £80 of each £100 is ")


def test_costs_are_those_of_the_user_in_proportion_to_strength() -> None:
    answer = document(*PACKAGE)
    for package in answer["packages"]:
        levers = package["settings"]
        assert package["cost"] == pytest.approx(levers["ringfence"] + 2 * levers["leader_lift"] / 0.45)
    assert answer["costs"] == {"ringfence": 1, "leader_lift": 2}


def test_another_price_makes_another_package_the_cheapest() -> None:
    dear = ("--cost", "ringfence=50", "--cost", "leader_lift=0.1")
    cheapest = [document("package", *LEVERS, *costs, *SMALL, "--target", "0.76")["cheapest"] for costs in (COSTS, dear)]
    assert cheapest[0]["settings"] == {"ringfence": pytest.approx(2 / 3), "leader_lift": 0}
    assert cheapest[1]["settings"] == {"ringfence": pytest.approx(1 / 3), "leader_lift": pytest.approx(0.45)}


def test_on_the_front_more_protection_costs_more() -> None:
    front = [p for p in document(*PACKAGE)["packages"] if p["on_front"]]
    searched = [p["searched"] for p in sorted(front, key=lambda p: p["cost"])]
    assert searched == sorted(searched)
    assert front[0]["settings"] == {"ringfence": 0, "leader_lift": 0}


def test_a_ring_fence_that_a_waiver_lifts_is_said_to_do_nothing() -> None:
    answer = document("package", *LEVERS[:4], *COSTS, *SMALL)
    assert answer["moves_nothing_alone"] == ["ringfence"]
    assert "--hold waiver=0 lets it stand" in answer["sentence"]
    assert all(p["settings"]["ringfence"] == 0 for p in answer["packages"] if p["on_front"])
    alone = bad("package", "--lever", "ringfence=1", "--cost", "ringfence=1", *SMALL)
    assert "ringfence: does nothing here, since a waiver lifts the whole ring-fence" in alone
    assert "waiver at 0" in alone


def test_a_target_out_of_reach_is_told_with_what_comes_nearest() -> None:
    answer = document(*PACKAGE, "--target", "0.999")
    assert answer["cheapest"] is None
    assert (
        "No package tried is shown to reach “Money kept” at £100 of each £100; the nearest is ringfence 1"
        in answer["sentence"]
    )


def test_a_budget_keeps_dearer_packages_out() -> None:
    answer = document(*PACKAGE, "--budget", "1.5")
    assert max(p["cost"] for p in answer["packages"]) <= 1.5


def test_an_outcome_can_have_its_own_cost() -> None:
    answer = document(*PACKAGE, "--cost", "rushed=0.01")
    assert answer["cost_of_outcomes"] == {"rushed": 0.01}
    assert min(p["cost"] for p in answer["packages"]) > 0


def test_the_answer_shows_the_front_and_says_what_is_noise() -> None:
    text = good(*PACKAGE, "--target", "0.8")
    for part in (
        "95% interval",
        "not shown",
        "yes",
        "held in every package: waiver 0",
        "is noise",
        "half are fresh: 60 parameter draws",
    ):
        assert part in text
    rows = list(csv.DictReader(io.StringIO(good(*PACKAGE, "--csv"))))
    assert {"ringfence", "leader_lift", "cost", "fresh", "badge"} <= set(rows[0])


def test_priors_give_an_answer_too() -> None:
    assert "priors" in document(*PACKAGE, "--source", "prior")["badge"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (LEVERS, "no cost is given for ringfence, leader_lift"),
        ((*LEVERS, "--cost", "ringfence=1"), "no cost is given for leader_lift"),
        ((*LEVERS, *COSTS, "--cost", "named=1"), "named: there is a cost, but no --lever"),
        ((*LEVERS, *COSTS, "--cost", "ringfence=2"), "ringfence has two costs"),
        ((*LEVERS, "--cost", "ringfence=-1", "--cost", "leader_lift"), "'leader_lift' is not a cost"),
        (("--lever", "ringfense=1", *COSTS), "did you mean 'ringfence'?"),
        (("--lever", "ringfence=2", *COSTS), "ringfence"),
        (("--lever", "gap_mean=0.5", "--cost", "gap_mean=1"), "changes it over the years"),
        (("--lever", "named=0.25", "--cost", "named=1"), "it is 0.25 already"),
        ((*LEVERS, "--hold", "ringfence=1", *COSTS), "both moved (--lever) and held (--hold)"),
        ((*LEVERS, *COSTS, "--target", "80"), "write 60% as 0.6"),
        ((*LEVERS, *COSTS, "--draws", "4001"), "4000 for the search"),
        ((*LEVERS, *COSTS, "--from", "2031/32 Q1"), "outside the calendar"),
    ],
)
def test_what_cannot_be_asked_is_told_with_a_remedy(words: tuple[str, ...], message: str) -> None:
    assert message in bad("package", *words)


def test_what_the_search_has_met_is_not_scored_again() -> None:
    """Heavy parameter sets are drawn more than once, so that the second half would hold some of the first."""
    from simulator.commands.shared.options import Source
    from simulator.studies.package_costs import sample_halves

    first, second = sample_halves(2_000, 3, Source.POSTERIOR)
    assert not set(first.sets.tolist()) & set(second.sets.tolist())
    assert first.n == 2_000 and 1_700 < second.n < 2_000


@pytest.mark.parametrize("words", [("--budget", "10%"), ("--budget", "-1"), ("--budget", "lots")])
def test_a_budget_that_is_no_amount_is_refused(words: tuple[str, ...]) -> None:
    assert "--budget" in bad(*PACKAGE, *words)


def test_a_cost_with_a_per_cent_sign_is_refused() -> None:
    assert "is not a cost" in bad("package", *LEVERS, "--cost", "ringfence=10%", *COSTS[2:])


def test_a_share_of_boards_is_told_in_per_cent_and_not_in_pounds() -> None:
    answer = document("package", *LEVERS, *COSTS, "--draws", "10", "--packages", "4", "--outcome", "kept_none")
    assert "£" not in answer["sentence"]
    assert "the least that was found" in answer["sentence"]
