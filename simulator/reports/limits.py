"""What the model cannot tell: one list, for pages, slides, briefings, the explorer and the statement of use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from simulator.calibration.scoreboard import Line
from simulator.reports import provenance
from simulator.reports.check_words import describe_checks
from simulator.reports.structural import describe_ways
from simulator.runs.fit_documents import StructureOutcome
from simulator.scenarios.scenario import Scenario

LIMITS = (
    "The data are thin: ten findings are fitted, and they say nothing about leadership, committees or the front line. "
    "Levels are weak; comparisons between policies are firmer.",
    "Two checks that speak of chief executives fail: in most versions of the model, what a board keeps goes less "
    "closely with the strength of its chief executive than with its financial gap. What leadership adds is judgement.",
    "Nothing about a named board. Each board’s finances and leaders are drawn by chance, afresh in every future; no "
    "line here is a forecast of, or a judgement on, any board.",
    "Little is known about financial pressure: how it acts when plans are made, and how much is lost "
    "in plans rather than in raids, has not been measured by any source.",
    "No health outcomes. The model follows money to the front line; money that is taken from the fund still buys care, "
    "and that care is not weighed here.",
    "Not the cost of a policy. Programmes, audits and the work of boards have no price here.",
)
NO_BOARD = LIMITS[2]


def list_limits(
    scenarios: Iterable[Scenario] = (), outcome: str = "retained", lines: Sequence[Line] = (), where: str = ""
) -> tuple[str, ...]:
    """How the model fares against its checks (`where` says where that is told; "" for nowhere), how far ways to write
    it differ, and what it cannot tell, in general and of these scenarios. Without `lines` of the scoreboard nothing is
    said of checks.
    """
    own = (f"{title}: {words}" for title, words in provenance.list_unsaid(scenarios))
    return (*(sentence for _, sentence in list_doubts(outcome, lines, where)), *LIMITS, *own)


def list_doubts(outcome: str, lines: Sequence[Line], where: str = "") -> list[tuple[str, str]]:
    """What is said of checks and of ways to write the model: which it is ("checks" or "ways"), and a sentence."""
    shown: StructureOutcome = "additional" if outcome == "additional" else "retained"
    checks = [("checks", f"{describe_checks(lines)} {where}".rstrip())] if lines else []
    return [*checks, ("ways", describe_ways(shown))]


def describe_judgement() -> str:
    """How many of the model's uncertain numbers rest on judgement."""
    rests = provenance.count_badges()
    return (
        f"Not a prediction. Of the model’s {sum(rests.values())} uncertain numbers, published findings pin down "
        f"{rests['fitted']} and {rests['from published figures']} more are taken from published figures; the other "
        f"{rests['judgement']} are drawn from ranges that rest on judgement."
    )
