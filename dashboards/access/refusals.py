"""What a refused request gets, and its one line in the log: where and why, but never who asked or what was sent."""

from __future__ import annotations

import time
from http import HTTPStatus
from typing import Any

from tornado.web import HTTPError, RequestHandler

from dashboards.access.gate import send_page
from dashboards.common.log import log_event
from simulator.common.event_log import log_failure

MOST_LINES, WINDOW = 20, 60.0


class RefusalLog:
    """Logs refusals, with a limit a minute for each door, so that endless requests cannot fill the disk."""

    def __init__(self) -> None:
        self._since: dict[str, float] = {}
        self._count: dict[str, int] = {}

    def note(self, door: str, why: str) -> None:
        """Log that something was refused."""
        now = time.monotonic()
        if now - self._since.get(door, -WINDOW) >= WINDOW:
            unsaid = self._count.get(door, 0) - MOST_LINES
            if unsaid > 0:
                log_event("refused", door=door, more=unsaid)
            self._since[door], self._count[door] = now, 0
        self._count[door] += 1
        if self._count[door] <= MOST_LINES:
            log_event("refused", door=door, why=why.replace(" ", "-"))


_REFUSAL_LOG = RefusalLog()


def log_refusal(door: str, why: str) -> None:
    """Write one line: `door` and `why` are words of ours, never a visitor's."""
    _REFUSAL_LOG.note(door, why)


class PlainErrors(RequestHandler):
    """Shows errors on one of our own pages: without scripts, and without what went wrong inside.

    The log has them without the address of the request, which holds titles and reasons.
    """

    def write_error(self, status_code: int, **_: Any) -> None:
        reason = HTTPStatus(status_code).phrase if status_code in set(HTTPStatus) else "Error"
        send_page(self, "told.html", status_code, title=reason, words="This cannot be shown.")

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        if not isinstance(value, HTTPError):
            log_failure({"doing": f"answering-{type(self).__name__}"}, value)
