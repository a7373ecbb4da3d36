"""Signing in with a name and a password: our own pages, which load nothing, and a signed cookie."""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address, ip_network
from typing import Any, TypedDict, cast
from urllib.parse import quote, urlsplit
from weakref import WeakKeyDictionary

from tornado.ioloop import IOLoop, PeriodicCallback
from tornado.web import RequestHandler

from dashboards.access.gate import LOGIN, LOGIN_HOURS, LOGOUT, AccessRules, Gate, is_same_origin, send_page
from dashboards.access.password_file import NAME, PasswordFile, check_password
from dashboards.common.log import log_event

COOKIE = "ringfence_login"
WINDOW = 600.0
MOST_WRONG = {"pair": 8, "address": 100, "name": 100}
"""Wrong passwords within the window: for one name from one address, from one address, for one name."""

MOST_WAITING, MOST_WAITING_PER_ADDRESS = 100, 60
"""Attempts that wait for their answer, a tenth of a second each: in all, and from one address."""

MOST_COUNTED = 30_000
SWEEP_INTERVAL = 15_000
WRONG_MESSAGE = "The name or the password is wrong."
WAIT_MESSAGES = {
    "pair": "There were too many wrong passwords for this name. Please wait ten minutes.",
    "address": "There were too many wrong passwords from your network. Please wait ten minutes.",
    "name": "There were too many wrong passwords for this name, from several places. Please wait ten minutes.",
}
BUSY_MESSAGE = "Many people are signing in at this moment. Please try again in a few seconds."


class LoginAttempts:
    """Counts attempts by name and address, by address, and by name, so that nobody can try many passwords.

    An attempt counts from when it is made, before anybody knows whether it is right: those made at once count too.
    """

    def __init__(self) -> None:
        self._made: dict[tuple[str, str], list[float]] = {}
        self.waiting: Counter[str] = Counter()

    def begin(self, address: str, name: str) -> str:
        """Count an attempt and return ""; where none is allowed, return the reason in words."""
        address = find_client_network(address)
        keys = ((f"{address} {name}", "pair"), (address, "address"), (name, "name"))
        for key in keys:
            if len(self._list_recent(key)) >= MOST_WRONG[key[1]]:
                return WAIT_MESSAGES[key[1]]
        if self.waiting.total() >= MOST_WAITING or self.waiting[address] >= MOST_WAITING_PER_ADDRESS:
            return BUSY_MESSAGE
        now = time.monotonic()
        for key in keys:
            self._made.setdefault(key, []).append(now)
        while len(self._made) > MOST_COUNTED:
            del self._made[next(iter(self._made))]
        self.waiting[address] += 1
        return ""

    def end(self, address: str, name: str, right: bool) -> None:
        """The answer is known. A right password takes back what was counted against its name at this address."""
        address = find_client_network(address)
        self.waiting[address] -= 1
        if not self.waiting[address]:
            del self.waiting[address]
        if right:
            taken = len(self._made.pop((f"{address} {name}", "pair"), ()))
            for key in ((address, "address"), (name, "name")):
                self._made[key] = self._made.get(key, [])[: -taken or None]

    def _list_recent(self, key: tuple[str, str]) -> list[float]:
        """When attempts were made in the last minutes."""
        since = time.monotonic() - WINDOW
        recent = [then for then in self._made.get(key, ()) if then > since]
        if recent:
            self._made[key] = recent
        else:
            self._made.pop(key, None)
        return recent


def find_client_network(address: str) -> str:
    """The network that counts as one address: for IPv6, the /64 that one household has to itself."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    return str(ip_network(f"{parsed}/64", strict=False)) if parsed.version == 6 else str(parsed)


class Login(TypedDict):
    """What a cookie holds: whose login, a digest of the entry it was made with, when (s since 1970), and its number."""

    name: str
    entry: str
    at: int
    id: str


class LoginGate(Gate):
    """Lets in people who stand in a file of names and passwords."""

    def __init__(self, people: PasswordFile, house: AccessRules | None = None) -> None:
        self.people, self.attempts = people, LoginAttempts()
        self.password_thread = ThreadPoolExecutor(1, "passwords")
        self._ended: dict[str, float] = {}
        self._open: WeakKeyDictionary[Any, Login] = WeakKeyDictionary()
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

    async def find_visitor(self, handler: Any) -> str | None:
        login = self.read_login(handler)
        if login is None:
            return None
        if hasattr(handler, "close"):  # a websocket: it must not outlive the login
            self._open[handler] = login
            if self._sweeper is None:
                self._sweeper = PeriodicCallback(self.sweep, SWEEP_INTERVAL)
                self._sweeper.start()
        return login["name"]

    def read_login(self, handler: RequestHandler) -> Login | None:
        """The login that a cookie proves, if it still holds."""
        raw = handler.get_signed_cookie(COOKIE, max_age_days=LOGIN_HOURS / 24)
        try:
            content = json.loads(raw) if raw else None
        except ValueError:
            return None
        login = cast(Login, content)
        return login if isinstance(content, dict) and self._holds(login) else None

    def _holds(self, login: Login) -> bool:
        name, begun = str(login.get("name", "")), float(login.get("at", 0))
        stored = self.people.find_hash(name)
        same = bool(stored) and login.get("entry") == _digest(stored)
        return same and login.get("id") not in self._ended and 0 <= time.time() - begun <= LOGIN_HOURS * 3600

    def begin(self, handler: RequestHandler, name: str) -> None:
        """Give a visitor the cookie. It is of no use to scripts, nor to other sites' pages."""
        login: Login = {
            "name": name,
            "entry": _digest(self.people.find_hash(name)),
            "at": int(time.time()),
            "id": secrets.token_hex(16),
        }
        handler.set_signed_cookie(
            COOKIE,
            json.dumps(login),
            expires_days=None,
            httponly=True,
            samesite="Lax",
            secure=handler.request.protocol == "https",
        )

    def end(self, handler: RequestHandler) -> None:
        """End a login: its cookie is worth nothing from now on, and its open pages are cut off."""
        login = self.read_login(handler)
        if login is not None:
            now = time.time()
            self._ended = {login_id: until for login_id, until in self._ended.items() if until > now}
            self._ended[login["id"]] = now + LOGIN_HOURS * 3600
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


def read_requested_query(handler: RequestHandler) -> str:
    """The query that a visitor came for; never another address."""
    address = handler.get_query_argument("next", "")
    return urlsplit(address).query if address.startswith("/") else ""


class LoginPage(RequestHandler):
    """Asks for name and password."""

    gate: LoginGate

    def get(self) -> None:
        self._show()

    def _show(self, problem: str = "", name: str = "", status: int = 200) -> None:
        query = read_requested_query(self)
        action = f".{LOGIN}?next={quote('/?' + query)}" if query else f".{LOGIN}"
        send_page(self, "login.html", status, problem=problem, name=name[:64], action=action)

    async def post(self) -> None:
        gate, name = self.gate, self.get_body_argument("username", "")[:64]
        address = str(self.request.remote_ip)
        if not is_same_origin(self):
            self._show("Please sign in on this page itself.", name, 403)
            return
        refused = gate.attempts.begin(address, name)
        if refused:
            log_event("login-refused", because="busy" if refused == BUSY_MESSAGE else "too-many-wrong")
            self.set_header("Retry-After", "5" if refused == BUSY_MESSAGE else str(int(WINDOW)))
            self._show(refused, name, 503 if refused == BUSY_MESSAGE else 429)
        elif await self._is_right(address, name, self.get_body_argument("password", "", strip=False)):
            log_event("login")
            gate.begin(self, name)
            query = read_requested_query(self)
            self.redirect(f"./?{query}" if query else "./")
        else:
            log_event("login-refused", because="wrong")
            self._show(WRONG_MESSAGE, name, 401)

    async def _is_right(self, address: str, name: str, password: str) -> bool:
        """Whether the password is right. They are checked one at a time, so that guesses cannot use up the machine."""
        right = False
        try:
            stored = self.gate.people.find_hash(name) if NAME.fullmatch(name) else ""
            right = await IOLoop.current().run_in_executor(self.gate.password_thread, check_password, password, stored)
        finally:
            self.gate.attempts.end(address, name, right)
        return right


class LogoutPage(RequestHandler):
    """Asks once more, for a link alone must not sign anybody out."""

    gate: LoginGate

    def get(self) -> None:
        login = self.gate.read_login(self)
        send_page(self, "logout.html", gone=login is None, name=login["name"] if login else "")

    def post(self) -> None:
        if not is_same_origin(self):
            send_page(self, "told.html", 403, title="Nothing was done", words="Please sign out on the page itself.")
            return
        self.gate.end(self)
        send_page(self, "logout.html", gone=True, name="")
