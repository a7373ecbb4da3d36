"""Serving the dashboard: on this machine alone unless asked otherwise, and nothing from anywhere else."""

from __future__ import annotations

import gc
import os
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlunsplit

from panel.io.server import Server, get_server
from tornado.ioloop import IOLoop

from dashboards import log
from dashboards.app import page
from dashboards.choice import opening
from dashboards.gate.auth import SESSIONS, Gate, House
from dashboards.gate.connections import bound
from dashboards.gate.routes import set_routes
from dashboards.questions.asking import shared_asker
from dashboards.working import QUICK, shared_store

LOOPBACK = "127.0.0.1"
MESSAGE = 2_000_000
REQUEST = 1_000_000
IDLE, BODY = 20, 60
"""Seconds for the next request of a connection to come, with its headers; for what a form sends."""

MINUTE = 60_000
SECRET = "RINGFENCE_COOKIE_SECRET"
SHORTEST_SECRET = 32
GARBAGE = 10_000
"""Things made until Python looks for garbage among the young: a page makes some 50,000."""


@dataclass(frozen=True)
class Guard:
    """Who may use the dashboard: `auth` is "", "basic:FILE" or "oauth:FILE"; at most so many sessions at once.

    `proxied`: believe the X-Forwarded headers, because only a proxy of ours can reach this server.
    """

    auth: str = ""
    sessions: int = SESSIONS
    proxied: bool = False


def warm() -> None:
    """Work out what every visitor sees first."""
    for n in (QUICK, opening().futures):
        shared_store().answer(opening(), n)
    shared_asker()


def origins(address: str, port: int, allowed: Sequence[str] = ()) -> list[str]:
    """The hosts whose pages may talk to this server."""
    names = ["localhost", LOOPBACK] if address == LOOPBACK else [address]
    return list(dict.fromkeys([*(f"{name}:{port}" for name in names), *allowed]))


def gate(auth: str, house: House) -> Gate:
    """The gate for an `--auth`. Raises ValueError and OSError for what cannot be used."""
    kind, _, file = auth.partition(":")
    if not auth:
        return Gate(house)
    if kind not in ("basic", "oauth") or not file:
        raise ValueError(f"--auth is basic:FILE or oauth:FILE, not '{auth[:80]}'")
    if kind == "basic":
        from dashboards.gate.auth_file import People
        from dashboards.gate.auth_login import LoginGate

        return LoginGate(People(Path(file)), house)
    from dashboards.gate.auth_oauth import OAuthGate, read_oauth

    return OAuthGate(read_oauth(Path(file)), house)


def cookie_secret() -> str:
    """What cookies are signed with: the environment's, so that logins outlive a restart, or a new one every time."""
    given = os.environ.get(SECRET, "")
    if given and len(given) < SHORTEST_SECRET:
        raise ValueError(f"{SECRET} has fewer than {SHORTEST_SECRET} letters; take a long random text")
    return given or secrets.token_urlsafe(48)


def options(port: int, address: str, allowed: Sequence[str], guard: Guard) -> dict[str, Any]:
    """How the server is set up. Cookies and headers stay out of the tokens that pages hold, where scripts can read."""
    return {
        "port": port, "address": address, "title": "Ringfence", "verbose": False,
        "websocket_origin": origins(address, port, allowed), "websocket_max_message_size": MESSAGE,
        "http_server_kwargs": {"max_body_size": REQUEST, "idle_connection_timeout": IDLE, "body_timeout": BODY},
        "compress_response": address != LOOPBACK,
        "check_unused_sessions_milliseconds": 2_000, "unused_session_lifetime_milliseconds": 2 * MINUTE,
        "session_token_expiration": 300, "auth_provider": gate(guard.auth, House(guard.sessions, tuple(allowed))),
        "sign_sessions": True, "secret_key": secrets.token_bytes(48),
        "cookie_secret": cookie_secret(), "use_xheaders": guard.proxied,
        "include_cookies": [], "include_headers": ["Host"],
    }  # fmt: skip


def server(
    setup: dict[str, Any], what: Callable[[], Any] = page, show: bool = False, loop: IOLoop | None = None
) -> Server:
    """A server that listens and does not answer yet, with our routes alone. The only place where one is made."""
    made = get_server({"/": what}, show=show, loop=loop, **setup)
    set_routes(made)
    bound(made._http)
    return made


def serve(
    port: int, address: str, show: bool, allowed: Sequence[str], say: Callable[[str], None], guard: Guard | None = None
) -> None:
    """Serve until stopped. `say` is told where. Raises ValueError and OSError for a guard that cannot be used."""
    log.begin()
    setup = options(port, address, allowed, guard or Guard())
    say("Working out the first answer…")
    warm()
    gc.collect()
    gc.freeze()  # what is there now stays: looking through it again would cost every page that is opened
    gc.set_threshold(GARBAGE)
    where = urlunsplit(("http", f"{'localhost' if address == LOOPBACK else address}:{port}", "/", "", ""))
    made = server(setup, page, show)
    say(f"The dashboard is at {where} (stop with Ctrl-C)")
    made.start()
    made.io_loop.start()
