"""Runs a claim again, and says whether it still holds, to the last bit or with other numbers, and what moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import Enum
from typing import TYPE_CHECKING

from simulator.boards.table import Boards
from simulator.claims.claim import (
    NUMBERS,
    Claim,
    ComparedPair,
    FuturesRecord,
    Statement,
    describe_level,
    find_differences,
    hash_results,
    make_claim,
    record_software,
)
from simulator.claims.claim_file import make_document
from simulator.claims.condition import Condition
from simulator.claims.frozen_scenario import FrozenScenario, thaw_scenario
from simulator.claims.registration import Question, Registration, list_departures
from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.common.linked_data import DIGEST
from simulator.common.representation import short_repr
from simulator.experiments.core.paired_comparison import Comparison
from simulator.runs.futures import describe_missing_plugin, draw_futures, find_plugin_in
from simulator.runs.results import Results
from simulator.runs.run import compare_results, run_many
from simulator.scenarios.scenario import Scenario, library, load_scenario, parse_scenario

if TYPE_CHECKING:
    import pandas as pd

    from simulator.engine.ensemble import Progress


OTHER_NUMBERS = (
    "The runs give the same bits, and numbers worked out of them are others. So how the outcome or its error is worked "
    "out has changed, or the saved numbers are not those that were found."
)
NEVER_HELD = (
    "Nothing: every number is the one that was saved. So what does not hold today did not hold when the claim was "
    "saved either, and its conditions are not those that were checked then."
)


class Standing(Enum):
    """How a claim stands today, in the words that a reader sees."""

    SAME_BITS = "The same bits: this computer gives every number of the claim again."
    SAME_CLAIM = "The same claim with other numbers: every condition still holds."
    NO_LONGER_TRUE = "No longer true: a condition of the claim does not hold today."


@dataclass(frozen=True)
class CheckedCondition:
    """A condition, whether it holds today, and what was found."""

    condition: Condition
    holds: bool
    finding: str


@dataclass(frozen=True)
class CheckedStatement:
    """One comparison of a claim, as it is today, and today's sentence."""

    statement: Statement
    comparison: Comparison
    conditions: Sequence[CheckedCondition]
    today: str

    @property
    def same_numbers(self) -> bool:
        """Whether every number is the one that was saved."""
        return all(float(getattr(self.comparison, name)) == self.statement.numbers[name] for name in NUMBERS)


@short_repr
@dataclass(frozen=True)
class Verification:
    """How a claim stands. `moved` says what differs from when it was saved and may have moved the numbers."""

    claim: Claim
    standing: Standing
    statements: Sequence[CheckedStatement]
    moved: Sequence[str]
    remarks: Sequence[str]

    @property
    def sentence(self) -> str:
        """How the claim stands, what it says, what does not hold, and what moved."""
        failed = [
            f"Does not hold: {part.condition.text} ({part.finding})."
            for item in self.statements
            for part in item.conditions
            if not part.holds
        ]
        said = f"The claim, saved on {self.claim.saved}: {self.claim.sentence}"
        return " ".join([self.standing.value, said, *failed, *self.moved, *self.remarks])

    def to_frame(self) -> pd.DataFrame:
        """One row for each statement: the policies, outcome and years, `difference_then` and `difference_now` in the
        outcome's unit, `same_numbers`, and `holds`, whether every condition does.
        """
        import pandas as pd

        rows = [
            {
                "new": item.comparison.new,
                "old": item.comparison.old,
                "outcome": item.statement.outcome,
                "years": "-".join(item.statement.years),
                "difference_then": item.statement.numbers["difference"],
                "difference_now": item.comparison.difference,
                "same_numbers": item.same_numbers,
                "holds": all(part.holds for part in item.conditions),
            }
            for item in self.statements
        ]
        return pd.DataFrame(rows)


@dataclass(frozen=True)
class RegisteredAnswer:
    """A registered analysis and its result: what is not as registered, and whether each question's rule is met."""

    registration: Registration
    result: Claim
    departures: Sequence[str]
    questions: Sequence[Sequence[CheckedCondition]]

    @property
    def supported(self) -> bool:
        """Whether every condition of every question holds."""
        return all(part.holds for parts in self.questions for part in parts)


@dataclass(frozen=True)
class Rerun:
    """The scenarios of a claim, run again."""

    scenarios: Sequence[Scenario]
    results: Sequence[Results]

    def compare(self, item: Statement | Question) -> tuple[Comparison, Floats]:
        """A comparison and its differences, future by future. Raises LookupError for an outcome that there is not."""
        new, old = self.results[item.new], self.results[item.old]
        comparison = compare_results(new, old, item.outcome, "-".join(item.years))
        return comparison, find_differences(new, old, comparison.outcome.name, comparison.years)


def run_again(kept: Claim | Registration, boards: Boards, progress: Progress | None = None) -> Rerun:
    """Run the scenarios of a claim or a registration, as they were saved, in futures drawn as theirs were.

    They are drawn from the posterior in use. Raises InputError where that, or the boards, are plainly others.
    """
    if boards.fingerprint != kept.boards.fingerprint and kept.boards.source != boards.source:
        raise InputError(
            f"this is about boards of its own, {kept.boards.source} (fingerprint {kept.boards.fingerprint}); name "
            "their file with --boards"
        )
    record = kept.futures
    if lacks := describe_missing_plugin("this", find_plugin_in(record.badge)):
        raise InputError(lacks)
    scenarios = [thaw_scenario(frozen) for frozen in kept.scenarios]
    futures = draw_futures(record.count, seed=record.seed, source=record.source, settings=record.settings)
    if record.posterior and not futures.posterior:
        files = " ".join(f"{option} {value}" for option, value in record.posterior)
        raise InputError(f"this draws from a posterior of its own; add: {files}")
    runs = run_many(scenarios, futures=futures, boards=boards, first_plan=record.first_plan, progress=progress)
    return Rerun(scenarios, runs)


def verify_claim(claim: Claim, boards: Boards, progress: Progress | None = None) -> Verification:
    """Run a claim again and say how it stands. Raises as `run_again`, and LookupError for outcomes that are no more."""
    return _judge(claim, run_again(claim, boards, progress))


def _judge(claim: Claim, rerun: Rerun) -> Verification:
    """How a claim stands, from its scenarios run again."""
    statements = [_check_statement(statement, rerun) for statement in claim.statements]
    same_runs = [hash_results(result) for result in rerun.results] == list(claim.digests)
    if not all(part.holds for item in statements for part in item.conditions):
        standing = Standing.NO_LONGER_TRUE
    elif same_runs and all(item.same_numbers for item in statements):
        standing = Standing.SAME_BITS
    else:
        standing = Standing.SAME_CLAIM
    same_bits = standing is Standing.SAME_BITS
    moved = [] if same_bits else list_what_moved(claim, rerun, same_runs)
    if same_runs and not same_bits and all(item.same_numbers for item in statements):
        moved = [NEVER_HELD]
    return Verification(claim, standing, statements, moved, _list_remarks(claim, statements, same_bits))


def _check_statement(statement: Statement, rerun: Rerun) -> CheckedStatement:
    comparison, differences = rerun.compare(statement)
    alone = statement.new == statement.old
    today = describe_level(rerun.results[statement.new], comparison) if alone else comparison.sentence
    conditions = check_conditions(statement.conditions, comparison, differences)
    return CheckedStatement(statement, comparison, conditions, today)


def check_conditions(
    conditions: Sequence[Condition], comparison: Comparison, differences: Floats
) -> Sequence[CheckedCondition]:
    """Conditions held against a comparison."""
    return [
        CheckedCondition(part, part.holds(comparison, differences), part.describe_finding(comparison, differences))
        for part in conditions
    ]


def list_what_moved(claim: Claim, rerun: Rerun, same_runs: bool) -> list[str]:
    """What differs from when a claim was saved, from fingerprints, a sentence each."""
    manifest = rerun.results[0].manifest
    if same_runs:
        return [OTHER_NUMBERS]
    moved = []
    if manifest.code != claim.software.code:
        then, now = claim.software.version, manifest.version
        versions = f" (version {then} then, {now} now)" if then != now else f" (both call themselves version {now})"
        moved.append(f"The rules of the model have changed{versions}.")
    if manifest.futures_fingerprint != claim.futures.fingerprint:
        moved.append(describe_parameters(claim.futures.badge, manifest.badge))
    if manifest.boards_fingerprint != claim.boards.fingerprint:
        moved.append("The table of boards has changed.")
    for frozen, scenario in zip(claim.scenarios, rerun.scenarios, strict=True):
        if scenario.fingerprint != frozen.fingerprint:
            moved.append(f"“{frozen.title}” cannot be set as it was: levers, or their bounds, have changed.")
    if not moved:
        there = asdict(claim.software)
        here = asdict(record_software(manifest))
        differ = [
            f"{name} {there[name]} then, {here[name]} now"
            for name in ("python", "numpy", "numba", "system")
            if there[name] != here[name]
        ]
        moved.append(
            "Rules, parameters, boards and scenarios are those of the claim. So this computer calculates in another "
            f"way ({'; '.join(differ) or 'with the same libraries'}), or the saved numbers are not those that were "
            "found; ringfence doctor says which."
        )
    return moved


def _list_remarks(claim: Claim, statements: Sequence[CheckedStatement], same_bits: bool) -> list[str]:
    remarks = [remark for frozen in claim.scenarios if (remark := _describe_scenario_today(frozen))]
    for item in statements:
        if same_bits and item.today != item.statement.sentence:
            remarks.append(f"This version says it in other words: {item.today}")
    return remarks


def _describe_scenario_today(frozen: FrozenScenario) -> str:
    """What a reader must know of a scenario that the library holds too, or whose text is not what was run; or ""."""
    if frozen.name in library() and load_scenario(frozen.name).fingerprint != frozen.fingerprint:
        return (
            f"The library's scenario “{frozen.name}” is no longer the one of this claim, which was run as it was saved."
        )
    try:
        text = parse_scenario(frozen.file, "scenario").fingerprint
    except InputError:
        text = ""
    if text != thaw_scenario(frozen).fingerprint:
        return f"The file of “{frozen.title}” inside the claim is not what was run; the levers beside it are."
    return ""


def hash_registration(registration: Registration) -> str:
    """The digest in the file of a registration."""
    graph = make_document(registration)["@graph"]
    assert isinstance(graph, list)
    return str(next(entity[DIGEST] for entity in graph if DIGEST in entity))


def answer_registration(
    registration: Registration, boards: Boards, today: str, progress: Progress | None = None
) -> RegisteredAnswer:
    """Run a registered analysis as it was registered, and hold it against the registration."""
    rerun = run_again(_await_data(registration), boards, progress)
    pairs = [
        ComparedPair(rerun.compare(question)[0], question.new, question.old) for question in registration.questions
    ]
    digest = hash_registration(registration)
    result = make_claim(pairs, rerun.scenarios, rerun.results, today, registration=digest)
    return _hold_against(registration, result, rerun)


def check_registration(
    registration: Registration, result: Claim, boards: Boards, progress: Progress | None = None
) -> tuple[RegisteredAnswer, Verification]:
    """Hold a saved result against a registration, and run it again."""
    rerun = run_again(result, boards, progress)
    return _hold_against(registration, result, rerun), _judge(result, rerun)


def _hold_against(registration: Registration, result: Claim, rerun: Rerun) -> RegisteredAnswer:
    departures = list_departures(registration, result)
    if result.registration and result.registration != hash_registration(registration):
        departures.append("The result names another registration as its own.")
    places = {scenario.fingerprint: k for k, scenario in enumerate(result.scenarios)}
    questions = []
    for question in registration.questions:
        new, old = (registration.scenarios[k].fingerprint for k in (question.new, question.old))
        if new in places and old in places:
            asked = Question(places[new], places[old], question.outcome, question.years, question.conditions)
            questions.append(check_conditions(question.conditions, *rerun.compare(asked)))
        else:
            questions.append([CheckedCondition(part, False, "it was not answered") for part in question.conditions])
    return RegisteredAnswer(registration, result, departures, questions)


def _await_data(registration: Registration) -> Registration:
    """Refuse to answer before the data are there: what was registered is the answer with them."""
    from simulator.runs.posterior import current_posterior

    if registration.awaits and not current_posterior().options:
        raise InputError(
            f"this registration awaits data ({registration.awaits}); give them as a file of evidence: --with FILE"
        )
    return registration


def describe_futures(record: FuturesRecord) -> str:
    """Futures in a few words."""
    return f"{record.count:,} futures, seed {record.seed}; {record.badge}"


def describe_parameters(then: str, now: str) -> str:
    """That the parameters have changed, and what they were and are based on."""
    if then == now:
        return f"The parameters have changed, though both say of themselves: {now}."
    return f"The parameters have changed; then: {then}; now: {now}."
