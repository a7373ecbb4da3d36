"""One test over many items: it names every item that fails, and costs what one test costs.

A parameter of pytest makes a test of each item, which every worker collects and reports: more than a check of the
sources takes itself. What is worth a line of its own in a report is worth a parameter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import product
from typing import Any


def for_each(*axes: Iterable[object]) -> Callable[[Callable[..., None]], Callable[[], None]]:
    """Turn a check of an item, or of one of each of several axes, into a test of all of them."""
    items = list(product(*axes))

    def make_test(check: Callable[..., None]) -> Callable[[], None]:
        def test() -> None:
            failures = [failure for item in items if (failure := _find_failure(check, item))]
            assert items, "there is nothing to check"
            assert not failures, f"{len(failures)} of {len(items)} fail\n" + "\n".join(failures)

        test.__name__, test.__qualname__, test.__doc__ = check.__name__, check.__qualname__, check.__doc__
        test.__module__ = check.__module__
        return test

    return make_test


def _find_failure(check: Callable[..., None], item: tuple[Any, ...]) -> str:
    """What an item fails with, after its name; empty if it passes."""
    try:
        check(*item)
    except AssertionError as error:
        return f"{', '.join(map(repr, item))}: {error}"
    except Exception as error:
        error.add_note(f"at {', '.join(map(repr, item))}")
        raise
    return ""
