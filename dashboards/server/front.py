"""A load balancer with sticky sessions: it hands each connection to one of several server processes, and starts a
process again that has ended.

A page has two connections, and a browser that comes back opens a third: all of them must reach the process that holds
the page. They carry the page's token, which chooses the process: the one that sent the first page, and made the token
so. While a process is started again, others send first pages, so nobody is led to one that is not there. Anything else
goes to each in turn, one request at a time. What is sent is passed on as it is.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import re
import secrets
import subprocess
import sys
import threading
import webbrowser
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import TypeAlias

from dashboards.access.options import AccessOptions, check_hosts_and_secret, choose_by_token, read_cookie_secret
from dashboards.common import log
from dashboards.server.listening import find_browser_address, open_sockets
from simulator.common.errors import InputError
from simulator.common.event_log import Level

LARGEST_HEAD, HEAD_SECONDS, PIECE = 32_000, 20.0, 65_536
RESTART_SECONDS = 1.0
Listener: TypeAlias = Callable[
    [Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]], Awaitable[asyncio.Server]
]
_TOKEN = re.compile(rb"\r\nsec-websocket-protocol:[^\r\n]*\bbokeh,\s*([^\s,\r\n]+)", re.IGNORECASE)


@dataclass(frozen=True)
class ProcessSetup:
    """What a server process is told when it starts, as JSON. `port` is the one that browsers see."""

    number: int
    processes: int
    port: int
    address: str
    allowed: list[str]
    sessions: int
    proxied: bool
    embedded_in: list[str]
    secret_key: str
    cookie_secret: str
    log_level: str
    log_file: str


def choose_process(head: bytes, processes: int) -> int | None:
    """The process that the page of a connection is in; None for what belongs to no page."""
    token = _TOKEN.search(head)
    if token is None:
        return None
    return choose_by_token(token[1].decode("latin-1"), processes)


def ask_to_close(head: bytes) -> bytes:
    """The head of a request after which the connection ends, so that what comes next is handed on by itself."""
    lines = [line for line in head[:-4].split(b"\r\n") if not line.lower().startswith(b"connection:")]
    return b"\r\n".join([*lines, b"Connection: close", b"", b""])


class ServerProcess:
    """One server process, which is started again when it ends."""

    def __init__(self, setup: ProcessSetup) -> None:
        self.setup = setup
        self.child: asyncio.subprocess.Process | None = None
        self.port = 0

    async def start(self) -> None:
        """Start it, and wait until it listens. Raises ConnectionError if it ends before."""
        self.port = 0
        self.child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "dashboards.server.served_process",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self.child.stdin is not None and self.child.stdout is not None
        self.child.stdin.write(json.dumps(asdict(self.setup)).encode() + b"\n")
        await self.child.stdin.drain()
        told = await self.child.stdout.readline()
        if not told.strip().isdigit():
            raise ConnectionError("a server process ended before it listened")
        self.port = int(told)
        log.log_event("process-started", process=self.setup.number, pid=self.child.pid)

    async def keep(self) -> None:
        """Start it again whenever it ends."""
        while True:
            assert self.child is not None
            code = await self.child.wait()
            log.log_event("process-ended", Level.WARNING, process=self.setup.number, code=code)
            self.port = 0
            await asyncio.sleep(RESTART_SECONDS)
            with contextlib.suppress(ConnectionError):
                await self.start()

    def stop(self) -> None:
        """End it."""
        if self.child is not None and self.child.returncode is None:
            self.child.terminate()


class Front:
    """Listens where browsers come, and passes every connection on to one of the processes."""

    def __init__(self, setup: ProcessSetup, processes: int) -> None:
        self.processes = [ServerProcess(replace(setup, number=at + 1)) for at in range(processes)]
        self._turn = itertools.cycle(range(processes))

    async def serve(self, listeners: Sequence[Listener], say_ready: Callable[[], object]) -> None:
        """Serve until cancelled. Each of `listeners` starts a server that calls what it is given."""
        servers = list[asyncio.Server]()
        try:
            await asyncio.gather(*(process.start() for process in self.processes))
            for start in listeners:
                servers.append(await start(self._pass_on))
            say_ready()
            await asyncio.gather(*(process.keep() for process in self.processes))
        finally:  # without waiting for pages that are open: from Python 3.12, `serve_forever` would
            for server in servers:
                server.close()
            for process in self.processes:
                process.stop()

    def _find(self, head: bytes) -> ServerProcess | None:
        """The process for a connection; None where it is the one of its page, and is just being started again."""
        at = choose_process(head, len(self.processes))
        if at is not None:
            return self.processes[at] if self.processes[at].port else None
        for _ in self.processes:
            process = self.processes[next(self._turn)]
            if process.port:
                return process
        return None

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there: asyncio.StreamWriter | None = None
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), HEAD_SECONDS)
            process = self._find(head)
            if process is None:
                writer.write(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                await writer.drain()
                return
            back, there = await asyncio.open_connection("127.0.0.1", process.port)
            there.write(head if choose_process(head, 1) == 0 else ask_to_close(head))
            await asyncio.gather(_copy(reader, there), _copy(back, writer))
        except (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError, asyncio.CancelledError):
            pass  # a browser that left, a process that ended, or the end of all: the browser asks again
        finally:
            for each in (writer, there):
                if each is not None:
                    each.close()


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    """Pass on bytes until there are no more."""
    try:
        while piece := await source.read(PIECE):
            target.write(piece)
            await target.drain()
    finally:
        target.close()


def serve_processes(
    processes: int,
    port: int,
    address: str,
    show: bool,
    allowed: Sequence[str],
    guard: AccessOptions,
    say: Callable[[str], None],
) -> None:
    """Serve with several processes behind one address until stopped. Raises ValueError for what cannot be used.

    A page stays in one process, which holds what was uploaded to it. A login would be known to one process alone, so
    there is none here.
    """
    if guard.auth:
        raise InputError("--auth does not go with --processes: a login is known to one process alone; leave one out")
    check_hosts_and_secret(port, address, allowed, guard)
    sockets = open_sockets(port, address)
    setup = ProcessSetup(
        number=0,
        processes=processes,
        port=sockets[0].getsockname()[1],
        address=address,
        allowed=list(allowed),
        sessions=-(-guard.sessions // processes),
        proxied=guard.proxied,
        embedded_in=list(guard.embedded_in),
        secret_key=secrets.token_bytes(48).hex(),
        cookie_secret=read_cookie_secret(),
        **log.describe_log(),
    )
    log.start_log()
    say(f"Working out the first answer in {processes} processes…")
    where = find_browser_address(address, setup.port)
    front = Front(setup, processes)
    listeners = [partial(asyncio.start_server, sock=each, limit=LARGEST_HEAD) for each in sockets]

    def say_ready() -> None:
        say(f"The dashboard is at {where} (stop with Ctrl-C)")
        if show:
            threading.Thread(target=webbrowser.open, args=(where,), daemon=True).start()  # a browser may take its time

    try:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(front.serve(listeners, say_ready))
    finally:
        for each in sockets:
            each.close()
