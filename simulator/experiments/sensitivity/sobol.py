"""Sobol' indices: which share of an outcome's variance each factor explains, by itself and with all it acts through.

Luck is one more factor: a column of the design becomes the seed, so that a factor which does nothing has a total index
of exactly 0 (every comparison is made under the same luck), and luck's own share is an index like any other. One
frozen seed would answer for that seed only.

Indices take factors that vary independently, as priors do. A sample whose factors depend on one another (a posterior)
is refused; `simulator.experiments.sensitivity.given_data` has what holds there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from simulator.common.errors import InputError
from simulator.common.formatting import amount, listed, significant
from simulator.common.units import Unit
from simulator.experiments.core.model_protocol import Factor, Floats, ModelProtocol, Progress
from simulator.experiments.core.outcome_checks import find_usable_groups
from simulator.experiments.core.sweep import CHUNK, sweep
from simulator.experiments.sensitivity.given_data import GivenData
from simulator.experiments.sensitivity.sobol_design import FEWEST, LUCK, SaltelliDesign

if TYPE_CHECKING:
    import pandas as pd

NARROW = 0.05
"""Indices are known well enough, and are told apart, at this half-width; smaller ones need no order."""

RESAMPLES = 200


@dataclass(frozen=True)
class SobolIndex:
    """Shares of variance of one factor: `first` by itself, `total` with all it acts through. May be negative by noise.

    Half-widths belong to 95% bootstrap intervals, which are on the wide side for quasi-random designs.
    """

    name: str
    first: float
    first_half_width: float
    total: float
    total_half_width: float


@dataclass(frozen=True)
class SobolStep:
    """What `n` blocks gave: the widest half-width of a total index, and whether the order is as half of them had it."""

    n: int
    widest: float
    stable: bool

    @property
    def converged(self) -> bool:
        """Narrow enough, and in a settled order."""
        return self.stable and self.widest < NARROW


@dataclass(frozen=True)
class SobolIndices:
    """Sobol' indices of one outcome; `indices` are in the order of the factors, luck's is apart.

    `steps` shows how the answer settled as the number of blocks doubled. `n` blocks were used, `failed` were left out;
    `rows` were run.
    """

    outcome: str
    indices: tuple[SobolIndex, ...]
    luck: SobolIndex
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
        """Sum of all first indices, luck's too: below 1 by as much as factors act together."""
        return sum(index.first for index in (*self.indices, self.luck))

    @property
    def negative(self) -> tuple[str, ...]:
        """Whose first index is negative, which only sampling noise makes."""
        return tuple(index.name for index in (*self.indices, self.luck) if index.first < 0)

    def of_mean(self, name: str) -> float:
        """The first index of a factor for the outcome's mean over luck: nan if luck is all there is."""
        (index,) = (index for index in self.indices if index.name == name)
        left = 1 - self.luck.total
        return index.first / left if left > 0 else float("nan")

    @property
    def sentence(self) -> str:
        """What the indices say, and how far they can be relied upon."""
        parts = [_leaders(self), _luck(self), _together(self), _noise(self), _settled(self)]
        return " ".join(part for part in parts if part)

    def to_frame(self) -> pd.DataFrame:
        """One row a factor and one for luck, the largest total first; `of_mean` is the index for the mean over luck."""
        import pandas as pd

        rows = [vars(index) | {"of_mean": self.of_mean(index.name)} for index in self.indices]
        frame = pd.DataFrame([*rows, vars(self.luck) | {"of_mean": float("nan")}])
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

    Costs blocks times (factors + 3) runs; `progress` counts those of the present doubling. Average over luck by handing
    in `Averaged(simulate, runs)`: luck's index is then its share of such means. For several outcomes, sweep a
    `SaltelliDesign` design once and call `estimate_sobol_indices` for each.
    Raises ValueError for dependent factors, and for an outcome that is unknown, constant, infinite or failed too often.
    """
    if isinstance(factors, GivenData):
        raise InputError(
            "Sobol' indices need factors that vary independently, from priors; a given sample cannot promise that. "
            "Use main_effects, pawn or rank_correlations on it"
        )
    design = SaltelliDesign(tuple(factors), start, seed)
    if len(replace(design, n=most)) < len(design):
        raise InputError(f"at most {most} blocks are fewer than the {start} to start with")
    values: Floats = np.empty(0)
    while True:
        new = sweep(simulate, design, first=len(values), chunk=chunk, progress=progress)
        values = np.concatenate([values, *(table.column(outcome) for table in new)])
        found = estimate_sobol_indices(values, design, outcome, start=start)
        if found.converged or design.n >= most:
            return found
        design = replace(design, n=2 * design.n)


def estimate_sobol_indices(values: Floats, design: SaltelliDesign, outcome: str, *, start: int = 256) -> SobolIndices:
    """Indices from one outcome of all rows of a design, (len(design),), with what half, a quarter ... of it gave,
    down to `start` blocks. A block with a failed row is left out. Raises ValueError as `run_sobol` does.
    """
    if np.shape(values) != (len(design),):
        raise InputError(f"{np.size(values)} values of '{outcome}' for a design of {len(design)} rows")
    blocks = np.asarray(values).reshape(design.n, design.block)
    kept = find_usable_groups(blocks, outcome, FEWEST)
    names = [*(f.name for f in design.factors), LUCK]
    steps: list[SobolStep] = []
    indices: list[SobolIndex] = []
    n = design.n >> max(0, (design.n // start).bit_length() - 1)
    while n <= design.n:
        good = blocks[:n][kept[:n]]
        if len(good) >= FEWEST and np.ptp(good[:, [0, -1]]) > 0:
            before, indices = indices, _analysed(good, names, design.seed)
            widest = max(index.total_half_width for index in indices)
            steps.append(SobolStep(n, widest, _same_order(before, indices)))
        n *= 2
    if not steps or steps[-1].n < design.n:
        raise InputError(f"'{outcome}' varies in too few rows to apportion its variance: take more blocks")
    lost = int((~kept).sum())
    return SobolIndices(
        outcome, tuple(indices[:-1]), indices[-1], tuple(steps), design.n - lost, len(design), lost, design.seed
    )


def _analysed(blocks: Floats, names: list[str], seed: int) -> list[SobolIndex]:
    from SALib.analyze import sobol as salib

    problem = {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}
    # SALib takes a seed of 0 for none.
    found = salib.analyze(
        problem, blocks.ravel(), calc_second_order=False, num_resamples=RESAMPLES, seed=1 + seed, parallel=False
    )
    columns = (found[key].tolist() for key in ("S1", "S1_conf", "ST", "ST_conf"))
    return [SobolIndex(*row) for row in zip(names, *columns, strict=True)]


def _same_order(before: list[SobolIndex], after: list[SobolIndex]) -> bool:
    """Whether no two factors that matter changed places, those within `NARROW` of one another counting as level."""
    earlier = {index.name: index.total for index in before}
    pairs = combinations(sorted(after, key=lambda index: -index.total), 2)
    apart = [(x, y) for x, y in pairs if x.total > NARROW and x.total - y.total > NARROW]
    return bool(before) and all(earlier[x.name] > earlier[y.name] for x, y in apart)


def _share(x: float) -> str:
    return amount(x, Unit.SHARE)


def _leaders(found: SobolIndices) -> str:
    ranked = sorted(found.indices, key=lambda index: -index.total)
    clear = [index for index in ranked if index.total > max(NARROW, index.total_half_width)][:3]
    if not clear:
        return f"No factor's share of the variance of “{found.outcome}” can be told from sampling noise."
    parts = [f"“{x.name}” {_share(x.total)} ({_share(x.first)} by itself)" for x in clear]
    text = f"Of the variance of “{found.outcome}”, with all that each acts through: {listed(parts)}."
    if len(clear) > 1 and clear[0].total - clear[1].total < clear[0].total_half_width + clear[1].total_half_width:
        text += f" Which of “{clear[0].name}” and “{clear[1].name}” matters more cannot be told."
    return text


def _luck(found: SobolIndices) -> str:
    if not found.luck.total:
        return "Luck plays no part."
    return f"Luck's own share is {_share(found.luck.total)} (± {_share(found.luck.total_half_width)})."


def _together(found: SobolIndices) -> str:
    rest = 1 - found.first_sum
    text = f"Shares of factors and luck by themselves add up to {_share(found.first_sum)}"
    error = sum(x.first_half_width**2 for x in (*found.indices, found.luck)) ** 0.5
    return f"{text}; the rest is what they do together." if rest > error else f"{text}: no joint action is visible."


def _noise(found: SobolIndices) -> str:
    if not found.negative:
        return ""
    lowest = min(index.first for index in (*found.indices, found.luck))
    n, all_of = len(found.negative), len(found.indices) + 1
    return (
        f"{n} of {all_of} shares by themselves came out below zero (lowest {significant(lowest)}), which no true share "
        "is: it is the sampling noise of shares near zero, shown as it is. More blocks shrink it."
    )


def _settled(found: SobolIndices) -> str:
    last = found.steps[-1]
    lost = f" {found.failed} blocks with failed rows are left out." if found.failed else ""
    if found.converged:
        return f"Settled at {last.n:,} blocks: no total share is less certain than ± {_share(last.widest)}.{lost}"
    why = "the order of factors changed in the last doubling"
    if last.widest >= NARROW:
        why = f"a total share is still uncertain by ± {_share(last.widest)}"
    elif len(found.steps) == 1:
        why = "there is no smaller number to compare with"
    return f"Not settled at {last.n:,} blocks ({why}): take more before relying on the order.{lost}"
