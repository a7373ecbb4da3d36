"""Makes pages one at a time, in order of arrival, and only for visitors who are still there."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from weakref import WeakKeyDictionary

from bokeh.document import Document

PATIENCE = 30.0
"""Seconds after which a page that is not whole yet no longer keeps others waiting."""

_UNFINISHED: WeakKeyDictionary[Document, asyncio.Event] = WeakKeyDictionary()


def mark_unfinished(doc: Document) -> None:
    """Note that a page is not finished yet, so that the next one waits."""
    _UNFINISHED[doc] = asyncio.Event()


def mark_finished(doc: Document | None) -> None:
    """Note that a page is finished, or never will be."""
    event = _UNFINISHED.pop(doc, None) if doc is not None else None
    if event is not None:
        event.set()


async def wait_until_finished(doc: Document) -> None:
    """Wait until a page is finished, though not for ever."""
    event = _UNFINISHED.get(doc)
    if event is not None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(event.wait(), PATIENCE)


class PageQueue:
    """Has pages made one after another."""

    def __init__(self) -> None:
        self._one_at_a_time = asyncio.Lock()  # wakes those who wait in the order in which they came
        self._coming: dict[str, asyncio.Future[bool]] = {}

    def __len__(self) -> int:
        """The number of pages that are waited for."""
        return sum(not coming.done() for coming in self._coming.values())

    def get_waiting(self, session: str) -> asyncio.Future[bool] | None:
        """The future that ends when the page of a session is there, if somebody is already waiting for it."""
        return self._coming.get(session)

    async def take(
        self,
        session: str,
        there: Callable[[], bool],
        make: Callable[[], Awaitable[Document]],
        enter: Callable[[], Awaitable[None]],
    ) -> None:
        """Make the page of a session when it is its turn, unless its visitor has gone by then.

        `enter` lets the visitor in. The turn ends when the page is whole, which may be some time later. Raises what
        these raise.
        """
        coming = self._coming[session] = asyncio.get_running_loop().create_future()
        try:
            async with self._one_at_a_time:
                if not there():
                    return
                doc = await make()
                coming.set_result(True)
                await enter()
                await wait_until_finished(doc)
        finally:
            if not coming.done():
                coming.set_result(False)
            del self._coming[session]
