"""Every kind of question, and how each is asked of the scenarios on the screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

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
from dashboards.analyses.report import AnalysisReport
from dashboards.analyses.request import ALL_YEARS, AnalysisDocument, AnalysisRequest, ComputeFunction
from dashboards.selection.selection import LETTERS, Selection
from simulator.declarations.calendar import parse_years
from simulator.engine.ensemble import Progress
from simulator.reports.answer_cards import choose_pair
from simulator.runs.posterior import drawing_from
from simulator.studies.scenario_runs import find_matched_years, find_years_of_change, name_years


@dataclass(frozen=True)
class Analysis:
    """A kind of question: the whole question, its answer in a few words, how long it takes, and its two functions."""

    question: str
    short_name: str
    duration: str
    compute: ComputeFunction
    describe: Callable[[Any], AnalysisReport]


COMPARING = ("matters", "fails", "regret", "worth")
"""Kinds of questions that compare policies with each other: what turns with a start says nothing of what they do."""

TOGETHER = (("ringfence", "audit"),)
"""Levers that are one policy."""

# The names stand in the keys of shipped answers, so they stay as they were.
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
            "How much of one lever equals a whole policy?",
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
            "Chance, or not knowing?",
            "the share of chance",
            "half a minute",
            variance_split.compute,
            variance_split.describe,
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
    selection: Selection, kind: str, places: Sequence[int], options: Mapping[str, str] | None = None
) -> AnalysisRequest:
    """A question about the scenarios in these places on the screen, over the years of the whole screen; one that
    compares policies which start in different years is about those in which all of them act.
    """
    years = selection.years or find_years_of_change(selection.scenarios)
    scenarios = tuple(selection.scenarios[place] for place in places)
    apart = kind in COMPARING and len({scenario.start for scenario in scenarios if scenario.start is not None}) > 1
    if apart and (acting := find_matched_years(scenarios, years)):
        years, options = acting, {**(options or {}), ALL_YEARS: name_years(parse_years(years))}
    return AnalysisRequest(
        kind,
        scenarios,
        selection.outcome,
        years,
        selection.seed,
        dict(options or {}),
        selection.own,
        selection.evidence,
    )


def compute_answer(request: AnalysisRequest, progress: Progress) -> AnalysisDocument:
    """Work out the answer to a question, from the visitor's own evidence if there is any."""
    with drawing_from(request.evidence):
        return ANALYSES[request.kind].compute(request, progress)


def request_equivalence(selection: Selection, lever: str, equals: str) -> AnalysisRequest:
    """For each amount of `lever`, how much of `equals` does as much?"""
    return make_request(selection, "exchange", [0], {"lever": lever, "equals": equals})


def request_break_even(selection: Selection, lever: str, place: int) -> AnalysisRequest:
    """How much of a lever does as much as the scenario in a place?"""
    return make_request(selection, "enough", [0, place], {"lever": lever})


def request_for_scenario(
    selection: Selection, kind: str, place: int, options: Mapping[str, str] | None = None
) -> AnalysisRequest:
    """A question about the scenario in a place, beside today's rules."""
    return make_request(selection, kind, [0, place], options)


def choose_answer_pair(selection: Selection) -> tuple[int, int]:
    """The places (new, old) of the two scenarios that the Answer page compares."""
    scenarios = selection.scenarios
    return choose_pair([each.fingerprint for each in scenarios], [each.name for each in scenarios])


def request_sensitivity(selection: Selection, place: int | None, method: str = "main") -> AnalysisRequest:
    """What drives what the scenario in a place adds to today's rules, or (None) how far apart the two are that the
    Answer page compares?
    """
    options = {"method": method}
    if place is not None:
        return request_for_scenario(selection, "matters", place, options)
    new, old = choose_answer_pair(selection)
    places = [0, old, new] if old else [0, new]
    return make_request(selection, "matters", places, options)


def request_variance_split(selection: Selection) -> AnalysisRequest:
    """How much is chance, and how much is not knowing the parameters, for every scenario?"""
    usual = LETTERS[: len(selection.slots)]
    options = {} if selection.letters == usual else {"letters": selection.letters}
    return make_request(selection, "luck", range(len(selection.slots)), options)


def request_scenario_discovery(selection: Selection, place: int, other: int | None) -> AnalysisRequest:
    """Where does the scenario in a place do less than another one, or (None) keep less than half?"""
    if other is None:
        return make_request(selection, "fails", [0, place] if place else [0], {"fails": "half"})
    return make_request(selection, "fails", [0, place] if other == 0 else [0, other, place], {"fails": "less"})


def request_choice(selection: Selection, kind: str) -> AnalysisRequest:
    """A question about choosing between the scenarios of which none contains another."""
    places = list_rivals(selection)
    return make_request(selection, kind, places, {"letters": "".join(selection.letters[place] for place in places)})


def list_rivals(selection: Selection) -> list[int]:
    """Places of the scenarios between which there is a choice: no twins, and none that joins others on the screen."""
    twins = {later for _, later in selection.twins}
    names = {slot.scenario.name for slot in selection.slots}

    def joins_others(place: int) -> bool:
        parents = set(selection.slots[place].scenario.parents)
        return len(parents) > 1 and parents <= names

    return [place for place in range(len(selection.slots)) if place not in twins and not joins_others(place)]


def find_scenario_without(selection: Selection, lever: str) -> int:
    """The place of a scenario that leaves a lever, or what is set along with it, as today, for a break-even with that
    lever; the last if all move it.
    """
    today, moved = selection.slots[0].scenario, next(({*pair} for pair in TOGETHER if lever in pair), {lever})
    for place, slot in enumerate(selection.slots[1:], 1):
        if not moved & set(slot.scenario.differs_from(today)):
            return place
    return len(selection.slots) - 1


def list_opening_requests(selection: Selection) -> list[AnalysisRequest]:
    """What the two pages of questions show first, and a break-even the other way round."""
    last = len(selection.slots) - 1
    return [
        request_break_even(selection, "leader_lift", find_scenario_without(selection, "leader_lift")),
        request_break_even(selection, "ringfence", find_scenario_without(selection, "ringfence")),
        request_equivalence(selection, "leader_lift", "ringfence"),
        request_for_scenario(selection, "parts", last),
        request_variance_split(selection),
        request_sensitivity(selection, None),
        request_scenario_discovery(selection, *choose_failing_scenario(selection)),
        request_choice(selection, "regret"),
        request_choice(selection, "worth"),
    ]


def choose_failing_scenario(selection: Selection) -> tuple[int, int | None]:
    """The scenario whose failures are asked about first, and the one it is compared with: None for half."""
    if len(selection.slots) == 1:
        return 0, None
    return 1, 2 if len(selection.slots) > 2 else None
