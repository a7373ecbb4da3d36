"""Screening by Morris' elementary effects: which of many factors matter at all, for few runs (Morris 1991).

Each trajectory starts at a random point and moves one factor a step, with one seed throughout: a factor that does
nothing then changes nothing. With a new seed at every step it would seem to matter as much as chance does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.common.formatting import format_absolute, format_number, join_words, name_base
from simulator.common.representation import short_repr
from simulator.common.units import Unit
from simulator.experiments.core.design import BlockDesign
from simulator.experiments.core.model_protocol import Factor, ModelProtocol, Points, Progress, Seeds
from simulator.experiments.core.outcome_checks import find_usable_groups
from simulator.experiments.core.sweep import collect_tables, make_fresh_seeds, sweep
from simulator.experiments.sensitivity.given_data import FactorEffects

if TYPE_CHECKING:
    import pandas as pd

FEWEST = 4
MOST_NAMED = 5
RESAMPLES = 500
CENTRAL = (0.025, 0.975)


@dataclass(frozen=True)
class MorrisDesign(BlockDesign):
    """Morris' design: `n` trajectories of d + 1 rows over a grid of `levels`, each with its own seed.

    The grid spans the central 95% of a factor's prior, or its whole range if it has none. A larger design begins with
    the trajectories of a smaller one. Raises ValueError for fewer than 4 trajectories, and for an odd number of levels.
    """

    levels: int = 4

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.n < FEWEST:
            raise InputError(f"{self.n} trajectories are too few: take {FEWEST} or more (10 to 50 are usual)")
        if self.levels < 2 or self.levels % 2:
            raise InputError(f"{self.levels} levels: Morris' steps are even only with an even number of levels")

    @property
    def block(self) -> int:
        """Rows of a trajectory: d + 1."""
        return len(self.factors) + 1

    @property
    def problem(self) -> dict[str, object]:
        """The factors as SALib describes them, on a scale from 0 to 1."""
        names = [f.name for f in self.factors]
        return {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}

    @cached_property
    def units(self) -> Floats:
        """The whole design on a scale from 0 to 1: (rows, factors)."""
        from SALib.sample import morris as salib

        return np.asarray(salib.sample(self.problem, self.n, num_levels=self.levels, seed=int(self.seed)))

    def rows(self, first: int, last: int) -> tuple[Points, Seeds]:
        """Rows `first` to `last`: columns (last - first,), and the seeds."""
        u = self.units[first:last]
        seeds = make_fresh_seeds(self.n, self.seed)[np.arange(first, last) // self.block]
        return {f.name: _spread(f, u[:, j]) for j, f in enumerate(self.factors)}, seeds


def _spread(factor: Factor, u: Floats) -> Floats:
    low, high = CENTRAL if factor.prior else (0.0, 1.0)
    return factor.quantile(low + (high - low) * u)


@dataclass(frozen=True)
class ElementaryEffect:
    """Elementary effects of one factor, in the outcome's unit for a move across the factor's whole span.

    `mu` is their mean, `mu_star` the mean of their sizes (with half the width of its 95% bootstrap interval), `sigma`
    their standard deviation, which is large beside `mu_star` if the effect depends on where it is measured.
    """

    name: str
    mu: float
    mu_star: float
    half_width: float
    sigma: float


@short_repr
@dataclass(frozen=True)
class MorrisScreening(FactorEffects[ElementaryEffect]):
    """Elementary effects of all factors over `n` trajectories; `failed` more were left out."""

    seed: int = 0
    unit: Unit | None = None
    """The unit that differences of the outcome are shown in, where it is known: sentences then give it."""

    @property
    def inert(self) -> tuple[str, ...]:
        """Factors that never changed the outcome."""
        return tuple(effect.name for effect in self.effects if effect.mu_star == 0)

    @property
    def sentence(self) -> str:
        """Which factors matter most, and which not at all, in plain words."""
        ranked = sorted(self.effects, key=lambda effect: -effect.mu_star)[:3]
        clear = [effect for effect in ranked if effect.mu_star > effect.half_width]
        if not clear:
            return f"{self.n} trajectories are too few to tell which factors matter for “{self.outcome}”."
        effects = [f"“{e.name}” ({self._format(e.mu_star)} ± {self._format(e.half_width)})" for e in clear]
        of = "" if self.unit is None else name_base(self.unit)
        text = (
            f"“{self.outcome}” changes most when these are moved across the central 95% of their prior (a lever "
            f"across its range), on average by so much{of}, up or down, with half of the 95% interval: "
            f"{join_words(effects)}"
        )
        names = join_words([f"“{name}”" for name in self.inert])
        inert = names if len(self.inert) <= MOST_NAMED else f"{len(self.inert)} of {len(self.effects)} factors"
        unchanged = f"; {inert} never changed it" if self.inert else ""
        return f"{text}{unchanged}, in {self.n} trajectories."

    def _format(self, size: float) -> str:
        """A size in the outcome's unit; its base, such as “of each £100”, is said once."""
        return format_number(size) if self.unit is None else format_absolute(size, self.unit)

    def to_frame(self) -> pd.DataFrame:
        """One row for each factor, the largest `mu_star` first."""
        return self.rank_effects("mu_star")


def run_morris(
    simulate: ModelProtocol,
    factors: Sequence[Factor],
    outcome: str,
    *,
    n: int = 50,
    levels: int = 4,
    seed: int = 0,
    progress: Progress | None = None,
) -> MorrisScreening:
    """Screen factors by `n` trajectories, which cost n (d + 1) runs.

    For several outcomes, sweep a `MorrisDesign` once and call `estimate_elementary_effects` for each. Raises
    ValueError for an outcome that is unknown, constant, infinite or failed too often.
    """
    design = MorrisDesign(tuple(factors), n, seed, levels)
    table = collect_tables(sweep(simulate, design, progress=progress))
    return estimate_elementary_effects(table.column(outcome), design, outcome)


def estimate_elementary_effects(values: Floats, design: MorrisDesign, outcome: str) -> MorrisScreening:
    """Elementary effects from one outcome, (len(design),), of all rows of a design.

    A trajectory with a failed row is left out. Raises ValueError as `run_morris` does.
    """
    from SALib.analyze import morris as salib

    if np.shape(values) != (len(design),):
        raise InputError(f"{np.size(values)} values of '{outcome}' for a design of {len(design)} rows")
    walks = np.asarray(values, np.float64).reshape(design.n, design.block)
    usable = find_usable_groups(walks, outcome, FEWEST)
    units = design.units.reshape(design.n, design.block, -1)[usable].reshape(-1, len(design.factors))
    analysis = salib.analyze(
        design.problem,
        units,
        walks[usable].ravel(),
        num_resamples=RESAMPLES,
        num_levels=design.levels,
        seed=int(design.seed),
    )
    columns = (np.asarray(analysis[key], np.float64).tolist() for key in ("mu", "mu_star", "mu_star_conf", "sigma"))
    names = [f.name for f in design.factors]
    effects = tuple(ElementaryEffect(*row) for row in zip(names, *columns, strict=True))
    return MorrisScreening(outcome, effects, int(usable.sum()), int((~usable).sum()), design.seed)
