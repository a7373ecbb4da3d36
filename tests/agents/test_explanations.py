"""A board can say why: every decision has its pulls, its draw and the change that would have flipped it."""

from __future__ import annotations

import math
import re

import pytest

from simulator.agents.decision_text import (
    describe_changed,
    describe_outcome,
    describe_reasons,
    differ,
    find_flips,
    format_signed,
    reads_differently,
    tell_apart,
)
from simulator.agents.decisions import DECISION_KINDS, PULL_NAMES, Decision, Pull
from simulator.agents.divergence import find_divergence, format_board_money, measure_cost, select_decisions
from simulator.agents.explain import Explanation, explain, explain_replay, replay_future
from simulator.agents.model import HealthSystem
from simulator.declarations.draw_ids import Event
from simulator.rules.chance import logistic
from simulator.rules.money import pressure
from simulator.rules.plans import decided_share
from simulator.runs.futures import draw_futures

pytestmark = pytest.mark.why

DEFAULT = draw_futures(1, source="default")


@pytest.fixture(scope="module")
def model() -> HealthSystem:
    return replay_future("baseline", 0, futures=DEFAULT)


@pytest.fixture(scope="module")
def many() -> list[HealthSystem]:
    return [replay_future("ringfence-audited", run) for run in range(4)]


def of(model: HealthSystem, *events: Event) -> list[Decision]:
    return [d for d in model.trace or () if d.event in events]


def test_the_worked_example_s_plan_is_told_with_its_printed_pulls(model: HealthSystem) -> None:
    plan = next(d for d in of(model, Event.PLAN) if d.area == 14 and d.when == "2023/24 Q1")
    printed = {
        "base": 0.3,
        "chief": 0.347658,
        "finance": 0.162961,
        "veto": 0,
        "committee": 0,
        "relations": -0.140671,
        "lead": -0.065,
        "custom": -0.316947,
        "ringfence": 0,
        "scrutiny": 0.208,
        "habit": 0.6,
        "pressure": -1.132081,
        "savings_ask": -0.042,
    }
    values = {p.name: p.value for p in plan.pulls if p.name in printed}
    assert values == pytest.approx(printed, abs=1e-6)
    assert plan.pull == pytest.approx(-0.078079, abs=1e-6)
    assert plan.draw == pytest.approx(0.588159, abs=1e-6)
    assert plan.taken == pytest.approx(0.639140, abs=1e-6)


def test_named_pulls_add_up_to_the_pull_that_decided(many: list[HealthSystem]) -> None:
    checked = 0
    for model in many:
        for d in model.trace or ():
            if d.reasons and d.event is not Event.PILOT_FATE:
                assert math.fsum(p.value for p in d.pulls) == pytest.approx(d.pull, abs=1e-9), d
                checked += 1
    assert checked > 5000


def test_every_decision_follows_from_its_chance_and_draw(many: list[HealthSystem]) -> None:
    for model in many:
        for d in model.trace or ():
            if d.event is Event.PLAN:
                assert d.taken == decided_share(d.pull, d.draw, model.p.plans)
            elif not d.width and d.event is not Event.PILOT_FATE:
                assert d.taken == float(d.draw < d.chance), d


def test_every_event_traced_has_words_and_every_pull_a_name(many: list[HealthSystem]) -> None:
    events = {d.event for model in many for d in model.trace or ()}
    names = {p.name for model in many for d in model.trace or () for p in d.pulls}
    assert events <= set(DECISION_KINDS)
    assert names <= set(PULL_NAMES)
    assert {Event.PLAN, Event.RAID, Event.OFFSET, Event.CHIEF_LEAVES, Event.PILOT_FATE} <= events


def test_the_flip_in_log_odds_turns_a_yes_or_no_and_nothing_smaller_does(many: list[HealthSystem]) -> None:
    checked = 0
    for d in (d for model in many for d in of(model, Event.RAID, Event.CHIEF_LEAVES, Event.EVALUATE)):
        need = d.flip()
        over, under = d.pull + need * (1 + 1e-9) + math.copysign(1e-9, need), d.pull + 0.999 * need
        assert (d.draw < logistic(over)) != bool(d.taken)
        assert (d.draw < logistic(under)) == bool(d.taken)
        checked += 1
    assert checked > 1000


def test_the_flip_of_a_plan_tips_it_just_past_one_half(many: list[HealthSystem]) -> None:
    for model in many:
        for d in of(model, Event.PLAN):
            tipped = decided_share(d.pull + d.flip(), d.draw, model.p.plans)
            assert tipped == pytest.approx(0.5, abs=1e-9)


def test_a_fact_named_as_flip_does_turn_the_decision(many: list[HealthSystem]) -> None:
    checked = set()
    for model in many:
        p = model.p
        for d in of(model, Event.PLAN, Event.RAID):
            lv = model.schedule[d.quarter]
            for flip in find_flips(d, p, lv):
                step = flip.change * (1 + 1e-6)
                foresight_share = p.pressure.foresight if d.event is Event.PLAN else 1.0
                gap = {x.name: x.value for x in d.rank_pulls()}.get("pressure", 0.0)
                now = (
                    -gap / (p.pressure.pull_pressure * pressure(1.0, lv.pressure, p.pressure) * foresight_share)
                    if gap
                    else 0.0
                )
                moved = {
                    "chief": p.character.pull_chief * step,
                    "finance": p.character.pull_finance * step,
                    "relations": p.character.pull_relations * step,
                    "ringfence": p.fence.pull_ringfence * step,
                    "gap": -p.pressure.pull_pressure
                    * foresight_share
                    * (pressure(now + step, lv.pressure, p.pressure) - pressure(now, lv.pressure, p.pressure)),
                }[flip.fact]
                if d.event is Event.PLAN:
                    turned = (decided_share(d.pull + moved, d.draw, p.plans) > 0.5) != (d.taken > 0.5)
                else:
                    turned = (d.draw < logistic(d.pull - moved)) != bool(d.taken)
                assert turned, (d, flip)
                checked.add((d.event, flip.fact))
    assert len(checked) >= 8


def test_a_year_is_explained_in_words_with_pounds_and_a_caveat() -> None:
    explanation = explain("baseline", run=0, board="QJM", year="2023/24", futures=DEFAULT)
    assert isinstance(explanation, Explanation)
    assert "not a forecast" not in explanation.title
    assert "forecast of, or a judgement on, the real board" in explanation.text
    assert (
        "2023/24 Q3, at this invented board: money is taken back (chance 71%, random number 0.560)" in explanation.text
    )
    assert "and £0.384m was taken back in the year" in explanation.text
    assert all(item.decision.quarter // 4 == 1 for item in explanation.decisions)


@pytest.mark.parametrize(
    ("millions", "text"), [(0.0067, "£6,700"), (0.0999, "£99,900"), (0.1, "£0.1m"), (3.456, "£3.46m"), (0.0, "£0")]
)
def test_less_than_a_tenth_of_a_million_is_told_in_pounds(millions: float, text: str) -> None:
    assert format_board_money(millions) == text


def test_a_merged_board_says_who_decided_for_it() -> None:
    explanation = explain("baseline", run=0, board="QJM", year="2027/28", futures=DEFAULT)
    plans = [item for item in explanation.decisions if item.decision.event is Event.PLAN]
    assert [item.by for item in plans] == ["QT1"]
    assert "(the invented board like QT1 decides)" in plans[0].sentence
    assert all("at this invented board" in item.sentence for item in explanation.decisions), "each, copied alone"


def test_two_scenarios_diverge_where_a_decision_moves_the_most_money_and_the_pull_is_named() -> None:
    ours, theirs = replay_future("ringfence-kept", 0, futures=DEFAULT), replay_future("baseline", 0, futures=DEFAULT)
    parted = find_divergence(ours, theirs, 14)
    moved = {
        (mine.when, mine.event): abs(measure_cost(ours, 14, mine) - measure_cost(theirs, 14, yours))
        for mine in select_decisions(ours, 14)
        for yours in select_decisions(theirs, 14)
        if (mine.quarter, mine.event) == (yours.quarter, yours.event) and differ(mine, yours)
    }
    most = max(moved.values())
    assert parted.quarter == "2024/25 Q1" and moved["2024/25 Q1", Event.PLAN] == most > moved["2023/24 Q1", Event.PLAN]
    said = rf"which moves {re.escape(format_board_money(most))} of its £([\d.]+)m, for promises already made keep "
    pot, rest = map(float, re.findall(said + r"the other £([\d.]+)m of the difference under both", parted.sentence)[0])
    shares = [float(x) / 100 for x in re.findall(r"(\d+)%", parted.sentence)[:2]]
    assert abs(shares[0] - shares[1]) * pot == pytest.approx(most + rest, abs=0.01 * pot), "pounds follow from shares"
    assert "the ring-fence (strong)" in parted.plain and not re.search(r"[+−]\d", parted.plain)
    assert parted.event == "plan"
    assert parted.changed[0].name == "ringfence"
    assert parted.changed[0].value == pytest.approx(4.2 * 0.33, abs=1e-9)


def test_what_a_policy_pays_straight_to_providers_is_told_first_and_decisions_move_what_their_shares_say() -> None:
    paying, today = (replay_future(name, 17) for name in ("trusts-stream", "baseline"))
    at = paying.facts.position("QWO")
    row = paying.area_rows()[5, at]
    parted = find_divergence(paying, today, at)
    paid, fund = (format_board_money(float(row[name])) for name in ("direct", "funding"))
    assert parted.sentence.startswith(f"What the policy itself does: in 2027/28, the first year of it, {paid} of this")
    assert (
        f"{fund} is paid straight to providers under “Protected stream for trusts”, and none under" in parted.sentence
    )
    assert (parted.quarter, parted.event, parted.most) == ("2027/28 Q1", None, True)
    shares = [float(x) / 100 for x in re.findall(r"([\d.]+)% under", parted.sentence)]
    pots = [float(x) for x in re.findall(r"of the £([\d.]+)m and the £([\d.]+)m that are left", parted.sentence)[0]]
    kept = [float(x) for x in re.findall(r"£([\d.]+)m (?:out of the plan's reach )?under “", parted.sentence)[-2:]]
    moved = float(re.findall(r"that moves £([\d.]+)m", parted.sentence)[0])
    follows = (shares[0] - shares[1]) * pots[0] + kept[0] - kept[1] * pots[0] / pots[1]
    assert abs(follows) == pytest.approx(moved, abs=0.011 * pots[0]) and moved < float(row["direct"])
    money = explain_replay(paying, at, "").money
    assert f"beside that, {paid} was paid straight to providers" in money[5] and "straight" not in money[4]


def test_shares_that_differ_are_told_with_decimals_that_differ(model: HealthSystem) -> None:
    plan = next(d for d in model.trace or () if d.event is Event.PLAN)
    assert tell_apart(plan._replace(taken=0.371), plan._replace(taken=0.374)) == ("37.1%", "37.4%")
    assert tell_apart(plan._replace(taken=0.371), plan._replace(taken=0.384)) == ("37%", "38%")
    assert not reads_differently((plan._replace(taken=0.371), plan._replace(taken=0.374)))


def test_a_scenario_never_parts_from_itself(model: HealthSystem) -> None:
    parted = find_divergence(model, replay_future("baseline", 0, futures=DEFAULT), 14)
    assert parted.quarter is None
    assert "same to the last penny" in parted.sentence


def test_replays_of_different_futures_are_refused(model: HealthSystem) -> None:
    with pytest.raises(ValueError, match="same future"):
        find_divergence(model, replay_future("baseline", 1), 14)


def test_an_unknown_board_or_year_is_refused_with_help() -> None:
    with pytest.raises(LookupError, match="no board is called"):
        explain("baseline", run=0, board="QQQQ", year="2023/24")
    with pytest.raises(ValueError, match="2022/23 to 2029/30"):
        explain("baseline", run=0, board="QJM", year="2041/42")


def test_hostile_titles_are_escaped_in_the_notebook_view() -> None:
    explanation = explain("baseline", run=0, board="QJM", quarter="2023/24 Q3", futures=DEFAULT)
    from dataclasses import replace

    assert "<script>" not in replace(explanation, title="<script>alert(1)</script>")._repr_html_()


def test_a_pull_that_changed_is_told_on_the_side_that_its_sign_speaks_for() -> None:
    changed = (Pull("label", -0.35), Pull("conditions", 0.2))
    for event, good, bad in (
        (Event.OFFSET, "towards replacing less", "towards replacing more"),
        (Event.PLAN, "in favour of the money", "against the money"),
        (Event.RAID, "in favour of the money", "against the money"),
    ):
        worse = f"what changed {bad} is a strict ring-fence (−0.35)"
        assert describe_changed(event, changed) == f"what changed {good} is conditions and reporting (+0.20); {worse}"
        assert describe_changed(event, changed[:1]) == worse


def test_what_pulled_an_offset_is_told_by_what_it_does_to_replacing_and_adds_up(many: list[HealthSystem]) -> None:
    offsets = [decision for model in many for decision in of(model, Event.OFFSET)]
    assert len(offsets) > 100
    for decision in offsets:
        told, outcome = describe_reasons(decision), describe_outcome(decision)
        less, _, more = told.partition("what spoke for replacing more: ")
        assert "(−" not in less and "(+" not in more and "the money" not in told
        assert f"together they weigh {format_signed(-decision.pull)}, and chance" in outcome
        assert sum(pull.value for pull in decision.rank_pulls()) == pytest.approx(-decision.pull, abs=1e-9)
