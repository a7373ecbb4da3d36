"""`ringfence sensitivity`: what matters for an outcome, or for the difference between two scenarios?

Each method runs what it needs and gives its answer in the same form, a `SensitivityResult`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum, auto
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.commands.shared import options
from simulator.commands.shared.console import Bar
from simulator.commands.shared.factor_runs import (
    SHOWN,
    FactorQuestion,
    describe_factor,
    read_question,
    run_sample,
)
from simulator.commands.shared.option_groups import AnswerOptions, spread_groups
from simulator.commands.shared.posterior_options import PosteriorOptions
from simulator.commands.shared.rendering import Answer, Row, deliver, show_table, show_text
from simulator.commands.shared.running import say_if_cold
from simulator.common.errors import InputError
from simulator.studies.factor_study import (
    AT_ONCE,
    SCREEN_REPLICATES,
    SCREEN_WALKS,
    SCREENED,
    describe_chance_share,
    keep_strongest,
    screen_factors,
)
from simulator.studies.samples import describe_sample

if TYPE_CHECKING:
    from simulator.experiments.sensitivity.given_data import FactorEffect, GivenData
    from simulator.experiments.sensitivity.morris import MorrisScreening
    from simulator.experiments.sensitivity.rank_stability import RankStability
    from simulator.experiments.sensitivity.sobol import SobolIndices

FEWEST_WALKS, FEWEST_DRAWS = 8, 200
FIRST_BLOCKS = 256
ENOUGH_RESAMPLES = 10  # where intervals are not looked at

METHOD_HELP = (
    "How to measure what matters: screen (Morris), sobol, pawn, or main (effects). Default: main for the posterior, "
    "sobol for the prior."
)


class Method(StrEnum):
    """How to ask what matters."""

    SCREEN = auto()
    SOBOL = auto()
    PAWN = auto()
    MAIN = auto()


@dataclass(frozen=True)
class SensitivityResult:
    """What a method says: a sentence, one row for each factor (the largest first), and what must be known beside them.

    `columns` are those of a table: key of a row -> heading. `design` says how many runs of which design.
    """

    sentence: str
    rows: Sequence[Row]
    columns: Mapping[str, str]
    chance: str
    settled: bool
    settling: str
    noise: str
    design: str
    draws: int
    replicates: int


@spread_groups
def sensitivity(  # noqa: PLR0913 - one argument an option
    scenario: options.ScenarioName,
    method: Annotated[Method | None, typer.Option("--method", help=METHOD_HELP)] = None,
    outcome: options.Outcome = "retained",
    against: options.AgainstIfAny = None,
    over: options.Factors = None,
    source: Annotated[
        options.Source | None,
        typer.Option("--source", help="Draw parameters from the posterior or the prior. Default: as the method needs."),
    ] = None,
    size: Annotated[
        int | None,
        typer.Option(
            "--size",
            min=1,
            help="Walks (screen), most blocks (sobol, a power of two) or draws (pawn, main). Default: 40, 512 or 1000.",
        ),
    ] = None,
    replicates: Annotated[
        int | None,
        typer.Option(
            "--replicates",
            "--lucks",
            min=1,
            max=1_000,
            help="Replicates of each row: runs that differ by chance alone. Default: 2 (screen), 1 (sobol) or 4.",
        ),
    ] = None,
    years: options.YearsOfLevers = None,
    seed: options.Seed = options.SEED,
    boards: options.BoardsFile = None,
    *,
    posterior: PosteriorOptions,
    output: AnswerOptions,
) -> None:
    """What matters? The uncertain parameters and the levers that move an outcome.

    A small effect may be noise: each method says which effects are clear of it, whether their order has settled, and
    how much of the outcome is chance.
    """
    form, out = output.check()
    method, source = choose_method(method, source)
    question = read_question(scenario, against, outcome, years, over, source, seed, boards)
    plan = METHODS[method]
    say_if_cold()
    result = plan.run(question, size or plan.size, replicates or plan.replicates)
    flags = [("--method", method.value), ("--size", size), ("--replicates", replicates)]
    deliver(_make_answer(question, method, result, question.repeat("sensitivity", flags)), form, out, output.crate)


def choose_method(method: Method | None, source: options.Source | None) -> tuple[Method, options.Source]:
    """Method and source, each by default what suits the other. Raises InputError if they do not go together."""
    if source is None:
        source = options.Source.PRIOR if method and METHODS[method].independent else options.Source.POSTERIOR
    if method is None:
        method = Method.MAIN if source is options.Source.POSTERIOR else Method.SOBOL
    if METHODS[method].independent and source is options.Source.POSTERIOR:
        raise InputError(
            f"--method {method} moves one factor while the others stay, but in the posterior they vary together: it "
            "would visit points that the findings rule out, and share out variance that has no one owner; use --method "
            "main or --method pawn, or --source prior"
        )
    return method, source


def run_screening(question: FactorQuestion, walks: int, replicates: int) -> SensitivityResult:
    """Morris' elementary effects."""
    screening, stability = _walk(question, walks, replicates)
    effects = sorted(screening.effects, key=lambda effect: -effect.mu_star)
    rows = [
        {
            **describe_factor(effect.name),
            "mu_star": effect.mu_star,
            "half_width": effect.half_width,
            "mu": effect.mu,
            "sigma": effect.sigma,
            "clear": effect.mu_star > effect.half_width,
        }
        for effect in effects
    ]
    n = walks * (len(rows) + 1)
    return SensitivityResult(
        screening.sentence,
        rows,
        {"mu_star": "Mean size", "half_width": "± (95%)", "mu": "Mean", "sigma": "S.d."},
        describe_chance_share(question),
        stability.settled,
        stability.sentence,
        "An effect is the outcome's change for a move across the central 95% of a prior, or all of a lever's range; "
        "one no larger than its interval is noise. The random numbers stay the same along each walk, so small effects "
        "show too. A standard deviation as large as the mean size says that the effect depends on the other factors.",
        f"Morris screening: {walks:,} walks through {len(rows)} factors, {n * replicates:,} futures.",
        n,
        replicates,
    )


def _walk(question: FactorQuestion, walks: int, replicates: int) -> tuple[MorrisScreening, RankStability]:
    """Elementary effects, and whether half of the walks name the same leaders."""
    from simulator.experiments.sensitivity.morris import MorrisDesign, estimate_elementary_effects
    from simulator.experiments.sensitivity.rank_stability import check_rank_stability

    if walks < FEWEST_WALKS:
        raise InputError(f"{walks} walks are too few to say whether the order has settled; take {FEWEST_WALKS} or more")
    with Bar(f"{walks * (len(question.factors) + 1) * replicates:,} futures for screening") as bar:
        screening, values = screen_factors(question, walks, replicates, bar)
    first_half = MorrisDesign(question.factors, walks // 2, question.seed)
    half = estimate_elementary_effects(values[: len(first_half)], first_half, question.label)
    clear = [effect.name for effect in screening.effects if effect.mu_star > effect.half_width]
    sizes, earlier = ({effect.name: effect.mu_star for effect in part.effects} for part in (screening, half))
    return screening, check_rank_stability(sizes, earlier, clear, walks, "walks")


def run_sobol(question: FactorQuestion, blocks: int, replicates: int) -> SensitivityResult:
    """Sobol' indices with chance as one more factor, over the factors named or those that screening chooses."""
    from simulator.experiments.core.replicate_average import ReplicateAverage
    from simulator.experiments.sensitivity.sobol import run_sobol as estimate_indices

    note = ""
    if not question.named and len(question.factors) > SCREENED:
        question, note = _screen_factors(question)
    start = min(FIRST_BLOCKS, blocks)
    with Bar(f"up to {blocks:,} blocks", parts=(blocks // start).bit_length()) as bar:
        indices = estimate_indices(
            ReplicateAverage(question.simulate, replicates),
            question.factors,
            question.outcome,
            start=start,
            most=blocks,
            seed=question.seed,
            chunk=max(1, AT_ONCE // replicates),
            progress=bar,
        )
    rows = sorted(_sobol_rows(indices), key=lambda row: -row["total"])
    futures = indices.rows * replicates
    return SensitivityResult(
        replace(indices, outcome=question.label).sentence,
        rows,
        {
            "first": "By itself",
            "first_half_width": "± (95%)",
            "total": "With all it acts through",
            "total_half_width": "± (95%) ",
        },
        _sobol_chance_share(indices, replicates),
        indices.converged,
        _sobol_steps(indices),
        "Shares of variance that are no larger than their interval are noise; so is every negative share.",
        f"Sobol' indices: {indices.rows:,} rows, {futures:,} futures, with chance as one more factor.{note}",
        indices.rows,
        replicates,
    )


def _screen_factors(question: FactorQuestion) -> tuple[FactorQuestion, str]:
    """The question about the factors that move most, and a sentence on those that are left out."""
    screening, _ = _walk(question, SCREEN_WALKS, SCREEN_REPLICATES)
    effects = sorted(screening.effects, key=lambda effect: -effect.mu_star)
    note = (
        f" The {SCREENED} factors are those that {SCREEN_WALKS} walks of Morris screening moved most, of "
        f"{len(effects)}; the strongest of the others had {effects[SCREENED].mu_star / effects[0].mu_star:.0%} of the "
        "effect of the strongest of all, and all others keep their defaults."
    )
    return keep_strongest(question, screening), note


def _sobol_rows(indices: SobolIndices) -> list[Row]:
    chance = {"factor": indices.chance.name, "meaning": "everything that the seed decides", "badge": "chance"}
    rows = []
    for index in (*indices.indices, indices.chance):
        about = chance if index is indices.chance else describe_factor(index.name)
        numbers = {key: value for key, value in vars(index).items() if key != "name"}
        rows.append({**about, **numbers, "clear": index.total > index.total_half_width})
    return rows


def _sobol_chance_share(indices: SobolIndices, replicates: int) -> str:
    share = indices.chance.total
    if replicates == 1:
        return f"Chance makes {share:.0%} of the variance of single futures."
    single = replicates * share / (replicates * share + 1 - share)
    return (
        f"Chance makes {share:.0%} of the variance of means over {replicates} replicates, and so {single:.0%} of that "
        "of single futures."
    )


def _sobol_steps(indices: SobolIndices) -> str:
    steps = [f"± {step.widest:.2f} at {step.n:,} blocks" for step in indices.steps]
    return f"Widest interval of a share as blocks double: {', '.join(steps)}."


def run_pawn(question: FactorQuestion, draws: int, replicates: int) -> SensitivityResult:
    """PAWN indices of a sample."""
    from simulator.experiments.sensitivity.pawn import estimate_pawn

    whole, half = _run_halves(question, draws, replicates)
    indices, earlier = estimate_pawn(whole), estimate_pawn(half, times=ENOUGH_RESAMPLES)
    effects = sorted(indices.effects, key=lambda effect: -effect.value)
    rows = [
        {
            **describe_factor(effect.name),
            "index": effect.value,
            "half_width": effect.half_width,
            "by_chance": indices.threshold,
            "clear": effect.value > indices.threshold,
        }
        for effect in effects
    ]
    stability = _check_stability(indices.effects, earlier.effects, indices.clear, draws)
    columns = {"index": "Index", "half_width": "± (95%)", "by_chance": "Chance reaches"}
    noise = "No index is 0 in a finite sample: one that chance alone reaches says nothing."
    return _result_of_draws(question, "PAWN", indices.sentence, rows, columns, stability, noise, draws, replicates)


def run_main_effects(question: FactorQuestion, draws: int, replicates: int) -> SensitivityResult:
    """Main effects of a sample."""
    from simulator.experiments.sensitivity.given_data import select_clear_effects
    from simulator.experiments.sensitivity.main_effects import estimate_main_effects

    whole, half = _run_halves(question, draws, replicates)
    shares, earlier = estimate_main_effects(whole), estimate_main_effects(half, times=ENOUGH_RESAMPLES)
    clear = [effect.name for effect in select_clear_effects(shares.effects) if effect.value > 0]
    effects = sorted(shares.effects, key=lambda effect: -effect.value)
    rows = [
        {
            **describe_factor(effect.name),
            "share": effect.value,
            "half_width": effect.half_width,
            "in_sample": effect.in_sample,
            "clear": effect.name in clear,
        }
        for effect in effects
    ]
    stability = _check_stability(shares.effects, earlier.effects, clear, draws)
    columns = {"share": "Share", "half_width": "± (95%)", "in_sample": "In sample"}
    noise = (
        f"Among {len(rows)} factors some pass their interval by chance, so it is widened for their number before a "
        "share counts as clear; a negative share is noise. The share was tried on other rows than it was fitted to, "
        "which makes it a little low; in sample it is a little high."
    )
    sentence = shares.sentence
    return _result_of_draws(question, "Main effects", sentence, rows, columns, stability, noise, draws, replicates)


def _run_halves(question: FactorQuestion, draws: int, replicates: int) -> tuple[GivenData, GivenData]:
    """A sample, and its first half."""
    from simulator.experiments.sensitivity.given_data import make_given_data

    if draws < FEWEST_DRAWS:
        raise InputError(f"{draws} draws are too few to say whether the order has settled; take {FEWEST_DRAWS} or more")
    whole = run_sample(question, draws, replicates, "the sample")
    middle = len(whole) // 2
    columns = {name: column[:middle] for name, column in whole.points.items()}
    return whole, make_given_data(columns, whole.values[:middle], question.label)


def _check_stability(
    whole: Sequence[FactorEffect], half: Sequence[FactorEffect], clear: Sequence[str], n: int
) -> RankStability:
    from simulator.experiments.sensitivity.rank_stability import check_rank_stability

    values, earlier = ({effect.name: effect.value for effect in effects} for effects in (whole, half))
    return check_rank_stability(values, earlier, clear, n, "draws")


def _result_of_draws(
    question: FactorQuestion,
    method: str,
    sentence: str,
    rows: Sequence[Row],
    columns: Mapping[str, str],
    stability: RankStability,
    noise: str,
    draws: int,
    replicates: int,
) -> SensitivityResult:
    """What a method that takes any sample says of so many draws."""
    together = (
        " Parameters of the posterior vary together, so one may speak for another." if question.is_posterior else ""
    )
    design = f"{method}: {draws:,} draws, {draws * replicates:,} futures.{together}"
    chance = describe_chance_share(question)
    return SensitivityResult(
        sentence, rows, columns, chance, stability.settled, stability.sentence, noise, design, draws, replicates
    )


@dataclass(frozen=True)
class MethodPlan:
    """How a method is run, its size and replicates by default, and whether its factors must vary independently."""

    run: Callable[[FactorQuestion, int, int], SensitivityResult]
    size: int
    replicates: int
    independent: bool


METHODS: Mapping[Method, MethodPlan] = {
    Method.SCREEN: MethodPlan(run_screening, SCREEN_WALKS, SCREEN_REPLICATES, True),
    Method.SOBOL: MethodPlan(run_sobol, 512, 1, True),
    Method.PAWN: MethodPlan(run_pawn, 1_000, 4, False),
    Method.MAIN: MethodPlan(run_main_effects, 1_000, 4, False),
}


def _make_answer(question: FactorQuestion, method: Method, result: SensitivityResult, command: str) -> Answer:
    boards = question.new.areas
    badge = describe_sample(question.source, result.draws, result.replicates, question.seed, boards)
    document: dict[str, object] = {
        "question": question.document,
        "method": method.value,
        "sentence": result.sentence,
        "luck": result.chance,
        "settled": result.settled,
        "settling": result.settling,
        "noise": result.noise,
        "made": result.design,
        "setting": question.setting,
        "draws": result.draws,
        "lucks": result.replicates,
        "factors": result.rows,
        "badge": badge,
        "command": command,
    }
    run = {
        "method": method.value,
        "draws": result.draws,
        "lucks": result.replicates,
        "settled": result.settled,
        "made_with": badge,
        "command": command,
    }
    rows = [{**row, **question.document, **run} for row in result.rows]
    return Answer(document, rows, lambda: _show(question, result, badge))


def _show(question: FactorQuestion, result: SensitivityResult, badge: str) -> None:
    show_text(result.sentence)
    show_text()
    show_table([_table_line(row, result) for row in result.rows[:SHOWN]], result.columns.values())
    if rest := result.rows[SHOWN:]:
        clear = sum(row["clear"] for row in rest) or "none"
        show_text(f"{len(rest)} more have smaller values, {clear} of them clear of noise; --csv has all.")
    show_text()
    for text in (result.chance, result.settling, result.noise, f"{result.design} {question.setting}", f"{badge}."):
        show_text(text[0].upper() + text[1:])


def _table_line(row: Row, result: SensitivityResult) -> dict[str, str]:
    from simulator.common.formatting import format_number

    numbers = {heading: format_number(row[key]) for key, heading in result.columns.items()}
    return {
        "Factor": row["factor"],
        **numbers,
        "Clear of noise": "yes" if row["clear"] else "no",
        "Known from": row["badge"],
        "What it is": row["meaning"],
    }
