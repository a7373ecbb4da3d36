"""Tries a plug-in: what is declared, the same bits where it is off, both drivers alike where it is on, and its effect.

Each check gives a finding with a sentence. The plug-in has been loaded before.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.agents.driver_comparison import find_differences
from simulator.agents.model import HealthSystem
from simulator.boards.table import read_boards
from simulator.calibration.pattern_statistics import compute_statistics
from simulator.common.formatting import join_words
from simulator.common.units import Unit
from simulator.declarations.calendar import POLICY_START, QUARTERS, quarter_name
from simulator.declarations.evidence import find_missing, load_register
from simulator.declarations.levers import LEVERS
from simulator.declarations.outcomes import HEADLINES, OUTCOMES
from simulator.declarations.parameters import PARAMETERS
from simulator.declarations.plugin_file import Plugin
from simulator.engine.ensemble import PoundsError, simulate
from simulator.experiments.core.paired_comparison import Comparison
from simulator.replays.targets import read_patterns
from simulator.runs import digest
from simulator.runs.futures import Futures, draw_futures
from simulator.runs.run import compare_results, run_many
from simulator.scenarios.scenario import Scenario, load_scenario

CALENDARS = 4
"""How many random calendars both drivers run."""

MOVED = 8
"""How many of the model's levers a random calendar moves."""

BLOCKS = 2
"""How many hundreds of futures of each published scenario are compared with the published digest."""

POLICIES = ("ringfence", "leadership")
MOST_PATTERNS = 4
Step = Callable[[str], None]


@dataclass(frozen=True)
class Finding:
    """What one check found: `passed` is None for a remark that nothing hangs on."""

    name: str
    passed: bool | None
    says: str


@dataclass(frozen=True)
class PluginReport:
    """All findings, and what each lever of the plug-in does to the headline outcomes at its full strength."""

    plugin: Plugin
    findings: tuple[Finding, ...]
    effects: Mapping[str, tuple[Comparison, ...]]

    @property
    def passed(self) -> bool:
        """Whether nothing failed."""
        return all(finding.passed is not False for finding in self.findings)


def check_plugin(plugin: Plugin, n: int = 200, *, history: bool = False, step: Step | None = None) -> PluginReport:
    """Try a plug-in in `n` futures. `history` lets published patterns decide too; `step` is told what begins."""
    say = step or (lambda words: None)
    findings = list(check_declarations(plugin))
    say("comparing bits where it is off")
    findings.append(check_off(plugin))
    say("comparing both drivers where it is on")
    findings.append(check_twins(plugin))
    say("counting pounds")
    findings.append(check_pounds(plugin, n))
    if any(finding.name == "money" and not finding.passed for finding in findings):
        return PluginReport(plugin, tuple(findings), {})
    say("running policies with it and without")
    effects = compute_effects(full_strength(plugin), n)
    findings += [check_effects(effects), check_policies(plugin, n)]
    say("running published patterns with it and without")
    findings.append(check_patterns(plugin, n, history))
    return PluginReport(plugin, tuple(findings), effects)


# What is declared.


def check_declarations(plugin: Plugin) -> Iterator[Finding]:
    """Names, readers and evidence."""
    text = plugin.path.read_text(encoding="utf-8-sig")
    functions = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    read = {n.attr for f in functions for n in ast.walk(f) if isinstance(n, ast.Attribute)}
    declared = [d.name for d in (*plugin.numbers, *plugin.levers)] + [*plugin.state, *plugin.draws]
    unread = [name for name in declared if name not in read]
    shared = [name for name in declared if (name in PARAMETERS) + (name in LEVERS) + (name in OUTCOMES) > 1]
    wrong = [f"no function reads {join_words(unread)}"] if unread else []
    wrong += [f"{name} is also a name of the model's; choose another" for name in shared]
    yield Finding("names", not wrong, "; ".join(wrong) or f"{len(declared)} names, each read by a function")
    yield _check_evidence(plugin)


def _check_evidence(plugin: Plugin) -> Finding:
    about = [(d.name, d.about) for d in (*plugin.numbers, *plugin.levers)]
    try:
        missing = find_missing(i for _, number in about for i in number.evidence)
        register = load_register()
    except ValueError as error:
        return Finding("evidence", False, str(error))
    wrong = [f"there is no evidence {name}: add it to EVIDENCE, or cite the register's own" for name in missing]
    for entry in plugin.evidence:
        if not register[str(entry["id"])].url:
            wrong.append(f"evidence {entry['id']} needs an address under url")
    assumed = [name for name, number in about if not number.evidence]
    note = f"; without any, and so an assumption: {join_words(assumed)}" if assumed else ""
    return Finding("evidence", not wrong, "; ".join(wrong) or f"every id that is cited exists{note}")


# Bits, drivers and pounds.


def check_off(plugin: Plugin) -> Finding:
    """With every lever of the plug-in at its default, the published bits come out."""
    checked = digest.check(blocks=BLOCKS)
    if checked.same_bits:
        return Finding(
            "off",
            True,
            f"with its levers at their defaults, {100 * BLOCKS * len(checked.equal)} futures are as published, to the "
            "last bit",
        )
    levers = ", ".join(f"{d.name} = {d.default:g}" for d in plugin.levers)
    return Finding(
        "off",
        False,
        f"with its levers at their defaults ({levers}) results differ from those published: let every function return "
        "0 then (if ringfence doctor without the plug-in says the same, it is this computer)",
    )


def full_strength(plugin: Plugin) -> dict[str, float]:
    """Every lever of the plug-in as far from its default as it goes."""
    return {d.name: _find_far_end(d.default, d.about.low, d.about.high) for d in plugin.levers}


def _find_far_end(default: float, low: float, high: float) -> float:
    return high if high - default >= default - low else low


def at_work(scenario: Scenario, levers: Mapping[str, float], start: int = POLICY_START) -> Scenario:
    """A scenario with levers set from a quarter on."""
    for name, value in levers.items():
        scenario = scenario.with_lever(name, value, start, "the check of a plug-in")
    return scenario


def make_calendar(plugin: Plugin, seed: int) -> Scenario:
    """The baseline with some levers of the model moved at random, and each of the plug-in's."""
    rng = np.random.default_rng(seed)
    others = [name for name, d in LEVERS.items() if d.about.unit is not Unit.SWITCH and d not in plugin.levers]
    moved = {
        str(name): rng.uniform(LEVERS[name].about.low, LEVERS[name].about.high)
        for name in rng.choice(others, MOVED, replace=False)
    }
    scenario = load_scenario("baseline")
    for name, value in moved.items():
        scenario = at_work(scenario, {name: float(value)}, int(rng.integers(QUARTERS)))
    for lever in plugin.levers:
        value = float(rng.uniform(lever.about.low, lever.about.high))
        scenario = at_work(scenario, {lever.name: value}, int(rng.integers(4)))
    return scenario


def check_twins(plugin: Plugin, calendars: int = CALENDARS) -> Finding:
    """Under random calendars and parameters, the Mesa model gives the bits of the compiled driver."""
    drawn, areas = draw_futures(calendars, source="prior"), read_boards().areas
    for at in range(calendars):
        calendar, future = make_calendar(plugin, at), drawn.part(at, at + 1)
        try:
            compiled = simulate(
                future.points, future.runs, calendar.schedule, areas, seed=future.seed, detail=True, workers=1
            )
        except PoundsError as error:
            return Finding("drivers", False, f"in random calendar {at}, {error}")
        try:
            model = HealthSystem(
                calendar, parameters=future.points[0], luck_seed=future.seed, run=int(future.runs[0]), record=at == 0
            ).run()
        except (ArithmeticError, ValueError, TypeError, PoundsError) as error:
            return Finding(
                "drivers",
                False,
                f"in random calendar {at} the Mesa model stops, and the compiled driver does not: {error}",
            )
        if apart := find_differences(model, compiled):
            return Finding("drivers", False, f"in random calendar {at} the two drivers differ: {apart[0]}")
    return Finding(
        "drivers", True, f"the Mesa model and the compiled driver give the same bits in {calendars} random calendars"
    )


def check_pounds(plugin: Plugin, n: int) -> Finding:
    """Every pound is accounted for, and every outcome is a number, also at the ends of the plug-in's numbers."""
    schedule = at_work(load_scenario("baseline"), full_strength(plugin), 0).schedule
    drawn = draw_futures(n, source="prior")
    for words, points in _list_ends(plugin, drawn):
        try:
            yearly = simulate(points, drawn.runs, schedule, read_boards().areas, seed=drawn.seed)
        except PoundsError as error:
            return Finding("money", False, f"{words}, {error}; a function returns what is not a number")
        if not all(np.isfinite(yearly.nation[name]).all() for name in yearly.nation.dtype.names or ()):
            return Finding("money", False, f"{words}, an outcome is not a number")
    return Finding(
        "money",
        True,
        f"every pound is accounted for in {n} futures from the priors, and with each of its numbers at either bound",
    )


def _list_ends(plugin: Plugin, drawn: Futures) -> Iterator[tuple[str, NDArray[np.void]]]:
    yield "in futures from the priors", drawn.points
    for number in plugin.numbers:
        for value in (number.about.low, number.about.high):
            points = drawn.points.copy()
            points[number.group][number.name] = value
            yield f"with {number.name} = {value:g}", points


# What it does.


def compute_effects(levers: Mapping[str, float], n: int) -> dict[str, tuple[Comparison, ...]]:
    """Each lever at a value from 2027/28 on against the baseline, on the headline outcomes."""
    base, futures = load_scenario("baseline"), draw_futures(n)
    arms = {name: at_work(base, {name: value}) for name, value in levers.items()}
    if len(levers) > 1:
        arms["all together"] = at_work(base, levers)
    old, *results = run_many([base, *arms.values()], futures=futures)
    return {
        name: tuple(compare_results(new, old, outcome) for outcome in HEADLINES)
        for name, new in zip(arms, results, strict=True)
    }


def check_effects(effects: Mapping[str, tuple[Comparison, ...]]) -> Finding:
    """A lever that moves no headline outcome in any future does nothing."""
    idle = [name for name, compared in effects.items() if all(c.same == c.n for c in compared)]
    words = f"{join_words(idle)} at full strength moves no headline outcome in any future"
    return Finding("effect", not idle, words if idle else "each of its levers moves a headline outcome")


def check_policies(plugin: Plugin, n: int) -> Finding:
    """The model's own policies point the same way with the mechanism at work in both arms."""
    base, futures, full = load_scenario("baseline"), draw_futures(n), full_strength(plugin)
    policies = [base, *(load_scenario(name) for name in POLICIES)]
    plain, *without = run_many(policies, futures=futures)
    ours, *within = run_many([at_work(policy, full) for policy in policies], futures=futures)
    said, turned = [], []
    for name, apart, together in zip(POLICIES, without, within, strict=True):
        before, after = compare_results(apart, plain), compare_results(together, ours)
        size = (compared.signed_gap for compared in (before, after))
        said.append("{} {} without it, {} with it".format(name, *size))
        if before.difference * after.difference < 0:
            turned.append(name)
    words = f"on what is kept, against the baseline: {'; '.join(said)}"
    return Finding("policies", not turned, f"{join_words(turned)} points the other way: {words}" if turned else words)


def check_patterns(plugin: Plugin, n: int, history: bool) -> Finding:
    """Published patterns that hold without the mechanism, and do not with it at work since 2022/23."""
    futures = draw_futures(n)
    plain, within = (compute_statistics(futures, levers=levers) for levers in (None, full_strength(plugin)))
    turned = [
        f"“{check.says}” ({plain[pattern.id][check.name].value:.2f} without it, "
        f"{within[pattern.id][check.name].value:.2f} with it)"
        for pattern in read_patterns().values()
        for check in pattern.checks
        if check.passes(plain[pattern.id][check.name].value) and not check.passes(within[pattern.id][check.name].value)
    ]
    since = f"at full strength since {quarter_name(0)}"
    if not turned:
        return Finding("patterns", True, f"{since}, no published pattern is lost that the model shows without it")
    more = f"; and {len(turned) - MOST_PATTERNS} more" if len(turned) > MOST_PATTERNS else ""
    lost = f"{since}, the model would no longer show: {'; '.join(turned[:MOST_PATTERNS])}{more}"
    return Finding(
        "patterns",
        False if history else None,
        lost if history else (f"{lost}. That counts where the mechanism was at work then (--history)"),
    )
