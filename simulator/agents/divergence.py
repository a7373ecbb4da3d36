"""Finds where two replays of one future diverge most for a board, and says it in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from simulator.agents.decision_text import (
    DIFFERENT,
    MOST_CHANGED,
    SEEN,
    DecisionPair,
    describe_changed,
    differ,
    format_signed,
    format_strength,
    reads_differently,
    tell_apart,
)
from simulator.agents.decisions import DECIDED_BY_HEAD, DECISION_KINDS, PULL_NAMES, Decision, Pull
from simulator.common.errors import InputError
from simulator.common.formatting import format_number
from simulator.common.sentence_templates import get_template
from simulator.declarations.draw_ids import Event

if TYPE_CHECKING:
    from simulator.agents.model import HealthSystem


class DivergenceDocument(TypedDict):
    """A divergence for programs: the pulls that changed, by name, in log-odds."""

    quarter: str | None
    event: str | None
    sentence: str
    changed: dict[str, float]


@dataclass(frozen=True)
class Divergence:
    """Where the decisions for a board diverge most between two scenarios, and the pulls that changed, strongest first.

    `plain` is the sentence without its figures; `most` says whether money tells where, or they only first differ here.
    """

    sentence: str
    quarter: str | None
    event: str | None
    changed: tuple[Pull, ...]
    plain: str
    most: bool = False

    def to_dict(self) -> DivergenceDocument:
        """For JSON."""
        return {
            "quarter": self.quarter,
            "event": self.event,
            "sentence": self.sentence,
            "changed": {p.name: p.value for p in self.changed},
        }


def select_decisions(model: HealthSystem, at: int) -> list[Decision]:
    """A board's own decisions, and the plans and raids that another board decided for it."""
    return [
        d for d in model.trace or () if d.area == (model.deciders[d.quarter][at] if d.event in DECIDED_BY_HEAD else at)
    ]


def format_board_money(x: float) -> str:
    """An amount in £m, or in pounds below £0.1m: £1.23m, £6,700."""
    return f"£{format_number(x, 3)}m" if abs(x) >= 0.1 else f"£{format_number(float(f'{1e6 * x:.0f}'), 3)}"


def measure_cost(model: HealthSystem, at: int, decision: Decision | None) -> float:
    """£m that a plan, or money taken back, took from a board's purpose; 0 for every other decision."""
    if decision is None or decision.event not in (Event.PLAN, Event.RAID):
        return 0.0
    row, is_plan = model.area_rows()[decision.quarter // 4, at], decision.event is Event.PLAN
    name = "released" if is_plan else f"raided_q{decision.quarter % 4 + 1}"
    return float(row[name]) if is_plan or decision.taken else 0.0


def measure_kept_by_promises(model: HealthSystem, at: int, plan: Decision) -> float:
    """£m of a board's fund that promises already made kept out of a plan's reach."""
    row = model.area_rows()[plan.quarter // 4, at]
    return (1.0 - plan.taken) * float(row["pot"]) - float(row["released"])


def find_divergence(model: HealthSystem, other: HealthSystem, at: int) -> Divergence:
    """Find the decision for a board whose difference between two replays of the same future moves the most money.

    Where none moves any, the first whose two results read differently, or else the first that differs at all.
    """
    if (model.luck_seed, model.run_number) != (other.luck_seed, other.run_number):
        raise InputError("only two replays of the same future can be compared")
    ours, theirs = _index_decisions(model, at), _index_decisions(other, at)
    a, b = model.policy.title, other.policy.title
    keys = sorted(ours.keys() | theirs.keys(), key=lambda k: (k[0], k[2]))
    pairs = [(mine, yours) for mine, yours in ((ours.get(key), theirs.get(key)) for key in keys) if differ(mine, yours)]
    if pairs:
        moved = [abs(measure_cost(model, at, mine) - measure_cost(other, at, yours)) for mine, yours in pairs]
        pair, amount = _choose_pair(pairs, moved)
        return _describe_divergence(pair, amount, _describe_move(model, other, at, pair, amount), a, b)
    same = bool((model.area_rows()[:, at] == other.area_rows()[:, at]).all())
    money = get_template("why.diverge.same_money" if same else "why.diverge.other_money")
    return Divergence(get_template("why.diverge.never").format(new=a, old=b, money=money), None, None, (), "")


def _index_decisions(model: HealthSystem, at: int) -> dict[tuple[int, Event, int], Decision]:
    """Decisions by quarter, event and position in the order in which a quarter's decisions are taken."""
    order = list(DECISION_KINDS)
    return {(d.quarter, d.event, order.index(d.event)): d for d in select_decisions(model, at)}


def _choose_pair(pairs: Sequence[DecisionPair], moved: Sequence[float]) -> tuple[DecisionPair, float]:
    """The pair that moves the most money and how much, £m; where none is seen to, the first that reads differently."""
    if max(moved) > SEEN:
        return pairs[moved.index(max(moved))], max(moved)
    return next((pair for pair in pairs if reads_differently(pair)), pairs[0]), 0.0


def _describe_move(model: HealthSystem, other: HealthSystem, at: int, pair: DecisionPair, amount: float) -> str:
    """What two decisions move; of plans also what promises keep, without which shares and pounds seem to disagree."""
    mine, yours = pair
    if not amount:
        return ""
    moved = format_board_money(amount)
    if mine is not None and yours is not None and mine.event is Event.PLAN:
        pots = [float(each.area_rows()[mine.quarter // 4, at]["pot"]) for each in (model, other)]
        kept, left = measure_kept_by_promises(model, at, mine), measure_kept_by_promises(other, at, yours)
        rest = abs(mine.taken - yours.taken) * pots[0] - amount
        if abs(pots[0] - pots[1]) < SEEN < rest:
            pot, rest_told = format_board_money(pots[0]), format_board_money(rest)
            return get_template("why.diverge.moved.rest").format(amount=moved, pot=pot, rest=rest_told)
        if max(kept, left) > SEEN:
            told = {"kept": format_board_money(kept), "yours": format_board_money(left)}
            names = {"new": model.policy.title, "old": other.policy.title}
            return get_template("why.diverge.moved.kept").format(amount=moved, **told, **names)
    return get_template("why.diverge.moved").format(amount=moved)


def _describe_divergence(pair: DecisionPair, amount: float, cost: str, a: str, b: str) -> Divergence:
    mine, yours = pair
    diverge = get_template("why.diverge.most" if amount else "why.diverge.first")
    if mine is None or yours is None:
        only = mine or yours
        assert only is not None
        text = get_template("why.diverge.asked").format(
            diverge=diverge,
            when=only.when,
            question=DECISION_KINDS[only.event].question,
            only=a if mine else b,
            moved=cost,
        )
        return Divergence(text, only.when, only.event.name.lower(), (), text, amount > 0)
    before = {p.name: p.value for p in yours.rank_pulls()}
    after = {p.name: p.value for p in mine.rank_pulls()}
    moved = [Pull(n, after.get(n, 0.0) - before.get(n, 0.0)) for n in PULL_NAMES if n in before or n in after]
    changed = tuple(sorted((p for p in moved if abs(p.value) > DIFFERENT), key=lambda p: -abs(p.value)))
    results = tell_apart(mine, yours)
    full, plain = (
        get_template(name).format(
            diverge=diverge,
            when=mine.when,
            question=DECISION_KINDS[mine.event].question,
            result=results[0],
            new=a,
            other=results[1],
            old=b,
            moved=cost,
            draw=f"{mine.draw:.3f}",
            changed=describe_changed(mine.event, changed[:MOST_CHANGED], tell)
            if changed
            else get_template("why.diverge.chance").format(change=format_signed(mine.chance - yours.chance)),
        )
        for name, tell in (("why.diverge", format_signed), ("why.diverge.plain", format_strength))
    )
    return Divergence(full, mine.when, mine.event.name.lower(), changed, plain, amount > 0)
