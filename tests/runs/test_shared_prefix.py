"""What comes before rules part is run once, and nobody can tell from the results."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from simulator.boards.table import make_equal_bodies, read_boards
from simulator.common.errors import InputError
from simulator.declarations.levers import LEVERS, QUARTER_DTYPE
from simulator.declarations.parameters import PARAMETERS
from simulator.engine import ensemble, prefix_sharing
from simulator.engine.checkpoint import Checkpoint
from simulator.engine.ensemble import YearlyRecords, simulate, simulate_all
from simulator.replays.replay import load_replay
from simulator.reports.policy_comparison import compare
from simulator.runs import result_cache as cache
from simulator.runs.checkpoint_cache import CheckpointCache
from simulator.runs.futures import draw_futures
from simulator.runs.parameter_sets import prior_points
from simulator.runs.run import compare_results, run, run_many
from simulator.scenarios.scenario import load_scenario

pytestmark = pytest.mark.results

SEED = 20240323
Table = NDArray[np.void]


def random_schedules(k: int, quarters: int, rng: np.random.Generator) -> Table:
    """A tree of calendars: each copies an earlier one and moves some levers for some quarters, at once or by steps."""
    schedules_drawn = np.empty((k, quarters), QUARTER_DTYPE)
    schedules_drawn[0] = load_scenario("baseline").schedule[:quarters]
    for at in range(1, k):
        schedules_drawn[at] = schedules_drawn[rng.integers(at)]
        for name in rng.choice(list(LEVERS), rng.integers(0, 4)):
            about, first = LEVERS[name].about, int(rng.integers(quarters))
            last = int(rng.integers(first, quarters)) + 1
            values = rng.uniform(about.low, about.high) * np.linspace(rng.random(), 1.0, last - first)
            schedules_drawn[at][LEVERS[name].group][name][first:last] = np.clip(values, about.low, about.high)
    return schedules_drawn


def random_facts(n: int, rng: np.random.Generator) -> Table:
    """Boards of one's own: the real ones drawn anew, with footprints of their own."""
    areas = read_boards().areas[rng.integers(0, 42, n)].copy()
    areas["region"] = rng.integers(0, n, n)
    areas["head"] = np.where(rng.random(n) < 0.5, np.arange(n), 0)
    areas["head"][0] = 0
    areas["merge_q"] = rng.integers(0, 40)
    areas["share_q"] = rng.integers(0, 40)
    return areas


def alike(first: YearlyRecords, other: YearlyRecords) -> bool:
    """Whether two batches are the same, to the last bit."""
    areas = [None if made.areas is None else made.areas.tobytes() for made in (first, other)]
    return first.nation.tobytes() == other.nation.tobytes() and areas[0] == areas[1]


def switched(n: int, seed: int, rng: np.random.Generator) -> Table:
    """Draws from the priors, with the model's structural switches on or off."""
    points = prior_points(n, seed)
    for name, number in PARAMETERS.items():
        if number.about.prior is None and number.about.low == 0.0 and number.about.high == 1.0:
            points[number.group][name] = rng.integers(0, 2, n)
    return points


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 7), st.integers(1, 8), st.integers(1, 9), st.booleans())
def test_policies_run_together_are_those_run_alone(seed: int, k: int, years: int, n: int, detail: bool) -> None:
    rng = np.random.default_rng(seed)
    schedules, areas = random_schedules(k, 4 * years, rng), random_facts(n, rng)
    points, runs, first_plan = switched(5, seed, rng), rng.integers(0, 2**32, 5), int(rng.integers(4))
    together = simulate_all(points, runs, schedules, areas, seed=seed, first_plan=first_plan, detail=detail, workers=2)
    for schedule, made in zip(schedules, together, strict=True):
        alone = simulate(points, runs, schedule, areas, seed=seed, first_plan=first_plan, detail=detail, workers=1)
        assert alike(made, alone)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 200), st.booleans())
def test_futures_that_meet_again_under_other_rules_are_those_run_alone(seed: int, n: int, detail: bool) -> None:
    rng = np.random.default_rng(seed)
    schedules, areas = random_schedules(9, 16, rng), random_facts(4, rng)
    drawn = prior_points(6, seed)[rng.integers(0, 6, n)]
    runs, policy = rng.integers(0, 3, n), rng.integers(0, 9, n)
    runs_made = [
        simulate(drawn, runs, schedules, areas, seed=seed, policy=policy, detail=detail, share=share)
        for share in (True, False)
    ]
    assert alike(*runs_made)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 8))
def test_going_on_from_a_quarter_is_running_from_the_start(seed: int, years: int) -> None:
    rng = np.random.default_rng(seed)
    schedules, areas = random_schedules(6, 4 * years, rng), random_facts(7, rng)
    points, runs, first_plan = switched(70, seed, rng), np.arange(70), int(rng.integers(4))
    quarter = int(rng.integers(1, 4 * years))
    checkpoint = Checkpoint(points, runs, schedules[0], areas, quarter, seed=seed, first_plan=first_plan, workers=2)
    for schedule in schedules:
        if not checkpoint.fits(schedule):
            with pytest.raises(ValueError, match="differs before"):
                checkpoint.resume(schedule)
            continue
        alone = simulate(points, runs, schedule, areas, seed=seed, first_plan=first_plan)
        assert alike(checkpoint.resume(schedule), alone)


def test_policies_share_what_comes_before_they_start(monkeypatch: pytest.MonkeyPatch) -> None:
    tables: list[Table] = []
    compiled = ensemble.block
    monkeypatch.setattr(ensemble, "block", lambda *given: tables.append(given[6].copy()) or compiled(*given))
    start = load_scenario("ringfence").start
    run_many(["baseline", "ringfence", "baseline"], 10, boards=make_equal_bodies(3))
    checkpoint = np.concatenate(tables)["begin"]
    assert sorted(set(checkpoint.tolist())) == [0, start, 32]
    assert (checkpoint == 0).sum() < 15


def test_a_future_met_once_shares_nothing() -> None:
    schedules = random_schedules(8, 16, np.random.default_rng(1))
    entries = prefix_sharing.independent_entries(np.arange(8), np.arange(8))
    plan = prefix_sharing.share_prefixes(prior_points(8, 3), entries, np.arange(8), schedules, 64)
    assert plan.tobytes() == entries.tobytes()


def test_parameters_that_differ_in_the_last_bit_are_other_futures() -> None:
    points = prior_points(2, 3)
    points[1] = points[0]
    points["raids"]["raid_base"][1] = np.nextafter(points["raids"]["raid_base"][1], np.inf)
    assert len(set(prefix_sharing.number_futures(points, np.array([0, 1, 0]), np.array([5, 5, 5])).tolist())) == 2


@pytest.mark.parametrize("name", ["ringfence", "leadership"])
def test_shipped_scenarios_go_on_from_where_they_start(name: str) -> None:
    checkpoints = CheckpointCache()
    drawn, policy = draw_futures(70), load_scenario(name)
    first, again = (checkpoints.run(policy, drawn, read_boards()) for _ in range(2))
    whole = run(policy, futures=drawn)
    assert first.nation.tobytes() == again.nation.tobytes() == whole.nation.tobytes()
    assert first.manifest == whole.manifest
    assert 0 < checkpoints.nbytes < 70 * 30_000


def test_other_futures_boards_and_rules_have_beginnings_of_their_own() -> None:
    checkpoints, drawn = CheckpointCache(), draw_futures(20)
    policy = load_scenario("ringfence")
    for some, own, first_plan in (
        (drawn, None, 1),
        (draw_futures(20, seed=5), None, 1),
        (drawn, make_equal_bodies(5), 1),
        (drawn, None, 2),
    ):
        results = checkpoints.run(policy, some, own, first_plan=first_plan)
        assert results.nation.tobytes() == run(policy, futures=some, boards=own, first_plan=first_plan).nation.tobytes()


def test_a_scenario_that_changes_nothing_or_begins_at_once_is_run_whole() -> None:
    checkpoints = CheckpointCache()
    checkpoints.run(load_scenario("baseline"), draw_futures(5), make_equal_bodies(2))
    assert checkpoints.nbytes == 0


def test_beginnings_stay_within_their_room() -> None:
    checkpoints = CheckpointCache(room=3_000_000)
    for seed in range(4):
        checkpoints.run(load_scenario("ringfence"), draw_futures(40, seed=seed), read_boards())
    assert 0 < checkpoints.nbytes <= 3_000_000
    checkpoints.run(load_scenario("ringfence"), draw_futures(300), read_boards())
    assert checkpoints.nbytes <= 3_000_000
    checkpoints.forget()
    assert checkpoints.nbytes == 0


def test_a_quarter_outside_the_schedule_is_refused() -> None:
    drawn = draw_futures(2)
    for quarter in (0, 32):
        with pytest.raises(ValueError, match="not within"):
            Checkpoint(
                drawn.points, drawn.runs, load_scenario("baseline").schedule, read_boards().areas, quarter, seed=SEED
            )


def test_replayed_worlds_can_go_on_too() -> None:
    past, drawn = load_replay("choosing_health"), prior_points(20, 3)
    schedule = np.asarray(past.schedule)
    whole = simulate(drawn, np.arange(20), schedule, past.boards.areas, seed=SEED, first_plan=past.first_plan)
    checkpoint = Checkpoint(drawn, np.arange(20), schedule, past.boards.areas, 3, seed=SEED, first_plan=past.first_plan)
    assert alike(checkpoint.resume(schedule), whole)


def test_comparing_gives_what_two_runs_give() -> None:
    drawn, own = draw_futures(30), make_equal_bodies(4)
    alone = compare_results(*(run(name, futures=drawn, boards=own) for name in ("ringfence", "baseline")))
    assert compare("ringfence", futures=drawn, boards=own) == alone
    assert compare("ringfence", run("baseline", futures=drawn, boards=own), futures=drawn, boards=own) == alone


def test_what_is_known_on_disk_is_not_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path))
    drawn, own, seen = draw_futures(cache.FEWEST_FUTURES), make_equal_bodies(2), []
    alone = run("ringfence", futures=drawn, boards=own)
    results = run_many(["baseline", "ringfence"], futures=drawn, boards=own, progress=lambda *at: seen.append(at))
    assert results[1].nation.tobytes() == alone.nation.tobytes()
    assert min(seen)[0] > len(drawn)
    assert {total for _, total in seen} == {2 * len(drawn)}
    assert seen[-1] == (2 * len(drawn), 2 * len(drawn))
    again = run_many(["baseline", "ringfence"], futures=drawn, boards=own)
    assert [results_kept.nation.tobytes() for results_kept in again] == [
        results_kept.nation.tobytes() for results_kept in results
    ]


def test_no_scenario_is_refused() -> None:
    with pytest.raises(InputError, match="the list is empty"):
        run_many([])
