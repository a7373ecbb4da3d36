"""A server in a thread of this process, and visitors who speak its protocol without a browser."""

from __future__ import annotations

import asyncio
import importlib.util
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from dashboards.access.options import AccessOptions
from dashboards.server.server import make_server, make_server_options, warm_up

VISITOR = Path(__file__).parents[2] / "scripts" / "bench_visitor.py"


def visitors() -> ModuleType:
    """The module of the bench that visits."""
    spec = importlib.util.spec_from_file_location("bench_visitor", VISITOR)
    assert spec is not None and spec.loader is not None
    new_module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)  # its dataclasses look for it there
    spec.loader.exec_module(new_module)
    return new_module


@contextmanager
def served_here(guard: AccessOptions | None = None, port: int = 0, drop_closed_pages: bool = True) -> Iterator[str]:
    """Its address, on a port of its own unless one is given. It drops closed pages at once, or as late as others do."""
    warm_up()
    if not port:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
    started, box = threading.Event(), dict[str, Any]()

    def serve() -> None:
        asyncio.set_event_loop(asyncio.new_event_loop())
        setup = make_server_options(port, "127.0.0.1", [], guard or AccessOptions())
        if drop_closed_pages:
            setup |= {"check_unused_sessions_milliseconds": 200, "unused_session_lifetime_milliseconds": 10_000}
        server = make_server(setup)
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
