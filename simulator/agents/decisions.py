"""Decisions as they were taken: the pulls, the chance, the draw, and what would have changed the decision."""

from __future__ import annotations

from typing import Any, NamedTuple

from simulator.common.sentence_templates import get_template, load_templates
from simulator.declarations.calendar import quarter_name
from simulator.declarations.draw_ids import Event
from simulator.declarations.plugin import find_plugin
from simulator.declarations.plugin_interface import name_pull
from simulator.engine.hooks import PULLS
from simulator.rules.chance import logistic, logit
from simulator.rules.plans import CharacterPulls, RulePulls


class DecisionKind(NamedTuple):
    """The words for a decision: the question, its yes and its no. `helps` is 1 if a yes helps the money, else -1."""

    question: str
    yes: str
    no: str
    helps: int


HELPS = {
    Event.AWARE_START: 1,
    Event.CHIEF_LEAVES: -1,
    Event.FINANCE_LEAVES: -1,
    Event.LEAD_LOST: -1,
    Event.LEAD_GAINS: 1,
    Event.COMMITTEE_GROWS: 1,
    Event.PLAN: 1,
    Event.RAID: -1,
    Event.OFFSET: -1,
    Event.EVALUATE: 1,
    Event.PILOT_FATE: 1,
}
"""Every decision, in the order in which a quarter's decisions are explained: 1 if a yes helps the money, else -1."""


def _describe_kind(event: Event, helps: int) -> DecisionKind:
    question, yes, no = (get_template(f"decision.{event.name.lower()}.{word}") for word in ("question", "yes", "no"))
    return DecisionKind(question, yes, no, helps)


DECISION_KINDS = {event: _describe_kind(event, helps) for event, helps in HELPS.items()}

PULL_NAMES = {
    name: get_template(f"pull.{name}")
    for name in (key.removeprefix("pull.") for key in load_templates() if key.startswith("pull."))
}
"""What every pull is called, in the order in which equal ones are listed."""

if (_plugin := find_plugin()) is not None:
    PULL_NAMES |= {name_pull(hook): words for hook, words in _plugin.phrases.items()}

PROTECTING = (CharacterPulls, RulePulls, *(PULLS[hook] for hook in PULLS if hook == "protect"))
ALWAYS = (Event.PLAN, Event.RAID, Event.OFFSET, Event.PILOT_FATE)
"""Decisions that are explained whatever they came to; others only if something happened."""
DECIDED_BY_HEAD = (Event.PLAN, Event.RAID)
"""Decisions that one board takes for all that have merged with it."""

EVENT_LETTERS = {
    Event.CHIEF_LEAVES: "C",
    Event.FINANCE_LEAVES: "F",
    Event.LEAD_LOST: "L",
    Event.LEAD_GAINS: "G",
    Event.COMMITTEE_GROWS: "K",
}
MERGED_LETTER, ENDED_LETTER = "M", "P"
"""What marks an event, a merger and the end of a pilot on a board's timeline."""


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
