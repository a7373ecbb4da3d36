"""What the commands about factors share: which factors vary, for which outcome, and runs that show what they do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.commands.shared.answer_parts import OutcomeColumns, describe_span, outcome_columns, repeat_command
from simulator.commands.shared.console import Bar
from simulator.commands.shared.inputs import read_boards, read_scenario, say_if_levers_are_late, say_remarks
from simulator.commands.shared.options import LEVERS_FROM, Source
from simulator.commands.shared.rendering import Row
from simulator.commands.shared.samples import check_draws
from simulator.common.errors import InputError

if TYPE_CHECKING:
    from simulator.common.units import Unit
    from simulator.experiments.core.model_protocol import Factor, Floats, ModelProtocol
    from simulator.experiments.core.sweep import SweepDesign, SweepTable
    from simulator.experiments.sensitivity.given_data import GivenData
    from simulator.studies.model_function import ModelFunction

AT_ONCE = 8_192
"""Futures between two steps of the progress bar: memory holds so many points."""

CHANCE_DRAWS, CHANCE_REPLICATES = 250, 4
SHOWN = 15


class QuestionDocument(OutcomeColumns):
    """A question about factors, for programs; `against` is None where a level is asked about."""

    scenario: str
    scenario_fingerprint: str
    against: str | None
    against_fingerprint: str | None
    source: str
    seed: int


@dataclass(frozen=True, eq=False)
class FactorQuestion:
    """Factors that vary, and the outcome they move: under `new`, or with `old` the difference between the two.

    `named` says whether the user chose the factors. `differing` are the levers in which the two scenarios differ.
    """

    new: ModelFunction
    old: ModelFunction | None
    differing: frozenset[str]
    factors: tuple[Factor, ...]
    named: bool
    source: Source
    seed: int

    @property
    def outcome(self) -> str:
        return self.new.outcomes[0]

    @property
    def unit(self) -> Unit:
        from simulator.runs.results import find_outcome

        return find_outcome(self.outcome).unit

    @property
    def label(self) -> str:
        """The outcome as sentences name it."""
        names = f"{self.new.policy.name} less {self.old.policy.name}" if self.old else f"under {self.new.policy.name}"
        return f"{self.outcome}, {names}"

    @property
    def simulate(self) -> ModelProtocol:
        """Single runs of the outcome, or of the difference."""
        from simulator.experiments.core.paired_difference import PairedDifference

        return PairedDifference(self.new, self.old, self.differing) if self.old else self.new

    @property
    def is_posterior(self) -> bool:
        return self.source is Source.POSTERIOR

    @property
    def years(self) -> tuple[str, str]:
        """First and last year of the outcome."""
        from simulator.declarations.calendar import QUARTERS, year_name

        span = range(QUARTERS // 4)[self.new.span]
        return year_name(span[0]), year_name(span[-1])

    @property
    def setting(self) -> str:
        """What is held while factors vary, in words."""
        from simulator.declarations.levers import LEVERS

        held = (
            "Parameters that are not named are drawn from the posterior too."
            if self.is_posterior
            else "Parameters that are not named keep their defaults."
        )
        levers = [factor.name for factor in self.factors if factor.name in LEVERS]
        own = [name for name in levers if name in self.differing]
        text = f"Years: {describe_span(*self.years)}. {held if self.named else ''}".strip()
        if levers:
            text += f" Levers are set from {self.new.start} on"
            text += f" ({', '.join(own)} under {self.new.policy.name} only)." if own and self.old else "."
        return text

    @property
    def document(self) -> QuestionDocument:
        """The question, for programs."""
        from simulator.runs.results import find_outcome

        old = self.old.policy if self.old else None
        return {
            "scenario": self.new.policy.name,
            "scenario_fingerprint": self.new.policy.fingerprint,
            "against": old.name if old else None,
            "against_fingerprint": old.fingerprint if old else None,
            **outcome_columns(find_outcome(self.outcome), self.years),
            "source": self.source.value,
            "seed": self.seed,
        }

    def repeat(self, command: str, options: Sequence[tuple[str, object]]) -> str:
        """The command line that asks the same question again."""
        over = ",".join(factor.name for factor in self.factors) if self.named else None
        shared = [
            ("--against", self.old.policy if self.old else None),
            ("--outcome", self.outcome),
            ("--over", over),
            ("--source", self.source.value),
            ("--years", self.new.years),
            ("--seed", self.seed),
        ]
        return repeat_command(command, [self.new.policy], [*options, *shared], self.new.areas)


def read_question(
    scenario: str,
    against: str | None,
    outcome: str,
    years: str | None,
    over: Sequence[str] | None,
    source: Source,
    seed: int,
    boards: Path | None = None,
) -> FactorQuestion:
    """The question that options ask. Conflicts of scenarios go to stderr. Raises LookupError, ValueError."""
    from simulator.studies.model_function import ModelFunction, list_factors, list_parameter_factors

    if source is Source.DEFAULT:
        raise InputError("under one default set of parameters nothing varies; ask for posterior or prior")
    names = list(dict.fromkeys(name for text in over or () for name in text.replace(",", " ").split()))
    if over and not names:
        raise InputError("--over names no parameter and no lever")
    factors = list_factors(names) if names else list_parameter_factors()
    areas = read_boards(boards)
    new = ModelFunction(read_scenario(scenario), (outcome,), LEVERS_FROM, years, areas)
    old = replace(new, policy=read_scenario(against)) if against else None
    say_remarks([model.policy for model in (new, old) if model], new.span)
    say_if_levers_are_late(new, [factor.name for factor in factors])
    differing = frozenset(new.policy.differs_from(old.policy)) if old else frozenset()
    return FactorQuestion(new, old, differing, factors, bool(names), source, seed)


def run_rows(question: FactorQuestion, design: SweepDesign, replicates: int, label: str) -> Floats:
    """The outcome of every row of a design, each averaged over replicates: (rows,)."""
    return _run_design(question, design, replicates, label).column(question.outcome)


def _run_design(question: FactorQuestion, design: SweepDesign, replicates: int, label: str) -> SweepTable:
    from simulator.experiments.core.replicate_average import ReplicateAverage
    from simulator.experiments.core.sweep import collect_tables, sweep

    with Bar(f"{len(design) * replicates:,} futures for {label}") as bar:
        averaged = ReplicateAverage(question.simulate, replicates)
        return collect_tables(sweep(averaged, design, chunk=max(1, AT_ONCE // replicates), progress=bar))


def run_sample(question: FactorQuestion, n: int, replicates: int, label: str) -> GivenData:
    """`n` draws of the factors with the outcome of each, averaged over replicates. Raises InputError, ValueError."""
    from simulator.experiments.core.clustered_errors import label_parameter_sets
    from simulator.experiments.core.sweep import ListedDesign, make_fresh_seeds
    from simulator.experiments.sensitivity.given_data import make_given_data

    check_draws(n, question.source)
    draws = _draw_factors(question, n)
    table = _run_design(question, ListedDesign(draws, make_fresh_seeds(n, question.seed)), replicates, label)
    columns = {factor.name: table.points[factor.name] for factor in question.factors}
    return make_given_data(columns, table.column(question.outcome), question.label, sets=label_parameter_sets(draws))


def _draw_factors(question: FactorQuestion, n: int) -> Mapping[str, Floats]:
    """`n` draws as columns (n,): from the priors; or from the posterior, with what was never fitted beside it."""
    from simulator.experiments.core.model_protocol import draw_points
    from simulator.studies.model_function import draw_posterior_points

    fitted = draw_posterior_points(n, seed=question.seed) if question.is_posterior else {}
    free = [factor for factor in question.factors if factor.name not in fitted]
    return {**fitted, **draw_points(free, n, question.seed)}


def describe_chance_share(question: FactorQuestion) -> str:
    """How much of the variance of single runs is chance, from draws with several replicates each, in words."""
    from simulator.experiments.core.sampled_futures import repeat_draws
    from simulator.experiments.sensitivity.variance_split import split_variance_of

    futures = repeat_draws(_draw_factors(question, CHANCE_DRAWS), question.seed, CHANCE_REPLICATES)
    split = split_variance_of(question.simulate, futures, question.outcome)
    return replace(split, outcome=f"“{question.label}”").sentence


def describe_factor(factor: str) -> Row:
    """What stands beside a factor's name in a table: what it means, and how well it is known."""
    from simulator.calibration.evidence_status import list_badges
    from simulator.declarations.levers import LEVERS
    from simulator.declarations.parameters import PARAMETERS

    about = {**PARAMETERS, **LEVERS}[factor].about
    return {"factor": factor, "meaning": about.meaning, "badge": list_badges()[factor]}
