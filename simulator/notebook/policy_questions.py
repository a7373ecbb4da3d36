"""Questions about policies: what equals what, which part did it, which holds up, what to learn, what is cheapest.

Parameters come from the posterior unless `source` says "prior". `beliefs`, evidence or a fit of one's own, take its
place.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from simulator.boards.table import BoardsOrFile, to_boards
from simulator.claims.study_claim import StudyCall
from simulator.common.arguments import check_enough, check_line, checked
from simulator.common.errors import InputError
from simulator.common.pictures.columns import PictureColumns
from simulator.common.ranges import Range
from simulator.common.units import Unit
from simulator.common.yaml_nodes import suggest
from simulator.declarations.calendar import quarter_name
from simulator.declarations.levers import LEVERS
from simulator.experiments.core.clustered_errors import label_parameter_sets
from simulator.experiments.core.replicate_average import average_over_replicates
from simulator.experiments.decision.robustness import Robustness, assess_robustness
from simulator.experiments.decision.value_of_information import FEWEST as FEWEST_TO_LEARN
from simulator.experiments.decision.value_of_information import ValueOfInformation, estimate_value_of_information
from simulator.experiments.sensitivity.variance_split import FEWEST_DRAWS as FEWEST_SPLIT
from simulator.experiments.sensitivity.variance_split import VarianceSplit, split_variance
from simulator.experiments.tradeoffs.attribution import Attribution
from simulator.experiments.tradeoffs.equivalence import Equivalence, find_equivalence
from simulator.experiments.tradeoffs.lever_sweep import FEWEST_DRAWS
from simulator.experiments.tradeoffs.package_search import PackageSearch, PackageSearchResult, search_packages
from simulator.notebook.estimate_picture import picture_estimates
from simulator.notebook.front_picture import picture_front
from simulator.notebook.study_answer import StudyAnswer, drawing
from simulator.runs.futures import SEED, draw_futures
from simulator.runs.posterior import Beliefs, current_posterior
from simulator.runs.results import find_outcome
from simulator.runs.run import Policy
from simulator.scenarios.scenario import PROSPECTIVE, Scenario, load_scenario
from simulator.studies.attribution import attribute_policy, split_policy
from simulator.studies.break_even import LEADERSHIP, find_break_even
from simulator.studies.break_even import BreakEven as BreakEvenResult
from simulator.studies.component_kind import ComponentKind
from simulator.studies.equivalence import make_lever_question, refuse_reversed
from simulator.studies.model_function import ModelFunction
from simulator.studies.package_costs import hold_levers, make_aim, price_levers, sample_halves
from simulator.studies.samples import check_draws, describe_own_boards, describe_sample, sample, sample_first_draws
from simulator.studies.scenario_runs import (
    MOST_STRUCTURE_DRAWS,
    STRUCTURE_REPLICATES,
    assess_structures,
    find_directed_outcome,
    group_parameters,
    index_by_title,
    name_chosen_years,
    name_years,
    remark_years,
    run_scenarios,
    sample_structural_futures,
)


@checked
def equivalence(  # noqa: PLR0913 - a notebook names every option
    lever: str,
    to: Mapping[str, float],
    outcome: str = "retained",
    *,
    between: Range | None = None,
    steps: int = 25,
    scenario: Policy = "baseline",
    start: str = PROSPECTIVE,
    years: str | None = None,
    draws: int = 200,
    replicates: int = 4,
    source: str = "posterior",
    seed: int = SEED,
    boards: BoardsOrFile = None,
    beliefs: Beliefs | None = None,
) -> StudyAnswer[Equivalence]:
    """What equals what? How much of `lever` does as much for `outcome` as the levers `to` at their values do.

    The table has one row per parameter draw: `equivalent`, in the lever's unit, or nan where no amount is enough, which
    `reason` says (each row is one parameter draw: averaging over `replicates` leaves chance in it, so that rows spread
    more than the parameters alone would have them); and `more_crossings`, how often a larger amount is again not
    enough. `steps` amounts are tried `between` two ends, from the one that does less, by default from today's value to
    the bound that does more. Each of `draws` parameter draws is averaged over `replicates`; `seed` chooses both, and
    every amount meets the same chance. Levers hold from `start`, and `years` are those from its year on. The sentence
    gives 95% intervals, resampled by parameter set. Method: root of the difference on a grid, in common random numbers.
    Raises LookupError for unknown names, InputError for what cannot be asked.

    >>> import simulator as rf
    >>> answer = rf.equivalence("leader_lift", {"ringfence": 1, "waiver": 0}, draws=10, replicates=1, steps=5)
    >>> answer.to_frame().columns.tolist()
    ['equivalent', 'more_crossings', 'reason', 'years']
    """
    check_enough("equivalence", "draws", draws, FEWEST_DRAWS)
    if lever in to:
        raise InputError(
            f"{lever} equals itself: name the other levers in `to`, such as {{'ringfence': 1, 'waiver': 0}}"
        )
    with drawing(beliefs):
        check_draws(draws, source)
        model = ModelFunction(load_scenario(scenario), (outcome,), start, years, to_boards(boards))
        futures = sample(draws, replicates, seed, source)
        question = make_lever_question(model, lever, to, futures, steps=steps, between=between)
        if between is not None:
            refuse_reversed(model, question, futures)
        result = find_equivalence(model, question, futures, seed=seed)
        basis = describe_sample(source, draws, replicates, seed, model.areas)
        drawn = current_posterior().options
    asked = {"lever": lever, "to": dict(to), "outcome": outcome, "start": start, "years": years}
    lever_unit = LEVERS[lever].about.unit.value
    axis = f"{lever.replace('_', ' ')} that does as much ({lever_unit})"
    picture = PictureColumns("histogram", "", "equivalent", axis, along="parameter draws")
    sizes = {"steps": steps, "draws": draws, "replicates": replicates, "source": source, "seed": seed}
    arguments = {**asked, **sizes, "between": None if between is None else list(between)}
    call = StudyCall({model.policy.title: model.policy}, arguments, model.areas, drawn)
    return StudyAnswer("equivalence", result, picture, basis, asked, call=call, years=name_years(model.span))


@checked
def break_even(
    outcome: str = "retained",
    leadership: Mapping[str, float] = LEADERSHIP,
    *,
    scenario: Policy = "baseline",
    start: str = PROSPECTIVE,
    years: str | None = None,
    draws: int = 200,
    replicates: int = 4,
    source: str = "posterior",
    seed: int = SEED,
    boards: BoardsOrFile = None,
    beliefs: Beliefs | None = None,
) -> StudyAnswer[BreakEvenResult]:
    """How firmly must a ring-fence that is never waived be enforced to do as much as a gain in `leadership`?

    The table has one row per ring-fence (waivable, never waived, audited): in what share of parameter draws leadership
    does more (`leadership_more`), with its 95% interval (Wilson; `low`, `high`), and what the ring-fence adds, in the
    outcome's unit: `effect`, with the range of 8 in 10 draws (`effect_likely_low`, `effect_likely_high`). The
    enforcement itself, from 0 to 1, is in `result.equivalence`. `leadership` holds levers and their values, by default
    those of the scenario "leadership"; `scenario` is where policy starts from, without a ring-fence. `years` and chance
    are as in `rf.equivalence`. Method: root of the difference on a grid, in common random numbers. Raises LookupError
    for unknown names, InputError for what cannot be asked.

    >>> import simulator as rf
    >>> rf.break_even(draws=10, replicates=1).to_frame()["fence"].tolist()
    ['a ring-fence that can be waived', 'the same ring-fence never waived', 'an audited ring-fence']
    """
    check_enough("break_even", "draws", draws, FEWEST_DRAWS)
    with drawing(beliefs):
        check_draws(draws, source)
        model = ModelFunction(load_scenario(scenario), (outcome,), start, years, to_boards(boards))
        result = find_break_even(model, sample(draws, replicates, seed, source), leadership, seed=seed)
        basis = describe_sample(source, draws, replicates, seed, model.areas)
        drawn = current_posterior().options
    picture = PictureColumns(
        "bars",
        "fence",
        "leadership_more",
        "share of parameter draws in which leadership does more",
        "low",
        "high",
        name="share",
        interval="95% interval",
    )
    asked = {"outcome": outcome, "leadership": dict(leadership)}
    sizes = {"start": start, "years": years, "draws": draws, "replicates": replicates, "source": source, "seed": seed}
    call = StudyCall({model.policy.title: model.policy}, {**asked, **sizes}, model.areas, drawn)
    return StudyAnswer("break_even", result, picture, basis, asked, call=call, years=name_years(model.span))


@checked
def attribution(
    policy: Policy | Sequence[Policy],
    by: str | None = None,
    outcome: str = "retained",
    *,
    n: int = 1_000,
    years: str | None = None,
    source: str = "posterior",
    seed: int = SEED,
    boards: BoardsOrFile = None,
    beliefs: Beliefs | None = None,
) -> StudyAnswer[Attribution]:
    """Which lever did it? A policy's gain over the baseline, shared out among its parts by exact Shapley values.

    `by` is "scenarios", "levers" or "themes"; by default the scenarios of a stack, or the levers of a single one. Every
    combination of up to 8 parts runs in the same `n` futures. The table has one row per part: `share` (they add up to
    the whole gain), `alone` (without the others), `last` (what removing it would lose), each with a 95% interval and an
    80% range, in the outcome's unit. `years` are by default those from the policy's first change on. Intervals are
    resampled by parameter set, 1,000 times. Method: Shapley (1953), A Value for n-Person Games. Raises LookupError for
    unknown names, InputError for more than 8 parts and for a policy that changes nothing.

    >>> import simulator as rf
    >>> rf.attribution("ringfence+leadership", n=20).to_frame()["part"].tolist()
    ['Ring-fence as in 2022/23, not waived', 'Stronger leadership', 'total']
    """
    if not isinstance(policy, str | Path | Scenario | Sequence):
        raise InputError(f"a policy is a scenario, a stack such as 'ringfence+leadership', or a list, not {policy!r}")
    table = to_boards(boards)
    futures = draw_futures(n, seed=seed, source=source, beliefs=beliefs)
    kind = None if by is None else _read_kind(by)
    parts = policy if isinstance(policy, str) else _load_parts(policy)
    package = split_policy(parts, kind)
    result = attribute_policy(package, outcome, years, drawn=futures, areas=table)
    basis = f"{n:,} futures, seed {seed}; {futures.badge}{describe_own_boards(table)}"
    asked = {"by": package.by.value}
    about = find_outcome(outcome)
    axis = f"gain in {about.label.lower()} over the baseline ({about.unit.value})"
    picture = PictureColumns(
        "bars", "part", "share", axis, "share_low", "share_high", name="Shapley share", interval="95% interval"
    )
    span = name_years(package.span(years))
    return StudyAnswer("attribution", result, picture, basis, asked, index="part", years=span)


def _read_kind(by: str) -> ComponentKind:
    try:
        return ComponentKind(by)
    except ValueError:
        raise InputError(f"by='{by}': a policy is split by {', '.join(kind.value for kind in ComponentKind)}") from None


def _load_parts(policy: Policy | Sequence[Policy]) -> Scenario | list[Scenario]:
    if isinstance(policy, str | Path | Scenario):
        return load_scenario(policy)
    return [load_scenario(part) for part in policy]


@checked
def variance_split(
    scenario: Policy,
    against: Policy = "baseline",
    outcome: str = "retained",
    *,
    years: str | None = None,
    draws: int = 300,
    replicates: int = 8,
    source: str = "posterior",
    seed: int = SEED,
    boards: BoardsOrFile = None,
    beliefs: Beliefs | None = None,
) -> StudyAnswer[VarianceSplit]:
    """Is it chance, or parameters that nobody knows? The variance of a paired difference, split between the two.

    The table has one row per part ("luck" is chance): its variance (the outcome's unit squared) and its share (0 to 1),
    each with a 95% interval. Every one of `draws` parameter draws runs with `replicates` seeds of its own, which both
    policies share. `years` are by default those from the first change of either policy on. Method: one-way random
    effects, resampled by parameter set. Raises InputError for one replicate, or for policies that differ in no run.

    >>> import simulator as rf
    >>> rf.variance_split("ringfence", draws=20, replicates=2).to_frame()["source"].tolist()
    ['luck', 'parameters']
    """
    if replicates < 2:
        raise InputError("one replicate a draw cannot tell chance from parameters; ask for 2 or more")
    check_enough("variance_split", "draws", draws, FEWEST_SPLIT)
    new, old, about = load_scenario(scenario), load_scenario(against), find_outcome(outcome)
    with drawing(beliefs):
        check_draws(draws, source)
        futures, table = sample(draws, replicates, seed, source), to_boards(boards)
        start = quarter_name(min((policy.start for policy in (new, old) if policy.start is not None), default=0))
        models = [ModelFunction(policy, (outcome,), start, years, table) for policy in (new, old)]
        first, second = (model(futures.points, futures.seeds)[outcome] for model in models)
        basis = f"{describe_sample(source, draws, replicates, seed, table)}{remark_years(years, (new, old))}"
    difference = first - second
    if not np.abs(difference).max() > 0:
        raise InputError(f"“{new.title}” and “{old.title}” give the same in every run: there is nothing to split")
    label = f"the difference in “{about.label}” between “{new.title}” and “{old.title}”"
    result = split_variance(difference, futures.draws, label, seed=seed, sets=futures.sets)
    picture = PictureColumns(
        "bars",
        "source",
        "share",
        "share of the variance of the difference (0 to 1)",
        "share_low",
        "share_high",
        name="share",
        interval="95% interval",
    )
    return StudyAnswer("variance_split", result, picture, basis, years=name_years(models[0].span))


@checked
def robustness(
    scenarios: Sequence[Policy],
    outcome: str = "retained",
    *,
    threshold: float | None = None,
    years: str | None = None,
    draws: int = 500,
    replicates: int = 10,
    structures: int = 0,
    source: str = "posterior",
    seed: int = SEED,
    boards: BoardsOrFile = None,
    beliefs: Beliefs | None = None,
) -> StudyAnswer[Robustness]:
    """Which policy holds up, whichever parameters are true? Regret, ranks, and how often each is best.

    The table has one row per policy: `mean` over states, `high_regret` (90% of states stay within it, with `high_low`
    and `high_high`), `worst_regret`, `mean_regret`, `best` (the share of states in which it is best) and `meets` (the
    share of futures that reach `threshold`), in the outcome's unit; `mean_rank`, and `in_the_running`, whether it may
    have the best average. A state is one parameter draw averaged over `replicates`: the first `draws` of the posterior,
    whatever the seed, which decides chance: no two states share it, and all policies meet the same.
    `result.chance_error` is the largest standard error it leaves in a difference in one state; `rf.compare` gives that
    of means. `years` are by default those from the first change of any policy on. With `structures` (up to 250 draws of
    each) rows for every structural alternative of the model follow, named in the column `structure` ("all" for the
    fit). Method: Savage's regret; Lempert et al. (2006). Raises LookupError for unknown names, InputError for fewer
    than two policies, an outcome without a better way, and structures with beliefs or another source.

    >>> import simulator as rf
    >>> rf.robustness(["ringfence", "leadership"], draws=20, replicates=1).to_frame()["policy"].tolist()
    ['Ring-fence as in 2022/23, not waived', 'Stronger leadership']
    """
    about, policies = find_directed_outcome(outcome), index_by_title(scenarios)
    check_line("robustness", "threshold", threshold, about.unit is Unit.SHARE)
    if structures > MOST_STRUCTURE_DRAWS:
        raise InputError(f"structures={structures}: each has {MOST_STRUCTURE_DRAWS} draws; ask for no more of them")
    if structures and (beliefs is not None or source != "posterior"):
        raise InputError("structural alternatives were fitted by themselves: leave out `beliefs` and `source`")
    with drawing(beliefs):
        futures, table = sample_first_draws(draws, replicates, seed, source), to_boards(boards)
        values = run_scenarios(policies, futures, outcome, years, table)
        basis = describe_sample(source, draws, replicates, seed, table) + remark_years(years, policies.values())
        drawn = current_posterior().options
    result = assess_robustness(
        values, better=about.better, draws=futures.draws, threshold=threshold, unit=about.change_unit, sets=futures.sets
    )
    if structures:
        sampled = sample_structural_futures(structures, STRUCTURE_REPLICATES, seed)
        parts = run_scenarios(policies, sampled.futures, outcome, years, table)
        result = replace(result, structures=assess_structures(parts, sampled, outcome))
    asked: dict[str, object] = {"outcome": outcome, "threshold": threshold, "structures": structures}
    label = "structure+policy" if structures else "policy"
    axis = f"regret that 9 of 10 states stay within ({about.change_unit.value})"
    picture = PictureColumns(
        "bars", label, "high_regret", axis, "high_low", "high_high", name="regret", interval="95% interval"
    )
    sizes = {"years": years, "draws": draws, "replicates": replicates, "source": source, "seed": seed}
    call = StudyCall(policies, asked | sizes, table, drawn)
    span = name_chosen_years(years, policies.values())
    return StudyAnswer("robustness", result, picture, basis, asked, call=call, years=span)


@checked
def evppi(
    scenarios: Sequence[Policy],
    ask: Sequence[str] | None = None,
    outcome: str = "retained",
    *,
    years: str | None = None,
    draws: int = 1_000,
    replicates: int = 10,
    source: str = "posterior",
    seed: int = SEED,
    boards: BoardsOrFile = None,
    beliefs: Beliefs | None = None,
) -> StudyAnswer[ValueOfInformation]:
    """What is knowing a parameter worth, before choosing among `scenarios`? (Partial perfect information.)

    `ask` names parameters, or groups of them as declared; by default every uncertain parameter. The table has one row a
    question, perfect information first (where chance can be told from parameters): `low` and `high`, two estimates of
    the same value in the outcome's unit, which `low_estimate` and `high_estimate` name, and a 95% interval around both
    (bootstrap by parameter set). `low` is cross-fitted: the choice is made by a fit to other draws and judged by the
    draw's own result, which errs low, since a poor choice can only lose. `high` is in-sample: judged by the fit that
    made the choice, which errs high, except for what splines cannot follow. They bracket the value on average and are
    no interval; noise may put `low` above `high`. Of perfect information `high` takes chance left in the averages as
    something to learn, and `low` shrinks the differences to their variance without it (exact if they are normal).
    Draws, chance and `years` are as in `rf.robustness`. Method: regression on splines, Strong, Oakley and Brennan
    (2014), Medical Decision Making 34; the value itself, Raiffa and Schlaifer (1961). Raises LookupError and InputError
    for unknown names, and for too few draws: 120 at least, and more for a group of many parameters.

    >>> import simulator as rf
    >>> answer = rf.evppi(["ringfence", "leadership"], ["enforcement_start"], draws=200, replicates=1)
    >>> answer.to_frame()["name"].tolist()
    ['enforcement_start']
    """
    about, policies = find_directed_outcome(outcome), index_by_title(scenarios)
    check_enough("evppi", "draws", draws, FEWEST_TO_LEARN)
    questions = _read_parameters(ask)
    with drawing(beliefs):
        futures, table = sample_first_draws(draws, replicates, seed, source), to_boards(boards)
        values = run_scenarios(policies, futures, outcome, years, table)
        basis = describe_sample(source, draws, replicates, seed, table) + remark_years(years, policies.values())
    averages = average_over_replicates(values, futures.draws)
    points = averages.at_draws(futures.points)
    result = estimate_value_of_information(
        points,
        averages,
        better=about.better,
        questions=questions,
        unit=about.change_unit,
        times=100,
        seed=seed,
        sets=label_parameter_sets(points),
    )
    asked = {"ask": list(questions)}
    axis = f"value of knowing it ({about.unit.value})"
    picture = picture_estimates("name", axis)
    return StudyAnswer("evppi", result, picture, basis, asked, years=name_chosen_years(years, policies.values()))


def _read_parameters(ask: Sequence[str] | None) -> dict[str, list[str]]:
    """Parameters that are known together, by the name of the question. Raises InputError with every unknown name."""
    groups = group_parameters()
    known = {**groups, **{name: [name] for group in groups.values() for name in group}}
    unknown = [name for name in ask or () if name not in known]
    if unknown:
        hints = ", ".join(f"{name}{suggest(name, known)}" for name in unknown)
        raise InputError(f"neither an uncertain parameter nor a group of them: {hints}")
    names = ask if ask is not None else [name for group in groups.values() for name in group]
    return {name: known[name] for name in dict.fromkeys(names)}


@checked
def packages(  # noqa: PLR0913 - a notebook names every option
    levers: Mapping[str, float],
    costs: Mapping[str, float],
    outcome: str = "retained",
    *,
    hold: Mapping[str, float] | None = None,
    budget: float = float("inf"),
    most: int = 100,
    scenario: Policy = "baseline",
    start: str = PROSPECTIVE,
    years: str | None = None,
    draws: int = 150,
    source: str = "posterior",
    seed: int = SEED,
    boards: BoardsOrFile = None,
    beliefs: Beliefs | None = None,
) -> StudyAnswer[PackageSearchResult]:
    """Which packages of `levers` (names and full strengths) do most for their cost?

    `costs` are yours, in any unit, one per lever at full strength, from 0 on; half the strength costs half. Levers in
    `hold` are set in every package at no cost, and none costs more than `budget` in all. Up to `most` packages run in
    `draws` futures, and the best again in as many fresh ones, with other parameters and other chance. The table has one
    row for each of the best (`result.tried` says how many ran): its levers, `cost`, the mean outcome when `searched`
    and `fresh` with a 95% interval (`low`, `high`), in the outcome's unit, `gain`, what it adds to moving nothing in
    the same fresh futures, with an interval of its own (`gain_low`, `gain_high`): levels share the spread of the
    futures, which no gain has, so that intervals of levels overlap although one package is surely better. The two means
    are of other futures, and differ by chance as well as by what the search flattered. `on_front` (nothing that costs
    no more beats it in the search) and `membership` (in which share of resamples of the fresh futures that is so).
    `plot` draws `fresh` against `cost`, and in steps the front that the fresh futures give. The sentence says shares in
    £ of each £100. `result.cheapest(0.85)` is the cheapest shown to reach a target, None where none is;
    `result.answer(0.85)` says so in words. Levers hold from `start`, and `years` are those from its year on. Method:
    all packages of a grid, or evolution for more than six levers (NSGA-II), and fresh futures against the optimiser's
    curse (Smith and Winkler 2006). Raises LookupError for unknown levers, InputError for a lever without a cost, out of
    bounds, or that cannot be moved.

    >>> import simulator as rf
    >>> answer = rf.packages({"audit": 1.0}, {"audit": 2.0}, hold={"ringfence": 1, "waiver": 0}, draws=20, most=3)
    >>> answer.to_frame()["cost"].tolist()
    [0.0, 1.0, 2.0]
    """
    if not levers:
        raise InputError("name the levers that a package may move, such as levers={'audit': 1}, costs={'audit': 2}")
    if missing := sorted(set(levers) ^ set(costs)):
        raise InputError(f"{', '.join(missing)}: give every lever a cost, and every cost a lever")
    base = ModelFunction(load_scenario(scenario), (outcome,), start, years, to_boards(boards))
    simulate = hold_levers(base, hold or {})
    priced, aim = price_levers(simulate, levers, costs), make_aim(outcome, {}, None)
    with drawing(beliefs):
        searched, fresh = sample_halves(draws, seed, source)
        basis = describe_sample(source, 2 * draws, 1, seed, base.areas)
        drawn = current_posterior().options
    result = search_packages(simulate, priced, aim, searched, fresh, PackageSearch(budget=budget, most=most, seed=seed))
    picture = picture_front(find_outcome(outcome))
    asked = {"levers": dict(levers), "costs": dict(costs), "outcome": outcome, "hold": dict(hold or {})}
    sizes = {"most": most, "start": start, "years": years, "draws": draws, "source": source, "seed": seed}
    arguments = {**asked, **sizes, **({"budget": budget} if math.isfinite(budget) else {})}
    call = StudyCall({base.policy.title: base.policy}, arguments, base.areas, drawn)
    return StudyAnswer("packages", result, picture, basis, asked, call=call, years=name_years(base.span))
