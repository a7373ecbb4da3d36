"""A registration: question, scenarios, outcome, decision rule and seed, frozen before any answer is seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.boards.table import Boards
from simulator.claims.claim import (
    BoardsRecord,
    Claim,
    FuturesRecord,
    record_run,
)
from simulator.claims.condition import Condition, parse_condition
from simulator.claims.frozen_scenario import FrozenScenario, freeze_scenario
from simulator.common.errors import InputError
from simulator.common.ranges import YearSpan
from simulator.declarations.calendar import YEARS, parse_years, year_name
from simulator.runs.futures import Futures
from simulator.runs.manifest import Software, make_manifest
from simulator.runs.results import find_outcome
from simulator.scenarios.scenario import Scenario


@dataclass(frozen=True)
class Question:
    """One comparison to be made, and the conditions under which its hypothesis counts as supported."""

    new: int
    old: int
    outcome: str
    years: YearSpan
    conditions: Sequence[Condition]


@dataclass(frozen=True)
class Registration:
    """What is decided beforehand. `title` is the question in words, `rule` what will be concluded from what.

    `awaits` says which data are still to come, "" if none are; the result then draws from what they make
    of the posterior.
    """

    title: str
    rule: str
    questions: Sequence[Question]
    scenarios: Sequence[FrozenScenario]
    futures: FuturesRecord
    boards: BoardsRecord
    software: Software
    saved: str
    awaits: str = ""


def list_departures(registration: Registration, result: Claim) -> list[str]:
    """What of a result is not as it was registered, a sentence each; none where everything is."""
    departures = []
    for what, before, after in (
        ("seed", registration.futures.seed, result.futures.seed),
        ("number of futures", registration.futures.count, result.futures.count),
        ("source of the parameters", registration.futures.source, result.futures.source),
        ("parameters held", registration.futures.settings, result.futures.settings),
        ("table of boards", registration.boards.fingerprint, result.boards.fingerprint),
        ("rules of the model", registration.software.code, result.software.code),
        ("version", registration.software.version, result.software.version),
    ):
        if before != after:
            departures.append(f"The {what} changed: {before or 'none'} was registered, {after or 'none'} was used.")
    departures += _list_question_departures(registration, result)
    departures += _list_data_departures(registration, result)
    if result.saved < registration.saved:
        departures.append(f"The result was saved on {result.saved}, before the registration of {registration.saved}.")
    return departures


def _list_question_departures(registration: Registration, result: Claim) -> list[str]:
    asked = [
        (*_name_pair(registration.scenarios, item.new, item.old), item.outcome, item.years)
        for item in registration.questions
    ]
    answered = [
        (*_name_pair(result.scenarios, item.new, item.old), item.outcome, item.years) for item in result.statements
    ]
    missing = [_describe_question(registration, item) for item in registration.questions]
    departures = [
        f"What was registered is not answered: {words}."
        for words, key in zip(missing, asked, strict=True)
        if key not in answered
    ]
    more = sum(key not in asked for key in answered)
    if more:
        departures.append(f"{more} of the {len(answered)} comparisons of the result were not registered.")
    return departures


def _name_pair(scenarios: Sequence[FrozenScenario], new: int, old: int) -> tuple[str, str]:
    return scenarios[new].fingerprint, scenarios[old].fingerprint


def _describe_question(registration: Registration, item: Question) -> str:
    new, old = registration.scenarios[item.new].title, registration.scenarios[item.old].title
    return f"“{new}” against “{old}”, {item.outcome}, {' to '.join(item.years)}, with the scenarios as they were then"


def _list_data_departures(registration: Registration, result: Claim) -> list[str]:
    used = " ".join(f"{option} {value}" for option, value in result.futures.posterior)
    before = " ".join(f"{option} {value}" for option, value in registration.futures.posterior)
    if registration.awaits:
        if used == before:
            return [f"The data that were to come ({registration.awaits}) were not used."]
        return []
    if registration.futures.fingerprint != result.futures.fingerprint:
        return [f"The parameters are drawn from other beliefs: {used or 'what ships'}."]
    return []


def register_question(
    title: str,
    rule: str,
    that: Sequence[str],
    scenarios: Sequence[Scenario],
    futures: Futures,
    boards: Boards,
    today: str,
    *,
    outcome: str = "retained",
    years: str | None = None,
    awaits: str = "",
) -> Registration:
    """A registration of each of `scenarios` against the first. `today` is a date such as 2026-11-29.

    Nothing is run. `years` defaults to those from the first change on. Raises InputError and LookupError.
    """
    about = find_outcome(outcome)
    conditions = [parse_condition(text, about.unit) for text in that]
    if not conditions:
        raise InputError("a registration needs a condition that could fail, such as “settled above 0”")
    starts = [scenario.start for scenario in scenarios if scenario.start is not None]
    span = parse_years(years) if years else slice(min(starts, default=0) // 4, None)
    chosen = range(YEARS)[span]
    names = (year_name(chosen[0]), year_name(chosen[-1]))
    manifest = make_manifest(scenarios[0], boards, futures, 1)
    return Registration(
        title,
        rule,
        [Question(at, 0, about.name, names, conditions) for at in range(1, len(scenarios))],
        [freeze_scenario(scenario) for scenario in scenarios],
        *record_run(manifest),
        today,
        awaits,
    )
