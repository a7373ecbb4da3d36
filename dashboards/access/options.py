"""Who may use a server, as it is started: read without Panel, whose import takes seconds."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from dashboards.access.hosts import Hosts, read_embedder
from simulator.common.errors import InputError

SESSIONS = 100
SECRET_VARIABLE = "RINGFENCE_COOKIE_SECRET"
SHORTEST_SECRET = 32


@dataclass(frozen=True)
class AccessOptions:
    """Who may use the dashboard: `auth` is "", "basic:FILE" or "oauth:FILE"; at most so many sessions at once.

    `proxied`: believe the X-Forwarded headers, because only a proxy of ours can reach this server. Pages of the origins
    `embedded_in` may show it in a frame.
    """

    auth: str = ""
    sessions: int = SESSIONS
    proxied: bool = False
    embedded_in: tuple[str, ...] = ()


def list_framing_hosts(allowed: Sequence[str], guard: AccessOptions) -> tuple[str, ...]:
    """The hosts and origins whose pages may show the dashboard in a frame. Raises ValueError for one that is none."""
    return (*allowed, *(read_embedder(origin) for origin in guard.embedded_in))


def read_cookie_secret() -> str:
    """The secret that signs cookies: the environment's, so that logins survive a restart, or else a new one."""
    secret = os.environ.get(SECRET_VARIABLE, "")
    if secret and len(secret) < SHORTEST_SECRET:
        raise InputError(f"{SECRET_VARIABLE} has fewer than {SHORTEST_SECRET} letters; take a long random text")
    return secret or secrets.token_urlsafe(48)


def check_hosts_and_secret(port: int, address: str, allowed: Sequence[str], guard: AccessOptions) -> None:
    """Raise ValueError, in words, for names of hosts or a secret that cannot be used."""
    Hosts(address, port, allowed)
    list_framing_hosts(allowed, guard)
    read_cookie_secret()


def choose_by_token(token: str, processes: int) -> int:
    """The number, from nought, of the process that holds the page of a token."""
    return int.from_bytes(hashlib.sha256(token.encode()).digest()[:8], "big") % processes
