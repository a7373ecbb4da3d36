"""Scenario discovery: where does a policy fail? A box in a few factors that holds most of the failures.

Scenario discovery (Bryant and Lempert 2010) turns a sample of points, some of which are cases of interest, into a
sentence about a few factors. Coverage is the share of all cases that lie in the box, density the share of cases among
the points in it. A factor is named only if chance does not explain its limits, and halves of the points repeat them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.common.formatting import format_difference_range, format_level, name_base
from simulator.common.pictures.trajectory import draw_trajectory
from simulator.common.ranges import Range
from simulator.common.representation import short_repr
from simulator.common.units import Unit
from simulator.experiments.core.clustered_errors import number_labels
from simulator.experiments.core.model_protocol import Labels, Progress
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
    from matplotlib.axes import Axes

FEWEST_CASES = 20


@dataclass(frozen=True)
class CaseDefinition:
    """What makes a point a case of interest: an outcome below `threshold`, or above it if not `below`.

    The outcome of a `paired` case is a difference, and its threshold is shown with its sign.
    """

    threshold: float
    below: bool = True
    unit: Unit = Unit.RATIO
    paired: bool = False

    def find(self, values: Floats) -> Cases:
        """Which of the values (n,) are cases: (n,). Raises ValueError for fewer than 20 cases, or 20 others."""
        cases = np.asarray(values < self.threshold if self.below else values > self.threshold)
        if not FEWEST_CASES <= cases.sum() <= len(cases) - FEWEST_CASES:
            raise InputError(
                f"{int(cases.sum())} of {len(cases)} points are {self.description}; a box needs {FEWEST_CASES} such "
                f"points and {FEWEST_CASES} others: take more points, or a threshold nearer the middle of the outcome"
            )
        return cases

    @property
    def description(self) -> str:
        """The case in words, such as "below 50%"."""
        threshold = (
            f"{format_difference_range(self.threshold, self.threshold, self.unit)}{name_base(self.unit)}"
            if self.paired
            else format_level(self.threshold, self.unit)
        )
        return f"{'below' if self.below else 'above'} {threshold}"


@dataclass(frozen=True)
class BoxLimit:
    """A limit that the search found: `value`, on the `side` "low" or "high" of a factor.

    `quasi_p` is the chance of so dense a box if the limit made no difference; `repeats` is the share of halves in which
    a limit was found on that side again, and `likely` holds the middle 80% of those (nan if there are none). The `kept`
    limits make up the box; the others are noise.
    """

    factor: str
    side: str
    value: float
    quasi_p: float
    repeats: float
    likely: Range
    kept: bool


@short_repr
@dataclass(frozen=True, eq=False)
class ScenarioDiscovery:
    """The box that holds the cases of interest, and how far to believe it.

    `base` is the share of cases among all `n` points. Intervals of coverage and density (95%, Wilson) take the box as
    given; `unseen_coverage` and `unseen_density` are means over boxes found on one half of the points and measured on
    the other, nan if there were none. `repeats` gives for each factor the share of `halves` in which it was restricted.
    `span` (2, d) is the range of the points; `failed` runs were left out.
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
        """Factors that the box restricts; none if no box stands out from noise."""
        return name_restricted(self.box, self.names)

    @property
    def noise(self) -> tuple[str, ...]:
        """Factors that the search restricted, but whose limits are noise."""
        searched = dict.fromkeys(limit.factor for limit in self.limits)
        return tuple(name for name in searched if name not in self.restricted)

    @property
    def sentence(self) -> str:
        """The answer in plain words."""
        head = f"“{self.outcome}” is {self.case.description} in {_format_share(self.base)} of {self.n:,} points"
        failed = f" {self.failed:,} failed runs were left out." if self.failed else ""
        if not self.restricted:
            hint = " They are the larger part: ask where it is not so." if self.base > 0.5 else ""
            return f"{head}, and no box in the {len(self.names)} factors stands out from noise.{hint}{failed}"
        unseen = f"{_format_share(self.unseen_density)} and {_format_share(self.unseen_coverage)}"
        tried = f" Such boxes, found on one half of the points and tried on the other, get {unseen}."
        other = f"{len(self.noise)} other factor{'' if len(self.noise) == 1 else 's'}"
        dropped = f" Limits that the search found on {other} were dropped as noise." if self.noise else ""
        return (
            f"{head}, but in {_format_interval(self.density)} where "
            f"{describe_limits(self.box, self.names, self.span)}; these hold {_format_interval(self.coverage)} of "
            "all such points (95% intervals in brackets)."
            f"{'' if np.isnan(self.unseen_density) else tried}{dropped}{failed}"
        )

    @property
    def shares(self) -> str:
        """Coverage and density of the box in words, or without a box the share of cases among all points."""
        if not self.restricted:
            return f"{_format_share(self.base)} of all points are {self.case.description}"
        coverage, density = _format_interval(self.coverage), _format_interval(self.density)
        return f"Coverage {coverage}, density {density} (95% intervals); {_format_share(self.base)} among all points"

    def plot_trajectory(self, ax: Axes | None = None) -> Axes:
        """Draw coverage against density of every box that the search tried, with the chosen one. Returns the axes.

        The chosen box is marked where it ends after its limits were cleaned of noise, so it may lie off the line; the
        dashed line is the share of cases among all points. Raises InputError if matplotlib is not installed.
        """
        chosen = (self.coverage.estimate, self.density.estimate) if self.restricted else None
        return draw_trajectory(self.trajectory.to_frame(), chosen, self.base, ax)

    @property
    def measures(self) -> Mapping[str, float]:
        """Coverage and density of the box, and the share of cases among all points, in full precision."""
        return {"coverage": self.coverage.estimate, "density": self.density.estimate, "base": self.base}

    def to_frame(self) -> pd.DataFrame:
        """One row per limit that the search found, those of the box first. `range_low` and `range_high` are the ends of
        the factor among the points.
        """
        import pandas as pd

        ends = {name: span for name, *span in zip(self.names, *self.span.tolist(), strict=True)}
        rows = [
            vars(limit)
            | dict(zip(("likely_low", "likely_high"), limit.likely, strict=True))
            | dict(zip(("range_low", "range_high"), ends[limit.factor], strict=True))
            for limit in self.limits
        ]
        columns = ["factor", "side", "value", "likely_low", "likely_high", "quasi_p", "repeats", "kept"]
        columns += ["range_low", "range_high"]
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

    The box is PRIM's step with the best balance of coverage and density, without the limits that are noise by their
    quasi-p-value or are rarely found again on halves of the points; the others are sharpened. `search` sets the
    thresholds. The seed decides how points are split in halves, and `progress` counts the halves.
    Raises ValueError for too few cases or others, and for rows of unequal weight.
    """
    if np.ptp(sample.weights) > 0:
        raise InputError("scenario discovery counts every row once: hand over a sample whose weights are all equal")
    search = search or BoxSearch()
    names, x, y = tuple(sample.points), np.stack(list(sample.points.values())).T, case.find(sample.values)
    trajectory = prim(x, y, search.patience)
    searched = choose_box(trajectory, search.weight)
    limits_on_halves, unseen = _repeat_on_halves(x, y, search, seed, progress, sample.sets)
    repeats = np.isfinite(limits_on_halves)
    repeated = searched.limited_to(repeats.mean(axis=0) >= search.least_repeats)
    box = clean_box(repeated, x, y, search)
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
        limits=_list_limits(searched, box, limits_on_halves, names, x, y),
        coverage=_estimate_share(inside[y], own[y]),
        density=_estimate_share(y[inside], own[inside]),
        halves=search.halves,
        repeats=dict(zip(names, repeats.any(axis=1).mean(axis=0).tolist(), strict=True)),
        unseen_coverage=unseen[0],
        unseen_density=unseen[1],
        trajectory=trajectory,
    )


def _repeat_on_halves(
    x: Floats, y: Cases, search: BoxSearch, seed: int, progress: Progress | None, sets: Labels | None
) -> tuple[Floats, Range]:
    """Limits found on random halves, (halves, 2, d), infinite for none, and mean coverage and density on the others.

    Halves vary about as much as bootstrap samples do, but have no repeated rows, which would look like density.
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


def _list_limits(
    searched: Box, box: Box, limits_on_halves: Floats, names: Sequence[str], x: Floats, y: Cases
) -> tuple[BoxLimit, ...]:
    """Every limit that the search found, with its value in the box if it is kept."""
    before, after = compute_quasi_p(searched, x, y), compute_quasi_p(box, x, y)
    limits, repeats = [], np.isfinite(limits_on_halves)
    for side, dim in np.argwhere(searched.restricted):
        kept, values = bool(box.restricted[side, dim]), limits_on_halves[:, side, dim][repeats[:, side, dim]]
        few, many = np.quantile(values, (0.1, 0.9)) if values.size else (np.nan, np.nan)
        limits.append(
            BoxLimit(
                factor=names[dim],
                side=("low", "high")[side],
                value=float((box if kept else searched).limits[side, dim]),
                quasi_p=float((after if kept else before)[side, dim]),
                repeats=len(values) / len(limits_on_halves),
                likely=(float(few), float(many)),
                kept=kept,
            )
        )
    return tuple(limits)


def _estimate_share(hits: Cases, sets: Labels) -> ShareEstimate:
    """The share of hits with Wilson's interval; rows of one set count together."""
    return estimate_share(hits.astype(np.float64), number_labels(sets, len(hits)), 0.95)


def _format_share(x: float) -> str:
    return format_level(x, Unit.SHARE)


def _format_interval(share: ShareEstimate) -> str:
    return f"{_format_share(share.estimate)} ({_format_share(share.low)} to {_format_share(share.high)})"
