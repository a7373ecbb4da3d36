"""How far each uncertain number moves an answer, measured over the posterior.

The impact of a number is how far the answer would typically move if that number alone were learned exactly: the
standard deviation of the answer's mean given the number, in pounds of each £100. Shares of variance are main effects
from the posterior's own draws, each averaged over several replicates.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from simulator.common.arrays import Floats
from simulator.declarations.number import Role
from simulator.declarations.parameters import PARAMETERS
from simulator.engine.ensemble import Progress
from simulator.experiments.core.clustered_errors import label_parameter_sets
from simulator.experiments.sensitivity.given_data import make_given_data, select_clear_effects
from simulator.experiments.sensitivity.main_effects import estimate_main_effects
from simulator.experiments.sensitivity.rank_correlations import estimate_rank_correlations
from simulator.runs.acting_numbers import Acts, find_acting
from simulator.runs.futures import SEED, Futures, draw_futures
from simulator.runs.parameter_sets import to_frame
from simulator.runs.run import find_common_span, run_many
from simulator.scenarios.headline import HEADLINE
from simulator.scenarios.scenario import load_scenario


@dataclass(frozen=True)
class Impact:
    """Pounds of each £100 by which learning a number would move an answer, with a 95% interval.

    `up`: whether the answer rises with the number; `clear`: whether the impact is clear of noise; `acts`: whether the
    number acts on the answer in its years, only before them, or never, in which case there is nothing to measure.
    """

    pounds: float
    low: float
    high: float
    up: bool
    clear: bool
    acts: Acts = Acts.NOW


AT_REST = Impact(0.0, 0.0, 0.0, False, False, Acts.NEVER)
"""That of a number that does not act under the policies of a headline."""


class Headline(NamedTuple):
    """A headline: what it says, an outcome, and the policy whose gain over today's rules it is ("" for a level)."""

    says: str
    outcome: str
    policy: str


WORDS = {"retained": "money kept", "additional": "new money"}
"""The outcomes of headlines, as a sentence has them."""


def list_headlines() -> tuple[Headline, ...]:
    """Money kept and new money: the level of each under today's rules, and what each headline policy adds to it."""
    return tuple(make_headline(outcome, policy) for outcome in WORDS for policy in ("", *HEADLINE))


def make_headline(outcome: str, policy: str) -> Headline:
    """A headline: of the level of an outcome for the policy "", elsewise of what a policy adds to it."""
    if not policy:
        return Headline(f"{WORDS[outcome]} under today's rules", outcome, policy)
    return Headline(f"what “{load_scenario(policy).title}” adds to {WORDS[outcome]}", outcome, policy)


def measure_impacts(
    draws: int, replicates: int, times: int, seed: int = SEED, progress: Progress | None = None
) -> dict[Headline, dict[str, Impact]]:
    """The impact of every uncertain number on every headline, from `draws` parameter sets run `replicates` times.

    `times` is how often the draws are resampled for the intervals. A number that does not act under the policies of a
    headline is not looked at there: what goes with it in these draws is noise, or another number's doing.
    """
    futures = make_replicated_futures(draws, replicates, seed)
    points = list_uncertain_values(futures, draws)
    runs = run_many(("baseline", *HEADLINE), futures=futures, progress=progress)
    span = find_common_span(runs)
    by_name = dict(zip(("", *HEADLINE), runs, strict=True))

    def average(policy: str, outcome: str) -> Floats:
        values = by_name[policy].outcome(outcome, span)
        return np.asarray(values.reshape(replicates, draws).mean(axis=0), np.float64)

    impacts = {}
    for headline in list_headlines():
        answer = average(headline.policy, headline.outcome)
        if headline.policy:
            answer = answer - average("", headline.outcome)
        compared = [by_name[policy] for policy in dict.fromkeys(("", headline.policy))]
        acting = find_acting(points, headline.outcome, span, compared)
        impacts[headline] = estimate_acting_impacts(points, answer, times, acting)
    return impacts


def make_replicated_futures(draws: int, replicates: int, seed: int) -> Futures:
    """The first draws of the posterior, each run `replicates` times with new chance."""
    once = draw_futures(draws, seed=seed)
    return Futures(np.tile(once.points, replicates), np.arange(draws * replicates), once.seed, once.source)


def list_uncertain_values(futures: Futures, draws: int) -> dict[str, Floats]:
    """The values of every uncertain number that varies among the first `draws`, a column each."""
    table = to_frame(futures.points[:draws])
    names = [name for name, d in PARAMETERS.items() if d.about.role is Role.UNCERTAIN and np.ptp(table[name])]
    return {name: table[name].to_numpy(np.float64) for name in names}


def estimate_acting_impacts(
    points: Mapping[str, Floats], values: Floats, times: int, acting: Mapping[str, Acts]
) -> dict[str, Impact]:
    """The impact of each number that acts, and `AT_REST` for each that does not; otherwise as `estimate_impacts`."""
    looked_at = {name: column for name, column in points.items() if acting[name] is not Acts.NEVER}
    found = estimate_impacts(looked_at, values, times)
    return {name: replace(found[name], acts=acting[name]) if name in found else AT_REST for name in points}


def estimate_impacts(points: Mapping[str, Floats], values: Floats, times: int) -> dict[str, Impact]:
    """The impact of each number (a column of `points`) on an answer (`values`, a share of the fund for each row)."""
    sample = make_given_data(points, values, sets=label_parameter_sets(points))
    effects = estimate_main_effects(sample, times=times).effects
    clear = {effect.name for effect in select_clear_effects(effects) if effect.value > 0}
    rises = {effect.name: effect.value > 0 for effect in estimate_rank_correlations(sample, times=2).effects}
    spread = 100 * float(values.std())

    def to_pounds(share: float) -> float:
        return round(spread * math.sqrt(max(share, 0.0)), 4)

    return {
        effect.name: Impact(
            to_pounds(effect.value),
            to_pounds(effect.value - effect.half_width),
            to_pounds(effect.value + effect.half_width),
            rises[effect.name],
            effect.name in clear,
        )
        for effect in effects
    }
