"""What can be asked for over HTTP: every route of the server itself, who may ask, and nothing besides."""

from __future__ import annotations

import ast
import re
import socket
import sys
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

pytest.importorskip("panel", reason="the dashboard is not installed: pip install -e '.[dashboard]'")

import panel as pn
from hashes import cheap_hashes
from test_gate import RIGHT, Served, Visitor, refused, served
from tornado.routing import PathMatches, Router
from tornado.web import Application
from visits import served_here

from dashboards.access.gate import HEADERS, SCRIPTLESS_POLICY, Gate
from dashboards.access.hosts import OtherHost
from dashboards.access.options import AccessOptions
from dashboards.access.password_file import PasswordFile, save_password
from dashboards.access.password_login import LoginGate
from dashboards.access.refusals import PlainErrors
from dashboards.access.routes import FILES, list_routes, list_served_files, list_served_folders
from dashboards.server import server as server_module
from dashboards.server.page import make_page

pytestmark = [pytest.mark.dashboards, pytest.mark.filterwarnings("default")]

ROOT = Path(__file__).parents[3]
ICON = "/favicon.ico"
SCRIPT_FILE = "/static/extensions/panel/panel.min.js"

REACHED = {  # each route: an address of it, what a stranger gets where there is a login, and what a visitor gets
    "/$": ("/", 302, 200),
    "/ws$": ("/ws", 403, 400),  # a visitor who speaks no websocket is told so
    "/static/(.*)$": (SCRIPT_FILE, 403, 200),
    r"/favicon\.ico$": (ICON, 200, 200),
    "/login$": ("/login", 200, 200),
    "/logout$": ("/logout", 200, 200),
}
OFFERED = {  # what Panel and Bokeh would serve, and an address of each that is not ours
    "/?$": None,
    "/ws$": None,
    "/static/(?!extensions/)(.*)$": "/static/js/bokeh.js",
    "/static/extensions/(.*)$": "/static/extensions/panel/bundled/jquery/jquery.min.js",
    "/static/(.*)$": "/static/js/bokeh.js",
    "/favicon.ico$": None,
    "/metadata$": "/metadata",
    "/autoload.js$": "/autoload.js?bokeh-autoload-element=x",
    "/components/(.*)$": "/components/unittest.__main__/x/_css/y",
}
NEVER = (
    "/rest/session_info",
    "/rest/",
    "/liveness",
    "/admin",
    "/index",
    "/_stcore/health",
    "/favicon.ico/x",
    "/static",
    "/static/",
    "/static/js/",
    "/static/../pyproject.toml",
    "/static/%2e%2e/%2e%2e/pyproject.toml",
    "/static//etc/passwd",
    "/faviconxico",
    "/static/extensions/panel/../../../__init__.py",
    "/static/js/bokeh.min.js/x",
    "/static/js/bokeh.min.js%00",
    "//",
    "/./",
    "/login/",
    "/loginx",
    "/components/",
    "/components/os/x/y/z",
    "/ws/",
    "/wsx",
    "/.git/config",
    "/%2e%2e/x",
)


def patterns(router: Router) -> Iterator[str]:
    """Every route that a router knows, as it is written, those of routers inside it too."""
    for rule in router.rules:  # type: ignore[attr-defined]
        if isinstance(rule.target, Router):
            yield from patterns(rule.target)
        elif not isinstance(rule.matcher, OtherHost):
            assert isinstance(rule.matcher, PathMatches), "a route that is not found by its path"
            yield rule.matcher.regex.pattern


@pytest.fixture(scope="module")
def house() -> Iterator[Served]:
    with served(Gate()) as server:
        yield server


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    users = tmp_path_factory.mktemp("users") / "users.txt"
    with cheap_hashes():
        save_password(users, "anna", RIGHT)
    with served(LoginGate(PasswordFile(users))) as server:
        yield server


@pytest.fixture(scope="module")
def dashboard() -> Iterator[str]:
    with served_here() as server:
        yield server


@pytest.fixture
def imported(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of modules that something asks Python to import by name."""
    import importlib

    calls: list[str] = []
    real = importlib.import_module

    def watched(name: str, package: str | None = None) -> Any:
        calls.append(name)
        return real(name, package)

    monkeypatch.setattr(importlib, "import_module", watched)
    return calls


def application(server: Served) -> Application:
    application_found: Application = server.server._tornado
    return application_found


def test_every_route_of_the_server_is_listed_with_who_may_reach_it(house: Served, locked: Served) -> None:
    assert set(patterns(application(locked).default_router)) == set(REACHED)
    assert set(patterns(application(house).default_router)) == set(REACHED) - {"/login$", "/logout$"}
    assert list(patterns(application(locked).wildcard_router)) == []


@pytest.mark.parametrize("pattern", REACHED)
def test_a_stranger_and_a_visitor_get_of_each_route_what_is_theirs(pattern: str, locked: Served) -> None:
    address, stranger, visitor = REACHED[pattern]
    inside = Visitor(locked.home)
    inside.sign_in()
    assert Visitor(locked.home).get(address)[0] == stranger
    assert inside.get(address)[0] == visitor


@pytest.mark.parametrize("pattern", [one for one in REACHED if one not in ("/login$", "/logout$")])
def test_where_nobody_signs_in_everybody_gets_what_a_visitor_gets(pattern: str, house: Served) -> None:
    address, _, visitor = REACHED[pattern]
    assert Visitor(house.home).get(address)[0] == visitor


def test_every_route_that_panel_and_bokeh_bring_is_known_to_us() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    setup = server_module.make_server_options(port, "127.0.0.1", [], AccessOptions())
    theirs = pn.io.server.get_server({"/": make_page}, **setup)
    try:
        assert set(patterns(theirs._tornado.wildcard_router)) == set(OFFERED)
    finally:
        theirs._http.stop()


@pytest.mark.parametrize("address", [*(one for one in OFFERED.values() if one), *NEVER])
def test_what_the_page_does_not_need_is_not_there_for_anybody(
    address: str, house: Served, locked: Served, imported: list[str]
) -> None:
    inside = Visitor(locked.home)
    inside.sign_in()
    for visitor in (Visitor(house.home), inside):
        status, text, headers = visitor.get(address)
        assert status == 404 and "Traceback" not in text
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert Visitor(locked.home).get(address)[0] in (403, 404)
    assert imported == []


@pytest.mark.parametrize("module", ["unittest.__main__", "this", "antigravity", "dashboards.analyses.build_shipped"])
def test_no_address_makes_the_server_import_a_module(module: str, house: Served, imported: list[str]) -> None:
    before = set(sys.modules)
    for kind in ("_css", "__css__", "_resources", "_bundle_path"):
        for path in (f"/components/{module}/x/{kind}/y", f"/static/{module}/x/{kind}/y", f"/{module}/x/{kind}/y"):
            assert Visitor(house.home).get(path)[0] == 404
    assert imported == []
    assert module in before or module not in sys.modules
    assert Visitor(house.home).get()[0] == 200


def test_everything_that_the_page_names_is_on_the_list(dashboard: str) -> None:
    visitor = Visitor(dashboard.rstrip("/"))
    text = visitor.get()[1]
    named = {match.split("?")[0] for match in re.findall(r'(?:src|href)="\.?/?(static/[^"]+)"', text)}
    assert len(named) > 5
    for address in sorted(named):
        assert visitor.get(f"/{quote(address, safe='/%@')}")[0] == 200, address


def test_each_file_on_the_list_is_one_of_the_page_and_every_pattern_finds_some() -> None:
    for place, folder in list_served_folders().items():
        for pattern in FILES[place]:
            assert list(folder.glob(pattern)), f"{place}/{pattern}"
    assert {path.suffix for path in list_served_files().values()} <= {".js", ".css", ".woff", ".woff2", ".ico", ".png"}
    assert len(list_served_files()) < 200


def test_a_stranger_gets_no_websocket_and_no_file_of_the_page(locked: Served) -> None:
    inside = Visitor(locked.home)
    inside.sign_in()
    assert refused(locked, inside.token(), Origin=locked.home) == 403
    for address in list_served_files():
        assert Visitor(locked.home).get(f"/static/{quote(address)}")[0] == 403


BARE = [  # what Tornado itself refuses, before or beside any code of ours
    ("POST", "/login", {"Content-Type": "application/x-www-form-urlencoded"}, b"username=%ff&password=x", 400),
    ("POST", "/login", {"Content-Type": "multipart/form-data; boundary=x"}, b"no boundary", 400),
    ("POST", "/login", {"Content-Encoding": "gzip", "Content-Type": "application/x-www-form-urlencoded"}, b"no", 400),
    ("GET", "/login?next=%ff", {}, None, 400),
    ("PUT", "/login", {}, b"", 405),
    ("DELETE", "/logout", {}, None, 405),
    ("POST", "/", {}, b"", 405),
    ("POST", "/ws", {}, b"", 405),
    ("GET", "/ws", {}, None, 400),
    ("GET", "/ws", {"Upgrade": "websocket"}, None, 400),
    ("GET", "/ws", {"Origin": "http://evil.example"}, None, 403),
    ("POST", "/favicon.ico", {}, b"", 405),
    ("GET", "/static/nothing.js", {}, None, 404),
    ("GET", "/nothing", {}, None, 404),
    ("BREW", "/login", {}, None, 405),
]


@pytest.mark.parametrize(("method", "path", "headers", "body", "expected"), BARE)
def test_whatever_is_refused_gets_our_own_page_and_headers(
    method: str, path: str, headers: dict[str, str], body: bytes | None, expected: int, locked: Served
) -> None:
    visitor = Visitor(locked.home)
    visitor.sign_in()
    with closing(HTTPConnection("localhost", locked.port, timeout=60)) as connection:
        connection.request(method, path, body, {**headers, "Cookie": visitor.cookie()})
        answer = connection.getresponse()
        text = answer.read().decode()
    assert answer.status == expected
    assert "This cannot be shown." in text and "<!doctype html>" in text.lower()
    for header, value in HEADERS.items():
        assert answer.headers[header] == value
    assert answer.headers["Content-Security-Policy"] == SCRIPTLESS_POLICY


def test_every_handler_of_ours_shows_errors_on_our_page(house: Served, locked: Served) -> None:
    for server in (house, locked):
        handlers = {route.handler for route in list_routes(application(server))}
        assert handlers and all(issubclass(handler, PlainErrors) for handler in handlers)


def test_servers_are_made_in_one_place_only() -> None:
    makers = re.compile(r"(^|\.)(pn\.serve|pn\.show|serve|get_server|BokehTornado|HTTPServer|Server)$")
    names = set()
    for path in sorted((ROOT / "dashboards").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and makers.search(ast.unparse(node.func)):
                names.add(f"{path.stem}: {ast.unparse(node.func)}")
    assert names == {"server: get_server", "front: front.serve"}
