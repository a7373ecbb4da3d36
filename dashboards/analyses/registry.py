"""Every kind of question: how it is asked of what is on the screen, worked out and told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from dashboards.analyses import attribution as parts
from dashboards.analyses import break_even as enough
from dashboards.analyses import decision as choose
from dashboards.analyses import discovery as fails
from dashboards.analyses import equivalence as exchange
from dashboards.analyses import sensitivity as matters
from dashboards.analyses import variance_split as luck
from dashboards.analyses.request import Ask, Document, Told, Work
from dashboards.selection.selection import LETTERS, Choice
from simulator.studies.policies import years_of_change


@dataclass(frozen=True)
class Kind:
    """A kind of question: what it asks, in a few words (`what`) and whole, how long it takes, and its functions."""

    question: str
    what: str
    takes: str
    work: Work
    tell: Callable[[Document], Told]


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "exchange": Kind(
            "How much of one lever is worth another?", "the exchange", "half a minute", exchange.work, exchange.tell
        ),
        "enough": Kind(
            "How much is enough to break even?", "the break-even", "half a minute", enough.work, enough.tell
        ),
        "parts": Kind(
            "Which part of a package did it?", "the parts", "a few seconds to half a minute", parts.work, parts.tell
        ),
        "luck": Kind("Luck, or not knowing?", "luck’s share", "half a minute", luck.work, luck.tell),
        "matters": Kind("What drives it?", "what drives it", "half a minute", matters.work, matters.tell),
        "fails": Kind("Where does it fail?", "where it fails", "half a minute", fails.work, fails.tell),
        "regret": Kind("Which would be regretted?", "the regrets", "half a minute", choose.regret, choose.tell_regret),
        "worth": Kind(
            "What evidence would change our mind?",
            "what is worth knowing",
            "half a minute",
            choose.worth,
            choose.tell_worth,
        ),
    }
)


def ask(choice: Choice, kind: str, at: Sequence[int], how: Mapping[str, str] | None = None) -> Ask:
    """A question about the scenarios in these places, over the years that the whole screen shows."""
    scenarios = choice.scenarios
    years = choice.years or years_of_change(scenarios)
    policies = tuple(scenarios[i] for i in at)
    return Ask(kind, policies, choice.outcome, years, choice.seed, dict(how or {}), choice.own)


def of_levers(choice: Choice, lever: str, equals: str) -> Ask:
    """For each amount of `lever`, how much of `equals` does as much?"""
    return ask(choice, "exchange", [0], {"lever": lever, "equals": equals})


def of_enough(choice: Choice, lever: str, at: int) -> Ask:
    """How much of a lever breaks even with the scenario in a place?"""
    return ask(choice, "enough", [0, at], {"lever": lever})


def of_one(choice: Choice, kind: str, at: int, how: Mapping[str, str] | None = None) -> Ask:
    """A question about the scenario in a place, beside today's rules."""
    return ask(choice, kind, [0, at], how)


def of_luck(choice: Choice) -> Ask:
    """Luck or not knowing, for every scenario."""
    return ask(choice, "luck", range(len(choice.slots)))


def of_failing(choice: Choice, at: int, against: int | None) -> Ask:
    """Where the scenario in a place does less than another, or (None) gives less than half."""
    if against is None:
        return ask(choice, "fails", [0, at] if at else [0], {"fails": "half"})
    return ask(choice, "fails", [0, at] if against == 0 else [0, against, at], {"fails": "less"})


def of_choosing(choice: Choice, kind: str) -> Ask:
    """A question about choosing between scenarios that do not hold one another."""
    at = rivals(choice)
    return ask(choice, kind, at, {"letters": "".join(LETTERS[i] for i in at)})


def rivals(choice: Choice) -> list[int]:
    """Places of the scenarios there is a choice between: no twins, and none that joins others on the screen."""
    twins = {later for _, later in choice.twins}
    names = {slot.scenario.name for slot in choice.slots}

    def joins(i: int) -> bool:
        parents = set(choice.slots[i].scenario.parents)
        return len(parents) > 1 and parents <= names

    return [i for i in range(len(choice.slots)) if i not in twins and not joins(i)]


def plain(choice: Choice) -> int:
    """The place of a scenario without a ring-fence of its own, for a break-even with one; the last if all have one."""
    today = choice.slots[0].scenario
    free = [
        i
        for i in range(1, len(choice.slots))
        if not {"ringfence", "audit"} & set(choice.slots[i].scenario.differs_from(today))
    ]
    return free[0] if free else len(choice.slots) - 1


def opening_asks(choice: Choice) -> list[Ask]:
    """What the two pages show first."""
    last = len(choice.slots) - 1
    return [
        of_levers(choice, "leader_lift", "ringfence"),
        of_enough(choice, "ringfence", plain(choice)),
        of_one(choice, "parts", last),
        of_luck(choice),
        of_one(choice, "matters", last, {"method": "main"}),
        of_failing(choice, *failing(choice)),
        of_choosing(choice, "regret"),
        of_choosing(choice, "worth"),
    ]


def failing(choice: Choice) -> tuple[int, int | None]:
    """Whose failing is asked about at first, and what it is held against: the next scenario, or else half."""
    if len(choice.slots) == 1:
        return 0, None
    return 1, 2 if len(choice.slots) > 2 else None
