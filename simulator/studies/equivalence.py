"""Equivalence for this model: which amounts of a lever to try, and what people call the lever and the outcome.

Amounts begin at today's value of the lever and end at the bound that does more for the outcome. The first amount that
is enough is then the smallest departure from today's rules.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.common.formatting import format_number, join_words
from simulator.common.ranges import Range
from simulator.common.units import Unit
from simulator.declarations.levers import LEVERS
from simulator.declarations.outcomes import OUTCOMES
from simulator.experiments.core.model_protocol import Factor
from simulator.experiments.core.sampled_futures import SampledFutures, run_policies
from simulator.experiments.tradeoffs.lever_sweep import STEPS, LeverQuestion
from simulator.studies.model_function import ModelFunction, list_lever_factors

PROBES = 200


def make_lever_question(
    model: ModelFunction,
    lever: str,
    reference: Mapping[str, float],
    futures: SampledFutures,
    *,
    steps: int = STEPS,
    between: Range | None = None,
) -> LeverQuestion:
    """The question how much of `lever` does as much as `reference` (levers and values) for the model's first outcome.

    It tries `steps` amounts from the first to the second of `between`, by default from today's value in the direction
    that does more in some of the futures. Raises LookupError for unknown levers, and ValueError for one that is only on
    or off, for amounts out of bounds, and for no reference.
    """
    (factor,) = list_lever_factors([lever])
    if not isinstance(reference, Mapping) or not reference:
        raise InputError(
            f"say what {lever} is to equal: levers and their values, such as {{'ringfence': 1, 'waiver': 0}}"
        )
    list_lever_factors(reference)
    if LEVERS[lever].about.unit is Unit.SWITCH:
        raise InputError(f"'{lever}' is on or off, so there is no more or less of it; ask what equals it instead")
    first, last = between or (read_current_value(model, lever), choose_direction(model, factor, reference, futures))
    if not (factor.low <= min(first, last) < max(first, last) <= factor.high):
        raise InputError(f"{lever} lies between {factor.low:g} and {factor.high:g}; {first:g} to {last:g} will not do")
    about = OUTCOMES[model.outcomes[0]]
    return LeverQuestion(
        factor,
        dict(reference),
        about.name,
        about.better,
        amounts=tuple(map(float, np.linspace(first, last, steps))),
        about=f"“{about.label}”",
    )


def refuse_reversed(
    model: ModelFunction, question: LeverQuestion, futures: SampledFutures, *, as_option: bool = False
) -> None:
    """Refuse amounts that run from the end that does more to the end that does less, as in some of the futures.

    The first amount that is enough would be the first that was tried. `as_option` says that it is written on a command
    line. Raises InputError.
    """
    first, last = question.amounts[0], question.amounts[-1]
    ends: dict[str, Mapping[str, float]] = {name: {question.lever.name: x} for name, x in (("0", first), ("1", last))}
    table = run_policies(model, futures.head(PROBES), {**ends, "reference": question.reference}, question.outcome)
    mean = {policy: float(np.nanmean(column)) for policy, column in table.items()}
    better = question.better or np.sign(mean["reference"] - mean["0"])
    if better * mean["0"] > better * mean["1"]:
        given = f"--between {first:g} {last:g}" if as_option else f"between={first:g}, {last:g}"
        wanted = f"--between {last:g} {first:g}" if as_option else f"between=({last:g}, {first:g})"
        raise InputError(
            f"{given}: {question.lever.name} does more at {first:g} than at {last:g}, and amounts "
            f"are tried from the least to the most; write {wanted}"
        )


def make_option_question(
    model: ModelFunction,
    lever: str,
    reference: Mapping[str, float],
    futures: SampledFutures,
    *,
    steps: int,
    between: Range | None,
) -> LeverQuestion:
    """The question of a command line, whose ends of `--between` run from the least to the most. Raises InputError."""
    question = make_lever_question(model, lever, reference, futures, steps=steps, between=between)
    if between is not None:
        refuse_reversed(model, question, futures, as_option=True)
    return question


def read_current_value(model: ModelFunction, lever: str) -> float:
    """The value of the lever in the model's own calendar, in the quarter from which levers are set."""
    return float(model.policy.lever(lever)[model.first])


def choose_direction(
    model: ModelFunction, lever: Factor, reference: Mapping[str, float], futures: SampledFutures
) -> float:
    """The bound of the lever that does more for the outcome, on average over some of the futures.

    Where neither way of the outcome is better, the bound that moves it as the reference does.
    """
    now = read_current_value(model, lever.name)
    if now in (lever.low, lever.high):
        return lever.high if now == lever.low else lever.low
    policies: dict[str, Mapping[str, float]] = {
        "low": {lever.name: lever.low},
        "high": {lever.name: lever.high},
        "now": {},
        "reference": reference,
    }
    name = model.outcomes[0]
    table: dict[str, Floats] = run_policies(model, futures.head(PROBES), policies, name)
    mean = {policy: float(np.nanmean(column)) for policy, column in table.items()}
    better = OUTCOMES[name].better or np.sign(mean["reference"] - mean["now"]) or 1.0
    return lever.high if better * mean["high"] >= better * mean["low"] else lever.low


def describe_levers(model: ModelFunction, levers: Mapping[str, tuple[float, ...]]) -> tuple[str, ...]:
    """A sentence for each lever: its meaning, unit and value today, and the first and last value in the question."""
    return tuple(_describe_lever(model, name, values) for name, values in levers.items())


def _describe_lever(model: ModelFunction, name: str, values: tuple[float, ...]) -> str:
    about = LEVERS[name].about
    ahead = model.policy.lever(name)[model.first :]
    now = f"today {format_number(float(ahead[0]))}"
    if np.ptp(ahead) > 0:
        now += f", in the calendar later {format_number(float(ahead.min()))} to {format_number(float(ahead.max()))}"
    tried = " to ".join(format_number(v) for v in dict.fromkeys((values[0], values[-1])))
    details = join_words([f"unit: {about.unit.value}", now, f"here {tried}"])
    return f"{name}: {about.meaning} ({details})."
