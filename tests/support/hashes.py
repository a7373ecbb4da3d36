"""Hashes of passwords that take no time: for what depends on who comes in, and not on how long a guess takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from dashboards.access import password_file

CHEAPEST = 10
_OWN = password_file.hash_password.__defaults__


@contextmanager
def cheap_hashes() -> Iterator[None]:
    """Whatever is hashed meanwhile, that of nobody too, takes a thirtieth of its time."""
    with _costing((CHEAPEST,)):
        yield


@contextmanager
def dear_hashes() -> Iterator[None]:
    """Within `cheap_hashes`: the cost is the one that is meant for people."""
    with _costing(_OWN):
        yield


@contextmanager
def _costing(defaults: tuple[object, ...] | None) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(password_file.hash_password, "__defaults__", defaults)
        password_file._make_hash_of_nobody.cache_clear()
        yield
    password_file._make_hash_of_nobody.cache_clear()
