"""Answers at two speeds: a few hundred futures while a lever moves, more when it rests; never on the caller's thread.

One `simulate` is injected. What it gave is kept by the fingerprints of scenario and futures, for everybody: luck and
parameters are shared, so the same scenario in the same futures is the same result.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache

from dashboards.choice import Choice
from simulator.ensemble import Progress
from simulator.futures import Futures
from simulator.futures import futures as draw
from simulator.results import Results
from simulator.scenario import Scenario

QUICK = 256
ROOM = 160_000_000
Simulate = Callable[[Scenario, Futures, Progress | None], Results]
Later = Callable[[Callable[[], None]], None]


class Cancelled(Exception):  # noqa: N818 (it is no error)
    """The work is no longer wanted."""


@dataclass(frozen=True)
class Answer:
    """What came back: results of every scenario of a choice in the same futures. `final` when no more will come."""

    choice: Choice
    results: tuple[Results, ...]
    final: bool

    @property
    def futures(self) -> int:
        """How many paired futures it rests on."""
        return len(self.results[0])


@lru_cache(maxsize=8)
def shared_futures(n: int, seed: int) -> Futures:
    """Futures drawn once and used for every scenario."""
    return draw(n, seed=seed)


def plain_simulate(scenario: Scenario, futures: Futures, progress: Progress | None = None) -> Results:
    """The compiled ensemble."""
    from simulator.running import run

    return run(scenario, futures=futures, progress=progress)


class Store:
    """Results by the fingerprints of scenario and futures; the oldest go when there is no room."""

    def __init__(self, simulate: Simulate = plain_simulate, room: int = ROOM) -> None:
        self._simulate = simulate
        self._room = room
        self._kept: OrderedDict[tuple[str, str], Results] = OrderedDict()
        self._lock = threading.Lock()

    def known(self, scenario: Scenario, futures: Futures) -> Results | None:
        """The result if it is there, under this scenario's own name and title."""
        with self._lock:
            found = self._kept.get((scenario.fingerprint, futures.fingerprint))
            if found is None:
                return None
            self._kept.move_to_end((scenario.fingerprint, futures.fingerprint))
        told = replace(found.manifest, scenario=scenario.name, title=scenario.title)
        return replace(found, manifest=told)

    def get(self, scenario: Scenario, futures: Futures, progress: Progress | None = None) -> Results:
        """The result, worked out if need be. Raises what `progress` raises, and as the simulation does."""
        found = self.known(scenario, futures)
        if found is not None:
            return found
        made = self._simulate(scenario, futures, progress)
        with self._lock:
            self._kept[(scenario.fingerprint, futures.fingerprint)] = made
            while sum(one.nation.nbytes for one in self._kept.values()) > self._room and len(self._kept) > 1:
                self._kept.popitem(last=False)
        return made

    def answer(self, choice: Choice, n: int, progress: Progress | None = None) -> Answer:
        """Every scenario of a choice in `n` futures. `progress` counts futures over all of them."""
        futures, wanted, made = shared_futures(n, choice.seed), choice.scenarios, []
        for at, one in enumerate(wanted):
            made.append(self.get(one, futures, _part(progress, at, len(wanted), n)))
            if progress:
                progress((at + 1) * n, len(wanted) * n)
        return Answer(choice, tuple(made), n >= choice.futures)

    def ready(self, choice: Choice, n: int) -> Answer | None:
        """The same if nothing needs to be worked out."""
        futures = shared_futures(n, choice.seed)
        found = [self.known(one, futures) for one in choice.scenarios]
        whole = tuple(one for one in found if one is not None)
        return Answer(choice, whole, n >= choice.futures) if len(whole) == len(found) else None


def _part(progress: Progress | None, at: int, parts: int, n: int) -> Progress | None:
    if progress is None:
        return None
    tell: Progress = progress
    return lambda done, total: tell(at * n + done, parts * n)


@dataclass(frozen=True)
class Hooks:
    """Whom a worker tells: an answer came; so many of so many futures are done (total 0: idle); it went wrong."""

    answer: Callable[[Answer], None]
    progress: Callable[[int, int], None]
    failed: Callable[[str], None]


class Worker:
    """One session's errands. Only the latest wish counts; what it replaces is dropped or stopped.

    `later` runs a function where the session lives; nothing else of the session is touched from a thread.
    """

    def __init__(
        self, store: Store, later: Later, hooks: Hooks, pools: tuple[Executor, Executor] | None = None
    ) -> None:
        self._store, self._later, self._hooks = store, later, hooks
        self._quick, self._slow = pools or shared_pools()
        self._lock = threading.Lock()
        self._wish: tuple[int, Choice, bool] | None = None
        self._running = False
        self._latest = 0

    def ask(self, choice: Choice, refine: bool) -> None:
        """Wish for an answer; `refine` goes on to the number of futures chosen."""
        with self._lock:
            self._latest += 1
            self._wish = (self._latest, choice, refine)
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
            self._answer(*wish)

    def _answer(self, token: int, choice: Choice, refine: bool) -> None:
        try:
            whole = self._store.ready(choice, choice.futures)
            made = whole or self._store.answer(choice, min(QUICK, choice.futures))
        except Exception as problem:
            self._fail(token, problem)
            return
        self._later(lambda: self._hooks.answer(made))
        if refine and not made.final and token == self._latest:
            self._slow.submit(self._refine, token, choice)

    def _refine(self, token: int, choice: Choice) -> None:
        def tell(done: int, total: int) -> None:
            if token != self._latest:
                raise Cancelled
            self._later(lambda: self._hooks.progress(done, total) if token == self._latest else None)

        try:
            made = self._store.answer(choice, choice.futures, tell)
        except Cancelled:
            return
        except Exception as problem:
            self._fail(token, problem)
            return
        if token == self._latest:
            self._later(lambda: self._hooks.answer(made))
            self._later(lambda: self._hooks.progress(0, 0))

    def _fail(self, token: int, problem: Exception) -> None:
        if token == self._latest:
            text = str(problem) or type(problem).__name__
            self._later(lambda: self._hooks.failed(text))


@lru_cache(maxsize=1)
def shared_pools() -> tuple[ThreadPoolExecutor, ThreadPoolExecutor]:
    """Threads of all sessions: two for quick answers, one for long ones, so that these never keep those waiting."""
    return ThreadPoolExecutor(2, "quick"), ThreadPoolExecutor(1, "slow")


@lru_cache(maxsize=1)
def shared_store() -> Store:
    """The results of all sessions."""
    return Store()
