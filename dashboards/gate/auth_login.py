"""Signing in with a name and a password: our own pages, which load nothing, and a signed cookie."""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote, urlsplit
from weakref import WeakKeyDictionary

from tornado.ioloop import IOLoop, PeriodicCallback
from tornado.web import RequestHandler

from dashboards.gate.auth import HOURS, LOGIN, LOGOUT, Gate, House, from_here, show
from dashboards.gate.auth_file import NAME, People, fits

COOKIE = "ringfence_login"
MOST_WRONG, WINDOW = 8, 600.0
MOST_WAITING = 20
SWEEP = 15_000
WRONG = "The name or the password is wrong."
WAIT = "There were too many wrong passwords. Please wait ten minutes."


class Attempts:
    """Counts wrong passwords by address and name, so that nobody can try many."""

    def __init__(self) -> None:
        self._wrong: dict[tuple[str, str], list[float]] = {}

    def too_many(self, who: tuple[str, str]) -> bool:
        """Whether there were too many in the last minutes."""
        since = time.monotonic() - WINDOW
        self._wrong[who] = [then for then in self._wrong.get(who, ()) if then > since]
        if not self._wrong[who]:
            del self._wrong[who]
        return len(self._wrong.get(who, ())) >= MOST_WRONG

    def wrong(self, who: tuple[str, str]) -> None:
        """Count one; the oldest names are forgotten when there are very many."""
        while len(self._wrong) >= 10_000:
            del self._wrong[next(iter(self._wrong))]
        self._wrong.setdefault(who, []).append(time.monotonic())

    def right(self, who: tuple[str, str]) -> None:
        """Begin anew."""
        self._wrong.pop(who, None)


class LoginGate(Gate):
    """Lets in those in a file of names and passwords."""

    def __init__(self, people: People, house: House | None = None) -> None:
        self.people, self.attempts = people, Attempts()
        self.one_at_a_time = ThreadPoolExecutor(1, "passwords")
        self.waiting = 0
        self._ended: dict[str, float] = {}
        self._open: WeakKeyDictionary[Any, dict[str, Any]] = WeakKeyDictionary()
        self._sweeper: PeriodicCallback | None = None
        super().__init__(house)

    @property
    def login_handler(self) -> type[RequestHandler]:
        return type("Login", (LoginPage,), {"gate": self})

    @property
    def logout_handler(self) -> type[RequestHandler]:
        return type("Logout", (LogoutPage,), {"gate": self})

    @property
    def logout_url(self) -> str:
        return LOGOUT

    async def who(self, handler: Any) -> str | None:
        login = self.login(handler)
        if login is None:
            return None
        if hasattr(handler, "close"):  # a websocket: it must not outlive the login
            self._open[handler] = login
            if self._sweeper is None:
                self._sweeper = PeriodicCallback(self.sweep, SWEEP)
                self._sweeper.start()
        return str(login["name"])

    def login(self, handler: RequestHandler) -> dict[str, Any] | None:
        """The login that a cookie proves, if it still holds."""
        raw = handler.get_signed_cookie(COOKIE, max_age_days=HOURS / 24)
        try:
            login = json.loads(raw) if raw else None
        except ValueError:
            return None
        return login if isinstance(login, dict) and self._holds(login) else None

    def _holds(self, login: dict[str, Any]) -> bool:
        name, made = str(login.get("name", "")), float(login.get("at", 0))
        stored = self.people.stored(name)
        same = bool(stored) and login.get("entry") == _digest(stored)
        return same and login.get("id") not in self._ended and 0 <= time.time() - made <= HOURS * 3600

    def begin(self, handler: RequestHandler, name: str) -> None:
        """Give a visitor the cookie. It is of no use to scripts, nor to other sites' pages."""
        login = {"name": name, "entry": _digest(self.people.stored(name)), "at": int(time.time()),
                 "id": secrets.token_hex(16)}  # fmt: skip
        handler.set_signed_cookie(
            COOKIE, json.dumps(login), expires_days=None, httponly=True, samesite="Lax",
            secure=handler.request.protocol == "https",
        )  # fmt: skip

    def end(self, handler: RequestHandler) -> None:
        """End a login: its cookie is worth nothing from now on, and its open pages are cut off."""
        login = self.login(handler)
        if login is not None:
            now = time.time()
            self._ended = {one: until for one, until in self._ended.items() if until > now}
            self._ended[login["id"]] = now + HOURS * 3600
        handler.clear_cookie(COOKIE)
        self.sweep()

    def sweep(self) -> None:
        """Cut off open pages whose login has ended, has run out, or is no longer in the file."""
        for handler, login in list(self._open.items()):
            if not self._holds(login):
                del self._open[handler]
                handler.close(4001, "signed out")


def _digest(stored: str) -> str:
    return hashlib.sha256(stored.encode("utf-8")).hexdigest()[:24]


def onward(handler: RequestHandler) -> str:
    """The query that a visitor came for; never another address."""
    wanted = handler.get_query_argument("next", "")
    return urlsplit(wanted).query if wanted.startswith("/") else ""


class LoginPage(RequestHandler):
    """Asks for name and password."""

    gate: LoginGate

    def get(self) -> None:
        self._show()

    def _show(self, problem: str = "", name: str = "", status: int = 200) -> None:
        query = onward(self)
        action = f".{LOGIN}?next={quote('/?' + query)}" if query else f".{LOGIN}"
        show(self, "login.html", status, problem=problem, name=name[:64], action=action)

    async def post(self) -> None:
        gate, name = self.gate, self.get_body_argument("username", "")[:64]
        who = (str(self.request.remote_ip), name)
        if not from_here(self):
            self._show("Please sign in on this page itself.", name, 403)
        elif gate.attempts.too_many(who) or gate.waiting >= MOST_WAITING:
            self._show(WAIT, name, 429)
        elif await self._right(name, self.get_body_argument("password", "", strip=False)):
            gate.attempts.right(who)
            gate.begin(self, name)
            query = onward(self)
            self.redirect(f"./?{query}" if query else "./")
        else:
            gate.attempts.wrong(who)
            self._show(WRONG, name, 401)

    async def _right(self, name: str, password: str) -> bool:
        stored = self.gate.people.stored(name) if NAME.fullmatch(name) else ""
        self.gate.waiting += 1
        try:
            return await IOLoop.current().run_in_executor(self.gate.one_at_a_time, fits, password, stored)
        finally:
            self.gate.waiting -= 1


class LogoutPage(RequestHandler):
    """Asks once more, for a link alone must not sign anybody out."""

    gate: LoginGate

    def get(self) -> None:
        login = self.gate.login(self)
        show(self, "logout.html", gone=login is None, name=login["name"] if login else "")

    def post(self) -> None:
        if not from_here(self):
            show(self, "told.html", 403, title="Nothing was done", words="Please sign out on the page itself.")
            return
        self.gate.end(self)
        show(self, "logout.html", gone=True, name="")
