"""What each part of a policy adds by itself, and on top of the others, in a sentence: parts as people build them.

The levers of a control in plain words are one part, and every other lever is one. All combinations run in the futures
of the answer, so that amounts are differences of what would stand there for a policy without the part.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import NamedTuple

from simulator.common.formatting import format_absolute, format_pair, join_words, name_base
from simulator.common.sentence_templates import get_template
from simulator.common.units import Unit
from simulator.declarations.levers import LEVERS
from simulator.declarations.outcomes import OUTCOMES
from simulator.experiments.core.clustered_errors import number_labels
from simulator.experiments.tradeoffs.attribution import Attribution, GainEffect, attribute
from simulator.runs.results import Results
from simulator.scenarios.library import BASELINE
from simulator.scenarios.plain_controls import PLAIN_CONTROLS, PlainControl
from simulator.scenarios.policy_sentence import summarise_lever
from simulator.scenarios.scenario import Scenario, load_scenario

Parts = Mapping[str, frozenset[str]]
"""The levers of each part, by what people call it."""
Run = Callable[[Scenario], Results]

MOST_PARTS = 4
"""So many parts at most, for all their combinations are run; those beyond are one part together."""
RESAMPLES = 200


def list_parts(policy: Scenario) -> Parts:
    """The parts of a policy, in the order of Build: controls in plain words, then every other lever that it moves."""
    moved = frozenset(policy.differs_from(load_scenario(BASELINE)))
    parts: dict[str, frozenset[str]] = {}
    for control in PLAIN_CONTROLS:
        if own := moved & set(control.levers):
            parts[_name_control(policy, control, own)] = own
    held = frozenset[str]().union(*parts.values())
    for lever in LEVERS:
        if lever in moved - held:
            parts[_quote_lever(lever)] = frozenset({lever})
    if len(parts) <= MOST_PARTS:
        return parts
    first, rest = dict(list(parts.items())[: MOST_PARTS - 1]), list(parts.values())[MOST_PARTS - 1 :]
    return first | {get_template("parts.rest").format(count=len(rest)): frozenset[str]().union(*rest)}


def _name_control(policy: Scenario, control: PlainControl, moved: frozenset[str]) -> str:
    """A control as a part: its choice that stands; where there is none, the one lever that moves, or its label."""
    choice = control.find_choice(lambda lever: summarise_lever(policy, lever).value)
    if choice is None and len(moved) == 1:
        return _quote_lever(*moved)
    name = choice.name if choice and choice.name else f"{control.label[0].lower()}{control.label[1:]}"
    return f"{control.article} {name}".lstrip()


def _quote_lever(lever: str) -> str:
    return f"“{LEVERS[lever].about.meaning.partition(' (')[0]}”"


def share_out(policy: Scenario, run: Run, outcome: str, span: slice) -> Attribution | None:
    """What each part brings of the difference that a policy makes to an outcome over a span of years; `run` gives the
    results of a scenario in the futures of the answer. None for a policy of one part, for fewer than two futures, and
    where the outcome is not defined in every future.
    """
    parts = list_parts(policy)
    if len(parts) < 2:
        return None
    names = list(parts)
    values, results = {}, run(policy)
    for size in range(len(names) + 1):
        for chosen in combinations(names, size):
            levers = frozenset[str]().union(*(parts[name] for name in chosen))
            found = results if size == len(names) else run(_keep(policy, levers))
            values[frozenset(chosen)] = found.outcome(outcome, span)
    about = OUTCOMES[outcome]
    if len(results) < 2 or any(bool((values_of != values_of).any()) for values_of in values.values()):
        return None
    sets = results.sets
    return attribute(
        lambda coalition: values[coalition],
        names,
        about.label,
        seed=results.manifest.seed,
        unit=about.change_unit,
        draws=None if sets is None else number_labels(sets, len(results)),
        times=RESAMPLES,
    )


def _keep(policy: Scenario, levers: frozenset[str]) -> Scenario:
    """The policy with what it does to these levers alone; today's rules for none."""
    if not levers:
        return load_scenario(BASELINE)
    kept = tuple(change for change in policy.changes if change.lever in levers)
    clashes = tuple(clash for clash in policy.clashes if clash.lever in levers)
    return replace(policy, changes=kept, clashes=clashes, reference="")


def describe_parts(shared: Attribution | None, years: tuple[str, str]) -> str:
    """What each part adds by itself, the largest first, and on top of the others, in a few sentences: differences of
    levels as they are shown of these policies elsewhere, on average over `years`. "" for no parts, or for a whole that
    is nothing clear.
    """
    if shared is None or not shared.total.clear:
        return ""
    order = sorted(shared.alone, key=lambda name: -abs(shared.alone[name].mean))
    start, whole = shared.start, shared.start + shared.total.mean
    alone = [_Step(name, shared.alone[name], start, start + shared.alone[name].mean) for name in order]
    last = [_Step(name, shared.last[name], whole - shared.last[name].mean, whole) for name in order]
    base, two = name_base(shared.unit), len(order) == 2
    first, final = years
    return get_template("parts.two" if two else "parts.many").format(
        averages=get_template("span.averages.year" if first == final else "span.averages").format(
            span=first if first == final else get_template("span").format(first=first, last=final)
        ),
        alone=_tell_steps(alone, shared.unit, base, with_levels=False),
        others=order[0],
        last=_tell_steps(last[1:] if two else last, shared.unit, "", with_levels=True),
    )


class _Step(NamedTuple):
    """What a part does to an average: from what level to what."""

    name: str
    effect: GainEffect
    old: float
    new: float

    def tell(self, unit: Unit, base: str, with_levels: bool) -> tuple[str, str]:
        """What it does, in a word, and by how much; with the levels that it leads from and to, where they are known."""
        if self.effect.nothing:
            return "adds", get_template("parts.nothing")
        if not self.effect.clear:
            return "adds", get_template("parts.unclear")
        does = "adds" if self.effect.mean > 0 else "takes away"
        if unit is not Unit.SHARE or self.old != self.old:
            return does, f"{format_absolute(self.effect.mean, unit)}{base}"
        new, old, size = format_pair(100 * self.new, 100 * self.old)
        levels = get_template("parts.levels").format(old=old, new=new)
        return does, f"{size}{base}{levels if with_levels and new != old else ''}"


def _tell_steps(steps: Sequence[_Step], unit: Unit, base: str, with_levels: bool) -> str:
    """What parts do, in a list that says once what they are out of and, where it is the same, in which direction."""
    said: list[str] = []
    before = ""
    for step in steps:
        does, size = step.tell(unit, "" if any("£" in one for one in said) else base, with_levels)
        said.append(f"{step.name} {size}" if does == before else f"{step.name} {does} {size}")
        before = does
    return join_words(said)
