"""The health system as a Mesa model: the version to read, to step through and to ask for reasons.

A quarter, in order (`STAGES`):

 1. merge          boards merge when their date comes
 2. assign         find whose leaders each area has and which board decides for it
 3. move_leaders   chiefs and finance directors leave, are covered by interims, are replaced
 4. move_leads     management capacity falls, leads are lost or gained, committees grow
 5. finance        Q1: the year's gap and its support; every quarter: the part of it that is visible
 6. weigh          members are pooled; each deciding board adds up its character and the rules
 7. plan           Q1: the pot is opened and a plan made (in the first year, once the boards exist)
 8. commit         money is committed
 9. raid           boards under pressure take money back
10. spend          commitments are spent
11. close_year     Q4: rush, carry forward, lapse; the cascade; pilots; offset
12. learn          Q4: all boards see the year's results, and only then learn from them

All boards finish a stage before the next begins, so the order in which they act cannot matter. After every quarter the
model checks that pounds add up.
"""

from __future__ import annotations

import gc
import secrets
import sys
from collections.abc import Mapping
from functools import partial
from operator import attrgetter
from types import FrameType
from typing import Any

import mesa
import numpy as np
from numpy.typing import NDArray

from simulator.agents.board import Board, BoardFacts
from simulator.agents.decisions import Decision
from simulator.boards.table import Boards
from simulator.boards.table import read_boards as the_boards
from simulator.common.errors import InputError
from simulator.common.numbers import parse_whole
from simulator.common.user_warnings import warn_caller
from simulator.declarations.calendar import quarter_name
from simulator.declarations.draw_ids import EVENTS
from simulator.declarations.levers import to_levers
from simulator.declarations.outcomes import OUTCOMES
from simulator.declarations.output_variables import AREA_YEAR_DTYPE, NATIONAL_DTYPE
from simulator.declarations.parameters import Parameters
from simulator.engine import kernel_record
from simulator.engine.ensemble import TOLERANCE, PoundsError
from simulator.engine.random_table import draw_random_table, make_run_key
from simulator.rules import peers, places, plans, programmes
from simulator.runs.parameter_sets import make_point, to_parameters
from simulator.scenarios.scenario import Scenario
from simulator.scenarios.scenario import load_scenario as load_scenario

STAGES = (
    "merge",
    "assign",
    "move_leaders",
    "move_leads",
    "finance",
    "weigh",
    "plan",
    "commit",
    "raid",
    "spend",
    "close_year",
    "learn",
)
COLLECTED = ("index", "visible", "loose", "spent", "raided")
"""The attributes of each board that a data collector records."""


class StepBeyondEndError(InputError, RuntimeError):
    """A step was asked for after the last quarter of the calendar."""


class HealthSystem(mesa.Model):  # type: ignore[misc]
    """All boards of a health system over the years of a scenario, one quarter a step.

    `scenario` is a name, a path or a Scenario. `settings` changes parameters from their defaults by name; `parameters`
    gives a complete parameter set instead. `luck_seed` and `run` decide all random draws: the same two numbers give the
    same run in the compiled driver, bit for bit. Without `luck_seed`, a seed is drawn from `rng` or `seed` (Mesa's own
    two ways to seed a model) or from the system, and kept as an attribute. `shuffle` lets boards act in random order,
    which must not matter. `record` keeps every decision with its reasons in `trace`. `collect_boards` adds a data
    collector for boards, which is slower: `index` is the row of the board, `visible` the gap to balance that can be
    seen (% of the allocation), and `loose`, `spent` and `raided` are £m of this year so far. `board_class` makes the
    boards: a subclass of Board may behave differently, in this driver only. Raises ValueError and LookupError for
    settings or scenarios that do not exist.
    """

    def __init__(  # noqa: PLR0913 (Mesa's batch_run sets a model up by its arguments)
        self,
        scenario: str | Scenario = "baseline",
        settings: Mapping[str, float] | None = None,
        luck_seed: int | None = None,
        run: int = 0,
        rng: Any = None,
        seed: Any = None,
        boards: Boards | None = None,
        parameters: Parameters | np.void | None = None,
        first_plan: int = 1,
        shuffle: bool = False,
        record: bool = True,
        collect_boards: bool = False,
        board_class: type[Board] = Board,
    ) -> None:
        run = parse_whole(run, 0, what="run")
        luck_seed = _choose_seed(luck_seed, run, rng, seed)
        super().__init__(rng=luck_seed % 2**32)
        self.policy = load_scenario(scenario)
        self.luck_seed, self.run_number, self.first_plan, self.shuffled = luck_seed, run, first_plan, shuffle
        if isinstance(parameters, Mapping):
            raise InputError("parameters is a whole record of them; give names with their values as settings={...}")
        self.p = to_parameters(make_point(settings) if parameters is None else parameters)
        self.schedule = [to_levers(quarter) for quarter in self.policy.schedule]
        facts = boards or the_boards()
        self.facts = facts
        self.areas = facts.areas
        self.random_table = draw_random_table(luck_seed, run, len(facts), len(self.schedule), EVENTS).tolist()
        self.key = make_run_key(luck_seed, run)
        self.recorded: list[tuple[Any, ...]] | None = [] if record else None
        self._decisions: list[Decision] = []
        self.deciders: list[list[int]] = []
        self.quarter = -1
        self.outcomes: dict[str, float] = {}
        self.nation = np.zeros(len(self.schedule) // 4, NATIONAL_DTYPE)
        if not (isinstance(board_class, type) and issubclass(board_class, Board)):
            raise InputError(f"board_class={board_class!r}: it takes a subclass of simulator.agents.board.Board")
        self.boards = [board_class(self, i, BoardFacts(*area.item())) for i, area in enumerate(self.areas)]
        self._join_footprints()
        self.datacollector = mesa.DataCollector(
            model_reporters={
                "scenario": _read_scenario,  # in batch_run in place of the argument, by which no table can be grouped
                "quarter": "quarter",
                **{name: partial(_read_outcome, name) for name in OUTCOMES},
            },
            agent_reporters={name: attrgetter(name) for name in COLLECTED} if collect_boards else None,
        )

    def _join_footprints(self) -> None:
        for head in self.boards:
            head.members = tuple(b for b in self.boards if b.facts.head == head.index)

    @property
    def trace(self) -> tuple[Decision, ...] | None:
        """Every decision so far, in order; None where nothing is recorded."""
        if self.recorded is None:
            return None
        self._decisions += [Decision(*kept) for kept in self.recorded[len(self._decisions) :]]
        return tuple(self._decisions)

    def __repr__(self) -> str:
        when = quarter_name(self.quarter) if self.quarter >= 0 else "not begun"
        return f"HealthSystem({self.policy.name!r}, luck_seed={self.luck_seed}, run={self.run_number}: {when})"

    def call_all(self, verb: str) -> None:
        """Call a method of every board, in order of areas or, if `shuffle` is set, in random order."""
        if self.shuffled:
            self.agents.shuffle_do(verb)
        else:
            for board in self.boards:
                getattr(board, verb)()

    def step(self) -> None:
        """One quarter. After the last of 32, 2029/30 Q4, `running` is False.

        A step beyond it raises StepBeyondEndError, a RuntimeError.
        """
        if self.quarter + 1 >= len(self.schedule):
            raise StepBeyondEndError(
                f"{self!r}: the calendar ends with {quarter_name(self.quarter)}, the last of its {len(self.schedule)} "
                "quarters, so that no step is left; make a new HealthSystem to run again, and step while model.running"
            )
        self.quarter += 1
        self.lv = self.schedule[self.quarter]
        if self.quarter == 0:
            self.call_all("start")
        for board in self.boards:
            board.draw_for_plugin()
        for stage in STAGES[:10]:
            getattr(self, stage)()
        if self.quarter % 4 == 3:
            self.close_year()
        self.check_pounds()
        if self.quarter % 4 == 3:
            self.learn()
        self.datacollector.collect(self)
        self.running = self.quarter + 1 < len(self.schedule)

    def run(self) -> HealthSystem:
        """Step to the end; returns itself."""
        # A run makes thousands of small records and keeps them all, so garbage collection would only cost time.
        collecting = gc.isenabled()
        gc.disable()
        try:
            while self.quarter + 1 < len(self.schedule):
                self.step()
        finally:
            if collecting:
                gc.enable()
        return self

    def merge(self) -> None:
        """Stage 1: merge boards whose date has come."""
        if self.lv.capacity.reorganise > 0.0:
            for board in self.boards:
                f = board.facts
                if f.head == board.index and f.merge_q <= self.quarter and board.merged == 0:
                    board.merge()

    def assign(self) -> None:
        """Stage 2: find whose leaders each area has and which board decides for it."""
        self.call_all("assign")
        if self.recorded is not None:
            self.deciders.append([board.decider.index for board in self.boards])

    def move_leaders(self) -> None:
        """Stage 3: leaders leave, are covered by interims, are replaced."""
        self.call_all("move_leaders")

    def move_leads(self) -> None:
        """Stage 4: capacity falls, leads are lost or gained, committees grow."""
        self.call_all("move_leads")

    def finance(self) -> None:
        """Stage 5: the year's gap and support (Q1), and the visible part of the gap."""
        if self.quarter % 4 == 0:
            self.call_all("draw_gap")
            weight = deficit = 0.0
            for b in self.boards:
                weight += b.facts.weight
                deficit += b.facts.weight * (b.gap if b.gap > 0.0 else 0.0)
            self.mean_deficit = deficit / weight
            self.call_all("receive_support")
        self.call_all("show_gap")

    def weigh(self) -> None:
        """Stage 6: find the acting leaders, and add up the pulls of character and rules."""
        self.call_all("find_acting_leaders")
        self.call_all("weigh")

    def plan(self) -> None:
        """Stage 7: open the pot in Q1 and make the plan."""
        q = self.quarter
        if q % 4 == 0:
            self.call_all("open_pot")
        if q == self.first_plan or (q % 4 == 0 and q > self.first_plan):
            self.call_all("decide_plan")
            self.call_all("follow_plan")

    def commit(self) -> None:
        """Stage 8: commit money; in one structural variant, boards raid first."""
        if self.quarter >= self.first_plan:
            if self.p.raids.raid_first > 0.0:
                self._raid_all()
            self.fund_speed = programmes.fund_speed(self.lv.fund, self.p.commitment)
            self.beyond_share = programmes.beyond_share(self.lv.fund, self.p.commitment)
            self.call_all("commit")

    def raid(self) -> None:
        """Stage 8, continued: boards under pressure take money back."""
        if self.quarter >= self.first_plan and self.p.raids.raid_first <= 0.0:
            self._raid_all()

    def _raid_all(self) -> None:
        self.call_all("decide_raid")
        self.call_all("follow_raid")

    def spend(self) -> None:
        """Stage 9: commitments are spent."""
        if self.quarter >= self.first_plan:
            self.call_all("spend")

    def close_year(self) -> None:
        """Stage 10: the year end, down to the front line."""
        local, rules = self.lv.local, self.lv.rules
        self.use_chances = places.use_chances(local, self.p.uses)
        self.place_pass = places.place_pass(local, self.p.places)
        self.offset_years = places.offset_years(self.quarter // 4, self.p.offset)
        self.label = rules.ringfence * plans.enforcement(rules, self.p.fence)
        self.call_all("close_year")
        rows = np.array([board.rows[-1] for board in self.boards], AREA_YEAR_DTYPE)
        year = self.quarter // 4
        kernel_record.nation_of_rows(rows, self.areas, self.nation[year])
        closed = self.nation[year : year + 1]
        self.outcomes = {name: float(outcome.of(closed)) for name, outcome in OUTCOMES.items()}

    def learn(self) -> None:
        """Stage 11: collect all boards' results, then let every board learn."""
        kept = [b.retained for b in self.boards]
        line = sorted(kept)[peers.top_rank(len(kept))]
        total = count = 0.0
        self.region_best = [0.0] * len(kept)
        for board, own in zip(self.boards, kept, strict=True):
            region = board.facts.region
            self.region_best[region] = max(self.region_best[region], own)
            if peers.is_among_best(own, line):
                total += own
                count += 1.0
        self.best = total / count
        self.call_all("learn")

    def check_pounds(self) -> None:
        """After every quarter: each area's pounds add up. Raises PoundsError naming the area and quarter."""
        for board in self.boards:
            off = board.imbalance()
            if not off <= TOLERANCE:
                code = self.facts.codes[board.index]
                raise PoundsError(f"pounds are not conserved in {code}, quarter {self.quarter}: off by {off:.3g}")

    def area_rows(self) -> NDArray[np.void]:
        """Every closed year of every area: AREA_YEAR_DTYPE records, shape (years, areas)."""
        return np.array([[b.rows[y] for b in self.boards] for y in range(len(self.boards[0].rows))], AREA_YEAR_DTYPE)


def _read_scenario(model: HealthSystem) -> str:
    return model.policy.name


def _read_outcome(name: str, model: HealthSystem) -> float:
    """For data collectors: the outcome of the last closed year, or nan before the first one closes."""
    return model.outcomes.get(name, float("nan"))


def _choose_seed(luck_seed: int | None, run: int, rng: Any, seed: Any) -> int:
    """The seed of the run's draws: `luck_seed`, or one drawn from Mesa's seed, or a random one. Raises ValueError."""
    if rng is not None and seed is not None:
        raise InputError("rng and seed are two names for the same thing in Mesa; give only one")
    mesas = rng if seed is None else seed
    if luck_seed is None:
        return secrets.randbits(64) if mesas is None else int(np.random.default_rng(mesas).integers(2**63))
    if mesas is not None or _is_repeated(sys._getframe(1)):
        warn_caller(
            f"luck_seed={luck_seed} and run={run} decide every random draw of a run, so iterations and Mesa's own "
            "seeds give equal rows; vary run, as in run=range(10), or leave luck_seed out"
        )
    return luck_seed


def _is_repeated(frame: FrameType | None) -> bool:
    """True in later iterations of Mesa's batch_run, which does not pass the iteration to the model."""
    while frame is not None:
        if frame.f_code.co_name == "_model_run_func" and str(frame.f_globals.get("__name__")).startswith("mesa."):
            return int(frame.f_locals.get("iteration", 0)) > 0
        frame = frame.f_back
    return False
