"""Every kind of question: how it is asked of what is on the screen, worked out and told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from dashboards.analyses import attribution, break_even, decision, discovery, equivalence, sensitivity, variance_split
from dashboards.analyses.request import Ask, Document, Told, Work
from dashboards.selection.selection import LETTERS, Selection
from simulator.studies.scenario_runs import find_years_of_change


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
            "How much of one lever is worth another?",
            "the exchange",
            "half a minute",
            equivalence.work,
            equivalence.tell,
        ),
        "enough": Kind(
            "How much is enough to break even?", "the break-even", "half a minute", break_even.work, break_even.tell
        ),
        "parts": Kind(
            "Which part of a package did it?",
            "the parts",
            "a few seconds to half a minute",
            attribution.work,
            attribution.tell,
        ),
        "luck": Kind(
            "Luck, or not knowing?", "luck’s share", "half a minute", variance_split.work, variance_split.tell
        ),
        "matters": Kind("What drives it?", "what drives it", "half a minute", sensitivity.work, sensitivity.tell),
        "fails": Kind("Where does it fail?", "where it fails", "half a minute", discovery.work, discovery.tell),
        "regret": Kind(
            "Which would be regretted?", "the regrets", "half a minute", decision.regret, decision.tell_regret
        ),
        "worth": Kind(
            "What evidence would change our mind?",
            "what is worth knowing",
            "half a minute",
            decision.worth,
            decision.tell_worth,
        ),
    }
)


def ask(selection: Selection, kind: str, at: Sequence[int], how: Mapping[str, str] | None = None) -> Ask:
    """A question about the scenarios in these places, over the years that the whole screen shows."""
    scenarios = selection.scenarios
    years = selection.years or find_years_of_change(scenarios)
    policies = tuple(scenarios[i] for i in at)
    return Ask(kind, policies, selection.outcome, years, selection.seed, dict(how or {}), selection.own)


def of_levers(selection: Selection, lever: str, equals: str) -> Ask:
    """For each amount of `lever`, how much of `equals` does as much?"""
    return ask(selection, "exchange", [0], {"lever": lever, "equals": equals})


def of_enough(selection: Selection, lever: str, at: int) -> Ask:
    """How much of a lever breaks even with the scenario in a place?"""
    return ask(selection, "enough", [0, at], {"lever": lever})


def of_one(selection: Selection, kind: str, at: int, how: Mapping[str, str] | None = None) -> Ask:
    """A question about the scenario in a place, beside today's rules."""
    return ask(selection, kind, [0, at], how)


def of_luck(selection: Selection) -> Ask:
    """Luck or not knowing, for every scenario."""
    return ask(selection, "luck", range(len(selection.slots)))


def of_failing(selection: Selection, at: int, against: int | None) -> Ask:
    """Where the scenario in a place does less than another, or (None) gives less than half."""
    if against is None:
        return ask(selection, "fails", [0, at] if at else [0], {"fails": "half"})
    return ask(selection, "fails", [0, at] if against == 0 else [0, against, at], {"fails": "less"})


def of_choosing(selection: Selection, kind: str) -> Ask:
    """A question about choosing between scenarios that do not hold one another."""
    at = rivals(selection)
    return ask(selection, kind, at, {"letters": "".join(LETTERS[i] for i in at)})


def rivals(selection: Selection) -> list[int]:
    """Places of the scenarios there is a choice between: no twins, and none that joins others on the screen."""
    twins = {later for _, later in selection.twins}
    names = {slot.scenario.name for slot in selection.slots}

    def joins(i: int) -> bool:
        parents = set(selection.slots[i].scenario.parents)
        return len(parents) > 1 and parents <= names

    return [i for i in range(len(selection.slots)) if i not in twins and not joins(i)]


def plain(selection: Selection) -> int:
    """The place of a scenario without a ring-fence of its own, for a break-even with one; the last if all have one."""
    today = selection.slots[0].scenario
    free = [
        i
        for i in range(1, len(selection.slots))
        if not {"ringfence", "audit"} & set(selection.slots[i].scenario.differs_from(today))
    ]
    return free[0] if free else len(selection.slots) - 1


def opening_asks(selection: Selection) -> list[Ask]:
    """What the two pages show first."""
    last = len(selection.slots) - 1
    return [
        of_levers(selection, "leader_lift", "ringfence"),
        of_enough(selection, "ringfence", plain(selection)),
        of_one(selection, "parts", last),
        of_luck(selection),
        of_one(selection, "matters", last, {"method": "main"}),
        of_failing(selection, *failing(selection)),
        of_choosing(selection, "regret"),
        of_choosing(selection, "worth"),
    ]


def failing(selection: Selection) -> tuple[int, int | None]:
    """Whose failing is asked about at first, and what it is held against: the next scenario, or else half."""
    if len(selection.slots) == 1:
        return 0, None
    return 1, 2 if len(selection.slots) > 2 else None
