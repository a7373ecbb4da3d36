"""Who may come in: origins, sessions, headers, passwords and providers, over real connections."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import re
import socket
import threading
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPResponse
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any, TypeVar
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, Request, build_opener

import pytest

pytest.importorskip("panel", reason="the dashboard is not installed: pip install -e '.[dashboard]'")

import panel as pn
from hashes import cheap_hashes, dear_hashes
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from tornado.web import Application, RequestHandler
from tornado.websocket import WebSocketClientConnection, websocket_connect

from dashboards.access import connections, password_file
from dashboards.access.gate import (
    LOGIN_HOURS,
    SCRIPTLESS_POLICY,
    AccessRules,
    Gate,
    count_connected,
    make_content_security_policy,
)
from dashboards.access.hosts import Hosts, read_embedder
from dashboards.access.oauth_login import OAuthGate, read_oauth_settings
from dashboards.access.options import SECRET_VARIABLE, SESSIONS, AccessOptions, read_cookie_secret
from dashboards.access.password_file import (
    COST,
    PasswordFile,
    check_password,
    hash_password,
    read_password_file,
    save_password,
)
from dashboards.access.password_login import (
    BUSY_MESSAGE,
    COOKIE,
    MOST_WAITING_PER_ADDRESS,
    MOST_WRONG,
    WAIT_MESSAGES,
    LoginAttempts,
    LoginGate,
    find_client_network,
)
from dashboards.access.sockets import PAGE_GONE, SERVER_FULL
from dashboards.server import server as server_module

pytestmark = [pytest.mark.dashboards, pytest.mark.filterwarnings("default")]

T = TypeVar("T")
RIGHT, WRONG = "correct horse battery", "wrong horse battery"
SCRIPT = "<script>alert(1)</script>"


_STANDING: list[WebSocketClientConnection] = []


async def connect_page(request: HTTPRequest, token: str, **options: Any) -> WebSocketClientConnection:
    """A page's websocket, which is closed when `apart` ends."""
    connection = await websocket_connect(request, subprotocols=["bokeh", token], **options)
    _STANDING.append(connection)
    return connection


def apart(begin: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """What a coroutine gives, run in a thread: a browser of other tests may hold this thread's event loop."""

    async def run() -> T:
        try:
            return await begin()
        finally:
            while _STANDING:
                _STANDING.pop().close()

    with ThreadPoolExecutor(1) as hand:
        return hand.submit(lambda: asyncio.run(run())).result()


class Served:
    """A small page behind a gate, on a thread of its own."""

    def __init__(self, gate: Gate, proxied: bool = False, allowed: Sequence[str] = ()) -> None:
        self.gate = gate
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.home = f"http://localhost:{self.port}"
        ready = threading.Event()

        def run() -> None:
            asyncio.set_event_loop(asyncio.new_event_loop())
            self.loop = IOLoop.current()
            server_options = server_module.make_server_options(
                self.port, "127.0.0.1", allowed, AccessOptions(proxied=proxied)
            )
            self.server = server_module.make_server(
                {**server_options, "auth_provider": gate}, lambda: pn.pane.HTML("inside"), loop=self.loop
            )
            self.server.start()
            self.loop.add_callback(ready.set)
            self.loop.start()

        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()
        assert ready.wait(60)

    def stop(self) -> None:
        self.loop.add_callback(self.server.stop)
        self.loop.add_callback(self.loop.stop)
        self._thread.join(20)

    def connect(self, token: str, **headers: str) -> str | None:
        """The subprotocol of a real websocket; raises HTTPClientError when it is refused."""

        async def go() -> str | None:
            request = HTTPRequest(f"ws://localhost:{self.port}/ws", headers=headers)
            return (await connect_page(request, token)).selected_subprotocol

        return apart(go)


class Stay(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


class Visitor:
    """A browser without a screen: cookies, and no redirects unless asked for."""

    def __init__(self, home: str, follow: bool = False) -> None:
        self.home, self.cookies = home, CookieJar()
        self._open = build_opener(HTTPCookieProcessor(self.cookies), *([] if follow else [Stay()])).open

    def get(self, path: str = "/", data: dict[str, str] | None = None, **headers: str) -> tuple[int, str, Any]:
        body = urlencode(data).encode() if data is not None else None
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            with self._open(Request(self.home + path, body, named), timeout=60) as answer:
                return answer.status, answer.read().decode("utf-8", "replace"), answer.headers
        except HTTPError as error:
            return error.code, error.read().decode(), error.headers

    def sign_in(self, name: str = "anna", password: str = RIGHT, path: str = "/login", **headers: str) -> Any:
        return self.get(path, {"username": name, "password": password}, **headers)

    def token(self) -> str:
        match = re.search(r'"token":"([^"]+)"', self.get()[1])
        assert match
        return match[1]

    def cookie(self) -> str:
        return next((f"{c.name}={c.value}" for c in self.cookies if c.name == COOKIE), "")


@pytest.fixture(scope="module", autouse=True)
def _cheap_hashes() -> Iterator[None]:
    """Who may come in does not depend on how long a guess takes."""
    with cheap_hashes():
        yield


@pytest.fixture(scope="module")
def users(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("users") / "users.txt"
    save_password(path, "anna", RIGHT)
    save_password(path, "ben", RIGHT)
    return path


@contextmanager
def served(gate: Gate, proxied: bool = False, allowed: Sequence[str] = ()) -> Iterator[Served]:
    server = Served(gate, proxied, allowed)
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def house() -> Iterator[Served]:
    with served(Gate(AccessRules(sessions=6))) as server:
        yield server


@pytest.fixture(scope="module")
def locked(users: Path) -> Iterator[Served]:
    with served(LoginGate(PasswordFile(users))) as server:
        yield server


def refused(server: Served, token: str, **headers: str) -> int:
    with pytest.raises(HTTPClientError) as caught:
        server.connect(token, **headers)
    return caught.value.code


# For everybody.


def test_a_page_of_another_host_is_refused_and_one_of_ours_may_connect(house: Served) -> None:
    token = Visitor(house.home).token()
    for origin in (
        "http://elsewhere.example",
        "null",
        f"http://localhost.elsewhere.example:{house.port}",
        f"http://localhost:{house.port + 1}",
    ):
        assert refused(house, token, Origin=origin) == 403
    assert house.connect(token, Origin=house.home) == "bokeh"


def test_nobody_can_be_sent_into_a_session_that_somebody_else_has_chosen(house: Served) -> None:
    visitor = Visitor(house.home)
    token = visitor.token()
    for path, headers in (
        ("/?bokeh-session-id=mine", {}),
        (f"/?bokeh-token={token}", {}),
        ("/?v=1&bokeh-session-id=mine", {}),
        ("/", {"Bokeh_Session_Id": "mine"}),
    ):
        status, text, _ = visitor.get(path, **headers)
        assert status == 400 and "names a session" in text


def test_the_page_is_sent_with_headers_that_keep_it_here_and_unframed(house: Served) -> None:
    headers = Visitor(house.home).get()[2]
    csp = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert csp["default-src"] == csp["frame-ancestors"] == csp["form-action"] == "'self'"
    assert csp["object-src"] == "'none'"
    sources = {word for part in csp.values() for word in part.split()}
    elsewhere = {word for word in sources if not word.startswith("'")} - {"blob:", "data:"}
    assert elsewhere == {f"ws://localhost:{house.port}", f"wss://localhost:{house.port}"}


def test_a_strange_host_header_does_not_get_into_the_policy() -> None:
    assert "evil" not in make_content_security_policy("x; script-src evil", ("evil; default-src *",))
    assert "frame-ancestors 'self' intranet.example:8080" in make_content_security_policy(
        "localhost:1", ("intranet.example:8080",)
    )
    framed_by = (read_embedder("https://www.example.org/"), "https://evil; default-src *")
    assert make_content_security_policy("localhost:1", framed_by).endswith(
        "frame-ancestors 'self' https://www.example.org"
    )


def test_the_token_that_scripts_can_read_holds_no_cookie_and_only_the_host(locked: Served) -> None:
    visitor = Visitor(locked.home)
    visitor.sign_in()
    assert visitor.cookie()
    body = visitor.token().split(".")[0]
    payload = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
    assert b"ringfence_login" not in payload
    assert visitor.cookie().split("=", 1)[1].strip('"').encode() not in payload


async def held(server: Served, tokens: list[str]) -> list[WebSocketClientConnection]:
    """Connections of pages that stand."""
    connections_made = []
    for token in tokens:
        request = HTTPRequest(f"ws://localhost:{server.port}/ws", headers={"Origin": server.home})
        connections_made.append(await connect_page(request, token))
        assert "ACK" in str(await connections_made[-1].read_message())
    return connections_made


def sessions(server: Served) -> int:
    return sum(len(list(application.sessions)) for application in server.server._tornado.applications.values())


def wait_for(what: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not what():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_pages_that_are_asked_for_without_a_browser_cost_no_session_and_no_place() -> None:
    with served(Gate(AccessRules(sessions=2))) as server:
        answers = [Visitor(server.home).get()[0] for _ in range(30)]
        assert answers == [200] * 30 and sessions(server) == 0


def test_a_full_house_says_so_and_lets_people_in_as_places_free_up() -> None:
    with served(Gate(AccessRules(sessions=3))) as server:
        visitors = [Visitor(server.home) for _ in range(5)]
        tokens = [visitor.token() for visitor in visitors]

        async def go() -> tuple[Any, int, int]:
            open_now = await held(server, tokens[:3])
            status, text, headers = await asyncio.to_thread(visitors[3].get)
            assert status == 503 and "3 pages are open" in text and int(headers["Retry-After"]) <= 30
            request = HTTPRequest(f"ws://localhost:{server.port}/ws", headers={"Origin": server.home})
            late = await connect_page(request, tokens[3])
            assert await late.read_message() is None  # there was room when it asked, and none when it came
            open_now[0].close(1001)
            await asyncio.to_thread(wait_for, lambda: sessions(server) == 2)
            again = await asyncio.to_thread(visitors[3].get)
            await held(server, [tokens[4]])
            return again, int(late.close_code or 0), sessions(server)

        again, code, left = apart(lambda: asyncio.wait_for(go(), 120))
        assert (again[0], code, left) == (200, SERVER_FULL, 3)


def test_a_page_that_lost_its_browser_is_kept_until_somebody_needs_its_place() -> None:
    with served(Gate(AccessRules(sessions=1))) as server:
        first, second = (Visitor(server.home).token() for _ in range(2))
        [context] = server.server._tornado.applications.values()

        async def lose(connection: WebSocketClientConnection) -> None:
            connection.protocol.stream.close()  # type: ignore[union-attr]
            await asyncio.to_thread(wait_for, lambda: count_connected(context) == 0)

        async def go() -> list[list[Any]]:
            tokens = []
            for token in (first, first, second):
                [held_session] = await held(server, [token])
                tokens.append([session.token for session in context.sessions])
                await lose(held_session)
            return tokens

        before, again, after = apart(lambda: asyncio.wait_for(go(), 60))
        assert before == again != after and len(after) == 1


def test_a_page_that_has_ended_does_not_come_back_to_life(house: Served) -> None:
    token = Visitor(house.home).token()

    async def go() -> int:
        before = sessions(house)
        [held_session] = await held(house, [token])
        held_session.close(1000)
        await asyncio.to_thread(wait_for, lambda: sessions(house) == before)
        request = HTTPRequest(f"ws://localhost:{house.port}/ws", headers={"Origin": house.home})
        late = await connect_page(request, token)
        while await late.read_message() is not None:
            pass
        return int(late.close_code or 0)

    assert apart(lambda: asyncio.wait_for(go(), 60)) == PAGE_GONE


@pytest.mark.parametrize("spoilt", ["x", "x.y", "", "e30.e30"])
def test_a_token_that_the_server_has_not_signed_opens_nothing(spoilt: str, house: Served) -> None:
    token = Visitor(house.home).token()
    forged = spoilt or token.rpartition(".")[0]

    async def go() -> int:
        before = sessions(house)
        request = HTTPRequest(f"ws://localhost:{house.port}/ws", headers={"Origin": house.home})
        connection = await connect_page(request, forged)
        assert await connection.read_message() is None and sessions(house) == before
        return int(connection.close_code or 0)

    assert apart(lambda: asyncio.wait_for(go(), 60)) == PAGE_GONE


def test_sessions_uploads_and_messages_have_limits_and_unused_ones_end() -> None:
    server_options = server_module.make_server_options(5006, "127.0.0.1", [], AccessOptions())
    assert server_options["unused_session_lifetime_milliseconds"] <= 10 * 60_000
    assert server_options["check_unused_sessions_milliseconds"] <= 60_000
    assert server_options["session_token_expiration"] <= 600
    assert server_options["websocket_max_message_size"] <= 6_000_000
    assert server_options["http_server_kwargs"]["max_body_size"] <= 1_000_000
    assert server_options["auth_provider"].house.sessions == SESSIONS
    assert not server_options["use_xheaders"]


def test_pages_are_compressed_for_other_computers_only() -> None:
    for address, wanted in (("127.0.0.1", False), ("0.0.0.0", True)):
        assert server_module.make_server_options(5006, address, [], AccessOptions())["compress_response"] is wanted


def test_cookies_are_signed_with_the_secret_given_or_one_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SECRET_VARIABLE, raising=False)
    assert read_cookie_secret() != read_cookie_secret() and len(read_cookie_secret()) >= 60
    monkeypatch.setenv(SECRET_VARIABLE, "x" * 40)
    assert read_cookie_secret() == "x" * 40
    monkeypatch.setenv(SECRET_VARIABLE, "short")
    with pytest.raises(ValueError, match="fewer than 32"):
        read_cookie_secret()


# Names of the server.


def asked(server: Served, *lines: str, path: str = "/", method: str = "GET") -> tuple[int, str]:
    """Status and text of the answer to a request that is written by hand."""
    with socket.create_connection(("127.0.0.1", server.port), 30) as connection:
        head = "".join(f"{line}\r\n" for line in (f"{method} {path} HTTP/1.1", *lines, ""))
        connection.sendall(head.encode("latin-1"))
        answer = HTTPResponse(connection, method=method)
        answer.begin()
        return answer.status, answer.read().decode("utf-8", "replace")


OTHER_NAMES = (
    "evil.example",
    "evil.example:{port}",
    "localhost",
    "localhost:{other}",
    "127.0.0.1:{other}",
    "localhost.evil.example:{port}",
    "evil.example@localhost:{port}",
    "localhost:{port}@evil.example",
    "127.0.0.2:{port}",
    "0.0.0.0:{port}",
    "[::2]:{port}",
    "[::1]",
    "::1:{port}",
    "[::1:{port}",
    "2130706433:{port}",
    "0x7f.1:{port}",
    "localhost:{port}:{port}",
    "localhost:",
    "localhost:99999",
    "localhost:-1",
    "localhost:x",
    "localhost:{port}/x",
    "",
    " ",
    "\t",
    "*",
    "http://localhost:{port}",
    "é",
    "local host:{port}",
    "localhost,evil.example",
    "[",
    "]",
    "[::1]x:{port}",
    "%6cocalhost:{port}",
    "a" * 2_000,
    "\x01",
)


@pytest.mark.parametrize("name", OTHER_NAMES)
def test_a_server_of_another_name_is_not_here_for_pages_files_and_websockets(
    name: str, house: Served, caplog: pytest.LogCaptureFixture
) -> None:
    host = name.format(port=house.port, other=house.port + 1)
    upgrade = (
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
        f"Origin: http://{host}",
    )
    for path, more in (
        ("/", ()),
        ("/static/js/bokeh.min.js", ()),
        ("/favicon.ico", ()),
        ("/nowhere", ()),
        ("/ws", upgrade),
    ):
        status, text = asked(house, f"Host: {host}", *more, path=path)
        assert status in (400, 421), (path, status)
        assert "token" not in text and "evil" not in text
    assert "Traceback" not in caplog.text


def test_no_name_and_two_names_are_no_name_of_ours(house: Served) -> None:
    own = f"Host: localhost:{house.port}"
    assert asked(house)[0] in (400, 421)
    assert asked(house, own, "Host: evil.example")[0] in (400, 421)
    assert asked(house, "X-Forwarded-Host: localhost", "Host: evil.example")[0] == 421


SECRET_TITLE = "A-title-of-somebody"
KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
UPGRADE = ("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13")
CROOKED: list[tuple[str, str, tuple[str, ...]]] = [
    *((method, "/", ()) for method in ("HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "FOO", "get")),
    *(
        ("GET", path, ())
        for path in (
            "/%",
            "/%zz",
            "/%ff",
            "/\xff",
            "/?%ff=%fe",
            "/?v=%00",
            "/?theme=%ff",
            "/;x",
            "*",
            "/static/%ff",
            "/static/js/%00",
            "/ws?%ff",
            "/?bokeh-session-id=%ff",
            "//x",
            "/?" + "a&" * 3_000,
            "http://evil.example/",
        )
    ),
    *(
        ("GET", path, (header,))
        for path in ("/", "/static/js/bokeh.min.js")
        for header in (
            "Cookie: \xff=\x80; ;;=",
            "Cookie: ringfence_login=x",
            "Range: x",
            "Range: bytes=99999999999-",
            "If-Modified-Since: never",
            "If-None-Match: \xff",
            "Content-Length: -1",
            "Content-Length: x",
            "Bad",
            ": x",
            "X: \x00",
            "Origin: \xff",
            "Sec-Fetch-Site: \xff",
        )
    ),
    *(
        ("GET", "/ws", headers)
        for headers in (
            (),
            UPGRADE,
            (*UPGRADE, KEY, "Origin: http://["),
            (*UPGRADE, KEY, "Origin: http://a", "Origin: http://b"),
            (*UPGRADE, KEY, "Origin: \xff"),
            (*UPGRADE, KEY, "Origin: null"),
        )
    ),
]


@pytest.mark.parametrize(("method", "path", "headers"), CROOKED)
def test_a_crooked_request_is_refused_or_answered_and_leaves_no_traceback_and_no_title_in_the_log(
    method: str, path: str, headers: tuple[str, ...], locked: Served, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "ringfence")
    mark = f"{'&' if '?' in path else '?'}B.title={SECRET_TITLE}"
    status, text = asked(locked, f"Host: localhost:{locked.port}", *headers, path=path + mark, method=method)
    assert status in (101, 200, 206, 302, 304, 400, 403, 404, 405, 416, 421)
    ours = "".join(record.getMessage() for record in caplog.records if record.name.startswith(("ringfence", "tornado")))
    assert "Traceback" not in caplog.text + text and SECRET_TITLE not in ours
    assert Visitor(locked.home).get("/login")[0] == 200


@pytest.mark.parametrize("name", ["localhost", "LOCALHOST", "localhost.", "127.0.0.1", "[::1]", "[0:0:0:0:0:0:0:1]"])
def test_the_computers_own_names_are_answered_to(name: str, house: Served) -> None:
    assert asked(house, f"Host: {name}:{house.port}", path="/favicon.ico")[0] == 200


@pytest.mark.parametrize(
    ("address", "allowed", "known", "unknown"),
    [
        (
            "127.0.0.1",
            (),
            ["localhost:5006", "127.0.0.1:5006", "[::1]:5006"],
            ["localhost", "a.example:5006", "10.0.0.1:5006"],
        ),
        ("::1", (), ["localhost:5006", "[::1]:5006"], ["[::2]:5006", "::1"]),
        (
            "0.0.0.0",
            ("a.example",),
            ["localhost:5006", "a.example", "a.example:443", "a.example:80", "A.EXAMPLE."],
            ["a.example:5006", "0.0.0.0:5006", "10.0.0.1:5006", "b.a.example", "a.example.b"],
        ),
        ("::", ("[2001:db8::1]:8443",), ["[2001:DB8:0::1]:8443", "localhost:5006"], ["[2001:db8::1]", "[::]:5006"]),
        ("10.0.0.1", (), ["10.0.0.1:5006"], ["localhost:5006", "10.0.0.1", "10.0.0.2:5006"]),
        ("2001:db8::5", (), ["[2001:db8::5]:5006"], ["localhost:5006", "[2001:db8::5]"]),
        ("127.0.0.1", ("ringfence.example.org",), ["ringfence.example.org"], ["ringfence.example.org:8443"]),
        ("127.0.0.1", ("intranet_1.example:8443",), ["intranet_1.example:8443"], ["intranet_1.example"]),
    ],
)
def test_a_server_goes_by_its_address_and_by_the_names_that_it_is_given(
    address: str, allowed: tuple[str, ...], known: list[str], unknown: list[str]
) -> None:
    hosts = Hosts(address, 5006, allowed)
    assert [host for host in known if not hosts.includes(host) or not hosts.allows_origin(f"https://{host}")] == []
    assert [host for host in unknown if hosts.includes(host) or hosts.allows_origin(f"http://{host}")] == []
    assert not any(hosts.allows_origin(f"{scheme}{known[0]}") for scheme in ("", "null", "file://", "ftp://", "//"))


def test_behind_a_proxy_the_public_name_is_answered_to_and_no_other() -> None:
    with served(Gate(), proxied=True, allowed=("ringfence.example.org",)) as server:
        for more in (("X-Forwarded-Proto: https", "X-Forwarded-For: 192.0.2.7"), ()):
            assert asked(server, "Host: ringfence.example.org", *more)[0] == 200
            assert asked(server, "Host: evil.example", *more)[0] == 421
        token = Visitor(server.home).token()
        public = {"Origin": "https://ringfence.example.org", "Host": "ringfence.example.org"}
        assert server.connect(token, **public) == "bokeh"
        assert refused(server, token, **{**public, "Origin": "https://evil.example"}) == 403
        assert refused(server, token, **{**public, "Host": "evil.example"}) == 421


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("https://ringfence.example.org", "write --allow ringfence.example.org"),
        ("http://a.example:8443/x", "write --allow a.example:8443"),
        ("a.example/dashboard", "write --allow a.example"),
        ("*", "a star"),
        ("*.example.org", "a star"),
        ("a b", "no host"),
        ("", "no host"),
        ("a.example:port", "no host"),
        ("a.example:99999", "no host"),
        ("2001:db8::1", r"write --allow \[2001:db8::1\]"),
        ("user@a.example", "write --allow a.example"),
        ("[::1", "no host"),
        ("1.2.3", "no host"),
    ],
)
def test_a_host_that_none_is_refused_with_the_way_to_write_it(text: str, hint: str) -> None:
    with pytest.raises(ValueError, match=hint) as caught:
        server_module.make_server_options(5006, "127.0.0.1", [text], AccessOptions())
    assert len(str(caught.value)) < 400


# Names and passwords.


def test_without_a_login_nothing_is_served_but_the_way_to_it(locked: Served) -> None:
    visitor = Visitor(locked.home)
    for path in ("/", "/?v=1&B=ringfence"):
        status, text, headers = visitor.get(path)
        assert status == 302 and headers["Location"].lstrip("./").startswith("login?next="), path
        assert "token" not in text
    token = Visitor(locked.home, follow=True)
    token.sign_in()
    assert refused(locked, token.token(), Origin=locked.home) == 403


def test_the_right_password_lets_in_and_the_wrong_one_does_not(locked: Served) -> None:
    visitor = Visitor(locked.home)
    for name, password in (
        ("anna", WRONG),
        ("anna", ""),
        ("anna", RIGHT + " "),
        ("carl", RIGHT),
        ("", RIGHT),
        ("anna:x", RIGHT),
        ("ANNA", RIGHT),
    ):
        status, text, _ = visitor.sign_in(name, password)
        assert status == 401 and "wrong" in text and not visitor.cookie()
    status, _, headers = visitor.sign_in("anna", RIGHT, "/login?next=/%3Fv%3D1%26tab%3Dshare")
    assert (status, headers["Location"]) == (302, "./?v=1&tab=share")
    assert visitor.get()[0] == 200


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(locked: Served) -> None:
    cookie = Visitor(locked.home).sign_in()[2]["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie
    assert RIGHT not in cookie


@pytest.mark.parametrize(
    "wanted", ["//evil.example/", "https://evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_never_leads_elsewhere(wanted: str, locked: Served) -> None:
    headers = Visitor(locked.home).sign_in("anna", RIGHT, "/login?" + urlencode({"next": wanted}))[2]
    assert headers["Location"] == "./"


def test_what_was_typed_or_asked_for_is_escaped_on_the_login_page(locked: Served) -> None:
    visitor = Visitor(locked.home)
    text = visitor.sign_in(f'">{SCRIPT}', WRONG, "/login?" + urlencode({"next": f'/?"><{SCRIPT}', "error": SCRIPT}))[1]
    assert "<script" not in text and "&lt;script" in text
    assert "src=" not in text and "http" not in text.replace("http-equiv", "")


def test_a_form_on_another_site_can_sign_nobody_in_or_out(locked: Served) -> None:
    visitor = Visitor(locked.home)
    assert visitor.sign_in(Origin="http://evil.example")[0] == 403
    assert visitor.sign_in(Sec_Fetch_Site="cross-site")[0] == 403
    assert not visitor.cookie()
    visitor.sign_in(Origin=locked.home)
    assert visitor.get("/logout", {}, Origin="http://evil.example")[0] == 403
    assert visitor.get("/logout")[0] == 200 and visitor.get()[0] == 200


def test_after_many_wrong_passwords_even_the_right_one_has_to_wait(locked: Served) -> None:
    visitor = Visitor(locked.home)
    codes = [visitor.sign_in("ben", WRONG)[0] for _ in range(MOST_WRONG["pair"])]
    assert codes == [401] * MOST_WRONG["pair"]
    status, text, _ = visitor.sign_in("ben", RIGHT)
    assert status == 429 and "wait" in text
    assert visitor.sign_in("anna", RIGHT)[0] == 302


def sign_in_at_once(users: Path, names: Sequence[str], password: str) -> list[int]:
    """The answers to attempts that are all made before any password is looked at."""
    gate, made = LoginGate(PasswordFile(users)), threading.Event()
    gate.password_thread.submit(made.wait, 60)
    with served(gate) as server, ThreadPoolExecutor(len(names)) as hands:
        answers = [hands.submit(lambda name: Visitor(server.home).sign_in(name, password)[0], name) for name in names]
        wait_for(lambda: gate.attempts.waiting.total() + sum(answer.done() for answer in answers) == len(names))
        made.set()
        return [answer.result() for answer in answers]


def test_guesses_made_at_once_are_no_more_than_those_made_in_turn(users: Path) -> None:
    codes = sign_in_at_once(users, ["ben"] * 20, WRONG)
    assert sorted(codes) == [401] * MOST_WRONG["pair"] + [429] * (20 - MOST_WRONG["pair"])


def test_a_crowd_of_wrong_names_does_not_lock_out_the_right_one(users: Path) -> None:
    assert sign_in_at_once(users, [*(f"nobody{n}" for n in range(20)), "anna"], RIGHT) == [401] * 20 + [302]


def test_attempts_are_counted_by_name_and_by_address_and_the_words_say_which() -> None:
    attempts = LoginAttempts()

    def wrong(address: str, name: str) -> str:
        refusal = attempts.begin(address, name)
        if not refusal:
            attempts.end(address, name, False)
        return refusal

    assert [wrong("10.0.0.1", "anna") for _ in range(9)] == [""] * 8 + [WAIT_MESSAGES["pair"]]
    assert wrong("10.0.0.2", "anna") == wrong("10.0.0.1", "ben") == ""
    assert {wrong("10.0.0.1", f"x{n}") for n in range(91)} == {""}
    assert wrong("10.0.0.1", "carl") == WAIT_MESSAGES["address"] and wrong("10.0.0.2", "carl") == ""
    assert {wrong(f"10.1.0.{n}", "anna") for n in range(91)} == {""}
    assert wrong("10.2.0.1", "anna") == WAIT_MESSAGES["name"]
    assert (
        find_client_network("2001:db8::1")
        == find_client_network("2001:db8::ffff:2")
        != find_client_network("2001:db8:0:1::1")
    )


def test_a_right_password_takes_back_what_was_counted_against_it_and_nothing_else() -> None:
    attempts = LoginAttempts()
    for _ in range(7):
        assert attempts.begin("10.0.0.1", "anna") == attempts.begin("10.0.0.1", "ben") == ""
        attempts.end("10.0.0.1", "anna", False), attempts.end("10.0.0.1", "ben", False)
    assert attempts.begin("10.0.0.1", "anna") == ""
    attempts.end("10.0.0.1", "anna", True)
    assert all(attempts.begin("10.0.0.1", "anna") == "" for _ in range(8))
    assert attempts.begin("10.0.0.1", "ben") == "" and attempts.begin("10.0.0.1", "ben") == WAIT_MESSAGES["pair"]


def test_when_too_many_wait_for_an_answer_the_words_are_true_and_it_passes() -> None:
    attempts = LoginAttempts()
    for n in range(MOST_WAITING_PER_ADDRESS):
        assert attempts.begin("10.0.0.1", f"n{n}") == ""
    assert attempts.begin("10.0.0.1", "anna") == BUSY_MESSAGE and attempts.begin("10.0.0.2", "anna") == ""
    attempts.end("10.0.0.1", "n0", False)
    assert attempts.begin("10.0.0.1", "anna") == ""


def test_idle_connections_do_not_keep_others_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections.limit_connections, "__defaults__", (20,))
    with served(Gate()) as server:
        idle = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(60)]
        assert Visitor(server.home).get()[0] == 200
        wait_for(lambda: len(server.server._http._connections) <= 20)
        for one in idle:
            one.close()
    server_settings = server_module.make_server_options(5006, "127.0.0.1", [], AccessOptions())["http_server_kwargs"]
    assert 0 < server_settings["idle_connection_timeout"] <= 60 and 0 < server_settings["body_timeout"] <= 120


def test_signing_out_ends_the_login_itself_and_the_pages_that_are_open(locked: Served) -> None:
    visitor = Visitor(locked.home)
    visitor.sign_in()
    cookie = visitor.cookie()

    async def go() -> int:
        request = HTTPRequest(f"ws://localhost:{locked.port}/ws", headers={"Origin": locked.home, "Cookie": cookie})
        connection = await connect_page(request, visitor.token())
        await connection.read_message()
        out = await asyncio.to_thread(visitor.get, "/logout", {})
        assert out[0] == 200 and "signed out" in out[1]
        while await connection.read_message() is not None:
            pass
        return int(connection.close_code or 0)

    assert apart(lambda: asyncio.wait_for(go(), 30)) == 4001
    assert not visitor.cookie()
    thief = Visitor(locked.home)
    assert thief.get("/", Cookie=cookie)[0] == 302


def test_who_is_taken_out_of_the_file_or_has_a_new_password_is_out_at_once(tmp_path: Path) -> None:
    file = tmp_path / "users.txt"
    save_password(file, "anna", RIGHT)
    save_password(file, "ben", RIGHT)
    gate = LoginGate(PasswordFile(file))
    with served(gate) as server:
        anna, ben = Visitor(server.home), Visitor(server.home)
        anna.sign_in("anna"), ben.sign_in("ben")
        assert (anna.get()[0], ben.get()[0]) == (200, 200)
        save_password(file, "anna", WRONG)
        assert (anna.get()[0], ben.get()[0]) == (302, 200)
        file.write_text(f"anna:{hash_password(RIGHT)}\n", encoding="utf-8")
        assert ben.get()[0] == 302
        file.unlink()
        assert ben.sign_in("ben")[0] == 401


def test_a_login_runs_out(locked: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = Visitor(locked.home)
    visitor.sign_in()
    assert visitor.get()[0] == 200
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + LOGIN_HOURS * 3600 + 5)
    assert visitor.get("/logout")[1].count("You are signed out") == 1


def test_a_forged_cookie_is_worth_nothing(locked: Served) -> None:
    visitor = Visitor(locked.home)
    visitor.sign_in()
    name, value = visitor.cookie().split("=", 1)
    login = base64.b64encode(json.dumps({"name": "anna", "at": int(time.time())}).encode()).decode()
    for forged in (
        value[:-3] + "000",
        re.sub(r"[0-9]+:[A-Za-z0-9+/=]{60,}\|", f"{len(login)}:{login}|", value),
        "anna",
        "",
    ):
        assert forged != value
        assert Visitor(locked.home).get("/", Cookie=f"{name}={forged}")[0] == 302


def test_the_file_holds_hashes_and_not_passwords_and_each_has_its_own_salt_and_takes_its_full_cost(
    tmp_path: Path,
) -> None:
    file = tmp_path / "users.txt"
    with dear_hashes():
        assert save_password(file, "anna", RIGHT) and save_password(file, "ben", RIGHT)
        assert password_file._make_hash_of_nobody().startswith(f"scrypt${COST}$")
    assert RIGHT not in file.read_text(encoding="utf-8")
    one, two = read_password_file(file).values()
    assert one != two and check_password(RIGHT, one) and check_password(RIGHT, two) and not check_password(WRONG, one)
    assert one.startswith(f"scrypt${COST}$")


def test_a_password_may_be_typed_with_any_keyboard() -> None:
    stored = hash_password("cafe\u0301 au lait s'il vous plaît", 10)
    assert check_password("café au lait s'il vous plaît", stored)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("anna:secret\n", "users.txt:1"),
        ("", "holds no names"),
        ("# nobody\n", "holds no names"),
        ("anna\n", "hashed"),
        (f"anna:{hash_password(RIGHT, 10)}\nanna:{hash_password(RIGHT, 10)}\n", "twice"),
        ("an na:x\n", "users.txt:1"),
        ("anna:scrypt$40$AAAAAAAA$" + "A" * 44, "users.txt:1"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_with_its_line(text: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "users.txt"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=message) as caught:
        PasswordFile(file)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("auth", ["basic", "basic:", "pam:x", "oauth:", "basic:/nowhere/users.txt"])
def test_a_guard_that_cannot_be_used_stops_the_server(auth: str) -> None:
    with pytest.raises((ValueError, OSError)):
        server_module.make_server_options(5006, "127.0.0.1", [], AccessOptions(auth))


# Providers.


class Provider:
    """A provider of accounts: whoever comes is `name`."""

    def __init__(self) -> None:
        self.name = "anna@example.org"
        provider = self

        class Authorize(RequestHandler):
            def get(self) -> None:
                query = urlencode({"code": "c0de", "state": self.get_argument("state")})
                self.redirect(f"{self.get_argument('redirect_uri')}/login?{query}")

        class Token(RequestHandler):
            def post(self) -> None:
                good = self.get_argument("client_secret") == "s3cret" and self.get_argument("code") == "c0de"
                self.set_status(200 if good else 401)
                self.write({"access_token": "t0ken", "token_type": "bearer"} if good else {"error": SCRIPT})

        class User(RequestHandler):
            def get(self) -> None:
                self.write({"email": provider.name})

        ready = threading.Event()

        def run() -> None:
            asyncio.set_event_loop(asyncio.new_event_loop())
            self.loop = IOLoop.current()
            self.server = HTTPServer(Application([("/authorize", Authorize), ("/token", Token), ("/user", User)]))
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                self.port = free.getsockname()[1]
            self.server.listen(self.port, "127.0.0.1")
            self.loop.add_callback(ready.set)
            self.loop.start()

        threading.Thread(target=run, daemon=True).start()
        assert ready.wait(20)


OAUTH = """\
provider: generic
key: ringfence
secret: s3cret
allow: [anna@example.org, "@nhs.example"]
extra:
  AUTHORIZE_URL: http://127.0.0.1:{port}/authorize
  TOKEN_URL: http://127.0.0.1:{port}/token
  USER_URL: http://127.0.0.1:{port}/user
"""


@pytest.fixture(scope="module")
def accounts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Provider, Served]]:
    provider = Provider()
    file = tmp_path_factory.mktemp("oauth") / "oauth.yaml"
    file.write_text(OAUTH.format(port=provider.port), encoding="utf-8")
    before = {
        name: getattr(pn.config, name)
        for name in ("oauth_key", "oauth_secret", "oauth_extra_params", "oauth_expiry", "oauth_redirect_uri")
    }
    gate = OAuthGate(read_oauth_settings(file))
    with served(gate) as server:
        yield provider, server
    provider.loop.add_callback(provider.loop.stop)
    for name, value in before.items():
        setattr(pn.config, name, value)
    pn.config.oauth_provider = None


def test_those_whom_the_provider_knows_and_the_list_names_come_in(accounts: tuple[Provider, Served]) -> None:
    provider, server = accounts
    for name in ("anna@example.org", "Ben@NHS.example"):
        provider.name = name
        visitor = Visitor(server.home, follow=True)
        status, text, _ = visitor.get()
        assert status == 200 and '"token":"' in text


def test_an_account_that_is_not_on_the_list_gets_no_page_and_no_connection(accounts: tuple[Provider, Served]) -> None:
    provider, server = accounts
    provider.name = "anna@example.org"
    token = Visitor(server.home, follow=True).token()
    for name in (f"{SCRIPT}@evil.example", "anna@example.org.evil.example", "x@fake-nhs.example"):
        provider.name = name
        visitor = Visitor(server.home, follow=True)
        status, text, _ = visitor.get()
        assert status == 403 and "not on its list" in text and "<script" not in text
        cookies = "; ".join(f"{c.name}={c.value}" for c in visitor.cookies)
        assert refused(server, token, Origin=server.home, Cookie=cookies) == 403


def test_a_faulty_return_from_the_provider_is_told_without_running_or_loading_anything(
    accounts: tuple[Provider, Served],
) -> None:
    _, server = accounts
    for path in ("/login?" + urlencode({"error": "denied", "error_description": SCRIPT}), "/login?code=c0de&state=x"):
        status, text, headers = Visitor(server.home).get(path)
        assert status == 401 and "did not work" in text
        assert "<script" not in text and "src=" not in text
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"] == SCRIPTLESS_POLICY
    assert "cannot be shown" in Visitor(server.home).get("/login?state=%ff")[1]


def test_the_way_to_the_provider_carries_no_secret_in_its_address(accounts: tuple[Provider, Served]) -> None:
    _, server = accounts
    location = Visitor(server.home).get("/login")[2]["Location"]
    assert parse_qs(urlsplit(location).query)["client_id"] == ["ringfence"]
    assert "s3cret" not in location


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("provider: pam", "provider must be one of"),
        ("provider: nobody", "must be one of"),
        ("allow: []", "allow"),
        ("allow: ['*']", "everybody"),
        ("allow: ['@example']", "no domain"),
        ("key: ''", "key is missing"),
        ("secret: ''", "secret is missing"),
        ("colour: red", "colour is not known"),
        ("extra: [1]", "extra"),
    ],
)
def test_oauth_settings_that_let_in_too_many_or_nobody_are_refused(line: str, message: str, tmp_path: Path) -> None:
    key = line.split(":")[0]
    documents = [
        line_here
        for line_here in OAUTH.splitlines()
        if not line_here.startswith((f"{key}:", "  " if key == "extra" else "\0"))
    ]
    file = tmp_path / "oauth.yaml"
    file.write_text("\n".join([*documents, line]), encoding="utf-8")
    with pytest.raises(ValueError, match=re.escape(message)):
        read_oauth_settings(file)


def test_key_and_secret_may_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "oauth.yaml"
    file.write_text("provider: github\nallow: [anna]\n", encoding="utf-8")
    monkeypatch.setenv("RINGFENCE_OAUTH_KEY", "k")
    monkeypatch.setenv("RINGFENCE_OAUTH_SECRET", "s")
    oauth_settings = read_oauth_settings(file)
    assert (oauth_settings.key, oauth_settings.secret, oauth_settings.admits("Anna"), oauth_settings.admits("ben")) == (
        "k",
        "s",
        True,
        False,
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"title: A scenario\nchanges: {}\n", "mine.txt:1: is no name with a hashed password"),
        (b"code,name\nQWO,West Yorkshire\n", "mine.txt:1: is no name"),
        (b"anna:plain\n", "mine.txt:1: is no name with a hashed password"),
        (b"\x00\xff\xfe", "is not UTF-8 text"),
        (None, "is not a file"),
    ],
)
def test_a_file_that_holds_anything_but_passwords_is_left_as_it_was(
    content: bytes | None, words: str, tmp_path: Path
) -> None:
    file = tmp_path / "mine.txt"
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content)
    with pytest.raises(ValueError, match=re.escape(words)):
        save_password(file, "anna", RIGHT)
    assert content is None or file.read_bytes() == content


def test_a_file_of_passwords_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"there is no such file; `ringfence password nope\.txt NAME` makes it"):
        PasswordFile(tmp_path / "nope.txt")


def test_comments_in_a_file_of_passwords_stay(tmp_path: Path) -> None:
    file = tmp_path / "users"
    file.write_text("# the team\n\n", encoding="utf-8")
    assert save_password(file, "anna", RIGHT)
    assert file.read_text(encoding="utf-8").startswith("# the team\n\nanna:scrypt$")
