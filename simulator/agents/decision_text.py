"""Describes a decision in a sentence: who decided, the pulls, the chance, and what would have changed it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from simulator.agents.decisions import DECISION_KINDS, PULL_NAMES, Decision, Pull
from simulator.common.formatting import format_number, join_words, number_of
from simulator.common.sentence_templates import get_template
from simulator.declarations.draw_ids import Event
from simulator.declarations.levers import Levers
from simulator.declarations.parameters import Parameters
from simulator.rules.chance import logit
from simulator.rules.money import foreseen, grip

SHARES = (Event.PLAN, Event.OFFSET)
"""Decisions on a share; all others are a yes or a no."""
SHOWN = 4
"""So many pulls are named on each side."""
NAMED = 0.005
"""Smaller pulls read as nothing and are not named."""
WIDEST_GAP = 4.0
"""A gap moves by so many points of allocation at most, to be given as what would have changed a decision."""
MOST_CHANGED = 3
"""So many pulls are named where two scenarios diverge."""
DIFFERENT = 1e-9
"""Decisions and pulls that differ by less are the same."""
SEEN = 0.0005
"""£m from which on money that promises kept is mentioned."""
STRONG, SOME = 1.0, 0.3
"""A strong pull moves even chances to 73 in 100 or more; one that is some, to 57 in 100; a smaller one is slight."""
MOST_DECIMALS = 4
"""Shares are told apart with so many decimals at most."""
DEPARTURES = {Event.CHIEF_LEAVES: True, Event.FINANCE_LEAVES: True, Event.LEAD_LOST: True, Event.PILOT_FATE: False}
"""Whether a yes or a no says that somebody leaves or that something ends."""
LEADER_FACTS = {"chief": "pull_chief", "finance": "pull_finance", "relations": "pull_relations"}
"""Facts on a scale of 0 to 1, and the number that weighs them."""

DecisionPair: TypeAlias = tuple[Decision | None, Decision | None]
"""What was decided on one thing under two scenarios; None where it was asked under the other alone."""


class Flip(NamedTuple):
    """A change of one fact that would have changed a decision, in the fact's own unit."""

    fact: str
    change: float
    unit: str
    part: float

    @property
    def description(self) -> str:
        """Such as: a stronger chief (by 0.16 on a scale of 0 to 1)."""
        change = get_template(f"fact.{self.fact}.{'more' if self.change > 0 else 'less'}")
        return get_template("why.flip.way").format(change=change, size=format_number(abs(self.change)), unit=self.unit)


def format_signed(x: float) -> str:
    """A pull with its sign and two decimals."""
    return f"{'−' if x < 0 else '+'}{abs(x):.2f}"


def format_percent(x: float) -> str:
    """A share or chance in whole per cent; only certainty is shown as 0% or 100%."""
    if 0 < x < 0.01:
        return "under 1%"
    return "over 99%" if 0.99 < x < 1 else f"{100 * x:.0f}%"


def format_strength(x: float) -> str:
    """How strong a pull is, in a word."""
    return get_template(f"why.{_name_strength(x)}")


def _name_strength(x: float) -> str:
    return "strong" if abs(x) >= STRONG else "some" if abs(x) >= SOME else "slight"


def list_pulls(pulls: tuple[Pull, ...], tell: Callable[[float], str] = format_signed) -> str:
    """Named pulls in words, strongest first; `tell` says how strong each is."""
    template = get_template("why.pull")
    return join_words([template.format(name=PULL_NAMES[p.name], value=tell(p.value)) for p in pulls])


def differ(mine: Decision | None, yours: Decision | None) -> bool:
    """Whether two decisions on one thing differ, or only one of them is taken at all."""
    return mine is None or yours is None or abs(mine.taken - yours.taken) > DIFFERENT


def tell_result(decision: Decision, decimals: int = 0) -> str:
    """What was decided, in a few words; a share with so many decimals, if more than none."""
    kind = DECISION_KINDS[decision.event]
    if not decision.width:
        return kind.yes if decision.taken else kind.no
    return f"{100 * decision.taken:.{decimals}f}%" if decimals else format_percent(decision.taken)


def tell_apart(mine: Decision, yours: Decision) -> tuple[str, str]:
    """Two results with the fewest decimals with which they read differently."""
    for decimals in range(MOST_DECIMALS):
        told = tell_result(mine, decimals), tell_result(yours, decimals)
        if told[0] != told[1]:
            return told
    return tell_result(mine, MOST_DECIMALS), tell_result(yours, MOST_DECIMALS)


def reads_differently(pair: DecisionPair) -> bool:
    """Whether two decisions differ also as they are told in whole per cent."""
    mine, yours = pair
    return mine is None or yours is None or tell_result(mine) != tell_result(yours)


def is_departure(decision: Decision) -> bool:
    """Whether somebody left or something ended: nobody decided it, so that it has words of its own."""
    return DEPARTURES.get(decision.event) == bool(decision.taken)


def describe_reasons(decision: Decision, tell: Callable[[float], str] = format_signed) -> str:
    """The pulls in favour of the money, and those against it; of a departure those for staying and for going.

    Of an offset they are those for replacing less and for replacing more, and positive ones speak for less.
    """
    names = ("why.departure.stay", "why.departure.go") if is_departure(decision) else ("why.favour", "why.against")
    if decision.event is Event.OFFSET:
        names = ("why.offset.less", "why.offset.more")
    pulls = decision.rank_pulls()
    helped = tuple(p for p in pulls if p.value > NAMED)[:SHOWN]
    against = tuple(p for p in pulls if p.value < -NAMED)[:SHOWN]
    favour, hurt = (
        get_template(name).format(pulls=list_pulls(own, tell))
        for name, own in zip(names, (helped, against), strict=True)
    )
    if helped and against:
        return get_template("why.both").format(favour=favour, against=hurt)
    return favour if helped else hurt if against else ""


def describe_changed(event: Event, changed: tuple[Pull, ...], tell: Callable[[float], str] = format_signed) -> str:
    """Changes of pulls, signed so that positive ones help the money: those that speak for it, and those against it."""
    money, replaced = ("why.diverge.favour", "why.diverge.against"), ("why.diverge.less", "why.diverge.more")
    names = replaced if event is Event.OFFSET else money
    sides = (tuple(p for p in changed if p.value > 0), tuple(p for p in changed if p.value < 0))
    said = [
        get_template(name).format(pulls=list_pulls(own, tell)) for name, own in zip(names, sides, strict=True) if own
    ]
    return get_template("why.both").format(favour=said[0], against=said[1]) if len(said) == 2 else "".join(said)


def describe_outcome(decision: Decision) -> str:
    """What was decided, with the chance and the draw."""
    draw = f"{decision.draw:.3f}"
    if decision.event in SHARES:
        share = get_template(f"share.{decision.event.name.lower()}").format(share=format_percent(decision.taken))
        helps = DECISION_KINDS[decision.event].helps
        pull, odds = (format_signed(helps * x) for x in (decision.pull, logit(decision.draw)))
        name = "why.outcome.offset" if decision.event is Event.OFFSET else "why.outcome.share"
        return get_template(name).format(result=share, pull=pull, odds=odds, draw=draw)
    kind = DECISION_KINDS[decision.event]
    result = kind.yes if decision.taken else kind.no
    return get_template("why.outcome").format(result=result, chance=format_percent(decision.chance), draw=draw)


def find_flips(decision: Decision, p: Parameters, lv: Levers) -> tuple[Flip, ...]:
    """Single changes of a fact that would have changed a plan or a raid, the smallest part of its range first."""
    if decision.event not in (Event.PLAN, Event.RAID):
        return ()
    need = decision.flip() * DECISION_KINDS[decision.event].helps
    pulls = {pull.name: pull.value for pull in decision.rank_pulls()}
    flips = []
    character, fence = p.character, p.fence
    for fact, number in LEADER_FACTS.items():
        weight = float(getattr(character, number))
        level = 0.5 + pulls.get(fact, 0.0) / weight if weight > 0 else 0.5
        if weight > 0 and 0 <= level + need / weight <= 1 and not (fact == "finance" and pulls.get("veto")):
            flips.append(_make_flip(fact, need / weight))
    flips.extend(_gap_flip(decision, need, pulls.get("pressure", 0.0), p, lv))
    level = pulls.get("ringfence", 0.0) / fence.pull_ringfence if fence.pull_ringfence > 0 else 0.0
    if fence.pull_ringfence > 0 and 0 <= level + need / fence.pull_ringfence <= 1 and not fence.ring_leader_mix:
        change = need / fence.pull_ringfence
        flips.append(_make_flip("ringfence", change))
    return tuple(sorted(flips, key=lambda flip: flip.part))


def _make_flip(fact: str, change: float, whole: float = 1.0) -> Flip:
    return Flip(fact, change, get_template(f"fact.{fact}.unit"), abs(change) / whole)


def _gap_flip(decision: Decision, need: float, now: float, p: Parameters, lv: Levers) -> list[Flip]:
    seen = foreseen(decision.quarter // 4, p.pressure) if decision.event is Event.PLAN else 1.0
    weight = p.pressure.pull_pressure * grip(lv.pressure, p.pressure) * seen
    if weight <= 0 or p.pressure.pressure_threshold or now + need > 0 or (decision.event is Event.PLAN and now == 0):
        return []
    change = -need / weight
    return [_make_flip("gap", change, WIDEST_GAP)] if abs(change) <= WIDEST_GAP else []


def format_pull(x: float) -> str:
    """How large a pull is; what would read as nothing is said to be small."""
    return f"{abs(x):.2f}" if abs(x) >= 0.005 else get_template("why.flip.small")


def describe_flip(decision: Decision, p: Parameters, lv: Levers) -> str:
    """The smallest change that would have changed the decision, in log-odds and as facts."""
    need = decision.flip()
    helps = DECISION_KINDS[decision.event].helps
    ways = ("why.flip.money", "why.flip.against")
    if decision.event is Event.OFFSET:
        ways = ("why.flip.less", "why.flip.more")
    towards = get_template(ways[0] if need * helps > 0 else ways[1])
    result = get_template("why.flip.half" if decision.event in SHARES else "why.flip.turned")
    text = get_template("why.flip").format(size=format_pull(need), towards=towards, result=result)
    facts = [flip.description for flip in find_flips(decision, p, lv)[:2]]
    if not facts:
        return text
    both = facts[0] if len(facts) == 1 else get_template("why.flip.or").format(first=facts[0], second=facts[1])
    return get_template("why.flip.ways").format(flip=text, ways=both)


def describe_decision(decision: Decision, by: str, p: Parameters, lv: Levers) -> str:
    """One decision in full. `by` names the deciding board where it is another one."""
    why = describe_reasons(decision)
    if is_departure(decision):
        return _describe_departure(decision, by, why)
    return get_template("why.decision").format(
        when=decision.when,
        by=get_template("why.decision.by").format(by=by) if by else "",
        outcome=describe_outcome(decision),
        reasons=get_template("why.decision.reasons").format(reasons=why[0].upper() + why[1:]) if why else "",
        flip=describe_flip(decision, p, lv),
    )


def describe_plainly(decision: Decision, by: str) -> str:
    """One decision without its figures: what was decided, which pulls spoke for what and how strongly, and chance."""
    why, kind = describe_reasons(decision, format_strength), DECISION_KINDS[decision.event]
    if decision.event in SHARES:
        result = get_template(f"share.{decision.event.name.lower()}").format(share=format_percent(decision.taken))
        is_offset = decision.event is Event.OFFSET
        sides = ("why.plain.less", "why.plain.more") if is_offset else ("why.plain.for", "why.plain.against")
        pulled, drawn = (
            get_template(f"why.plain.{_name_strength(x)}") + get_template(sides[0 if kind.helps * x > 0 else 1])
            for x in (decision.pull, logit(decision.draw))
        )
        chance = get_template("why.plain.offset" if is_offset else "why.plain.protect").format(
            reasons=pulled, chance=drawn, rest=_count_unnamed(decision)
        )
    else:
        result = tell_result(decision)
        of_that = decision.chance if decision.taken else 1 - decision.chance
        chance = get_template("why.plain.chance").format(chance=format_percent(of_that))
    return get_template("why.plain").format(
        when=decision.when,
        by=get_template("why.decision.by").format(by=by) if by else "",
        result=result,
        reasons=get_template("why.decision.reasons").format(reasons=why[0].upper() + why[1:]) if why else "",
        chance=chance,
    )


def _count_unnamed(decision: Decision) -> str:
    """That reasons count which are not among those named; "" where all are."""
    sides = [sum(sign * pull.value > NAMED for pull in decision.rank_pulls()) for sign in (1, -1)]
    rest = sum(max(0, count - SHOWN) for count in sides)
    return get_template("why.plain.rest").format(count=number_of(rest, "smaller one")) if rest else ""


def _describe_departure(decision: Decision, by: str, why: str) -> str:
    """Who left or what ended, how likely it was, and what would have prevented it."""
    kind, chance = DECISION_KINDS[decision.event], decision.chance
    return get_template("why.departure").format(
        when=decision.when,
        by=get_template("why.decision.by").format(by=by) if by else "",
        result=kind.yes if decision.taken else kind.no,
        chance=format_percent(chance if decision.taken else 1 - chance),
        draw=f"{decision.draw:.3f}",
        reasons=get_template("why.decision.reasons").format(reasons=why[0].upper() + why[1:]) if why else "",
        flip=get_template("why.departure.flip").format(size=format_pull(decision.flip())),
    )
