"""What the commands about factors share: which factors vary, for which outcome, and runs that show what they do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.commands.shared.answer_parts import OutcomeColumns, describe_span, outcome_columns, repeat_command
from simulator.commands.shared.console import Bar
from simulator.commands.shared.inputs import read_boards, read_scenario, say_if_levers_are_late, say_remarks
from simulator.commands.shared.options import Source
from simulator.commands.shared.rendering import Row
from simulator.common.errors import InputError
from simulator.studies import factor_study
from simulator.studies.factor_study import FactorStudy, make_factor_study
from simulator.studies.samples import check_draws

if TYPE_CHECKING:
    from simulator.common.arrays import Floats
    from simulator.experiments.core.sweep import SweepDesign
    from simulator.experiments.sensitivity.given_data import GivenData

SHOWN = 15


class QuestionDocument(OutcomeColumns):
    """A question about factors, for programs; `against` is None where a level is asked about."""

    scenario: str
    scenario_fingerprint: str
    against: str | None
    against_fingerprint: str | None
    source: str
    seed: int


class FactorQuestion(FactorStudy):
    """A question about factors with what a command says of it."""

    @property
    def setting(self) -> str:
        """What is held while factors vary, in words."""
        from simulator.declarations.levers import LEVERS

        levers = [factor.name for factor in self.factors if factor.name in LEVERS]
        own = [name for name in levers if name in self.differing]
        text = f"Years: {describe_span(*self.years)}. {self._say_rest()}".strip()
        if levers:
            text += f" Levers are set from {self.new.start} on"
            text += f" ({', '.join(own)} under {self.new.policy.name} only)." if own and self.old else "."
        return text

    def _say_rest(self) -> str:
        rest = self.rest.replace("`over`", "--over")
        return f"{rest[0].upper()}{rest[1:]}." if rest else ""

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
            "source": self.source,
            "seed": self.seed,
        }

    def repeat(self, command: str, options: Sequence[tuple[str, object]]) -> str:
        """The command line that asks the same question again."""
        over = ",".join(factor.name for factor in self.factors) if self.named else None
        shared = [
            ("--against", self.old.policy if self.old else None),
            ("--outcome", self.outcome),
            ("--over", over),
            ("--source", self.source),
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
    names = [name for text in over or () for name in text.replace(",", " ").split()]
    if over and not names:
        raise InputError("--over names no parameter and no lever")
    new, old = read_scenario(scenario), read_scenario(against) if against else None
    study = make_factor_study(
        new, old, outcome, names, years=years, source=str(source), seed=seed, boards=read_boards(boards)
    )
    say_remarks([policy for policy in (new, old) if policy], study.new.span)
    say_if_levers_are_late(study.new, [factor.name for factor in study.factors])
    return FactorQuestion(**vars(study))


def run_rows(question: FactorQuestion, design: SweepDesign, replicates: int, label: str) -> Floats:
    """The outcome of every row of a design, each averaged over replicates, (rows,), with a progress bar."""
    with Bar(f"{len(design) * replicates:,} futures for {label}") as bar:
        return factor_study.run_rows(question, design, replicates, bar)


def run_sample(question: FactorQuestion, n: int, replicates: int, label: str) -> GivenData:
    """`n` draws of the factors with the outcome of each, with a progress bar. Raises InputError, ValueError."""
    check_draws(n, question.source)
    with Bar(f"{n * replicates:,} futures for {label}") as bar:
        return factor_study.run_sample(question, n, replicates, bar)


def describe_factor(factor: str) -> Row:
    """What stands beside a factor's name in a table: what it means, and how well it is known."""
    from simulator.calibration.evidence_status import list_badges
    from simulator.declarations.levers import LEVERS
    from simulator.declarations.parameters import PARAMETERS

    about = {**PARAMETERS, **LEVERS}[factor].about
    return {"factor": factor, "meaning": about.meaning, "badge": list_badges()[factor]}
