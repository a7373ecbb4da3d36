"""The names of this server. Requests for any other name are refused: pages, files and websockets alike.

Another site's page can make its own name lead to this computer (DNS rebinding); the browser then takes what is served
here for that site's. It still sends the name that it was asked for.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tornado.httputil import HTTPServerRequest
from tornado.routing import Matcher

from simulator.common.errors import InputError

DEFAULT_PORTS = (80, 443)
"""Ports that browsers leave out."""

SECURE = "https"
LOCAL = ("localhost", "127.0.0.1", "::1")
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_PORT = re.compile(r"[0-9]{1,5}")


@dataclass(frozen=True)
class Host:
    """A name or an address, and a port; `port` is 0 for those that browsers leave out."""

    name: str
    port: int = 0


def read_host(text: str) -> Host | None:
    """The host that a Host header or an `--allow` names; None if it is not a host."""
    if text.startswith("["):
        name, closed, port = text[1:].partition("]")
        if not closed or not _is_address(name, 6) or (port and not port.startswith(":")):
            return None
        name, port = str(ipaddress.IPv6Address(name)), port[1:] if port else "0"
    else:
        name, colon, port = text.lower().partition(":")
        port = port if colon else "0"
        labels = name.removesuffix(".").split(".")
        if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
            return None
        if labels[-1].isdigit() and not _is_address(name, 4):
            return None
        name = name.removesuffix(".")
    if not _PORT.fullmatch(port) or int(port) > 65535:
        return None
    return Host(name, 0 if int(port) in DEFAULT_PORTS else int(port))


def _is_address(text: str, version: int) -> bool:
    try:
        return "%" not in text and ipaddress.ip_address(text).version == version
    except ValueError:
        return False


def bracket_address(address: str) -> str:
    """An address as it stands before a port: one of version 6 in brackets."""
    return f"[{address}]" if ":" in address and not address.startswith("[") else address


def read_allowed(text: str) -> Host:
    """The host that an `--allow` names. Raises ValueError, which says how to write it."""
    host = read_host(text)
    if host is not None:
        return host
    hint = ""
    try:
        inside = urlsplit(text if "//" in text else f"//{text}").netloc.rpartition("@")[2]
    except ValueError:
        inside = ""
    if inside and inside != text and read_host(inside) is not None:
        hint = f"; write --allow {inside}"
    elif "*" in text:
        hint = "; name each host, for a star would let in every page there is"
    elif _is_address(text, 6):
        hint = f"; write --allow [{text}]"
    raise InputError(
        f"--allow '{text[:80]}' is no host as browsers name it, such as ringfence.example.org or "
        f"intranet.example:8443{hint}"
    )


def read_embedder(text: str) -> str:
    """The origin that an `--embed-from` names, with its scheme. Raises ValueError, which says how to write it."""
    scheme, separator, rest = text.partition("://")
    host = rest.rstrip("/")
    if scheme != SECURE or not separator or read_host(host) is None:
        raise InputError(
            f"--embed-from '{text[:80]}' is no address of a web site; write its name as browsers show it, with "
            f"{SECURE}:// before it, and without pages or stars"
        )
    return f"{SECURE}://{host}"


class Hosts:
    """All names of one server."""

    def __init__(self, address: str, port: int, allowed: Iterable[str] = ()) -> None:
        bare = address.strip("[]").lower()
        names = [bare]
        if bare in LOCAL or _is_loopback(bare):
            names = [*LOCAL, bare]
        elif _is_every_address(bare):
            names = [*LOCAL]
        hosts = [read_host(f"{bracket_address(name)}:{port}") for name in names]
        self.known = frozenset(host for host in (*hosts, *map(read_allowed, allowed)) if host is not None)

    def includes(self, text: str) -> bool:
        """Whether a Host header names this server."""
        return read_host(text) in self.known

    def allows_origin(self, origin: str) -> bool:
        """Whether pages of an origin may open a websocket."""
        scheme, _, host = origin.partition("://")
        return scheme.lower() in ("http", "https") and self.includes(host)


def _is_loopback(address: str) -> bool:
    return (_is_address(address, 4) or _is_address(address, 6)) and ipaddress.ip_address(address).is_loopback


def _is_every_address(address: str) -> bool:
    """Whether a server there listens on every address of its computer."""
    return not address or (
        (_is_address(address, 4) or _is_address(address, 6)) and ipaddress.ip_address(address).is_unspecified
    )


class OtherHost(Matcher):
    """Finds requests for a server of another name, and those that name none or several."""

    def __init__(self, hosts: Hosts) -> None:
        self.hosts = hosts

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        named = request.headers.get_list("Host")
        return None if len(named) == 1 and self.hosts.includes(named[0]) else {}
