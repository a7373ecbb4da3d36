"""What somebody goes through when the server dies, the network is cut, a login ends or the house is full."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("panel", reason="the dashboard is not installed: pip install -e '.[dashboard]'")

from browsing import SLOW, open_levers, ready, settle, violations
from hashes import cheap_hashes
from visits import ServerHere

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


@pytest.fixture(scope="module")
def start() -> Callable[..., ServerHere]:
    """Starts a server, always at the same address: the browser keeps the page's scripts. Each knows nothing of the one
    before, and has another secret for its cookies.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    return lambda guard=None: ServerHere(guard, port, drop_closed_pages=False)


def test_a_server_that_dies_is_said_and_when_it_is_back_nothing_chosen_is_lost(
    page: Any, start: Callable[..., ServerHere]
) -> None:
    server = start()
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
    with start():
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
    page: Any, start: Callable[..., ServerHere], tmp_path: Path
) -> None:
    users = tmp_path / "users.txt"
    with cheap_hashes():
        save_password(users, "anna", RIGHT)
    guard = AccessOptions(f"basic:{users}")
    server = start(guard)
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
    with start(guard):  # it signs cookies anew: the login has ended with the other
        page.get_by_role("alert").filter(has_text="signed out").wait_for()
        page.get_by_role("link", name="Sign in and go on").click()
        sign_in()
        settle(page)
        open_levers(page)  # another page, which begins with levers folded away
        assert page.get_by_label(LEVER).first.input_value() == "0.5"
        page.goto("about:blank")


def test_a_full_house_opens_by_itself_when_somebody_leaves(page: Any, start: Callable[..., ServerHere]) -> None:
    with start(AccessOptions(sessions=1)) as server:
        ready(page, server.home)
        other = page.context.new_page()
        other.set_default_timeout(SLOW)
        other.goto(f"{server.home}?v=1&B=ringfence&tab=share")
        other.get_by_role("heading", name="The dashboard is full").wait_for()
        other.get_by_role("status").filter(has_text="opens by itself").wait_for()
        page.goto("about:blank")
        other.get_by_role("heading", name="Take it away").wait_for()
        assert "tab=share" in other.url
        other.close()
