"""One board in one future, replayed in Mesa: its money quarter by quarter, its people and plans, and its reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simulator.agents.decisions import ENDED_LETTER, EVENT_LETTERS, MERGED_LETTER
from simulator.agents.divergence import measure_cost
from simulator.agents.explain import ExplainedDecision, Explanation, explain_replay, replay_future
from simulator.boards.table import Boards
from simulator.charts.board_timeline import QuarterShares
from simulator.common.arrays import Floats
from simulator.common.sentence_templates import get_template
from simulator.declarations.calendar import NEVER, QUARTERS, YEARS, quarter_name, year_name
from simulator.declarations.draw_ids import Event
from simulator.declarations.outcomes import OUTCOMES
from simulator.runs.futures import Futures
from simulator.scenarios.scenario import Scenario

if TYPE_CHECKING:
    from simulator.agents.model import HealthSystem

SMALL = 5e-4

EVENT_TEXT = {event: (letter, get_template(f"event.{event.name.lower()}")) for event, letter in EVENT_LETTERS.items()}
LEADERS = (Event.CHIEF_LEAVES, Event.FINANCE_LEAVES)
MERGED = MERGED_LETTER, get_template("event.merged")
ENDED = ENDED_LETTER, get_template("event.pilot_ends")
LETTERS_USED = (*EVENT_TEXT.values(), MERGED, ENDED)
"""Every letter of a timeline and what it means."""


@dataclass(frozen=True)
class TimelineEvent:
    """Something that happened to a board: in which quarter (index), its letter on the timeline, and words."""

    quarter: int
    letter: str
    words: str


@dataclass(frozen=True, eq=False)
class BoardReplay:
    """One future of a board: its course under the scenario shown (and under the other one), events and reasons.

    `titles` are those of the scenario shown and of the other one; `costs` are £m that plans and raids took from the
    purpose, by place in `explanation.decisions`; `rows` (years,) are the board's measures.
    """

    board: int
    future: int
    seed: int
    titles: tuple[str, ...]
    course: QuarterShares
    other: QuarterShares | None
    events: tuple[TimelineEvent, ...]
    explanation: Explanation
    costs: dict[int, float]
    rows: NDArray[np.void]

    def compute_share(self, outcome: str, span: slice) -> float:
        """An outcome of this board over these years, £ in each £100."""
        return 100 * float(OUTCOMES[outcome].of(self.rows[span]))

    @property
    def divergence_quarter(self) -> int | None:
        """The quarter (index) in which the two scenarios diverge most, if they do."""
        divergence = self.explanation.divergence
        names = [quarter_name(q) for q in range(len(self.course.left))]
        return names.index(divergence.quarter) if divergence and divergence.quarter else None

    @property
    def costliest(self) -> ExplainedDecision | None:
        """The plan or raid that cost this board's purpose most, in £m; None where nothing was lost."""
        return self.find_costliest(slice(None))

    def find_costliest(self, span: slice) -> ExplainedDecision | None:
        """The same among the decisions on the money of these years."""
        within = range(*span.indices(YEARS))
        decisions = self.explanation.decisions
        losses = {
            place: cost
            for place, cost in self.costs.items()
            if cost > SMALL and decisions[place].decision.quarter // 4 in within
        }
        return self.explanation.decisions[max(losses, key=lambda place: losses[place])] if losses else None

    @property
    def closest_call(self) -> ExplainedDecision | None:
        """The plan or raid that the smallest pull would have changed."""
        decisions = [each for each in self.explanation.decisions if each.decision.event in (Event.PLAN, Event.RAID)]
        return min(decisions, key=lambda each: abs(each.decision.flip()), default=None)


def find_typical_future(values: Floats, centile: float = 0.5) -> int:
    """The future whose value is nearest to a centile of all of them; of several equally near, the first."""
    finite = np.flatnonzero(np.isfinite(values))
    if not finite.size:
        return 0
    target = float(np.quantile(values[finite], centile))
    return int(finite[np.argmin(np.abs(values[finite] - target))])


def find_average_future(*kinds: Floats) -> int:
    """The future that lies nearest to the average of each kind of value: the one whose furthest is nearest, in the
    values' own unit; of several equally near, the first. Each is (futures,); futures without a value are left out.
    """
    with np.errstate(invalid="ignore"):
        gaps = [np.abs(values - values[np.isfinite(values)].mean()) for values in kinds if np.isfinite(values).any()]
    furthest = np.max(gaps, axis=0) if len(gaps) == len(kinds) else np.array([np.nan])
    return 0 if np.isnan(furthest).all() else int(np.nanargmin(furthest))


def replay_board(
    boards: Boards, at: int, futures: Futures, future: int, scenario: Scenario, other: Scenario | None
) -> BoardReplay:
    """Replay one future under a scenario, and under another one, and let board `at` explain itself.

    `future` is a run number of the seed; `futures` says the seed. Takes a third of a second for each scenario.
    """
    model = replay_future(scenario, future, seed=futures.seed, boards=boards)
    second = None if other is None else replay_future(other, future, seed=futures.seed, boards=boards)
    explanation = explain_replay(model, at, futures.badge, second)
    return BoardReplay(
        at,
        future,
        futures.seed,
        tuple(each.policy.title for each in (model, second) if each is not None),
        trace_money(model, at),
        None if second is None else trace_money(second, at),
        list_timeline_events(model, at),
        explanation,
        find_costs(model, at, explanation),
        model.area_rows()[:, at],
    )


def trace_money(model: HealthSystem, at: int) -> QuarterShares:
    """How a board's money went, quarter by quarter."""
    rows = model.area_rows()[:, at]
    left, taken, released = (np.full(len(model.schedule), np.nan) for _ in range(3))
    for year, row in enumerate(rows):
        total = float(row["pot"] + row["direct"])
        if total <= 0:
            continue
        taken_so_far = 0.0
        for k in range(4):
            q = 4 * year + k
            taken_so_far += float(row[f"raided_q{k + 1}"])
            if q < model.first_plan:
                continue
            taken[q] = 100 * taken_so_far / total
            released[q] = 100 * float(row["released"]) / total
            left[q] = 100 - taken[q] - released[q]
    return QuarterShares(left, taken, released)


def list_timeline_events(model: HealthSystem, at: int) -> tuple[TimelineEvent, ...]:
    """What happened to a board's people and pilots, and when it merged."""
    events = []
    for d in model.trace or ():
        owner = find_leading_board(model, at, d.quarter) if d.event in LEADERS else at
        if d.area == owner and d.event in EVENT_TEXT and d.taken:
            letter, text = EVENT_TEXT[d.event]
            shared = get_template("event.shared").format(event=text)
            events.append(TimelineEvent(d.quarter, letter, text if owner == at else shared))
    events += [
        TimelineEvent(d.quarter, *ENDED)
        for d in model.trace or ()
        if d.area == at and d.event is Event.PILOT_FATE and not d.taken
    ]
    merges = int(model.areas["merge_q"][at])
    if merges < min(NEVER, len(model.schedule)) and model.boards[at].merged:
        events.append(TimelineEvent(merges, *MERGED))
    return tuple(sorted(events, key=lambda event: (event.quarter, event.letter)))


def find_leading_board(model: HealthSystem, at: int, quarter: int) -> int:
    """The board whose chief and finance director lead board `at` in a quarter."""
    shared = quarter >= int(model.areas["share_q"][at]) and model.schedule[quarter].capacity.reorganise > 0.0
    return int(model.areas["head"][at]) if shared else at


def find_costs(model: HealthSystem, at: int, explanation: Explanation) -> dict[int, float]:
    """£m that each plan and raid took from the purpose, by its place among the decisions explained."""
    counted = [
        (i, d)
        for i, d in enumerate(explained.decision for explained in explanation.decisions)
        if d.event is Event.PLAN or (d.event is Event.RAID and d.taken)
    ]
    return {i: measure_cost(model, at, d) for i, d in counted}


def name_example(boards: Boards, at: int) -> str:
    """What a story is about: an invented example with this board's facts, never the board itself."""
    name = boards.short_names[at]
    whose = f"{name}'" if name.endswith("s") else f"{name}'s"
    heads, merge_quarters = boards.areas["head"].tolist(), boards.areas["merge_q"].tolist()
    merges = heads.count(heads[at]) > 1 and merge_quarters[at] < QUARTERS
    facts = get_template("story.facts.merged" if merges else "story.facts")
    return get_template("story.invented").format(whose=whose, facts=facts)


def group_by_year(story: BoardReplay) -> list[tuple[str, list[ExplainedDecision], str]]:
    """By year: its name, what was decided in it, and a sentence on its money."""
    return [
        (year_name(y), [each for each in story.explanation.decisions if each.decision.quarter // 4 == y], money)
        for y, money in enumerate(story.explanation.money)
    ]
