"""A cache in memory keeps what fits, forgets what was used least recently, and holds under many threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from simulator.common.bounded_cache import BoundedCache

pytestmark = pytest.mark.interface


def filled(room: int = 10) -> BoundedCache[str, bytes]:
    cache = BoundedCache[str, bytes](room, len)
    for name in "abc":
        cache.put(name, name.encode() * 3)
    return cache


def test_the_least_recently_used_goes_first() -> None:
    cache = filled()
    assert cache.get("a") == b"aaa"
    cache.put("d", b"ddd")
    assert [cache.get(name) for name in "abcd"] == [b"aaa", None, b"ccc", b"ddd"]
    assert cache.nbytes == 9


def test_a_value_in_place_of_another_is_counted_once() -> None:
    cache = filled()
    cache.put("a", b"aaaa")
    assert (cache.nbytes, len(cache)) == (10, 3)


def test_the_newest_stays_even_when_it_takes_more_than_there_is_room_for() -> None:
    cache = filled()
    cache.put("large", b"x" * 50)
    assert (cache.get("large"), len(cache), cache.nbytes) == (b"x" * 50, 1, 50)
    cache.put("e", b"e")
    assert (len(cache), cache.nbytes) == (1, 1)


def test_what_is_wanted_is_found_and_removed() -> None:
    cache = filled()
    assert cache.matching(lambda key: key > "a") == [b"bbb", b"ccc"]
    cache.remove(lambda key: key > "a")
    assert (len(cache), cache.nbytes) == (1, 3)


def test_many_threads_leave_the_count_of_bytes_right() -> None:
    cache = BoundedCache[int, bytes](500, len)

    def work(thread: int) -> None:
        for step in range(2_000):
            cache.put((thread * step) % 97, b"x" * (step % 40))
            cache.get(step % 97)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert cache.nbytes == sum(map(len, cache.matching(lambda key: True))) <= 500
