"""What changes after a browser has asked for the page, and before it has drawn it, reaches the browser."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

pytest.importorskip("panel", reason="the dashboard is not installed")

from visits import served_here, visitors

from dashboards.server import page

pytestmark = [pytest.mark.dashboards, pytest.mark.filterwarnings("default")]
LATE = 1500


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server that fills pages long after they have been asked for."""
    monkeypatch.setattr(page, "FILL_DELAY", LATE)
    with served_here() as server:
        yield server


async def pulled(visit: Any) -> tuple[int, int]:
    """How many models a page has when it is asked for, and once it was filled. It is never said to be drawn."""
    visit.drawn = False
    await visit.open()
    first = visit.models
    while not visit.sources:
        visit.learn(await visit.hear("PATCH-DOC"))
    visit.socket.close()
    return first, visit.models


def test_a_page_that_was_asked_for_before_it_was_filled_is_filled(address: str) -> None:
    module = visitors()
    module.PATIENCE = 20.0
    visit = module.Visitor(f"{address}?v=1&B=ringfence&tab=build", 0)
    with ThreadPoolExecutor(1) as apart:  # a browser of other tests may hold this thread's event loop
        first, filled = apart.submit(lambda: asyncio.run(pulled(visit))).result()
    assert first < 30 < filled
