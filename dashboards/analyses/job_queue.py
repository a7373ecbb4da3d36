"""Answering questions that take a while: one at a time for all visitors, with progress, and kept for everybody.

A question that is being worked out, or was, is never worked out twice: who asks again waits for the same answer. It is
stopped once nobody waits for it any more. One thread serves them all, apart from those that answer levers, so that a
heavy question leaves the quick answers their own.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache

from dashboards.analyses.request import AnalysisDocument, AnalysisRequest, ComputeFunction
from dashboards.common.log import Cancelled, explain_failure, log_job
from dashboards.computing.worker import QUICK_FIRST, Later, lower_priority

MOST_KEPT = 300
MOST_WAITING = 40


class BusyError(RuntimeError):
    """Too much is being worked out already."""


@dataclass(frozen=True)
class AnswerCallbacks:
    """Whom to tell: the answer came; so many thousandths are done (ahead: questions before this one); it went wrong.

    `wanted` says whether anybody still waits; it is called from another thread.
    """

    later: Later
    answer: Callable[[AnalysisDocument], None]
    progress: Callable[[int, int], None]
    failed: Callable[[str], None]
    wanted: Callable[[], bool] = lambda: True


@dataclass(eq=False)
class PendingAnswer:
    """One visitor's wait for one answer."""

    key: str
    hooks: AnswerCallbacks
    dropped: bool = False

    @property
    def wanted(self) -> bool:
        """Whether it is still waited for."""
        return not self.dropped and self.hooks.wanted()


@dataclass(eq=False)
class _Job:
    ask: AnalysisRequest
    work: ComputeFunction
    waiting: list[PendingAnswer] = field(default_factory=list)


class AnalysisQueue:
    """Works questions out, in the order in which they were asked."""

    def __init__(self, pool: Executor | None = None, kept: int = MOST_KEPT) -> None:
        self._pool = pool or ThreadPoolExecutor(1, "questions", lower_priority)
        self._room = kept
        self._known: OrderedDict[str, AnalysisDocument] = OrderedDict()
        self._jobs: OrderedDict[str, _Job] = OrderedDict()
        self._lock = threading.Lock()

    def known(self, key: str) -> AnalysisDocument | None:
        """The answer if it is there."""
        with self._lock:
            found = self._known.get(key)
            if found is not None:
                self._known.move_to_end(key)
            return found

    def keep(self, key: str, document: AnalysisDocument) -> None:
        """Keep an answer; the oldest go when there are too many."""
        with self._lock:
            self._known[key] = document
            while len(self._known) > self._room:
                self._known.popitem(last=False)

    def ask(self, ask: AnalysisRequest, work: ComputeFunction, hooks: AnswerCallbacks) -> PendingAnswer:
        """Wait for an answer. Raises BusyError if too many are waited for."""
        waiting = PendingAnswer(ask.key, hooks)
        with self._lock:
            job = self._jobs.get(ask.key)
            if job is None and len(self._jobs) >= MOST_WAITING:
                raise BusyError("Many questions are being worked out already. Try again in a few minutes.")
            fresh = job is None
            job = job or self._jobs.setdefault(ask.key, _Job(ask, work))
            job.waiting.append(waiting)
            ahead = list(self._jobs).index(ask.key)
        hooks.progress(0, ahead)
        if fresh:
            self._pool.submit(self._serve, job)
        return waiting

    def cancel(self, waiting: PendingAnswer) -> None:
        """No longer wait. Work that nobody waits for stops at its next step."""
        waiting.dropped = True

    def _serve(self, job: _Job) -> None:
        try:
            made = self.known(job.ask.key)
            if made is None:
                self._tell(job, 0)
                with log_job("analysis", question=job.ask.kind, scenarios=len(job.ask.policies)):
                    made = job.work(job.ask, lambda done, total: self._tell(job, 1000 * done // max(total, 1)))
                if job.ask.own is None:  # what came of a visitor's own table stays with the visitor
                    self.keep(job.ask.key, made)
        except Cancelled:
            if any(one.wanted for one in self._close(job)):  # somebody came while it was being stopped
                self._again(job)
            return
        except Exception as problem:
            text = explain_failure(problem, "working out this question")
            for one in self._close(job):
                _call_visitor(one, lambda hooks: hooks.failed(text))
            return
        document = made
        for one in self._close(job):
            _call_visitor(one, lambda hooks: hooks.answer(document))

    def _again(self, job: _Job) -> None:
        for one in job.waiting:
            if one.wanted:
                self.ask(job.ask, job.work, one.hooks)

    def _close(self, job: _Job) -> list[PendingAnswer]:
        with self._lock:
            self._jobs.pop(job.ask.key, None)
            return list(job.waiting)

    def _tell(self, job: _Job, done: int) -> None:
        with self._lock:
            waiting = [one for one in job.waiting if one.wanted]
        if not waiting:
            raise Cancelled
        QUICK_FIRST.stand_aside()
        for one in waiting:
            _call_visitor(one, lambda hooks: hooks.progress(done, 0))


def _call_visitor(one: PendingAnswer, tell: Callable[[AnswerCallbacks], None]) -> None:
    """Tell a visitor where the session lives, if it still wants to know by then."""
    one.hooks.later(lambda: tell(one.hooks) if one.wanted else None)


@lru_cache(maxsize=1)
def shared_queue() -> AnalysisQueue:
    """The questions of all sessions, the shipped answers among them if they fit this program."""
    from dashboards.analyses import shipped_answers

    made = AnalysisQueue()
    for key, document in shipped_answers.load_answers().items():
        made.keep(key, document)
    return made
