"""What each part of a policy adds, in a sentence: parts as people build them, shared out by adding them in every order.

The levers of a control in plain words are one part, and every other lever is one. All combinations run in the futures
of the answer, so that the parts add up to the difference that stands there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import combinations

from simulator.common.formatting import join_words, name_base
from simulator.common.sentence_templates import get_template
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
MOSTLY = 0.6
"""A part that brings so much of the whole does most of it."""
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


def describe_parts(title: str, shared: Attribution | None) -> str:
    """What each part brings, the largest first, in a sentence; "" for no parts, or for a whole that is nothing clear.
    Amounts add up as they stand.
    """
    if shared is None or not shared.total.clear:
        return ""
    *told, whole = shared.tell_shares()
    names, effects = list(shared.shares), list(shared.shares.values())
    first, *others = sorted(range(len(names)), key=lambda at: -abs(effects[at].mean))
    said = [_tell(effect, share) for effect, share in zip(effects, told, strict=True)]
    mostly = effects[first].mean / shared.total.mean >= MOSTLY
    listed: list[str] = []
    for at in others:
        words = get_template("parts.comes" if mostly and not listed else "parts.from")
        listed.append(words.format(share=said[at], part=names[at]))
    return get_template("parts.most" if mostly else "parts.each").format(
        title=title,
        adds="adds" if shared.total.mean > 0 else "brings",
        part=names[first],
        share=said[first],
        whole=f"{whole.lstrip('+')}{name_base(shared.unit)}",
        others=join_words(listed),
    )


def _tell(effect: GainEffect, share: str) -> str:
    """The share of a part as a sentence has it."""
    if effect.nothing:
        return get_template("parts.nothing")
    return get_template("parts.little") if share.lstrip("+−") == "£0" else share.lstrip("+")
