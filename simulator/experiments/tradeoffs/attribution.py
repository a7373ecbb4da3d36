"""Which lever did it? The gain of a package shared out among its components, exactly and world by world.

A component's share is its Shapley value: what it adds when it joins, averaged over every order in which the
components can join (Shapley 1953, "A value for n-person games"). Shares add up to the whole gain, which removing one
component at a time does not. Pairs are measured by the Shapley interaction index (Grabisch and Roubens 1999). All
coalitions meet the same worlds, so a component that does nothing gets exactly nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from simulator.common.errors import InputError
from simulator.common.formatting import change, listed
from simulator.common.units import Unit
from simulator.experiments.core.model_protocol import Floats, ModelProtocol, Progress
from simulator.experiments.core.sampled_futures import (
    Labels,
    Policies,
    SampledFutures,
    average_groups,
    run_policy,
    select_complete_futures,
)
from simulator.experiments.stats.resampling import draw_resamples

if TYPE_CHECKING:
    import pandas as pd

CoalitionValue: TypeAlias = Callable[[frozenset[str]], Floats]
"""Outcomes (worlds,) with these components of a package switched on and all others off."""

MOST_COMPONENTS = 8
ROUNDING = 1e-12


@dataclass(frozen=True)
class GainEffect:
    """A mean over worlds, the 95% bootstrap `interval` of the mean, and the `likely` range of 80% of worlds."""

    mean: float
    interval: tuple[float, float]
    likely: tuple[float, float]

    @property
    def clear(self) -> bool:
        """Whether the mean can be told from nothing."""
        return self.interval[0] > 0 or self.interval[1] < 0

    @property
    def nothing(self) -> bool:
        """Whether it is nothing in every world that was drawn, as an idle component is under shared luck."""
        return not any((self.mean, *self.interval, *self.likely))


@dataclass(frozen=True)
class Attribution:
    """The gain of a package, all components on less all off, and how it comes about.

    `shares` add up to `total`; `alone` is a component's effect with no other, `last` with all others (what removing it
    costs); `pairs` is how much two bring together beyond what each brings without the other, averaged over the rest;
    `together` is the total less the sum of each alone. `by_world` (n, components) holds the shares in each world;
    `worst_gap` is the largest difference, in any world, between the sum of shares and the gain. `failed` worlds were
    left out.
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
    by_world: Floats
    worst_gap: float

    @property
    def sentence(self) -> str:
        """The answer in plain words."""
        lost = f" {self.failed:,} worlds failed under some coalition and were left out." if self.failed else ""
        gain, about = change(self.total.mean, self.unit), f"“{self.outcome}”"
        if not self._ranked("clear") and not self._ranked("unclear"):
            head = f"As a whole the package changes nothing ({about}) in any of {self.n:,} worlds."
        elif self.total.clear:
            head = f"Of the {gain} that the package brings ({about}, {self._likely(self.total)}), {self._parts()}."
        else:
            head = f"The package brings {gain} ({about}), which {self.n:,} worlds cannot tell from nothing; "
            head += f"in it, {self._parts()}."
        return f"{head}{self._interplay()}{lost}"

    def _likely(self, effect: GainEffect) -> str:
        low, high = (change(end, self.unit) for end in effect.likely)
        return f"80% range {low.removesuffix('s').removesuffix(' point')} to {high}"

    def _ranked(self, kind: str) -> list[str]:
        """Components that are clear, nothing, or unclear, the largest share first."""
        kinds = {c: "nothing" if e.nothing else "clear" if e.clear else "unclear" for c, e in self.shares.items()}
        return sorted((c for c in kinds if kinds[c] == kind), key=lambda c: -abs(self.shares[c].mean))

    def _parts(self) -> str:
        said = [
            f"“{c}” brings {change(self.shares[c].mean, self.unit)} ({self._likely(self.shares[c])})"
            for c in self._ranked("clear")
        ]
        if unclear := self._ranked("unclear"):
            said.append(f"what {_quoted(unclear)} {_brings(unclear)} cannot be told from nothing")
        if idle := self._ranked("nothing"):
            said.append(f"{_quoted(idle)} {_brings(idle)} nothing")
        return listed(said)

    def _interplay(self) -> str:
        if self.together.nothing and all(pair.nothing for pair in self.pairs.values()):
            return " Their effects simply add up." if len(self.shares) > 1 and not self.total.nothing else ""
        if self.together.clear:
            size = change(abs(self.together.mean), self.unit).lstrip("+")
            alone = change(self.total.mean - self.together.mean, self.unit)
            more = "more" if self.together.mean > 0 else "less"
            said = f" Each alone, they would add up to {alone}: together they bring {size} {more}"
        else:
            said = f" Whether they bring more together than each alone cannot be told from {self.n:,} worlds"
        (first, second), pair = max(self.pairs.items(), key=lambda item: abs(item[1].mean))
        strongest = f"; the strongest pair is “{first}” with “{second}” ({change(pair.mean, self.unit)})"
        return f"{said}{strongest if pair.clear and len(self.pairs) > 1 else ''}."

    def to_frame(self) -> pd.DataFrame:
        """One row a component: its share, what it does alone and last in, each with intervals; the total comes last."""
        import pandas as pd

        rows = [
            _columns("share", self.shares[c]) | _columns("alone", self.alone[c]) | _columns("last", self.last[c])
            for c in self.shares
        ]
        index = pd.Index([*self.shares, "total"], name="component")
        return pd.DataFrame([*rows, _columns("share", self.total)], index=index)

    def pairs_frame(self) -> pd.DataFrame:
        """One row a pair of components: its interaction index with intervals."""
        import pandas as pd

        index = pd.MultiIndex.from_tuples(list(self.pairs), names=["first", "second"])
        return pd.DataFrame([_columns("interaction", pair) for pair in self.pairs.values()], index=index)


def attribute_package(
    simulate: ModelProtocol,
    worlds: SampledFutures,
    package: Policies,
    outcome: str,
    *,
    seed: int,
    unit: Unit = Unit.RATIO,
    times: int = 1_000,
    progress: Progress | None = None,
) -> Attribution:
    """Share out the gain of a package whose components each set some factors; left out, a factor keeps its own value.

    Every world runs once under each of the 2^k coalitions. Raises ValueError as `attribute`, for a factor that two
    components set, and for an outcome that the simulation does not give.
    """
    settings = [name for changes in package.values() for name in changes]
    if twice := sorted({name for name in settings if settings.count(name) > 1}):
        raise InputError(f"{listed(twice)}: set by more than one component; join such components into one")

    def value(coalition: frozenset[str]) -> Floats:
        chosen = {name: level for c, changes in package.items() if c in coalition for name, level in changes.items()}
        return run_policy(simulate, worlds, chosen, [outcome])[outcome]

    return attribute(
        value, list(package), outcome, seed=seed, unit=unit, draws=worlds.draws, times=times, progress=progress
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
    """Share out the gain of all components over none, evaluating each of the 2^k coalitions once.

    `value` must give the same worlds, (worlds,), under the same luck each time. `draws` (worlds,) labels worlds that
    share their parameters, which the bootstrap of `times` resamples then keeps together. `progress` counts coalitions.
    Raises ValueError for no, double, or more than 8 components, and if too many worlds failed (nan).
    """
    k = len(components)
    if not 0 < k <= MOST_COMPONENTS or len(set(components)) < k:
        raise InputError(
            f"{k} components, {len(set(components))} of them different: attribution needs 1 to {MOST_COMPONENTS} "
            "different ones, because all 2^k coalitions are run; join some into one component"
        )
    values, kept = select_complete_futures(dict(_every_coalition(value, components, progress)))
    if draws is not None and len(draws) != len(kept):
        raise InputError(f"{len(draws)} labels of draws do not fit {len(kept)} worlds")
    labels = np.arange(len(kept)) if draws is None else draws
    group = np.unique(labels[kept], return_inverse=True)[1]
    shares, alone, last = compute_shapley_values(values), *_first_and_last(values)
    gain = values[:, -1] - values[:, 0]
    parts = [gain[:, None], (gain - alone.sum(axis=1))[:, None], shares, alone, last, compute_interactions(values)]
    total, together, *rest = _effects(np.hstack(parts), group, seed, times, ROUNDING * abs(values).max())
    named = [dict(zip(components, rest[k * j : k * (j + 1)], strict=True)) for j in range(3)]
    return Attribution(
        outcome=outcome,
        unit=unit,
        n=len(values),
        failed=int((~kept).sum()),
        total=total,
        shares=named[0],
        alone=named[1],
        last=named[2],
        pairs=dict(zip(combinations(components, 2), rest[3 * k :], strict=True)),
        together=together,
        by_world=shares,
        worst_gap=float(abs(shares.sum(axis=1) - gain).max()),
    )


def _every_coalition(
    value: CoalitionValue, components: Sequence[str], progress: Progress | None
) -> Iterator[tuple[str, Floats]]:
    """Outcomes (worlds,) of coalition 0, 1, 2 and so on: bit i of the number says whether component i is on."""
    for mask in range(2 ** len(components)):
        yield f"coalition {mask}", value(frozenset(c for i, c in enumerate(components) if mask >> i & 1))
        if progress:
            progress(mask + 1, 2 ** len(components))


def compute_shapley_values(values: Floats) -> Floats:
    """Shapley values (n, k) of games (n, 2^k); bit i of a column's number says whether player i is in the coalition."""
    masks, k = np.arange(values.shape[1]), _players(values)
    shares = np.empty((len(values), k))
    for i in range(k):
        without = masks[~masks >> i & 1 == 1]
        weights = 1 / np.array([k * comb(k - 1, int(m).bit_count()) for m in without])
        shares[:, i] = (values[:, without | 1 << i] - values[:, without]) @ weights
    return shares


def compute_interactions(values: Floats) -> Floats:
    """Shapley interaction indices (n, pairs) of games (n, 2^k), pairs in the order of `itertools.combinations`."""
    masks, k = np.arange(values.shape[1]), _players(values)
    indices = np.empty((len(values), comb(k, 2)))
    for column, (i, j) in enumerate(combinations(range(k), 2)):
        a, b = 1 << i, 1 << j
        without = masks[masks & (a | b) == 0]
        weights = 1 / np.array([(k - 1) * comb(k - 2, int(m).bit_count()) for m in without])
        surplus = values[:, without | a | b] - values[:, without | a] - values[:, without | b] + values[:, without]
        indices[:, column] = surplus @ weights
    return indices


def _players(values: Floats) -> int:
    return int(values.shape[1]).bit_length() - 1


def _first_and_last(values: Floats) -> tuple[Floats, Floats]:
    """What each component adds when no other is on, and when all others are: (n, k) each."""
    bits = 1 << np.arange(_players(values))
    everyone = values.shape[1] - 1
    return values[:, bits] - values[:, [0]], values[:, [everyone]] - values[:, everyone - bits]


def _effects(columns: Floats, group: Labels, seed: int, times: int, rounding: float) -> list[GainEffect]:
    """Effects of columns (n, q). Worlds of one `group` (n,) are drawn together; what is only rounding becomes zero."""
    columns = np.where(abs(columns) <= rounding, 0.0, columns)
    means, counts = average_groups(columns, group)
    drawn = (w * counts for w in draw_resamples(len(counts), times, seed))
    low, high = np.quantile([w @ means / w.sum() for w in drawn], (0.025, 0.975), axis=0)
    few, many = np.quantile(columns, (0.1, 0.9), axis=0)
    return [
        GainEffect(float(columns[:, j].mean()), (float(low[j]), float(high[j])), (float(few[j]), float(many[j])))
        for j in range(columns.shape[1])
    ]


def _columns(name: str, effect: GainEffect) -> dict[str, float]:
    low, high = effect.interval
    few, many = effect.likely
    return {
        name: effect.mean,
        f"{name} low": low,
        f"{name} high": high,
        f"{name} likely low": few,
        f"{name} likely high": many,
    }


def _quoted(names: list[str]) -> str:
    return listed([f"“{name}”" for name in names])


def _brings(names: list[str]) -> str:
    return "brings" if len(names) == 1 else "bring"
