"""Where a server listens: whether it can, why not, and the address to open. It needs no Panel."""

from __future__ import annotations

import errno
from typing import Any
from urllib.parse import urlunsplit

from tornado.netutil import bind_sockets

from dashboards.access.hosts import bracket_address
from simulator.common.errors import InputError

LOOPBACK = "127.0.0.1"


def open_sockets(port: int, address: str) -> list[Any]:
    """Sockets that listen there. Raises ValueError, in words, if that cannot be."""
    try:
        return bind_sockets(port, address.strip("[]"))
    except OSError as error:
        raise InputError(explain_listen_error(error, port, address)) from error


def check_can_listen(port: int, address: str) -> None:
    """Raise ValueError, in words, if no server can listen there."""
    for each in open_sockets(port, address):
        each.close()


def explain_listen_error(error: OSError, port: int, address: str) -> str:
    """Why a server cannot listen, and what to do."""
    if type(error).__name__ == "gaierror" or error.errno == errno.EADDRNOTAVAIL:
        return f"--address {address[:80]} is no address of this computer; leave it out to serve to this computer alone"
    if error.errno == errno.EADDRINUSE or getattr(error, "winerror", 0) in (10013, 10048):
        return f"port {port} is taken by another program; choose another: ringfence serve --port {find_free_port(port)}"
    if error.errno == errno.EACCES:
        return f"port {port} may not be used by you; choose one above 1023: ringfence serve --port 5006"
    reason = error.strerror or "no reason given"
    return f"it cannot listen at {bracket_address(address)}:{port} ({reason}); try another --port"


def find_free_port(port: int) -> int:
    """A free port near one that is taken."""
    for near in range(port + 1, min(port + 50, 65536)):
        if is_free(LOOPBACK, near):
            return near
    return 5006 if port != 5006 else 5007


def find_browser_address(address: str, port: int) -> str:
    """The address to open on this computer."""
    name = address.strip("[]")
    if name in ("", "0.0.0.0", "::"):
        name = "localhost"
    elif name == LOOPBACK and is_free("::1", port):
        name = "localhost"  # which may lead to ::1 first, where another program could be
    return urlunsplit(("http", f"{bracket_address(name)}:{port}", "/", "", ""))


def is_free(address: str, port: int) -> bool:
    """Whether no program listens there; also where this computer has no such address."""
    try:
        sockets = bind_sockets(port, address)
    except OSError as error:
        return error.errno != errno.EADDRINUSE
    for each in sockets:
        each.close()
    return True
