"""Signs that are assumed: promised by declarations, tried over the whole range of every number, and nothing beyond."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from simulator.boards.table import read_boards
from simulator.declarations import sign_promises
from simulator.declarations.levers import LEVERS, QUARTER_DTYPE
from simulator.declarations.outcomes import OUTCOMES
from simulator.declarations.parameters import PARAMETERS
from simulator.declarations.priors import HalfNormal, Normal
from simulator.declarations.sign_promises import PROMISES, admits_negative, can_be_negative, list_promises
from simulator.engine.ensemble import simulate
from simulator.experiments.core import verdicts
from simulator.experiments.core.paired_comparison import compare_paired
from simulator.reports.policy_comparison import compare
from simulator.runs.assumed_sign import find_assumed_sign
from simulator.runs.futures import draw_futures, given_futures
from simulator.runs.parameter_sets import UNCERTAIN, make_points
from simulator.runs.run import run
from simulator.scenarios.library import library
from simulator.scenarios.scenario import load_scenario

pytestmark = pytest.mark.declarations

Table = NDArray[np.void]
SETS, REPLICATES, START = 60, 3, 20
LEVERS_PROMISED = sorted({lever for promises in PROMISES.values() for lever in promises})
BASELINE: Table = np.array(load_scenario("baseline").schedule, QUARTER_DTYPE)


@cache
def admissible_points() -> Table:
    """Parameter sets all over the ranges that declarations admit, `REPLICATES` rows each."""
    rng = np.random.default_rng(20240323)
    points = make_points(SETS)
    for name in UNCERTAIN:
        about = PARAMETERS[name].about
        assert about.prior is not None
        ends = about.prior.quantile(np.array([0.0, 1.0]))
        low, high = np.clip(ends, about.low, about.high)
        points[PARAMETERS[name].group][name] = rng.uniform(low, high, SETS)
    return np.repeat(points, REPLICATES)


def calendar(base: Table, lever: str, value: float) -> Table:
    copy = base.copy()
    copy[LEVERS[lever].group][lever][START:] = value
    return copy


def fenced() -> Table:
    """A calendar in which a fence, a waiver and savings are somewhere inside their ranges."""
    base = BASELINE.copy()
    for name, value in {"ringfence": 0.7, "waiver": 0.5, "waivable": 0.6, "audit": 0.3}.items():
        base[LEVERS[name].group][name][START:] = value
    return base


@pytest.mark.parametrize("lever", LEVERS_PROMISED)
def test_a_promise_holds_all_over_the_admissible_range_of_every_number(lever: str) -> None:
    """A promise comes from declarations and from how rules are written; a counterexample would show it to be wrong."""
    points, areas = admissible_points(), read_boards().areas
    low, high = (
        simulate(points, np.arange(len(points)), calendar(fenced(), lever, value), areas, seed=5).nation
        for value in (LEVERS[lever].about.low, LEVERS[lever].about.high)
    )
    moved = False
    for name, promises in PROMISES.items():
        change = promises[lever].sign * (OUTCOMES[name].of(high[:, 5:8]) - OUTCOMES[name].of(low[:, 5:8]))
        by_set = change.reshape(SETS, REPLICATES).mean(axis=1)
        assert (by_set >= -1e-9).all(), f"{name}: {by_set.min()}"
        moved = moved or bool((by_set > 1e-6).any())
    assert moved


def test_promises_name_levers_outcomes_and_numbers_that_exist() -> None:
    for name, promises in PROMISES.items():
        assert OUTCOMES[name].better
        for lever, promise in promises.items():
            assert lever in LEVERS and promise.sign in (-1, 1)
            assert promise.pulls and set(promise.pulls) <= set(PARAMETERS)


def test_a_number_that_may_be_negative_takes_its_promise_away(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "leader_lift" in list_promises("retained")
    monkeypatch.setattr(sign_promises, "can_be_negative", lambda name: name == "pull_chief")
    list_promises.cache_clear()
    try:
        promised = list_promises("retained")
        assert "leader_lift" not in promised and "ringfence" in promised
    finally:
        list_promises.cache_clear()
    assert not can_be_negative("pull_chief")


def schedules(*names: str) -> list[Table]:
    return [np.asarray(load_scenario(name).schedule) for name in names]


def test_a_lever_outside_its_promise_is_not_called_assumed() -> None:
    baseline, ringfence, leadership, both = schedules("baseline", "ringfence", "leadership", "both")
    assert find_assumed_sign("retained", leadership, baseline) == 1
    assert find_assumed_sign("retained", baseline, leadership) == -1
    assert find_assumed_sign("kept_none", leadership, baseline) == -1
    assert find_assumed_sign("additional", leadership, baseline) == 0  # better in every future, and promised nothing
    assert find_assumed_sign("retained", leadership, ringfence) == 0  # one helps, and so does the other
    assert find_assumed_sign("retained", both, ringfence) == 1
    assert find_assumed_sign("retained", baseline, baseline) == 0
    mixed = calendar(baseline.astype(QUARTER_DTYPE), "leader_lift", 0.3)
    mixed[LEVERS["finance_grip"].group]["finance_grip"][START:] = 0.5
    assert find_assumed_sign("retained", mixed, baseline) == 0  # the grip of finance is promised nothing
    there_and_back = np.asarray(leadership).copy()
    there_and_back[LEVERS["oversight"].group]["oversight"][0] = -0.1
    assert find_assumed_sign("retained", there_and_back, baseline) == 0


def test_parameters_of_the_futures_take_a_promise_away() -> None:
    baseline, leadership = schedules("baseline", "leadership")
    points = draw_futures(50).points
    assert find_assumed_sign("retained", leadership, baseline, points) == 1
    contrary = points.copy()
    contrary[PARAMETERS["ring_leader_mix"].group]["ring_leader_mix"] = -0.5
    assert find_assumed_sign("retained", leadership, baseline, contrary) == 0
    assert find_assumed_sign("retained", leadership, baseline, given_futures({"ring_leader_mix": [0.5]}).points) == 1


def test_a_prior_that_leaves_a_sign_open_takes_a_promise_away_whatever_was_drawn() -> None:
    baseline, ringfence, leadership = schedules("baseline", "ringfence", "leadership")
    points = draw_futures(50).points
    assert admits_negative("pull_ringfence", Normal(0, 4)) and not admits_negative("pull_ringfence", HalfNormal(4))
    assert find_assumed_sign("retained", ringfence, baseline, points, ["pull_ringfence"]) == 0
    assert find_assumed_sign("retained", ringfence, baseline, points, ["pull_oversight"]) == 1
    assert find_assumed_sign("retained", leadership, baseline, points, ["pull_chief"]) == 0


def test_a_comparison_says_assumed_in_place_of_count_and_verdict() -> None:
    comparison = compare("leadership", "baseline", n=200)
    assert comparison.verdict == verdicts.ASSUMED_BETTER
    assert comparison.better_in == "assumed" and comparison.better_of_100 is None
    assert (
        "the model as written only allows it to help (money kept)" in comparison.sentence
        and "of 100" not in comparison.sentence
    )
    assert compare("baseline", "leadership", n=200).verdict == verdicts.ASSUMED_WORSE
    slight = compare("peer-forums", "baseline", n=200), compare("baseline", "peer-forums", n=200)
    assert all(0 < abs(each.difference) < 0.01 for each in slight)
    assert [each.verdict for each in slight] == ["slightly better, sign assumed", "slightly worse, sign assumed"]
    other = compare("leadership", "ringfence", n=200)
    assert not other.sign_assumed and "of 100" in other.sentence
    assert compare("leadership", "leadership", n=200).verdict == verdicts.SAME


def test_a_mean_that_is_settled_the_other_way_is_not_called_assumed() -> None:
    new = np.random.default_rng(1).normal(-1, 0.1, 200)
    comparison = compare_paired(
        new, np.zeros(200), about=OUTCOMES["retained"], names=("a", "b"), years=("y", "y"), badge="", assumed=1
    )
    assert not comparison.sign_assumed and comparison.verdict == "worse in nearly all futures"


def test_no_policy_of_the_library_contradicts_an_assumed_sign() -> None:
    futures = draw_futures(200)
    base = run("baseline", futures=futures)
    assumed = 0
    for name in library():
        comparison = compare(run(name, futures=futures), base)
        if comparison.sign_assumed:
            assumed += 1
            assert comparison.assumed * comparison.difference > 0, name
    assert assumed > 10
