"""A websocket that checks where its page comes from, and each message, before Bokeh sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bokeh.protocol.message import Message
from bokeh.server.session import ServerSession
from panel.io.server import WSHandler

from dashboards.access.hosts import Hosts
from dashboards.access.messages import MessageChecker, RefusedError
from dashboards.access.refusals import PlainErrors, log_refusal
from simulator.common.event_log import log_failure

POLICY_VIOLATION, INTERNAL_ERROR = 1008, 1011
"""Codes with which a connection is closed: for what was sent, and for what went wrong here."""

HANDLERS: dict[str, Callable[..., Any]] = {
    "PATCH-DOC": ServerSession.patch,
    "PULL-DOC-REQ": ServerSession.pull,
}


class CheckedSocket(PlainErrors, WSHandler):
    """A websocket that checks its origin and its messages."""

    def initialize(self, application_context: Any, bokeh_websocket_path: str) -> None:
        super().initialize(application_context, bokeh_websocket_path)
        self.checker = MessageChecker()
        self.shut = False

    def check_origin(self, origin: str) -> bool:
        """Whether pages of an origin may connect: those of this server's own names alone."""
        hosts: Hosts = self.application.settings["hosts"]
        if not hosts.allows_origin(origin):
            log_refusal("origin", "a page of another host")
            return False
        return True

    async def prepare(self) -> None:
        origin = self.request.headers.get("Origin")
        if origin is not None and not self.check_origin(origin):  # before Tornado takes it apart, which may fail
            self.send_error(403)
            return
        await super().prepare()
        if not self._finished and self.request.method == "GET" and not self._asks_for_websocket():
            self.send_error(400)

    def _asks_for_websocket(self) -> bool:
        """False for what Tornado would answer with bare words."""
        headers = self.request.headers
        connection = [word.strip().lower() for word in headers.get("Connection", "").split(",")]
        return headers.get("Upgrade", "").lower() == "websocket" and "upgrade" in connection

    async def on_message(self, fragment: str | bytes) -> None:
        if self.shut:
            return
        session = self.connection.session if self.connection is not None else None
        if session is None or session.destroyed:
            self._shut(POLICY_VIOLATION, "a message before there is a page, or after")
            return
        try:
            part = self.checker.check_part(fragment, session.document)
        except RefusedError as refused:
            self._shut(POLICY_VIOLATION, str(refused))
            return
        except Exception as problem:
            log_failure({"doing": "checking-a-message"}, problem)
            self._shut(INTERNAL_ERROR, "something went wrong")
            return
        for name in self.checker.left_out:
            log_refusal("property", name)
        self.checker.left_out.clear()
        await super().on_message(part)

    async def _handle(self, message: Message[Any]) -> Any:
        try:
            return await HANDLERS[message.msgtype](message, self.connection)
        except Exception as problem:
            log_failure({"doing": "using-a-message"}, problem)
            return self.connection.error(message, "This could not be done.") if self.connection is not None else None

    def _internal_error(self, message: str) -> None:
        self._shut(INTERNAL_ERROR, "something went wrong")

    def _protocol_error(self, message: str) -> None:
        self._shut(POLICY_VIOLATION, "not the protocol of a page")

    def _shut(self, code: int, why: str) -> None:
        self.shut = True
        log_refusal("message", why)
        self.close(code, why)
