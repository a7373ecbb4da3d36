"""Works out answers that take a while: one at a time for all visitors, with progress, and kept for everybody.

No question is worked out twice: whoever asks it again waits for the same answer. Work stops once nobody waits for it.
One thread does it all, apart from those that answer levers, so that a heavy question does not slow the quick answers.
"""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Generic, Protocol, TypeVar

from bokeh.document import Document as Page

from dashboards.analyses.request import AnalysisDocument, AnalysisRequest
from dashboards.common.log import Cancelled, explain_failure, log_job
from dashboards.computing.worker import QUICK_FIRST, Later, lower_priority
from simulator.engine.ensemble import Progress
from simulator.scenarios.scenario import Scenario

MOST_KEPT = 300
MOST_WAITING = 40


class QueuedRequest(Protocol):
    """What can be asked of a queue. Answers that are private are kept for nobody else."""

    @property
    def key(self) -> str:
        """The same for the same question."""
        ...

    @property
    def kind(self) -> str:
        """What the log calls it."""
        ...

    @property
    def scenarios(self) -> Sequence[Scenario]:
        """The scenarios that it is about."""
        ...

    @property
    def is_private(self) -> bool:
        """Whether its answer rests on what a visitor sent."""
        ...


Request = TypeVar("Request", bound=QueuedRequest)
Document = TypeVar("Document")
Asker = TypeVar("Asker")


class BusyError(RuntimeError):
    """Too many questions are being worked out already."""


@dataclass(frozen=True)
class JobCallbacks(Generic[Document]):
    """What a visitor wants to hear of.

    `later` runs a function in the visitor's session. `on_answer` gets the document, `on_progress` thousandths done and
    how many questions come first, `on_failure` what went wrong. `is_wanted` says whether the visitor still waits; it is
    called from another thread.
    """

    later: Later
    on_answer: Callable[[Document], None]
    on_progress: Callable[[int, int], None]
    on_failure: Callable[[str], None]
    is_wanted: Callable[[], bool] = lambda: True


def make_weak_callbacks(
    asker: Asker,
    later: Later,
    page: Page | None,
    on_answer: Callable[[Asker, Document], None],
    on_progress: Callable[[Asker, int, int], None],
    on_failure: Callable[[Asker, str], None],
    still_asks: Callable[[Asker], bool] = lambda asker: True,
) -> JobCallbacks[Document]:
    """Callbacks of a part of a page, `asker`, that hold it weakly, so that a page that was closed can go.

    The functions are handed the part itself, while it is there and `still_asks`.
    """
    weak = weakref.ref(asker)

    def call(method: Callable[[Asker], None]) -> None:
        there = weak()
        if there is not None and still_asks(there):
            method(there)

    def is_wanted() -> bool:
        closed = page is not None and page.session_context is not None and page.session_context.destroyed
        return weak() is not None and not closed

    return JobCallbacks(
        later,
        lambda document: call(lambda there: on_answer(there, document)),
        lambda done, ahead: call(lambda there: on_progress(there, done, ahead)),
        lambda problem: call(lambda there: on_failure(there, problem)),
        is_wanted,
    )


@dataclass(eq=False)
class PendingJob(Generic[Document]):
    """One visitor's wait for one answer."""

    key: str
    callbacks: JobCallbacks[Document]
    cancelled: bool = False

    @property
    def is_wanted(self) -> bool:
        """Whether the visitor still waits."""
        return not self.cancelled and self.callbacks.is_wanted()

    def notify(self, call: Callable[[JobCallbacks[Document]], None]) -> None:
        """Call the visitor back in the visitor's session, if the answer is still wanted by then."""
        self.callbacks.later(lambda: call(self.callbacks) if self.is_wanted else None)


@dataclass(eq=False)
class _Job(Generic[Request, Document]):
    request: Request
    compute: Callable[[Request, Progress], Document]
    pending: list[PendingJob[Document]] = field(default_factory=list)


class JobQueue(Generic[Request, Document]):
    """Works questions out in the order in which they were asked."""

    def __init__(self, pool: Executor | None = None, most_kept: int = MOST_KEPT) -> None:
        self.pool = pool or ThreadPoolExecutor(1, "questions", lower_priority)
        self._most_kept = most_kept
        self._answers: OrderedDict[str, Document] = OrderedDict()
        self._jobs: OrderedDict[str, _Job[Request, Document]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> Document | None:
        """The answer if it is known."""
        with self._lock:
            document = self._answers.get(key)
            if document is not None:
                self._answers.move_to_end(key)
            return document

    def put(self, key: str, document: Document) -> None:
        """Keep an answer; the oldest are dropped when there are too many."""
        with self._lock:
            self._answers[key] = document
            while len(self._answers) > self._most_kept:
                self._answers.popitem(last=False)

    def enqueue(
        self, request: Request, compute: Callable[[Request, Progress], Document], callbacks: JobCallbacks[Document]
    ) -> PendingJob[Document]:
        """Wait for an answer. Raises BusyError if too many are being waited for."""
        pending = PendingJob(request.key, callbacks)
        with self._lock:
            job = self._jobs.get(request.key)
            if job is None and len(self._jobs) >= MOST_WAITING:
                raise BusyError("Many questions are being worked out already. Try again in a few minutes.")
            is_new = job is None
            if job is None:
                job = self._jobs[request.key] = _Job(request, compute)
            job.pending.append(pending)
            ahead = list(self._jobs).index(request.key)
        callbacks.on_progress(0, ahead)
        if is_new:
            self.pool.submit(self._run, job)
        return pending

    def cancel(self, pending: PendingJob[Document]) -> None:
        """Stop waiting. Work that nobody waits for stops at its next step."""
        pending.cancelled = True

    def _run(self, job: _Job[Request, Document]) -> None:
        try:
            document = self.get(job.request.key) or self._compute(job)
        except Cancelled:
            # Somebody may have asked while it was being stopped.
            if any(pending.is_wanted for pending in self._close(job)):
                self._enqueue_again(job)
            return
        except Exception as problem:
            text = explain_failure(problem, "working out this question")
            for pending in self._close(job):
                pending.notify(lambda callbacks: callbacks.on_failure(text))
            return
        for pending in self._close(job):
            pending.notify(lambda callbacks: callbacks.on_answer(document))

    def _compute(self, job: _Job[Request, Document]) -> Document:
        request = job.request
        self._report_progress(job, 0)
        with log_job("analysis", question=request.kind, scenarios=len(request.scenarios)):
            document = job.compute(
                request, lambda done, total: self._report_progress(job, 1000 * done // max(total, 1))
            )
        if not request.is_private:
            self.put(request.key, document)
        return document

    def _enqueue_again(self, job: _Job[Request, Document]) -> None:
        for pending in job.pending:
            if pending.is_wanted:
                self.enqueue(job.request, job.compute, pending.callbacks)

    def _close(self, job: _Job[Request, Document]) -> list[PendingJob[Document]]:
        with self._lock:
            self._jobs.pop(job.request.key, None)
            return list(job.pending)

    def _report_progress(self, job: _Job[Request, Document], done: int) -> None:
        with self._lock:
            wanted = [pending for pending in job.pending if pending.is_wanted]
        if not wanted:
            raise Cancelled
        QUICK_FIRST.stand_aside()
        for pending in wanted:
            pending.notify(lambda callbacks: callbacks.on_progress(done, 0))


AnswerCallbacks = JobCallbacks[AnalysisDocument]
PendingAnswer = PendingJob[AnalysisDocument]
AnalysisQueue = JobQueue[AnalysisRequest, AnalysisDocument]


@lru_cache(maxsize=1)
def get_shared_queue() -> AnalysisQueue:
    """The queue of all sessions, which knows the shipped answers if they fit this program."""
    from dashboards.analyses import shipped_answers

    queue = AnalysisQueue()
    for key, document in shipped_answers.load_answers().items():
        queue.put(key, document)
    return queue
