"""Places and the front line: uses, what arrives, whom it reaches, and what it displaces."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rule_inputs import ROUNDING, luck, pounds, pulls, shares, two_lucks, with_one_moved, within

from simulator.declarations.levers import LocalLevers
from simulator.declarations.parameters import Offset, Places, Uses
from simulator.rules.places import (
    OffsetPulls,
    Split,
    UseChances,
    core20_share,
    front_line,
    hurry,
    offset_pull,
    offset_pulls,
    offset_share,
    offset_years,
    place_pass,
    reached_place,
    split_work,
    staff_cost,
    use_chances,
)

pytestmark = pytest.mark.rules

uses = st.booleans()


@pytest.mark.parametrize(
    ("devolve", "networks", "contracts", "chances"),
    [
        (0, 0, 0, UseChances(0.6, 0.5, 0.4, 0.25, 0.2)),
        (1, 0, 0, UseChances(0.6, 0.880797078, 0.4, 0.25, 0.2)),
        (0, 1, 0, UseChances(0.6, 0.5, 0.749234709, 0.25, 0.2)),
        (0, 0, 1, UseChances(0.6, 0.5, 0.4, 0.069227785, 0.2)),
    ],
)
def test_devolution_networks_and_long_contracts_shift_one_use_each(
    devolve: float, networks: float, contracts: float, chances: UseChances
) -> None:
    lv = LocalLevers(devolve=devolve, networks=networks, long_contracts=contracts)
    assert use_chances(lv, Uses()) == pytest.approx(chances, abs=1e-9)


@pytest.mark.parametrize(
    ("spent", "used", "relative", "share", "cost"),
    [(2.0, True, 1.0, 0.115, 0.23), (2.0, True, 3.0, 0.25, 1.0), (2.0, False, 3.0, 0.25, 0.0), (2.0, True, 0, 0.1, 0)],
)
def test_central_staff_cost_a_share_of_spending_and_half_at_most(
    spent: float, used: bool, relative: float, share: float, cost: float
) -> None:
    lv = LocalLevers(central_staff=relative)
    assert staff_cost(spent, used, lv, Places(staff_share=share)) == pytest.approx(cost)


@pytest.mark.parametrize(
    ("present", "split"),
    [
        ((True, True, True, True), Split(1.0, 3.0, 0.7, 0.7)),
        ((False, False, False, False), Split(5.4, 0.0, 0.0, 0.0)),
        ((False, True, False, False), Split(0.0, 5.4, 0.0, 0.0)),
        ((True, True, False, False), Split(1.35, 4.05, 0.0, 0.0)),
        ((False, False, True, True), Split(0.0, 0.0, 2.7, 2.7)),
    ],
)
def test_work_is_shared_among_the_uses_present_by_weight(present: tuple[bool, ...], split: Split) -> None:
    assert split_work(5.4, *present, Uses()) == pytest.approx(split)


@pytest.mark.parametrize(("devolved", "losses", "reached"), [(1.0, 0.25, 0.75), (0.2, 0.5, 0.0), (0.0, 0.0, 0.0)])
def test_places_receive_what_raids_leave(devolved: float, losses: float, reached: float) -> None:
    assert reached_place(devolved, losses) == reached


@pytest.mark.parametrize(("access", "share"), [(0.5, 0.67), (1.0, 0.732664812), (0.0, 0.600652610)])
def test_direct_allocation_passes_more_on_than_bidding(access: float, share: float) -> None:
    assert place_pass(LocalLevers(access=access), Places()) == pytest.approx(share, abs=1e-9)


@pytest.mark.parametrize("share", [0.1, 0.99])
def test_places_may_pass_on_little_or_almost_everything(share: float) -> None:
    assert place_pass(LocalLevers(access=0.5), Places(pass_place=share)) == pytest.approx(share)


@pytest.mark.parametrize(
    ("rushed", "spent", "pace"), [(0.0, 2.0, 1.0), (2.0, 2.0, 0.6), (0.5, 2.0, 0.9), (0.1, 0.2, 0.8), (0.0, 0.0, 1.0)]
)
def test_hurried_spending_is_worth_less_at_the_front_line(rushed: float, spent: float, pace: float) -> None:
    assert hurry(rushed, spent, 0.6) == pytest.approx(pace)


@pytest.mark.parametrize(
    ("work", "place", "capability", "pace", "front"),
    [(4.0, 2.0, 1.0, 1.0, 2.465), (4.0, 2.0, 1.0, 0.8, 1.972), (1.0, 0.0, 1.0, 1.0, 0.375), (0.0, 0.0, 0.0, 1.0, 0.0)],
)
def test_the_front_line_sees_part_of_place_and_of_central_money(
    work: float, place: float, capability: float, pace: float, front: float
) -> None:
    assert front_line(work, place, capability, 0.67, pace, Places()) == pytest.approx(front)


@pytest.mark.parametrize(
    ("core20", "rule", "share"), [(0.2, 0.0, 0.3), (0.2, 1.0, 0.8), (0.2, 0.5, 0.55), (0.6, 1.0, 0.9), (0.55, 1, 0.825)]
)
def test_the_80_20_rule_lifts_the_share_of_the_most_deprived_and_never_lowers_it(
    core20: float, rule: float, share: float
) -> None:
    assert core20_share(core20, LocalLevers(core20=rule), Places()) == pytest.approx(share)


@pytest.mark.parametrize(("year", "pull"), [(0, 0.453549903), (7, 1.488826478)])
def test_trimming_grows_with_the_years(year: int, pull: float) -> None:
    assert offset_years(year, Offset()) == pytest.approx(pull, abs=1e-9)


def test_pressure_and_labels_push_towards_trimming_and_conditions_and_character_hold_back() -> None:
    pulls_found = offset_pulls(0.5, 2.0, 0.33, 0.5, 0.6, Offset())
    assert pulls_found == pytest.approx(OffsetPulls(-2.4, 0.5, 0.8, 0.198, -0.4, -0.3))
    assert offset_pull(pulls_found) == pytest.approx(-1.602)


@pytest.mark.parametrize(
    ("pull", "u", "share"),
    [(0, 0.5, 0.5), (2, 0.5, 1), (-2, 0.5, 0), (-1, 0.5, 0.25), (0, 0.75, 0.774653072), (9, 0.5, 1)],
)
def test_the_offset_is_a_share_with_weight_at_none_and_all(pull: float, u: float, share: float) -> None:
    assert offset_share(pull, u, Offset()) == pytest.approx(share, abs=1e-9)


@given(within(LocalLevers), within(Uses))
def test_chances_of_uses_are_chances(lv: LocalLevers, p: Uses) -> None:
    assert all(0.0 < chance < 1.0 for chance in use_chances(lv, p))


@given(pounds, uses, within(LocalLevers), within(Places))
def test_staff_never_cost_more_than_is_spent(spent: float, used: bool, lv: LocalLevers, p: Places) -> None:
    assert 0.0 <= staff_cost(spent, used, lv, p) <= spent


@given(pounds, uses, uses, uses, uses, within(Uses))
def test_the_parts_of_the_work_add_up_to_it(
    work: float, interventions: bool, devolved: bool, capability: bool, pilots: bool, p: Uses
) -> None:
    split = split_work(work, interventions, devolved, capability, pilots, p)
    assert sum(split) == pytest.approx(work)
    assert min(split) >= 0.0
    present = (interventions or not (devolved or capability or pilots), devolved, capability, pilots)
    assert all(part == 0.0 for part, used in zip(split, present, strict=True) if not used)


@given(pounds, pounds)
def test_places_never_receive_less_than_nothing(devolved: float, losses: float) -> None:
    assert 0.0 <= reached_place(devolved, losses) <= devolved


@given(with_one_moved(LocalLevers, "access"), within(Places))
def test_direct_allocation_never_passes_less_on(lvs: tuple[LocalLevers, LocalLevers], p: Places) -> None:
    bidding, direct = (place_pass(lv, p) for lv in lvs)
    assert 0.0 <= bidding <= direct + ROUNDING <= 1.0 + 2 * ROUNDING


@given(pounds, shares, shares)
def test_haste_never_adds_value(spent: float, part: float, quality: float) -> None:
    assert quality - ROUNDING <= hurry(part * spent, spent, quality) <= 1.0


@given(pounds, shares, shares, shares, uses, uses, uses, within(LocalLevers), within(Places))
def test_no_more_reaches_the_front_line_than_was_worked_with(
    work: float, loss: float, hurried: float, quality: float, i: bool, d: bool, c: bool, lv: LocalLevers, p: Places
) -> None:
    split = split_work(work, i, d, c, False, Uses())
    place = reached_place(split.devolved, loss * work)
    front = front_line(work, place, split.capability, place_pass(lv, p), hurry(hurried * work, work, quality), p)
    assert -ROUNDING <= front <= work + ROUNDING


@given(shares, with_one_moved(LocalLevers, "core20"), within(Places))
def test_a_rule_for_the_most_deprived_never_lowers_their_share(
    core20: float, lvs: tuple[LocalLevers, LocalLevers], p: Places
) -> None:
    without, ruled = (core20_share(core20, lv, p) for lv in lvs)
    assert 0.0 <= without <= ruled + ROUNDING <= 1.0 + 2 * ROUNDING


@given(st.integers(0, 30), within(Offset))
def test_the_pull_to_trim_never_falls_with_the_years_and_has_a_limit(year: int, p: Offset) -> None:
    assert 0.0 <= offset_years(year, p) <= offset_years(year + 1, p) <= p.offset_growth


@given(pulls, two_lucks, st.floats(0, 10), within(Offset))
def test_the_offset_is_a_share_that_increases_with_pull_and_draw(
    pull: float, us: list[float], more: float, p: Offset
) -> None:
    low, high = us
    assert 0.0 <= offset_share(pull, low, p) <= offset_share(pull, high, p) <= offset_share(pull + more, high, p) <= 1.0


@given(
    luck, st.tuples(st.floats(0, 20), st.floats(0, 20)).map(sorted), shares, shares, st.floats(-5, 5), within(Offset)
)
def test_more_pressure_never_means_less_trimming(
    u: float, squeezes: list[float], fence: float, conditions: float, own: float, p: Offset
) -> None:
    calm, pressed = (offset_pull(offset_pulls(0.5, s, fence, conditions, own, p)) for s in squeezes)
    assert offset_share(calm, u, p) <= offset_share(pressed, u, p) + ROUNDING


@given(st.floats(0, 20), shares, shares, st.floats(-5, 5), st.floats(0, 5), within(Offset))
def test_conditions_and_a_better_board_never_mean_more_trimming(
    squeeze: float, fence: float, conditions: float, own: float, better: float, p: Offset
) -> None:
    now = offset_pull(offset_pulls(0.5, squeeze, fence, conditions, own, p))
    assert offset_pull(offset_pulls(0.5, squeeze, fence, 1.0, own, p)) <= now + ROUNDING
    assert offset_pull(offset_pulls(0.5, squeeze, fence, conditions, own + better, p)) <= now + ROUNDING
