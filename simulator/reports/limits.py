"""What the model cannot tell: one list, for pages, slides, briefings, the explorer and the statement of use."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from simulator.calibration.scoreboard import Line
from simulator.common.formatting import join_words
from simulator.common.sentence_templates import get_template
from simulator.declarations.levers import LEVERS
from simulator.reports import provenance
from simulator.reports.check_words import describe_checks, describe_failure, find_failed, list_failed, tell_meaning
from simulator.reports.structural import describe_ways
from simulator.runs.fit_documents import StructureOutcome
from simulator.scenarios.scenario import Scenario

LIMITS = (
    "The data are thin: ten findings are fitted, and they say nothing about what leadership or committees do, or about "
    "the front line. Trust the model more on which of two policies keeps more than on how much either keeps.",
    "Two checks that speak of chief executives fail: in most versions of the model, what a board keeps goes less "
    "closely with the strength of its chief executive than with its financial gap. What leadership adds is judgement.",
    "Nothing about a named board. Each board’s finances and leaders are drawn by chance, afresh in every future; no "
    "line here is a forecast of, or a judgement on, any board.",
    "Little is known about financial pressure: how it acts when plans are made, and how much is lost "
    "in plans rather than by taking it back later, has not been measured by any source.",
    "No health outcomes. The model follows money to the front line; money that is taken from the fund still buys care, "
    "and that care is not weighed here.",
    "Not the cost of a policy. Programmes, audits and the work of boards have no price here.",
)
NO_BOARD = LIMITS[2]
TOLD = frozenset({"E50"})
"""The evidence of the checks that these limits tell of."""


def list_limits(
    scenarios: Iterable[Scenario] = (), outcome: str = "retained", lines: Sequence[Line] = (), where: str = ""
) -> tuple[str, ...]:
    """The failed checks that bear on these scenarios, how the model fares against all its checks (`where` says where
    that is told; "" for nowhere), how far ways to write it differ, and what it cannot tell, in general and of these.
    Without `lines` of the scoreboard nothing is said of checks.
    """
    scenarios = tuple(scenarios)
    own = (f"{title}: {words}" for title, words in provenance.list_unsaid(scenarios))
    doubts = (sentence for _, sentence in list_doubts(outcome, lines, where))
    return (*list_failed_checks(scenarios, lines), *doubts, *LIMITS, *own)


def list_failed_checks(scenarios: Iterable[Scenario], lines: Sequence[Line]) -> list[str]:
    """The checks that fail and rest on the same evidence as one of these policies or a lever that it moves, each with
    the policies that it bears on; without those that `LIMITS` tell of.
    """
    titles: dict[str, list[str]] = {}
    for policy, failed in _pair_failures(scenarios, lines):
        titles.setdefault(describe_failure(failed), []).append(f"“{policy.title}”")
    said = get_template("limits.failed")
    return [said.format(policies=join_words(own), failed=failed) for failed, own in titles.items()]


def find_failures(
    scenarios: Iterable[Scenario], lines: Sequence[Line], tell: Callable[[Line], str] = tell_meaning
) -> dict[str, list[str]]:
    """What those checks mean as `tell` says it, each once, with the titles of the policies that it bears on."""
    titles: dict[str, list[str]] = {}
    for policy, failed in _pair_failures(scenarios, lines):
        own = titles.setdefault(tell(failed), [])
        own += [] if policy.title in own else [policy.title]
    return titles


def _pair_failures(scenarios: Iterable[Scenario], lines: Sequence[Line]) -> Iterator[tuple[Scenario, Line]]:
    for policy in scenarios:
        levers = {change.lever for change in policy.changes}
        evidence = {*policy.evidence, *(i for lever in levers for i in LEVERS[lever].about.evidence)}
        for failed in find_failed(lines, evidence - TOLD):
            yield policy, failed


def list_doubts(outcome: str, lines: Sequence[Line], where: str = "") -> list[tuple[str, str]]:
    """What is said of checks and of ways to write the model: which it is ("checks" or "ways"), and a sentence."""
    shown: StructureOutcome = "additional" if outcome == "additional" else "retained"
    checks = [("checks", f"{describe_checks(lines)} {where}".rstrip())] if lines else []
    return [*checks, ("ways", describe_ways(shown))]


def summarise_doubts(outcome: str, lines: Sequence[Line]) -> str:
    """The same in one short line, for a page that has an annex."""
    shown: StructureOutcome = "additional" if outcome == "additional" else "retained"
    ways = describe_ways(shown, "limits.front.ways")
    if not lines:
        return ways
    count = len(list_failed(lines, TOLD))
    chiefs = get_template("limits.front.chiefs").format(count=count) if count else ""
    failed = sum(not line.passes for line in lines)
    return get_template("limits.front.checks").format(failed=failed, every=len(lines), chiefs=chiefs) + ways


def describe_judgement() -> str:
    """How many of the model's uncertain numbers rest on judgement."""
    rests = provenance.count_badges()
    return (
        f"Not a prediction. Of the model’s {sum(rests.values())} uncertain numbers, published findings pin down "
        f"{rests['fitted']} and {rests['from published figures']} more are taken from published figures; the other "
        f"{rests['judgement']} are drawn from ranges that rest on judgement."
    )
