"""A session: what is chosen, what comes back, undo, two speeds, and how results are kept."""

from __future__ import annotations

import os
import re
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dashboards.computing.answer_view import find_asked_card, view_answer, write_provenance_line
from dashboards.computing.refinement import compute_half_width, compute_paired_differences, refine
from dashboards.computing.session import Session
from dashboards.computing.worker import (
    NICENESS,
    QUICK_FUTURES,
    Answer,
    QuickWorkFirst,
    ResultStore,
    Worker,
    WorkerCallbacks,
    draw_shared_futures,
    get_shared_pools,
    simulate,
)
from dashboards.selection.map_selection import MapSelection
from dashboards.selection.permalink import make_link, restore
from dashboards.selection.selection import (
    MOST_FUTURES,
    TODAYS_RULES,
    LeverEdit,
    Selection,
    Slot,
    make_opening_selection,
)
from dashboards.tabs.answer import render_answer_cards
from dashboards.widgets.toolbar import describe_status, render_notices
from simulator.common.errors import InputError
from simulator.declarations.levers import LEVERS
from simulator.engine.ensemble import Progress
from simulator.experiments.stats.confidence_sequences import LookSchedule
from simulator.runs.futures import Futures
from simulator.runs.results import Results
from simulator.runs.run import run
from simulator.scenarios.scenario import Scenario, load_scenario, parse_scenario

pytestmark = pytest.mark.dashboards

SMALL = Selection((TODAYS_RULES, Slot("ringfence")), futures=250)


class Counted:
    """The real simulation, counted."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, int]] = []

    def __call__(self, scenario: Scenario, futures: Futures, progress: Progress | None) -> Results:
        self.calls.append((scenario.name, len(futures)))
        return simulate(scenario, futures, progress)


class Now(Executor):
    """Runs what it is given at once."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(fn(*args, **kwargs))
        return done


@pytest.fixture
def store() -> ResultStore:
    return ResultStore(Counted())


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody to stand aside for: with `Now`, long work would wait for the quick answer that it is a part of."""
    monkeypatch.setattr("dashboards.computing.worker.LONGEST_WAIT", 0.0)


@pytest.fixture
def session(store: ResultStore, monkeypatch: pytest.MonkeyPatch, alone: None) -> Session:
    monkeypatch.setattr("dashboards.computing.worker.get_shared_pools", lambda: (Now(), Now()))
    visitor_session = Session(store=store, selection=SMALL)
    visitor_session.begin()
    return visitor_session


def test_the_opening_holds_todays_rules_a_ring_fence_leadership_and_both() -> None:
    assert [slot.preset for slot in make_opening_selection().slots] == ["baseline", "ringfence", "leadership", "both"]


def test_an_edit_sets_its_lever_from_its_quarter_on_and_nothing_else() -> None:
    slot = Slot("ringfence").with_edit(LeverEdit("audit", 0.5, 24, 0, "A guess."))
    assert slot.scenario.differs_from(slot.base) == ("audit",)
    assert list(slot.scenario.lever("audit")[22:26]) == [0, 0, 0.5, 0.5]


def test_a_phased_edit_arrives_little_by_little() -> None:
    values = Slot().with_edit(LeverEdit("audit", 1.0, 20, 4)).scenario.lever("audit")
    assert list(values[19:25]) == [0, 0.25, 0.5, 0.75, 1, 1]


def test_an_edited_scenario_reads_back_from_its_file_to_the_same_fingerprint() -> None:
    edit = LeverEdit("audit", 0.35, 21, 8, 'Because: it\'s "so"\nhere.')
    edited = Slot("leadership", "Mine: “a” & <b>", (edit,)).scenario
    again = parse_scenario(edited.to_yaml())
    assert (again.fingerprint, again.title) == (edited.fingerprint, edited.title)


def test_a_scenario_of_ones_own_never_has_a_name_of_the_library() -> None:
    assert Slot("leadership", "Ringfence", (LeverEdit("audit", 0.5),)).name == "ringfence-own"


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: LeverEdit("audit", 1.2),
        lambda: LeverEdit("nothing", 0),
        lambda: LeverEdit("audit", 0.5, 99),
        lambda: LeverEdit("audit", 0.5, 20, -1),
        lambda: LeverEdit("audit", 0.5, 20, 0, "x" * 2000),
        lambda: Slot("../../etc/passwd"),
        lambda: Slot("pyproject.toml"),
        lambda: Slot("baseline", "a\x07b"),
        lambda: Selection((Slot("ringfence"),)),
        lambda: Selection(outcome="raided"),
        lambda: Selection(futures=10**9),
        lambda: Selection(seed=-1),
        lambda: Selection(years="2050/51"),
        lambda: Selection((TODAYS_RULES, TODAYS_RULES, TODAYS_RULES, TODAYS_RULES, TODAYS_RULES)),
        lambda: LeverEdit("audit", float("nan")),
    ],
)
def test_what_cannot_be_chosen_is_refused(wrong: Callable[[], object]) -> None:
    with pytest.raises(InputError):
        wrong()


@pytest.mark.parametrize(
    "step",
    [{"tab": "evidence"}, {"slide": 2}, {"map_selection": MapSelection(quarter=24)}],
)
def test_what_undo_did_is_told_until_the_visitor_goes_elsewhere(session: Session, step: dict[str, Any]) -> None:
    session.set_lever(LeverEdit("audit", 0.5))
    session.undo()
    assert session.told.startswith("Undid: ") and session.told in render_notices(session).unescape()
    session.param.update(step)
    assert session.told == "" and "Undid" not in render_notices(session)


def test_an_answer_is_paired_and_final_at_the_number_of_futures_chosen(session: Session) -> None:
    assert session.answer is not None and session.answer.final
    drawn = draw_shared_futures(250, SMALL.seed).fingerprint
    assert {run.manifest.futures_fingerprint for run in session.answer.results} == {drawn}


def test_a_notice_goes_when_what_it_speaks_of_has_passed(session: Session) -> None:
    session.notes = ["The link names a page that is not there."]
    session.set_lever(LeverEdit("audit", 0.5))
    assert session.notes == []
    session.undo()
    assert session.notes == [] and session.told.startswith("Undid")
    session.set_lever(LeverEdit("audit", 0.25))
    assert session.told == ""
    answer, session.answer = session.answer, None
    assert answer is not None
    session._receive_failure("It could not be worked out.")
    assert session.problem
    session._receive_answer(answer)  # it could, after all
    assert session.problem == ""
    session.problem, session.answer = "A title has at most 80 letters.", None
    session._receive_answer(answer)
    assert session.problem


def test_nothing_is_taken_away_under_a_new_choice_while_the_answer_is_of_the_former_one(store: ResultStore) -> None:
    waiting: list[Callable[[], None]] = []
    visitor = Session(waiting.append, store, SMALL)
    assert visitor.standing == "former"
    answer = store.answer(SMALL, SMALL.futures)
    visitor._receive_answer(answer)
    assert visitor.standing == "whole" and visitor.require_answer() is answer
    visitor.put_slot(1, Slot("leadership"), "B starts from “Stronger leadership”")
    assert visitor.answer is answer and visitor.standing == "former"
    with pytest.raises(InputError, match="still being worked out"):
        visitor.require_answer()
    assert "the answer to the choice before" in describe_status(visitor)
    visitor.close()


def test_a_first_look_says_so_wherever_its_numbers_stand(store: ResultStore) -> None:
    first = replace(store.answer(SMALL, QUICK_FUTURES), final=False)
    whole = store.answer(SMALL, SMALL.futures)
    says = "First look: 200 of 250 futures."
    for answer, said in ((first, True), (whole, False)):
        view = view_answer(answer)
        assert (says in write_provenance_line(view)) == said
        copied = re.findall(r'data-copy="([^"]*)"', render_answer_cards(view))
        assert copied and all((says in words) == said for words in copied)
        assert bool(find_asked_card(view).short) is not said, "a first look is not posted"


def test_only_the_scenario_that_changed_is_run_again(session: Session, store: ResultStore) -> None:
    simulate = store._simulate
    assert isinstance(simulate, Counted)
    simulate.calls.clear()
    session.set_lever(LeverEdit("audit", 0.5))
    assert {name for name, _ in simulate.calls} == {session.selection.slots[1].name}
    assert sum(n for _, n in simulate.calls) == 250


def test_a_result_that_is_known_is_found_under_the_new_title(store: ResultStore) -> None:
    futures = draw_shared_futures(250, SMALL.seed)
    first = store.get(Slot("ringfence").scenario, futures)
    again = store.find_known(Slot("ringfence", "Renamed").scenario, futures)
    assert again is not None and again.nation is first.nation and again.manifest.title == "Renamed"


def test_the_oldest_results_go_when_there_is_no_room() -> None:
    store, futures = ResultStore(simulate, room=1), draw_shared_futures(250, SMALL.seed)
    store.get(TODAYS_RULES.scenario, futures)
    store.get(Slot("ringfence").scenario, futures)
    assert store.find_known(TODAYS_RULES.scenario, futures) is None
    assert store.find_known(Slot("ringfence").scenario, futures) is not None


def test_a_drag_is_one_step_to_take_back(session: Session) -> None:
    before = session.selection
    for value in (0.1, 0.2, 0.3):
        session.set_lever(LeverEdit("audit", value), moving=True)
    session.set_lever(LeverEdit("audit", 0.3))
    session.undo()
    assert session.selection == before
    assert session.can_redo


def test_undo_and_redo_come_back_to_the_same_choice(session: Session) -> None:
    session.set_lever(LeverEdit("audit", 0.5))
    after = session.selection
    session.undo()
    assert session.selection == SMALL and session.answer is not None and session.answer.selection == SMALL
    session.redo()
    assert session.selection == after and not session.can_redo


def test_what_cannot_be_chosen_is_a_problem_in_words_and_changes_nothing(session: Session) -> None:
    assert not session.drop_slot(0)
    assert "today's rules" in session.problem.lower()
    assert session.selection == SMALL


@pytest.mark.usefixtures("alone")
def test_while_a_lever_moves_few_futures_are_run_and_when_it_rests_all_of_them(store: ResultStore) -> None:
    answers: list[Answer] = []
    worker = Worker(
        store, lambda do: do(), WorkerCallbacks(answers.append, lambda *_: None, pytest.fail), (Now(), Now())
    )
    selection = Selection((TODAYS_RULES, Slot("ringfence")), futures=500)
    worker.ask(selection, refine=False)
    assert [(a.futures, a.final) for a in answers] == [(QUICK_FUTURES, False)]
    worker.ask(selection, refine=True)
    assert (answers[-1].futures, answers[-1].final) == (500, True)


def test_refining_stops_when_it_is_cancelled_and_tells_true_progress() -> None:
    reports: list[tuple[int, int]] = []
    started = threading.Event()

    def progress(done: int, total: int) -> None:
        reports.append((done, total))
        if done:
            worker.cancel()
            started.set()

    answers: list[Answer] = []
    worker = Worker(
        ResultStore(), lambda do: do(), WorkerCallbacks(answers.append, progress, pytest.fail), (Now(), Now())
    )
    worker.ask(Selection((TODAYS_RULES,), futures=4000), refine=True)
    assert started.is_set()
    assert reports[0][1] == 4000 and reports[-1] == (0, 0)
    assert not any(answer.final for answer in answers)


def test_a_failing_simulation_is_told_and_does_not_stop_the_session() -> None:
    def fails(*_: object) -> Results:
        raise RuntimeError("no money left")

    messages: list[str] = []
    worker = Worker(
        ResultStore(fails),
        lambda do: do(),
        WorkerCallbacks(lambda _: None, lambda *_: None, messages.append),
        (Now(), Now()),
    )
    worker.ask(SMALL, refine=True)
    worker.ask(SMALL, refine=True)
    assert len(messages) == 2 and all(
        "A fault in Ringfence stopped working out the answer" in words for words in messages
    )
    assert not any("no money left" in words for words in messages)


def test_scenarios_that_are_the_same_are_said_to_be_identical() -> None:
    assert Selection((TODAYS_RULES, Slot("baseline", "Another name"))).twins == [(0, 1)]


def test_every_lever_can_be_set_to_both_its_bounds() -> None:
    for name, lever in LEVERS.items():
        for value in (lever.about.low, lever.about.high):
            assert Slot().with_edit(LeverEdit(name, value)).scenario.lever(name)[-1] == value


def test_more_futures_are_added_to_those_that_are_known_and_give_the_same_numbers() -> None:
    store, selection = ResultStore(Counted()), Selection((TODAYS_RULES, Slot("ringfence")), futures=500)
    store.answer(selection, QUICK_FUTURES)
    grown = store.answer(selection, 500, lambda done, total: None)
    counted = store._simulate
    assert isinstance(counted, Counted)
    assert sum(n for _, n in counted.calls) == 2 * 500
    whole = simulate(Slot("ringfence").scenario, draw_shared_futures(500, selection.seed))
    assert grown.results[1].nation.tobytes() == whole.nation.tobytes()
    assert grown.results[1].manifest == whole.manifest


def test_a_few_futures_shared_out_between_cores_are_the_same_futures() -> None:
    futures = draw_shared_futures(QUICK_FUTURES, SMALL.seed)
    few, whole = simulate(TODAYS_RULES.scenario, futures), run("baseline", futures=futures)
    assert few.nation.tobytes() == whole.nation.tobytes()
    assert few.manifest == whole.manifest


def test_refining_goes_on_until_every_difference_is_as_narrow_as_asked_and_says_so() -> None:
    selection = Selection((TODAYS_RULES, Slot("ringfence")), until=1.0)
    answer = refine(ResultStore(), selection, lambda done, total: None)
    (difference,) = compute_paired_differences(selection, answer.results)
    look = LookSchedule(first=QUICK_FUTURES, most=MOST_FUTURES).at(*difference)
    assert answer.final and compute_half_width(look) <= 1.0
    assert answer.futures < MOST_FUTURES and "by more than £1 of each £100" in answer.said


def test_refining_that_reaches_the_most_futures_says_how_narrow_it_is_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboards.selection.selection.MOST_FUTURES", 300)
    answer = refine(ResultStore(), Selection((TODAYS_RULES, Slot("ringfence")), until=0.25), lambda done, total: None)
    assert answer.final and answer.futures == 300
    assert "most futures there are (300)" in answer.said and "not the ±25p asked for" in answer.said


def test_long_work_stands_aside_while_a_quick_answer_is_worked_out() -> None:
    order, gate = list[str](), QuickWorkFirst()

    def long() -> None:
        gate.stand_aside()
        order.append("long")

    with gate:
        waiting = threading.Thread(target=long)
        waiting.start()
        waiting.join(0.05)
        order.append("quick")
    waiting.join(5)
    assert order == ["quick", "long"]


def test_the_views_are_told_after_the_worker_has_started(store: ResultStore) -> None:
    session, order = Session(store=store, selection=SMALL), list[str]()
    session._worker.ask = lambda selection, refine: order.append("asked")  # type: ignore[method-assign]
    session.param.watch(lambda _: order.append("shown"), "selection")
    session.set_lever(LeverEdit("audit", 0.5), moving=True)
    assert order == ["asked", "shown"]


def test_the_others_keep_their_letters_when_a_scenario_is_removed(store: ResultStore) -> None:
    session = Session(
        store=store,
        selection=Selection((TODAYS_RULES, Slot("ringfence"), Slot("leadership"), Slot("both")), futures=250),
    )
    session.slot = 2
    session.drop_slot(1)
    assert session.last_change == "scenario B removed" and session.selection.letters == "ACD"
    assert session.selection.letters[session.slot] == "C"  # it goes on being built
    assert restore(make_link(session.selection)).selection == session.selection
    session.drop_slot(2)
    assert session.last_change == "scenario D removed" and session.selection.letters == "AC"
    session.put_slot(2, Slot("committee"), "added")  # takes the first letter that is free
    assert (session.selection.letters, session.slot) == ("ABC", 1)
    assert session.selection.slots[1:] == (Slot("committee"), Slot("leadership"))
    session.undo()
    assert session.selection.letters == "AC"
    session.undo()
    session.undo()
    assert session.selection.letters == "ABCD" and session.selection.slots[1] == Slot("ringfence")


def test_what_another_process_kept_on_disk_is_not_worked_out_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RINGFENCE_CACHE", str(tmp_path))
    many = draw_shared_futures(500, 7)
    computed = run("leadership", futures=many)

    def refuse(*_: object) -> Results:
        raise AssertionError("it was worked out again")

    results = ResultStore(refuse, disk=True).get(load_scenario("leadership"), many)
    assert np.array_equal(results.nation, computed.nation)
    assert results.manifest == computed.manifest
    with pytest.raises(AssertionError, match="again"):
        ResultStore(refuse).get(load_scenario("leadership"), many)


def test_what_a_visitor_waited_for_in_parts_is_kept_on_disk_for_others(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RINGFENCE_CACHE", str(tmp_path))
    many = draw_shared_futures(600, 8)
    results = ResultStore(disk=True).get(load_scenario("leadership"), many, lambda *_: None)

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("it was worked out again")

    monkeypatch.setattr("simulator.engine.ensemble.simulate", refuse)
    assert np.array_equal(run("leadership", futures=many).nation, results.nation)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells threads apart")
def test_long_work_and_what_it_starts_stand_back_behind_quick_answers_and_pages() -> None:
    def rank() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    def ranks() -> list[int]:
        with ThreadPoolExecutor(1) as more:
            return [rank(), more.submit(rank).result()]

    quick, slow = get_shared_pools()
    mine = rank()
    assert quick.submit(ranks).result() == [mine, mine]
    assert slow.submit(ranks).result() == [NICENESS, NICENESS]
    assert rank() == mine


def test_boards_open_on_the_policy_that_was_built_last_until_somebody_chooses_a_pair(store: ResultStore) -> None:
    session = Session(store=store, selection=replace(make_opening_selection(), futures=250))
    assert (session.map_selection.shown, session.map_selection.against) == (1, 0)
    session.put_slot(2, Slot("ringfence-audited"), "C is another policy")
    assert (session.map_selection.shown, session.map_selection.against) == (2, 0)
    session.slot = 3
    session.set_lever(LeverEdit("audit", 0.5))
    assert session.map_selection.shown == 3
    session.chose_map_pair = True
    session.slot = 1
    session.set_lever(LeverEdit("audit", 0.5))
    assert session.map_selection.shown == 3, "what somebody chose stays"
