"""One board's story in one future: replayed in Mesa, quarter by quarter, with what happened to its people and plans."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.agents.decisions import Decision
from simulator.agents.explain import ExplainedDecision, Explanation, explain_replay, replay_future
from simulator.agents.model import HealthSystem
from simulator.boards.table import Boards
from simulator.charts.board_timeline import QuarterShares
from simulator.declarations.calendar import NEVER, quarter_name, year_name
from simulator.declarations.draw_ids import Event
from simulator.declarations.outcomes import OUTCOMES
from simulator.runs.futures import Futures
from simulator.scenarios.scenario import Scenario

Floats = NDArray[np.float64]
SMALL = 5e-4

EVENT_TEXT: dict[Event, tuple[str, str]] = {
    Event.CHIEF_LEAVES: ("C", "the chief executive leaves"),
    Event.FINANCE_LEAVES: ("F", "the finance director leaves"),
    Event.LEAD_LOST: ("L", "the lead for health inequalities is lost"),
    Event.LEAD_GAINS: ("G", "the lead gains knowledge of the fund or a seat"),
    Event.COMMITTEE_GROWS: ("K", "the committee grows"),
}
LEADERS = (Event.CHIEF_LEAVES, Event.FINANCE_LEAVES)
MERGED, ENDED = ("M", "the board merges"), ("P", "a pilot ends")


@dataclass(frozen=True)
class TimelineEvent:
    """Something that happened to a board: when (index), its letter on the timeline, and words."""

    quarter: int
    letter: str
    words: str


@dataclass(frozen=True, eq=False)
class BoardReplay:
    """A board's future: its course under the scenario shown (and under the other one), happenings, and reasons."""

    board: int
    future: int
    seed: int
    course: QuarterShares
    other: QuarterShares | None
    events: tuple[TimelineEvent, ...]
    why: Explanation
    costs: dict[int, float]
    rows: NDArray[np.void]

    def kept(self, outcome: str, span: slice) -> float:
        """An outcome of this board over these years, £ in each £100."""
        return 100 * float(OUTCOMES[outcome].of(self.rows[span]))

    @property
    def parting(self) -> int | None:
        """The quarter (index) in which the two scenarios part, if they do."""
        parting = self.why.divergence
        names = [quarter_name(q) for q in range(len(self.course.left))]
        return names.index(parting.quarter) if parting and parting.quarter else None

    @property
    def dearest(self) -> ExplainedDecision | None:
        """The plan or raid that cost this board's purpose most, in £m; None where nothing was lost."""
        lost = {at: cost for at, cost in self.costs.items() if cost > SMALL}
        return self.why.decisions[max(lost, key=lambda at: lost[at])] if lost else None

    @property
    def closest(self) -> ExplainedDecision | None:
        """The plan or raid that the smallest pull would have turned."""
        found = [told for told in self.why.decisions if told.decision.event in (Event.PLAN, Event.RAID)]
        return min(found, key=lambda told: abs(told.decision.flip()), default=None)


def find_typical_future(values: Floats, centile: float = 0.5) -> int:
    """The future whose value is nearest to a centile of all of them; of several alike, the first."""
    there = np.flatnonzero(np.isfinite(values))
    if not there.size:
        return 0
    wanted = float(np.quantile(values[there], centile))
    return int(there[np.argmin(np.abs(values[there] - wanted))])


def replay_board(
    boards: Boards, at: int, futures: Futures, future: int, scenario: Scenario, other: Scenario | None
) -> BoardReplay:
    """Replay one future under a scenario, and under another one, and let board `at` explain itself.

    `future` is a run number of the seed; `futures` says the seed. Takes a third of a second for each scenario.
    """
    model = replay_future(scenario, future, seed=futures.seed, boards=boards)
    second = None if other is None else replay_future(other, future, seed=futures.seed, boards=boards)
    why = explain_replay(model, at, futures.badge, second)
    return BoardReplay(
        at,
        future,
        futures.seed,
        trace_money(model, at),
        None if second is None else trace_money(second, at),
        list_timeline_events(model, at),
        why,
        find_costs(model, at, why),
        model.area_rows()[:, at],
    )


def trace_money(model: HealthSystem, at: int) -> QuarterShares:
    """How a board's money went, quarter by quarter."""
    rows = model.area_rows()[:, at]
    left, taken, released = (np.full(len(model.schedule), np.nan) for _ in range(3))
    for year, row in enumerate(rows):
        whole = float(row["pot"] + row["direct"])
        if whole <= 0:
            continue
        gone = 0.0
        for k in range(4):
            q = 4 * year + k
            gone += float(row[f"raided_q{k + 1}"])
            if q < model.first_plan:
                continue
            taken[q] = 100 * gone / whole
            released[q] = 100 * float(row["released"]) / whole
            left[q] = 100 - taken[q] - released[q]
    return QuarterShares(left, taken, released)


def list_timeline_events(model: HealthSystem, at: int) -> tuple[TimelineEvent, ...]:
    """What happened to a board's people and pilots, and when it merged."""
    found = []
    for d in model.trace or ():
        whose = find_leading_board(model, at, d.quarter) if d.event in LEADERS else at
        if d.area == whose and d.event in EVENT_TEXT and d.taken:
            letter, words = EVENT_TEXT[d.event]
            found.append(TimelineEvent(d.quarter, letter, words if whose == at else f"{words} (shared)"))
    found += [
        TimelineEvent(d.quarter, *ENDED)
        for d in model.trace or ()
        if d.area == at and d.event is Event.PILOT_FATE and not d.taken
    ]
    merges = int(model.areas["merge_q"][at])
    if merges < min(NEVER, len(model.schedule)) and model.boards[at].merged:
        found.append(TimelineEvent(merges, *MERGED))
    return tuple(sorted(found, key=lambda one: (one.quarter, one.letter)))


def find_leading_board(model: HealthSystem, at: int, quarter: int) -> int:
    """The board whose chief and finance director lead board `at` in a quarter."""
    shared = quarter >= int(model.areas["share_q"][at]) and model.schedule[quarter].capacity.reorganise > 0.0
    return int(model.areas["head"][at]) if shared else at


def find_costs(model: HealthSystem, at: int, why: Explanation) -> dict[int, float]:
    """£m that each plan and raid took from the purpose, by its place among what is told."""
    rows = model.area_rows()[:, at]
    found = {}
    for i, told in enumerate(why.decisions):
        d: Decision = told.decision
        row = rows[d.quarter // 4]
        if d.event is Event.PLAN:
            found[i] = float(row["released"])
        elif d.event is Event.RAID and d.taken:
            found[i] = float(row[f"raided_q{d.quarter % 4 + 1}"])
    return found


def group_by_year(story: BoardReplay) -> list[tuple[str, list[ExplainedDecision], str]]:
    """By year: its name, what was decided in it, and a sentence on its money."""
    return [
        (year_name(y), [told for told in story.why.decisions if told.decision.quarter // 4 == y], money)
        for y, money in enumerate(story.why.money)
    ]
