"""What somebody goes through when the server dies, the network is cut, a login ends or the house is full."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("panel", reason="the dashboard is not installed: pip install -e '.[dashboard]'")

from browsing import SLOW, chromium, open_levers, ready, settle, violations
from visits import served_here

from dashboards.access.options import AccessOptions
from dashboards.access.password_file import save_password

pytestmark = [pytest.mark.dashboards, pytest.mark.xdist_group("browser"), pytest.mark.filterwarnings("default")]

LEVER = re.compile("Number: Added enforcement")
OFF = "document.querySelectorAll('body > [inert]').length > 0"
BACK = (
    "!document.querySelector('body > [inert]') && !document.getElementById('ringfence-first') "
    "&& window.Bokeh?.documents?.length > 0"
)
RIGHT = "correct horse battery"


class Server:
    """A server in a process of its own, which can be killed, and another that comes after it on the same port."""

    def __init__(self, auth: str = "") -> None:
        chromium()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.home, self.auth = f"http://localhost:{self.port}/", auth
        options = ["--auth", auth] if auth else []
        command = [sys.executable, "-m", "simulator", "serve", "--port", str(self.port), *options]
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        until = time.monotonic() + 180
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            assert self.process.poll() is None and time.monotonic() < until
            time.sleep(0.2)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(20)

    def start_another(self) -> AbstractContextManager[str]:
        """As one that is started again: it knows nothing of the one before, and has another secret for its cookies."""
        return served_here(AccessOptions(self.auth), self.port, drop_closed_pages=False)


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    started: list[Server] = []

    def begin(auth: str = "") -> Server:
        started.append(Server(auth))
        return started[-1]

    yield begin
    for server in started:
        server.kill()


@pytest.fixture(scope="module")
def lenient(browser: Any) -> Iterator[Any]:
    """What the pages of these tests share: a browser's cache."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=True)
    yield context
    context.close()


@pytest.fixture(scope="module")
def visited(lenient: Any) -> Any:
    """The page that visits share."""
    made = lenient.new_page()
    made.set_default_timeout(SLOW)
    return made


@pytest.fixture
def page(visited: Any, lenient: Any) -> Any:
    """A page that may have errors: a lost connection is one for the browser."""
    lenient.clear_cookies()
    return visited


def set_lever(page: Any, value: str) -> None:
    if not page.get_by_label(LEVER).count():
        open_levers(page)
    page.get_by_label(LEVER).first.fill(value)
    page.get_by_label(LEVER).first.press("Enter")
    page.wait_for_url(re.compile(re.escape(f"B.audit={value}_")))


def test_a_server_that_dies_is_said_and_when_it_is_back_nothing_chosen_is_lost(
    page: Any, serve: Callable[..., Server]
) -> None:
    server = serve()
    ready(page, server.home, "?v=1&B=ringfence&tab=build&n=250")
    set_lever(page, "0.5")
    page.wait_for_timeout(2_000)
    assert not page.evaluate(OFF) and page.locator("#ringfence-connection").inner_text() == ""
    chosen = page.url
    server.kill()
    page.get_by_role("alert").filter(has_text="connection to the server is lost").wait_for()
    assert page.evaluate(OFF)
    page.keyboard.press("Tab")
    assert page.evaluate("!document.activeElement.closest('[inert]')")
    assert [one for one in violations(page) if "ringfence-connection" in one] == []
    with server.start_another():
        page.wait_for_function(BACK)
        settle(page)
        open_levers(page)  # another page, which begins with levers folded away
        assert page.url == chosen and page.get_by_label(LEVER).first.input_value() == "0.5"
        set_lever(page, "0.7")
        page.goto("about:blank")


def test_a_connection_that_breaks_comes_back_to_the_same_page_with_what_can_be_undone(
    lenient: Any, address: str
) -> None:
    page = lenient.new_page()  # of its own, for what is put into it stays
    page.set_default_timeout(SLOW)
    page.add_init_script(
        "const Real = WebSocket; window.sockets = []; "
        "window.WebSocket = class extends Real { constructor(...a) { super(...a); sockets.push(this) } }"
    )
    ready(page, address, "?v=1&B=ringfence&tab=build&n=250")
    set_lever(page, "0.5")
    page.locator("[role=status]", has_text="Working out what you changed").wait_for(state="detached")
    settle(page)
    page.wait_for_timeout(3_000)  # in the middle of a message it would be loaded anew instead
    page.evaluate("window.same = true; sockets.at(-1).close(4000)")
    page.get_by_role("alert").filter(has_text=re.compile("^The connection is back.$")).wait_for()
    page.get_by_label(LEVER).first.wait_for()
    assert page.evaluate("window.same === true")  # the page was not loaded anew
    assert page.get_by_label(LEVER).first.input_value() == "0.5"
    page.get_by_role("button", name="Undo").click()
    page.wait_for_function("!location.search.includes('B.audit')")
    page.close()


def test_a_login_that_ends_is_said_and_what_was_chosen_is_there_after_the_next(
    page: Any, serve: Callable[..., Server], tmp_path: Path
) -> None:
    users = tmp_path / "users.txt"
    save_password(users, "anna", RIGHT)
    server = serve(f"basic:{users}")
    page.goto(f"{server.home}?v=1&B=ringfence&tab=build&n=250")

    def sign_in() -> None:
        page.get_by_label("Name").fill("anna")
        page.get_by_label("Password").fill(RIGHT)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_text("Signed in as anna").wait_for()

    sign_in()
    settle(page)
    set_lever(page, "0.5")
    server.kill()
    page.get_by_role("alert").filter(has_text="connection to the server is lost").wait_for()
    with server.start_another():  # it signs cookies anew: the login has ended with the other
        page.get_by_role("alert").filter(has_text="signed out").wait_for()
        page.get_by_role("link", name="Sign in and go on").click()
        sign_in()
        settle(page)
        open_levers(page)  # another page, which begins with levers folded away
        assert page.get_by_label(LEVER).first.input_value() == "0.5"
        page.goto("about:blank")


def test_a_full_house_opens_by_itself_when_somebody_leaves(browser: Any, page: Any) -> None:
    with served_here(AccessOptions(sessions=1), drop_closed_pages=False) as home:
        ready(page, home)
        context = browser.new_context()
        other = context.new_page()
        other.set_default_timeout(SLOW)
        other.goto(f"{home}?v=1&B=ringfence&tab=share")
        other.get_by_role("heading", name="The dashboard is full").wait_for()
        other.get_by_role("status").filter(has_text="opens by itself").wait_for()
        page.goto("about:blank")
        other.get_by_role("heading", name="Take it away").wait_for()
        assert "tab=share" in other.url
        context.close()


def test_a_file_that_is_too_large_is_refused_in_words(page: Any, address: str) -> None:
    ready(page, address, "?v=1&B=ringfence&tab=share&n=250")
    field = page.get_by_label("Upload a scenario (.yaml)")
    field.set_input_files({"name": "big.yaml", "mimeType": "text/yaml", "buffer": b"#" * 262_145})
    page.get_by_role("alert").filter(has_text="big.yaml is larger than 256 kB").wait_for()
    text = b"title: Mine\nquestion: What?\nextends: ringfence\ncannot_say: Much.\nchanges: {}\n"
    whole = text + b"#" * (262_144 - len(text))
    field.set_input_files({"name": "mine.yaml", "mimeType": "text/yaml", "buffer": whole})
    page.get_by_role("status").filter(has_text="is now “Mine”").first.wait_for()
