"""Programmes: commitment, the year end, and the fate of pilots."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rule_inputs import ROUNDING, gaps, pounds, pulls, shares, two_lucks, with_one_moved, within

from simulator.declarations.levers import FundLevers, LocalLevers, PressureLevers
from simulator.declarations.parameters import Commitment, Pilots, Pressure, YearEnd
from simulator.rules.programmes import (
    ENDED,
    FAVOURABLE,
    MAINSTREAMED,
    RENEWED,
    UNEVALUATED,
    UNFAVOURABLE,
    PilotPulls,
    SpeedPulls,
    beyond_share,
    carried_commitments,
    commit_speed,
    evaluate_pull,
    evaluate_pulls,
    fund_speed,
    good_result_chance,
    mainstream_pulls,
    mainstreamed_value,
    pilot_fate,
    pilot_pull,
    renew_pulls,
    rushed,
    speed_luck,
    speed_pull,
    speed_pulls,
    verdict_weight,
)

pytestmark = pytest.mark.rules


@pytest.mark.parametrize(
    ("plan", "early", "pull"), [(1.0, 0.0, -0.200670695), (0.0, 0.0, -0.700670695), (1.0, 1.0, 0.599329305)]
)
def test_a_forward_plan_and_early_release_speed_every_board_alike(plan: float, early: float, pull: float) -> None:
    lv = FundLevers(forward_plan=plan, early_release=early)
    assert fund_speed(lv, Commitment()) == pytest.approx(pull, abs=1e-9)


@pytest.mark.parametrize(
    ("plan", "early", "capacity", "lead", "knowhow", "amount"),
    [(0.0, 0.0, 1.0, 0.4, 0.2, 0.411521486), (1.0, 1.0, 0.7, 1.0, 1.0, 1.461853383)],
)
def test_a_board_commits_a_share_of_its_loose_money_each_quarter(
    plan: float, early: float, capacity: float, lead: float, knowhow: float, amount: float
) -> None:
    fund = fund_speed(FundLevers(forward_plan=plan, early_release=early), Commitment())
    pulls_on_speed = speed_pulls(fund, capacity, lead, knowhow, 0.0, Commitment())
    assert 2.0 * commit_speed(speed_pull(pulls_on_speed)) == pytest.approx(amount, abs=1e-9)


def test_commitment_speed_is_the_sum_of_its_named_pulls() -> None:
    assert speed_pull(SpeedPulls(1, -2, 4, 8, 16)) == 27
    assert commit_speed(0.0) == 0.5


@pytest.mark.parametrize(("u", "luck"), [(0.5, 0.0), (0.75, 0.302848350), (0.1, -0.605696700)])
def test_speed_differs_between_areas_and_years_by_luck(u: float, luck: float) -> None:
    assert speed_luck(u, Commitment()) == pytest.approx(luck, abs=1e-9)


@pytest.mark.parametrize(
    ("recurrent", "permission", "share"),
    [(1.0, 0.0, 0.55), (0.0, 0.0, 0.0), (1.0, 1.0, 0.768644075), (0.0, 1.0, 0.384322038), (0.5, 0.5, 0.334168229)],
)
def test_money_is_committed_beyond_the_year_where_it_recurs_or_permission_is_given(
    recurrent: float, permission: float, share: float
) -> None:
    lv = FundLevers(recurrent=recurrent, multi_year=permission)
    assert beyond_share(lv, Commitment()) == pytest.approx(share, abs=1e-9)


@pytest.mark.parametrize(
    ("beyond", "pilot", "spent", "carried"), [(0.5, 0.2, 1.0, 0.7), (0.9, 0.4, 1.0, 1.0), (0, 0, 1, 0)]
)
def test_no_more_is_carried_into_a_year_than_was_spent(
    beyond: float, pilot: float, spent: float, carried: float
) -> None:
    assert carried_commitments(beyond, pilot, spent) == pytest.approx(carried)


@pytest.mark.parametrize(("carry", "amount"), [(0.0, 0.791225), (1.0, 0.0), (0.5, 0.395613)])
def test_part_of_what_is_loose_is_rushed_unless_it_may_be_carried_forward(carry: float, amount: float) -> None:
    assert rushed(1.318709, FundLevers(carry_forward=carry), YearEnd()) == pytest.approx(amount, abs=1e-6)


@pytest.mark.parametrize(("verdict", "weight"), [(UNEVALUATED, 0.0), (FAVOURABLE, 1.0), (UNFAVOURABLE, -0.5)])
def test_an_unfavourable_evaluation_counts_against_a_pilot(verdict: int, weight: float) -> None:
    assert verdict_weight(verdict, Pilots()) == weight


@pytest.mark.parametrize(
    ("verdict", "own", "route", "total"),
    [
        (FAVOURABLE, 0.5, 0.0, -0.35),
        (FAVOURABLE, 0.5, 1.0, 0.65),
        (UNFAVOURABLE, 0.0, 0.0, -2.3),
        (UNEVALUATED, -1, 0, -2),
    ],
)
def test_evidence_a_route_and_character_move_a_pilot_into_the_mainstream(
    verdict: int, own: float, route: float, total: float
) -> None:
    pulls_found = mainstream_pulls(verdict, own, LocalLevers(route=route), Pilots())
    assert pilot_pull(pulls_found) == pytest.approx(total)


@pytest.mark.parametrize(
    ("verdict", "own", "net", "total"),
    [(FAVOURABLE, 0.5, 0.0, 1.05), (UNFAVOURABLE, 0.0, 2.0, -1.74), (UNEVALUATED, 1.0, -3.0, 0.0)],
)
def test_pressure_weighs_against_renewing_a_pilot(verdict: int, own: float, net: float, total: float) -> None:
    now = PressureLevers(finance_grip=1.2)
    assert pilot_pull(renew_pulls(verdict, own, net, now, Pilots(), Pressure())) == pytest.approx(total)


def test_the_fate_of_a_pilot_is_the_sum_of_its_named_pulls() -> None:
    assert pilot_pull(PilotPulls(1, -2, 4, 8, -16)) == -5


@pytest.mark.parametrize(
    ("u", "fate"),
    [(0.1, MAINSTREAMED), (0.24, MAINSTREAMED), (0.26, RENEWED), (0.61, RENEWED), (0.63, ENDED), (0.99, ENDED)],
)
def test_one_ordered_draw_settles_a_pilot(u: float, fate: int) -> None:
    assert pilot_fate(u, 0.25, 0.5) == fate


@pytest.mark.parametrize(("value", "spent", "carried"), [(0.2, 1.0, 0.2), (0.8, 1.0, 0.5), (0.3, 0.0, 0.0)])
def test_a_mainstreamed_pilot_becomes_at_most_half_of_the_spending(value: float, spent: float, carried: float) -> None:
    assert mainstreamed_value(value, spent, Pilots()) == carried


@pytest.mark.parametrize(("setaside", "pull", "good"), [(0.0, -0.3, 0.8), (1.0, 1.2, 0.9), (0.5, 0.45, 0.85)])
def test_a_set_aside_means_more_evaluations_that_miss_less(setaside: float, pull: float, good: float) -> None:
    lv = LocalLevers(evaluation=setaside)
    assert evaluate_pull(evaluate_pulls(lv, Pilots())) == pytest.approx(pull)
    assert good_result_chance(lv, Pilots()) == pytest.approx(good)


@given(pulls, st.floats(0, 10))
def test_no_more_is_committed_than_is_loose_and_a_stronger_pull_never_commits_less(pull: float, more: float) -> None:
    assert 0.0 < commit_speed(pull) <= commit_speed(pull + more) + ROUNDING <= 1.0 + 2 * ROUNDING


@given(two_lucks, within(Commitment))
def test_luck_with_speed_increases_with_the_draw(us: list[float], p: Commitment) -> None:
    assert speed_luck(us[0], p) <= speed_luck(us[1], p)


@given(
    st.tuples(shares, shares).map(sorted),
    st.tuples(shares, shares).map(sorted),
    st.tuples(shares, shares).map(sorted),
    within(Commitment),
)
def test_capacity_a_lead_and_know_how_never_slow_commitment(
    capacity: list[float], lead: list[float], knowhow: list[float], p: Commitment
) -> None:
    slow, quick = (speed_pull(speed_pulls(0, capacity[i], lead[i], knowhow[i], 0, p)) for i in (0, 1))
    assert slow <= quick + ROUNDING


@pytest.mark.parametrize("lever", ["forward_plan", "early_release"])
@given(data=st.data(), p=within(Commitment))
def test_plans_and_early_release_never_slow_commitment(lever: str, data: st.DataObject, p: Commitment) -> None:
    less, more = data.draw(with_one_moved(FundLevers, lever))
    assert fund_speed(less, p) <= fund_speed(more, p) + ROUNDING


@pytest.mark.parametrize("lever", ["recurrent", "multi_year"])
@given(data=st.data(), p=within(Commitment))
def test_recurrence_and_permission_never_shorten_commitments(lever: str, data: st.DataObject, p: Commitment) -> None:
    less, more = data.draw(with_one_moved(FundLevers, lever))
    assert 0.0 <= beyond_share(less, p) <= beyond_share(more, p) + ROUNDING <= 1.0 + 2 * ROUNDING


@pytest.mark.parametrize("share", [0.01, 0.99])
def test_almost_none_or_almost_all_commitments_may_reach_beyond_the_year(share: float) -> None:
    lv = FundLevers(recurrent=1.0, multi_year=0.0)
    assert beyond_share(lv, Commitment(multi_share=share)) == pytest.approx(share)


@given(pounds, within(FundLevers), within(YearEnd))
def test_rushed_and_carried_money_never_exceed_what_is_loose(loose: float, lv: FundLevers, p: YearEnd) -> None:
    hurried = rushed(loose, lv, p)
    assert hurried >= 0.0
    assert hurried + lv.carry_forward * loose <= loose + ROUNDING


@given(pounds, pounds, pounds, within(Pilots))
def test_what_is_carried_is_never_negative_and_never_more_than_what_was_spent(
    beyond: float, pilot: float, spent: float, p: Pilots
) -> None:
    value = mainstreamed_value(pilot, spent, p)
    assert 0.0 <= value <= pilot
    assert 0.0 <= carried_commitments(min(beyond, spent), value, spent) <= spent


@given(st.floats(-9, 9), gaps, within(LocalLevers), within(PressureLevers), within(Pilots), within(Pressure))
def test_a_favourable_evaluation_never_hurts_a_pilot_and_an_unfavourable_one_never_helps(
    own: float, net: float, lv: LocalLevers, now: PressureLevers, p: Pilots, force: Pressure
) -> None:
    order = (UNFAVOURABLE, UNEVALUATED, FAVOURABLE)
    moved = [pilot_pull(mainstream_pulls(v, own, lv, p)) for v in order]
    renewed = [pilot_pull(renew_pulls(v, own, net, now, p, force)) for v in order]
    assert moved == sorted(moved)
    assert renewed == sorted(renewed)


@given(st.tuples(gaps, gaps).map(sorted), within(PressureLevers), within(Pilots), within(Pressure))
def test_more_pressure_never_helps_to_renew_a_pilot(
    nets: list[float], now: PressureLevers, p: Pilots, force: Pressure
) -> None:
    calm, pressed = (pilot_pull(renew_pulls(UNEVALUATED, 0.0, net, now, p, force)) for net in nets)
    assert pressed <= calm + ROUNDING


@given(two_lucks, shares, shares)
def test_a_higher_draw_never_improves_a_pilots_fate(us: list[float], mainstream: float, renew: float) -> None:
    assert ENDED < RENEWED < MAINSTREAMED
    assert pilot_fate(us[0], mainstream, renew) >= pilot_fate(us[1], mainstream, renew)


@given(with_one_moved(LocalLevers, "evaluation"), within(Pilots))
def test_a_larger_set_aside_never_means_fewer_or_worse_evaluations(
    lvs: tuple[LocalLevers, LocalLevers], p: Pilots
) -> None:
    less, more = lvs
    assert evaluate_pull(evaluate_pulls(less, p)) <= evaluate_pull(evaluate_pulls(more, p)) + ROUNDING
    assert 0.0 <= good_result_chance(less, p) <= good_result_chance(more, p) + ROUNDING <= 1.0 + 2 * ROUNDING
