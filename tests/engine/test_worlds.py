"""Minimally different worlds: a change in one place changes nothing that it has no business with."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from simulator.boards.table import read_boards
from simulator.declarations.calendar import NEVER, QUARTERS
from simulator.declarations.levers import QUARTER_DTYPE, Levers
from simulator.declarations.parameters import POINT_DTYPE, Parameters
from simulator.engine import ensemble
from simulator.engine.ensemble import YearlyRecords, simulate
from simulator.engine.records import AREA_DTYPE
from simulator.runs.parameter_sets import make_points as default_points
from simulator.scenarios.scenario import load_scenario

pytestmark = pytest.mark.luck

SEED = 20240323
N = 12
EAST, WEST = (1, 4, 7), (2, 9)
Table = NDArray[np.void]


def world() -> Table:
    """Twelve areas in three regions; two footprints share leaders and then merge, at different times."""
    areas = np.zeros(N, AREA_DTYPE)
    areas["alloc"] = np.linspace(1.0, 6.5, N)
    areas["weight"] = np.linspace(3000.0, 800.0, N)
    areas["target_z"] = np.linspace(-1.6, 1.6, N)
    areas["core20"] = np.linspace(0.05, 0.5, N)
    areas["region"] = np.arange(N) % 3
    areas["third"] = np.arange(N) * 3 // N
    areas["head"] = np.arange(N)
    areas["merge_q"] = areas["share_q"] = NEVER
    for members, merge in ((EAST, 16), (WEST, 20)):
        areas["head"][list(members)] = members[0]
        areas["merge_q"][list(members)] = merge
        areas["share_q"][list(members)] = 14
    return areas


def calendar(**levers: float) -> Table:
    """A pressed calendar with support and cuts; `levers` are "group__name" pairs held from the first quarter."""
    values = np.array([Levers()] * QUARTERS, QUARTER_DTYPE)
    values["rules"]["ringfence"][:4] = 1.0
    values["pressure"]["gap_mean"] = 1.0
    values["pressure"]["support"] = 0.8
    values["capacity"]["capacity"][8:] = 0.7
    values["fund"]["carry_forward"] = 0.3
    for name, value in levers.items():
        group, lever = name.split("__")
        values[group][lever] = value
    return values


def points(n: int) -> Table:
    """Default draws that differ in how strongly pressure pulls."""
    values = np.array([Parameters()] * n, POINT_DTYPE)
    values["pressure"]["pull_pressure"] = np.linspace(0.2, 2.0, n)
    return values


def futures(n: int = 6, schedule: Table | None = None, areas: Table | None = None, **options: object) -> YearlyRecords:
    """`n` futures of the world, each with its own parameters and run, area rows kept."""
    return simulate(
        points(n),
        np.arange(n),
        calendar() if schedule is None else schedule,
        world() if areas is None else areas,
        seed=SEED,
        detail=True,
        **options,
    )


def same(a: Table | None, b: Table | None) -> bool:
    """Equal to the last bit, whatever the shape of the records."""
    assert a is not None
    assert b is not None
    return a.shape == b.shape and np.ascontiguousarray(a).tobytes() == np.ascontiguousarray(b).tobytes()


def areas_that_differ(a: YearlyRecords, b: YearlyRecords) -> set[int]:
    assert a.areas is not None
    assert b.areas is not None
    return {i for i in range(N) if not same(a.areas[:, :, i], b.areas[:, :, i])}


def with_fact(name: str, area: int, factor: float) -> Table:
    areas = world()
    areas[name][area] *= factor
    return areas


def change_fact(name: str, area: int, factor: float) -> tuple[Table, Table]:
    """The records of all areas before and after one fact of one area changes, which changes no other area."""
    before, after = futures(), futures(areas=with_fact(name, area, factor))
    assert areas_that_differ(before, after) == {area}
    assert before.areas is not None
    assert after.areas is not None
    return before.areas, after.areas


@pytest.mark.parametrize("area", [0, 4, 9])
def test_the_deprivation_of_an_area_changes_nothing_but_who_is_reached_there(area: int) -> None:
    before, after = change_fact("core20", area, 1.5)
    changed = {n for n in before.dtype.names or () if (before[n] != after[n]).any()}
    assert changed == {"core20"}


@pytest.mark.parametrize("area", [0, 1, 4])
def test_twice_the_money_in_one_area_changes_no_other_area_and_no_share(area: int) -> None:
    before, after = change_fact("alloc", area, 2.0)
    for name in ("retained", "chief", "gap", "net", "pilot_fate"):
        assert same(before[name], after[name]), name
    for name in ("pot", "spent", "raided_q3", "front", "additional"):
        np.testing.assert_array_equal(after[name][:, :, area], 2.0 * before[name][:, :, area])


@pytest.mark.parametrize("area", [0, 4])
def test_size_matters_only_through_the_mean_of_support_and_through_mergers(area: int) -> None:
    alone = calendar(pressure__support=0.0, capacity__reorganise=0.0)
    bigger = with_fact("weight", area, 3.0)
    assert areas_that_differ(futures(schedule=alone), futures(schedule=alone, areas=bigger)) == set()


def test_size_moves_other_areas_where_support_is_shared_out_by_a_weighted_mean() -> None:
    supported = calendar(capacity__reorganise=0.0, local__peers=0.0)
    bigger = futures(schedule=supported, areas=with_fact("weight", 0, 3.0))
    changed = areas_that_differ(futures(schedule=supported), bigger)
    assert len(changed) > N // 2


def test_size_within_a_footprint_moves_only_its_members_where_nothing_else_connects_areas() -> None:
    merging = calendar(pressure__support=0.0, local__peers=0.0)
    bigger = futures(schedule=merging, areas=with_fact("weight", 4, 3.0))
    assert areas_that_differ(futures(schedule=merging), bigger) == set(EAST)


@pytest.mark.parametrize("area", [3, 4])
def test_worse_finances_stay_at_home_without_support_peers_and_mergers(area: int) -> None:
    alone = calendar(pressure__support=0.0, local__peers=0.0, capacity__reorganise=0.0)
    worse = futures(schedule=alone, areas=with_fact("target_z", area, 2.0))
    assert areas_that_differ(futures(schedule=alone), worse) == {area}


def test_peers_carry_a_change_into_other_areas_and_only_in_later_years() -> None:
    linked = calendar(pressure__support=0.0, local__peers=1.0, capacity__reorganise=0.0)
    before, after = futures(schedule=linked), futures(schedule=linked, areas=with_fact("target_z", 11, 3.0))
    assert len(areas_that_differ(before, after)) > 1
    assert before.areas is not None
    assert after.areas is not None
    assert same(before.areas[:, 0, :11], after.areas[:, 0, :11])


def test_a_policy_changes_nothing_before_it_starts() -> None:
    later = calendar()
    later["rules"]["audit"][16:] = 1.0
    later["people"]["leader_lift"][16:] = 0.4
    before, after = futures(), futures(schedule=later)
    assert same(before.nation[:, :4], after.nation[:, :4])
    assert not same(before.nation[:, 4:], after.nation[:, 4:])


def test_a_shorter_calendar_is_the_beginning_of_a_longer_one() -> None:
    assert same(futures(schedule=calendar()[:12]).nation, futures().nation[:, :3])


@pytest.mark.parametrize("j", [0, 3, 5])
def test_a_future_is_the_same_alone_and_beside_others(j: int) -> None:
    together = futures()
    alone = simulate(points(6)[j : j + 1], np.array([j]), calendar(), world(), seed=SEED, detail=True)
    assert same(together.nation[j : j + 1], alone.nation)
    assert together.areas is not None
    assert same(together.areas[j : j + 1], alone.areas)


def test_changing_one_future_changes_no_other() -> None:
    moved = points(6)
    moved["character"]["pull_chief"][2] = 9.0
    after = simulate(moved, np.arange(6), calendar(), world(), seed=SEED)
    before = futures()
    assert [j for j in range(6) if not same(before.nation[j], after.nation[j])] == [2]


def test_the_order_of_futures_only_orders_the_results() -> None:
    order = np.random.default_rng(1).permutation(90)
    straight = simulate(points(90), np.arange(90), calendar(), world(), seed=SEED)
    mixed = simulate(points(90)[order], np.arange(90)[order], calendar(), world(), seed=SEED)
    assert same(straight.nation[order], mixed.nation)


def test_one_worker_and_several_give_the_same_bits() -> None:
    one, two, many = (futures(200, workers=n) for n in (1, 2, 5))
    assert same(one.nation, two.nation)
    assert same(one.areas, two.areas)
    assert same(one.areas, many.areas)


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_the_size_of_a_block_does_not_matter(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    before = futures(100)
    monkeypatch.setattr(ensemble, "BLOCK", size)
    after = futures(100)
    assert same(before.nation, after.nation)
    assert same(before.areas, after.areas)


def test_keeping_area_rows_does_not_change_the_nation() -> None:
    brief = simulate(points(6), np.arange(6), calendar(), world(), seed=SEED)
    assert brief.areas is None
    assert same(brief.nation, futures().nation)


def test_runs_and_seeds_differ_in_luck() -> None:
    runs = simulate(points(1), np.array([0]), calendar(), world(), seed=SEED)
    for seed, run in ((SEED, 1), (SEED + 1, 0), (SEED + 2**32, 0)):
        assert not same(runs.nation, simulate(points(1), np.array([run]), calendar(), world(), seed=seed).nation)


def test_inputs_are_left_as_they_were() -> None:
    given = (points(3), np.arange(3), calendar(), world())
    copies = [part.copy() for part in given]
    simulate(*given, seed=SEED)
    assert all(same(a, b) for a, b in zip(given, copies, strict=True))


def test_the_progress_of_a_batch_counts_every_future_once() -> None:
    calls: list[tuple[int, int]] = []
    futures(150, progress=lambda done, total: calls.append((done, total)))
    assert [total for _, total in calls] == [150] * len(calls)
    counted = [done for done, _ in calls]
    assert counted == sorted(set(counted))
    assert counted[-1] == 150


@pytest.mark.parametrize(
    ("runs", "schedule", "first_plan", "words"),
    [
        ([0, 1], 32, 1, "do not pair"),
        ([0], 31, 1, "whole years"),
        ([0], 0, 1, "whole years"),
        ([0], 32, 4, "first plan"),
        ([-1], 32, 1, "run -1 is outside"),
        ([2**32], 32, 1, "run 4294967296 is outside"),
    ],
)
def test_inputs_that_do_not_fit_are_refused(runs: list[int], schedule: int, first_plan: int, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        simulate(points(1), np.array(runs), calendar()[:schedule], world(), seed=SEED, first_plan=first_plan)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("region", 99, "area 0: region 99 is outside"),
        ("head", -1, "area 0: head -1 is outside"),
    ],
)
def test_areas_that_point_outside_their_table_are_refused_before_compiled_code_follows(
    name: str, value: int, words: str
) -> None:
    areas = read_boards().areas
    areas[name][0] = value
    with pytest.raises(ValueError, match=words):
        simulate(default_points(1), np.arange(1), load_scenario("baseline").schedule, areas, seed=1)


def test_a_head_that_heads_nobody_not_even_itself_is_refused() -> None:
    areas = read_boards().areas
    areas["head"][0], areas["head"][1] = 1, 2
    with pytest.raises(ValueError, match="head itself"):
        simulate(default_points(1), np.arange(1), load_scenario("baseline").schedule, areas, seed=1)
