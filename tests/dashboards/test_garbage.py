"""Pages die when they are closed: visitors come and go over the real protocol, and nothing of them stays."""

from __future__ import annotations

import asyncio
import gc
import importlib.util
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

pytest.importorskip("panel_material_ui", reason="the dashboard is not installed: pip install -e '.[dashboard]'")

import panel as pn

from dashboards.app import Explorer, page
from dashboards.links import TABS
from dashboards.serving import options, warm
from dashboards.session import Session
from dashboards.views.tab import Tab

pytestmark = [pytest.mark.dashboards, pytest.mark.filterwarnings("default")]
VISITOR = Path(__file__).parents[2] / "scripts" / "bench_visitor.py"


@pytest.fixture(scope="module")
def visiting() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bench_visitor", VISITOR)
    assert spec is not None and spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


@pytest.fixture(scope="module", autouse=True)
def unlogged() -> Iterator[None]:
    """Captured log records would keep the pages they speak of."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A server in a thread of this process, which drops closed pages at once."""
    warm()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started, box = threading.Event(), dict[str, Any]()

    def serve() -> None:
        from dashboards.serving import Guard

        asyncio.set_event_loop(asyncio.new_event_loop())
        setup = options(port, "127.0.0.1", [], Guard())
        setup |= {"check_unused_sessions_milliseconds": 200, "unused_session_lifetime_milliseconds": 10_000}
        server = pn.serve({"/": page}, show=False, start=False, **setup)
        box["loop"] = server.io_loop
        server.start()
        server.io_loop.add_callback(started.set)
        server.io_loop.start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    assert started.wait(60)
    yield f"http://localhost:{port}/"
    box["loop"].add_callback(box["loop"].stop)
    thread.join(10)


def alive() -> dict[str, int]:
    gc.collect()
    found = gc.get_objects()
    kinds: tuple[tuple[str, Callable[[object], bool]], ...] = (
        ("pages", lambda one: type(one) is Explorer), ("sessions", lambda one: type(one) is Session),
        ("tabs", lambda one: isinstance(one, Tab)),
    )  # fmt: skip
    return {name: sum(map(test, found)) for name, test in kinds}


def test_nothing_of_closed_pages_stays(address: str, visiting: ModuleType) -> None:
    visiting.PAUSE = 0.2
    before = alive()
    places = [f"{address}?v=1&B=ringfence&C=leadership&tab={tab}" for tab in TABS]
    with ThreadPoolExecutor(1) as apart:  # a browser of other tests may hold this thread's event loop
        _, failed = apart.submit(visiting.crowd, places, len(places), 0).result()
        times, failed_moves = apart.submit(visiting.crowd, [places[TABS.index("build")]], 2, 1).result()
    assert failed == failed_moves == 0
    assert len(times) == 2
    until = time.monotonic() + 60
    while any(n > before[name] for name, n in alive().items()) and time.monotonic() < until:
        time.sleep(1)
    left = alive()
    assert {name: left[name] - before[name] for name in left} == dict.fromkeys(left, 0)
