"""A server in a thread of this process, and visitors who speak its protocol without a browser."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType

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


class ServerHere:
    """A server in a thread, on a port of its own unless one is given; drops closed pages at once, or as late as any."""

    def __init__(self, guard: AccessOptions | None = None, port: int = 0, drop_closed_pages: bool = True) -> None:
        warm_up()
        if not port:
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                port = free.getsockname()[1]
        self.port, self.home, started = port, f"http://localhost:{port}/", threading.Event()

        def serve() -> None:
            asyncio.set_event_loop(asyncio.new_event_loop())
            setup = make_server_options(port, "127.0.0.1", [], guard or AccessOptions())
            if drop_closed_pages:
                setup |= {"check_unused_sessions_milliseconds": 200, "unused_session_lifetime_milliseconds": 10_000}
            self._server = make_server(setup)
            self._loop = self._server.io_loop
            self._server.start()
            self._loop.add_callback(started.set)
            self._loop.start()

        self._thread = threading.Thread(target=serve, daemon=True)
        self._thread.start()
        assert started.wait(60)

    def __enter__(self) -> ServerHere:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def stop(self) -> None:
        """It answers no more, and its connections hang."""
        self._loop.add_callback(self._loop.stop)
        self._thread.join(10)

    def kill(self) -> None:
        """It is gone from one moment to the next, and its connections end without a word, as those of a process that is
        killed.
        """
        self.stop()
        assert not self._thread.is_alive()
        self._server._http.stop()  # listens no more
        for handle in self._loop.handlers:  # type: ignore[attr-defined]
            with suppress(OSError), socket.socket(fileno=os.dup(handle)) as connection:
                connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def served_here(guard: AccessOptions | None = None, port: int = 0, drop_closed_pages: bool = True) -> Iterator[str]:
    """The address of a `ServerHere`."""
    server = ServerHere(guard, port, drop_closed_pages)
    yield server.home
    server.stop()
