"""Money pressure: gaps, support, what is visible, and how it presses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rule_inputs import ROUNDING, gaps, luck, two_lucks, with_one_moved, within

from simulator.declarations.levers import PressureLevers
from simulator.declarations.parameters import Gap, Pressure
from simulator.rules.money import (
    first_finances,
    foreseen,
    grip,
    next_finances,
    pressure,
    support_received,
    underlying_gap,
    visible_gap,
    withheld,
)

pytestmark = pytest.mark.rules

P, LV = Gap(), PressureLevers()


def test_finances_begin_as_a_draw_in_standard_deviations() -> None:
    assert first_finances(0.5) == 0.0
    assert first_finances(0.75) == pytest.approx(0.605696700, abs=1e-9)


@pytest.mark.parametrize(
    ("z", "u", "memory", "after"),
    [(1.0, 0.5, 0.6, 0.6), (1.0, 0.75, 0.6, 1.084557360), (2.0, 0.1, 1.0, 2.0), (2.0, 0.9, 0.0, 1.211393399)],
)
def test_finances_carry_over_and_take_in_news(z: float, u: float, memory: float, after: float) -> None:
    assert next_finances(z, u, P._replace(gap_memory=memory)) == pytest.approx(after, abs=1e-9)


@pytest.mark.parametrize(
    ("z", "target_z", "mean", "gap"),
    [(0.0, 0.0, 1.0, 1.1), (-1.0, 1.0, 1.0, 0.7), (1.0, 1.0, -0.35, 2.55), (1.0, -2.0, 0.0, -0.7)],
)
def test_a_gap_is_the_national_mean_plus_luck_and_distance_from_target(
    z: float, target_z: float, mean: float, gap: float
) -> None:
    p = P._replace(gap_level=0.1, gap_spread=2.0, gap_target_pull=0.6)
    assert underlying_gap(z, target_z, LV._replace(gap_mean=mean), p) == pytest.approx(gap, abs=1e-12)


@pytest.mark.parametrize(
    ("gap", "mean_deficit", "support", "received"),
    [
        (2.0, 1.0, 1.0, 1.7),
        (0.2, 1.0, 1.0, 0.2),
        (0.44, 1.0, 1.0, 0.44),
        (-1.0, 1.0, 1.0, 0.3),
        (0.0, 1.0, 1.0, 0.3),
        (1.0, 0.0, 1.0, 1.0),
        (5.0, 1.0, 0.0, 0.0),
        (0.05, 0.1, 0.01, 0.0065),
    ],
)
def test_support_is_part_flat_part_by_need_and_never_more_than_the_gap(
    gap: float, mean_deficit: float, support: float, received: float
) -> None:
    lv = LV._replace(support=support)
    assert support_received(gap, mean_deficit, lv, P._replace(support_reach=0.7)) == pytest.approx(received)


@pytest.mark.parametrize(
    ("net", "support", "conditional", "taken"),
    [(1.3, 0.8, 1, 0.2), (1.3, 0.2, 0.1, 0.05), (1.2, 0.8, 1, 0), (1.3, 0, 1, 0), (1.3, 0.8, 0, 0), (-2, 0.8, 1, 0)],
)
def test_a_quarter_of_the_support_is_withheld_from_a_board_off_plan(
    net: float, support: float, conditional: float, taken: float
) -> None:
    assert withheld(net, support, LV._replace(support_conditional=conditional), P) == pytest.approx(taken)


@pytest.mark.parametrize(
    ("net", "by_quarter"),
    [(2.0, (0.3, 1.2, 2.1, 2.0)), (0.0, (0.0, 0.4, 0.4, 0.0)), (1.552427, (0.232864, 1.020971, 1.719563, 1.552427))],
)
def test_a_gap_comes_into_view_by_quarter_with_slippage_in_the_middle(
    net: float, by_quarter: tuple[float, ...]
) -> None:
    assert [visible_gap(net, k, P) for k in range(4)] == pytest.approx(by_quarter, abs=1e-6)


@pytest.mark.parametrize(
    ("gap", "alignment", "felt"), [(2.0, 0.0, 2.4), (2.0, 1.0, 1.2), (2.0, 0.5, 1.8), (-1.0, 0.0, 0.0)]
)
def test_pressure_is_the_gap_times_the_grip_of_finance_less_where_targets_are_aligned(
    gap: float, alignment: float, felt: float
) -> None:
    lv = LV._replace(finance_grip=1.2, alignment=alignment)
    assert pressure(gap, lv, Pressure()) == pytest.approx(felt)


@pytest.mark.parametrize(
    ("gap", "grip_of_finance", "alignment", "felt"), [(1.5, 1.2, 0.0, 2.4), (1.0, 1.2, 0.0, 0.0), (9.0, 1.0, 1.0, 1.0)]
)
def test_where_pressure_has_a_threshold_the_size_of_the_gap_beyond_it_makes_no_difference(
    gap: float, grip_of_finance: float, alignment: float, felt: float
) -> None:
    lv = LV._replace(finance_grip=grip_of_finance, alignment=alignment)
    assert pressure(gap, lv, Pressure(pressure_threshold=1.0)) == pytest.approx(felt)


@given(two_lucks, gaps, gaps, within(PressureLevers), within(Gap))
def test_worse_luck_with_finances_never_narrows_a_gap(
    us: list[float], z: float, target_z: float, lv: PressureLevers, p: Gap
) -> None:
    better, worse = (underlying_gap(next_finances(z, u, p), target_z, lv, p) for u in us)
    assert better <= worse + ROUNDING


@given(luck, within(Gap))
def test_finances_keep_one_standard_deviation_whatever_their_memory(u: float, p: Gap) -> None:
    own = next_finances(1.0, 0.5, p)
    news = next_finances(0.0, u, p)
    total = first_finances(u)
    assert own**2 * total**2 + news**2 == pytest.approx(total**2, rel=1e-9, abs=1e-12)


@given(gaps, st.floats(0.0, 8.0), within(PressureLevers), within(Gap))
def test_support_is_never_negative_and_leaves_no_gap_overpaid(
    gap: float, mean: float, lv: PressureLevers, p: Gap
) -> None:
    received = support_received(gap, mean, lv, p)
    assert received >= 0.0
    assert gap <= 0.0 or received <= gap


@given(gaps, st.floats(0.0, 8.0), with_one_moved(PressureLevers, "support"), within(Gap))
def test_more_support_nationally_never_means_less_for_an_area(
    gap: float, mean: float, lvs: tuple[PressureLevers, PressureLevers], p: Gap
) -> None:
    less, more = (support_received(gap, mean, lv, p) for lv in lvs)
    assert less <= more + ROUNDING


@given(gaps, st.floats(0.0, 4.0), within(PressureLevers), within(Gap))
def test_no_more_is_withheld_than_was_received(net: float, support: float, lv: PressureLevers, p: Gap) -> None:
    assert 0.0 <= withheld(net, support, lv, p) <= support


@given(gaps, within(Gap))
def test_the_whole_gap_is_visible_at_the_year_end(net: float, p: Gap) -> None:
    assert visible_gap(net, 3, p) == net


@given(st.tuples(gaps, gaps).map(sorted), st.integers(0, 3), within(Gap))
def test_a_larger_gap_never_looks_smaller(nets: list[float], quarter: int, p: Gap) -> None:
    assert visible_gap(nets[0], quarter, p) <= visible_gap(nets[1], quarter, p) + ROUNDING


@given(st.tuples(gaps, gaps).map(sorted), within(PressureLevers), within(Pressure))
def test_a_larger_gap_never_presses_less_and_a_surplus_never_presses(
    pair: list[float], lv: PressureLevers, p: Pressure
) -> None:
    assert 0.0 <= pressure(pair[0], lv, p) <= pressure(pair[1], lv, p) + ROUNDING
    assert p.pressure_threshold > 0.0 or pressure(-abs(pair[0]), lv, p) == 0.0


@given(gaps, with_one_moved(PressureLevers, "finance_grip"), within(Pressure))
def test_more_grip_of_finance_never_presses_less(
    gap: float, lvs: tuple[PressureLevers, PressureLevers], p: Pressure
) -> None:
    assert pressure(gap, lvs[0], p) <= pressure(gap, lvs[1], p) + ROUNDING


@given(with_one_moved(PressureLevers, "alignment"), within(Pressure))
def test_more_alignment_never_tightens_the_grip_nor_turns_it_round(
    lvs: tuple[PressureLevers, PressureLevers], p: Pressure
) -> None:
    assert 0.0 <= grip(lvs[1], p) <= grip(lvs[0], p) + ROUNDING


@pytest.mark.parametrize(
    ("year", "foresight", "learning", "share"),
    [(0, 0.2, 0.7, 0.2), (1, 0.2, 0.7, 0.602732), (2, 0.2, 0.7, 0.802722), (5, 0.35, 0.0, 0.35), (3, 1.0, 1.0, 1.0)],
)
def test_plans_see_more_of_the_gap_each_year_where_boards_learn_to_plan(
    year: int, foresight: float, learning: float, share: float
) -> None:
    """F03 to F06, F12, F14, F15: planned deficits were 0.19, 0.51 and 0.8 of final ones."""
    assert foreseen(year, Pressure(foresight=foresight, plan_learning=learning)) == pytest.approx(share, abs=1e-6)


@given(st.integers(0, 7), within(Pressure))
def test_a_plan_never_sees_less_than_at_first_nor_more_than_the_whole_gap(year: int, p: Pressure) -> None:
    assert p.foresight - ROUNDING <= foreseen(year, p) <= foreseen(year + 1, p) + ROUNDING <= 1.0 + 2 * ROUNDING
    assert foreseen(year, p._replace(plan_learning=0.0)) == p.foresight
