"""Robustness: how policies do over all parameter draws and structures. Regret, thresholds met, ranks, the best left.

Policies run in the same futures, so every comparison is paired. Tests for independent samples (Dunnett, Tukey) would
waste the pairing and are not used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.common.formatting import (
    count_share,
    format_absolute,
    format_count,
    format_level,
    format_range,
    format_share,
    join_words,
    name_base,
)
from simulator.common.ranges import Range
from simulator.common.representation import short_repr
from simulator.common.units import Unit
from simulator.experiments.core.model_protocol import ROUNDING, Labels
from simulator.experiments.core.replicate_average import average_groups
from simulator.experiments.core.sampled_futures import PolicyTable, select_complete_futures
from simulator.experiments.stats.ranking_and_selection import (
    ShareEstimate,
    check_direction,
    estimate_share,
    select_possible_best,
)
from simulator.experiments.stats.resampling import compute_weighted_quantile, draw_resamples

if TYPE_CHECKING:
    import pandas as pd

NAMED = 3
HIGH, TIMES = 0.9, 400


@dataclass(frozen=True)
class PolicyStanding:
    """How one policy does over all states of the world, in the outcome's unit.

    Regret in a state is what the best policy there would have gained over this one: `high_regret` is its 90% quantile,
    with the 95% interval `high_interval`; `worst_regret` is the largest seen, which grows with the number of states.
    `best` is the share of states in which no policy does better (ties are shared out), `mean_rank` counts from 1, and
    `meets` is the share of futures that meet the threshold, chance included. `in_the_running` says that no other policy
    is shown to have a better mean.
    """

    policy: str
    mean: float
    worst_regret: float
    high_regret: float
    high_interval: Range
    mean_regret: float
    mean_rank: float
    best: ShareEstimate
    meets: ShareEstimate | None
    in_the_running: bool


@short_repr
@dataclass(frozen=True)
class Robustness:
    """How policies stand over `states`, each the average of the futures of one draw and structure.

    Counts: `futures` run under each policy, `draws` with different parameters; `failed` futures were left out.
    `replicates` is the smallest number averaged into a state, and `chance_error` the largest standard error that chance
    leaves in the difference between two policies in one state (None for single runs). `structures` holds the same for
    each model structure alone.
    """

    standings: tuple[PolicyStanding, ...]
    better: int
    futures: int
    states: int
    draws: int
    replicates: int
    failed: int
    level: float
    threshold: float | None
    unit: Unit
    chance_error: float | None = None
    structures: Mapping[str, Robustness] = field(default_factory=dict)

    def __getitem__(self, policy: str) -> PolicyStanding:
        return {standing.policy: standing for standing in self.standings}[policy]

    @property
    def least_regret(self) -> PolicyStanding:
        """The policy whose 90% quantile of regret is smallest; the first of those that tie."""
        return min(self.standings, key=lambda s: s.high_regret)

    @property
    def minimax_regret(self) -> PolicyStanding:
        """The policy whose largest regret is smallest; the first of those that tie."""
        return min(self.standings, key=lambda s: s.worst_regret)

    @property
    def best_on_average(self) -> PolicyStanding:
        """The policy with the best mean."""
        return max(self.standings, key=lambda s: self.better * s.mean)

    @property
    def in_the_running(self) -> tuple[str, ...]:
        """Policies not ruled out as best on average: the truly best is among them with probability `level` or more."""
        return tuple(s.policy for s in self.standings if s.in_the_running)

    @property
    def best_where(self) -> dict[str, tuple[str, ...]]:
        """The policies not ruled out as best on average, by structure."""
        return {name: part.in_the_running for name, part in self.structures.items()}

    @property
    def alike(self) -> bool:
        """Whether every policy gives the same in every state."""
        return all(standing.worst_regret == 0 for standing in self.standings)

    @property
    def high_frequency(self) -> str:
        """In how many states regret stays within its 90% quantile: 90 of 100, or 7 of 8 where there are no 100."""
        return format_count(int(HIGH * (self.states - 1)) + 1, self.states)

    @property
    def sentence(self) -> str:
        """The answer in plain words."""
        sentences = [
            self._describe_regret(),
            self._describe_best(),
            self._describe_threshold(),
            self._describe_structures(),
            self._describe_chance(),
        ]
        if self.failed:
            noun, verb = ("future", "was") if self.failed == 1 else ("futures", "were")
            sentences.append(f"{self.failed} {noun} failed under some policy and {verb} left out.")
        return " ".join(sentence for sentence in sentences if sentence)

    def _describe_regret(self) -> str:
        order = sorted(self.standings, key=lambda s: s.high_regret)
        sizes = [format_absolute(s.high_regret, self.unit) for s in order]
        first = [s.policy for s, shown in zip(order, sizes, strict=True) if shown == sizes[0]]
        over = f"Over {self.states} states of the world ({self.futures} runs, {self.draws} versions of the model)"
        if self.alike:
            return f"{over}, {_quoted(first)} give the same in every state: nothing tells them apart."
        largest = (
            f"The furthest that it falls short in any state is {format_absolute(order[0].worst_regret, self.unit)}; "
            "more states would show more."
        )
        base = name_base(self.unit)
        if len(first) > 1:
            return (
                f"{over}, {_quoted(first)} fall short of the best policy by the same in {self.high_frequency} "
                f"({sizes[0]}{base} at most)."
            )
        low, high = (format_absolute(x, self.unit) for x in order[0].high_interval)
        return (
            f"{over}, “{first[0]}” leaves the least to regret: in {self.high_frequency} states it falls short of the "
            f"best policy by at most {sizes[0]}{base} (its regret; 95% interval {format_range(low, high)}; the next, "
            f"“{order[1].policy}”, by {sizes[1]}). {largest}"
        )

    def _describe_best(self) -> str:
        running = self.in_the_running
        if self.alike:
            return ""
        if len(running) == len(self.standings):
            return "Which policy has the best average is not settled: too few futures, or policies too alike."
        if len(running) == 1:
            top = self[running[0]].best
            return (
                f"“{running[0]}” has the best average, which is settled ({self.level:.0%} confidence); how often it is "
                f"best is another matter: in {self._frequency(top, self.states)}."
            )
        return f"Which of {_quoted(running)} has the best average is not settled; the others have worse ones."

    def _describe_threshold(self) -> str:
        if self.threshold is None:
            return ""
        rates = [(s.meets, s.policy) for s in self.standings if s.meets]
        top = max((rate for rate, _ in rates), key=lambda rate: rate.estimate)
        first = [policy for rate, policy in rates if rate.estimate == top.estimate]
        limit = f"{'at least' if self.better > 0 else 'at most'} {format_level(self.threshold, self.unit)}"
        return (
            f"The threshold ({limit}) is met most often under {_quoted(first)}: in "
            f"{self._frequency(top, self.futures, 'futures')}."
        )

    def _frequency(self, share: ShareEstimate, whole: int, cases: str = "states") -> str:
        low, high = (count_share(end, whole) for end in (share.low, share.high))
        return f"{format_share(share.estimate, whole)} {cases} ({self.level:.0%} interval {low} to {high})"

    def _describe_structures(self) -> str:
        if not self.structures:
            return ""
        where = self.best_where
        if len(set(where.values())) == 1 and len(next(iter(where.values()))) == 1:
            return (
                f"“{next(iter(where.values()))[0]}” has the best average under every way to write the model "
                "(structure)."
            )
        under: dict[tuple[str, ...], list[str]] = {}
        for name, policies in where.items():
            under.setdefault(policies, []).append(name)
        clauses = [
            f"{_quoted(policies)}{' (not settled between them)' if len(policies) > 1 else ''} under "
            f"{join_words(names) if len(names) <= NAMED else f'{len(names)} of {len(where)}'}"
            for policies, names in under.items()
        ]
        return f"The best average under each way to write the model (structure): {'; '.join(clauses)}."

    def _describe_chance(self) -> str:
        if self.alike:
            return ""
        if self.chance_error is None:
            return (
                "Each state is a single run, so that what is counted as regret holds chance that nobody could "
                "have foreseen."
            )
        if self.chance_error == 0:
            return ""
        error = format_absolute(self.chance_error, self.unit)
        return (
            f"Each state is averaged over {self.replicates} plays of chance (replicates) or more. What chance is left "
            f"in a difference between two policies has a standard error of up to {error}{name_base(self.unit)}: "
            "shortfalls of that size are noise, and the largest of many states may hold two or three times as much."
        )

    def to_frame(self) -> pd.DataFrame:
        """One row per policy; with structures, theirs follow, named in the column `structure` ("all" otherwise)."""
        import pandas as pd

        rows = [
            {
                "structure": where,
                "policy": s.policy,
                "mean": s.mean,
                "high_regret": s.high_regret,
                "high_low": s.high_interval[0],
                "high_high": s.high_interval[1],
                "worst_regret": s.worst_regret,
                "mean_regret": s.mean_regret,
                "mean_rank": s.mean_rank,
                "best": s.best.estimate,
                "best_low": s.best.low,
                "best_high": s.best.high,
                "meets": s.meets.estimate if s.meets else np.nan,
                "meets_low": s.meets.low if s.meets else np.nan,
                "meets_high": s.meets.high if s.meets else np.nan,
                "in_the_running": s.in_the_running,
            }
            for where, part in {"all": self, **self.structures}.items()
            for s in part.standings
        ]
        return pd.DataFrame(rows)


def _quoted(names: Sequence[str]) -> str:
    return join_words([f"“{name}”" for name in names])


def compute_regret(table: PolicyTable, better: int) -> dict[str, Floats]:
    """By how much each policy falls short of the best one in each future, 0 or more: one column (futures,) a policy.

    `better` is +1 where more of the outcome is good and -1 where less is. A future that failed under some policy is
    nan. Raises ValueError for another direction.
    """
    check_direction(better)
    gains = better * np.column_stack([np.asarray(column, np.float64) for column in table.values()])
    return dict(zip(table, (gains.max(axis=1, keepdims=True) - gains).T, strict=True))


def assess_robustness(
    table: PolicyTable,
    *,
    better: int,
    draws: ArrayLike | None = None,
    structures: Sequence[str] | None = None,
    threshold: float | None = None,
    level: float = 0.95,
    unit: Unit = Unit.RATIO,
    sets: ArrayLike | None = None,
) -> Robustness:
    """Compare policies that ran in the same futures.

    `table` has one column (futures,) a policy; `better` is +1 or -1; `threshold` is in the outcome's unit. `draws`
    (futures,) labels the parameter draw: futures of one draw and structure are averaged into one state, and futures of
    one draw are not counted as independent, whatever their structure; without it every future is a state and a draw of
    its own. `sets` (futures,) says which futures have the same parameters although their draws differ: they are not
    independent either. Means weigh every state alike. Raises ValueError as `select_complete_futures`, and for labels
    that do not fit.
    """
    check_direction(better)
    if not 0 < level < 1:
        raise InputError(f"a level of {level} is not between 0 and 1")
    matrix, complete = select_complete_futures(table)
    draw = np.arange(len(matrix)) if draws is None else _number_labels(draws, complete, "draws")
    owner = draw if sets is None else _number_labels(sets, complete, "parameter sets")
    empty = Robustness((), better, 0, 0, 0, 0, int((~complete).sum()), level, threshold, unit)
    names = tuple(table)
    if structures is None:
        return _fill(empty, names, matrix, draw, owner)
    structure = _number_labels(structures, complete, "structures")
    labels = np.unique(np.asarray(structures)[complete])
    by_structure = {
        str(label): _fill(empty, names, matrix[structure == i], draw[structure == i], owner[structure == i])
        for i, label in enumerate(labels)
    }
    overall = _fill(empty, names, matrix, structure * (draw.max() + 1) + draw, owner)
    return replace(overall, structures=by_structure)


def _fill(about: Robustness, names: tuple[str, ...], results: Floats, state: Labels, draw: Labels) -> Robustness:
    """The figures for results (futures, policies), given the state and the independent draw of each future."""
    from scipy.stats import rankdata  # a second to load, so only when asked for

    _, first, state = np.unique(state, return_index=True, return_inverse=True)
    draw = np.unique(draw, return_inverse=True)[1]
    means, runs = average_groups(results, state)
    gains, owner, sign, level = about.better * means, draw[first], about.better, about.level
    top = gains.max(axis=1, keepdims=True)
    regret, ranks = top - gains, rankdata(-gains, axis=1)
    wins = regret <= ROUNDING * np.abs(top)
    wins = wins / wins.sum(axis=1, keepdims=True)
    possible = select_possible_best(gains, owner, level)
    high_intervals = _estimate_high_intervals(regret, owner)
    met = None if about.threshold is None else np.asarray(sign * results >= sign * about.threshold, np.float64)
    standings = tuple(
        PolicyStanding(
            policy=name,
            mean=float(means[:, i].mean()),
            worst_regret=float(regret[:, i].max()),
            high_regret=float(np.quantile(regret[:, i], HIGH)),
            high_interval=high_intervals[i],
            mean_regret=float(regret[:, i].mean()),
            mean_rank=float(ranks[:, i].mean()),
            best=estimate_share(wins[:, i], owner, level),
            meets=None if met is None else estimate_share(met[:, i], draw, level),
            in_the_running=bool(possible[i]),
        )
        for i, name in enumerate(names)
    )
    return replace(
        about,
        standings=standings,
        futures=len(results),
        states=len(means),
        draws=int(draw.max()) + 1,
        replicates=int(runs.min()),
        chance_error=_estimate_chance_error(results - means[state], runs),
    )


def _estimate_high_intervals(regret: Floats, owner: Labels) -> list[Range]:
    """95% bootstrap intervals of the 90% quantile of regret (states, policies); states of one owner stay together."""
    counts = np.array([*draw_resamples(len(regret), TIMES, 0, owner)])
    ends = [np.quantile(compute_weighted_quantile(column, counts, HIGH), (0.025, 0.975)) for column in regret.T]
    return [(float(low), float(high)) for low, high in ends]


def _estimate_chance_error(deviations: Floats, runs: Floats) -> float | None:
    """The largest standard error of a difference between two policies in a state; `runs` (states,) are averaged."""
    if runs.min() < 2:
        return None
    chance = deviations.T @ deviations / (len(deviations) - len(runs))
    spread = np.diag(chance)[:, None] + np.diag(chance) - 2 * chance
    return float(np.sqrt(max(spread.max(), 0.0) / runs.min()))


def _number_labels(given: ArrayLike, complete: NDArray[np.bool_], kind: str) -> Labels:
    """Labels of the complete futures as numbers from 0, in the order of `numpy.unique`."""
    labels = np.asarray(given)
    if labels.shape != complete.shape:
        raise InputError(f"{labels.size} labels of {kind} do not fit {complete.size} futures")
    return np.unique(labels[complete], return_inverse=True)[1]
