"""Serving the dashboard: on this machine alone unless asked otherwise, and nothing from anywhere else."""

from __future__ import annotations

import gc
import secrets
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mesa  # noqa: F401  first: it looks through every module that is loaded, for each import that led to it
from panel.io.server import Server, get_server
from tornado.ioloop import IOLoop

from dashboards.access.connections import limit_connections
from dashboards.access.gate import AccessRules, Gate
from dashboards.access.hosts import Hosts
from dashboards.access.options import AccessOptions, list_framing_hosts, read_cookie_secret
from dashboards.access.routes import set_routes
from dashboards.analyses.job_queue import get_shared_queue
from dashboards.common import log
from dashboards.computing.worker import QUICK_FUTURES, get_shared_store
from dashboards.selection.selection import make_opening_selection
from dashboards.server.listening import LOOPBACK, explain_listen_error, find_browser_address
from dashboards.server.page import make_page
from simulator.common.errors import InputError

LARGEST_MESSAGE = 2_000_000
LARGEST_REQUEST = 1_000_000
IDLE_SECONDS, BODY_SECONDS = 20, 60
"""Seconds for the next request of a connection to come, with its headers; for what a form sends."""

MINUTE = 60_000
GARBAGE_THRESHOLD = 10_000
"""Objects made before Python collects young garbage: a page makes about 50,000."""


def warm_up() -> None:
    """Work out what every visitor sees first."""
    with log.log_job("first-answer"):
        for n in (QUICK_FUTURES, make_opening_selection().futures):
            get_shared_store().answer(make_opening_selection(), n)
        get_shared_queue()


def make_gate(auth: str, house: AccessRules) -> Gate:
    """The gate for an `--auth`. Raises ValueError and OSError for what cannot be used."""
    kind, _, file = auth.partition(":")
    if not auth:
        return Gate(house)
    if kind not in ("basic", "oauth") or not file:
        raise InputError(f"--auth is basic:FILE or oauth:FILE, not '{auth[:80]}'")
    if kind == "basic":
        from dashboards.access.password_file import PasswordFile
        from dashboards.access.password_login import LoginGate

        return LoginGate(PasswordFile(Path(file)), house)
    from dashboards.access.oauth_login import OAuthGate, read_oauth_settings

    return OAuthGate(read_oauth_settings(Path(file)), house)


def make_server_options(port: int, address: str, allowed: Sequence[str], guard: AccessOptions) -> dict[str, Any]:
    """How the server is set up. Cookies and headers stay out of the tokens that pages hold, where scripts can read."""
    return {
        "port": port,
        "address": address.strip("[]"),
        "title": "Ringfence",
        "verbose": False,
        "hosts": Hosts(address, port, allowed),
        "websocket_max_message_size": LARGEST_MESSAGE,
        "http_server_kwargs": {
            "max_body_size": LARGEST_REQUEST,
            "idle_connection_timeout": IDLE_SECONDS,
            "body_timeout": BODY_SECONDS,
        },
        "compress_response": address != LOOPBACK,
        "check_unused_sessions_milliseconds": 2_000,
        "unused_session_lifetime_milliseconds": 2 * MINUTE,
        "session_token_expiration": 300,
        "auth_provider": make_gate(guard.auth, AccessRules(guard.sessions, list_framing_hosts(allowed, guard))),
        "sign_sessions": True,
        "secret_key": secrets.token_bytes(48),
        "cookie_secret": read_cookie_secret(),
        "use_xheaders": guard.proxied,
        "include_cookies": [],
        "include_headers": ["Host"],
    }


def make_server(
    setup: dict[str, Any], make: Callable[[], Any] = make_page, show: bool = False, loop: IOLoop | None = None
) -> Server:
    """A server that listens and does not answer yet, with our routes alone. The only place where one is made.

    `setup` is what `options` gives. Raises OSError if it cannot listen there.
    """
    panel = {name: value for name, value in setup.items() if name not in ("hosts", "place")}
    panel_server = get_server({"/": make}, show=show, loop=loop, **panel)
    set_routes(panel_server, setup["hosts"], setup.get("place", (0, 1)))
    limit_connections(panel_server._http)
    return panel_server


@dataclass(frozen=True)
class ListeningServer:
    """A server that listens and is not running yet; `stop` is what Ctrl-C does once it runs."""

    server: Server
    where: str
    stop: Any


def listen(port: int, address: str, show: bool, allowed: Sequence[str], guard: AccessOptions) -> ListeningServer:
    """A server that listens. Raises ValueError and OSError, in words, for anything that cannot be used."""
    setup = make_server_options(port, address, allowed, guard)
    previous_handler = signal.getsignal(signal.SIGINT)
    try:
        panel_server = make_server(setup, make_page, show)
    except OSError as error:
        raise InputError(explain_listen_error(error, port, address)) from error
    stop = signal.signal(signal.SIGINT, previous_handler)  # Panel's waits for a loop that does not run yet
    return ListeningServer(panel_server, find_browser_address(address, port), stop)


def prepare() -> None:
    """Work out what every visitor sees first, and keep it out of the way of the garbage collector."""
    warm_up()
    gc.collect()
    gc.freeze()  # what is there now stays: looking through it again would cost every page that is opened
    gc.set_threshold(GARBAGE_THRESHOLD)


def run(ready: ListeningServer, say: Callable[[str], None]) -> None:
    """Serve until stopped. `say` is called with the address once the server answers."""
    log.start_log()
    say("Working out the first answer…")
    prepare()
    signal.signal(signal.SIGINT, ready.stop)
    ready.server.start()
    ready.server.io_loop.add_callback(say, f"The dashboard is at {ready.where} (stop with Ctrl-C)")
    log.log_event("server-started")
    try:
        ready.server.io_loop.start()
    finally:
        log.log_event("server-stopped")


def serve(
    port: int,
    address: str,
    show: bool,
    allowed: Sequence[str],
    say: Callable[[str], None],
    guard: AccessOptions | None = None,
) -> None:
    """Listen, and serve until stopped. Raises as `listen` does, before anything is said."""
    run(listen(port, address, show, allowed, guard or AccessOptions()), say)
