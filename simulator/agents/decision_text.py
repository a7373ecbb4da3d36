"""Describes a decision in a sentence: who decided, the pulls, the chance, and what would have changed it."""

from __future__ import annotations

from typing import NamedTuple

from simulator.agents.decisions import DECISION_KINDS, PULL_NAMES, Decision, Pull
from simulator.common.formatting import format_number, join_words
from simulator.declarations.draw_ids import Event
from simulator.declarations.levers import Levers
from simulator.declarations.parameters import Parameters
from simulator.rules.chance import logit
from simulator.rules.money import grip

SHARES = {
    Event.PLAN: "the plan protects {} of the fund",
    Event.OFFSET: "{} of what reaches the front line only replaces",
}
SHOWN = 4


class Flip(NamedTuple):
    """A change of one fact that would have changed a decision, in the fact's own unit."""

    fact: str
    change: float
    unit: str
    part: float

    @property
    def description(self) -> str:
        """Such as: a stronger chief (by 0.16 on a scale of 0 to 1)."""
        more, fewer = _COMPARATIVES[self.fact]
        return f"{more if self.change > 0 else fewer} (by {format_number(abs(self.change))} {self.unit})"


_COMPARATIVES = {
    "chief": ("a stronger chief", "a weaker chief"),
    "finance": ("a more supportive finance director", "a less supportive finance director"),
    "relations": ("better relations", "worse relations"),
    "gap": ("a wider gap", "a narrower gap"),
    "ringfence": ("a firmer ring-fence", "a weaker ring-fence"),
}


def format_signed(x: float) -> str:
    """A pull with its sign and two decimals."""
    return f"{'−' if x < 0 else '+'}{abs(x):.2f}"


def format_percent(x: float) -> str:
    """A share or chance in whole per cent; only certainty is shown as 0% or 100%."""
    if 0 < x < 0.01:
        return "under 1%"
    return "over 99%" if 0.99 < x < 1 else f"{100 * x:.0f}%"


def list_pulls(pulls: tuple[Pull, ...]) -> str:
    """Named pulls in words, strongest first."""
    return join_words([f"{PULL_NAMES[p.name]} ({format_signed(p.value)})" for p in pulls])


def describe_reasons(decision: Decision) -> str:
    """The pulls in favour of the money, and those against it."""
    pulls = decision.rank_pulls()
    helped = tuple(p for p in pulls if p.value > 0.005)[:SHOWN]
    against = tuple(p for p in pulls if p.value < -0.005)[:SHOWN]
    parts = []
    if helped:
        parts.append(f"in favour of the money: {list_pulls(helped)}")
    if against:
        parts.append(f"against it: {list_pulls(against)}")
    return "; ".join(parts)


def describe_outcome(decision: Decision) -> str:
    """What was decided, with the chance and the draw."""
    kind = DECISION_KINDS[decision.event]
    if decision.event in SHARES:
        text = SHARES[decision.event].format(format_percent(decision.taken))
        if decision.event is Event.OFFSET:
            text += " spending that was there before"
        return (
            f"{text} (the pulls add up to {format_signed(decision.pull)} and chance adds "
            f"{format_signed(logit(decision.draw))}: draw {decision.draw:.3f})"
        )
    result = kind.yes if decision.taken else kind.no
    return f"{result} (chance {format_percent(decision.chance)}, draw {decision.draw:.3f})"


def find_flips(decision: Decision, p: Parameters, lv: Levers) -> tuple[Flip, ...]:
    """Single changes of a fact that would have changed a plan or a raid, the smallest part of its range first."""
    if decision.event not in (Event.PLAN, Event.RAID):
        return ()
    need = decision.flip() * DECISION_KINDS[decision.event].helps
    pulls = {pull.name: pull.value for pull in decision.rank_pulls()}
    flips = []
    character, fence = p.character, p.fence
    for fact, weight, unit in (
        ("chief", character.pull_chief, "on a scale of 0 to 1"),
        ("finance", character.pull_finance, "on a scale of 0 to 1"),
        ("relations", character.pull_relations, "on a scale of 0 to 1"),
    ):
        level = 0.5 + pulls.get(fact, 0.0) / weight if weight > 0 else 0.5
        if weight > 0 and 0 <= level + need / weight <= 1 and not (fact == "finance" and pulls.get("veto")):
            flips.append(Flip(fact, need / weight, unit, abs(need / weight)))
    flips.extend(_gap_flip(decision, need, pulls.get("pressure", 0.0), p, lv))
    level = pulls.get("ringfence", 0.0) / fence.pull_ringfence if fence.pull_ringfence > 0 else 0.0
    if fence.pull_ringfence > 0 and 0 <= level + need / fence.pull_ringfence <= 1 and not fence.ring_leader_mix:
        change = need / fence.pull_ringfence
        flips.append(Flip("ringfence", change, "on a scale where 1 is full and enforced", abs(change)))
    return tuple(sorted(flips, key=lambda flip: flip.part))


def _gap_flip(decision: Decision, need: float, now: float, p: Parameters, lv: Levers) -> list[Flip]:
    seen = p.pressure.foresight if decision.event is Event.PLAN else 1.0
    weight = p.pressure.pull_pressure * grip(lv.pressure, p.pressure) * seen
    if weight <= 0 or p.pressure.pressure_threshold or now + need > 0 or (decision.event is Event.PLAN and now == 0):
        return []
    change = -need / weight
    return [Flip("gap", change, "points of allocation", abs(change) / 4.0)] if abs(change) <= 4 else []


def describe_flip(decision: Decision, p: Parameters, lv: Levers) -> str:
    """The smallest change that would have changed the decision, in log-odds and as facts."""
    need = decision.flip()
    helps = DECISION_KINDS[decision.event].helps
    towards = "towards the money" if need * helps > 0 else "against it"
    result = "moved it past one half" if decision.event in SHARES else "changed it"
    text = f"An extra pull of {abs(need):.2f} {towards} would have {result}"
    ways = [flip.description for flip in find_flips(decision, p, lv)[:2]]
    return f"{text}, for instance {' or '.join(ways)}" if ways else text


def describe_decision(decision: Decision, by: str, p: Parameters, lv: Levers) -> str:
    """One decision in full. `by` names the deciding board where it is another one."""
    who = f" ({by} decides)" if by else ""
    why = describe_reasons(decision)
    body = f"{decision.when}{who}: {describe_outcome(decision)}"
    return f"{body}. {why[0].upper() + why[1:] + '. ' if why else ''}{describe_flip(decision, p, lv)}."
