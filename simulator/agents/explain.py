"""Explains decisions: replays a future in Mesa, describes a board's decisions, finds where scenarios diverge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from markupsafe import Markup

from simulator.agents.decision_text import (
    SEEN,
    Flip,
    describe_decision,
    describe_plainly,
    find_flips,
)
from simulator.agents.decisions import ALWAYS, Decision
from simulator.agents.divergence import (
    Divergence,
    DivergenceDocument,
    find_divergence,
    format_board_money,
    measure_kept_by_promises,
    select_decisions,
)
from simulator.boards.table import Boards, to_boards
from simulator.common.arguments import checked
from simulator.common.deprecation import renamed_attribute
from simulator.common.errors import InputError
from simulator.common.html import NOTHING, fill_each
from simulator.common.numbers import parse_whole
from simulator.common.pictures.columns import PictureColumns
from simulator.common.presentable import Presentable
from simulator.common.sentence_templates import get_template
from simulator.common.software_version import name_version
from simulator.declarations.calendar import QUARTERS, parse_quarter, parse_year, year_name
from simulator.declarations.draw_ids import Event
from simulator.runs.futures import SEED, Futures, draw_futures
from simulator.runs.parameter_sets import to_parameters
from simulator.runs.run import Policy
from simulator.scenarios.labels import with_distinct_titles
from simulator.scenarios.scenario import load_scenario as load_scenario

if TYPE_CHECKING:
    import pandas as pd

    from simulator.agents.model import HealthSystem

MOST_RUN = 2**32 - 1
CAVEAT = get_template("why.caveat")


class FlipDocument(TypedDict):
    """A change of one fact that would have changed a decision, as `simulator.agents.decision_text.Flip`."""

    fact: str
    change: float
    unit: str
    part: float


class DecisionDocument(TypedDict):
    """A decision for programs: its pulls in log-odds by name, and what would have changed it."""

    quarter: str
    event: str
    by: str
    taken: float
    chance: float
    draw: float
    pulls: dict[str, float]
    flip: float
    flips: list[FlipDocument]
    sentence: str


class ExplanationDocument(TypedDict):
    """An explanation for programs; `parting` is where the two scenarios diverge."""

    kind: str
    title: str
    scenario: str
    board: str
    seed: int
    run: int
    badge: str
    decisions: list[DecisionDocument]
    money: list[str]
    parting: DivergenceDocument | None
    caveat: str
    note: str


@dataclass(frozen=True)
class ExplainedDecision:
    """One decision in a sentence.

    `by` is the code of the board that took it, if it was another board; `flips` say what would have changed it;
    `plain` is the sentence without its figures.
    """

    decision: Decision
    sentence: str
    by: str
    flips: tuple[Flip, ...]
    plain: str

    def to_dict(self) -> DecisionDocument:
        """For JSON."""
        d = self.decision
        return {
            "quarter": d.when,
            "event": d.event.name.lower(),
            "by": self.by,
            "taken": d.taken,
            "chance": d.chance,
            "draw": d.draw,
            "pulls": {p.name: p.value for p in d.pulls},
            "flip": d.flip(),
            "flips": [
                {"fact": flip.fact, "change": flip.change, "unit": flip.unit, "part": flip.part} for flip in self.flips
            ],
            "sentence": self.sentence,
        }


@dataclass(frozen=True, repr=False)
class Explanation(Presentable):
    """A board's year or quarter in one future, decision by decision.

    `text` is all of it as plain text, `document` the same for programs.
    """

    title: str
    scenario: str
    board: str
    seed: int
    run: int
    decisions: tuple[ExplainedDecision, ...]
    money: tuple[str, ...]
    divergence: Divergence | None
    badge: str
    note: str = ""
    asked: Mapping[str, object] = field(default_factory=dict, compare=False, repr=False)

    def keep_arguments(self, arguments: Mapping[str, object]) -> Explanation:
        """The same explanation with the arguments of its question."""
        seed = {} if arguments["futures"] is not None else {"seed": self.seed}
        return replace(self, asked={**arguments, **seed})

    told = renamed_attribute("told", "decisions")
    parting = renamed_attribute("parting", "divergence")

    @property
    def text(self) -> str:
        """All of it as plain text."""
        lines = [self.title, *([self.note] if self.note else []), CAVEAT, ""]
        lines += [f"- {item.sentence}" for item in self.decisions] or ["- " + get_template("why.nothing")]
        lines += ["", *self.money]
        if self.divergence:
            lines += ["", self.divergence.sentence]
        return "\n".join([*lines, "", self.badge])

    @property
    def question(self) -> str:
        """The name of the function that was asked."""
        return "why"

    @property
    def sentence(self) -> str:
        """Where two scenarios diverge, if two were asked about; else the first decision."""
        if self.divergence:
            return self.divergence.sentence
        return self.decisions[0].sentence if self.decisions else get_template("why.nothing")

    @property
    def assumes(self) -> str:
        """That this is no forecast, which future of which seed it is, how the parameters are known, and the version."""
        return f"{CAVEAT} Future {self.run} of seed {self.seed}; {self.badge}; {name_version()}"

    @property
    def settings(self) -> Mapping[str, object]:
        """The arguments of the question, as plain data: `rf.why(**answer.settings)` gives the answer again."""
        return dict(self.asked) or {"scenario": self.scenario, "board": self.board, "run": self.run, "seed": self.seed}

    @property
    def picture(self) -> PictureColumns:
        """The chance that each decision had."""
        axis = "chance of a yes, or of any share (0 to 1)"
        return PictureColumns(
            "bars", "decision", "chance", axis, filled="taken", filled_name="it came about", hollow_name="it did not"
        )

    def to_frame(self) -> pd.DataFrame:
        """One row per decision: year, quarter, event, who took it, what came of it, its chance (0 to 1) and the draw.

        `taken` is 1 or 0, or the share where one is decided. `pull_<name>` are its pulls in log-odds, nan where a
        decision has no such pull; above 0 they speak for what `event` names, which is not always the money: protecting
        in a plan, taking back in a raid, leaving of a leader, trimming in an offset. `flip` is by how much they would
        have had to differ to turn it.
        """
        import pandas as pd

        items = [item.to_dict() for item in self.decisions]
        table = pd.DataFrame(
            {
                "decision": [f"{item['quarter']} {item['event']}" for item in items],
                "year": [item["quarter"].split()[0] for item in items],
                **{name: [item[name] for item in items] for name in ("quarter", "event", "by", "taken", "chance")},
                **{name: [item[name] for item in items] for name in ("draw", "flip", "sentence")},
            }
        )
        pulls = pd.DataFrame([item["pulls"] for item in items], index=table.index).add_prefix("pull_")
        return pd.concat([table, pulls.astype(float)], axis=1)

    def to_dict(self) -> dict[str, object]:
        """For JSON: `document`, and what every answer holds."""
        return {**self.document, **super().to_dict(), "text": self.text}

    def __str__(self) -> str:
        return self.text

    @property
    def document(self) -> ExplanationDocument:
        """The explanation for programs."""
        return {
            "kind": get_template("story.mark"),
            "title": self.title,
            "scenario": self.scenario,
            "board": self.board,
            "seed": self.seed,
            "run": self.run,
            "badge": self.badge,
            "decisions": [item.to_dict() for item in self.decisions],
            "money": list(self.money),
            "parting": self.divergence.to_dict() if self.divergence else None,
            "caveat": CAVEAT,
            "note": self.note,
        }

    def _repr_html_(self) -> str:
        divergence = Markup("<p><b>{}</b></p>").format(self.divergence.sentence) if self.divergence else NOTHING
        return Markup("<h4>{}</h4>{}<p><small>{}</small></p><ol>{}</ol>{}{}").format(
            self.title,
            fill_each(Markup("<p>{}</p>"), [self.note] if self.note else []),
            CAVEAT,
            fill_each(Markup("<li>{}</li>"), [item.sentence for item in self.decisions]),
            fill_each(Markup("<p>{}</p>"), self.money),
            divergence,
        )


def replay_future(
    scenario: Policy,
    run: int,
    *,
    seed: int | None = None,
    futures: Futures | None = None,
    boards: Boards | str | Path | None = None,
) -> HealthSystem:
    """Run one future in Mesa to the end: future `run` of the seed, or item `run` of `futures`."""
    from simulator.agents.model import HealthSystem  # Mesa takes half a second to import

    future = _choose_future(run, seed, futures)
    return HealthSystem(
        load_scenario(scenario),
        luck_seed=future.seed,
        run=int(future.runs[0]),
        boards=to_boards(boards),
        parameters=to_parameters(future.points[0]),
    ).run()


@checked
def explain(
    scenario: Policy,
    *,
    run: int,
    board: str,
    year: str | None = None,
    quarter: str | None = None,
    against: Policy | None = None,
    seed: int | None = None,
    futures: Futures | None = None,
    boards: Boards | str | Path | None = None,
) -> Explanation:
    """Explain a board's decisions in future `run`: in a year, in a quarter, or in all years.

    `run` numbers the future, from 0, under `seed` (20240323 unless given), as in `rf.run`, or the row of `futures`; the
    replay is equal to it to the last bit. `board` is a code, an abbreviation or a name. The table has one row a
    decision: its chance (0 to 1), the draw that decided, and its pulls in log-odds. With `against`, also say where the
    two scenarios diverge most for this board, and which pulls differ. Raises LookupError for an unknown board or
    scenario, ValueError for a year or quarter outside the calendar.

    >>> import simulator as rf
    >>> answer = rf.why("ringfence", run=17, board="QWE", year="2027/28")
    >>> set(answer.to_frame()["quarter"]) <= {f"2027/28 Q{quarter}" for quarter in range(1, 5)}
    True
    """
    table = to_boards(boards)
    at, note = table.position(board), table.about(board)
    run = parse_whole(run, 0, MOST_RUN, "run")
    first, last = _find_period(year, quarter)
    if against is not None:
        scenario, against = with_distinct_titles((load_scenario(scenario), load_scenario(against)))
    model = replay_future(scenario, run, seed=seed, futures=futures, boards=table)
    other = None if against is None else replay_future(against, run, seed=seed, futures=futures, boards=table)
    badge = (futures or _choose_future(run, seed, None)).badge
    explanation = _explain(
        model, at, (first, last, quarter or year or get_template("why.all_years")), other, run, badge
    )
    return replace(explanation, note=note)


def _choose_future(run: int, seed: int | None, futures: Futures | None) -> Futures:
    """Future `run` of a seed, or entry `run` of the futures given. Raises ValueError."""
    run = parse_whole(run, 0, MOST_RUN, "run")
    if futures is None:
        return draw_futures(1, seed=SEED if seed is None else seed, first=run)
    if not isinstance(futures, Futures):
        raise InputError(f"futures are those of rf.draw_futures(n), and not of type {type(futures).__name__}")
    if seed is not None:
        raise InputError("futures are given, which have a seed of their own: leave out seed")
    if not 0 <= run < len(futures):
        raise InputError(f"there is no future {run} among the {len(futures)} given, which are numbered from 0")
    return futures.part(run, run + 1)


def explain_replay(model: HealthSystem, at: int, badge: str, other: HealthSystem | None = None) -> Explanation:
    """Explain all decisions of board `at` (a row) in a replay.

    With `other`, a replay of the same future, also where they diverge. `badge` says what the parameters are based on.
    Raises ValueError where the replays are not of the same future.
    """
    return _explain(
        model, at, (0, len(model.schedule) - 1, get_template("why.all_years")), other, model.run_number, badge
    )


def _explain(
    model: HealthSystem, at: int, period: tuple[int, int, str], other: HealthSystem | None, run: int, badge: str
) -> Explanation:
    first, last, span = period
    table = model.facts
    return Explanation(
        get_template("why.title").format(
            name=table.names[at],
            code=table.codes[at],
            period=span,
            scenario=model.policy.title,
            future=run,
            seed=model.luck_seed,
        ),
        model.policy.name,
        table.codes[at],
        model.luck_seed,
        run,
        _explain_decisions(model, at, first, last),
        tuple(_describe_money(model, at, y) for y in range(first // 4, last // 4 + 1)),
        None if other is None else find_divergence(model, other, at),
        badge,
    )


def _find_period(year: str | None, quarter: str | None, quarters: int = QUARTERS) -> tuple[int, int]:
    if quarter is not None:
        if year is not None:
            raise InputError(f"year={year!r} and quarter={quarter!r}: give one of the two")
        q = parse_quarter(quarter)
        first, last = q, q
    elif year is not None:
        first, last = 4 * parse_year(year), 4 * parse_year(year) + 3
    else:
        first, last = 0, quarters - 1
    if not 0 <= first <= last < quarters:
        raise InputError(f"{quarter or year} is outside {year_name(0)} to {year_name(quarters // 4 - 1)}")
    return first, last


def _explain_decisions(model: HealthSystem, at: int, first: int, last: int) -> tuple[ExplainedDecision, ...]:
    explained = []
    for d in select_decisions(model, at):
        if first <= d.quarter <= last and (d.event in ALWAYS or d.taken):
            lv = model.schedule[d.quarter]
            by = "" if d.area == at else model.facts.codes[d.area]
            explained.append(
                ExplainedDecision(
                    d, describe_decision(d, by, model.p, lv), by, find_flips(d, model.p, lv), describe_plainly(d, by)
                )
            )
    return tuple(explained)


def _describe_money(model: HealthSystem, at: int, year: int) -> str:
    row = model.area_rows()[year, at]
    pounds = {
        name: format_board_money(float(row[name])) for name in ("pot", "released", "spent", "front", "additional")
    }
    kept = _money_kept_by_promises(model, at, year)
    return get_template("why.money").format(
        **pounds,
        year=year_name(year),
        raided=format_board_money(sum(float(row[f"raided_q{k}"]) for k in range(1, 5))),
        direct=get_template("why.money.direct").format(direct=format_board_money(float(row["direct"])))
        if row["direct"] > SEEN
        else "",
        promised=get_template("why.money.promised").format(kept=format_board_money(kept)) if kept > SEEN else "",
    )


def _money_kept_by_promises(model: HealthSystem, at: int, year: int) -> float:
    plans = [d for d in select_decisions(model, at) if d.event is Event.PLAN and d.quarter // 4 == year]
    return measure_kept_by_promises(model, at, plans[0]) if plans else 0.0
