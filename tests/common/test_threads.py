"""Work in threads: every result is taken once, an error ends the work, and threads are shared out among the pieces."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from simulator.common.threads import count_own_threads, work_in_threads


@pytest.mark.parametrize("threads", [1, 3])
def test_every_result_is_taken_once_with_its_piece(threads: int) -> None:
    taken: list[tuple[int, int]] = []
    work_in_threads(lambda piece: piece**2, range(20), threads, lambda piece, result: taken.append((piece, result)))
    assert (taken if threads == 1 else sorted(taken)) == [(piece, piece**2) for piece in range(20)]


def test_an_error_in_the_work_comes_out_and_no_other_piece_is_begun() -> None:
    begun: list[int] = []

    def fail_at_two(piece: int) -> int:
        begun.append(piece)
        return 6 // (2 - piece)

    with pytest.raises(ZeroDivisionError):
        work_in_threads(fail_at_two, range(10_000), 1, lambda piece, result: None)
    assert len(begun) <= 5


def test_what_takes_the_results_may_end_the_work() -> None:
    begun: list[int] = []

    def stop(piece: int, result: None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work_in_threads(begun.append, range(10_000), 1, stop)
    assert len(begun) <= 2


def test_a_piece_may_use_one_thread_beside_another_and_both_once_it_is_alone() -> None:
    both, alone = threading.Event(), threading.Event()
    seen: dict[int, int | None] = {}

    def pieces() -> Iterator[int]:
        yield from (0, 1)
        both.set()

    def count(piece: int) -> None:
        assert (alone if piece else both).wait(30)
        seen[piece] = count_own_threads()

    work_in_threads(count, pieces(), 2, lambda piece, result: alone.set())
    assert seen == {0: 1, 1: 2}
    assert count_own_threads() is None, "outside, nothing is shared out"
