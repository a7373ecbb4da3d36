"""Finds where two replays of one future diverge most for a board, and says it in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple, TypedDict

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
from simulator.declarations.calendar import quarter_name, year_name
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
    """Where a board diverges most between two scenarios, and the pulls that changed there, strongest first.

    `event` is None, and nothing changed, where it is by what the policy itself pays straight to providers.
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
    """Find what moves the most money of a board between two replays of the same future: a decision for it, or what the
    policy itself pays straight to providers, which is told in any case.

    Where nothing moves any, the first decision whose two results read differently, or else the first that differs.
    """
    if (model.luck_seed, model.run_number) != (other.luck_seed, other.run_number):
        raise InputError("only two replays of the same future can be compared")
    ours, theirs = _index_decisions(model, at), _index_decisions(other, at)
    a, b = model.policy.title, other.policy.title
    keys = sorted(ours.keys() | theirs.keys(), key=lambda k: (k[0], k[2]))
    pairs = [(mine, yours) for mine, yours in ((ours.get(key), theirs.get(key)) for key in keys) if differ(mine, yours)]
    moved = [_measure_moved(model, other, at, pair) for pair in pairs]
    straight = _find_straight(model, other, at)
    if straight and max(moved, default=0.0) <= SEEN:
        text = f"{straight.told} {get_template('why.diverge.direct.only')}"
        return Divergence(text, straight.when, None, (), text, True)
    if pairs:
        pair, amount = _choose_pair(pairs, moved)
        made = _describe_divergence(
            pair, amount, _describe_move(model, other, at, pair, amount), (a, b), bool(straight)
        )
        return _put_first(straight, made, amount) if straight else made
    same = bool((model.area_rows()[:, at] == other.area_rows()[:, at]).all())
    money = get_template("why.diverge.same_money" if same else "why.diverge.other_money")
    return Divergence(get_template("why.diverge.never").format(new=a, old=b, money=money), None, None, (), "")


class _Straight(NamedTuple):
    """Money that one of two policies pays straight to providers, or more of it: from when, £m in its largest year, and
    words.
    """

    when: str
    most: float
    told: str


def _find_straight(model: HealthSystem, other: HealthSystem, at: int) -> _Straight | None:
    """What two policies pay straight to providers at a board, where they pay different amounts."""
    ours, theirs = model.area_rows()[:, at], other.area_rows()[:, at]
    gaps = [abs(float(mine["direct"]) - float(yours["direct"])) for mine, yours in zip(ours, theirs, strict=True)]
    year = next((year for year, gap in enumerate(gaps) if gap > SEEN), None)
    if year is None:
        return None
    paid, unpaid = (
        format_board_money(x) if x > SEEN else get_template("why.diverge.direct.none")
        for x in (float(rows[year]["direct"]) for rows in (ours, theirs))
    )
    told = get_template("why.diverge.direct").format(
        year=year_name(year),
        paid=paid,
        other=unpaid,
        fund=format_board_money(float(ours[year]["funding"])),
        new=model.policy.title,
        old=other.policy.title,
    )
    return _Straight(quarter_name(4 * year), max(gaps), told)


def _put_first(straight: _Straight, made: Divergence, amount: float) -> Divergence:
    """What is paid straight is told before the decisions, and is where two scenarios diverge most if it moves more."""
    sentence, plain = (f"{straight.told} {text}" for text in (made.sentence, made.plain))
    if straight.most < amount:
        return replace(made, sentence=sentence, plain=plain)
    return Divergence(sentence, straight.when, None, (), plain, True)


def _measure_moved(model: HealthSystem, other: HealthSystem, at: int, pair: DecisionPair) -> float:
    """£m that two decisions move: of plans on unequal amounts what their shares move of the first."""
    mine, yours = pair
    ours, theirs = measure_cost(model, at, mine), measure_cost(other, at, yours)
    if mine is None or yours is None or mine.event is not Event.PLAN:
        return abs(ours - theirs)
    pots = _find_pots(model, other, at, mine)
    return abs(ours - theirs * (pots[0] / pots[1] if min(pots) > 0 else 1.0))


def _find_pots(model: HealthSystem, other: HealthSystem, at: int, plan: Decision) -> tuple[float, float]:
    """What a plan decides on in two replays, £m."""
    mine, yours = (float(each.area_rows()[plan.quarter // 4, at]["pot"]) for each in (model, other))
    return mine, yours


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
        pots = _find_pots(model, other, at, mine)
        kept, left = measure_kept_by_promises(model, at, mine), measure_kept_by_promises(other, at, yours)
        names = {"new": model.policy.title, "old": other.policy.title}
        told = {"kept": format_board_money(kept), "yours": format_board_money(left)}
        rest = abs(mine.taken - yours.taken) * pots[0] - amount
        if abs(pots[0] - pots[1]) >= SEEN:
            pot, others = map(format_board_money, pots)
            said = get_template("why.diverge.moved.pots").format(pot=pot, other=others, amount=moved)
            promised = get_template("why.diverge.moved.pots.kept").format(**told, **names)
            return f"{said}{promised if abs(rest) > SEEN else ''}"
        if rest > SEEN:
            pot, rest_told = format_board_money(pots[0]), format_board_money(rest)
            return get_template("why.diverge.moved.rest").format(amount=moved, pot=pot, rest=rest_told)
        if max(kept, left) > SEEN:
            return get_template("why.diverge.moved.kept").format(amount=moved, **told, **names)
    return get_template("why.diverge.moved").format(amount=moved)


def _describe_divergence(
    pair: DecisionPair, amount: float, cost: str, titles: tuple[str, str], straight: bool
) -> Divergence:
    (mine, yours), (a, b) = pair, titles
    diverge = get_template(
        "why.diverge.most.decided" if straight else "why.diverge.most" if amount else "why.diverge.first"
    )
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
