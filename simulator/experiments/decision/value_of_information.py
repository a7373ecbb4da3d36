"""Value of information: what would it be worth to know more before choosing a policy?

The value of knowing some factors (EVPPI; of all of them, EVPI) is what the choice would gain on average if it could
depend on them (Raiffa and Schlaifer 1961, "Applied Statistical Decision Theory"). It is estimated by regressing the
differences between policies on those factors (Strong, Oakley and Brennan 2014, Medical Decision Making 34). Two figures
bracket it. The in-sample one judges a choice by the rows that fitted it: biased upwards, except for what the fit cannot
follow. The cross-fitted one chooses for each row by a fit to other rows, and judges by the row's own result: biased
downwards, because a poor choice can only lose. Where policies nearly tie on average, not knowing which one leads lowers
both; more draws help.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.common.formatting import (
    count_share,
    format_absolute,
    format_difference,
    format_range,
    join_words,
    name_base,
)
from simulator.common.ranges import Range
from simulator.common.representation import short_repr
from simulator.common.units import Unit
from simulator.experiments.core.clustered_errors import Z_95, number_labels
from simulator.experiments.core.model_protocol import ROUNDING, Points, Progress, draw_uniforms
from simulator.experiments.core.replicate_average import DrawAverages
from simulator.experiments.core.sampled_futures import select_complete_futures
from simulator.experiments.stats.ranking_and_selection import check_direction
from simulator.experiments.stats.resampling import draw_resamples
from simulator.experiments.stats.spline_regression import CrossFit, make_joint_basis

if TYPE_CHECKING:
    import pandas as pd

FEWEST = 120
NOTABLE_CHANCE = 0.02
NAMED = 5
CROSS_FITTED, IN_SAMPLE = "cross-fitted regression (errs low)", "in-sample regression (errs high)"
WITHOUT_CHANCE = "chance taken out of the averages (exact for normal differences)"
WITH_CHANCE = "averages as they are (errs high by the chance left in them)"
"""What the two figures of a value are, of partial and of perfect information."""


Bracket: TypeAlias = tuple[float, float]


Estimate: TypeAlias = Callable[[Floats], Bracket]


class Bracketed(NamedTuple):
    """A value between two estimates, and a 95% interval from the bootstrap errors of both."""

    low: float
    high: float
    interval: Bracket


@short_repr
@dataclass(frozen=True)
class InformationValue:
    """What knowing some factors is worth, in the outcome's unit: a bracket (`low`, `high`) and its 95% interval.

    For partial information `low` is the cross-fitted and `high` the in-sample figure; where they agree within their
    errors, `low` may be above `high`. For perfect information `high` takes the averages as they are, so that chance
    left in them counts as something to learn (biased upwards), and `low` first shrinks the differences between
    policies to their variance without chance (exact for normal differences).
    """

    name: str
    factors: tuple[str, ...]
    low: float
    high: float
    interval: Range


@short_repr
@dataclass(frozen=True)
class ValueOfInformation:
    """Values of information for one choice. `best` is the policy to choose knowing nothing more; `equals` are those of
    the `policies` that give the same as it at every point.

    `partial` holds one value for each question; `perfect` is None where chance cannot be separated from parameters.
    `chance_share` is the largest share of chance in the variance of the difference between `best` and another policy,
    after averaging over `replicates`; None if not known. `points` counts parameter draws; `failed` were left out.
    """

    best: str
    perfect: InformationValue | None
    partial: tuple[InformationValue, ...]
    points: int
    replicates: int
    chance_share: float | None
    failed: int
    unit: Unit
    equals: tuple[str, ...] = ()
    policies: int = 0

    def __getitem__(self, name: str) -> InformationValue:
        return {worth.name: worth for worth in self.partial}[name]

    @property
    def sentence(self) -> str:
        """The answer in plain words."""
        sentences = [self._describe_perfect(), *self._describe_partial(), self._describe_chance()]
        names = join_words([f"“{name}”" for name in (self.best, *self.equals)])
        if self.equals and len(self.equals) + 1 == self.policies:
            return (
                f"{names} give the same at every point, so nothing that could be learnt would change the choice "
                f"between them. {self._describe_chance()}"
            )
        averages = "have the best average, the same at every point" if self.equals else "has the best average"
        return f"{names} {averages}. {' '.join(sentences)}"

    def _format(self, value: InformationValue) -> str:
        ends = sorted((value.low, value.high))
        shown = ((format_difference if x < 0 else format_absolute)(x, self.unit) for x in ends)
        return f"{format_range(*shown)}{name_base(self.unit)}"

    def _describe_perfect(self) -> str:
        if self.perfect is None:
            return (
                "The value of knowing every parameter is not given: how much of the differences between policies is "
                "chance is not known, and chance would count as something to learn. Average several replicates a point."
            )
        if self.perfect.high == 0:
            best = "They are" if self.equals else "It is"
            return f"{best} best at every point, so nothing that could be learnt would change the choice."
        apart = self.perfect.low != self.perfect.high
        chance = ", without and with the chance that is left in the averages" if apart else ""
        return f"Knowing every parameter before choosing would be worth {self._format(self.perfect)}{chance}."

    def _describe_partial(self) -> list[str]:
        if self.perfect is not None and self.perfect.high == 0:
            return []
        clear = sorted((w for w in self.partial if w.interval[0] > 0), key=lambda w: -w.low)
        named = [f"{w.name} ({self._format(w)})" for w in clear[:NAMED]]
        more = [f"{len(clear) - NAMED} more"] if len(clear) > NAMED else []
        unclear = [w.name for w in self.partial if w.interval[0] <= 0]
        others = join_words(unclear) if len(unclear) <= NAMED else f"{len(unclear)} of {len(self.partial)} asked about"
        return [
            *([f"Worth knowing: {join_words(named + more)}."] if named else []),
            *([f"Each pair is two estimates and no interval: a {CROSS_FITTED}, an {IN_SAMPLE}."] if named else []),
            *([f"Not shown to be worth anything: {others}."] if unclear else []),
        ]

    def _describe_chance(self) -> str:
        if self.chance_share == 0:
            return f"There are {self.points} points, and no chance in the differences between policies."
        made_of = "a single run" if self.replicates == 1 else f"the mean of {self.replicates} replicates or more"
        if self.chance_share is None:
            return f"Each of {self.points} points is {made_of}; how much chance that leaves is not known."
        share = count_share(min(self.chance_share, 1.0), 100)
        text = f"Each of {self.points} points is {made_of}; chance makes up {share}% of the variance of the differences"
        if self.chance_share <= NOTABLE_CHANCE:
            return f"{text} between policies."
        return f"{text} between policies, and the larger value of knowing every parameter counts it as learnable."

    def to_frame(self) -> pd.DataFrame:
        """One row for each question, perfect information first, in the outcome's unit.

        `low` and `high` are two estimates of one value, and no interval; `low_estimate` and `high_estimate` say by what
        method each is found and which way it errs. `interval_low` to `interval_high` is a 95% interval around both.
        """
        import pandas as pd

        values = ([self.perfect] if self.perfect else []) + list(self.partial)
        return pd.DataFrame(
            {
                "name": [w.name for w in values],
                "factors": [", ".join(w.factors) for w in values],
                "low": [w.low for w in values],
                "high": [w.high for w in values],
                "low_estimate": [WITHOUT_CHANCE if w is self.perfect else CROSS_FITTED for w in values],
                "high_estimate": [WITH_CHANCE if w is self.perfect else IN_SAMPLE for w in values],
                "interval_low": [w.interval[0] for w in values],
                "interval_high": [w.interval[1] for w in values],
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

    `points` has one column (draws,) a factor; `results` are the policies' averages at the same draws; `better` is +1 or
    -1. `questions` maps a name to the factors that would be known together; by default each factor alone. `weights`
    (draws,) are those of a posterior; factors may depend on each other. Intervals come from `times` resamples. `sets`
    (draws,) says which draws have the same parameters: those are resampled, and left out of a fit, together. `progress`
    counts questions.

    From single runs, partial values are right but less precise; the value of everything needs the variance of chance.
    Raises ValueError as `select_complete_futures` and `make_joint_basis`, for fewer than 120 draws (with weights, as
    many effective ones), for results that never vary, and for factors that `points` does not have.
    """
    check_direction(better)
    matrix, complete = _check_means(results.means)
    own = number_labels(None if sets is None else np.asarray(sets)[complete], len(matrix))
    order = np.argsort(draw_uniforms(len(matrix), seed, "order of rows")[own], kind="stable")
    columns, weight = _check_columns(points, complete, order), _check_weights(weights, complete)[order]
    best = int(np.argmax(better * weight @ matrix[order]))
    gains = better * (matrix - matrix[:, [best]])[order]
    equal = np.abs(gains).max(axis=0) <= ROUNDING * np.abs(matrix).max()
    noise = _estimate_noise(results, best, gains.shape[1])
    counts = np.array(list(draw_resamples(len(gains), times, seed, own[order])), np.uint8)
    values = _estimate_values(_Rows(gains, weight, counts), columns, questions, progress)
    everything = None if noise is None else bracket_estimate(estimate_perfect_information(gains, noise), weight, counts)
    return ValueOfInformation(
        best=tuple(results.means)[best],
        perfect=None if everything is None else InformationValue("everything", tuple(points), *everything),
        partial=values,
        points=len(gains),
        replicates=results.replicates,
        chance_share=None if noise is None else _estimate_chance_share(gains, weight, noise),
        failed=results.failed + int((~complete).sum()),
        unit=unit,
        equals=tuple(name for at, name in enumerate(results.means) if equal[at] and at != best),
        policies=len(results.means),
    )


@short_repr
@dataclass(frozen=True)
class _Rows:
    """Gains over the policy chosen without learning (rows, policies), weights (rows,), and resampled counts."""

    gains: Floats
    weight: Floats
    counts: NDArray[np.uint8]


def _estimate_values(
    rows: _Rows, columns: Points, questions: Mapping[str, Sequence[str]] | None, progress: Progress | None
) -> tuple[InformationValue, ...]:
    groups = {name: [name] for name in columns} if questions is None else questions
    values: list[InformationValue] = []
    for name, group in groups.items():
        estimate = estimate_partial_information(rows.gains, _make_basis(name, group, columns))
        values.append(InformationValue(name, tuple(group), *bracket_estimate(estimate, rows.weight, rows.counts)))
        if progress:
            progress(len(values), len(groups))
    return tuple(values)


def _check_means(means: Mapping[str, Floats]) -> tuple[Floats, NDArray[np.bool_]]:
    matrix, complete = select_complete_futures(means)
    if not np.ptp(matrix, axis=0).any():
        raise InputError("no result varies from draw to draw: there is nothing to learn")
    return matrix, complete


def _check_columns(points: Points, complete: NDArray[np.bool_], order: NDArray[np.intp]) -> dict[str, Floats]:
    columns = {name: np.asarray(column, np.float64) for name, column in points.items()}
    for name, column in columns.items():
        if column.shape != complete.shape:
            raise InputError(f"{name} has {column.size} values for {complete.size} results: give one for each draw")
    return {name: column[complete][order] for name, column in columns.items()}


def _check_weights(given: Floats | None, complete: NDArray[np.bool_]) -> Floats:
    """Weights of the complete rows, adding up to 1. Raises ValueError for negative ones and too few effective rows."""
    weights = np.ones(complete.shape) if given is None else np.asarray(given, np.float64)
    if (
        weights.shape != complete.shape
        or not np.isfinite(weights).all()
        or (weights < 0).any()
        or not weights[complete].any()
    ):
        raise InputError("weights are one number for each draw, 0 or more, and not all 0")
    weights = weights[complete] / weights[complete].sum()
    effective = 1 / (weights**2).sum()
    if effective < FEWEST - 0.5:
        raise InputError(f"{effective:.0f} effective draws are too few to learn from: give {FEWEST} or more")
    return np.asarray(weights)


def _estimate_noise(results: DrawAverages, best: int, policies: int) -> Floats | None:
    """Variance (policies,) that chance leaves in each average difference from the best policy; None if not known."""
    if results.replicates < 1:
        raise InputError(f"averages over {results.replicates} runs: each needs at least one")
    if results.chance is None:
        return None
    chance = np.asarray(results.chance, np.float64)
    if chance.shape not in ((), (policies, policies)) or not np.isfinite(chance).all():
        raise InputError(f"chance is one variance, or a covariance of {policies} x {policies} policies")
    spread = (
        np.diag(chance) + chance[best, best] - 2 * chance[best] if chance.ndim else np.full(policies, float(chance))
    )
    if (spread < -ROUNDING * np.abs(chance).max()).any():
        raise InputError("chance has a negative variance")
    return np.asarray(np.where(np.arange(policies) == best, 0.0, np.maximum(spread, 0.0)) / results.replicates)


def _estimate_chance_share(gains: Floats, weight: Floats, noise: Floats) -> float:
    variance = weight @ (gains - weight @ gains) ** 2
    return float(np.divide(noise, variance, out=np.zeros_like(noise), where=variance > 0).max())


def _make_basis(name: str, group: Sequence[str], columns: Mapping[str, Floats]) -> Floats:
    unknown = [factor for factor in group if factor not in columns]
    if unknown or not group:
        raise InputError(f"'{name}' asks about {', '.join(unknown) or 'no factor'}; there are {', '.join(columns)}")
    try:
        return make_joint_basis([columns[factor] for factor in group])
    except ValueError as error:
        raise InputError(f"'{name}': {error}") from error


def estimate_perfect_information(gains: Floats, noise: Floats) -> Estimate:
    """Estimate the value of learning every factor, from gains (rows, policies) over the policy chosen without.

    The upper estimate takes the averages as they are: chance left in them counts as something to learn. The lower first
    shrinks gains towards their mean until the variance that chance has left in them, `noise` (policies,), is gone; it
    is exact for normal gains over one other policy. Like every `Estimate` it takes weights (rows,), of any sum.
    """

    def estimate(weights: Floats) -> Bracket:
        w = weights / weights.sum()
        mean = w @ gains
        variance = w @ (gains - mean) ** 2
        rest = np.maximum(variance - noise, 0.0)
        shrink = np.sqrt(np.divide(rest, variance, out=np.ones_like(rest), where=variance > 0))
        low = w @ (mean + shrink * (gains - mean)).max(axis=1)
        return float(low - mean.max()), float(w @ gains.max(axis=1) - mean.max())

    return estimate


def estimate_partial_information(gains: Floats, basis: Floats) -> Estimate:
    """Estimate the value of learning the factors that a basis (rows, columns) is made of; rows are in random order.

    The upper estimate judges the choice by the rows that fitted it; the lower chooses for each row by a fit to other
    rows, and judges by the row's own gain.
    """
    fit, rows = CrossFit(basis, gains), np.arange(len(gains))

    def estimate(weights: Floats) -> Bracket:
        w = weights / weights.sum()
        inside, outside = fit.predict(weights)
        chosen = gains[rows, outside.argmax(axis=1)]
        without = float((w @ gains).max())
        return float(w @ chosen) - without, float(w @ reduce(np.maximum, inside.T)) - without

    return estimate


def bracket_estimate(estimate: Estimate, weights: Floats, counts: Iterable[Floats]) -> Bracketed:
    """Both estimates with their interval; `counts` (rows,) each says how often a resample draws each row."""
    low, high = estimate(weights)
    errors = np.std([estimate(weights * count) for count in counts], axis=0, ddof=1)
    return Bracketed(low, high, (low - Z_95 * float(errors[0]), high + Z_95 * float(errors[1])))
