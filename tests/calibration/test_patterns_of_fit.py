"""The numbers of each pattern are what its checks say, worked out again by hand, and vanish with their mechanism."""

from __future__ import annotations

import math
import statistics as plain
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import pytest

from simulator.boards.table import read_boards
from simulator.calibration.pattern_runs import Runs, run_patterns
from simulator.calibration.pattern_statistics import READ, Statistic, compute_statistics, summarise_draws
from simulator.declarations.levers import QUARTER_DTYPE
from simulator.declarations.output_variables import AREA_YEAR_DTYPE
from simulator.engine.ensemble import simulate
from simulator.replays.survey_emulator import list_triples, sample_counts, simulate_reported
from simulator.replays.targets import read_patterns
from simulator.runs.futures import draw_futures
from simulator.scenarios.scenario import load_scenario

pytestmark = pytest.mark.calibration

N = 16
FEW = draw_futures(N, seed=5, source="prior")  # few, but every share of draws lies between none and all
MANY = 150
RAIDED = [f"raided_q{k}" for k in (1, 2, 3, 4)]


@cache
def runs() -> Runs:
    return run_patterns(FEW)


def holding(**settings: float) -> Mapping[str, Mapping[str, Statistic]]:
    return compute_statistics(draw_futures(MANY, settings=settings, source="prior"))


@cache
def free() -> Mapping[str, Mapping[str, Statistic]]:
    return holding()


def baseline(year: int, measure: str) -> list[list[float]]:
    """A measure in a year of the baseline: a list of areas for every draw."""
    return [[float(x) for x in draw] for draw in runs().baseline[measure][:, year]]


def blank(draws: int, areas: int, **given: Any) -> Runs:
    """Runs in which nothing happens anywhere, but for rows of areas given by name."""
    rows = {
        name: np.zeros((draws, 4, areas), AREA_YEAR_DTYPE) for name in ("baseline", "audited", "silent", "committee")
    }
    counts = np.tile([float(areas), 0.0, 0.0], (draws, 1))
    rest = {"settled": np.zeros((draws, 3)), "fenced": np.zeros((draws, 8)), "counts": counts}
    return Runs(**{**rows, **rest, "sampled": np.tile([20, 0, 0], (draws, 1)), **given})


# What is run.


def test_every_check_of_every_pattern_is_produced_and_nothing_else() -> None:
    checks_by_name = {name: list(checks) for name, checks in compute_statistics(FEW).items()}
    assert checks_by_name == {p.id: [c.name for c in p.checks] for p in read_patterns().values()}


def test_a_calendar_cut_after_four_years_gives_the_same_four_years() -> None:
    whole = simulate(
        FEW.points, FEW.runs, load_scenario("baseline").schedule, read_boards().areas, seed=FEW.seed, detail=True
    )
    assert whole.areas is not None
    np.testing.assert_array_equal(runs().baseline, whole.areas[:, :4])


def test_runs_change_the_levers_that_they_are_named_after_from_the_first_quarter() -> None:
    def run(rows: int, quarters: slice, **levers: Mapping[str, float]) -> Any:
        table = np.array(load_scenario("baseline").schedule, QUARTER_DTYPE)[:rows]
        for group, values in levers.items():
            for name, value in values.items():
                table[group][name][quarters] = value
        return simulate(FEW.points, FEW.runs, table, read_boards().areas, seed=FEW.seed, detail=True)

    always, second = slice(None), slice(4, 8)
    np.testing.assert_array_equal(runs().silent, run(8, second, pressure={"letter": 0.0}, rules={"waiver": 0.0}).areas)
    np.testing.assert_array_equal(runs().audited, run(4, always, rules={"audit": 1.0, "waivable": 0.0}).areas)
    np.testing.assert_array_equal(runs().committee, run(8, always, people={"committee": 1.0}).areas)
    fenced = run(32, always, rules={"ringfence": 1.0, "audit": 1.0, "waivable": 0.0}).areas["retained"].mean(axis=2)
    np.testing.assert_allclose(runs().fenced, fenced, rtol=0, atol=1e-12)


def test_no_chief_ever_leaves_in_the_run_without_turnover() -> None:
    points = FEW.points.copy()
    points["turnover"]["chief_exit"] = -30.0
    calendar = load_scenario("baseline").schedule[:12]
    runs_made = simulate(points, FEW.runs, calendar, read_boards().areas, seed=FEW.seed)
    assert runs_made.nation["chief_left"].sum() == 0.0
    np.testing.assert_array_equal(runs().settled, runs_made.nation["retained_mean"])


def test_progress_is_told_of_all_runs_together_and_can_stop_them() -> None:
    reports: list[tuple[int, int]] = []
    compute_statistics(FEW, lambda done, total: reports.append((done, total)))
    steps = [done for done, _ in reports]
    assert steps == sorted(set(steps))
    assert {N * k for k in range(1, 7)} <= set(steps)
    assert steps[-1] == 6 * N
    assert {total for _, total in reports} == {6 * N}

    def stop(done: int, _: int) -> None:
        if done >= 2 * N:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        compute_statistics(FEW, stop)


# The numbers, worked out again area by area.


def by_hand_p2a(year: int) -> tuple[float, float]:
    chiefs, wins = [], []
    for draw in range(len(FEW)):
        kept = baseline(year, "retained")[draw]
        chief = float(np.corrcoef(baseline(year, "chief")[draw], kept)[0, 1])
        gap = float(np.corrcoef(baseline(year, "gap")[draw], kept)[0, 1])
        chiefs.append(chief)
        wins.append(chief > abs(gap))
    return plain.mean(chiefs), plain.mean(wins)


def by_hand_p3(rows: Any) -> float:
    hit = 0
    for draw in rows[:, 0]:
        pressed = sorted(range(42), key=lambda i: -draw["net"][i])[:11]
        hit += any(draw["retained"][i] < 0.5 for i in pressed)
    return hit / len(rows)


def by_hand_p4() -> tuple[float, float]:
    first, second = baseline(0, "retained"), baseline(1, "retained")
    falls = [sum(b) < sum(a) for a, b in zip(first, second, strict=True)]
    again = [[y >= 0.95 for x, y in zip(a, b, strict=True) if x >= 0.95] for a, b in zip(first, second, strict=True)]
    return plain.mean(falls), plain.mean(plain.mean(one) for one in again if one)


def by_hand_p5() -> dict[str, float]:
    told, untold = ([[sum(d[q]) for q in RAIDED] for d in rows[:, 1]] for rows in (runs().baseline, runs().silent))
    means = [plain.mean(d[k] for d in told) for k in range(4)]
    pairs = [(a, b) for a, b in zip(told, untold, strict=True) if sum(a) > 0 and sum(b) > 0]
    rises = [
        all(a["raided_q3"][i] + a["raided_q4"][i] >= b["raided_q3"][i] + b["raided_q4"][i] - 1e-12 for i in range(42))
        for a, b in zip(runs().baseline[:, 1], runs().silent[:, 1], strict=True)
    ]
    return {
        "third": means[2] - max(means[0], means[1], means[3]),
        "never_lowers": plain.mean(rises),
        "shifts": plain.mean((a[2] + a[3]) / sum(a) - (b[2] + b[3]) / sum(b) for a, b in pairs),
        "late": plain.mean((a[2] + a[3]) / sum(a) for a in told if sum(a) > 0),
    }


def by_hand_p6(sign: int, draw: int) -> float | None:
    chief, left = baseline(0, "chief")[draw], baseline(0, "chief_left")[draw]
    kept = baseline(1, "retained")[draw]
    who = sorted(range(42), key=lambda i: -sign * chief[i])[:17]
    gone, stayed = [kept[i] for i in who if left[i]], [kept[i] for i in who if not left[i]]
    return plain.mean(gone) - plain.mean(stayed) if gone and stayed else None


def by_hand_p7() -> tuple[float, float]:
    """Raids among areas that set money aside both with committees and without; what is kept, over all areas."""
    change = []
    for new, old in zip(runs().committee[:, 1], runs().baseline[:, 1], strict=True):
        both = [i for i in range(42) if new["protected"][i] > 0 and old["protected"][i] > 0]
        hit = [[any(draw[q][i] > 0 for q in RAIDED) for i in both] for draw in (new, old)]
        change.append(plain.mean(map(float, hit[0])) - plain.mean(map(float, hit[1])))
    means = [plain.mean(map(float, rows[:, 1]["retained"].ravel())) for rows in (runs().committee, runs().baseline)]
    return plain.mean(change), means[0] - means[1]


def by_hand_p8() -> tuple[float, float]:
    decided = [
        [(int(x["pilot_fate"]), x["pilot_verdict"] > 0) for year in draw[1:4] for x in year if x["pilot_fate"] > 0]
        for draw in runs().baseline
    ]
    every = [x for one in decided for x in one]
    on = {e: sum(fate > 1 for fate, known in every if known == e) for e in (True, False)}
    off = {e: sum(fate == 1 for fate, known in every if known == e) for e in (True, False)}
    ratio = (on[True] / off[True]) / (on[False] / off[False])
    return ratio, plain.mean(plain.mean(fate == 3 for fate, _ in one) for one in decided if one)


def test_distances_from_the_interviews_are_of_mean_shares_of_boards() -> None:
    made, shares = compute_statistics(FEW)["P1"], simulate_reported(runs().baseline) / 42
    expected = {"full": 0.5, "part": 0.35, "none": 0.15}
    for (name, seen), column in zip(expected.items(), shares.T, strict=True):
        assert made[name].value == pytest.approx(abs(sum(column) / N - seen))
        assert made[name].n == N


def test_correlations_of_chiefs_and_gaps_are_those_over_areas() -> None:
    pattern = compute_statistics(FEW)["P2a"]
    for name, year in (("2022", 0), ("2023", 1)):
        found = pattern[f"chief_{name}"].value, pattern[f"beats_{name}"].value
        assert found == pytest.approx(by_hand_p2a(year))


def test_pressed_boards_are_counted_in_the_ring_fenced_year() -> None:
    statistics = compute_statistics(FEW)
    assert statistics["P3"]["some"].value == statistics["P3"]["some_strict"].value == by_hand_p3(runs().baseline)
    assert statistics["P3'"]["some"].value == statistics["P3'"]["some_strict"].value == by_hand_p3(runs().audited)
    emptied = [sum(x <= 0.05 for x in draw) for draw in baseline(0, "retained")]
    assert statistics["P3"]["near_zero"].value == pytest.approx(plain.mean(emptied))
    assert statistics["P3'"]["retained"].value == pytest.approx(float(runs().audited["retained"].mean()))


def test_erosion_timing_and_losses_equal_the_same_by_hand() -> None:
    statistics = compute_statistics(FEW)
    assert (statistics["P4"]["falls"].value, statistics["P4"]["persists"].value) == pytest.approx(by_hand_p4())
    assert {name: s.value for name, s in statistics["P5"].items()} == pytest.approx(by_hand_p5())
    strong, weak = ([by_hand_p6(sign, j) for j in range(N)] for sign in (1, -1))
    assert statistics["P6"]["strong"].value == pytest.approx(plain.mean(x for x in strong if x is not None))
    both = [(a, b) for a, b in zip(strong, weak, strict=True) if a is not None and b is not None]
    sizes = [abs(plain.mean(column)) for column in zip(*both, strict=True)]
    assert statistics["P6"]["nearer"].value == pytest.approx(sizes[1] - sizes[0])


def test_committees_pilots_and_reach_equal_the_same_by_hand() -> None:
    statistics = compute_statistics(FEW)
    assert (statistics["P7"]["raids"].value, statistics["P7"]["retained"].value) == pytest.approx(by_hand_p7())
    assert (statistics["P8"]["odds"].value, statistics["P8"]["mainstreamed"].value) == pytest.approx(by_hand_p8())
    rows = runs().baseline[:, 1]
    below = [x["front"] < 0.4 * x["funding"] for draw in rows for x in draw]
    places = [sum(draw["place"]) / sum(draw["funding"]) for draw in rows]
    assert statistics["P9"]["below"].value == pytest.approx(plain.mean(map(float, below)))
    assert (
        statistics["P9"]["place"].value == statistics["P9"]["place_strict"].value == pytest.approx(plain.mean(places))
    )
    stays = runs().settled[:, 2] - np.array([plain.mean(draw) for draw in baseline(2, "retained")])
    assert statistics["P6"]["no_turnover"].value == pytest.approx(float(stays.mean()))
    assert statistics["X2"]["kept"].value == plain.mean(float(plain.mean(draw) > 0.95) for draw in runs().fenced)


# Draws in which a number is not defined, and made-up rows with known answers.


def test_a_mean_is_of_the_draws_in_which_the_number_is_defined() -> None:
    made = summarise_draws(np.array([1.0, math.nan, 3.0]))
    assert (made.value, made.n) == (2.0, 2)
    assert (made.low, made.high) == pytest.approx((1.1, 2.9))
    assert summarise_draws(np.array([math.nan])).n == 0


def test_where_nothing_ever_happens_no_number_is_made_up() -> None:
    nothing = blank(3, 10)
    silent = {
        ("P2a", "chief_2022"),
        ("P4", "persists"),
        ("P5", "late"),
        ("P5", "shifts"),
        ("P6", "strong"),
        ("P8", "odds"),
        ("P8", "mainstreamed"),
        ("P9", "place"),
    }
    for pattern, check in silent:
        statistic = READ[pattern](nothing)[check]
        assert math.isnan(statistic.value), (pattern, check)
        assert statistic.n == 0, (pattern, check)
    assert READ["P5"](nothing)["never_lowers"].value == 1.0


def test_boards_that_all_kept_everything_leave_the_interviews_outside() -> None:
    assert READ["P1"](blank(200, 42))["inside"].value == 0.0
    mixed = np.tile([[12, 6, 2], [10, 7, 3], [8, 8, 4]], (50, 1))
    assert READ["P1"](blank(150, 42, sampled=mixed))["inside"].value == 3.0
    one_off = np.tile([[11, 6, 3], [12, 5, 3]], (50, 1))
    assert READ["P1"](blank(100, 42, sampled=one_off))["inside"].value == 1.0


@pytest.mark.parametrize(("rank", "hit"), [(2, 1.0), (3, 0.0)])
def test_a_board_that_lost_half_counts_if_its_pressure_is_in_the_top_quarter(rank: int, hit: float) -> None:
    rows = np.zeros((1, 4, 12), AREA_YEAR_DTYPE)
    rows["net"][0, 0] = np.arange(12)[::-1]
    rows["retained"] = 1.0
    rows["retained"][0, 0, rank] = 0.49
    assert READ["P3"](blank(1, 12, baseline=rows))["some"].value == hit


def test_pilots_of_known_fates_give_known_odds() -> None:
    """Evaluated: 3 go on and 1 ends. Not evaluated: 1 goes on and 2 end. Odds ratio 3 / 0.5; one of 7 mainstreamed."""
    rows = np.zeros((1, 4, 8), AREA_YEAR_DTYPE)
    rows["pilot_fate"][0, 1] = [2, 2, 3, 1, 2, 1, 1, 0]
    rows["pilot_verdict"][0, 1] = [1, 2, 1, 2, 0, 0, 0, 1]
    rows["pilot_fate"][0, 0] = 3  # of a year that is not counted
    statistic = READ["P8"](blank(1, 8, baseline=rows))
    assert statistic["odds"].value == pytest.approx(6.0)
    assert statistic["mainstreamed"].value == pytest.approx(1 / 7)


def test_a_letter_that_lowers_one_late_raid_anywhere_is_noticed() -> None:
    quiet = np.zeros((2, 4, 10), AREA_YEAR_DTYPE)
    quiet["raided_q3"][0, 1, 4] = 1.0
    assert READ["P5"](blank(2, 10, silent=quiet))["never_lowers"].value == 0.5


# Negative controls: without the mechanism the pattern is gone.


def test_without_any_pull_of_leaders_chiefs_say_nothing_about_what_is_kept() -> None:
    """Finance directors partly follow their chief, so both pulls must go; without the chief's alone some is left."""
    gone, partly = holding(pull_chief=0.0, pull_finance=0.0)["P2a"], holding(pull_chief=0.0)["P2a"]
    for year in ("2022", "2023"):
        assert abs(gone[f"chief_{year}"].value) < 0.03
        assert gone[f"beats_{year}"].value < 0.2
        assert abs(gone[f"chief_{year}"].value) < partly[f"chief_{year}"].value < 0.1
        assert free()["P2a"][f"chief_{year}"].value > 0.15  # the pattern's own tolerance


def test_a_letter_without_pull_shifts_nothing() -> None:
    silent = holding(pull_letter=0.0)["P5"]
    assert (silent["shifts"].value, silent["shifts"].low, silent["shifts"].high) == (0.0, 0.0, 0.0)
    assert free()["P5"]["shifts"].value > 0.05
    assert silent["late"].value < free()["P5"]["late"].value


def test_committees_without_pull_change_nothing() -> None:
    made = holding(pull_committee=0.0)["P7"]
    assert made["raids"] == Statistic(0.0, 0.0, 0.0, MANY)
    assert made["retained"] == Statistic(0.0, 0.0, 0.0, MANY)
    assert free()["P7"]["retained"].value > 0.02


def test_a_ring_fence_without_pull_keeps_no_more_under_audit() -> None:
    unpulled, pulled = holding(pull_ringfence=0.0), holding(pull_ringfence=8.0)
    assert unpulled["P3'"]["some"].value == unpulled["P3"]["some"].value
    assert unpulled["X2"]["kept"].value == 0.0
    assert pulled["P3'"]["some"].value < 0.5 * pulled["P3"]["some"].value
    assert pulled["X2"]["kept"].value >= 0.9


def test_where_evaluations_weigh_nothing_evaluated_pilots_hardly_fare_better() -> None:
    """Boards of strong character evaluate no more often, so what is left is chance."""
    assert 0.8 < holding(renew_evidence=0.0)["P8"]["odds"].value < 1.25
    assert free()["P8"]["odds"].value > 1.5


def test_where_chiefs_hardly_ever_leave_little_is_gained_by_keeping_them() -> None:
    settled = holding(chief_exit=-5.0, exit_pressure=0.0)["P6"]["no_turnover"].value
    assert settled < 0.5 * free()["P6"]["no_turnover"].value


# Samples of boards.


def test_the_ways_to_sample_are_all_ways_once_in_order() -> None:
    ways = list_triples(20)
    assert ways.shape == (231, 3)
    assert len({tuple(way) for way in ways.tolist()}) == 231
    assert (ways.sum(axis=1) == 20).all() and ways.min() == 0
    assert (np.diff(ways[:, 0]) >= 0).all()


def test_samples_have_the_mean_and_spread_of_drawing_without_replacement() -> None:
    u = (np.arange(4_000) + 0.5) / 4_000
    counts = np.tile([20.0, 15.0, 7.0], (4_000, 1))
    samples, share = sample_counts(counts, u), counts[0] / 42
    np.testing.assert_allclose(samples.mean(axis=0), 20 * share, atol=0.01)
    np.testing.assert_allclose(samples.var(axis=0), 20 * share * (1 - share) * 22 / 41, atol=0.02)
    assert (samples <= counts).all() and (samples.sum(axis=1) == 20).all()
    assert (np.diff(samples[:, 0]) >= 0).all()


def test_samples_of_boards_that_are_all_alike_hold_only_these_at_any_luck() -> None:
    alike = np.repeat(42.0 * np.eye(3), 2, axis=0)
    luck = np.tile([0.0, 1.0 - 2.0**-53], 3)
    np.testing.assert_array_equal(sample_counts(alike, luck), np.repeat(20 * np.eye(3), 2, axis=0))


def test_a_sample_larger_than_the_boards_is_refused() -> None:
    with pytest.raises(ValueError, match="20 boards cannot be drawn from fewer"):
        sample_counts(np.array([[10.0, 5.0, 4.0]]), np.array([0.5]))


def test_volunteers_who_kept_the_money_make_more_boards_report_so() -> None:
    plain_view, rosy = run_patterns(FEW), run_patterns(FEW, bias=np.full(N, 5.0))
    assert (rosy.counts[:, 0] >= plain_view.counts[:, 0]).all()
    assert rosy.counts[:, 0].sum() > plain_view.counts[:, 0].sum() + 1
    np.testing.assert_allclose(rosy.counts.sum(axis=1), 42.0)
