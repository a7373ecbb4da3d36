"""The list of everything that this server serves over HTTP, and who may ask for it.

Panel and Bokeh bring more routes than the page needs. One of them imports whatever Python module an address names,
before anybody is asked who they are. So the application's own routes are thrown away, and these few put in their place:
what a new version of Panel adds is not served until somebody writes it down here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import panel as pn
from bokeh.server.tornado import BokehTornado
from bokeh.server.views.ico_handler import IcoHandler
from bokeh.server.views.session_handler import SessionHandler
from bokeh.settings import settings
from panel.io.resources import DIST_DIR
from tornado.routing import PathMatches, Rule
from tornado.web import HTTPError, RequestHandler, StaticFileHandler, authenticated

from dashboards.access.gate import HEADERS, LOGIN, LOGOUT, Gate, send_page
from dashboards.access.hosts import Hosts, OtherHost
from dashboards.access.refusals import PlainErrors, log_refusal
from dashboards.access.sockets import Socket, make_token
from dashboards.widgets.first_paint import render_first_page

STATIC = "/static/"
FILES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "js": ("bokeh.min.js", "bokeh-widgets.min.js", "bokeh-tables.min.js"),
        "extensions/panel": (
            "panel.min.js",
            "images/favicon.ico",
            "images/apple-touch-icon.png",
            "css/*.css",
            "bundled/theme/*.css",
        ),
    }
)
"""The files that the page loads, by their place below /static/."""


class Audience(Enum):
    """Who may ask for a route."""

    ANYBODY = "anybody"
    VISITOR = "whoever has signed in; anybody, where nobody has to"


@dataclass(frozen=True)
class Route:
    """Something that is served: `path` is a regular expression for the whole path of an address."""

    path: str
    handler: type[RequestHandler]
    reach: Audience
    arguments: Mapping[str, Any] = field(default_factory=dict)


def list_served_folders() -> dict[str, Path]:
    """Where the folders of FILES are on this computer."""
    return {
        "js": Path(settings.bokehjs_path()) / "js",
        "extensions/panel": Path(DIST_DIR),
    }


@lru_cache(maxsize=1)
def list_served_files() -> Mapping[str, Path]:
    """Each file that may be sent, by its address below /static/. It is looked up before anybody asks."""
    candidates = {
        f"{place}/{path.relative_to(folder).as_posix()}": path
        for place, folder in list_served_folders().items()
        for pattern in FILES[place]
        for path in sorted(folder.glob(pattern))
    }
    return MappingProxyType({address: path for address, path in candidates.items() if path.is_file()})


class WrongHost(PlainErrors):
    """The answer to requests for a server of another name."""

    def prepare(self) -> None:
        words = "This server does not go by the name in your address. Whoever runs it can give it that name (--allow)."
        send_page(self, "told.html", 421, title="Another name", words=words, nowhere=True)


class NotFound(PlainErrors):
    """The answer to every address that is not on the list."""

    def prepare(self) -> None:
        self.send_error(404)


class Page(PlainErrors, SessionHandler):
    """The dashboard: at first the same small page for everybody; a browser's websocket gets the rest."""

    @authenticated
    async def get(self) -> None:
        self.set_header("Cache-Control", "no-store")  # it holds a token
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.write(render_first_page(make_token(self.application, self.request.host), self.request.query))

    def get_login_url(self) -> str:
        return f".{LOGIN}"


class Icon(PlainErrors, IcoHandler):
    """The small picture that browsers ask for by themselves."""


class PageFile(PlainErrors, StaticFileHandler):
    """Scripts, styles and typefaces of the page, for those who may see the page."""

    async def prepare(self) -> None:
        for header, value in HEADERS.items():
            self.set_header(header, value)
        gate: Gate = self.application.auth_provider  # type: ignore[attr-defined]
        if await gate.find_visitor(self) is None and not self._finished:
            self.send_error(403)

    @classmethod
    def get_absolute_path(cls, root: Any, path: str) -> str:
        if path not in root:
            raise HTTPError(404)
        return str(root[path])

    def validate_absolute_path(self, root: Any, absolute_path: str) -> str | None:
        return absolute_path


def list_routes(application: BokehTornado) -> Iterator[Route]:
    """All that is served. Raises RuntimeError for a login at an address that is not the login's."""
    context = {"application_context": application.applications["/"], "bokeh_websocket_path": "/ws"}
    yield Route("/", Page, Audience.VISITOR, context)
    yield Route("/ws", Socket, Audience.VISITOR, context)
    yield Route(f"{re.escape(STATIC)}(.*)", PageFile, Audience.VISITOR, {"path": list_served_files()})
    yield Route(re.escape("/favicon.ico"), Icon, Audience.ANYBODY, {"app": application})
    for address, handler in application.auth_provider.endpoints:
        if address not in (LOGIN, LOGOUT):
            raise RuntimeError(f"a login wants to be at {address}")
        plain = handler if issubclass(handler, PlainErrors) else type(handler.__name__, (PlainErrors, handler), {})
        yield Route(address, plain, Audience.ANYBODY)


def log_answer(handler: RequestHandler) -> None:
    """A line for each request that was refused. Addresses hold titles and reasons, so they are not in it."""
    if handler.get_status() >= 400:
        log_refusal(f"http-{type(handler).__name__}", str(handler.get_status()))


def set_routes(server: pn.io.server.Server, hosts: Hosts, place: tuple[int, int] = (0, 1)) -> None:
    """Take away every route that Panel and Bokeh have given a server, and give it ours, for its own names alone.

    `place` is the number of this process, from nought, and how many there are behind one address.
    """
    application = server._tornado
    rules = [
        Rule(PathMatches(f"{route.path}$"), route.handler, dict(route.arguments)) for route in list_routes(application)
    ]
    application.wildcard_router.rules.clear()
    application.default_router.rules.clear()
    application.default_router.add_rules([Rule(OtherHost(hosts), WrongHost), *rules])
    application.settings.update(default_handler_class=NotFound, log_function=log_answer, hosts=hosts, place=place)
