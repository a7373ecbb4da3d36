"""A paired comparison averaged over structures: other ways to write the model, each with its own futures and a weight.

Row k of every structure has the same random numbers, so that structures differ by what they say and not by chance.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.common.formatting import format_ends
from simulator.common.sentence_templates import get_template
from simulator.experiments.core.clustered_errors import standard_error
from simulator.experiments.core.model_protocol import ROUNDING
from simulator.experiments.core.paired_comparison import Comparison

RANGES = (0.1, 0.9, 0.025, 0.975)


@dataclass(frozen=True)
class AveragedComparison:
    """`average` is the comparison under all structures together, `by_structure` that of each by itself.

    `weights` add up to 1; `described` says in words what they are, and `says` what each structure is. In `average`
    counts are weighted shares of all futures, and ranges are weighted quantiles.
    """

    average: Comparison
    by_structure: Mapping[str, Comparison]
    weights: Mapping[str, float]
    described: str
    says: Mapping[str, str]

    @cached_property
    def extremes(self) -> tuple[str, str]:
        """The structures in which the mean difference is lowest and highest, of those that count."""
        order = sorted(self.weights, key=lambda name: self.by_structure[name].difference)
        return order[0], order[-1]

    @property
    def each(self) -> str:
        """So many futures were run of each structure."""
        first = next(iter(self.by_structure.values()))
        return f"{first.n + first.undefined:,}"

    @property
    def sentence(self) -> str:
        """The average in plain words, with how far structures differ."""
        average, unit = self.average, self.average.outcome.change_unit
        low, high = self.extremes
        ends = self.by_structure[low].difference, self.by_structure[high].difference
        low_words, high_words = format_ends(*ends, unit)
        words = {
            "new": average.new,
            "old": average.old,
            "count": str(len(self.weights)),
            "weights": self.described,
            "each": self.each,
            "difference": average.average_words,
            "error": average.error_words,
            "frequency": average.frequency_words,
            "lowest": self.says[low],
            "low": low_words,
            "highest": self.says[high],
            "high": high_words,
        }
        return get_template("structures.average.one" if len(self.weights) == 1 else "structures.average").format_map(
            words
        )


def average_comparisons(
    by_structure: Mapping[str, Comparison],
    differences: Mapping[str, Floats],
    weights: Mapping[str, float],
    described: str,
    says: Mapping[str, str],
    weight_errors: Mapping[str, float] | None = None,
) -> AveragedComparison:
    """Average comparisons over structures.

    `differences` (futures,) are the paired differences behind each comparison, as many a structure, nan where the
    outcome is not defined; `weights` are positive and add up to 1, and `weight_errors` are their relative Monte Carlo
    errors; `described` and `says` are as in the result. Raises InputError for weights that do not fit.
    """
    if not weights or set(weights) - set(by_structure) or not math.isclose(math.fsum(weights.values()), 1):
        raise InputError("weights of structures must name structures that were run, and add up to 1")
    counted = {name: by_structure[name] for name in weights}
    first = next(iter(counted.values()))
    table = np.array([differences[name] for name in weights])
    share = np.array(list(weights.values()))
    means = np.array([comparison.difference for comparison in counted.values()])
    table = np.where(np.abs(table) <= ROUNDING, 0.0, table)
    deviations = np.where(np.isfinite(table), table - means[:, None], 0.0)
    rows = (share[:, None] * deviations).sum(axis=0)  # a product of matrices would round as the computer's library does
    defined = np.isfinite(table)
    each = np.where(defined, (share / np.maximum(defined.sum(axis=1), 1))[:, None], 0.0)
    low, high, lowest, highest = _weighted_quantiles(table[defined], each[defined])
    n = sum(comparison.n for comparison in counted.values())

    def mean_of(field: str) -> float:
        return math.fsum(w * getattr(c, field) for w, c in zip(share, counted.values(), strict=True))

    def count(field: str) -> int:
        part = math.fsum(w * getattr(c, field) / c.n for w, c in zip(share, counted.values(), strict=True))
        return round(part * n) or int(part > 0)

    better, worse = count("better"), count("worse")
    average = Comparison(
        new=first.new,
        old=first.old,
        outcome=first.outcome,
        years=first.years,
        n=n,
        new_mean=mean_of("new_mean"),
        old_mean=mean_of("old_mean"),
        difference=mean_of("difference"),
        likely=(low, high),
        wide=(lowest, highest),
        standard_error=_join_errors(standard_error(rows), means, weights, weight_errors),
        better=better,
        same=max(n - better - worse, 0),
        worse=worse,
        badge=described,
        undefined=sum(comparison.undefined for comparison in counted.values()),
        alike=first.alike,
        sets=n,
        assumed=_agree_on_sign(list(counted.values())),
    )
    return AveragedComparison(average, by_structure, weights, described, says)


def _agree_on_sign(comparisons: list[Comparison]) -> int:
    """The sign that every structure assumes; none where one of them has no difference in any future."""
    signs = {comparison.assumed for comparison in comparisons}
    nothing = any(comparison.same == comparison.n for comparison in comparisons)
    return 0 if nothing or len(signs) > 1 else signs.pop()


def _join_errors(own: float, means: Floats, weights: Mapping[str, float], errors: Mapping[str, float] | None) -> float:
    """An average's standard error together with what weights leave in it, each with a relative error of its own."""
    if not errors:
        return own
    share = np.array(list(weights.values()))
    apart = share * np.array([errors[name] for name in weights]) * (means - (share * means).sum())
    return math.hypot(own, *apart.tolist())


def _weighted_quantiles(values: Floats, weights: Floats) -> tuple[float, float, float, float]:
    """The quantiles `RANGES` of values (n,) that count by their weights (n,)."""
    order = np.argsort(values, kind="stable")
    sorted_weights = weights[order]
    at = (np.cumsum(sorted_weights) - 0.5 * sorted_weights) / sorted_weights.sum()
    low, high, lowest, highest = (float(x) for x in np.interp(RANGES, at, values[order]))
    return low, high, lowest, highest
