"""Questions are worked out once for everybody, one after another, with progress, and stopped when nobody waits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import replace
from typing import Any

import pytest

from dashboards.analyses import job_queue, registry
from dashboards.analyses.job_queue import AnalysisQueue, AnswerCallbacks, BusyError
from dashboards.analyses.request import AnalysisDocument, AnalysisRequest, ProgressSteps
from dashboards.selection.selection import load_library_scenario, make_opening_selection
from simulator.boards.table import read_boards
from simulator.engine.ensemble import Progress

pytestmark = pytest.mark.dashboards

REQUEST = registry.request_for_scenario(make_opening_selection(), "parts", 3)


class Held(Executor):
    """Keeps what it is given until it is told to go on."""

    def __init__(self) -> None:
        self.jobs: list[Callable[[], object]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.jobs.append(lambda: fn(*args, **kwargs))
        return Future()

    def go(self) -> None:
        while self.jobs:
            self.jobs.pop(0)()


class Visitor:
    """Somebody who waits, and writes down what is said."""

    def __init__(self) -> None:
        self.answers: list[AnalysisDocument] = []
        self.progress: list[tuple[int, int]] = []
        self.problems: list[str] = []
        self.here = True

    @property
    def callbacks(self) -> AnswerCallbacks:
        return AnswerCallbacks(
            lambda do: do(),
            self.answers.append,
            lambda done, ahead: self.progress.append((done, ahead)),
            self.problems.append,
            lambda: self.here,
        )


class Counted:
    """Work of ten steps, counted."""

    def __init__(self) -> None:
        self.times = self.steps = 0

    def __call__(self, request: AnalysisRequest, progress: Progress) -> AnalysisDocument:
        self.times += 1
        for step in range(1, 11):
            progress(4 * step, 40)
            self.steps += 1
        return request.describe("")


@pytest.fixture
def held() -> Held:
    return Held()


def test_two_who_ask_the_same_get_one_work_and_both_the_answer(held: Held) -> None:
    queue, work, first, second = AnalysisQueue(held), Counted(), Visitor(), Visitor()
    queue.enqueue(REQUEST, work, first.callbacks)
    queue.enqueue(REQUEST, work, second.callbacks)
    held.go()
    assert work.times == 1
    assert first.answers == second.answers == [REQUEST.describe("")]
    assert queue.get(REQUEST.key) == first.answers[0]


def test_progress_is_true_and_says_how_many_questions_come_first(held: Held) -> None:
    queue, first, second = AnalysisQueue(held), Visitor(), Visitor()
    queue.enqueue(REQUEST, Counted(), first.callbacks)
    queue.enqueue(replace(REQUEST, seed=1), Counted(), second.callbacks)
    assert second.progress == [(0, 1)]
    held.go()
    done = [done for done, _ in first.progress]
    assert done == [0, 0, *range(100, 1001, 100)]


def test_work_that_nobody_waits_for_stops_at_its_next_step_and_says_nothing(held: Held) -> None:
    queue, work, visitor = AnalysisQueue(held), Counted(), Visitor()
    waiting = queue.enqueue(REQUEST, work, visitor.callbacks)
    queue.cancel(waiting)
    held.go()
    assert (work.times, visitor.answers, queue.get(REQUEST.key)) == (0, [], None)


def test_one_who_cancels_does_not_stop_the_work_of_another(held: Held) -> None:
    queue, work, first, second = AnalysisQueue(held), Counted(), Visitor(), Visitor()
    queue.cancel(queue.enqueue(REQUEST, work, first.callbacks))
    queue.enqueue(REQUEST, work, second.callbacks)
    held.go()
    assert first.answers == [] and len(second.answers) == 1


def test_a_visitor_who_has_gone_is_not_worked_for(held: Held) -> None:
    queue, work, visitor = AnalysisQueue(held), Counted(), Visitor()
    queue.enqueue(REQUEST, work, visitor.callbacks)
    visitor.here = False
    held.go()
    assert work.steps == 0 and visitor.answers == []


def test_what_goes_wrong_is_told_to_all_and_the_next_question_is_answered(held: Held) -> None:
    def fails(request: AnalysisRequest, progress: Progress) -> AnalysisDocument:
        load_library_scenario("no such scenario")
        return request.describe("")

    queue, first, second = AnalysisQueue(held), Visitor(), Visitor()
    queue.enqueue(REQUEST, fails, first.callbacks)
    held.go()
    queue.enqueue(REQUEST, Counted(), second.callbacks)
    held.go()
    assert first.problems == ["“no such scenario” is not a scenario of the library"] and len(second.answers) == 1


def test_too_many_questions_at_once_are_refused_in_words(held: Held) -> None:
    queue = AnalysisQueue(held)
    for seed in range(job_queue.MOST_WAITING):
        queue.enqueue(replace(REQUEST, seed=seed), Counted(), Visitor().callbacks)
    with pytest.raises(BusyError, match="Try again"):
        queue.enqueue(replace(REQUEST, seed=10**6), Counted(), Visitor().callbacks)


def test_what_came_of_a_visitors_own_boards_is_not_kept_for_others(held: Held) -> None:
    queue, visitor = AnalysisQueue(held), Visitor()
    own = replace(REQUEST, own_boards=read_boards())
    queue.enqueue(own, Counted(), visitor.callbacks)
    held.go()
    assert len(visitor.answers) == 1 and queue.get(own.key) is None


def test_the_oldest_answers_go_when_there_is_no_room(held: Held) -> None:
    queue = AnalysisQueue(held, most_kept=2)
    for key in "abc":
        queue.put(key, REQUEST.describe(""))
    assert queue.get("a") is None and queue.get("c") is not None


def test_a_question_that_is_worked_out_leaves_other_threads_their_turn() -> None:
    queue, visitor, done = AnalysisQueue(), Visitor(), threading.Event()

    def waits(request: AnalysisRequest, progress: Progress) -> AnalysisDocument:
        done.wait(20)
        progress(1, 1)
        return request.describe("")

    queue.enqueue(REQUEST, waits, visitor.callbacks)
    assert visitor.answers == []  # asking came back at once
    done.set()
    until = threading.Event()
    for _ in range(200):
        if visitor.answers:
            break
        until.wait(0.05)
    assert visitor.answers == [REQUEST.describe("")]


@pytest.mark.parametrize(
    "other",
    [
        {"outcome": "additional"},
        {"years": "2027/28"},
        {"seed": 7},
        {"options": {"lever": "audit"}},
        {"kind": "luck"},
        {"own_boards": read_boards()},
        {"scenarios": REQUEST.scenarios[:1]},
        {"scenarios": (REQUEST.scenarios[0], replace(REQUEST.scenarios[1], title="Another title"))},
    ],
)
def test_whatever_changes_a_question_changes_its_key(other: dict[str, Any]) -> None:
    assert replace(REQUEST, **other).key != REQUEST.key
    assert replace(REQUEST).key == REQUEST.key


def test_progress_of_parts_adds_up_to_the_whole() -> None:
    reported: list[int] = []
    steps = ProgressSteps(lambda done, of: reported.append(done), (0.75, 0.25))
    steps.step(0)(1, 2)
    steps.step(0)(2, 2)
    steps.step(1)(1, 1)
    assert reported == [375, 750, 1000]
