"""A question about factors: which parameters and levers vary, for which outcome, and runs that show what they do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from simulator.common.errors import InputError
from simulator.studies.samples import check_draws

if TYPE_CHECKING:
    from simulator.boards.table import Boards
    from simulator.common.arrays import Floats
    from simulator.common.units import Unit
    from simulator.experiments.core.model_protocol import Factor, ModelProtocol, Progress
    from simulator.experiments.core.sweep import SweepDesign, SweepTable
    from simulator.experiments.sensitivity.given_data import GivenData
    from simulator.experiments.sensitivity.morris import MorrisScreening
    from simulator.scenarios.scenario import Scenario
    from simulator.studies.model_function import ModelFunction

AT_ONCE = 8_192
"""Futures between two reports of progress: memory holds so many points."""

SCREENED = 20
"""How many factors screening leaves to Sobol' indices, unless factors are named."""

SCREEN_WALKS, SCREEN_REPLICATES = 40, 2
CHANCE_DRAWS, CHANCE_REPLICATES = 250, 4


@dataclass(frozen=True, eq=False)
class FactorStudy:
    """Factors that vary, and the outcome they move: under `new`, or with `old` the difference between the two.

    `named` says whether the user chose the factors. `differing` are the levers in which the two scenarios differ.
    `source` is "posterior" or "prior".
    """

    new: ModelFunction
    old: ModelFunction | None
    differing: frozenset[str]
    factors: tuple[Factor, ...]
    named: bool
    source: str
    seed: int

    @property
    def outcome(self) -> str:
        """The name of the outcome."""
        return self.new.outcomes[0]

    @property
    def unit(self) -> Unit:
        """The unit of the outcome."""
        from simulator.runs.results import find_outcome

        return find_outcome(self.outcome).unit

    @property
    def change_unit(self) -> Unit:
        """The unit that its differences are shown in."""
        from simulator.runs.results import find_outcome

        return find_outcome(self.outcome).change_unit

    @property
    def label(self) -> str:
        """The outcome as sentences name it."""
        return label_outcome(self.outcome, [model.policy.title for model in (self.new, self.old) if model])

    @property
    def simulate(self) -> ModelProtocol:
        """Single runs of the outcome, or of the difference."""
        from simulator.experiments.core.paired_difference import PairedDifference

        return PairedDifference(self.new, self.old, self.differing) if self.old else self.new

    @property
    def is_posterior(self) -> bool:
        """Whether parameters are drawn from the posterior."""
        return self.source == "posterior"

    @property
    def rest(self) -> str:
        """What the uncertain parameters do that are not among the factors, in words; "" where all are among them."""
        from simulator.runs.parameter_sets import UNCERTAIN

        others = len(set(UNCERTAIN) - {factor.name for factor in self.factors})
        if not others:
            return ""
        if self.is_posterior:
            return f"all {len(UNCERTAIN)} uncertain parameters are drawn together, those outside `over` too"
        which = "all" if others == len(UNCERTAIN) else f"the other {others} of"
        return f"{which} {len(UNCERTAIN)} uncertain parameters keep their defaults"

    @property
    def years(self) -> tuple[str, str]:
        """First and last year of the outcome."""
        from simulator.declarations.calendar import QUARTERS, year_name

        span = range(QUARTERS // 4)[self.new.span]
        return year_name(span[0]), year_name(span[-1])


def label_outcome(name: str, titles: Sequence[str]) -> str:
    """What a sentence calls an outcome under one policy, or its difference between two, by their titles."""
    from simulator.runs.results import find_outcome

    label = find_outcome(name).label
    return f"{label}, {' less '.join(titles)}" if len(titles) > 1 else f"{label}, under {titles[0]}"


AnyStudy = TypeVar("AnyStudy", bound=FactorStudy)


def make_factor_study(
    new: Scenario,
    old: Scenario | None = None,
    outcome: str = "retained",
    over: Sequence[str] = (),
    *,
    years: str | None = None,
    source: str = "prior",
    seed: int = 0,
    boards: Boards | None = None,
) -> FactorStudy:
    """A question about the factors named in `over`, or about every uncertain parameter.

    Raises LookupError for unknown names, InputError for a source in which nothing varies and for unknown years.
    """
    from simulator.boards.table import to_boards
    from simulator.studies.model_function import ModelFunction, list_factors, list_parameter_factors

    if source == "default":
        raise InputError("under one default set of parameters nothing varies; ask for posterior or prior")
    names = list(dict.fromkeys(over))
    factors = list_factors(names) if names else list_parameter_factors()
    model = ModelFunction(new, (outcome,), years=years, areas=to_boards(boards))
    differing = frozenset(new.differs_from(old)) if old else frozenset()
    other = replace(model, policy=old) if old else None
    return FactorStudy(model, other, differing, factors, bool(names), source, seed)


def run_rows(study: FactorStudy, design: SweepDesign, replicates: int, progress: Progress | None = None) -> Floats:
    """The outcome of every row of a design, each averaged over replicates: (rows,)."""
    return _run_design(study, design, replicates, progress).column(study.outcome)


def _run_design(study: FactorStudy, design: SweepDesign, replicates: int, progress: Progress | None) -> SweepTable:
    from simulator.experiments.core.replicate_average import ReplicateAverage
    from simulator.experiments.core.sweep import collect_tables, sweep

    averaged = ReplicateAverage(study.simulate, replicates)
    return collect_tables(sweep(averaged, design, chunk=max(1, AT_ONCE // replicates), progress=progress))


def run_sample(study: FactorStudy, n: int, replicates: int, progress: Progress | None = None) -> GivenData:
    """`n` draws of the factors with the outcome of each, averaged over replicates. Raises InputError, ValueError."""
    from simulator.experiments.core.clustered_errors import label_parameter_sets
    from simulator.experiments.core.sweep import ListedDesign, make_fresh_seeds
    from simulator.experiments.sensitivity.given_data import make_given_data

    check_draws(n, study.source)
    draws = draw_factors(study, n)
    table = _run_design(study, ListedDesign(draws, make_fresh_seeds(n, study.seed)), replicates, progress)
    columns = {factor.name: table.points[factor.name] for factor in study.factors}
    return make_given_data(columns, table.column(study.outcome), study.label, sets=label_parameter_sets(draws))


def draw_factors(study: FactorStudy, n: int) -> Mapping[str, Floats]:
    """`n` draws as columns (n,): from the priors; or from the posterior, with what was never fitted beside it."""
    from simulator.experiments.core.model_protocol import draw_points
    from simulator.studies.model_function import draw_posterior_points

    fitted = draw_posterior_points(n, seed=study.seed) if study.is_posterior else {}
    free = [factor for factor in study.factors if factor.name not in fitted]
    return {**fitted, **draw_points(free, n, study.seed)}


def screen_factors(
    study: FactorStudy, walks: int = SCREEN_WALKS, replicates: int = SCREEN_REPLICATES, progress: Progress | None = None
) -> tuple[MorrisScreening, Floats]:
    """Elementary effects from `walks` Morris trajectories, and the outcome of each row of their design, (rows,)."""
    from simulator.experiments.sensitivity.morris import MorrisDesign, estimate_elementary_effects

    design = MorrisDesign(study.factors, walks, study.seed)
    values = run_rows(study, design, replicates, progress)
    return replace(estimate_elementary_effects(values, design, study.label), unit=study.change_unit), values


def keep_strongest(study: AnyStudy, screening: MorrisScreening, most: int = SCREENED) -> AnyStudy:
    """The same question about the `most` factors that moved the outcome most when screened."""
    ranked = sorted(screening.effects, key=lambda effect: -effect.mu_star)
    strongest = {effect.name for effect in ranked[:most]}
    return replace(study, factors=tuple(factor for factor in study.factors if factor.name in strongest))


def describe_chance_share(study: FactorStudy) -> str:
    """How much of the variance of single runs is chance, from draws with several replicates each, in words."""
    from simulator.experiments.core.sampled_futures import repeat_draws
    from simulator.experiments.sensitivity.variance_split import split_variance_of

    futures = repeat_draws(draw_factors(study, CHANCE_DRAWS), study.seed, CHANCE_REPLICATES)
    split = split_variance_of(study.simulate, futures, study.outcome)
    return replace(split, outcome=f"“{study.label}”").sentence
