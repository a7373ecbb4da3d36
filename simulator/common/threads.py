"""Independent pieces of work, done in threads: for compiled code and numpy, which let other threads go on meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import TypeVar

Piece = TypeVar("Piece")
Result = TypeVar("Result")


class _Here(threading.local):
    """What the present thread knows: of a piece of work, how many threads it may use itself."""

    count: Callable[[], int] | None = None


_here = _Here()


def count_own_threads() -> int | None:
    """How many threads the present piece of work may use itself, so that all pieces together use those that were asked
    for: one, and more when fewer pieces are left than threads. None outside `work_in_threads`.
    """
    return None if _here.count is None else _here.count()


def work_in_threads(
    work: Callable[[Piece], Result], pieces: Iterable[Piece], threads: int, take: Callable[[Piece, Result], None]
) -> None:
    """Do `work` for every piece, `threads` of them at a time, and `take` each result here, as they end.

    One thread keeps the order. No more than twice as many pieces as threads are begun before their results are taken,
    which bounds memory. What `work` or `take` raises comes out once the pieces that were begun have ended; no other is
    begun.
    """
    waiting = iter(pieces)
    jobs: dict[Future[Result], Piece] = {}

    def begin() -> None:
        _here.count = lambda: max(1, threads // max(1, len(jobs)))

    pool = ThreadPoolExecutor(threads, initializer=begin)
    try:
        for piece in islice(waiting, 2 * threads):
            jobs[pool.submit(work, piece)] = piece
        while jobs:
            ended = wait(jobs, return_when=FIRST_COMPLETED).done
            for job in [job for job in jobs if job in ended]:
                take(jobs.pop(job), job.result())
                for piece in islice(waiting, 1):
                    jobs[pool.submit(work, piece)] = piece
    finally:
        pool.shutdown(cancel_futures=True)
