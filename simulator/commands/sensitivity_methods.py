"""The methods of `ringfence sensitivity`: each runs what it needs and tells what it found in the same form."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from simulator.commands.shared.console import Bar
from simulator.commands.shared.factor_runs import AT_ONCE, Varied, luck_share, named, run_rows, sample
from simulator.commands.shared.rendering import Row
from simulator.common.errors import InputError

if TYPE_CHECKING:
    from simulator.experiments.sensitivity.given_data import FactorEffect, GivenData
    from simulator.experiments.sensitivity.morris import MorrisScreening
    from simulator.experiments.sensitivity.rank_stability import RankStability
    from simulator.experiments.sensitivity.sobol import SobolIndices

SCREENED = 20
"""How many factors screening leaves to Sobol' indices, unless factors are named."""

SCREEN_WALKS, SCREEN_LUCKS = 40, 2
FEWEST_WALKS, FEWEST_DRAWS = 8, 200
FIRST_BLOCKS = 256
ENOUGH_RESAMPLES = 10  # where intervals are not looked at


class Method(StrEnum):
    """How to ask what matters."""

    SCREEN = "screen"
    SOBOL = "sobol"
    PAWN = "pawn"
    MAIN = "main"


@dataclass(frozen=True)
class Found:
    """What a method found: a sentence, one row a factor (the largest first), and what must be known beside them.

    `heads` are the columns of a table: key of a row -> head. `made` says how many runs of which design.
    """

    sentence: str
    rows: Sequence[Row]
    heads: Mapping[str, str]
    luck: str
    settled: bool
    settling: str
    noise: str
    made: str
    draws: int
    lucks: int


def screen(question: Varied, walks: int, lucks: int) -> Found:
    """Morris' elementary effects."""
    found, settling = _walked(question, walks, lucks)
    effects = sorted(found.effects, key=lambda e: -e.mu_star)
    rows = [
        {
            **named(e.name),
            "mu_star": e.mu_star,
            "half_width": e.half_width,
            "mu": e.mu,
            "sigma": e.sigma,
            "clear": e.mu_star > e.half_width,
        }
        for e in effects
    ]
    n = walks * (len(rows) + 1)
    return Found(
        found.sentence,
        rows,
        {"mu_star": "Mean size", "half_width": "± (95%)", "mu": "Mean", "sigma": "S.d."},
        luck_share(question),
        settling.settled,
        settling.sentence,
        "An effect is the outcome's change for a move across the central 95% of a prior, or all of a lever's range; "
        "one no larger than its interval is noise. Luck is held along each walk, so small effects show, too. A "
        "standard deviation as large as the mean size says that the effect depends on the other factors.",
        f"Morris screening: {walks:,} walks through {len(rows)} factors, {n * lucks:,} futures.",
        n,
        lucks,
    )


def _walked(question: Varied, walks: int, lucks: int) -> tuple[MorrisScreening, RankStability]:
    """Elementary effects, and whether half of the walks name the same leaders."""
    from simulator.experiments.sensitivity.morris import MorrisDesign, estimate_elementary_effects
    from simulator.experiments.sensitivity.rank_stability import check_rank_stability

    if walks < FEWEST_WALKS:
        raise InputError(f"{walks} walks are too few to say whether the order has settled; take {FEWEST_WALKS} or more")
    design = MorrisDesign(question.factors, walks, question.seed)
    values = run_rows(question, design, lucks, "screening")
    found = estimate_elementary_effects(values, design, question.label)
    before = replace(design, n=walks // 2)
    half = estimate_elementary_effects(values[: len(before)], before, question.label)
    clear = [e.name for e in found.effects if e.mu_star > e.half_width]
    sizes, earlier = ({e.name: e.mu_star for e in one.effects} for one in (found, half))
    return found, check_rank_stability(sizes, earlier, clear, walks, "walks")


def sobol(question: Varied, blocks: int, lucks: int) -> Found:
    """Sobol' indices with luck as one more factor, over the factors named or those that screening finds."""
    from simulator.experiments.core.replicate_average import ReplicateAverage
    from simulator.experiments.sensitivity.sobol import run_sobol as indices

    left = ""
    if not question.named and len(question.factors) > SCREENED:
        question, left = _screened(question)
    start = min(FIRST_BLOCKS, blocks)
    with Bar(f"up to {blocks:,} blocks", parts=(blocks // start).bit_length()) as bar:
        found = indices(
            ReplicateAverage(question.simulate, lucks),
            question.factors,
            question.outcome,
            start=start,
            most=blocks,
            seed=question.seed,
            chunk=max(1, AT_ONCE // lucks),
            progress=bar,
        )
    rows = sorted(_sobol_rows(found), key=lambda row: -row["total"])
    return Found(
        replace(found, outcome=question.label).sentence,
        rows,
        {
            "first": "By itself",
            "first_half_width": "± (95%)",
            "total": "With all it acts through",
            "total_half_width": "± (95%) ",
        },
        _luck_of(found, lucks),
        found.converged,
        _steps(found),
        "Shares of variance that are no larger than their interval are noise; so is every negative share.",
        f"Sobol' indices: {found.rows:,} rows, {found.rows * lucks:,} futures, luck being one more factor.{left}",
        found.rows,
        lucks,
    )


def _screened(question: Varied) -> tuple[Varied, str]:
    """The question about the factors that move most, and a sentence on those that are left out."""
    effects = sorted(_walked(question, SCREEN_WALKS, SCREEN_LUCKS)[0].effects, key=lambda e: -e.mu_star)
    kept = {effect.name for effect in effects[:SCREENED]}
    factors = tuple(factor for factor in question.factors if factor.name in kept)
    left = (
        f" The {SCREENED} factors are those that {SCREEN_WALKS} walks of Morris screening moved most, of "
        f"{len(effects)}; the strongest of the others had {effects[SCREENED].mu_star / effects[0].mu_star:.0%} of the "
        "effect of the strongest of all, and all others keep their defaults."
    )
    return replace(question, factors=factors), left


def _sobol_rows(found: SobolIndices) -> list[Row]:
    luck = {"factor": found.luck.name, "meaning": "everything that the seed decides", "badge": "chance"}
    rows = []
    for index in (*found.indices, found.luck):
        about = luck if index is found.luck else named(index.name)
        numbers = {key: value for key, value in vars(index).items() if key != "name"}
        rows.append({**about, **numbers, "clear": index.total > index.total_half_width})
    return rows


def _luck_of(found: SobolIndices, lucks: int) -> str:
    share = found.luck.total
    if lucks == 1:
        return f"Luck's own share of the variance of single futures is {share:.0%}."
    single = lucks * share / (lucks * share + 1 - share)
    return (
        f"Luck's own share of the variance is {share:.0%} of means over {lucks} lucks, and so {single:.0%} of single "
        "futures."
    )


def _steps(found: SobolIndices) -> str:
    parts = [f"± {step.widest:.2f} at {step.n:,} blocks" for step in found.steps]
    return f"Widest interval of a share as blocks double: {', '.join(parts)}."


def pawn(question: Varied, draws: int, lucks: int) -> Found:
    """PAWN indices of a sample."""
    from simulator.experiments.sensitivity.pawn import estimate_pawn as indices

    whole, half = _halves(question, draws, lucks)
    found, before = indices(whole), indices(half, times=ENOUGH_RESAMPLES)
    effects = sorted(found.effects, key=lambda e: -e.value)
    rows = [
        {
            **named(e.name),
            "index": e.value,
            "half_width": e.half_width,
            "by_chance": found.threshold,
            "clear": e.value > found.threshold,
        }
        for e in effects
    ]
    settling = _settling(found.effects, before.effects, found.clear, draws)
    return Found(
        found.sentence,
        rows,
        {"index": "Index", "half_width": "± (95%)", "by_chance": "Chance reaches"},
        luck_share(question),
        settling.settled,
        settling.sentence,
        "No index is 0 in a finite sample: one that chance alone reaches says nothing.",
        _sampled(question, "PAWN", draws, lucks),
        draws,
        lucks,
    )


def main(question: Varied, draws: int, lucks: int) -> Found:
    """Main effects of a sample."""
    from simulator.experiments.sensitivity.given_data import select_clear_effects
    from simulator.experiments.sensitivity.main_effects import estimate_main_effects

    whole, half = _halves(question, draws, lucks)
    found, before = estimate_main_effects(whole), estimate_main_effects(half, times=ENOUGH_RESAMPLES)
    clear = [e.name for e in select_clear_effects(found.effects) if e.value > 0]
    effects = sorted(found.effects, key=lambda e: -e.value)
    rows = [
        {
            **named(e.name),
            "share": e.value,
            "half_width": e.half_width,
            "in_sample": e.in_sample,
            "clear": e.name in clear,
        }
        for e in effects
    ]
    settling = _settling(found.effects, before.effects, clear, draws)
    return Found(
        found.sentence,
        rows,
        {"share": "Share", "half_width": "± (95%)", "in_sample": "In sample"},
        luck_share(question),
        settling.settled,
        settling.sentence,
        f"Among {len(rows)} factors some pass their interval by chance, so it is widened for their number before a "
        "share counts as clear; a negative share is noise. The share was tried on other rows than it was fitted to, "
        "which makes it a little low; in sample it is a little high.",
        _sampled(question, "Main effects", draws, lucks),
        draws,
        lucks,
    )


def _halves(question: Varied, draws: int, lucks: int) -> tuple[GivenData, GivenData]:
    """A sample, and its first half."""
    from simulator.experiments.sensitivity.given_data import make_given_data

    if draws < FEWEST_DRAWS:
        raise InputError(f"{draws} draws are too few to say whether the order has settled; take {FEWEST_DRAWS} or more")
    whole = sample(question, draws, lucks, "the sample")
    first = len(whole) // 2
    columns = {name: column[:first] for name, column in whole.points.items()}
    return whole, make_given_data(columns, whole.values[:first], question.label)


def _settling(
    whole: Sequence[FactorEffect], half: Sequence[FactorEffect], clear: Sequence[str], n: int
) -> RankStability:
    from simulator.experiments.sensitivity.rank_stability import check_rank_stability

    values, earlier = ({e.name: e.value for e in effects} for effects in (whole, half))
    return check_rank_stability(values, earlier, clear, n, "draws")


def _sampled(question: Varied, method: str, draws: int, lucks: int) -> str:
    together = (
        " Parameters of the posterior vary together, so that one may speak for another." if question.posterior else ""
    )
    return f"{method}: {draws:,} draws, {draws * lucks:,} futures.{together}"


@dataclass(frozen=True)
class About:
    """How a method is run, its size and lucks unless told, and whether its factors must vary independently."""

    run: Callable[[Varied, int, int], Found]
    size: int
    lucks: int
    independent: bool


METHODS: Mapping[Method, About] = {
    Method.SCREEN: About(screen, SCREEN_WALKS, SCREEN_LUCKS, True),
    Method.SOBOL: About(sobol, 512, 1, True),
    Method.PAWN: About(pawn, 1_000, 4, False),
    Method.MAIN: About(main, 1_000, 4, False),
}
