"""Raids: what pushes a board to take money back, and what a raid can reach."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rule_inputs import ROUNDING, gaps, pounds, shares, two_lucks, with_one_moved, within

from simulator.declarations.levers import PressureLevers
from simulator.declarations.parameters import Pressure, Raids
from simulator.rules.chance import logistic
from simulator.rules.raids import RaidPulls, Taking, raid_pull, raid_pulls, raid_size, taking

pytestmark = pytest.mark.rules


def test_the_worked_example_of_an_autumn_raid_comes_out() -> None:
    lv = PressureLevers(finance_grip=1.2, letter=1.0)
    push = raid_pulls(2.691116, lv, Raids(), Pressure())
    assert push == pytest.approx(RaidPulls(-2.5, 2.260537, 0.95), abs=1e-6)
    assert logistic(raid_pull(push, -0.397184, 0.208)) == pytest.approx(0.710892, abs=1e-6)
    taken = taking(0.567775, 0.575773, 0.338796, 0.414072, Raids())
    assert taken == pytest.approx(Taking(0.326909, 0.038472, 0.018808, 0.028640), abs=1e-6)
    assert taken.loose + taken.committed + taken.beyond == pytest.approx(0.384189, abs=1e-6)


@pytest.mark.parametrize(("letter", "guard", "push"), [(1, 0, 0.95), (0.5, 0, 0.475), (1, 0.5, 0.475), (1, 1, 0)])
def test_a_check_on_requests_takes_the_push_out_of_a_letter(letter: float, guard: float, push: float) -> None:
    lv = PressureLevers(letter=letter, letter_guard=guard)
    assert raid_pulls(0.0, lv, Raids(), Pressure()).letter == pytest.approx(push)


def test_character_and_rules_push_back() -> None:
    assert raid_pull(RaidPulls(-2.0, 1.5, 0.5), 0.75, 0.25) == -1.0


@pytest.mark.parametrize(("u", "size"), [(0.5, 0.57), (0.9, 0.860555130)])
def test_a_raid_takes_a_share_of_loose_money_around_its_middle(u: float, size: float) -> None:
    assert raid_size(u, Raids()) == pytest.approx(size, abs=1e-9)


@pytest.mark.parametrize(("safe", "took"), [(0.0, Taking(0.5, 0.2, 0.12, 0.16)), (1.0, Taking(0.5, 0.1, 0.06, 0.0))])
def test_commitments_are_harder_to_reach_and_more_so_where_place_money_is_safe(safe: float, took: Taking) -> None:
    assert taking(0.5, 1.0, 2.0, 3.0, Raids(place_safe=safe)) == pytest.approx(took)


@given(two_lucks, within(Raids))
def test_the_size_of_a_raid_is_a_share_and_increases_with_the_draw(us: list[float], p: Raids) -> None:
    small, large = (raid_size(u, p) for u in us)
    assert 0.0 <= small <= large + ROUNDING <= 1.0 + ROUNDING


@given(shares, pounds, pounds, pounds, within(Raids))
def test_a_raid_never_takes_what_is_not_there(
    size: float, loose: float, committed: float, beyond: float, p: Raids
) -> None:
    took = taking(size, loose, committed, beyond, p)
    assert 0.0 <= took.loose <= loose
    assert 0.0 <= took.committed <= committed
    assert 0.0 <= took.beyond <= beyond
    assert 0.0 <= took.place <= took.committed + took.beyond


@given(shares, pounds, within(Raids))
def test_loose_money_is_never_safer_than_commitments_nor_those_than_multi_year_ones(
    size: float, pot: float, p: Raids
) -> None:
    took = taking(size, pot, pot, pot, p)
    assert took.beyond <= took.committed <= took.loose


@given(st.tuples(shares, shares).map(sorted), pounds, pounds, pounds, within(Raids))
def test_a_larger_raid_never_takes_less(
    sizes: list[float], loose: float, committed: float, beyond: float, p: Raids
) -> None:
    small, large = (taking(size, loose, committed, beyond, p) for size in sizes)
    assert all(a <= b for a, b in zip(small, large, strict=True))


@given(st.tuples(gaps, gaps).map(sorted), within(PressureLevers), within(Raids), within(Pressure))
def test_a_larger_visible_gap_never_lowers_the_push(
    pair: list[float], lv: PressureLevers, p: Raids, force: Pressure
) -> None:
    calm, pressed = (raid_pulls(gap, lv, p, force) for gap in pair)
    assert raid_pull(calm, 0, 0) <= raid_pull(pressed, 0, 0) + ROUNDING


@pytest.mark.parametrize(
    ("lever", "sign"), [("letter", 1), ("finance_grip", 1), ("letter_guard", -1), ("alignment", -1)]
)
@given(data=st.data(), gap=gaps, p=within(Raids), force=within(Pressure))
def test_letters_and_grip_never_lower_the_push_and_checks_and_alignment_never_raise_it(
    lever: str, sign: int, data: st.DataObject, gap: float, p: Raids, force: Pressure
) -> None:
    less, more = data.draw(with_one_moved(PressureLevers, lever))
    change = raid_pull(raid_pulls(gap, more, p, force), 0, 0) - raid_pull(raid_pulls(gap, less, p, force), 0, 0)
    assert sign * change >= -ROUNDING


@given(st.floats(-9, 9), st.floats(-9, 9), st.floats(0, 5), st.floats(0, 5))
def test_a_better_board_or_a_stronger_rule_never_raises_the_push(
    own: float, fence: float, better: float, stronger: float
) -> None:
    push = RaidPulls(-2.5, 1.0, 0.5)
    assert raid_pull(push, own + better, fence + stronger) <= raid_pull(push, own, fence) + ROUNDING
