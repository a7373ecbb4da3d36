"""Break-even for this model: how firmly must a ring-fence without waiver be enforced to equal a gain in leadership?

Interviewees put leadership above the ring-fence they had known, which could be waived, was waived, and was not audited.
Whether they are right depends on which ring-fence is meant. So the answer always compares leadership with three of
them: a ring-fence that can be waived, one that is never waived, and one that is audited.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.common.formatting import (
    count_cases,
    describe_difference,
    format_count,
    format_difference_range,
    format_number,
    join_words,
)
from simulator.common.ranges import Range
from simulator.common.representation import short_repr
from simulator.declarations.outcomes import OUTCOMES, Outcome
from simulator.experiments.core.clustered_errors import count_independent_rows
from simulator.experiments.core.model_protocol import ROUNDING, Labels, Progress
from simulator.experiments.core.sampled_futures import SampledFutures
from simulator.experiments.stats.ranking_and_selection import compute_wilson_interval
from simulator.experiments.tradeoffs.equivalence import Equivalence, find_equivalence_in
from simulator.experiments.tradeoffs.lever_sweep import LeverQuestion, sweep_lever_and_policies
from simulator.studies.model_function import ModelFunction, list_lever_factors

if TYPE_CHECKING:
    import pandas as pd

LEADERSHIP: Mapping[str, float] = MappingProxyType({"leader_lift": 0.45, "finance_lift": 0.2})
NEVER_WAIVED: Mapping[str, float] = MappingProxyType({"ringfence": 1.0, "waivable": 0.0, "audit": 0.0})
WAIVABLE: Mapping[str, float] = MappingProxyType({"ringfence": 1.0, "audit": 0.0})
GRADED_ENFORCEMENT: Mapping[str, float] = MappingProxyType({"audit": 1.0, "waivable": 0.0})
"""With audit at full strength, the value of the label is its enforcement; the past, which had none, does not change."""

WAIVABLE_LABEL = "a ring-fence that can be waived"
UNWAIVED_LABEL = "the same ring-fence never waived"
AUDITED_LABEL = "an audited ring-fence"
ENFORCEMENTS = (
    0.0,
    0.01,
    0.02,
    0.04,
    0.06,
    0.08,
    0.1,
    0.125,
    0.15,
    0.175,
    0.2,
    0.225,
    0.25,
    0.275,
    0.3,
    0.35,
    0.4,
    0.45,
    0.5,
    0.55,
    0.6,
    0.7,
    0.8,
    0.9,
    1.0,
)


@dataclass(frozen=True)
class Duel:
    """In how many of `draws` parameter sets leadership does more than a ring-fence (`more`), or as much (`same`).

    `effect` is what the ring-fence adds, in the outcome's unit: mean, 10th and 90th centile of parameter draws. `worth`
    is the number of independent draws with the same error, fewer than `draws` where some have the same parameters.
    """

    fence: str
    draws: int
    more: int
    same: int
    effect: tuple[float, float, float]
    worth: float | None = None

    @property
    def interval(self) -> Range:
        """The 95% interval of the share of sets in which leadership does more (Wilson)."""
        return compute_wilson_interval(self.more / self.draws, self.draws if self.worth is None else self.worth, 0.95)

    @property
    def verdict(self) -> str:
        """Whether the claim that leadership does more "holds" against this ring-fence, "fails", or "is open"."""
        low, high = self.interval
        return "holds" if low > 0.5 else "fails" if high < 0.5 else "is open"


@short_repr
@dataclass(frozen=True, eq=False)
class BreakEven:
    """The enforcement that equals a gain in leadership, and how that gain compares with three ring-fences.

    `effect` is what leadership adds to the outcome, in its unit: mean, 10th and 90th centile of parameter draws. There
    is a duel with each ring-fence.
    """

    outcome: Outcome
    leadership: Mapping[str, float]
    equivalence: Equivalence
    effect: tuple[float, float, float]
    duels: tuple[Duel, ...]

    @property
    def sentence(self) -> str:
        """The answer, with both sides of it, in plain words."""
        return f"{self._describe_gain()} {self._describe_amount()} {self._describe_duels()} {self._describe_claim()}"

    def to_frame(self) -> pd.DataFrame:
        """One row per ring-fence: the share of draws in which leadership does more, with its 95% interval (Wilson), and
        what the ring-fence adds: mean, 10th and 90th centile of draws.
        """
        import pandas as pd

        return pd.DataFrame(
            {
                "fence": duel.fence,
                "leadership_more": duel.more / duel.draws,
                "low": duel.interval[0],
                "high": duel.interval[1],
                "effect": duel.effect[0],
                "effect_likely_low": duel.effect[1],
                "effect_likely_high": duel.effect[2],
            }
            for duel in self.duels
        )

    def _describe_gain(self) -> str:
        about = self.outcome
        levers = join_words(
            [f"{name.replace('_', ' ')} at {format_number(value)}" for name, value in self.leadership.items()]
        )
        mean, low, high = self.effect
        gap, spread = (
            describe_difference(mean, about.change_unit),
            format_difference_range(low, high, about.change_unit),
        )
        return (
            f"Stronger leadership ({levers}) brings {gap} ({about.label.lower()}; in 8 in 10 versions of the model "
            f"{spread})."
        )

    def _describe_amount(self) -> str:
        e = self.equivalence
        mean = e.on_average
        if mean.value == 0:
            return "On average it does no more than today's rules, so no ring-fence is needed to equal it."
        if np.isinf(mean.value):
            return "On average no enforcement of an unwaived ring-fence, however firm, does as much."
        low, high = (format_number(min(x, 1.0)) for x in (mean.low, mean.high))
        text = (
            "On average an unwaived ring-fence does as much once it is enforced at "
            f"{format_number(mean.value)} of full "
            f"strength (95% interval {low} to {high})"
        )
        if e.none_enough < e.draws:
            lowest, highest = (_format_amount(e.enough_in(share)) for share in (0.1, 0.9))
            text += f"; from one version of the model to another it takes {lowest} to {highest} (8 in 10 of them)"
        if e.none_enough:
            text += f", and in {format_count(e.none_enough, e.draws)} versions even full enforcement is not enough"
        return f"{text}."

    def _describe_duels(self) -> str:
        shares = [count_cases(duel.more, duel.draws) for duel in self.duels]
        clauses = [f"than {duel.fence} in {share}" for duel, share in zip(self.duels, shares, strict=True)]
        first = f"{clauses[0]} of {min(self.duels[0].draws, 100)} versions of the model (parameter sets)"
        return f"Leadership does more {join_words([first, *clauses[1:]])}."

    def _describe_claim(self) -> str:
        against = {word: [d.fence for d in self.duels if d.verdict == word] for word in ("holds", "is open", "fails")}
        clauses = [f"{word} against {join_words(fences)}" for word, fences in against.items() if fences]
        return f"So the claim that leadership does more than a ring-fence {join_words(clauses)}."


def find_break_even(
    model: ModelFunction,
    futures: SampledFutures,
    leadership: Mapping[str, float] = LEADERSHIP,
    *,
    times: int = 1000,
    seed: int = 0,
    progress: Progress | None = None,
) -> BreakEven:
    """Sweep the enforcement of a ring-fence without waiver, and compare it with `leadership`, by the first outcome.

    `leadership` maps levers to values. Intervals come from `times` resamples; `progress` counts runs. Raises
    LookupError for unknown levers, ValueError for a calendar that has a ring-fence from the start, for a gain that
    moves the ring-fence itself, and as `sweep_lever`.
    """
    if not leadership:
        raise InputError("name the levers of the gain, such as leadership={'leader_lift': 0.5}")
    name = model.outcomes[0]
    list_lever_factors(leadership)
    if clash := set(leadership) & {*GRADED_ENFORCEMENT, "ringfence", "waiver"}:
        raise InputError(f"{join_words(sorted(clash))}: part of the ring-fence, with which the gain is compared")
    if model.policy.lever("ringfence")[model.first :].any():
        raise InputError("the ring-fence is on in this calendar already; start from one without it")
    about = OUTCOMES[name]
    (label,) = list_lever_factors(["ringfence"])
    question = LeverQuestion(
        label,
        leadership,
        name,
        about.better,
        along_with=GRADED_ENFORCEMENT,
        amounts=ENFORCEMENTS,
        about=f"“{about.label}”",
    )
    fences = {WAIVABLE_LABEL: WAIVABLE, UNWAIVED_LABEL: NEVER_WAIVED}
    swept, levels = sweep_lever_and_policies(model, question, futures, fences, progress)
    equal = find_equivalence_in(question, swept, times, seed)
    none, audited = swept.swept[:, 0], swept.swept[:, -1]
    gain = swept.reference - none
    effects = {fence: level - none for fence, level in levels.items()} | {AUDITED_LABEL: audited - none}
    duels = tuple(judge_duel(fence, gain, effect, about.better, swept.sets) for fence, effect in effects.items())
    return BreakEven(about, dict(leadership), equal, _summarise(gain), duels)


def judge_duel(fence: str, gain: Floats, effect: Floats, better: int, sets: Labels | None = None) -> Duel:
    """Count the parameter draws in which a gain (draws,) is more than the effect (draws,) of a ring-fence."""
    ahead = (better or 1) * (gain - effect)
    same = np.abs(ahead) <= ROUNDING
    more = (ahead > 0) & ~same
    return Duel(
        fence, len(gain), int(more.sum()), int(same.sum()), _summarise(effect), count_independent_rows(more, sets)
    )


def _summarise(effect: Floats) -> tuple[float, float, float]:
    low, high = np.quantile(effect, (0.1, 0.9))
    return float(effect.mean()), float(low), float(high)


def _format_amount(x: float) -> str:
    return "more than full enforcement" if np.isinf(x) else format_number(x)
