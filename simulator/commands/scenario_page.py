"""One scenario on a screen: the levers it moves, year by year, and the because and evidence of each change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from simulator.commands.shared.rendering import show_table, show_text

if TYPE_CHECKING:
    from simulator.scenarios.scenario import Change, Scenario


def changes_of(policy: Scenario) -> Sequence[Change]:
    """What a scenario changes; of the baseline, its calendar."""
    from simulator.scenarios.scenario import baseline_calendar

    return policy.changes or baseline_calendar()


def moved(policy: Scenario) -> tuple[str, ...]:
    """The levers to show: those that differ from the baseline, or those of its calendar."""
    from simulator.scenarios.scenario import baseline_calendar, scenario

    if policy.changes:
        return policy.differs_from(scenario("baseline"))
    return tuple(dict.fromkeys(change.lever for change in baseline_calendar()))


def summary(policy: Scenario) -> str:
    """What a scenario changes, in one line."""
    from simulator.common.formatting import listed
    from simulator.declarations.calendar import quarter_name

    if policy.start is None:
        return "it changes nothing"
    return f"it changes {listed(list(moved(policy)))} from {quarter_name(policy.start)}"


def document(policy: Scenario) -> dict[str, Any]:
    """A scenario for programs: changes, and the quarterly values of the levers that they move."""
    from simulator.declarations.calendar import QUARTERS, quarter_name
    from simulator.declarations.evidence import register
    from simulator.scenarios.scenario import scenario

    known = register()
    changes = changes_of(policy)
    cited = dict.fromkeys(i for change in changes for i in change.evidence)
    before = scenario("baseline")
    return {
        "name": policy.name,
        "title": policy.title,
        "question": policy.question,
        "cannot_say": policy.cannot_say,
        "parents": policy.parents,
        "interventions": policy.interventions,
        "fingerprint": policy.fingerprint,
        "start": None if policy.start is None else quarter_name(policy.start),
        "changes": [_change(change) for change in changes],
        "quarters": [quarter_name(q) for q in range(QUARTERS)],
        "levers": {
            name: {"values": policy.lever(name).tolist(), "baseline": before.lever(name).tolist()}
            for name in moved(policy)
        },
        "evidence": [{"id": i, "source": known[i].source, "strength": known[i].strength} for i in cited],
        "conflicts": policy.conflicts,
        "warnings": policy.warnings,
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "lever": change.lever,
        "what": change.what(),
        "because": change.because,
        "evidence": change.evidence,
        "assumption": change.assumption,
        "where": change.where,
    }


def show(policy: Scenario) -> None:
    """Print a scenario: question, values by year, reasons, sources and what it cannot say."""
    from simulator.declarations.evidence import cite

    show_text(f"{policy.title} ({policy.name})")
    show_text(policy.question)
    if policy.interventions:
        show_text(f"Of the 45 interventions: {', '.join(map(str, policy.interventions))}")
    show_text()
    if policy.changes and policy.start is None:
        show_text("No lever differs from the baseline.")
    show_table(values(policy))
    show_text()
    changes = changes_of(policy)
    for change in changes:
        show_text(f"{change.lever} {change.what()}")
        support = ", ".join(change.evidence)
        assumed = "an assumption" if change.assumption or not support else ""
        show_text(f"  because: {change.because} [{'; '.join(part for part in (support, assumed) if part)}]")
    cited = dict.fromkeys(i for change in changes for i in change.evidence)
    if cited:
        show_text()
        show_text("Evidence")
    for wanted in cited:
        show_text(f"  {cite(wanted)}")
    if policy.cannot_say:
        show_text()
        show_text(f"The model cannot say: {policy.cannot_say}")


def values(policy: Scenario) -> list[dict[str, str]]:
    """A table of lever values by year, from the first year that differs; the baseline's values below each."""
    from simulator.declarations.calendar import YEARS, year_name
    from simulator.scenarios.scenario import scenario

    before = scenario("baseline")
    years = range((policy.start or 0) // 4, YEARS)
    rows = []
    for name in moved(policy):
        pair = [(name, policy), ("  baseline", before)] if policy.changes else [(name, policy)]
        for label, which in pair:
            quarters = which.lever(name).tolist()
            cells = {year_name(y): _year(quarters[4 * y : 4 * y + 4]) for y in years}
            rows.append({"Lever": label, **cells})
    return rows


def _year(quarters: Sequence[float]) -> str:
    """Four quarters of a lever: one value, or each with the quarter from which it holds."""
    cell = f"{quarters[0]:g}"
    for i in (1, 2, 3):
        if quarters[i] != quarters[i - 1]:
            cell += f", Q{i + 1}: {quarters[i]:g}"
    return cell
