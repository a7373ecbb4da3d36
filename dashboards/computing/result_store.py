"""Keeps results for all visitors: the same scenario in the same futures gives the same result.

Results are found by the fingerprints of scenario, futures and a visitor's own boards, and more futures are added to
those that are there. The function that simulates is injected.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import TypeAlias

import numpy as np

from dashboards.selection.selection import Selection
from simulator.boards.table import Boards
from simulator.common.bounded_cache import BoundedCache
from simulator.engine.ensemble import Progress, count_threads
from simulator.runs.checkpoint_cache import CheckpointCache
from simulator.runs.futures import Futures, draw_futures
from simulator.runs.posterior import Beliefs, Posterior, current_posterior
from simulator.runs.results import Results
from simulator.runs.run import keep_results, recall_results, run
from simulator.scenarios.scenario import Scenario

FUTURES_PER_STEP = 256
STORE_BYTES = 160_000_000
Simulate = Callable[[Scenario, Futures, Progress | None], Results]
ResultKey: TypeAlias = tuple[str, str, str, str]
"""The fingerprints of scenario, futures and a visitor's own boards, and how a visitor's own evidence is named."""


@dataclass(frozen=True)
class Answer:
    """The results of every scenario of a selection in the same futures. `final` when no more will follow.

    `said` explains why it rests on so many futures, if they were not chosen as a number.
    """

    selection: Selection
    results: tuple[Results, ...]
    final: bool
    said: str = ""

    @property
    def futures(self) -> int:
        """How many futures it rests on."""
        return len(self.results[0])

    def is_same_as(self, other: Answer | None) -> bool:
        """Whether the other answer is the same. Results are kept, so identity is enough and no numbers are compared."""
        return (
            other is not None
            and (self.selection, self.final, self.said) == (other.selection, other.final, other.said)
            and all(a.nation is b.nation for a, b in zip(self.results, other.results, strict=True))
        )


def draw_shared_futures(n: int, seed: int, beliefs: Beliefs | None = None) -> Futures:
    """Futures drawn once and used for every scenario, from a visitor's own evidence or else the present posterior."""
    return _draw_once(n, seed, current_posterior() if beliefs is None else beliefs.posterior)


@lru_cache(maxsize=8)
def _draw_once(n: int, seed: int, posterior: Posterior) -> Futures:
    return draw_futures(n, seed=seed, beliefs=posterior)


def join_results(parts: Iterable[Results], futures: Futures) -> Results:
    """Results of consecutive parts of the futures as one."""
    results = list(parts)
    if len(results) == 1:
        return results[0]
    manifest = replace(results[0].manifest, futures=len(futures), futures_fingerprint=futures.fingerprint)
    nation = np.concatenate([part.nation for part in results])
    return Results(nation, None, results[0].codes, manifest, futures, results[0].schedule)


def simulate(scenario: Scenario, futures: Futures, progress: Progress | None = None) -> Results:
    """Run the compiled ensemble. A few futures are split evenly between the cores, so that all finish together."""
    return simulate_boards(None, scenario, futures, progress)


def simulate_boards(own: Boards | None, scenario: Scenario, futures: Futures, progress: Progress | None) -> Results:
    """The same on a visitor's own table of boards, or on the 42."""
    if len(futures) > FUTURES_PER_STEP or progress:
        return run(scenario, futures=futures, boards=own, progress=progress)
    shares, checkpoints = split_evenly(futures), get_shared_checkpoints()
    return join_results(
        get_shared_threads().map(lambda share: checkpoints.run(scenario, share, own, workers=1), shares), futures
    )


def split_evenly(futures: Futures) -> list[Futures]:
    """As many futures for every core."""
    parts = count_threads()
    cuts = [len(futures) * i // parts for i in range(parts + 1)]
    return [futures.part(*ends) for ends in pairwise(cuts) if ends[1] > ends[0]]


class ResultStore:
    """Results by the fingerprints of scenario and futures; the oldest go when there is no room.

    `disk` looks first at what the command line, a notebook or an earlier server kept, and keeps for them.
    """

    def __init__(self, simulate: Simulate = simulate, room: int = STORE_BYTES, *, disk: bool = False) -> None:
        self._simulate = simulate
        self._disk = disk
        self._kept = BoundedCache[ResultKey, Results](room, lambda results: results.nation.nbytes)

    def find_known(self, scenario: Scenario, futures: Futures, own: Boards | None = None) -> Results | None:
        """The result if it is there, under this scenario's own name and title."""
        key = _make_key(scenario, futures, own)
        result = self._kept.get(key)
        if result is None:
            return None
        manifest = replace(result.manifest, scenario=scenario.name, title=scenario.title)
        return replace(result, manifest=manifest)

    def get(
        self, scenario: Scenario, futures: Futures, progress: Progress | None = None, own: Boards | None = None
    ) -> Results:
        """The result, worked out if need be. Raises what `progress` raises, and as the simulation does."""
        known = self.find_known(scenario, futures, own)
        if known is not None:
            return known
        shared = self._disk and own is None and not futures.posterior
        result = recall_results(scenario, futures) if shared else None
        if result is None:
            result = self._grow(scenario, futures, progress, own)
            if shared:
                keep_results(result, scenario, futures)
        self._kept.put(_make_key(scenario, futures, own), result)
        return result

    def forget(self, own: Boards) -> None:
        """Drop the results for a visitor's own table of boards."""
        self._kept.remove(lambda key: key[2] == own.fingerprint)

    def forget_evidence(self, beliefs: Beliefs) -> None:
        """Drop the results that were drawn from a visitor's own evidence, and its futures."""
        self._kept.remove(lambda key: key[3] == repr(beliefs.posterior.options))
        _draw_once.cache_clear()

    def _grow(self, scenario: Scenario, futures: Futures, progress: Progress | None, own: Boards | None) -> Results:
        """Run the futures that are not known yet: a few at a time, if somebody wants to hear how far it is."""
        prefix = self._find_beginning(scenario, futures, own)
        parts, n = [prefix] if prefix else [], len(futures)
        done = len(prefix) if prefix else 0
        size = FUTURES_PER_STEP if progress else n
        while done < n:
            if progress:
                progress(done, n)
            part_of_futures = futures.part(done, min(n, done + size)) if done or size < n else futures
            result = (
                simulate_boards(own, scenario, part_of_futures, None)
                if own
                else self._simulate(scenario, part_of_futures, None)
            )
            parts.append(result)
            done += len(part_of_futures)
        if progress:
            progress(n, n)
        manifest = replace(parts[-1].manifest, scenario=scenario.name, title=scenario.title)
        return replace(
            join_results(parts, futures), manifest=replace(manifest, futures=n, futures_fingerprint=futures.fingerprint)
        )

    def _find_beginning(self, scenario: Scenario, futures: Futures, own: Boards | None) -> Results | None:
        """The longest known result for the first of these futures: they need not be run again."""
        key_without_futures = _make_key(scenario, futures, own)[::2]
        candidates = self._kept.matching(lambda key: key[::2] == key_without_futures)
        shorter = [
            candidate
            for candidate in candidates
            if len(candidate) < len(futures) and candidate.manifest.seed == futures.seed
        ]
        for candidate in sorted(shorter, key=len, reverse=True):
            if futures.part(0, len(candidate)).fingerprint == candidate.manifest.futures_fingerprint:
                return candidate
        return None

    def answer(self, selection: Selection, n: int, progress: Progress | None = None) -> Answer:
        """Answer a selection: every scenario in the same `n` futures."""
        return Answer(
            selection,
            self.results(selection, draw_shared_futures(n, selection.seed, selection.evidence), progress),
            n >= selection.futures,
        )

    def results(self, selection: Selection, futures: Futures, progress: Progress | None = None) -> tuple[Results, ...]:
        """The same in given futures."""
        scenarios, run_results, n = selection.scenarios, list[Results](), len(futures)
        for at, scenario in enumerate(scenarios):
            run_results.append(
                self.get(scenario, futures, _shift_progress(progress, at, len(scenarios), n), selection.own)
            )
            if progress:
                progress((at + 1) * n, len(scenarios) * n)
        return tuple(run_results)

    def find_ready(self, selection: Selection, n: int) -> Answer | None:
        """The answer if every result is there already."""
        futures = draw_shared_futures(n, selection.seed, selection.evidence)
        results = [self.find_known(scenario, futures, selection.own) for scenario in selection.scenarios]
        whole = tuple(scenario for scenario in results if scenario is not None)
        return Answer(selection, whole, n >= selection.futures) if len(whole) == len(results) else None


def _make_key(scenario: Scenario, futures: Futures, own: Boards | None) -> ResultKey:
    evidence = repr(futures.posterior) if futures.posterior else ""
    return scenario.fingerprint, futures.fingerprint, own.fingerprint if own else "", evidence


def _shift_progress(progress: Progress | None, at: int, parts: int, n: int) -> Progress | None:
    if progress is None:
        return None
    report: Progress = progress
    return lambda done, total: report(at * n + done, parts * n)


@lru_cache(maxsize=1)
def get_shared_checkpoints() -> CheckpointCache:
    """Checkpoints of a few futures at the start of a policy, so that a moving lever costs only what follows."""
    return CheckpointCache(STORE_BYTES // 4)


@lru_cache(maxsize=1)
def get_shared_threads() -> ThreadPoolExecutor:
    """Threads that quick answers are worked out on."""
    return ThreadPoolExecutor(2 * count_threads(), "hands")


@lru_cache(maxsize=1)
def get_shared_store() -> ResultStore:
    """The results of all sessions."""
    return ResultStore(disk=True)
