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
from dashboards.analyses.request import AnalysisDocument, AnalysisRequest, Steps
from dashboards.selection.selection import library_scenario, opening_selection
from simulator.boards.table import read_boards
from simulator.engine.ensemble import Progress

pytestmark = pytest.mark.dashboards

ASK = registry.request_for_scenario(opening_selection(), "parts", 3)


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
    def hooks(self) -> AnswerCallbacks:
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

    def __call__(self, ask: AnalysisRequest, progress: Progress) -> AnalysisDocument:
        self.times += 1
        for step in range(1, 11):
            progress(4 * step, 40)
            self.steps += 1
        return {"own": False, "title": ask.policies[-1].title}


@pytest.fixture
def held() -> Held:
    return Held()


def test_two_who_ask_the_same_get_one_work_and_both_the_answer(held: Held) -> None:
    asker, work, first, second = AnalysisQueue(held), Counted(), Visitor(), Visitor()
    asker.ask(ASK, work, first.hooks)
    asker.ask(ASK, work, second.hooks)
    held.go()
    assert work.times == 1
    assert first.answers == second.answers == [{"own": False, "title": ASK.policies[-1].title}]
    assert asker.known(ASK.key) == first.answers[0]


def test_progress_is_true_and_says_how_many_questions_come_first(held: Held) -> None:
    asker, first, second = AnalysisQueue(held), Visitor(), Visitor()
    asker.ask(ASK, Counted(), first.hooks)
    asker.ask(replace(ASK, seed=1), Counted(), second.hooks)
    assert second.progress == [(0, 1)]
    held.go()
    done = [done for done, _ in first.progress]
    assert done == [0, 0, *range(100, 1001, 100)]


def test_work_that_nobody_waits_for_stops_at_its_next_step_and_says_nothing(held: Held) -> None:
    asker, work, visitor = AnalysisQueue(held), Counted(), Visitor()
    waiting = asker.ask(ASK, work, visitor.hooks)
    asker.cancel(waiting)
    held.go()
    assert (work.times, visitor.answers, asker.known(ASK.key)) == (0, [], None)


def test_one_who_cancels_does_not_stop_the_work_of_another(held: Held) -> None:
    asker, work, first, second = AnalysisQueue(held), Counted(), Visitor(), Visitor()
    asker.cancel(asker.ask(ASK, work, first.hooks))
    asker.ask(ASK, work, second.hooks)
    held.go()
    assert first.answers == [] and len(second.answers) == 1


def test_a_visitor_who_has_gone_is_not_worked_for(held: Held) -> None:
    asker, work, visitor = AnalysisQueue(held), Counted(), Visitor()
    asker.ask(ASK, work, visitor.hooks)
    visitor.here = False
    held.go()
    assert work.steps == 0 and visitor.answers == []


def test_what_goes_wrong_is_told_to_all_and_the_next_question_is_answered(held: Held) -> None:
    def fails(ask: AnalysisRequest, progress: Progress) -> AnalysisDocument:
        return {"never": library_scenario("no such scenario").title}

    asker, first, second = AnalysisQueue(held), Visitor(), Visitor()
    asker.ask(ASK, fails, first.hooks)
    held.go()
    asker.ask(ASK, Counted(), second.hooks)
    held.go()
    assert first.problems == ["“no such scenario” is not a scenario of the library"] and len(second.answers) == 1


def test_too_many_questions_at_once_are_refused_in_words(held: Held) -> None:
    asker = AnalysisQueue(held)
    for seed in range(job_queue.MOST_WAITING):
        asker.ask(replace(ASK, seed=seed), Counted(), Visitor().hooks)
    with pytest.raises(BusyError, match="Try again"):
        asker.ask(replace(ASK, seed=10**6), Counted(), Visitor().hooks)


def test_what_came_of_a_visitors_own_boards_is_not_kept_for_others(held: Held) -> None:
    asker, visitor = AnalysisQueue(held), Visitor()
    own = replace(ASK, own=read_boards())
    asker.ask(own, Counted(), visitor.hooks)
    held.go()
    assert len(visitor.answers) == 1 and asker.known(own.key) is None


def test_the_oldest_answers_go_when_there_is_no_room(held: Held) -> None:
    asker = AnalysisQueue(held, kept=2)
    for key in "abc":
        asker.keep(key, {"own": False})
    assert asker.known("a") is None and asker.known("c") is not None


def test_a_question_that_is_worked_out_leaves_other_threads_their_turn() -> None:
    asker, visitor, done = AnalysisQueue(), Visitor(), threading.Event()

    def waits(ask: AnalysisRequest, progress: Progress) -> AnalysisDocument:
        done.wait(20)
        progress(1, 1)
        return {"own": False}

    asker.ask(ASK, waits, visitor.hooks)
    assert visitor.answers == []  # asking came back at once
    done.set()
    until = threading.Event()
    for _ in range(200):
        if visitor.answers:
            break
        until.wait(0.05)
    assert visitor.answers == [{"own": False}]


@pytest.mark.parametrize(
    "other",
    [
        {"outcome": "additional"},
        {"years": "2027/28"},
        {"seed": 7},
        {"how": {"lever": "audit"}},
        {"kind": "luck"},
        {"own": read_boards()},
        {"policies": ASK.policies[:1]},
        {"policies": (ASK.policies[0], replace(ASK.policies[1], title="Another title"))},
    ],
)
def test_whatever_changes_a_question_changes_its_key(other: dict[str, Any]) -> None:
    assert replace(ASK, **other).key != ASK.key
    assert replace(ASK).key == ASK.key


def test_progress_of_parts_adds_up_to_the_whole() -> None:
    told: list[int] = []
    steps = Steps(lambda done, of: told.append(done), (0.75, 0.25))
    steps.part(0)(1, 2)
    steps.part(0)(2, 2)
    steps.part(1)(1, 1)
    assert told == [375, 750, 1000]
