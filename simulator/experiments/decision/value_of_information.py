"""What would it be worth to know more before choosing a policy? Expected values of perfect and partial information.

The value of knowing some factors is what the choice would gain on average if it could follow them (Raiffa and
Schlaifer 1961); it is estimated by regressing the differences between policies on those factors (Strong, Oakley and
Brennan 2014). Two figures bracket it. In-sample, the choice is judged by the same rows that fitted it: biased up, but
for what the fit cannot follow. Cross-fitted, each row is chosen for by a fit to other rows and judged by its own
result: biased down, whatever the fit misses, because a poor choice can only lose. Where policies nearly tie on average,
not knowing which leads lowers both; more draws mend that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.common.errors import InputError
from simulator.common.formatting import change, listed, share_counted, span
from simulator.common.units import Unit
from simulator.experiments.core.clustered_errors import number_labels
from simulator.experiments.core.model_protocol import Floats, Points, Progress, draw_uniforms
from simulator.experiments.core.sampled_futures import DrawAverages, select_complete_futures
from simulator.experiments.decision.voi_estimators import (
    bracket_estimate,
    estimate_partial_information,
    estimate_perfect_information,
)
from simulator.experiments.stats.ranking_and_selection import SAME, check_direction
from simulator.experiments.stats.resampling import draw_resamples
from simulator.experiments.stats.spline_regression import make_joint_basis

if TYPE_CHECKING:
    import pandas as pd

FEWEST = 120
NOTABLE_LUCK = 0.02
NAMED = 5


@dataclass(frozen=True)
class InformationValue:
    """What one piece of knowledge is worth: a bracket (`low`, `high`) and its 95% bootstrap interval.

    For some factors `low` is the cross-fitted and `high` the in-sample figure; where they agree but for their errors,
    their order may turn. For perfect information `high` takes the averages as they are, so that luck left in them
    counts as learnable (biased up), and `low` first shrinks the differences between policies to their variance without
    luck (exact for normal differences).
    """

    name: str
    factors: tuple[str, ...]
    low: float
    high: float
    interval: tuple[float, float]


@dataclass(frozen=True)
class ValueOfInformation:
    """Values in the outcome's unit, a choice. `best` is the policy to choose knowing nothing more.

    `perfect` is None where luck could not be told from knowledge. `luck_share` is luck's largest share in the variance
    of the difference between `best` and another policy after averaging over `runs` lucks; None if not known.
    """

    best: str
    perfect: InformationValue | None
    partial: tuple[InformationValue, ...]
    points: int
    runs: int
    luck_share: float | None
    failed: int
    unit: Unit

    def __getitem__(self, name: str) -> InformationValue:
        return {worth.name: worth for worth in self.partial}[name]

    @property
    def sentence(self) -> str:
        """The answer in plain words."""
        told = [self._perfect_words(), *self._partial_words(), self._luck_words()]
        return f"“{self.best}” has the best average. {' '.join(told)}"

    def _size(self, worth: InformationValue) -> str:
        return span(*(change(x, self.unit).lstrip("+") for x in sorted((worth.low, worth.high))))

    def _perfect_words(self) -> str:
        if self.perfect is None:
            return (
                "The value of knowing every parameter is not given: how much of the differences between policies is "
                "luck is not known, and luck would count as something to learn. Average several runs a point."
            )
        if self.perfect.high == 0:
            return "It is best at every point, so nothing that could be learnt would change the choice."
        return f"Knowing every parameter before choosing would be worth {self._size(self.perfect)}."

    def _partial_words(self) -> list[str]:
        if self.perfect is not None and self.perfect.high == 0:
            return []
        clear = sorted((w for w in self.partial if w.interval[0] > 0), key=lambda w: -w.low)
        told = [f"{w.name} ({self._size(w)})" for w in clear[:NAMED]]
        more = [f"{len(clear) - NAMED} more"] if len(clear) > NAMED else []
        unclear = [w.name for w in self.partial if w.interval[0] <= 0]
        others = listed(unclear) if len(unclear) <= NAMED else f"{len(unclear)} of {len(self.partial)} asked about"
        return [
            *([f"Worth knowing: {listed(told + more)}."] if told else []),
            *([f"Not shown to be worth anything: {others}."] if unclear else []),
        ]

    def _luck_words(self) -> str:
        if self.luck_share == 0:
            return f"There are {self.points} points, and no luck in the differences between policies."
        made = "a single run" if self.runs == 1 else f"the mean of {self.runs} runs or more"
        if self.luck_share is None:
            return f"Each of {self.points} points is {made}; how much luck that leaves is not known."
        share = share_counted(min(self.luck_share, 1.0), 100)
        told = f"Each of {self.points} points is {made}; luck makes up {share}% of the variance of the differences"
        if self.luck_share <= NOTABLE_LUCK:
            return f"{told} between policies."
        return f"{told} between policies, and the larger value of knowing every parameter counts it as learnable."

    def to_frame(self) -> pd.DataFrame:
        """One row a question, perfect information first."""
        import pandas as pd

        every = ([self.perfect] if self.perfect else []) + list(self.partial)
        return pd.DataFrame(
            {
                "name": [w.name for w in every],
                "factors": [", ".join(w.factors) for w in every],
                "low": [w.low for w in every],
                "high": [w.high for w in every],
                "interval_low": [w.interval[0] for w in every],
                "interval_high": [w.interval[1] for w in every],
            }
        )


def estimate_value_of_information(
    points: Points,
    results: DrawAverages,
    *,
    better: int,
    questions: Mapping[str, Sequence[str]] | None = None,
    weights: Floats | None = None,
    unit: Unit = Unit.RATIO,
    times: int = 200,
    seed: int = 0,
    progress: Progress | None = None,
    sets: ArrayLike | None = None,
) -> ValueOfInformation:
    """What it is worth to know every factor, and those of each question, before choosing between policies.

    `points` has one column (draws,) a factor, `results` the policies' averages over luck at the same draws; `better` is
    +1 or -1. `questions` names groups of factors to be known together; each factor alone unless given. `weights`
    (draws,) are those of a posterior; factors may depend on each other. `times` resamples make the intervals,
    and take draws with the same parameters together, as `sets` (draws,) tells; such draws also stay together where fits
    are judged by other rows. `progress` counts questions.

    From single runs the value of some factors is right, only less precise; that of everything is refused unless the
    variance of luck is known. Raises ValueError as `select_complete_futures` and `make_joint_basis`, for fewer than 120
    draws (with weights, as many effective ones), results that never vary, and factors that `points` does not have.
    """
    check_direction(better)
    matrix, kept = _varied(results.means)
    own = number_labels(None if sets is None else np.asarray(sets)[kept], len(matrix))
    order = np.argsort(draw_uniforms(len(matrix), seed, "order of rows")[own], kind="stable")
    columns, weight = _columns(points, kept, order), _weights(weights, kept)[order]
    best = int(np.argmax(better * weight @ matrix[order]))
    gains = better * (matrix - matrix[:, [best]])[order]
    noise = _noise(results, best, gains.shape[1])
    counts = np.array(list(draw_resamples(len(gains), times, seed, own[order])), np.uint8)
    worths = _worths(_Rows(gains, weight, counts), columns, questions, progress)
    everything = None if noise is None else bracket_estimate(estimate_perfect_information(gains, noise), weight, counts)
    return ValueOfInformation(
        best=tuple(results.means)[best],
        perfect=None if everything is None else InformationValue("everything", tuple(points), *everything),
        partial=worths,
        points=len(gains),
        runs=results.runs,
        luck_share=None if noise is None else _luck_share(gains, weight, noise),
        failed=results.failed + int((~kept).sum()),
        unit=unit,
    )


@dataclass(frozen=True)
class _Rows:
    """Gains over the policy chosen without learning (rows, policies), weights (rows,), and resampled counts."""

    gains: Floats
    weight: Floats
    counts: NDArray[np.uint8]


def _worths(
    rows: _Rows, columns: Points, questions: Mapping[str, Sequence[str]] | None, progress: Progress | None
) -> tuple[InformationValue, ...]:
    asked = {name: [name] for name in columns} if questions is None else questions
    worths: list[InformationValue] = []
    for name, group in asked.items():
        estimate = estimate_partial_information(rows.gains, _basis(name, group, columns))
        worths.append(InformationValue(name, tuple(group), *bracket_estimate(estimate, rows.weight, rows.counts)))
        if progress:
            progress(len(worths), len(asked))
    return tuple(worths)


def _varied(means: Mapping[str, Floats]) -> tuple[Floats, NDArray[np.bool_]]:
    matrix, kept = select_complete_futures(means)
    if not np.ptp(matrix, axis=0).any():
        raise InputError("no result varies from draw to draw: there is nothing to learn")
    return matrix, kept


def _columns(points: Points, kept: NDArray[np.bool_], order: NDArray[np.intp]) -> dict[str, Floats]:
    columns = {name: np.asarray(column, np.float64) for name, column in points.items()}
    for name, column in columns.items():
        if column.shape != kept.shape:
            raise InputError(f"{name} has {column.size} values for {kept.size} results: give one a draw")
    return {name: column[kept][order] for name, column in columns.items()}


def _weights(given: Floats | None, kept: NDArray[np.bool_]) -> Floats:
    """Weights of the kept rows, adding up to 1. Raises ValueError for negative ones and too few effective rows."""
    weights = np.ones(kept.shape) if given is None else np.asarray(given, np.float64)
    if weights.shape != kept.shape or not np.isfinite(weights).all() or (weights < 0).any() or not weights[kept].any():
        raise InputError("weights are one number a draw, 0 or more, and not all 0")
    weights = weights[kept] / weights[kept].sum()
    effective = 1 / (weights**2).sum()
    if effective < FEWEST - 0.5:
        raise InputError(f"{effective:.0f} effective draws are too few to learn from: give {FEWEST} or more")
    return np.asarray(weights)


def _noise(results: DrawAverages, best: int, policies: int) -> Floats | None:
    """Variance (policies,) that luck leaves in each average difference from the best policy; None if not known."""
    if results.runs < 1:
        raise InputError(f"averages over {results.runs} runs: each needs at least one")
    if results.luck is None:
        return None
    luck = np.asarray(results.luck, np.float64)
    if luck.shape not in ((), (policies, policies)) or not np.isfinite(luck).all():
        raise InputError(f"luck is one variance, or a covariance of {policies} x {policies} policies")
    spread = np.diag(luck) + luck[best, best] - 2 * luck[best] if luck.ndim else np.full(policies, float(luck))
    if (spread < -SAME * np.abs(luck).max()).any():
        raise InputError("luck has a negative variance")
    return np.asarray(np.where(np.arange(policies) == best, 0.0, np.maximum(spread, 0.0)) / results.runs)


def _luck_share(gains: Floats, weight: Floats, noise: Floats) -> float:
    variance = weight @ (gains - weight @ gains) ** 2
    return float(np.divide(noise, variance, out=np.zeros_like(noise), where=variance > 0).max())


def _basis(name: str, group: Sequence[str], columns: Mapping[str, Floats]) -> Floats:
    unknown = [factor for factor in group if factor not in columns]
    if unknown or not group:
        raise InputError(f"'{name}' asks about {', '.join(unknown) or 'no factor'}; there are {', '.join(columns)}")
    try:
        return make_joint_basis([columns[factor] for factor in group])
    except ValueError as error:
        raise InputError(f"'{name}': {error}") from error
