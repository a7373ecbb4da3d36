"""Answers at two speeds: some futures while a lever moves, more when it rests; never on the caller's thread."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from types import TracebackType

from dashboards.common.log import Cancelled, explain_failure, log_job
from dashboards.computing.refinement import refine
from dashboards.computing.result_store import (
    Answer,
    ResultStore,
    Simulate,
    draw_shared_futures,
    get_shared_store,
    join_results,
    simulate,
)
from dashboards.selection.selection import Selection
from simulator.common.event_log import Level

__all__ = ["Answer", "ResultStore", "Simulate", "draw_shared_futures", "get_shared_store", "join_results", "simulate"]

QUICK_FUTURES = 200
REST_SECONDS, LONGEST_WAIT, PROGRESS_INTERVAL = 0.25, 0.5, 0.15
"""Seconds until a lever counts as resting, for which long work waits for quick answers, and between reports."""
NICENESS = 10
"""How far long work lowers its priority (`nice`): a page that opens then gets nine tenths of a core that both want."""
Later = Callable[[Callable[[], None]], None]


@dataclass(frozen=True)
class WorkerCallbacks:
    """The functions that a worker calls: with an answer, with progress (total 0: idle), and with what went wrong."""

    answer: Callable[[Answer], None]
    progress: Callable[[int, int], None]
    failed: Callable[[str], None]


class QuickWorkFirst:
    """Makes long work wait while quick answers are being worked out, but never for good."""

    def __init__(self) -> None:
        self._busy = 0
        self._idle = threading.Condition()

    def __enter__(self) -> None:
        with self._idle:
            self._busy += 1

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with self._idle:
            self._busy -= 1
            self._idle.notify_all()

    def stand_aside(self) -> None:
        """Wait for quick work to end."""
        with self._idle:
            self._idle.wait_for(lambda: not self._busy, LONGEST_WAIT)


QUICK_FIRST = QuickWorkFirst()


class Worker:
    """Works out one session's answers. Only the latest request counts; the one before is dropped or stopped.

    `later` runs a function where the session lives; nothing else of the session is touched from a thread. More futures
    are run only once nothing was wished for during `rest` seconds.
    """

    def __init__(
        self,
        store: ResultStore,
        later: Later,
        hooks: WorkerCallbacks,
        pools: tuple[Executor, Executor] | None = None,
        rest: float = 0.0,
    ) -> None:
        self._store, self._later, self._hooks, self._rest = store, later, hooks, rest
        self._quick, self._slow = pools or get_shared_pools()
        self._lock = threading.Lock()
        self._wish: tuple[int, Selection, bool] | None = None
        self._running = False
        self._latest = 0

    def ask(self, selection: Selection, refine: bool) -> None:
        """Request an answer; `refine` goes on to the chosen number of futures."""
        with self._lock:
            self._latest += 1
            self._wish = (self._latest, selection, refine)
            start, self._running = not self._running, True
        if start:
            self._quick.submit(self._serve)

    def cancel(self) -> None:
        """Stop refining; the answer that stands stays."""
        with self._lock:
            self._latest += 1
            self._wish = None
        self._hooks.progress(0, 0)

    def _serve(self) -> None:
        while True:
            with self._lock:
                wish, self._wish = self._wish, None
                if wish is None:
                    self._running = False
                    return
            with QUICK_FIRST:
                self._answer(*wish)

    def _answer(self, token: int, selection: Selection, refine: bool) -> None:
        try:
            ready = None if selection.until else self._store.find_ready(selection, selection.futures)
            with log_job("quick-answer", Level.DEBUG, scenarios=len(selection.slots)):
                answer = ready or self._store.answer(selection, min(QUICK_FUTURES, selection.futures))
        except Exception as problem:
            self._fail(token, problem)
            return
        self._later(lambda: self._hooks.answer(answer))
        if not refine or answer.final or token != self._latest:
            return
        if self._rest:
            soon = threading.Timer(self._rest, self._slow.submit, (self._refine, token, selection))
            soon.daemon = True
            soon.start()
        else:
            self._slow.submit(self._refine, token, selection)

    def _refine(self, token: int, selection: Selection) -> None:
        last_report = [0.0]

        def report(done: int, total: int) -> None:
            QUICK_FIRST.stand_aside()
            if token != self._latest:
                raise Cancelled
            if time.monotonic() - last_report[0] > PROGRESS_INTERVAL:
                last_report[0] = time.monotonic()
                self._later(lambda: self._hooks.progress(done, total) if token == self._latest else None)

        try:
            with log_job("answer", scenarios=len(selection.slots)) as facts:
                answer = refine(self._store, selection, report)
                facts["futures"] = answer.futures
        except Cancelled:
            return
        except Exception as problem:
            self._fail(token, problem)
            return
        if token == self._latest:
            self._later(lambda: self._finish(answer))

    def _finish(self, answer: Answer) -> None:
        self._hooks.answer(answer)
        self._hooks.progress(0, 0)

    def _fail(self, token: int, problem: Exception) -> None:
        message = explain_failure(problem, "working out the answer")
        if token == self._latest:
            self._later(lambda: self._hooks.failed(message))


@lru_cache(maxsize=1)
def get_shared_pools() -> tuple[ThreadPoolExecutor, ThreadPoolExecutor]:
    """The threads of all sessions: two for quick answers and two for long ones, which never delay the quick ones."""
    return ThreadPoolExecutor(2, "quick"), ThreadPoolExecutor(2, "slow", lower_priority)


def lower_priority() -> None:
    """Lower the priority of this thread and of those that it starts. Only Linux has a priority for each thread."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):  # a container may forbid it
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
