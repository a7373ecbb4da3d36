"""Pages die when they are closed: visitors come and go over the real protocol, and nothing of them stays."""

from __future__ import annotations

import gc
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType

import pytest

pytest.importorskip("panel", reason="the dashboard is not installed: pip install -e '.[dashboard]'")

from visits import served_here, visitors

from dashboards.computing.session import Session
from dashboards.selection.permalink import TABS
from dashboards.server.page import Dashboard
from dashboards.tabs.tab import Tab

pytestmark = [pytest.mark.dashboards, pytest.mark.filterwarnings("default")]


@pytest.fixture(scope="module")
def visiting() -> ModuleType:
    return visitors()


@pytest.fixture(scope="module", autouse=True)
def unlogged() -> Iterator[None]:
    """Captured log records would keep the pages they speak of."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served_here() as server:
        yield server


def alive() -> dict[str, int]:
    gc.collect()
    kinds = Counter(map(type, gc.get_objects()))  # millions of objects are of a few thousand types
    tests: tuple[tuple[str, Callable[[type], bool]], ...] = (
        ("pages", lambda kind: kind is Dashboard),
        ("sessions", lambda kind: kind is Session),
        ("tabs", lambda kind: issubclass(kind, Tab)),
    )
    return {name: sum(n for kind, n in kinds.items() if test(kind)) for name, test in tests}


def test_nothing_of_closed_pages_stays(address: str, visiting: ModuleType) -> None:
    visiting.PAUSE = visiting.ARRIVE = 0.2
    before = alive()
    places = [f"{address}?v=1&B=ringfence&C=leadership&tab={tab}" for tab in TABS]
    with ThreadPoolExecutor(1) as apart:  # a browser of other tests may hold this thread's event loop
        _, failed = apart.submit(visiting.crowd, places, len(places), 0).result()
        visits, failed_moves = apart.submit(visiting.crowd, [places[TABS.index("build")]], 2, 1).result()
    assert failed == failed_moves == 0
    assert len(visits) == 2 and all(visit.moves for visit in visits)
    until = time.monotonic() + 60
    left = alive()
    while any(n > before[name] for name, n in left.items()) and time.monotonic() < until:
        time.sleep(3)  # the server drops a page after ten seconds, and looking through all that lives takes one
        left = alive()
    assert {name: left[name] - before[name] for name in left} == dict.fromkeys(left, 0)
