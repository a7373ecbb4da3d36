"""Decisions as they were taken: what pulled, what chance made of it, and what would have flipped it."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from simulator.calendar import quarter_name
from simulator.events import Event


class Kind(NamedTuple):
    """How an event reads: the question, what a yes and a no are called, and whether a yes helps the money."""

    question: str
    yes: str
    no: str
    helps: int


KINDS: dict[Event, Kind] = {
    Event.AWARE_START: Kind("Does the lead know of the fund?", "knows of the fund", "does not know of the fund", 1),
    Event.CHIEF_LEAVES: Kind("Does the chief leave?", "the chief leaves", "the chief stays", -1),
    Event.FINANCE_LEAVES: Kind(
        "Does the finance director leave?", "the finance director leaves", "the finance director stays", -1
    ),
    Event.LEAD_LOST: Kind("Is the lead lost?", "the lead is lost", "the lead stays", -1),
    Event.LEAD_GAINS: Kind("Does a lead gain awareness or a seat?", "the lead gains", "the lead gains nothing", 1),
    Event.COMMITTEE_GROWS: Kind("Does the committee grow?", "the committee grows", "the committee stays as it is", 1),
    Event.PLAN: Kind("How much of the fund does the plan protect?", "protects", "releases", 1),
    Event.RAID: Kind("Is money taken back in the year?", "money is taken back", "no money is taken back", -1),
    Event.OFFSET: Kind("How much existing spending is trimmed in exchange?", "trims", "does not trim", -1),
    Event.EVALUATE: Kind("Is the pilot evaluated?", "the pilot is evaluated", "the pilot is not evaluated", 1),
    Event.PILOT_FATE: Kind("What becomes of the pilot?", "goes on", "ends", 1),
}

PULL_NAMES = {
    "base": "the starting point",
    "chief": "the chief executive and chair",
    "finance": "the finance director",
    "veto": "a finance director who blocks",
    "committee": "the committee",
    "relations": "relations between partners",
    "lead": "the health-inequalities lead",
    "custom": "the board's custom",
    "ringfence": "the ring-fence",
    "scrutiny": "scrutiny of named amounts",
    "oversight": "national oversight",
    "strategy": "national strategy",
    "gateway": "money that depends on it",
    "principles": "the board's own rule",
    "habit": "habit from last year's plan",
    "pressure": "financial pressure",
    "savings_ask": "the savings asked for",
    "letter": "the national letter",
    "upheaval": "reorganisation",
    "stability": "handover rules",
    "years": "time since the fund began",
    "label": "a strict label",
    "conditions": "conditions and reporting",
    "character": "the board's character",
    "evidence": "evaluation",
    "route": "a route into mainstream budgets",
    "naming": "naming of amounts",
}


class Pull(NamedTuple):
    """One named pull in log-odds, signed so that positive makes a yes likelier."""

    name: str
    value: float


class Decision(NamedTuple):
    """One decision of one board. `pulls` are log-odds towards a yes; `taken` is 1 or 0, or the share decided.

    `chance` is the chance of a yes; for the plan and the offset, which are shares, that of more than half. `width` is
    the log-odds from indifference to an extreme share (0 for a yes-or-no). For a decision without pulls (`pulls`
    empty) the chance is set directly.
    """

    quarter: int
    area: int
    event: Event
    pulls: tuple[Pull, ...]
    chance: float
    draw: float
    taken: float
    width: float = 0.0

    @property
    def total(self) -> float:
        """Sum of the pulls, in log-odds."""
        return math.fsum(pull.value for pull in self.pulls)

    @property
    def when(self) -> str:
        """The quarter by name."""
        return quarter_name(self.quarter)

    def helping(self) -> tuple[Pull, ...]:
        """The pulls signed so that positive helps the money, strongest first; idle ones left out."""
        sign = KINDS[self.event].helps
        turned = (Pull(name, sign * value) for name, value in self.pulls if value)
        return tuple(sorted(turned, key=lambda pull: -abs(pull.value)))

    def flip(self) -> float:
        """Log-odds that would have turned the decision just about: added to the pulls, towards a yes if positive.

        For a share decided: what would have moved it just past one half.
        """
        odds = math.log(self.draw / (1.0 - self.draw))
        return -(self.total + odds) if self.width else odds - self.total


def named(*groups: Any, sign: float = 1.0) -> tuple[Pull, ...]:
    """The fields of pull groups (NamedTuples) as named pulls, in order."""
    return tuple(Pull(name, sign * value) for group in groups for name, value in zip(group._fields, group, strict=True))
