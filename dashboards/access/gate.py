"""Who may come in, and what every page is sent with.

The gate stands before everything that the server sends. It limits the number of sessions, refuses a session that a
link has chosen (its maker could look over a visitor's shoulder), and adds the headers that keep a browser from loading
or sending anything elsewhere. Gates with logins are built on it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import lru_cache
from secrets import token_urlsafe
from typing import Any

import panel as pn
from bokeh.server.auth_provider import AuthProvider
from bokeh.server.contexts import ApplicationContext
from bokeh.server.views.session_handler import SessionHandler
from jinja2 import Environment, PackageLoader
from markupsafe import Markup
from tornado.web import RequestHandler
from tornado.websocket import WebSocketHandler

from dashboards.access.hosts import SECURE
from dashboards.access.options import SESSIONS
from dashboards.access.turns import PageQueue
from dashboards.common.log import log_event
from dashboards.widgets.theme import make_piece

LOGIN_HOURS = 12.0
"""How long a login lasts."""

RETRY_AFTER = 10
"""Seconds after which a browser that found the dashboard full asks again."""

REMEMBERED_SECONDS = 900.0
"""Seconds for which an ended page is remembered: longer than its token holds."""

LOGIN, LOGOUT = "/login", "/logout"
ANYBODY, VISITOR_ATTRIBUTE = "anybody", "visitor"
_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:[0-9]{1,5})?")
_SESSION_ARGUMENTS = ("bokeh-session-id", "bokeh-token")

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
SCRIPTLESS_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""The policy of pages without scripts: login, logout and refusals."""


@dataclass(frozen=True)
class AccessRules:
    """Rules for all visitors: the most sessions at once, and the hosts and origins that may show it in a frame."""

    sessions: int = SESSIONS
    framed_by: tuple[str, ...] = ()


def make_content_security_policy(host: str, framed_by: tuple[str, ...] = ()) -> str:
    """The content security policy of the dashboard: everything from this host, and nothing to or from another.

    Bokeh and the components run scripts that stand in the page and that they put together (hence `unsafe-inline`,
    `unsafe-eval` and `blob:`); what the policy holds for certain is that nothing is fetched from or sent elsewhere.
    """
    here = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    frames = " ".join(name for name in framed_by if _HOST.fullmatch(name.removeprefix(f"{SECURE}://")))
    directives = (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        f"connect-src 'self' blob: data:{here}",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        f"frame-ancestors 'self' {frames}".rstrip(),
    )
    return "; ".join(directives)


@lru_cache(maxsize=1)
def load_page_templates() -> Environment:
    """Our own pages without scripts; every value in them is escaped."""
    return Environment(loader=PackageLoader("dashboards.access", "templates"), autoescape=True)


def send_page(handler: RequestHandler, template: str, status: int = 200, /, **values: object) -> None:
    """Send one of our own pages, which nobody may keep or frame. Only one with a `nonce` may run its script."""
    for header, value in HEADERS.items():
        handler.set_header(header, value)
    nonce = values.get("nonce")
    scripts = f"; script-src 'nonce-{nonce}'; connect-src 'self'" if nonce else ""
    handler.set_header("Content-Security-Policy", SCRIPTLESS_POLICY + scripts)
    handler.set_header("Cache-Control", "no-store")
    handler.set_header("Content-Type", "text/html; charset=utf-8")
    handler.set_status(status)
    handler.finish(load_page_templates().get_template(template).render(values))


def is_same_origin(handler: RequestHandler) -> bool:
    """False for a form that another site's page has sent."""
    origin = handler.request.headers.get("Origin", "")
    if origin in ("", "null"):
        return handler.request.headers.get("Sec-Fetch-Site", "same-origin") in ("same-origin", "none")
    return origin.split("//", 1)[-1].lower() == handler.request.host.lower()


class Gate(AuthProvider):
    """Lets everybody in, while there is room."""

    def __init__(self, house: AccessRules | None = None) -> None:
        self.house = house or AccessRules()
        self.turns = PageQueue()
        self._sessions_ended: dict[str, float] = {}
        super().__init__()

    @property
    def get_user_async(self) -> Callable[[Any], Awaitable[Any]]:
        return self._admit

    @property
    def login_url(self) -> str:
        return LOGIN

    async def find_visitor(self, handler: Any) -> str | None:
        """The visitor's name, or None for somebody who has to sign in."""
        return ANYBODY

    async def _admit(self, handler: Any) -> str | None:
        if isinstance(handler, WebSocketHandler):
            known = await self.find_visitor(handler)
            setattr(handler.request, VISITOR_ATTRIBUTE, known)
            return known
        for header, value in HEADERS.items():
            handler.set_header(header, value)
        handler.set_header(
            "Content-Security-Policy", make_content_security_policy(handler.request.host, self.house.framed_by)
        )
        if self._refuses(handler):
            return None
        known = await self.find_visitor(handler)
        if handler._finished:
            return None
        setattr(handler.request, VISITOR_ATTRIBUTE, known)
        return known

    def _refuses(self, handler: RequestHandler) -> bool:
        named = [name for name in _SESSION_ARGUMENTS if handler.get_argument(name, None) is not None]
        if named or "Bokeh-Session-Id" in handler.request.headers:
            advice = "It names a session. Sessions are not shared; ask for a link from the page Share."
            send_page(handler, "told.html", 400, title="This address cannot be used", words=advice)
            return True
        if isinstance(handler, SessionHandler) and self.is_full(handler.application_context):
            log_event("page-refused", because="full", open=self.house.sessions)
            handler.set_header("Retry-After", str(RETRY_AFTER))
            send_page(
                handler, "full.html", 503, sessions=self.house.sessions, again=RETRY_AFTER, nonce=token_urlsafe(16)
            )
            return True
        return False

    def is_full(self, context: ApplicationContext) -> bool:
        """Whether the most pages that there may be are open in browsers or being made."""
        return count_connected(context) + len(self.turns) >= self.house.sessions

    async def make_room(self, context: ApplicationContext) -> bool:
        """Make room for one more page by discarding pages that have lost their browser. False if it is full."""
        if self.is_full(context):
            return False
        spare = self.house.sessions - len(self.turns)
        lost = sorted(
            (session for session in context.sessions if not session.connection_count),
            key=lambda session: -session.milliseconds_since_last_unsubscribe,
        )
        for session in lost[: max(0, len(list(context.sessions)) + 1 - spare)]:
            await context._discard_session(session, lambda lost_session: lost_session.connection_count == 0)
        return not self.is_full(context)

    def end_session(self, session: str) -> None:
        """Remember that a page has ended, so that its token cannot open it again."""
        now = time.monotonic()
        self._sessions_ended = {ended: until for ended, until in self._sessions_ended.items() if until > now}
        self._sessions_ended[session] = now + REMEMBERED_SECONDS

    def has_ended(self, session: str) -> bool:
        """Whether a page has been open and has ended."""
        return session in self._sessions_ended


def count_connected(context: ApplicationContext) -> int:
    """How many pages are open in a browser."""
    return sum(session.connection_count > 0 for session in context.sessions)


def read_visitor_name(request: Any) -> str:
    """The name of the visitor who asked for a page, or "" where nobody signs in."""
    name = getattr(request, VISITOR_ATTRIBUTE, None)
    return "" if name in (None, ANYBODY) else str(name)


def make_signed_in_line(doc: Any) -> list[pn.pane.HTML]:
    """A line with the visitor's name and the way out; nothing where nobody signs in."""
    context = doc.session_context if doc is not None else None
    name = read_visitor_name(context.request) if context is not None else ""
    if not name:
        return []
    line = Markup("<p class='quiet' style='margin:0'>Signed in as {}. <a href='.{}'>Sign out</a></p>").format(
        name, LOGOUT
    )
    return [make_piece(line, margin=(6, 12, 0, 12))]
