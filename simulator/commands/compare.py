"""`ringfence compare`: scenarios against another in the same futures, in a table and in sentences.

With `--until`, futures are added until the difference between two scenarios is known well enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.commands.shared import options, running
from simulator.commands.shared.answer_parts import (
    describe_boards,
    describe_range,
    describe_span,
    document_outcome,
    make_provenance_columns,
    outcome_columns,
)
from simulator.commands.shared.claim_file import ClaimOptions
from simulator.commands.shared.console import Bar
from simulator.commands.shared.examined import (
    COUNTS,
    INTERVALS,
    document_differences,
    document_examined,
    document_weights,
    examined_columns,
    head_levels,
    show_examined,
    table_line,
    write_levels,
)
from simulator.commands.shared.inputs import move_in_time, read_boards, read_scenarios, say_remarks
from simulator.commands.shared.option_groups import AnswerOptions, spread_groups
from simulator.commands.shared.posterior_options import PosteriorOptions
from simulator.commands.shared.rendering import Answer, Row, check_out, deliver, show_table, show_text
from simulator.commands.shared.workbook_file import WorkbookFile, write_workbook
from simulator.common.errors import InputError
from simulator.common.pinned_names import pin_name
from simulator.scenarios.headline import HEADLINE

if TYPE_CHECKING:
    from simulator.boards.table import Boards
    from simulator.calibration.structure_weights import StructureWeights
    from simulator.declarations.outcomes import Outcome
    from simulator.experiments.core.paired_comparison import Comparison
    from simulator.experiments.decision.sequential_comparison import SequentialComparison
    from simulator.runs.recipe import Recipe
    from simulator.runs.results import Results
    from simulator.scenarios.scenario import Scenario
    from simulator.studies.examined_comparison import ExaminedComparison
    from simulator.studies.future_differences import FutureDifferences

FIRST_LOOK = 200
MOST_FUTURES = 20_000

Until = Annotated[
    float | None,
    options.text_option(
        "--until",
        "HALF-WIDTH",
        "Add futures until more could move the difference by no more than this (0.01 is a point), or its sign settles.",
    ),
]
Precise = Annotated[bool, typer.Option("--precise", help="With --until: do not stop just because the sign is settled.")]
Most = Annotated[int, typer.Option("--most", min=10, max=options.MOST, help="With --until: the most futures to run.")]


@spread_groups
def compare(  # noqa: PLR0913 - one argument an option
    scenarios: options.ScenarioNames = None,
    against: options.Against = "baseline",
    outcome: options.Outcome = "retained",
    years: options.Years = None,
    n: options.FutureCount = options.DEFAULT_N,
    seed: options.Seed = options.SEED,
    start: options.MovedTo = None,
    boards: options.BoardsFile = None,
    until: Until = None,
    precise: Precise = False,
    most: Most = MOST_FUTURES,
    structure_weights: options.StructureWeightsFile = None,
    expect: options.Expect = None,
    xlsx: WorkbookFile = None,
    *,
    claim: ClaimOptions,
    posterior: PosteriorOptions,
    output: AnswerOptions,
) -> None:
    """Compare scenarios in the same futures.

    Each future has its own parameters and random numbers, which all scenarios share, so a difference is due to policy.
    """
    form, out = output.check()
    book, claim_path = check_out(xlsx, (".xlsx",)), claim.check()
    table = read_boards(boards)
    for option, path in (("--xlsx", book), ("--claim", claim_path)):
        if until is not None and path is not None:
            raise InputError(f"{option} does not go with --until; give the number of futures that it found with -n")
    if until is None and (precise or most != MOST_FUTURES):
        raise InputError("--most and --precise go with --until; a given number of futures is -n")
    if until is not None and structure_weights is not None:
        raise InputError("--structure-weights does not go with --until, which runs the default structure alone")
    if until is None:
        compared = compare_scenarios(
            scenarios, against, outcome, years, n, seed, start, table, read_weights(structure_weights)
        )
        compared.recipe.check(expect, compared.marks)
        if book is not None:
            runs = (compared.against, *compared.results)
            write_workbook((compared.other, *compared.scenarios), runs, compared.recipe, compared.command, book)
        if claim_path is not None:
            everything = (compared.other, *compared.scenarios), (compared.against, *compared.results)
            claim.save(claim_path, *everything, compared.comparisons)
        answer = make_answer(compared)
    else:
        plan = SequentialPlan(until, most if n == options.DEFAULT_N else None, not precise)
        sequential = compare_until(scenarios, against, plan, outcome, years, seed, start, table)
        sequential.recipe.check(expect, sequential.settings)
        answer = make_sequential_answer(sequential)
    deliver(answer, form, out, output.crate)


# A given number of futures.


@dataclass(frozen=True)
class ComparedScenarios:
    """Scenarios with their results and their comparison with one other.

    `examined` says what stands behind each comparison, and `between` does for every pair of the scenarios, the later
    against the earlier. `weights` are those of structures, None for the ones that ship.
    """

    scenarios: Sequence[Scenario]
    results: Sequence[Results]
    comparisons: Sequence[Comparison]
    against: Results
    other: Scenario
    recipe: Recipe
    examined: Sequence[ExaminedComparison] = ()
    between: Sequence[ExaminedComparison] = ()
    weights: StructureWeights | None = None

    @property
    def marks(self) -> tuple[str, ...]:
        """What decides the answer beside the futures: weights of structures of one's own."""
        return () if self.weights is None else (self.weights.fingerprint,)

    @property
    def command(self) -> str:
        """The command for the same comparison."""
        if self.weights is None:
            return self.recipe.compare
        file = pin_name(self.weights.source, self.weights.fingerprint)
        return self.recipe.compare_with([("--structure-weights", file)], self.marks)


def compare_scenarios(
    names: Sequence[str] | None,
    against: str = "baseline",
    outcome: str = "retained",
    years: str | None = None,
    n: int = options.DEFAULT_N,
    seed: int = options.SEED,
    start: str | None = None,
    boards: Boards | None = None,
    weights: StructureWeights | None = None,
) -> ComparedScenarios:
    """Run scenarios and the one they are compared with over the same years of the same futures.

    `weights` are those of structures, if not the ones that ship. Conflicts and warnings go to stderr. Raises ValueError
    and LookupError for what cannot be used.
    """
    wanted = list(dict.fromkeys(names or HEADLINE))
    *named, base = read_scenarios([*(name for name in wanted if name != against), against])
    if against in wanted:
        named.insert(wanted.index(against), base)
    *scenarios, other = move_in_time([*named, base], start)

    from simulator.declarations.calendar import parse_years
    from simulator.runs.futures import draw_futures
    from simulator.runs.recipe import Recipe
    from simulator.runs.results import find_outcome
    from simulator.runs.run import compare_results, find_common_span
    from simulator.studies.examined_comparison import examine_all, run_repeated
    from simulator.studies.structural_average import run_structures

    find_outcome(outcome)
    span = parse_years(years) if years else None
    say_remarks([*scenarios, other], span)
    table = boards or read_boards(None)
    futures = draw_futures(n, seed=seed)
    *results, old = running.run_scenarios([*scenarios, other], futures, table)
    chosen = old.span(span) if span else find_common_span([*results, old])
    manifests = tuple(result.manifest for result in (old, *results))
    recipe = Recipe(tuple(named), table, manifests, base, outcome, years or "", start or "")
    comparisons = [compare_results(new, old, outcome, chosen) for new in results]
    with Bar("other structures") as bar:
        structural = run_structures([other, *scenarios], n, seed=seed, boards=table, weights=weights, progress=bar)
        repeated = run_repeated([other, *scenarios], futures, table)
    examined, between = examine_all([old, *results], comparisons, chosen, structural, repeated)
    return ComparedScenarios(scenarios, results, comparisons, old, other, recipe, examined, between, weights)


def read_weights(file: str | None) -> StructureWeights | None:
    """The weights of structures in a file; None unless one is named. Raises ScenarioError with all mistakes."""
    if file is None:
        return None
    from simulator.calibration.structure_weights import read_structure_weights

    return read_structure_weights(file)


def make_answer(compared: ComparedScenarios) -> Answer:
    """A comparison in all its forms."""
    first, command = compared.comparisons[0], compared.command
    triples = list(zip(compared.scenarios, compared.results, compared.comparisons, strict=True))
    document = {
        "badge": first.badge,
        "outcome": document_outcome(first.outcome),
        "years": first.years,
        "against": {"mean": first.old_mean, "manifest": asdict(compared.against.manifest)},
        "command": command,
        "comparisons": [
            {**_comparison_document(*triple), **document_examined(examined)}
            for triple, examined in zip(triples, compared.examined, strict=True)
        ],
        "between": [
            {
                "title": pair.comparison.new,
                "against": pair.comparison.old,
                **document_differences(pair.comparison),
                "sentence": pair.comparison.sentence,
                **document_examined(pair),
            }
            for pair in compared.between
        ],
        "structures": document_weights(compared.weights),
    }
    rows = [
        _comparison_row(new, compared.against, comparison, command) | examined_columns(examined)
        for (_, new, comparison), examined in zip(triples, compared.examined, strict=True)
    ]
    return Answer(document, rows, lambda: show(compared))


def _comparison_document(scenario: Scenario, result: Results, comparison: Comparison) -> dict[str, object]:
    return {
        "scenario": scenario.name,
        "title": comparison.new,
        "mean": comparison.new_mean,
        **document_differences(comparison),
        "sentence": comparison.sentence,
        "conflicts": scenario.conflicts,
        "warnings": scenario.warnings,
        "manifest": asdict(result.manifest),
    }


def _comparison_row(new: Results, old: Results, comparison: Comparison, command: str) -> Row:
    ends = {name: getattr(comparison, kind)[i] for kind, pair in INTERVALS.items() for i, name in enumerate(pair)}
    return {
        "scenario": new.manifest.scenario,
        "title": comparison.new,
        "against": old.manifest.scenario,
        **outcome_columns(comparison.outcome, comparison.years),
        "mean": comparison.new_mean,
        "against_mean": comparison.old_mean,
        "difference": comparison.difference,
        **ends,
        **{name: getattr(comparison, name) for name in COUNTS},
        **make_provenance_columns(new.manifest, command),
        "against_fingerprint": old.manifest.scenario_fingerprint,
    }


def show(compared: ComparedScenarios) -> None:
    """Print the table, the sentences and the badge."""
    from simulator.common.formatting import number_of
    from simulator.experiments.core.verdicts import DEFINITIONS

    first, manifest = compared.comparisons[0], compared.against.manifest
    outcome = first.outcome
    show_text(f"{outcome.label}: {outcome.meaning}, {describe_span(*first.years)}")
    where = f"{number_of(manifest.futures, 'future')} of {describe_boards(manifest)}, seed {manifest.seed}"
    show_text(f"{where}; each policy is run in the same futures as {first.old}")
    show_text()
    heading, (old_level, *levels) = head_levels(outcome), write_levels(compared.comparisons)
    lines = zip(compared.comparisons, levels, strict=True)
    table = [table_line(comparison, heading, level) for comparison, level in lines]
    last_line = {**dict.fromkeys(table[0], ""), "Policy": first.old, heading: old_level}
    show_table([*table, last_line], [name for name in table[0] if name not in ("Policy", "Verdict")])
    show_text()
    for comparison in compared.comparisons:
        show_text(comparison.sentence)
        if comparison.undefined:
            left_out = number_of(comparison.undefined, "other future")
            show_text(f"In {left_out} “{outcome.label}” is not defined, for there is nothing to take a share of.")
    for item in compared.examined if compared.weights is not None else ():
        if item.averaged is not None:  # whoever weighs structures is answered by the average, so it stands at the top
            show_text(item.averaged.sentence)
    show_text()
    show_examined(compared.examined, compared.between)
    show_text(DEFINITIONS)
    show_text(_error_note(first))
    show_text()
    show_text(f"{first.badge[0].upper()}{first.badge[1:]}.")


def _error_note(comparison: Comparison) -> str:
    """What the error counts."""
    if comparison.sets >= comparison.n or comparison.sets < 2:
        return "What more futures could move shrinks as more are run."
    shared = (
        f"these {comparison.n:,} share {comparison.sets:,} versions of the model (parameter sets), and "
        "futures of one version count together"
    )
    return f"What more futures could move shrinks as more are run; {shared}."


# As many futures as it takes.


@dataclass(frozen=True)
class SequentialPlan:
    """When to stop. `most` futures are the most; None where a fixed number was asked for."""

    half_width: float
    most: int | None = MOST_FUTURES
    sign_is_enough: bool = True


@dataclass(frozen=True)
class SequentialAnswer:
    """A comparison that found its own number of futures, what it compared, and how to make it again."""

    comparison: SequentialComparison
    outcome: Outcome
    scenarios: tuple[Scenario, Scenario]
    differences: FutureDifferences
    plan: SequentialPlan
    recipe: Recipe

    @property
    def badge(self) -> str:
        """What stands beside the answer, with a remark where the draws of the parameters were used again."""
        badge, sets = self.differences.manifests[0].badge, self.comparison.sets
        if sets >= self.comparison.n:
            return badge
        return (
            f"{badge}; they share {sets:,} versions of the model (parameter sets), and futures of one version "
            "count together"
        )

    @property
    def settings(self) -> tuple[str, ...]:
        """What decides the answer beside the futures: when it stopped."""
        return (repr(self.plan.half_width), str(self.plan.most), str(self.plan.sign_is_enough), str(self.comparison.n))

    @property
    def command(self) -> str:
        """The command for the same comparison."""
        flags: list[tuple[str, object]] = [("--until", self.plan.half_width), ("--most", self.plan.most)]
        flags += [] if self.plan.sign_is_enough else [("--precise", True)]
        return self.recipe.compare_until([*flags, ("--expect", self.recipe.fingerprint(self.settings))])


def compare_until(
    names: Sequence[str] | None,
    against: str,
    plan: SequentialPlan,
    outcome: str = "retained",
    years: str | None = None,
    seed: int = options.SEED,
    start: str | None = None,
    boards: Boards | None = None,
) -> SequentialAnswer:
    """Compare one scenario with another until the difference is known.

    Raises InputError for several scenarios, for one with itself and for a fixed number of futures.
    """
    from simulator.common.units import Unit
    from simulator.declarations.calendar import parse_years
    from simulator.experiments.decision.sequential_comparison import ComparedPair, compare_sequentially
    from simulator.experiments.stats.confidence_sequences import LookSchedule
    from simulator.runs.posterior import count_distinct_sets
    from simulator.runs.recipe import Recipe
    from simulator.runs.results import find_outcome
    from simulator.studies.future_differences import FutureDifferences

    if plan.most is None:
        raise InputError("--until finds the number of futures; give --most for the largest number, and no -n")
    if not names or len(names) > 1:
        raise InputError("--until compares one scenario with another; name one scenario")
    if names == [against]:
        raise InputError(f"'{against}' would be compared with itself; name another with --against")
    named = read_scenarios([*names, against])
    new, old = move_in_time(named, start)
    declared = find_outcome(outcome)
    if declared.unit is Unit.SHARE and plan.half_width >= 1:
        raise InputError(f"a half-width of {plan.half_width:g} is no share; write 1 point as 0.01 or 1%")
    say_remarks((new, old), parse_years(years) if years else None)
    pair = ComparedPair(
        f"“{new.title}”", f"“{old.title}”", f"“{declared.label}”", declared.change_unit, declared.better, "futures"
    )
    differences = FutureDifferences(new, old, outcome, years, seed, boards)
    running.say_if_cold()
    with Bar(f"up to {plan.most:,} futures") as bar:
        comparison = compare_sequentially(
            differences,
            plan.half_width,
            plan=LookSchedule(first=min(FIRST_LOOK, plan.most), most=plan.most),
            sign_is_enough=plan.sign_is_enough,
            pair=pair,
            progress=bar,
            sets=differences.sets,
            supply=count_distinct_sets(),
        )
    table, (first, base) = boards or read_boards(None), named
    recipe = Recipe((first,), table, differences.manifests[::-1], base, outcome, years or "", start or "")
    return SequentialAnswer(comparison, declared, (new, old), differences, plan, recipe)


def make_sequential_answer(answer: SequentialAnswer) -> Answer:
    """A comparison that found its own number of futures, in all its forms."""
    comparison = answer.comparison
    document: dict[str, object] = {
        "badge": answer.badge,
        "sentence": comparison.sentence,
        "stopped": comparison.stopped.value,
        "futures": comparison.n,
        "failed": comparison.failed,
        "asked_half_width": comparison.asked,
        "outcome": document_outcome(answer.outcome),
        "years": answer.differences.years,
        "difference": comparison.difference,
        "interval": comparison.interval,
        "confidence": comparison.plan.confidence,
        "settled": comparison.settled,
        "better": comparison.better,
        "same": comparison.same,
        "worse": comparison.worse,
        "probability_better": comparison.probability_better,
        "probability_better_interval": comparison.probability_better_interval,
        "most": comparison.plan.most,
        "looks": [vars(look) for look in comparison.looks],
        "command": answer.command,
        "manifests": [asdict(manifest) for manifest in answer.differences.manifests],
    }
    return Answer(document, _look_rows(answer), lambda: _show_sequential(answer))


def _look_rows(answer: SequentialAnswer) -> list[Row]:
    """One row for each look."""
    new, old = answer.scenarios
    common = {
        "scenario": new.name,
        "against": old.name,
        **outcome_columns(answer.outcome, answer.differences.years),
        "asked_half_width": answer.comparison.asked,
        "stopped": answer.comparison.stopped.value,
        "badge": answer.badge,
        "seed": answer.differences.seed,
        "command": answer.command,
    }
    return [{**vars(look), **common} for look in answer.comparison.looks]


def _show_sequential(answer: SequentialAnswer) -> None:
    """Print the sentence, the looks, and how they were made."""
    comparison, outcome, manifest = answer.comparison, answer.outcome, answer.differences.manifests[0]
    show_text(comparison.sentence)
    show_text()
    table = [
        {
            "Futures": f"{look.n:,}",
            "Mean difference": comparison.format_difference(look.mean),
            "95% interval at every look": describe_range(
                comparison.format_difference(look.low), comparison.format_difference(look.high)
            ),
        }
        for look in comparison.looks
    ]
    show_table(table, tuple(table[0]))
    show_text()
    show_text(f"{outcome.label}: {outcome.meaning}, {describe_span(*answer.differences.years)}.")
    show_text(
        "The interval holds at all looks together, so that stopping as soon as it is narrow is honest. It is about the "
        "mean; how far futures differ from one another, which no number of them narrows, is what compare without "
        "--until shows."
    )
    show_text(f"{comparison.n:,} futures of {describe_boards(manifest)}, seed {manifest.seed}; {answer.badge}.")
