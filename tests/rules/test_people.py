"""People: leaders come, act, leave and are covered for; leads, committees and relations follow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rule_inputs import ROUNDING, luck, shares, two_lucks, with_one_moved, within

from simulator.declarations.levers import CapacityLevers, PeopleLevers, RuleLevers
from simulator.declarations.parameters import Leaders, Leads, Management, Relations, Turnover, YearEnd
from simulator.rules.people import (
    ExitPulls,
    acting_chief,
    acting_finance,
    agency,
    aware_pull,
    aware_pulls,
    chief_strength,
    committee_next,
    committee_start,
    cover_length,
    cut_size,
    exit_pull,
    exit_pulls,
    finance_support,
    knowhow_next,
    lead_gain_chance,
    lead_loss_chance,
    management,
    next_chief,
    relations_after_exit,
    relations_after_merger,
    relations_next,
    relations_start,
    towards_one,
)

pytestmark = pytest.mark.rules

LV = PeopleLevers()


@pytest.mark.parametrize(("u", "strength"), [(0.5, 0.56), (0.75, 0.687931854)])
def test_chiefs_come_from_a_pool_around_its_middle(u: float, strength: float) -> None:
    assert chief_strength(u, Leaders()) == pytest.approx(strength, abs=1e-9)


@pytest.mark.parametrize(
    ("u", "leaver", "carry", "strength"), [(0.5, 0.8, 0.4, 0.656), (0.75, 0.8, 0.4, 0.732759112), (0.9, 0.3, 1.0, 0.3)]
)
def test_a_successor_keeps_part_of_the_leavers_line(u: float, leaver: float, carry: float, strength: float) -> None:
    assert next_chief(u, leaver, Leaders(leader_carry=carry)) == pytest.approx(strength, abs=1e-9)


@pytest.mark.parametrize(
    ("u", "chief", "follow", "support"), [(0.5, 0.8, 0.5, 0.65), (0.75, 0.8, 0.0, 0.646625011), (0.75, 0.8, 1.0, 0.8)]
)
def test_a_finance_director_partly_follows_the_chief(u: float, chief: float, follow: float, support: float) -> None:
    assert finance_support(u, chief, Leaders(finance_follow=follow)) == pytest.approx(support, abs=1e-9)


@pytest.mark.parametrize(("u", "committee"), [(0.49, 1.0), (0.5, 0.5), (0.74, 0.5), (0.75, 0.0), (0.99, 0.0)])
def test_boards_start_with_an_active_committee_or_papers_or_none(u: float, committee: float) -> None:
    assert committee_start(u, Leads()) == committee


@pytest.mark.parametrize(("named", "pull"), [(0.0, 0.0), (0.5, 0.875), (1.0, 1.75)])
def test_naming_amounts_makes_leads_aware(named: float, pull: float) -> None:
    assert aware_pull(aware_pulls(RuleLevers(named=named), Leads())) == pytest.approx(pull)


@pytest.mark.parametrize(("aware", "seated", "level"), [(0, 0, 0), (0, 1, 0), (1, 0, 0.4), (1, 1, 1)])
def test_a_lead_counts_only_when_aware_and_fully_with_a_seat(aware: float, seated: float, level: float) -> None:
    assert agency(aware, seated, Leads()) == pytest.approx(level)


@pytest.mark.parametrize(("level", "lift", "after"), [(0.5, 0.4, 0.7), (0.0, 1.0, 1.0), (1.0, 0.3, 1.0), (0.3, 0, 0.3)])
def test_a_lift_closes_part_of_the_gap_to_one(level: float, lift: float, after: float) -> None:
    assert towards_one(level, lift) == pytest.approx(after)


@pytest.mark.parametrize(
    ("covered", "stability", "lift", "strength"),
    [(0, 0.0, 0.0, 0.6), (0, 1.0, 0.45, 0.78), (2, 0.0, 0.0, 0.36), (2, 1.0, 0.0, 0.48), (1, 1.0, 0.5, 0.74)],
)
def test_an_interim_chief_is_weaker_less_so_under_handover_rules_and_lifted_afterwards(
    covered: int, stability: float, lift: float, strength: float
) -> None:
    lv = LV._replace(stability=stability, leader_lift=lift)
    assert acting_chief(0.6, covered, lv, Turnover()) == pytest.approx(strength)


@pytest.mark.parametrize(
    ("covered", "stability", "lift", "support"),
    [(0, 0.0, 0.0, 0.601851), (1, 0.0, 0.0, 0.361110), (1, 1.0, 0.0, 0.361110), (1, 0.0, 0.5, 0.680555)],
)
def test_an_interim_finance_director_is_weaker_whatever_the_handover_rules(
    covered: int, stability: float, lift: float, support: float
) -> None:
    lv = LV._replace(stability=stability, finance_lift=lift)
    assert acting_finance(0.601851, covered, lv, Turnover()) == pytest.approx(support, abs=1e-6)


@pytest.mark.parametrize(
    ("squeeze", "upheaval", "stability", "total"),
    [(0.7, 0.0, 0.0, -2.33), (2.0, 1.0, 0.0, -1.005), (0.0, 0.0, 1.0, -4.005), (0.7, 0.5, 0.5, -2.58)],
)
def test_pressure_and_upheaval_push_leaders_out_and_stability_holds_them(
    squeeze: float, upheaval: float, stability: float, total: float
) -> None:
    assert exit_pull(exit_pulls(-2.33, squeeze, upheaval, stability, Turnover())) == pytest.approx(total)


def test_the_pull_to_leave_is_the_sum_of_its_named_pulls() -> None:
    assert exit_pull(ExitPulls(-8, 1, 2, -4)) == -9


@pytest.mark.parametrize(
    ("u", "stability", "quarters"), [(0.4, 0, 1), (0.6, 0, 2), (0.9, 0, 4), (0.9, 1, 1), (0.9, 0.5, 3)]
)
def test_cover_lasts_two_quarters_on_average_and_one_under_full_handover_rules(
    u: float, stability: float, quarters: int
) -> None:
    assert cover_length(u, LV._replace(stability=stability), Turnover()) == quarters


@pytest.mark.parametrize(("u", "relations"), [(0.5, 0.5), (0.75, 0.633974596)])
def test_relations_start_around_their_middle(u: float, relations: float) -> None:
    assert relations_start(u, Relations()) == pytest.approx(relations, abs=1e-9)


@pytest.mark.parametrize(("stability", "after"), [(0.0, 0.51), (1.0, 0.555)])
def test_a_chief_takes_some_relations_along(stability: float, after: float) -> None:
    assert relations_after_exit(0.6, LV._replace(stability=stability), Relations()) == pytest.approx(after)


def test_a_merger_costs_relations() -> None:
    assert relations_after_merger(0.6, Relations()) == pytest.approx(0.51)


@pytest.mark.parametrize(("u", "cut"), [(0.5, 0.4), (0.75, 0.508494135)])
def test_areas_differ_in_the_cut_they_take(u: float, cut: float) -> None:
    assert cut_size(u, Management()) == pytest.approx(cut, abs=1e-9)


@pytest.mark.parametrize(
    ("capacity", "in_force", "cut", "left"), [(1, 0, 0.4, 1), (0.7, 1, 0.274690, 0.507717), (0.8, 0.5, 0.4, 0.64)]
)
def test_management_is_what_the_running_cost_limit_and_the_cut_leave(
    capacity: float, in_force: float, cut: float, left: float
) -> None:
    assert management(cut, CapacityLevers(capacity=capacity, cut=in_force)) == pytest.approx(left)


@pytest.mark.parametrize(("drop", "seat", "chance"), [(0.15, 0, 0.15), (0.15, 1, 0.075), (0.4, 0.5, 0.3), (0, 0, 0)])
def test_a_drop_in_capacity_risks_the_lead(drop: float, seat: float, chance: float) -> None:
    assert lead_loss_chance(drop, LV._replace(lead_seat=seat), Leads()) == pytest.approx(chance)


@pytest.mark.parametrize(("named", "chance"), [(0, 0.16), (0.5, 0.28), (1, 0.4)])
def test_leads_gain_their_missing_half_sooner_where_amounts_are_named(named: float, chance: float) -> None:
    assert lead_gain_chance(RuleLevers(named=named), Leads()) == pytest.approx(chance)


@pytest.mark.parametrize(("before", "after"), [(0.0, 0.5), (0.5, 1.0), (1.0, 1.0)])
def test_a_committee_moves_up_one_step_to_active_at_most(before: float, after: float) -> None:
    assert committee_next(before) == after


@pytest.mark.parametrize(
    ("relations", "place", "skill", "lost", "invest", "after"),
    [
        (0.5, 0.0, 0.0, 0.0, 0.0, 0.5),
        (0.7, 0.0, 0.0, 0.0, 0.0, 0.68),
        (0.5, 0.5, 0.25, 0.0, 0.0, 0.56),
        (0.5, 0.0, 0.0, 1.0, 0.0, 0.425),
        (0.5, 0.0, 1.0, 0.4, 1.0, 0.63),
        (0.324483, 0.509248, 0.0, 0.0, 0.0, 0.382774),
        (0.02, 0.0, 0.0, 1.0, 0.0, 0.0),
        (0.1, 0.0, 0.0, 0.0, 0.0, 0.14),
        (0.97, 1.0, 1.0, 0.0, 1.0, 1.0),
    ],
)
def test_relations_grow_with_shared_spending_and_suffer_when_money_is_withdrawn(
    relations: float, place: float, skill: float, lost: float, invest: float, after: float
) -> None:
    lv = LV._replace(relations=invest)
    assert relations_next(relations, place, skill, lost, lv, Relations()) == pytest.approx(after, abs=1e-6)


@pytest.mark.parametrize(("knowhow", "named", "after"), [(0.2, 1.0, 0.52), (0.52, 0.5, 0.6448), (0.2, 0.0, 0.296)])
def test_know_how_closes_part_of_its_gap_each_year(knowhow: float, named: float, after: float) -> None:
    assert knowhow_next(knowhow, RuleLevers(named=named), YearEnd()) == pytest.approx(after)


@given(two_lucks, shares, within(Leaders))
def test_leaders_stay_between_none_and_full_strength_and_increase_with_the_draw(
    us: list[float], other: float, p: Leaders
) -> None:
    first = [chief_strength(u, p) for u in us]
    successor = [next_chief(u, other, p) for u in us]
    director = [finance_support(u, other, p) for u in us]
    for low, high in (first, successor, director):
        assert 0.0 <= low <= high + ROUNDING <= 1.0 + 2 * ROUNDING


@given(luck, st.tuples(shares, shares).map(sorted), within(Leaders))
def test_a_stronger_predecessor_or_chief_never_means_a_weaker_successor(
    u: float, strengths: list[float], p: Leaders
) -> None:
    weak, strong = strengths
    assert next_chief(u, weak, p) <= next_chief(u, strong, p) + ROUNDING
    assert finance_support(u, weak, p) <= finance_support(u, strong, p) + ROUNDING


@given(shares, st.integers(0, 5), within(PeopleLevers), within(Turnover))
def test_nobody_acts_above_full_strength_and_cover_never_strengthens(
    level: float, covered: int, lv: PeopleLevers, p: Turnover
) -> None:
    for acting in (acting_chief, acting_finance):
        assert 0.0 <= acting(level, covered, lv, p) <= acting(level, 0, lv, p) + ROUNDING <= 1.0 + 2 * ROUNDING


@pytest.mark.parametrize("lever", ["leader_lift", "finance_lift", "stability"])
@given(data=st.data(), level=shares, covered=st.integers(0, 3), p=within(Turnover))
def test_help_for_leaders_never_weakens_them(
    lever: str, data: st.DataObject, level: float, covered: int, p: Turnover
) -> None:
    less, more = data.draw(with_one_moved(PeopleLevers, lever))
    assert acting_chief(level, covered, less, p) <= acting_chief(level, covered, more, p) + ROUNDING
    assert acting_finance(level, covered, less, p) <= acting_finance(level, covered, more, p) + ROUNDING


@given(st.tuples(st.floats(0, 20), st.floats(0, 20)).map(sorted), shares, shares, within(Turnover))
def test_more_pressure_never_keeps_a_leader_in_post(
    squeezes: list[float], upheaval: float, stability: float, p: Turnover
) -> None:
    calm, pressed = (exit_pull(exit_pulls(-2.5, s, upheaval, stability, p)) for s in squeezes)
    assert calm <= pressed + ROUNDING


@given(luck, with_one_moved(PeopleLevers, "stability"), within(Turnover))
def test_handover_rules_never_lengthen_cover(u: float, lvs: tuple[PeopleLevers, PeopleLevers], p: Turnover) -> None:
    assert 1 <= cover_length(u, lvs[1], p) <= cover_length(u, lvs[0], p)


@given(shares, within(PeopleLevers), within(Relations))
def test_exits_and_mergers_never_improve_relations(relations: float, lv: PeopleLevers, p: Relations) -> None:
    merged = relations_after_merger(relations, p)
    assert 0.0 <= merged <= relations_after_exit(relations, lv, p) + ROUNDING <= relations + 2 * ROUNDING


@given(luck, within(CapacityLevers), within(Management))
def test_no_cut_takes_more_management_than_there_is(u: float, lv: CapacityLevers, p: Management) -> None:
    assert 0.0 <= management(cut_size(u, p), lv) <= lv.capacity


@given(st.tuples(st.floats(0, 1.2), st.floats(0, 1.2)).map(sorted), within(PeopleLevers), within(Leads))
def test_a_larger_drop_in_capacity_never_makes_losing_the_lead_less_likely(
    drops: list[float], lv: PeopleLevers, p: Leads
) -> None:
    assert 0.0 <= lead_loss_chance(drops[0], lv, p) <= lead_loss_chance(drops[1], lv, p) + ROUNDING


@given(with_one_moved(RuleLevers, "named"), shares, within(Leads), within(YearEnd))
def test_naming_amounts_never_slows_leads_or_know_how(
    lvs: tuple[RuleLevers, RuleLevers], knowhow: float, p: Leads, year_end: YearEnd
) -> None:
    unnamed, named = lvs
    assert aware_pull(aware_pulls(unnamed, p)) <= aware_pull(aware_pulls(named, p)) + ROUNDING
    assert 0.0 <= lead_gain_chance(unnamed, p) <= lead_gain_chance(named, p) + ROUNDING <= 1.0 + 2 * ROUNDING
    slow, quick = (knowhow_next(knowhow, lv, year_end) for lv in lvs)
    assert knowhow - ROUNDING <= slow <= quick + ROUNDING <= 1.0 + 2 * ROUNDING


@given(shares, shares, shares, shares, within(PeopleLevers), within(Relations))
def test_relations_stay_between_none_and_full(
    relations: float, place: float, skill: float, lost: float, lv: PeopleLevers, p: Relations
) -> None:
    after = relations_next(relations, place, skill, lost, lv, p)
    assert 0.0 <= after <= 1.0
    assert relations_next(relations, place, skill, 1.0, lv, p) <= after + ROUNDING
    assert after <= relations_next(relations, 1.0, skill, lost, lv, p) + ROUNDING
    assert after <= relations_next(relations, place, 1.0, lost, lv, p) + ROUNDING
    assert after <= relations_next(relations, place, skill, lost, lv._replace(relations=1.0), p) + ROUNDING
