"""What commands about factors share: which of them vary, for which outcome of which policy, and runs to read it off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simulator.commands.shared import options, study_options
from simulator.commands.shared.console import Bar, say
from simulator.commands.shared.rendering import Row
from simulator.common.errors import InputError

if TYPE_CHECKING:
    from simulator.common.units import Unit
    from simulator.experiments.core.model_protocol import Factor, Floats, ModelProtocol
    from simulator.experiments.core.sweep import SweepDesign, SweepTable
    from simulator.experiments.sensitivity.given_data import GivenData
    from simulator.studies.model_function import ModelFunction

AT_ONCE = 8_192
"""Futures between two steps of the progress bar: memory holds so many points."""

LUCK_DRAWS, LUCK_RUNS = 250, 4
SHOWN = 15

Against = Annotated[
    str | None,
    typer.Option(
        "--against",
        metavar="SCENARIO",
        help="Ask about the difference from this one, under the same luck.",
        autocompletion=options.scenario_names,
    ),
]
Over = Annotated[
    list[str] | None,
    typer.Option(
        "--over",
        metavar="NAMES",
        show_default=False,
        help="Parameters and levers to vary, joined by commas; may be repeated. Default: all uncertain parameters.",
    ),
]
Years = Annotated[
    str | None, typer.Option("--years", metavar="SPAN", help="Years, such as 2027/28-2029/30. Default: 2027/28 on.")
]
From = Annotated[
    options.Source | None, typer.Option("--source", help="Parameter draws from the posterior or the priors.")
]


@dataclass(frozen=True, eq=False)
class Varied:
    """Factors that vary, and the outcome they move: under `new`, or with `old` the difference between the two.

    `named` says whether somebody chose the factors. Levers in `apart` are those in which the policies differ.
    """

    new: ModelFunction
    old: ModelFunction | None
    apart: frozenset[str]
    factors: tuple[Factor, ...]
    named: bool
    source: options.Source
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

        return PairedDifference(self.new, self.old, self.apart) if self.old else self.new

    @property
    def posterior(self) -> bool:
        return self.source is options.Source.POSTERIOR

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

        kept = (
            "Parameters that are not named come from the posterior, too."
            if self.posterior
            else ("Parameters that are not named keep their defaults.")
        )
        levers = [factor.name for factor in self.factors if factor.name in LEVERS]
        own = [name for name in levers if name in self.apart]
        text = f"Years: {options.span_words(*self.years)}. {kept if self.named else ''}".strip()
        if levers:
            text += f" Levers are set from {self.new.start} on"
            text += f" ({', '.join(own)} under {self.new.policy.name} only)." if own and self.old else "."
        return text

    @property
    def document(self) -> dict[str, Any]:
        """The question, for programs."""
        old = self.old.policy if self.old else None
        return {
            "scenario": self.new.policy.name,
            "scenario_fingerprint": self.new.policy.fingerprint,
            "against": old.name if old else None,
            "against_fingerprint": old.fingerprint if old else None,
            "outcome": self.outcome,
            "unit": self.unit.value,
            "first_year": self.years[0],
            "last_year": self.years[1],
            "source": self.source.value,
            "seed": self.seed,
        }


def varied(
    scenario: str,
    against: str | None,
    outcome: str,
    years: str | None,
    over: Sequence[str] | None,
    source: options.Source,
    seed: int,
) -> Varied:
    """The question in these words. Tells conflicts of scenarios on stderr. Raises LookupError, ValueError."""
    from simulator.studies.model_function import list_factors, list_parameter_factors

    if source is options.Source.DEFAULT:
        raise InputError("under one default set of parameters nothing varies; ask for posterior or prior")
    names = list(dict.fromkeys(name for text in over or () for name in text.replace(",", " ").split()))
    if over and not names:
        raise InputError("--over names no parameter and no lever")
    chosen = list_factors(names) if names else list_parameter_factors()
    new = study_options.model([outcome], years, scenario=scenario)
    old = study_options.model([outcome], years, scenario=against) if against else None
    for remark in options.remarks([model.policy for model in (new, old) if model]):
        say(remark)
    apart = frozenset(new.policy.differs_from(old.policy)) if old else frozenset()
    return Varied(new, old, apart, chosen, bool(names), source, seed)


def run_rows(question: Varied, design: SweepDesign, lucks: int, label: str) -> Floats:
    """The outcome of every row of a design, each averaged over so many lucks: (rows,)."""
    return _run(question, design, lucks, label).column(question.outcome)


def _run(question: Varied, design: SweepDesign, lucks: int, label: str) -> SweepTable:
    from simulator.experiments.core.replicate_average import ReplicateAverage
    from simulator.experiments.core.sweep import collect_tables, sweep

    with Bar(f"{len(design) * lucks:,} futures for {label}") as bar:
        chunk = max(1, AT_ONCE // lucks)
        return collect_tables(sweep(ReplicateAverage(question.simulate, lucks), design, chunk=chunk, progress=bar))


def sample(question: Varied, n: int, lucks: int, label: str) -> GivenData:
    """`n` draws of the factors with the outcome of each, averaged over lucks. Raises InputError, ValueError."""
    from simulator.experiments.core.clustered_errors import label_parameter_sets
    from simulator.experiments.core.sweep import ListedDesign, make_fresh_seeds
    from simulator.experiments.sensitivity.given_data import make_given_data

    study_options.check_draws(n, question.source)
    drawn = _draws(question, n)
    table = _run(question, ListedDesign(drawn, make_fresh_seeds(n, question.seed)), lucks, label)
    columns = {factor.name: table.points[factor.name] for factor in question.factors}
    return make_given_data(columns, table.column(question.outcome), question.label, sets=label_parameter_sets(drawn))


def _draws(question: Varied, n: int) -> Mapping[str, Floats]:
    """`n` draws as columns (n,): from the priors; or from the posterior, with what was never fitted beside it."""
    from simulator.experiments.core.model_protocol import draw_points
    from simulator.studies.model_function import draw_posterior_points

    fitted = draw_posterior_points(n, seed=question.seed) if question.posterior else {}
    free = [factor for factor in question.factors if factor.name not in fitted]
    return {**fitted, **draw_points(free, n, question.seed)}


def luck_share(question: Varied) -> str:
    """How much of the variance of single runs is luck, from draws that meet several lucks each, in words."""
    from simulator.experiments.sensitivity.variance_split import split_variance_of
    from simulator.experiments.tradeoffs.lever_sweep import repeat_draws

    worlds = repeat_draws(_draws(question, LUCK_DRAWS), question.seed, LUCK_RUNS)
    return replace(
        split_variance_of(question.simulate, worlds, question.outcome), outcome=f"“{question.label}”"
    ).sentence


def named(factor: str) -> Row:
    """What stands beside a factor's name in a table: what it means, and how well it is known."""
    from simulator.calibration.evidence_status import badges
    from simulator.declarations.levers import LEVERS
    from simulator.declarations.parameters import PARAMETERS

    about = {**PARAMETERS, **LEVERS}[factor].about
    return {"factor": factor, "meaning": about.meaning, "badge": badges()[factor]}
