"""Sobol' indices: which share of an outcome's variance does each factor explain, alone and with its interactions?

Chance is one more factor: a column of the design becomes the seed. A factor that does nothing then has a total index of
exactly 0, because rows are compared at the same seed, and the share of chance is an index like any other. A single
fixed seed would give the answer for that seed only.

The factors must vary independently, as priors do. A sample whose factors depend on each other (a posterior) is refused;
`simulator.experiments.sensitivity.given_data` says what is valid there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.common.formatting import format_level, format_number, join_words
from simulator.common.representation import short_repr
from simulator.common.units import Unit
from simulator.experiments.core.design import BlockDesign, draw_sobol_uniforms
from simulator.experiments.core.model_protocol import Factor, ModelProtocol, Points, Progress, Seeds
from simulator.experiments.core.outcome_checks import find_usable_groups
from simulator.experiments.core.sweep import CHUNK, convert_to_seeds, sweep
from simulator.experiments.sensitivity.given_data import GivenData

if TYPE_CHECKING:
    import pandas as pd

LUCK = "luck"


FEWEST = 32


NARROW = 0.05
"""The half-width at which indices are known well enough; indices closer than this count as equal."""

RESAMPLES = 200


def check_blocks(n: int) -> None:
    """Refuse another number of blocks than a power of two from 32 on. Raises InputError."""
    if n < FEWEST or n & (n - 1):
        raise InputError(f"{n} blocks: take a power of two from {FEWEST} on, such as 1024")


@dataclass(frozen=True)
class SaltelliDesign(BlockDesign):
    """The design of Saltelli et al. (2010, Computer Physics Communications 181) over `factors` and chance.

    It has `n` blocks of d + 3 rows. A block is a point a, then a with one column after another (that of seeds last)
    taken from a second point b, then b. A design of twice the size begins with the same blocks.
    Raises ValueError unless `n` is a power of two, 32 or more.
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        if LUCK in (factor.name for factor in self.factors):
            raise InputError(f"'{LUCK}' names the column of seeds; call the factor something else")
        check_blocks(self.n)

    @property
    def block(self) -> int:
        """Rows of a block: d + 3."""
        return len(self.factors) + 3

    def rows(self, first: int, last: int) -> tuple[Points, Seeds]:
        """Rows `first` to `last`: columns (last - first,), and the seeds."""
        start, stop = first // self.block, -(-last // self.block)
        columns = self.block - 2
        a, b = np.split(draw_sobol_uniforms(2 * columns, self.seed, start, stop - start), 2, axis=1)
        u = np.repeat(a[:, None, :], self.block, axis=1)
        u[:, -1] = b
        for j in range(columns):
            u[:, j + 1, j] = b[:, j]
        cut = u.reshape(-1, columns)[first - start * self.block : last - start * self.block]
        return {f.name: f.quantile(cut[:, j]) for j, f in enumerate(self.factors)}, convert_to_seeds(cut[:, -1])


@dataclass(frozen=True)
class SobolIndex:
    """Shares of variance of one factor: `first` alone, `total` with all its interactions. Noise may make them negative.

    Half-widths are those of 95% bootstrap intervals, which are rather wide for quasi-random designs.
    """

    name: str
    first: float
    first_half_width: float
    total: float
    total_half_width: float


@dataclass(frozen=True)
class SobolStep:
    """What `n` blocks give: the widest half-width of a total index, and whether half of them give the same order."""

    n: int
    widest: float
    stable: bool

    @property
    def converged(self) -> bool:
        """Whether the intervals are narrow enough and the order has settled."""
        return self.stable and self.widest < NARROW


@short_repr
@dataclass(frozen=True)
class SobolIndices:
    """Sobol' indices of one outcome, in the order of the factors, and that of `chance`.

    `steps` shows how the answer settled as the number of blocks doubled. `n` blocks were used, `failed` were left out;
    `rows` were run.
    """

    outcome: str
    indices: tuple[SobolIndex, ...]
    chance: SobolIndex
    steps: tuple[SobolStep, ...]
    n: int
    rows: int
    failed: int
    seed: int

    @property
    def converged(self) -> bool:
        """Whether the last doubling changed nothing that matters."""
        return self.steps[-1].converged

    @property
    def first_sum(self) -> float:
        """The sum of all first indices, that of chance included: 1 less the share of interactions."""
        return sum(index.first for index in (*self.indices, self.chance))

    @property
    def negative(self) -> tuple[str, ...]:
        """Factors whose first index is negative, which only sampling noise can make it."""
        return tuple(index.name for index in (*self.indices, self.chance) if index.first < 0)

    def of_mean(self, name: str) -> float:
        """The first index of a factor for the outcome's mean over replicates; nan if all variance is chance."""
        (index,) = (index for index in self.indices if index.name == name)
        rest = 1 - self.chance.total
        return index.first / rest if rest > 0 else float("nan")

    @property
    def sentence(self) -> str:
        """What the indices say, and how far they can be relied on, in plain words."""
        sentences = [
            _describe_leaders(self),
            _describe_chance(self),
            _describe_interactions(self),
            _describe_noise(self),
            _describe_convergence(self),
        ]
        return " ".join(sentence for sentence in sentences if sentence)

    def to_frame(self) -> pd.DataFrame:
        """One row per factor and one for chance ("luck"), the largest total first. See `of_mean` for that column."""
        import pandas as pd

        rows = [vars(index) | {"of_mean": self.of_mean(index.name)} for index in self.indices]
        frame = pd.DataFrame([*rows, vars(self.chance) | {"of_mean": float("nan")}])
        return frame.sort_values("total", ascending=False, ignore_index=True)


def run_sobol(
    simulate: ModelProtocol,
    factors: Sequence[Factor] | GivenData,
    outcome: str,
    *,
    start: int = 256,
    most: int = 4096,
    seed: int = 0,
    chunk: int = CHUNK,
    progress: Progress | None = None,
) -> SobolIndices:
    """Sobol' indices of one outcome, from `start` blocks on, doubled until they settle or `most` blocks are reached.

    This costs blocks times (factors + 3) runs; `progress` counts those of the current doubling. For means over
    replicates pass a `ReplicateAverage` as the model: the index of chance is then its share of such means. For several
    outcomes, sweep a `SaltelliDesign` once and call `estimate_sobol_indices` for each.
    Raises ValueError for dependent factors, and for an outcome that is unknown, constant, infinite or failed too often.
    """
    if isinstance(factors, GivenData):
        raise InputError(
            "Sobol' indices need factors that vary independently, from priors; a given sample cannot promise that. "
            "Use main effects, PAWN or rank correlations on it"
        )
    design = SaltelliDesign(tuple(factors), start, seed)
    if len(replace(design, n=most)) < len(design):
        raise InputError(f"at most {most} blocks are fewer than the {start} to start with")
    values: Floats = np.empty(0)
    while True:
        tables = sweep(simulate, design, first=len(values), chunk=chunk, progress=progress)
        values = np.concatenate([values, *(table.column(outcome) for table in tables)])
        indices = estimate_sobol_indices(values, design, outcome, start=start)
        if indices.converged or design.n >= most:
            return indices
        design = replace(design, n=2 * design.n)


def estimate_sobol_indices(values: Floats, design: SaltelliDesign, outcome: str, *, start: int = 256) -> SobolIndices:
    """Indices from one outcome, (len(design),), of all rows of a design, with what half, a quarter ... of it gives.

    Halving stops at `start` blocks. A block with a failed row is left out. Raises ValueError as `run_sobol` does.
    """
    if np.shape(values) != (len(design),):
        raise InputError(f"{np.size(values)} values of '{outcome}' for a design of {len(design)} rows")
    blocks = np.asarray(values).reshape(design.n, design.block)
    usable = find_usable_groups(blocks, outcome, FEWEST)
    names = [*(f.name for f in design.factors), LUCK]
    steps: list[SobolStep] = []
    indices: list[SobolIndex] = []
    n = design.n >> max(0, (design.n // start).bit_length() - 1)
    while n <= design.n:
        complete = blocks[:n][usable[:n]]
        if len(complete) >= FEWEST and np.ptp(complete[:, [0, -1]]) > 0:
            before, indices = indices, _analyse(complete, names, design.seed)
            widest = max(index.total_half_width for index in indices)
            steps.append(SobolStep(n, widest, _same_order(before, indices)))
        n *= 2
    if not steps or steps[-1].n < design.n:
        raise InputError(f"'{outcome}' varies in too few rows to apportion its variance: take more blocks")
    failed = int((~usable).sum())
    return SobolIndices(
        outcome, tuple(indices[:-1]), indices[-1], tuple(steps), design.n - failed, len(design), failed, design.seed
    )


def _analyse(blocks: Floats, names: list[str], seed: int) -> list[SobolIndex]:
    from SALib.analyze import sobol as salib

    problem = {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}
    # SALib takes a seed of 0 for none.
    analysis = salib.analyze(
        problem, blocks.ravel(), calc_second_order=False, num_resamples=RESAMPLES, seed=1 + seed, parallel=False
    )
    columns = (analysis[key].tolist() for key in ("S1", "S1_conf", "ST", "ST_conf"))
    return [SobolIndex(*row) for row in zip(names, *columns, strict=True)]


def _same_order(before: list[SobolIndex], after: list[SobolIndex]) -> bool:
    """Whether no two factors that matter changed places; those within `NARROW` of each other count as equal."""
    earlier = {index.name: index.total for index in before}
    pairs = combinations(sorted(after, key=lambda index: -index.total), 2)
    apart = [(x, y) for x, y in pairs if x.total > NARROW and x.total - y.total > NARROW]
    return bool(before) and all(earlier[x.name] > earlier[y.name] for x, y in apart)


def _format_share(x: float) -> str:
    return format_level(x, Unit.SHARE)


def _describe_leaders(result: SobolIndices) -> str:
    ranked = sorted(result.indices, key=lambda index: -index.total)
    clear = [index for index in ranked if index.total > max(NARROW, index.total_half_width)][:3]
    if not clear:
        return f"No factor's share of the variance of “{result.outcome}” can be told from sampling noise."
    shares = [f"“{x.name}” {_format_share(x.total)} ({_format_share(x.first)} alone)" for x in clear]
    text = f"Shares of the variance of “{result.outcome}”, interactions included: {join_words(shares)}."
    if len(clear) > 1 and clear[0].total - clear[1].total < clear[0].total_half_width + clear[1].total_half_width:
        text += f" Which of “{clear[0].name}” and “{clear[1].name}” matters more cannot be told."
    return text


def _describe_chance(result: SobolIndices) -> str:
    if not result.chance.total:
        return "Chance plays no part."
    share, half_width = _format_share(result.chance.total), _format_share(result.chance.total_half_width)
    return f"The share of chance is {share} (± {half_width}, half of the 95% interval, as below)."


def _describe_interactions(result: SobolIndices) -> str:
    """What the shares alone leave for interactions, given the 95% interval of their sum."""
    rest = 1 - result.first_sum
    error = sum(x.first_half_width**2 for x in (*result.indices, result.chance)) ** 0.5
    text = f"The shares of factors and chance alone add up to {_format_share(result.first_sum)}"
    text += f" (± {_format_share(error)})"
    if rest > error:
        return f"{text}; the rest is interactions."
    if error > NARROW:
        return f"{text}: what interactions do cannot be told at this many runs."
    return f"{text}: all factors together interact little, if at all."


def _describe_noise(result: SobolIndices) -> str:
    if not result.negative:
        return ""
    lowest = min(index.first for index in (*result.indices, result.chance))
    n, all_of = len(result.negative), len(result.indices) + 1
    return (
        f"{n} of {all_of} shares alone are below zero (lowest {format_number(lowest)}), which no true share "
        "is: this is "
        "the sampling noise of shares near zero. More blocks reduce it."
    )


def _describe_convergence(result: SobolIndices) -> str:
    last = result.steps[-1]
    failed = f" {result.failed} blocks with failed rows were left out." if result.failed else ""
    if result.converged:
        return (
            f"Settled at {last.n:,} blocks: no total share is less certain than ± {_format_share(last.widest)}.{failed}"
        )
    why = "the order of factors changed in the last doubling"
    if last.widest >= NARROW:
        why = f"a total share is still uncertain by ± {_format_share(last.widest)}"
    elif len(result.steps) == 1:
        why = "there is no smaller number to compare with"
    return f"Not settled at {last.n:,} blocks ({why}): take more before relying on the order.{failed}"
