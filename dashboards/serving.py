"""Serving the dashboard: on this machine alone unless asked otherwise, and nothing from anywhere else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from urllib.parse import urlunsplit

import panel as pn

from dashboards.app import page
from dashboards.choice import opening
from dashboards.working import QUICK, shared_store

LOOPBACK = "127.0.0.1"
MESSAGE = 2_000_000
MINUTE = 60_000


def warm() -> None:
    """Work out what every visitor sees first."""
    for n in (QUICK, opening().futures):
        shared_store().answer(opening(), n)


def origins(address: str, port: int, allowed: Sequence[str] = ()) -> list[str]:
    """The hosts whose pages may talk to this server."""
    names = ["localhost", LOOPBACK] if address == LOOPBACK else [address]
    return list(dict.fromkeys([*(f"{name}:{port}" for name in names), *allowed]))


def serve(port: int, address: str, show: bool, allowed: Sequence[str], say: Callable[[str], None]) -> None:
    """Serve until stopped. `say` is told where."""
    say("Working out the first answer…")
    warm()
    where = urlunsplit(("http", f"{'localhost' if address == LOOPBACK else address}:{port}", "/", "", ""))
    say(f"The dashboard is at {where} (stop with Ctrl-C)")
    pn.serve(
        {"/": page}, port=port, address=address, show=show, title="Ringfence", verbose=False,
        websocket_origin=origins(address, port, allowed), compress_response=True, websocket_max_message_size=MESSAGE,
        check_unused_sessions_milliseconds=MINUTE // 4, unused_session_lifetime_milliseconds=5 * MINUTE,
        session_token_expiration=300,
    )  # fmt: skip
