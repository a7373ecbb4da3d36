"""A cache in memory that threads share, limited in bytes; the least recently used values are dropped first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class BoundedCache(Generic[K, V]):
    """A mapping of at most `room` bytes. The newest value always stays, even if it is larger than that."""

    def __init__(self, room: int, size_of: Callable[[V], int]) -> None:
        self._room = room
        self._size_of = size_of
        self._values: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._nbytes = 0
        self._lock = threading.Lock()

    def get(self, key: K) -> V | None:
        """The value under a key, which is now the most recently used; None if it is not there."""
        with self._lock:
            if key not in self._values:
                return None
            self._values.move_to_end(key)
            return self._values[key][0]

    def put(self, key: K, value: V) -> None:
        """Store a value under a key, and drop the least recently used values to make room."""
        size = self._size_of(value)
        with self._lock:
            self._nbytes += size - self._values.pop(key, (value, 0))[1]
            self._values[key] = (value, size)
            while self._nbytes > self._room and len(self._values) > 1:
                self._nbytes -= self._values.popitem(last=False)[1][1]

    def matching(self, wanted: Callable[[K], bool]) -> list[V]:
        """The values of all keys for which `wanted` is true, the least recently used first."""
        with self._lock:
            return [value for key, (value, _) in self._values.items() if wanted(key)]

    def remove(self, wanted: Callable[[K], bool]) -> None:
        """Drop the values of all keys for which `wanted` is true."""
        with self._lock:
            for key in [key for key in self._values if wanted(key)]:
                self._nbytes -= self._values.pop(key)[1]

    def __len__(self) -> int:
        with self._lock:
            return len(self._values)

    @property
    def nbytes(self) -> int:
        """The total size of all values in bytes."""
        return self._nbytes
