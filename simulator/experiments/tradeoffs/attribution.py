"""Attribution: the gain of a package shared out among its components, exactly and in each future.

A component's share is its Shapley value: what it adds when it joins, averaged over every order in which components can
join (Shapley 1953, "A value for n-person games"). Shares add up to the whole gain; the losses from removing one
component at a time do not. Pairs are measured by the Shapley interaction index (Grabisch and Roubens 1999). All
coalitions run in the same futures, so that a component which does nothing gets exactly nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from simulator.common.adding_up import CommonPlace
from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.common.formatting import (
    choose_list_decimals,
    format_difference,
    format_difference_range,
    format_signed_amount,
    format_signed_gap,
    join_words,
    name_base,
    round_as_shown,
)
from simulator.common.ranges import Range
from simulator.common.representation import short_repr
from simulator.common.units import Unit
from simulator.experiments.core.model_protocol import ROUNDING, Labels, ModelProtocol, Progress
from simulator.experiments.core.replicate_average import average_groups
from simulator.experiments.core.sampled_futures import Policies, SampledFutures, run_policy, select_complete_futures
from simulator.experiments.stats.resampling import draw_resamples

if TYPE_CHECKING:
    import pandas as pd

CoalitionValue: TypeAlias = Callable[[frozenset[str]], Floats]
"""Outcomes (futures,) with these components of a package switched on and all others off."""

MOST_COMPONENTS = 8
GIVES_WAY = 0.1
"""By at most so much for each component, £ in each £100, the largest share gives way to rounding."""


@dataclass(frozen=True)
class GainEffect:
    """A mean over futures, the 95% bootstrap `interval` of the mean, and the `likely` range of 80% of futures."""

    mean: float
    interval: Range
    likely: Range

    @property
    def clear(self) -> bool:
        """Whether the mean can be told from nothing."""
        return self.interval[0] > 0 or self.interval[1] < 0

    @property
    def nothing(self) -> bool:
        """Whether it is zero in every sampled future, as the effect of an idle component is."""
        return not any((self.mean, *self.interval, *self.likely))


@short_repr
@dataclass(frozen=True)
class Attribution:
    """The gain of a package, all components on less all off, and where it comes from, in the outcome's unit.

    `shares` add up to `total`; `alone` is a component's effect without the others, `last` with all others (what
    removing it would lose); `pairs` is what two bring together beyond what each brings without the other, averaged over
    the rest; `together` is the total less the sum of each alone. `by_future` (n, components) holds the shares in each
    future; `worst_gap` is the largest difference, in any future, between the sum of shares and the gain. `failed`
    futures were left out.
    """

    outcome: str
    unit: Unit
    n: int
    failed: int
    total: GainEffect
    shares: Mapping[str, GainEffect]
    alone: Mapping[str, GainEffect]
    last: Mapping[str, GainEffect]
    pairs: Mapping[tuple[str, str], GainEffect]
    together: GainEffect
    by_future: Floats
    worst_gap: float
    start: float = float("nan")

    @property
    def sentence(self) -> str:
        """The answer in plain words."""
        failed = (
            f" {self.failed:,} futures failed under some combination of parts (coalition) and were left out."
            if self.failed
            else ""
        )
        base, label = name_base(self.unit), f"“{self.outcome}”"
        gain = f"{self.tell_shares()[-1]}{base}"
        if not self._ranked("clear") and not self._ranked("unclear"):
            head = f"As a whole the package changes nothing ({label}) in any of {self.n:,} futures."
        elif self.total.clear:
            total_range = self._format_range(self.total)
            head = f"Of the {gain} that the package brings ({label}; {total_range}), {self._describe_parts()}."
        else:
            head = f"The package brings {gain} ({label}), which {self.n:,} futures cannot tell from nothing; "
            head += f"in it, {self._describe_parts()}."
        return f"{head}{self._describe_interplay()}{failed}"

    def _format_range(self, effect: GainEffect) -> str:
        return f"8 in 10 results {format_difference_range(*effect.likely, self.unit)}"

    def _ranked(self, kind: str) -> list[str]:
        """Components that are clear, nothing, or unclear, the largest share first."""
        kinds = {c: "nothing" if e.nothing else "clear" if e.clear else "unclear" for c, e in self.shares.items()}
        return sorted((c for c in kinds if kinds[c] == kind), key=lambda c: -abs(self.shares[c].mean))

    def tell_shares(self) -> list[str]:
        """The mean share of each component in words, and last the whole, to which they add up as they stand."""
        means = [share.mean for share in self.shares.values()]
        return format_shares(means, self.total.mean, self.start, self.unit)

    def _describe_parts(self) -> str:
        told = dict(zip(self.shares, self.tell_shares(), strict=False))
        clauses = [f"“{c}” brings {told[c]} ({self._format_range(self.shares[c])})" for c in self._ranked("clear")]
        if unclear := self._ranked("unclear"):
            clauses.append(f"what {_quoted(unclear)} {_brings(unclear)} cannot be told from nothing")
        if idle := self._ranked("nothing"):
            clauses.append(f"{_quoted(idle)} {_brings(idle)} nothing")
        return join_words(clauses)

    def _describe_interplay(self) -> str:
        if self.together.nothing and all(pair.nothing for pair in self.pairs.values()):
            return " Their effects simply add up." if len(self.shares) > 1 and not self.total.nothing else ""
        if self.together.clear:
            each = [effect.mean for effect in self.alone.values()]
            alone, apart = format_together(each, self.total.mean, self.start, self.unit)
            size = apart.lstrip("+−")
            more = "more" if self.together.mean > 0 else "less"
            text = f" Each alone, they would add up to {alone}: together they bring {size} {more}"
        else:
            text = f" Whether they bring more together than each alone cannot be told from {self.n:,} futures"
        (first, second), pair = max(self.pairs.items(), key=lambda item: abs(item[1].mean))
        strongest = f"; the strongest pair is “{first}” with “{second}” ({format_difference(pair.mean, self.unit)})"
        return f"{text}{strongest if pair.clear and len(self.pairs) > 1 else ''}."

    def to_frame(self) -> pd.DataFrame:
        """One row for each component: its share, what it does alone and last in, with intervals; the total is last."""
        import pandas as pd

        rows = [
            _make_columns("share", self.shares[c])
            | _make_columns("alone", self.alone[c])
            | _make_columns("last", self.last[c])
            for c in self.shares
        ]
        index = pd.Index([*self.shares, "total"], name="component")
        return pd.DataFrame([*rows, _make_columns("share", self.total)], index=index)

    def pairs_frame(self) -> pd.DataFrame:
        """One row for each pair of components: its interaction index with intervals."""
        import pandas as pd

        index = pd.MultiIndex.from_tuples(list(self.pairs), names=["first", "second"])
        return pd.DataFrame([_make_columns("interaction", pair) for pair in self.pairs.values()], index=index)


def attribute_package(
    simulate: ModelProtocol,
    futures: SampledFutures,
    package: Policies,
    outcome: str,
    *,
    seed: int,
    unit: Unit = Unit.RATIO,
    times: int = 1_000,
    progress: Progress | None = None,
) -> Attribution:
    """Share out the gain of a package, which maps components to the factors that each sets.

    A factor that no component sets keeps its own value. Every future runs once under each of the 2^k coalitions.
    Raises ValueError as `attribute`, for a factor that two components set, and for an outcome that the model does not
    give.
    """
    settings = [name for changes in package.values() for name in changes]
    if twice := sorted({name for name in settings if settings.count(name) > 1}):
        raise InputError(f"{join_words(twice)}: set by more than one component; join such components into one")

    def run_coalition(coalition: frozenset[str]) -> Floats:
        values = {name: value for c, changes in package.items() if c in coalition for name, value in changes.items()}
        return run_policy(simulate, futures, values, [outcome])[outcome]

    return attribute(
        run_coalition, list(package), outcome, seed=seed, unit=unit, draws=futures.draws, times=times, progress=progress
    )


def attribute(
    value: CoalitionValue,
    components: Sequence[str],
    outcome: str,
    *,
    seed: int,
    unit: Unit = Unit.RATIO,
    draws: Labels | None = None,
    times: int = 1_000,
    progress: Progress | None = None,
) -> Attribution:
    """Share out the gain of all components over none, running each of the 2^k coalitions once.

    `value` returns an outcome, (futures,), for a coalition, in the same futures each time. `draws` (futures,) labels
    futures that share their parameters, which the bootstrap of `times` resamples then keeps together. `progress` counts
    coalitions. Raises ValueError for no components, the same one twice or more than 8, and if too many futures failed.
    """
    k = len(components)
    if not 0 < k <= MOST_COMPONENTS or len(set(components)) < k:
        raise InputError(
            f"{k} components, {len(set(components))} of them different: attribution needs 1 to {MOST_COMPONENTS} "
            "different ones, because all 2^k coalitions are run; join some into one component"
        )
    values, complete = select_complete_futures(dict(_run_coalitions(value, components, progress)))
    if draws is not None and len(draws) != len(complete):
        raise InputError(f"{len(draws)} labels of draws do not fit {len(complete)} futures")
    labels = np.arange(len(complete)) if draws is None else draws
    group = np.unique(labels[complete], return_inverse=True)[1]
    shares, alone, last = compute_shapley_values(values), *_compute_first_and_last(values)
    gain = values[:, -1] - values[:, 0]
    columns = [gain[:, None], (gain - alone.sum(axis=1))[:, None], shares, alone, last, compute_interactions(values)]
    total, together, *rest = _estimate_effects(np.hstack(columns), group, seed, times, ROUNDING * abs(values).max())
    named = [dict(zip(components, rest[k * j : k * (j + 1)], strict=True)) for j in range(3)]
    return Attribution(
        outcome=outcome,
        unit=unit,
        n=len(values),
        failed=int((~complete).sum()),
        total=total,
        shares=named[0],
        alone=named[1],
        last=named[2],
        pairs=dict(zip(combinations(components, 2), rest[3 * k :], strict=True)),
        together=together,
        by_future=shares,
        worst_gap=float(abs(shares.sum(axis=1) - gain).max()),
        start=float(values[:, 0].mean()),
    )


def _run_coalitions(
    value: CoalitionValue, components: Sequence[str], progress: Progress | None
) -> Iterator[tuple[str, Floats]]:
    """Outcomes (futures,) of coalitions 0, 1, 2 and so on: bit i of the number says whether component i is on."""
    for mask in range(2 ** len(components)):
        yield f"coalition {mask}", value(frozenset(c for i, c in enumerate(components) if mask >> i & 1))
        if progress:
            progress(mask + 1, 2 ** len(components))


def compute_shapley_values(values: Floats) -> Floats:
    """Shapley values (n, k) of games (n, 2^k); bit i of a column's number says whether player i is in the coalition."""
    masks, k = np.arange(values.shape[1]), _count_players(values)
    shares = np.empty((len(values), k))
    for i in range(k):
        without = masks[~masks >> i & 1 == 1]
        weights = 1 / np.array([k * comb(k - 1, int(m).bit_count()) for m in without])
        shares[:, i] = (values[:, without | 1 << i] - values[:, without]) @ weights
    return shares


def compute_interactions(values: Floats) -> Floats:
    """Shapley interaction indices (n, pairs) of games (n, 2^k), pairs in the order of `itertools.combinations`."""
    masks, k = np.arange(values.shape[1]), _count_players(values)
    indices = np.empty((len(values), comb(k, 2)))
    for column, (i, j) in enumerate(combinations(range(k), 2)):
        a, b = 1 << i, 1 << j
        without = masks[masks & (a | b) == 0]
        weights = 1 / np.array([(k - 1) * comb(k - 2, int(m).bit_count()) for m in without])
        surplus = values[:, without | a | b] - values[:, without | a] - values[:, without | b] + values[:, without]
        indices[:, column] = surplus @ weights
    return indices


def _count_players(values: Floats) -> int:
    return int(values.shape[1]).bit_length() - 1


def _compute_first_and_last(values: Floats) -> tuple[Floats, Floats]:
    """What each component adds when no other is on, and when all others are: (n, k) each."""
    bits = 1 << np.arange(_count_players(values))
    everyone = values.shape[1] - 1
    return values[:, bits] - values[:, [0]], values[:, [everyone]] - values[:, everyone - bits]


def _estimate_effects(columns: Floats, group: Labels, seed: int, times: int, rounding: float) -> list[GainEffect]:
    """Effects of columns (n, q). Futures of one `group` (n,) are resampled together; mere rounding becomes zero."""
    columns = np.where(abs(columns) <= rounding, 0.0, columns)
    means, counts = average_groups(columns, group)
    drawn = (w * counts for w in draw_resamples(len(counts), times, seed))
    low, high = np.quantile([w @ means / w.sum() for w in drawn], (0.025, 0.975), axis=0)
    few, many = np.quantile(columns, (0.1, 0.9), axis=0)
    return [
        GainEffect(float(columns[:, j].mean()), (float(low[j]), float(high[j])), (float(few[j]), float(many[j])))
        for j in range(columns.shape[1])
    ]


def _make_columns(name: str, effect: GainEffect) -> dict[str, float]:
    low, high = effect.interval
    few, many = effect.likely
    return {
        name: effect.mean,
        f"{name}_low": low,
        f"{name}_high": high,
        f"{name}_likely_low": few,
        f"{name}_likely_high": many,
    }


def format_step(new: float, old: float, difference: float, unit: Unit) -> str:
    """A difference of two means with its sign, as that of the two as shown where they are known."""
    return format_signed_gap(new, old) if unit is Unit.SHARE and new == new else format_difference(difference, unit)


def format_shares(means: Sequence[float], total: float, start: float, unit: Unit) -> list[str]:
    """The shares of `total` as they are shown, and last `total` itself, a gain over `start`: that of two levels as they
    are shown. The largest share gives way, so that the shares add up to it.
    """
    if unit is not Unit.SHARE or start != start:
        place = CommonPlace.of([*means, total], unit)
        return [*place.tell_parts(means, total), place.tell(total)]
    whole = round_as_shown(100 * (start + total), 100 * start)[2]
    decimals = choose_list_decimals(100 * x for x in (*means, total))
    told = [round(100 * mean, decimals) for mean in means]
    largest, gap = max(range(len(told)), key=lambda at: abs(told[at])), whole - sum(told)
    told[largest] += gap if abs(gap) < GIVES_WAY * (len(told) + 1) else 0.0
    return [*(format_signed_amount(x, decimals) for x in told), format_step(start + total, start, total, unit)]


def format_together(alone: Sequence[float], total: float, start: float, unit: Unit) -> tuple[str, str]:
    """What components would add up to, each `alone`, and how far the whole is from that: sums of what is shown."""
    if unit is not Unit.SHARE or start != start:
        place = CommonPlace.of([sum(alone), total], unit)
        return place.tell(sum(alone)), place.tell_between(total, sum(alone))
    shown = [round_as_shown(100 * (start + gain), 100 * start)[2] for gain in alone]
    less = round_as_shown(100 * (start + total), 100 * start)[2] - sum(shown)
    first, second = (format_signed_amount(x, choose_list_decimals([x])) for x in (sum(shown), less))
    return first, second


def _quoted(names: list[str]) -> str:
    return join_words([f"“{name}”" for name in names])


def _brings(names: list[str]) -> str:
    return "brings" if len(names) == 1 else "bring"
