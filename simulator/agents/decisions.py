"""Decisions as they were taken: the pulls, the chance, the draw, and what would have changed the decision."""

from __future__ import annotations

from typing import Any, NamedTuple

from simulator.declarations.calendar import quarter_name
from simulator.declarations.draw_ids import Event
from simulator.rules.chance import logistic, logit
from simulator.rules.plans import CharacterPulls, RulePulls


class DecisionKind(NamedTuple):
    """The words for a decision: the question, its yes and its no. `helps` is 1 if a yes helps the money, else -1."""

    question: str
    yes: str
    no: str
    helps: int


DECISION_KINDS: dict[Event, DecisionKind] = {
    Event.AWARE_START: DecisionKind(
        "Does the lead know of the fund?", "knows of the fund", "does not know of the fund", 1
    ),
    Event.CHIEF_LEAVES: DecisionKind("Does the chief leave?", "the chief leaves", "the chief stays", -1),
    Event.FINANCE_LEAVES: DecisionKind(
        "Does the finance director leave?", "the finance director leaves", "the finance director stays", -1
    ),
    Event.LEAD_LOST: DecisionKind("Is the lead lost?", "the lead is lost", "the lead stays", -1),
    Event.LEAD_GAINS: DecisionKind(
        "Does a lead gain awareness or a seat?", "the lead gains", "the lead gains nothing", 1
    ),
    Event.COMMITTEE_GROWS: DecisionKind(
        "Does the committee grow?", "the committee grows", "the committee stays as it is", 1
    ),
    Event.PLAN: DecisionKind("How much of the fund does the plan protect?", "protects", "releases", 1),
    Event.RAID: DecisionKind("Is money taken back in the year?", "money is taken back", "no money is taken back", -1),
    Event.OFFSET: DecisionKind("How much existing spending is trimmed in exchange?", "trims", "does not trim", -1),
    Event.EVALUATE: DecisionKind("Is the pilot evaluated?", "the pilot is evaluated", "the pilot is not evaluated", 1),
    Event.PILOT_FATE: DecisionKind("What becomes of the pilot?", "the pilot goes on", "the pilot ends", 1),
}

PULL_NAMES = {
    "base": "the starting point",
    "chief": "the chief executive and chair",
    "finance": "the finance director",
    "veto": "a finance director who blocks",
    "committee": "the committee",
    "relations": "relations between partners",
    "lead": "the health-inequalities lead",
    "unaware": "no lead who knows of the fund",
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
    "setaside": "the evaluation set-aside",
}


PROTECTING = (CharacterPulls, RulePulls)


class Pull(NamedTuple):
    """One named pull in log-odds; a positive one makes a yes more likely."""

    name: str
    value: float


class Decision(NamedTuple):
    """One decision of one board.

    `reasons` are the groups of pulls that the rules returned, and `pull` is their total in log-odds towards a yes.
    Where a rule gives the chance itself, `reasons` is empty and `pull` is the log-odds of that chance. `taken` is 1
    or 0, or the share decided; `width` is then the log-odds from indifference to an extreme share (0 for a yes or no).
    """

    quarter: int
    area: int
    event: Event
    reasons: tuple[Any, ...]
    pull: float
    draw: float
    taken: float
    width: float = 0.0

    @property
    def chance(self) -> float:
        """The chance of a yes or, where a share is decided, of more than half."""
        return logistic(self.pull)

    @property
    def pulls(self) -> tuple[Pull, ...]:
        """The named pulls, signed towards a yes. For a raid, pulls that protect the money have their sign reversed."""
        return tuple(
            Pull(name, -value if self.event is Event.RAID and isinstance(group, PROTECTING) else value)
            for group in self.reasons
            for name, value in zip(group._fields, group, strict=True)
        )

    @property
    def when(self) -> str:
        """The quarter by name."""
        return quarter_name(self.quarter)

    def rank_pulls(self) -> tuple[Pull, ...]:
        """Rank the pulls, strongest first, signed so that a positive one helps the money; zeros are left out."""
        sign = DECISION_KINDS[self.event].helps
        turned = (Pull(name, sign * value) for name, value in self.pulls if value)
        return tuple(sorted(turned, key=lambda pull: -abs(pull.value)))

    def flip(self) -> float:
        """The extra log-odds, positive towards a yes, that would just have changed the decision.

        For a share, what would just have moved it past one half.
        """
        odds = logit(self.draw)
        return -(self.pull + odds) if self.width else odds - self.pull
