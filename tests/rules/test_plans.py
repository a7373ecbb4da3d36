"""Plans: what a board is like, what the rules add, and how much of the fund it protects."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from rule_inputs import ROUNDING, gaps, luck, pounds, pulls, shares, two_lucks, with_one_moved, within

from simulator.declarations.levers import PressureLevers, RuleLevers
from simulator.declarations.parameters import Character, Fence, Plans, Pressure
from simulator.rules.plans import (
    CharacterPulls,
    PlanPulls,
    RulePulls,
    Standing,
    carried_in,
    character,
    character_pulls,
    custom_start,
    decided_share,
    enforcement,
    plan_pull,
    plan_pulls,
    protected,
    rule_pulls,
    rules,
)

pytestmark = pytest.mark.rules

MIDDLING = Standing(0.5, 0.5, 0.5, 0.5, 0.5)
SILENT = RuleLevers(ringfence=0, audit=0, waivable=1, waiver=0, named=0)
standings = st.builds(Standing, shares, shares, shares, shares, shares)


@pytest.mark.parametrize(("u", "custom"), [(0.5, 0.0), (0.75, 0.484557360), (0.25, -0.484557360)])
def test_custom_is_a_bell_around_nought(u: float, custom: float) -> None:
    assert custom_start(u, Character(custom_spread=0.8)) == pytest.approx(custom, abs=1e-9)


def test_a_middling_board_has_no_pull_but_its_custom() -> None:
    assert character_pulls(MIDDLING, 0.3, Character()) == CharacterPulls(0, 0, 0, 0, 0, 0, 0, 0.3)


@pytest.mark.parametrize(
    ("finance", "seat", "veto"), [(0.5, 0.0, 0.0), (0.25, -0.4, 0.0), (0.1, -0.64, -0.6), (0.0, -0.8, -1.0)]
)
def test_a_finance_director_below_the_line_blocks(finance: float, seat: float, veto: float) -> None:
    pulls_found = character_pulls(MIDDLING._replace(finance=finance), 0.0, Character())
    assert (pulls_found.finance, pulls_found.veto) == (pytest.approx(seat), pytest.approx(veto))


@pytest.mark.parametrize(("lead", "pull"), [(0.0, -3.0), (0.01, 0.0), (0.4, 0.0), (1.0, 0.0)])
def test_only_where_no_lead_knows_of_the_fund_does_the_alternative_take_anything(lead: float, pull: float) -> None:
    who = MIDDLING._replace(lead=lead)
    assert character_pulls(who, 0.0, Character(unaware=3.0)).unaware == pull
    assert character_pulls(who, 0.0, Character()).unaware == 0.0


@pytest.mark.parametrize(("audit", "firm"), [(0.0, 0.33), (0.5, 0.665), (1.0, 1.0)])
def test_audit_closes_the_gap_to_full_enforcement(audit: float, firm: float) -> None:
    assert enforcement(SILENT._replace(audit=audit), Fence()) == pytest.approx(firm)


@pytest.mark.parametrize(
    ("label", "audit", "waiver", "waivable", "pull"),
    [
        (1.0, 0.0, 0.0, 1.0, 1.386),
        (1.0, 1.0, 0.0, 1.0, 4.2),
        (1.0, 1.0, 1.0, 1.0, 0.0),
        (1.0, 1.0, 1.0, 0.0, 4.2),
        (1.0, 1.0, 0.5, 0.5, 3.15),
        (0.0, 1.0, 0.0, 0.0, 0.0),
        (0.5, 0.5, 0.0, 1.0, 1.3965),
    ],
)
def test_a_ring_fence_is_label_times_enforcement_unless_waived(
    label: float, audit: float, waiver: float, waivable: float, pull: float
) -> None:
    lv = SILENT._replace(ringfence=label, audit=audit, waiver=waiver, waivable=waivable)
    assert rule_pulls(0.5, 0.5, lv, Fence()).ringfence == pytest.approx(pull)


@pytest.mark.parametrize(
    ("mix", "chief", "times"), [(0.5, 0.9, 1.4), (-0.5, 0.9, 0.6), (1.0, 0.0, 0.0), (0.0, 0.9, 1.0), (-1.0, 1.0, 0.0)]
)
def test_a_ring_fence_may_need_or_replace_a_strong_chief(mix: float, chief: float, times: float) -> None:
    lv = SILENT._replace(ringfence=1.0, audit=1.0)
    assert rule_pulls(chief, 0.5, lv, Fence(ring_leader_mix=mix)).ringfence == pytest.approx(4.2 * times)


def test_each_signal_adds_its_own_pull_and_scrutiny_needs_know_how() -> None:
    lv = RuleLevers(ringfence=0, named=0.5, gateway=0.5, oversight=1.0, strategy=0.5, principles=1.0)
    pulls_found = rule_pulls(0.5, 0.52, lv, Fence())
    assert pulls_found == pytest.approx(RulePulls(0.0, 0.208, 0.6, 0.2, 0.4, 0.6))
    assert rules(pulls_found) == pytest.approx(2.008)


LINCOLNSHIRE = YAML(typ="safe", pure=True).load(Path(__file__).with_name("lincolnshire_plans.yaml"))


@pytest.mark.parametrize("year", LINCOLNSHIRE)
def test_the_worked_example_of_three_plans_comes_out_pull_by_pull(year: str) -> None:
    printed = LINCOLNSHIRE[year]
    who, pressing = Standing(**printed["standing"]), PressureLevers(**printed["pressure levers"])
    character_of = character_pulls(who, printed["custom"], Character())
    rules_of = rule_pulls(who.chief, printed["know-how"], RuleLevers(**printed["rule levers"]), Fence())
    plan = plan_pulls(printed["habit"], printed["net gap"], 0, pressing, Plans(), Pressure())
    assert character_of == pytest.approx(CharacterPulls(**printed["character pulls"]), abs=1.5e-6)
    assert rules_of == pytest.approx(RulePulls(**printed["rule pulls"]), abs=1e-6)
    assert plan == pytest.approx(PlanPulls(**printed["plan pulls"]), abs=1e-6)
    pull = plan_pull(character(character_of), rules(rules_of), plan)
    assert pull == pytest.approx(printed["pull"], abs=3e-6)
    assert decided_share(pull, printed["u"], Plans()) == pytest.approx(printed["share"], abs=3e-6)


@pytest.mark.parametrize(
    ("pull", "width", "share"),
    [(0, 1, 0.5), (0.5, 1, 0.75), (0.5, 2, 0.625), (1, 1, 1), (3, 1, 1), (-1, 1, 0), (-4, 1, 0)],
)
def test_a_board_splits_the_money_only_near_indifference(pull: float, width: float, share: float) -> None:
    assert decided_share(pull, 0.5, Plans(split_width=width)) == pytest.approx(share, abs=1e-6)


def test_where_it_splits_the_money_a_higher_draw_protects_more() -> None:
    assert decided_share(0, 0.75, Plans(split_width=2)) == pytest.approx(0.774653, abs=1e-6)


@given(st.floats(-4, 4), within(Plans))
def test_the_chances_of_all_and_of_nothing_are_logistic(pull: float, p: Plans) -> None:
    everything = 1 / (1 + math.exp(p.split_width - pull))
    nothing = 1 / (1 + math.exp(p.split_width + pull))
    assert decided_share(pull, 1 - everything + 1e-9, p) == pytest.approx(1.0, abs=1e-6)
    assert decided_share(pull, 1 - everything - 1e-6, p) < 1.0
    assert decided_share(pull, nothing - 1e-9, p) == pytest.approx(0.0, abs=1e-6)
    assert decided_share(pull, nothing + 1e-6, p) > 0.0


@pytest.mark.parametrize(
    ("decided", "held", "kept"), [(1.0, 0.5, 2.0), (0.0, 0.5, 0.3), (0.5, 0.0, 1.0), (0.5, 1.0, 1.3)]
)
def test_what_was_promised_before_is_partly_out_of_reach(decided: float, held: float, kept: float) -> None:
    assert protected(decided, 2.0, held, Plans()) == pytest.approx(kept, abs=1e-6)


def test_lincolnshires_plan_of_2024_protects_what_was_printed() -> None:
    assert protected(LINCOLNSHIRE["2024/25"]["share"], 2.741081, 0.646215, Plans()) == pytest.approx(0.895218, abs=1e-6)


@pytest.mark.parametrize(
    ("commitments", "cash", "pot", "held"), [(0.5, 0.25, 2, 0.75), (1.5, 1.0, 2.0, 2.0), (0, 0, 2, 0)]
)
def test_no_more_is_promised_than_there_is(commitments: float, cash: float, pot: float, held: float) -> None:
    assert carried_in(commitments, cash, pot) == held


@given(pulls, two_lucks, within(Plans))
def test_luckier_plans_never_protect_less_and_shares_stay_between_none_and_all(
    pull: float, us: list[float], p: Plans
) -> None:
    less, more = (decided_share(pull, u, p) for u in us)
    assert 0.0 <= less <= more <= 1.0


@given(luck, pulls, st.floats(0, 10), within(Plans))
def test_a_stronger_pull_never_protects_less(u: float, pull: float, more: float, p: Plans) -> None:
    assert decided_share(pull, u, p) <= decided_share(pull + more, u, p)


@given(shares, pounds, pounds, pounds, within(Plans))
def test_no_plan_protects_more_than_the_pot_or_less_than_the_firm_part(
    decided: float, commitments: float, cash: float, pot: float, p: Plans
) -> None:
    held = carried_in(commitments, cash, pot)
    money_kept = protected(decided, pot, held, p)
    assert decided * pot - ROUNDING <= money_kept <= pot + ROUNDING
    assert money_kept >= p.firmness * held * (1 - decided) - ROUNDING
    assert protected(1.0, pot, held, p) == pot


@pytest.mark.parametrize("strength", Standing._fields)
@given(data=st.data(), who=standings, custom=st.floats(-3, 3), p=within(Character))
def test_more_leadership_governance_or_relations_never_lowers_the_pull(
    strength: str, data: st.DataObject, who: Standing, custom: float, p: Character
) -> None:
    stronger = who._replace(**{strength: data.draw(st.floats(getattr(who, strength), 1.0))})
    before = character(character_pulls(who, custom, p))
    assert before <= character(character_pulls(stronger, custom, p)) + ROUNDING


@pytest.mark.parametrize(
    ("lever", "sign"),
    [
        ("ringfence", 1),
        ("audit", 1),
        ("named", 1),
        ("gateway", 1),
        ("oversight", 1),
        ("strategy", 1),
        ("principles", 1),
        ("waiver", -1),
        ("waivable", -1),
    ],
)
@given(data=st.data(), chief=shares, knowhow=shares, p=within(Fence))
def test_rules_never_lower_the_pull_and_waivers_never_raise_it(
    lever: str, sign: int, data: st.DataObject, chief: float, knowhow: float, p: Fence
) -> None:
    less, more = data.draw(with_one_moved(RuleLevers, lever))
    change = rules(rule_pulls(chief, knowhow, more, p)) - rules(rule_pulls(chief, knowhow, less, p))
    assert sign * change >= -ROUNDING


@given(shares, shares, within(RuleLevers), within(Fence))
def test_no_rule_pulls_against_protection(chief: float, knowhow: float, lv: RuleLevers, p: Fence) -> None:
    assert min(rule_pulls(chief, knowhow, lv, p)) >= 0.0
    assert p.enforcement_start <= enforcement(lv, p) + ROUNDING <= 1.0 + 2 * ROUNDING


@given(shares, st.tuples(gaps, gaps).map(sorted), within(PressureLevers), within(Plans), within(Pressure))
def test_a_larger_gap_never_helps_the_plan(
    habit: float, nets: list[float], lv: PressureLevers, p: Plans, force: Pressure
) -> None:
    easier, harder = (plan_pulls(habit - 0.5, net, 0, lv, p, force) for net in nets)
    assert plan_pull(0, 0, harder) <= plan_pull(0, 0, easier) + ROUNDING
    assert harder.pressure <= 0.0


@given(with_one_moved(PressureLevers, "savings_ask"), within(Pressure))
def test_asking_for_more_savings_never_helps_the_plan(
    lvs: tuple[PressureLevers, PressureLevers], force: Pressure
) -> None:
    less, more = (plan_pulls(0.0, 1.0, 0, lv, Plans(), force).savings_ask for lv in lvs)
    assert more <= less + ROUNDING


@given(st.tuples(shares, shares).map(sorted), within(Plans))
def test_having_protected_more_last_year_never_lowers_the_pull(habits: list[float], p: Plans) -> None:
    lv, force = PressureLevers(), Pressure()
    low, high = (plan_pulls(habit - 0.5, 0.0, 0, lv, p, force).habit for habit in habits)
    assert low <= high


def test_the_total_of_a_plan_is_the_sum_of_its_named_pulls() -> None:
    assert character(CharacterPulls(1, 2, -4, 8, 16, 32, -64, 128)) == 119
    assert rules(RulePulls(1, 2, 4, 8, 16, 32)) == 63
    assert plan_pull(100, 200, PlanPulls(1, 2, -4, -8)) == 291
