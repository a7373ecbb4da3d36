"""Independent pieces of work, done in threads: for compiled code and numpy, which let other threads go on meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from itertools import islice
from typing import TypeVar

Piece = TypeVar("Piece")
Result = TypeVar("Result")


def work_in_threads(
    work: Callable[[Piece], Result], pieces: Iterable[Piece], threads: int, take: Callable[[Piece, Result], None]
) -> None:
    """Do `work` for every piece, `threads` of them at a time, and `take` each result here, as they end.

    One thread keeps the order. No more than twice as many pieces as threads are begun before their results are taken,
    which bounds memory. What `work` or `take` raises comes out once the pieces that were begun have ended; no other is
    begun.
    """
    pool = ThreadPoolExecutor(threads)
    waiting = iter(pieces)
    try:
        jobs = {pool.submit(work, piece): piece for piece in islice(waiting, 2 * threads)}
        while jobs:
            ended = wait(jobs, return_when=FIRST_COMPLETED).done
            for job in [job for job in jobs if job in ended]:
                take(jobs.pop(job), job.result())
                jobs |= {pool.submit(work, piece): piece for piece in islice(waiting, 1)}
    finally:
        pool.shutdown(cancel_futures=True)
