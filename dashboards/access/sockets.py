"""Opens pages: anybody gets a small first page, and a browser that connects gets the rest.

An open page costs about ten megabytes and a second of work, and anybody can request an address, often and without a
browser. So the first response is the same few kilobytes for everybody. The expensive part is made when a websocket
connects with the token of that page, counts while it is connected, and is discarded soon afterwards.
"""

from __future__ import annotations

import asyncio
import copy
import time
from functools import partial
from typing import Any

from bokeh.document import Document
from bokeh.server.views.ws import WSHandler
from bokeh.util.token import (
    check_token_signature,
    generate_jwt_token,
    generate_session_id,
    get_session_id,
    get_token_payload,
)
from panel.io.resources import patch_model_css
from tornado.httputil import HTTPServerRequest

from dashboards.access.gate import Gate, count_connected
from dashboards.access.options import choose_by_token
from dashboards.access.turns import wait_until_finished
from dashboards.access.websocket import CheckedSocket
from dashboards.common.log import explain_failure, log_event
from dashboards.widgets.first_paint import PANEL_FILES

PAGE_GONE, SERVER_FULL = 4410, 4503
"""Why a websocket is closed: its page cannot be found any more; there is no room."""

MOST_CONNECTIONS_PER_PAGE = 4
"""Connections of one page: one to have it made, one to use it, and those of a browser that comes back."""

STARTED = int(time.time())
"""When this process began. A page from before may have been open in the process whose place it took."""

LEFT_CODES = (1000, 1001)
"""Codes of a websocket that its own browser has closed: the page was left, and will not come back."""


def make_token(application: Any, host: str) -> str:
    """A token for a session that does not exist yet. It holds the host asked for, and nothing about the visitor.

    Of several processes behind one address, its connections are led to this one.
    """
    place, processes = application.settings.get("place", (0, 1))
    while choose_by_token(token := _make_any_token(application, host), processes) != place:
        pass
    return token


def _make_any_token(application: Any, host: str) -> str:
    key, signed = application.secret_key, application.sign_sessions
    session = generate_session_id(secret_key=key, signed=signed)
    asked: dict[str, Any] = {"headers": {"Host": host}, "cookies": {}, "arguments": {}}
    return generate_jwt_token(
        session, secret_key=key, signed=signed, extra_payload=asked, expiration=application.session_token_expiration
    )


class Socket(CheckedSocket):
    """A browser's connection. The first one of a page makes its session."""

    def open(self, *args: Any, **kwargs: Any) -> None:
        if self.selected_subprotocol != "bokeh" or self._token is None or not self._holds(self._token):
            log_event("connection-refused", because="no-token-that-holds")
            self.close(PAGE_GONE, "this page is too old")
        else:
            self.application.io_loop.add_callback(self._async_open, self._token)

    def _holds(self, token: str) -> bool:
        """Whether a token is one of ours and still valid."""
        try:
            application: Any = self.application
            key, signed = application.secret_key, application.sign_sessions
            if not check_token_signature(token, secret_key=key, signed=signed):
                return False
            alive = get_session_id(token) in self.application_context._sessions  # a page that comes back to its own
            expires = get_token_payload(token).get("session_expiry", 0)
            issued = expires - application.session_token_expiration
            return alive or bool(issued >= STARTED and time.time() < expires)
        except Exception:  # what a stranger sends may be anything
            return False

    async def _async_open(self, token: str) -> None:
        context, gate = self.application_context, self._gate
        session = get_session_id(token)
        coming = gate.turns.get_waiting(session)
        if session in context._sessions or (coming is not None and await asyncio.shield(coming)):
            if context._sessions[session].connection_count >= MOST_CONNECTIONS_PER_PAGE:
                self.close(PAGE_GONE, "this page has its connections")
                return
            await wait_until_finished(
                context._sessions[session].document
            )  # what changes while it is sent might never arrive
            await WSHandler._async_open(self, token)
        elif coming is not None or gate.has_ended(session):
            self.close(PAGE_GONE, "this page has ended")
        elif not await gate.make_room(context):
            log_event("connection-refused", because="full", open=count_connected(context))
            self.close(SERVER_FULL, "the dashboard is full")
        else:
            await self._open_first(session, token)

    async def _open_first(self, session: Any, token: str) -> None:
        """Open the first connection of a page, which has the page made."""
        try:
            await self._gate.turns.take(
                session,
                lambda: not self._left,
                lambda: self._make(session, token),
                lambda: WSHandler._async_open(self, token),
            )
        except Exception as problem:
            explain_failure(problem, "a page that was opened")
            self.application_context._pending_sessions.pop(session, None)  # or all who ask again wait for ever
            self.close(1011, "this page could not be made")

    @property
    def _gate(self) -> Gate:
        application: Any = self.application
        gate: Gate = application.auth_provider
        return gate

    @property
    def _left(self) -> bool:
        return self.ws_connection is None or self.ws_connection.is_closing()

    async def _make(self, session: Any, token: str) -> Document:
        context = self.application_context
        server_session = await context.create_session_if_needed(session, _as_page_request(self.request), token)
        doc: Document = server_session.document
        doc.on_session_destroyed(partial(_log_session_end, self._gate))
        for root in doc.roots:  # as Panel does where it makes a session before the page is sent
            patch_model_css(root, dist_url=PANEL_FILES)
        log_event("session-opened", session=session[:6], open=count_connected(context) + 1)
        return doc

    def on_close(self) -> None:
        session = self.connection.session if self.connection is not None else None
        super().on_close()
        if session is not None and not session.destroyed and session.connection_count == 0:
            if self.close_code in LEFT_CODES:
                session.request_expiration()
            log_event("connection-closed", session=session.id[:6], code=self.close_code or 1006)


def _log_session_end(gate: Gate, context: Any) -> None:
    gate.end_session(str(context.id))
    log_event("session-closed", session=context.id[:6])


def _as_page_request(request: HTTPServerRequest) -> HTTPServerRequest:
    """A copy of a websocket's request with the address of its page, so that the page restores that address."""
    page_request = copy.copy(request)
    page_request.path = "/"
    page_request.uri = f"/?{request.query}" if request.query else "/"
    return page_request
