"""Scenario discovery: in which futures does it fail? A box in a few factors that holds most of the failures.

Scenario discovery (Bryant and Lempert 2010) turns a sample of points, some of which are cases of interest, into a
sentence about a few factors. Coverage is the share of all cases inside the box, density the share of cases among the
points inside. A factor is named only if its limits are neither explained by chance nor lost on half of the points.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulator.common.errors import InputError
from simulator.common.formatting import amount, change
from simulator.common.units import Unit
from simulator.experiments.core.clustered_errors import Labels, number_labels
from simulator.experiments.core.model_protocol import Floats, Progress
from simulator.experiments.discovery.box_text import describe_limits, make_ema_frame, name_restricted
from simulator.experiments.discovery.prim import Box, Cases, Trajectory, prim
from simulator.experiments.discovery.scenario_box import (
    BoxSearch,
    choose_box,
    clean_box,
    compute_quasi_p,
    count_inside,
    split_in_halves,
)
from simulator.experiments.sensitivity.given_data import GivenData
from simulator.experiments.stats.ranking_and_selection import ShareEstimate, estimate_share

if TYPE_CHECKING:
    import pandas as pd

FEWEST_CASES = 20


@dataclass(frozen=True)
class CaseDefinition:
    """What makes a point a case of interest: its outcome lies below `threshold`, or above it if not `below`.

    `paired` outcomes are differences, whose threshold is told with its sign.
    """

    threshold: float
    below: bool = True
    unit: Unit = Unit.RATIO
    paired: bool = False

    def among(self, values: Floats) -> Cases:
        """Which values (n,) are cases: (n,). Raises ValueError for fewer than 20 cases, or fewer than 20 others."""
        cases = np.asarray(values < self.threshold if self.below else values > self.threshold)
        if not FEWEST_CASES <= cases.sum() <= len(cases) - FEWEST_CASES:
            raise InputError(
                f"{int(cases.sum())} of {len(cases)} points are {self.words}; a box needs {FEWEST_CASES} such points "
                f"and {FEWEST_CASES} others: take more points, or a threshold nearer the middle of the outcome"
            )
        return cases

    @property
    def words(self) -> str:
        told = change(self.threshold, self.unit) if self.paired else amount(self.threshold, self.unit)
        return f"{'below' if self.below else 'above'} {told}"


@dataclass(frozen=True)
class BoxLimit:
    """One limit that the search drew: `value`, on the `side` "low" or "high" of a factor.

    `quasi_p` is the chance of so dense a box if the limit made no difference; `repeats` the share of halves in which
    a limit was drawn there again, and `likely` the middle 80% of those (nan if there are none). `kept` limits make up
    the box; the others are noise.
    """

    factor: str
    side: str
    value: float
    quasi_p: float
    repeats: float
    likely: tuple[float, float]
    kept: bool


@dataclass(frozen=True, eq=False)
class ScenarioDiscovery:
    """The box that holds the cases of interest, and how far to believe it.

    `base` is the share of cases among all `n` points. Intervals of coverage and density (95%, Wilson) take the box as
    given; `unseen_coverage` and `unseen_density` are means over boxes found on one half of the points and measured on
    the other, nan if there were none. `repeats` says for each factor in which share of `halves` it was restricted.
    `span` (2, d) is where the points lie; `failed` runs were left out.
    """

    outcome: str
    case: CaseDefinition
    n: int
    failed: int
    base: float
    names: tuple[str, ...]
    span: Floats
    box: Box
    limits: tuple[BoxLimit, ...]
    coverage: ShareEstimate
    density: ShareEstimate
    halves: int
    repeats: Mapping[str, float]
    unseen_coverage: float
    unseen_density: float
    trajectory: Trajectory

    @property
    def restricted(self) -> tuple[str, ...]:
        """Factors that make up the box; none if no box stands out from noise."""
        return name_restricted(self.box, self.names)

    @property
    def noise(self) -> tuple[str, ...]:
        """Factors that the search restricted for no good reason."""
        drawn = dict.fromkeys(limit.factor for limit in self.limits)
        return tuple(name for name in drawn if name not in self.restricted)

    @property
    def sentence(self) -> str:
        """The answer in plain words."""
        head = f"“{self.outcome}” is {self.case.words} in {_percent(self.base)} of {self.n:,} points"
        lost = f" {self.failed:,} failed runs were left out." if self.failed else ""
        if not self.restricted:
            hint = " They are the larger part: ask where it is not so." if self.base > 0.5 else ""
            return f"{head}, and no box in the {len(self.names)} factors stands out from noise.{hint}{lost}"
        unseen = f"{_percent(self.unseen_density)} and {_percent(self.unseen_coverage)}"
        tried = f" Found on one half of the points and tried on the other, such boxes get {unseen}."
        other = f"{len(self.noise)} other factor{'' if len(self.noise) == 1 else 's'}"
        dropped = f" Limits that the search drew on {other} were dropped as noise." if self.noise else ""
        return (
            f"{head}, but in {_interval(self.density)} where {describe_limits(self.box, self.names, self.span)}; "
            f"these hold {_interval(self.coverage)} of all such points."
            f"{'' if np.isnan(self.unseen_density) else tried}{dropped}{lost}"
        )

    def to_frame(self) -> pd.DataFrame:
        """One row a limit that the search drew, those of the box first."""
        import pandas as pd

        rows = [vars(limit) | {"likely low": limit.likely[0], "likely high": limit.likely[1]} for limit in self.limits]
        columns = ["factor", "side", "value", "likely low", "likely high", "quasi_p", "repeats", "kept"]
        return pd.DataFrame(rows, columns=columns).sort_values(
            "kept", ascending=False, ignore_index=True, kind="stable"
        )

    def boxes_to_frame(self) -> pd.DataFrame:
        """The box as the EMA Workbench lays boxes out, see `make_ema_frame`."""
        return make_ema_frame([self.box], self.names, self.span)


def discover_scenario(
    sample: GivenData,
    case: CaseDefinition,
    *,
    search: BoxSearch | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> ScenarioDiscovery:
    """Find the box in which the cases of interest lie, if they lie in one.

    Of PRIM's trajectory the step with the best balance of coverage and density is taken, less its limits that are noise
    by their quasi-p-value or in repeats on halves; those that stay are sharpened. See `BoxSearch` for the thresholds.
    `progress` counts the halves on which the search is repeated; the seed decides how points are halved. Raises
    ValueError for too few cases or others, and for rows of unequal weight.
    """
    if np.ptp(sample.weights) > 0:
        raise InputError("scenario discovery counts every row once: hand over a sample whose weights are all equal")
    search = search or BoxSearch()
    names, x, y = tuple(sample.points), np.stack(list(sample.points.values())).T, case.among(sample.values)
    trajectory = prim(x, y, search.patience)
    drawn = choose_box(trajectory, search.weight)
    again, unseen = _repeated(x, y, search, seed, progress, sample.sets)
    repeats = np.isfinite(again)
    steady = drawn.limited_to(repeats.mean(axis=0) >= search.least_repeats)
    box = clean_box(steady, x, y, search)
    own, inside = number_labels(sample.sets, len(y)), box.holds(x)
    return ScenarioDiscovery(
        outcome=sample.outcome,
        case=case,
        n=len(y),
        failed=sample.failed,
        base=float(y.mean()),
        names=names,
        span=np.stack([x.min(axis=0), x.max(axis=0)]),
        box=box,
        limits=_limits(drawn, box, again, names, x, y),
        coverage=_share(inside[y], own[y]),
        density=_share(y[inside], own[inside]),
        halves=search.halves,
        repeats=dict(zip(names, repeats.any(axis=1).mean(axis=0).tolist(), strict=True)),
        unseen_coverage=unseen[0],
        unseen_density=unseen[1],
        trajectory=trajectory,
    )


def _repeated(
    x: Floats, y: Cases, search: BoxSearch, seed: int, progress: Progress | None, sets: Labels | None
) -> tuple[Floats, tuple[float, float]]:
    """Limits (halves, 2, d) found on random halves, infinite where none, and mean coverage and density on the rest.

    A half without replacement varies about as a bootstrap sample does, but has no copies that would feign density.
    """
    limits, shares = [], []
    for i in range(search.halves):
        mine, others = split_in_halves(y, seed, f"half {i}", sets)
        box = clean_box(choose_box(prim(x[mine], y[mine], search.patience), search.weight), x[mine], y[mine], search)
        limits.append(box.limits)
        inside, cases = count_inside(box, x[others], y[others])
        if box.restricted.any() and inside:
            shares.append((cases / y[others].sum(), cases / inside))
        if progress:
            progress(i + 1, search.halves)
    coverage, density = np.mean(shares, axis=0) if shares else (np.nan, np.nan)
    return np.stack(limits), (float(coverage), float(density))


def _limits(drawn: Box, box: Box, again: Floats, names: Sequence[str], x: Floats, y: Cases) -> tuple[BoxLimit, ...]:
    """Every limit that was drawn: as it is in the box if kept, else as drawn."""
    before, after = compute_quasi_p(drawn, x, y), compute_quasi_p(box, x, y)
    made = []
    for side, dim in np.argwhere(drawn.restricted):
        kept, values = bool(box.restricted[side, dim]), again[:, side, dim][np.isfinite(again[:, side, dim])]
        few, many = np.quantile(values, (0.1, 0.9)) if values.size else (np.nan, np.nan)
        made.append(
            BoxLimit(
                factor=names[dim],
                side=("low", "high")[side],
                value=float((box if kept else drawn).limits[side, dim]),
                quasi_p=float((after if kept else before)[side, dim]),
                repeats=len(values) / len(again),
                likely=(float(few), float(many)),
                kept=kept,
            )
        )
    return tuple(made)


def _share(hits: Cases, sets: Labels) -> ShareEstimate:
    """A share of rows with Wilson's interval, for as many independent rows as these are worth."""
    return estimate_share(hits.astype(np.float64), number_labels(sets, len(hits)), 0.95)


def _percent(x: float) -> str:
    return amount(x, Unit.SHARE)


def _interval(share: ShareEstimate) -> str:
    return f"{_percent(share.estimate)} ({_percent(share.low)} to {_percent(share.high)})"
