"""Questions about factors: what matters for an outcome or a difference, and where does a policy fail?

Factors are uncertain parameters and levers. Sobol' and Morris indices vary them independently, from their priors. PAWN,
main effects and scenario discovery take any sample, so that they also answer for the posterior, and for results that
exist already: `rf.pawn(rf.run("ringfence", 2000))`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple, TypeVar

from simulator.boards.table import BoardsOrFile, to_boards
from simulator.common.arguments import check_enough, check_line, checked
from simulator.common.errors import InputError
from simulator.common.formatting import join_words
from simulator.common.near_names import suggest
from simulator.common.pictures.columns import PictureColumns
from simulator.common.units import Unit
from simulator.declarations.levers import LEVERS
from simulator.experiments.core.model_protocol import Factor
from simulator.experiments.core.replicate_average import ReplicateAverage
from simulator.experiments.discovery.scenario_discovery import CaseDefinition, ScenarioDiscovery, discover_scenario
from simulator.experiments.sensitivity.given_data import FEWEST as FEWEST_ROWS
from simulator.experiments.sensitivity.given_data import GivenData, make_given_data
from simulator.experiments.sensitivity.main_effects import MainEffects, estimate_main_effects
from simulator.experiments.sensitivity.morris import MorrisScreening
from simulator.experiments.sensitivity.pawn import PawnIndices, estimate_pawn
from simulator.experiments.sensitivity.sobol import SobolIndices, check_blocks, run_sobol
from simulator.notebook.study_answer import MethodResult, StudyAnswer, drawing
from simulator.runs.futures import SEED
from simulator.runs.parameter_sets import UNCERTAIN
from simulator.runs.posterior import Beliefs
from simulator.runs.results import Results, find_outcome
from simulator.runs.run import Policy, check_paired, find_common_span
from simulator.scenarios.scenario import load_scenario
from simulator.studies.factor_study import (
    AT_ONCE,
    SCREENED,
    FactorStudy,
    keep_strongest,
    label_outcome,
    make_factor_study,
    run_sample,
    screen_factors,
)
from simulator.studies.samples import describe_sample
from simulator.studies.scenario_runs import name_years

R = TypeVar("R", bound=MethodResult)


class _Sampling(NamedTuple):
    """How new runs are drawn, for which results that exist already leave no room."""

    draws: int
    replicates: int
    source: str
    seed: int
    boards: BoardsOrFile
    beliefs: Beliefs | None


_USUAL = _Sampling(1_000, 4, "posterior", SEED, None, None)


@checked
def sobol(
    scenario: Policy,
    against: Policy | None = None,
    over: Sequence[str] = (),
    outcome: str = "retained",
    *,
    blocks: int = 512,
    replicates: int = 1,
    years: str | None = None,
    seed: int = SEED,
    boards: BoardsOrFile = None,
) -> StudyAnswer[SobolIndices]:
    """What matters? Shares of an outcome's variance (or of the difference from `against`) by factor: Sobol' indices.

    `over` names parameters and levers; without it the 20 parameters that Morris screening moves most. All other
    parameters keep their defaults, which `assumes` says: shares are of the variance that is left. The table has one row
    a factor and one for chance ("luck"): `first` (alone) and `total` (with all interactions), shares of the variance
    with half-widths of 95% intervals, and `of_mean`, the first index with chance averaged out. Blocks of factors + 3
    rows are doubled up to `blocks`, a power of two, until the intervals settle. Parameters are drawn from their priors,
    and levers evenly over their range (switches on or off), from 2027/28 Q1 on, in place of the scenario's own value; a
    lever in which scenario and `against` differ is set in the scenario alone. Rows are a Sobol' sequence scrambled by
    `seed`, and `against` meets the same chance. `years` are by default those from 2027/28 on. Method: Saltelli et al.
    (2010), Computer Physics Communications 181. Raises LookupError for unknown names, InputError for what cannot be
    asked.

    >>> import simulator as rf
    >>> answer = rf.sobol("ringfence", over=["pull_ringfence", "pull_chief"], blocks=32)
    >>> answer.to_frame()["name"].tolist()
    ['pull_ringfence', 'luck', 'pull_chief']
    """
    check_blocks(blocks)
    study = _read_study(scenario, against, over, outcome, years, "prior", seed, boards)
    if not study.named:
        study = keep_strongest(study, screen_factors(study)[0], SCREENED)
    result = run_sobol(
        ReplicateAverage(study.simulate, replicates),
        study.factors,
        study.outcome,
        start=min(256, blocks),
        most=blocks,
        seed=seed,
        chunk=max(1, AT_ONCE // replicates),
    )
    picture = PictureColumns(
        "points",
        "name",
        "first",
        "share of the variance (0 to 1)",
        half_width="first_half_width",
        name="first-order effect (alone)",
        interval="95% interval",
        second="total",
        second_name="total effect (with interactions)",
        second_half_width="total_half_width",
    )
    labelled = replace(result, outcome=study.label)
    return _answer("sobol", study, labelled, picture, result.rows, replicates)


@checked
def morris(
    scenario: Policy,
    against: Policy | None = None,
    over: Sequence[str] = (),
    outcome: str = "retained",
    *,
    walks: int = 40,
    replicates: int = 2,
    years: str | None = None,
    seed: int = SEED,
    boards: BoardsOrFile = None,
) -> StudyAnswer[MorrisScreening]:
    """What matters? Elementary effects of every factor, the cheap screening of many.

    The table has one row per factor, in the outcome's unit for a move across the central 95% of its prior: `mu_star`
    (the mean size, with `half_width` of its 95% interval), `mu` (the mean) and `sigma`. It costs `walks` times
    (factors + 1) rows of `replicates` runs. Walks move on a grid of four levels even in probability, at 2.5%, 34.2%,
    65.8% and 97.5% of the prior, two levels a step, and an effect is the change divided by 2/3. Parameters,
    levers, chance and `years` are as in `rf.sobol`; without `over` every uncertain parameter varies. Method:
    Morris (1991), Technometrics 33; Campolongo et al. (2007), Environmental Modelling and Software 22. Raises
    LookupError for unknown names, InputError for fewer than 4 walks.

    >>> import simulator as rf
    >>> answer = rf.morris("ringfence", over=["pull_ringfence", "pull_chief"], walks=4, replicates=1)
    >>> answer.to_frame()["name"].tolist()
    ['pull_ringfence', 'pull_chief']
    """
    study = _read_study(scenario, against, over, outcome, years, "prior", seed, boards)
    result, _ = screen_factors(study, walks, replicates)
    axis = f"mean absolute elementary effect μ* ({study.unit.value})"
    picture = PictureColumns(
        "bars", "name", "mu_star", axis, half_width="half_width", name="μ*", interval="95% interval"
    )
    return _answer("morris", study, result, picture, walks * (len(study.factors) + 1), replicates)


@checked
def pawn(
    scenario: Policy | Results,
    against: Policy | Results | None = None,
    over: Sequence[str] = (),
    outcome: str = "retained",
    *,
    draws: int = 1_000,
    replicates: int = 4,
    years: str | None = None,
    source: str = "posterior",
    seed: int = SEED,
    boards: BoardsOrFile = None,
    beliefs: Beliefs | None = None,
) -> StudyAnswer[PawnIndices]:
    """What matters? How far an outcome's whole distribution shifts when a factor is known (0 to 1).

    Takes a scenario, or results that exist already; `against` is then results of the same futures, and nothing is
    drawn. `over` names parameters and levers, by default every uncertain parameter. From the posterior `over` chooses
    rows of the table alone: all parameters are drawn together, as they would be without it. With source="prior"
    parameters outside `over` keep their defaults. `assumes` says which. Levers have no posterior: they are set evenly
    over their range, as in `rf.sobol`, and `assumes` says so; results have none to vary. The table has one row a
    factor: `value`, the median over ten slides of its range, `half_width` of its 95% interval, and the `threshold` that
    chance alone reaches: below it, the order of factors is chance as well. SALib leaves out the row with the highest
    value of each factor, and so differs by a few thousandths. Valid where factors depend on one another. `years` are by
    default those from 2027/28 on; of results, those from their first change on where that is earlier (of two, from the
    first change of either). Method: Pianosi and Wagener (2018), Environmental Modelling and Software 108. Raises
    LookupError for unknown names, InputError for what cannot be asked, and for draws, seeds and the like beside
    results.

    >>> import simulator as rf
    >>> rf.pawn(rf.run("ringfence", 200), over=["pull_ringfence", "pull_chief"]).to_frame()["name"].tolist()
    ['pull_ringfence', 'pull_chief']
    """
    _check_drawn("pawn", "draws", draws, scenario)
    sampling = _Sampling(draws, replicates, source, seed, boards, beliefs)
    study, sample, basis, span = _take_sample(scenario, against, over, outcome, years, sampling, _USUAL)
    picture = PictureColumns(
        "bars",
        "name",
        "value",
        "PAWN index (0 for no shift to 1)",
        half_width="half_width",
        name="median over slides",
        interval="95% interval",
        line="threshold",
        line_name="reached by chance alone",
    )
    return StudyAnswer("pawn", estimate_pawn(sample), picture, basis, study, years=span)


@checked
def main_effects(
    scenario: Policy | Results,
    against: Policy | Results | None = None,
    over: Sequence[str] = (),
    outcome: str = "retained",
    *,
    draws: int = 1_000,
    replicates: int = 4,
    years: str | None = None,
    source: str = "posterior",
    seed: int = SEED,
    boards: BoardsOrFile = None,
    beliefs: Beliefs | None = None,
) -> StudyAnswer[MainEffects]:
    """What matters? The share of the variance that learning one factor would remove, from any sample.

    Takes a scenario, or results that exist already, as `rf.pawn` does, with the same factors and `years`. The table has
    one row per factor: `value` (a share, judged on rows that the fit has not seen), `half_width` of its 95% interval,
    and `in_sample`. With dependent factors a share includes what one tells of others, so that shares may add up to more
    than 1. Method: Strong and Oakley's regression for first-order indices. Raises LookupError for unknown names,
    InputError for what cannot be asked.

    >>> import simulator as rf
    >>> rf.main_effects(rf.run("ringfence", 200), over=["pull_ringfence"]).to_frame()["name"].tolist()
    ['pull_ringfence']
    """
    _check_drawn("main_effects", "draws", draws, scenario)
    sampling = _Sampling(draws, replicates, source, seed, boards, beliefs)
    study, sample, basis, span = _take_sample(scenario, against, over, outcome, years, sampling, _USUAL)
    picture = PictureColumns(
        "bars",
        "name",
        "value",
        "share of the variance (first-order)",
        half_width="half_width",
        name="on rows the fit has not seen",
        interval="95% interval",
    )
    return StudyAnswer("main_effects", estimate_main_effects(sample), picture, basis, study, years=span)


@checked
def discover(  # noqa: PLR0913 - a notebook names every option
    scenario: Policy | Results,
    against: Policy | Results | None = None,
    over: Sequence[str] = (),
    outcome: str = "retained",
    *,
    below: float | None = None,
    above: float | None = None,
    points: int | None = None,
    replicates: int = 1,
    years: str | None = None,
    source: str = "prior",
    seed: int = SEED,
    boards: BoardsOrFile = None,
    beliefs: Beliefs | None = None,
) -> StudyAnswer[ScenarioDiscovery]:
    """Where does it fail? A box in the factors that holds most of the points in which the outcome is `below` a line.

    Give `below` or `above`, in the outcome's unit. Takes a scenario, or results that exist already, as `rf.pawn` does,
    with the same factors and `years`. `points` are 5,000 of the priors unless given, or 1,000 with source="posterior",
    which `beliefs` need. The table has one row per limit: factor, side ("low": at least `value`; "high": at most), its
    80% range over halves of the points (`likely_low`, `likely_high`: nan where no half has a limit on that side),
    `quasi_p`, `repeats` and whether it is `kept`. `result` has `coverage` and `density`; `plot` draws the box, and
    `result.plot_trajectory` all boxes that were tried. `range_low` and `range_high` are the ends of the factor among
    the points. Method: PRIM, Friedman and Fisher (1999); quasi-p values and resampling after Bryant and Lempert (2010),
    Technological Forecasting and Social Change 77. Raises LookupError for unknown names, InputError for what cannot be
    asked.

    >>> import simulator as rf
    >>> answer = rf.discover("baseline", over=["plan_base", "pull_pressure"], below=0.6, points=300)
    >>> set(answer.to_frame()["factor"]) <= {"plan_base", "pull_pressure"}
    True
    """
    line = below if above is None else above
    if line is None or None not in (below, above):
        raise InputError("give either below= or above=, so that it is clear what failing means")
    n = 1_000 if source == "posterior" else 5_000
    case = CaseDefinition(line, above is None, find_outcome(outcome).change_unit, against is not None)
    check_line("discover", "below" if above is None else "above", line, case.unit in (Unit.SHARE, Unit.CASES))
    _check_drawn("discover", "points", points or n, scenario)
    sampling = _Sampling(points or n, replicates, source, seed, boards, beliefs)
    usual = _Sampling(n, 1, "prior", SEED, None, None)
    study, sample, basis, span = _take_sample(scenario, against, over, outcome, years, sampling, usual)
    result = discover_scenario(sample, case, seed=seed)
    picture = PictureColumns("box", "factor", "value", "", note=result.shares)
    return StudyAnswer("discover", result, picture, basis, study, years=span)


def _read_study(
    scenario: Policy,
    against: Policy | None,
    over: Sequence[str],
    outcome: str,
    years: str | None,
    source: str,
    seed: int,
    boards: BoardsOrFile,
) -> FactorStudy:
    old = None if against is None else load_scenario(against)
    table = to_boards(boards)
    return make_factor_study(
        load_scenario(scenario), old, outcome, over, years=years, source=source, seed=seed, boards=table
    )


def _check_drawn(question: str, name: str, value: int, scenario: Policy | Results) -> None:
    """Refuse too few draws. Of results that exist nothing is drawn: `_take_sample` says so."""
    if not isinstance(scenario, Results):
        check_enough(question, name, value, FEWEST_ROWS)


def _take_sample(
    scenario: Policy | Results,
    against: Policy | Results | None,
    over: Sequence[str],
    outcome: str,
    years: str | None,
    sampling: _Sampling,
    usual: _Sampling,
) -> tuple[dict[str, object], GivenData, str, str]:
    """What was asked, a sample of a scenario's new runs or of results that exist, what it rests on, and its years."""
    if isinstance(scenario, Results):
        differing = [name for name, value in sampling._asdict().items() if value != getattr(usual, name)]
        if differing:
            raise InputError(
                f"these are results that exist already, so nothing is drawn: leave out {join_words(differing)}"
            )
        return _read_results(scenario, against, over, outcome, years)
    if isinstance(against, Results):
        raise InputError("`against` holds results, so give the results of the scenario as well, of the same futures")
    draws, replicates, source, seed, boards, beliefs = sampling
    study = _read_study(scenario, against, over, outcome, years, source, seed, boards)
    with drawing(beliefs):
        sample = run_sample(study, draws, replicates)
        basis = describe_sample(source, draws, replicates, seed, study.new.areas)
    return {}, sample, f"{basis}{_describe_factors(study)}", name_years(study.new.span)


def _describe_factors(study: FactorStudy) -> str:
    """What is not among the factors, and how the levers among them are drawn, of which there is no prior."""
    ranges = [
        f"{factor.name} {'on or off' if LEVERS[factor.name].about.unit is Unit.SWITCH else _name_range(factor)}"
        for factor in study.factors
        if factor.name in LEVERS
    ]
    rest = f"; {study.rest}" if study.rest else ""
    levers = f"; levers set evenly over their range from {study.new.start} on: {join_words(ranges)}" if ranges else ""
    return rest + levers


def _name_range(factor: Factor) -> str:
    return f"{factor.low:g} to {factor.high:g}"


def _read_results(
    results: Results, against: Policy | Results | None, over: Sequence[str], outcome: str, years: str | None
) -> tuple[dict[str, object], GivenData, str, str]:
    if against is not None and not isinstance(against, Results):
        raise InputError(
            "results are those of one scenario: leave `against` out, give its results in the same futures, as in "
            "rf.run(scenario, futures=results.futures), or give the names of both"
        )
    if results.futures is None:
        raise InputError(
            "these results do not hold the parameters of their futures, so that nothing can be said of them"
        )
    columns = results.futures.to_frame()
    if levers := [name for name in over if name in LEVERS]:
        raise InputError(
            f"{', '.join(levers)}: a lever, which one scenario's results hold as it is; give the scenario in place of "
            "its results, and levers are set evenly over their range"
        )
    known = [str(name) for name in columns]
    if unknown := [name for name in over if name not in known]:
        hints = "".join(suggest(name, known) for name in unknown)
        raise InputError(f"{', '.join(unknown)}: not among the parameters of these results{hints}")
    names = over or [name for name in UNCERTAIN if name in columns and columns[name].nunique() > 1]
    points = {name: columns[name].to_numpy(float) for name in names}
    nothing_drawn = dict.fromkeys(("draws", "points", "replicates", "source"))  # whatever the defaults are
    asked: dict[str, object] = {**nothing_drawn, "seed": results.manifest.seed}
    if against is None:
        values, label = results.outcome(outcome, years), label_outcome(outcome, [results.manifest.title])
        span = results.span(years)
    else:
        check_paired(results, against)
        span = find_common_span((results, against)) if years is None else results.span(years)
        values = results.outcome(outcome, span) - against.outcome(outcome, span)
        label = label_outcome(outcome, [results.manifest.title, against.manifest.title])
    sample = make_given_data(points, values, label, sets=results.sets)
    basis = f"{len(results.futures):,} futures, seed {results.futures.seed}; {results.manifest.badge}"
    return asked, sample, basis, name_years(span)


def _answer(
    name: str, study: FactorStudy, result: R, picture: PictureColumns, draws: int, replicates: int
) -> StudyAnswer[R]:
    basis = describe_sample(study.source, draws, replicates, study.seed, study.new.areas)
    basis, span = f"{basis}{_describe_factors(study)}", name_years(study.new.span)
    return StudyAnswer(name, result, picture, basis, years=span)
