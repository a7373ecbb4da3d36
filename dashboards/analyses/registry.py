"""Every kind of question: how it is asked of what is on the screen, worked out and told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from dashboards.analyses import (
    attribution,
    break_even,
    equivalence,
    robustness,
    scenario_discovery,
    sensitivity,
    value_of_information,
    variance_split,
)
from dashboards.analyses.request import AnalysisDocument, AnalysisReport, AnalysisRequest, ComputeFunction
from dashboards.selection.selection import LETTERS, Selection
from simulator.studies.scenario_runs import find_years_of_change


@dataclass(frozen=True)
class Analysis:
    """A kind of question: what it asks, in a few words (`what`) and whole, how long it takes, and its functions."""

    question: str
    what: str
    takes: str
    work: ComputeFunction
    tell: Callable[[AnalysisDocument], AnalysisReport]


ANALYSES: Mapping[str, Analysis] = MappingProxyType(
    {
        "exchange": Analysis(
            "How much of one lever is worth another?",
            "the exchange",
            "half a minute",
            equivalence.compute,
            equivalence.describe,
        ),
        "enough": Analysis(
            "How much is enough to break even?",
            "the break-even",
            "half a minute",
            break_even.compute,
            break_even.describe,
        ),
        "parts": Analysis(
            "Which part of a package did it?",
            "the parts",
            "a few seconds to half a minute",
            attribution.compute,
            attribution.describe,
        ),
        "luck": Analysis(
            "Luck, or not knowing?", "luck’s share", "half a minute", variance_split.compute, variance_split.describe
        ),
        "matters": Analysis(
            "What drives it?", "what drives it", "half a minute", sensitivity.compute, sensitivity.describe
        ),
        "fails": Analysis(
            "Where does it fail?",
            "where it fails",
            "half a minute",
            scenario_discovery.compute,
            scenario_discovery.describe,
        ),
        "regret": Analysis(
            "Which would be regretted?", "the regrets", "half a minute", robustness.compute, robustness.describe
        ),
        "worth": Analysis(
            "What evidence would change our mind?",
            "what is worth knowing",
            "half a minute",
            value_of_information.compute,
            value_of_information.describe,
        ),
    }
)


def make_request(
    selection: Selection, kind: str, at: Sequence[int], how: Mapping[str, str] | None = None
) -> AnalysisRequest:
    """A question about the scenarios in these places, over the years that the whole screen shows."""
    scenarios = selection.scenarios
    years = selection.years or find_years_of_change(scenarios)
    policies = tuple(scenarios[i] for i in at)
    return AnalysisRequest(kind, policies, selection.outcome, years, selection.seed, dict(how or {}), selection.own)


def request_equivalence(selection: Selection, lever: str, equals: str) -> AnalysisRequest:
    """For each amount of `lever`, how much of `equals` does as much?"""
    return make_request(selection, "exchange", [0], {"lever": lever, "equals": equals})


def request_break_even(selection: Selection, lever: str, at: int) -> AnalysisRequest:
    """How much of a lever breaks even with the scenario in a place?"""
    return make_request(selection, "enough", [0, at], {"lever": lever})


def request_for_scenario(
    selection: Selection, kind: str, at: int, how: Mapping[str, str] | None = None
) -> AnalysisRequest:
    """A question about the scenario in a place, beside today's rules."""
    return make_request(selection, kind, [0, at], how)


def request_variance_split(selection: Selection) -> AnalysisRequest:
    """Luck or not knowing, for every scenario."""
    return make_request(selection, "luck", range(len(selection.slots)))


def request_scenario_discovery(selection: Selection, at: int, against: int | None) -> AnalysisRequest:
    """Where the scenario in a place does less than another, or (None) gives less than half."""
    if against is None:
        return make_request(selection, "fails", [0, at] if at else [0], {"fails": "half"})
    return make_request(selection, "fails", [0, at] if against == 0 else [0, against, at], {"fails": "less"})


def request_choice(selection: Selection, kind: str) -> AnalysisRequest:
    """A question about choosing between scenarios that do not hold one another."""
    at = list_rivals(selection)
    return make_request(selection, kind, at, {"letters": "".join(LETTERS[i] for i in at)})


def list_rivals(selection: Selection) -> list[int]:
    """Places of the scenarios there is a choice between: no twins, and none that joins others on the screen."""
    twins = {later for _, later in selection.twins}
    names = {slot.scenario.name for slot in selection.slots}

    def joins(i: int) -> bool:
        parents = set(selection.slots[i].scenario.parents)
        return len(parents) > 1 and parents <= names

    return [i for i in range(len(selection.slots)) if i not in twins and not joins(i)]


def find_unfenced_scenario(selection: Selection) -> int:
    """The place of a scenario without a ring-fence of its own, for a break-even with one; the last if all have one."""
    today = selection.slots[0].scenario
    free = [
        i
        for i in range(1, len(selection.slots))
        if not {"ringfence", "audit"} & set(selection.slots[i].scenario.differs_from(today))
    ]
    return free[0] if free else len(selection.slots) - 1


def list_opening_requests(selection: Selection) -> list[AnalysisRequest]:
    """What the two pages show first."""
    last = len(selection.slots) - 1
    return [
        request_equivalence(selection, "leader_lift", "ringfence"),
        request_break_even(selection, "ringfence", find_unfenced_scenario(selection)),
        request_for_scenario(selection, "parts", last),
        request_variance_split(selection),
        request_for_scenario(selection, "matters", last, {"method": "main"}),
        request_scenario_discovery(selection, *choose_failing_scenario(selection)),
        request_choice(selection, "regret"),
        request_choice(selection, "worth"),
    ]


def choose_failing_scenario(selection: Selection) -> tuple[int, int | None]:
    """Whose failing is asked about at first, and what it is held against: the next scenario, or else half."""
    if len(selection.slots) == 1:
        return 0, None
    return 1, 2 if len(selection.slots) > 2 else None
