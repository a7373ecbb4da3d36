"""A claim: sentences that comparisons gave, the conditions under which they hold, and all that they were made of."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, fields

import numpy as np

from simulator.claims.condition import Condition, derive_conditions, parse_condition
from simulator.claims.frozen_scenario import FrozenScenario, freeze_scenario
from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.common.formatting import format_level
from simulator.common.ranges import YearSpan
from simulator.common.representation import short_repr
from simulator.experiments.core.clustered_errors import Z_95, standard_error
from simulator.experiments.core.model_protocol import ROUNDING
from simulator.experiments.core.paired_comparison import Comparison
from simulator.runs.manifest import Manifest, Software
from simulator.runs.results import Results, find_outcome
from simulator.scenarios.scenario import Scenario

NUMBERS = ("new_mean", "old_mean", "difference", "standard_error", "better", "same", "worse", "n", "undefined")
"""What a claim keeps of a comparison, by the names of its attributes."""


class ClaimError(InputError):
    """A file that is no claim or registration, or was changed since it was saved."""


@dataclass(frozen=True)
class FuturesRecord:
    """The futures: how they are drawn again, and their fingerprint.

    `posterior` are the options that name a posterior other than the one that ships.
    """

    count: int
    seed: int
    source: str
    settings: dict[str, float]
    fingerprint: str
    badge: str
    posterior: Sequence[tuple[str, str]] = ()
    first_plan: int = 1


@dataclass(frozen=True)
class BoardsRecord:
    """The table of boards, by name and fingerprint."""

    source: str
    fingerprint: str


@dataclass(frozen=True)
class Statement:
    """One comparison: scenario `new` against `old` (numbers of the claim's scenarios), and what holds of it.

    Where both are the same scenario, the statement is about its level.
    """

    new: int
    old: int
    outcome: str
    years: YearSpan
    sentence: str
    numbers: dict[str, float]
    conditions: Sequence[Condition]


@short_repr
@dataclass(frozen=True)
class Claim:
    """Sentences with everything that they hang on. `digests` are the SHA-256 of each scenario's results.

    `shown` is what a page said in other words, where the claim was saved from one; `registration` the digest of the
    registration that it answers, "" if there is none.
    """

    statements: Sequence[Statement]
    scenarios: Sequence[FrozenScenario]
    digests: Sequence[str]
    futures: FuturesRecord
    boards: BoardsRecord
    software: Software
    saved: str
    shown: str = ""
    registration: str = ""
    sentence: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sentence", " ".join(statement.sentence for statement in self.statements))


@dataclass(frozen=True)
class ComparedPair:
    """A comparison with its results, the numbers of its scenarios, and conditions in words; none: those it implies."""

    comparison: Comparison
    new: int
    old: int
    that: Sequence[str] = ()


def make_claim(
    pairs: Sequence[ComparedPair],
    scenarios: Sequence[Scenario],
    results: Sequence[Results],
    today: str,
    *,
    shown: str = "",
    registration: str = "",
) -> Claim:
    """A claim of comparisons between results, one for each scenario. `today` is the date, such as 2026-11-29.

    Raises InputError for a condition that does not hold, and for futures that cannot be drawn again.
    """
    manifest = results[0].manifest
    _check_futures(results[0])
    statements = [_make_statement(pair, results) for pair in pairs]
    return Claim(
        statements,
        [freeze_scenario(scenario) for scenario in scenarios],
        [hash_results(result) for result in results],
        *record_run(manifest),
        today,
        shown,
        registration,
    )


def _check_futures(results: Results) -> None:
    futures = results.futures
    if futures is None or futures.source == "given" or not np.array_equal(futures.runs, np.arange(len(futures))):
        raise InputError(
            "a claim names its futures by seed and number, and these have parameters of your own or are a part of a "
            "run; compare with n=... and seed=..., then save the claim"
        )


def _make_statement(pair: ComparedPair, results: Sequence[Results]) -> Statement:
    comparison, alone = pair.comparison, pair.new == pair.old
    unit = comparison.outcome.unit
    conditions: Sequence[Condition] = [parse_condition(text, unit) for text in pair.that]
    if alone and any(condition.quantity != "level" for condition in conditions):
        raise InputError("a claim of one scenario is about its level, such as “level above 80%”")
    if not conditions:
        conditions = _derive_level(results[pair.new], comparison) if alone else derive_conditions(comparison)
    differences = find_differences(results[pair.new], results[pair.old], comparison.outcome.name, comparison.years)
    for condition in conditions:
        if not condition.holds(comparison, differences):
            found = condition.describe_finding(comparison, differences)
            of = f"“{comparison.new}”" if alone else f"“{comparison.new}” against “{comparison.old}”"
            raise InputError(f"“{condition.text}” does not hold of {of}, so it cannot be claimed: {found}")
    numbers = {name: float(getattr(comparison, name)) for name in NUMBERS}
    sentence = describe_level(results[pair.new], comparison) if alone else comparison.sentence
    return Statement(pair.new, pair.old, comparison.outcome.name, comparison.years, sentence, numbers, conditions)


def describe_level(results: Results, comparison: Comparison) -> str:
    """The level of one scenario in a sentence. `comparison` is of the scenario with itself."""
    values, about = _list_levels(results, comparison), comparison.outcome
    low, high = (format_level(float(value), about.unit) for value in np.quantile(values, (0.1, 0.9)))
    first, last = comparison.years
    return (
        f"Under “{results.manifest.title}”, “{about.label}” is {format_level(comparison.new_mean, about.unit)} on "
        f"average from {first} to {last}; 8 in 10 futures lie between {low} and {high}."
    )


def _derive_level(results: Results, comparison: Comparison) -> Sequence[Condition]:
    """That the level stays within the 95% interval that the number of futures leaves."""
    values = results.outcome(comparison.outcome.name, "-".join(comparison.years))
    defined = np.isfinite(values)
    sets = None if results.sets is None else results.sets[defined]
    margin = max(Z_95 * standard_error(values[defined], sets), ROUNDING)
    if not np.isfinite(margin):
        raise InputError(f"“{results.manifest.title}” has too few futures for a claim of its level; ask for at least 2")
    return (
        Condition("level", "above", comparison.new_mean - margin),
        Condition("level", "below", comparison.new_mean + margin),
    )


def _list_levels(results: Results, comparison: Comparison) -> Floats:
    """The outcome, averaged over the years, in the futures in which it is defined: (futures,)."""
    values = results.outcome(comparison.outcome.name, "-".join(comparison.years))
    return np.asarray(values[np.isfinite(values)])


def find_differences(new: Results, old: Results, outcome: str, years: tuple[str, str]) -> Floats:
    """New less old, future by future, where the outcome is defined under both: shape (futures,)."""
    span = new.span("-".join(years))
    difference = find_outcome(outcome).of(new.nation[:, span]) - find_outcome(outcome).of(old.nation[:, span])
    difference = difference[np.isfinite(difference)]
    difference[abs(difference) <= ROUNDING] = 0.0
    return np.asarray(difference)


def hash_results(results: Results) -> str:
    """SHA-256 of the national values of results: future by future, year by year, each as a 64-bit number, lowest byte
    first.
    """
    values = np.ascontiguousarray(results.nation).view("f8").astype("<f8")
    return hashlib.sha256(values.tobytes()).hexdigest()


def record_run(manifest: Manifest) -> tuple[FuturesRecord, BoardsRecord, Software]:
    """The futures and the boards of a run, and what ran."""
    futures = FuturesRecord(
        manifest.futures,
        manifest.seed,
        manifest.source,
        dict(manifest.settings),
        manifest.futures_fingerprint,
        manifest.badge,
        manifest.posterior,
        manifest.first_plan,
    )
    return futures, BoardsRecord(manifest.boards, manifest.boards_fingerprint), record_software(manifest)


def record_software(manifest: Manifest) -> Software:
    """What ran."""
    return Software(**{part.name: getattr(manifest, part.name) for part in fields(Software)})


def to_plain(value: object, write_seed: Callable[[int], str] = str) -> object:
    """A claim, or a part of it, as JSON holds it. Seeds are texts, for JavaScript rounds numbers beyond 2^53."""
    plain = asdict(value)  # type: ignore[call-overload]
    if "futures" in plain:
        plain["futures"]["seed"] = write_seed(plain["futures"]["seed"])
    return plain
