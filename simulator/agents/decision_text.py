"""A decision as a sentence: who decided, what pulled, what chance made of it, what would have flipped it."""

from __future__ import annotations

from typing import NamedTuple

from simulator.agents.decisions import KINDS, PULL_NAMES, Decision, Pull
from simulator.common.formatting import listed, significant
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
    """One change of one fact that would have turned a decision: by how much, in the fact's own unit."""

    fact: str
    change: float
    unit: str
    part: float

    @property
    def words(self) -> str:
        """Such as: a chief stronger by 0.16 (on 0 to 1)."""
        more, fewer = _COMPARATIVES[self.fact]
        return f"{more if self.change > 0 else fewer} by {significant(abs(self.change))} {self.unit}"


_COMPARATIVES = {
    "chief": ("a chief stronger", "a chief weaker"),
    "finance": ("a finance director more supportive", "a finance director less supportive"),
    "relations": ("relations better", "relations worse"),
    "gap": ("a gap wider", "a gap narrower"),
    "ringfence": ("a ring-fence firmer", "a ring-fence weaker"),
}


def signed(x: float) -> str:
    """A pull with its sign and two decimals."""
    return f"{'−' if x < 0 else '+'}{abs(x):.2f}"


def percent(x: float) -> str:
    """A share or chance in whole per cent, with the ends kept apart from certainty."""
    if 0 < x < 0.01:
        return "under 1%"
    return "over 99%" if 0.99 < x < 1 else f"{100 * x:.0f}%"


def phrase(pulls: tuple[Pull, ...]) -> str:
    """Named pulls in words, strongest first."""
    return listed([f"{PULL_NAMES[p.name]} ({signed(p.value)})" for p in pulls])


def reasons(decision: Decision) -> str:
    """What helped the money and what stood against it."""
    pulls = decision.helping()
    helped = tuple(p for p in pulls if p.value > 0.005)[:SHOWN]
    against = tuple(p for p in pulls if p.value < -0.005)[:SHOWN]
    parts = []
    if helped:
        parts.append(f"for the money pulled {phrase(helped)}")
    if against:
        parts.append(f"against it {phrase(against)}")
    return "; ".join(parts)


def outcome(decision: Decision) -> str:
    """What was decided, with the chance and the draw."""
    kind = KINDS[decision.event]
    if decision.event in SHARES:
        said = SHARES[decision.event].format(percent(decision.taken))
        if decision.event is Event.OFFSET:
            said += " spending that was there before"
        luck = logit(decision.draw)
        return f"{said} (pulls add up to {signed(decision.pull)}, luck adds {signed(luck)}: draw {decision.draw:.3f})"
    said = kind.yes if decision.taken else kind.no
    return f"{said} (chance {percent(decision.chance)}, draw {decision.draw:.3f})"


def flips(decision: Decision, p: Parameters, lv: Levers) -> tuple[Flip, ...]:
    """Single changes of a fact that would have turned a plan or a raid, the smallest part of its range first."""
    if decision.event not in (Event.PLAN, Event.RAID):
        return ()
    need = decision.flip() * KINDS[decision.event].helps
    pulls = {pull.name: pull.value for pull in decision.helping()}
    found = []
    character, fence = p.character, p.fence
    for fact, weight, unit in (
        ("chief", character.pull_chief, "(on 0 to 1)"),
        ("finance", character.pull_finance, "(on 0 to 1)"),
        ("relations", character.pull_relations, "(on 0 to 1)"),
    ):
        level = 0.5 + pulls.get(fact, 0.0) / weight if weight > 0 else 0.5
        if weight > 0 and 0 <= level + need / weight <= 1 and not (fact == "finance" and pulls.get("veto")):
            found.append(Flip(fact, need / weight, unit, abs(need / weight)))
    found.extend(_gap_flip(decision, need, pulls.get("pressure", 0.0), p, lv))
    level = pulls.get("ringfence", 0.0) / fence.pull_ringfence if fence.pull_ringfence > 0 else 0.0
    if fence.pull_ringfence > 0 and 0 <= level + need / fence.pull_ringfence <= 1 and not fence.ring_leader_mix:
        change = need / fence.pull_ringfence
        found.append(Flip("ringfence", change, "(0 none, 1 full and enforced)", abs(change)))
    return tuple(sorted(found, key=lambda flip: flip.part))


def _gap_flip(decision: Decision, need: float, now: float, p: Parameters, lv: Levers) -> list[Flip]:
    seen = p.pressure.foresight if decision.event is Event.PLAN else 1.0
    weight = p.pressure.pull_pressure * grip(lv.pressure, p.pressure) * seen
    if weight <= 0 or p.pressure.pressure_threshold or now + need > 0 or (decision.event is Event.PLAN and now == 0):
        return []
    change = -need / weight
    return [Flip("gap", change, "points of allocation", abs(change) / 4.0)] if abs(change) <= 4 else []


def turned(decision: Decision, p: Parameters, lv: Levers) -> str:
    """The smallest change that would have flipped the decision, in log-odds and as facts."""
    need = decision.flip()
    helps = KINDS[decision.event].helps
    towards = "towards the money" if need * helps > 0 else "against it"
    result = "tipped it past one half" if decision.event in SHARES else "turned it"
    text = f"A pull of {abs(need):.2f} more {towards} would have {result}"
    ways = [flip.words for flip in flips(decision, p, lv)[:2]]
    return f"{text}: for instance {' or '.join(ways)}" if ways else text


def tell(decision: Decision, by: str, p: Parameters, lv: Levers) -> str:
    """One decision in full. `by` names the deciding board where it is another one."""
    who = f" ({by} decides)" if by else ""
    why = reasons(decision)
    body = f"{decision.when}{who}: {outcome(decision)}"
    return f"{body}. {why[0].upper() + why[1:] + '. ' if why else ''}{turned(decision, p, lv)}."
