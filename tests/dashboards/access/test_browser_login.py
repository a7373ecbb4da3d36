"""Signing in and out in a real browser, and what the browser itself keeps from leaving."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("panel", reason="the dashboard is not installed: pip install -e '.[dashboard]'")

from browsing import SLOW, chromium, ready, violations, watched
from hashes import cheap_hashes
from visits import served_here

from dashboards.access.options import AccessOptions
from dashboards.access.password_file import save_password

pytestmark = [pytest.mark.dashboards, pytest.mark.xdist_group("browser"), pytest.mark.filterwarnings("default")]

RIGHT = "correct horse battery"


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A dashboard that asks who it is."""
    chromium()
    users = tmp_path_factory.mktemp("users") / "users.txt"
    with cheap_hashes():
        save_password(users, "anna", RIGHT)
    with served_here(AccessOptions(f"basic:{users}"), drop_closed_pages=False) as found:
        yield found


def fill(page: Any, password: str) -> None:
    page.get_by_label("Name").fill("anna")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_one_signs_in_by_keyboard_alone_works_and_signs_out_and_nothing_is_asked_of_another_host(
    browser: Any, locked: str
) -> None:
    with watched(browser, locked) as page:
        page.goto(f"{locked}?v=1&B=ringfence&tab=compare")
        page.get_by_role("heading", name="Sign in to Ringfence", level=1).wait_for()
        for typed in ("anna", RIGHT):
            page.keyboard.press("Tab")
            page.keyboard.type(typed)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{locked}?v=1&B=ringfence&tab=compare")
        page.get_by_text("Signed in as anna").wait_for()
        page.get_by_text(re.compile(r"1,000 futures\.")).first.wait_for()
        page.get_by_role("link", name="Sign out").click()
        page.get_by_role("button", name="Sign out").click()
        page.get_by_role("status").filter(has_text="have stopped").wait_for()
        page.get_by_role("link", name="Sign in again").click()
        page.get_by_role("heading", name="Sign in to Ringfence").wait_for()


def test_a_wrong_password_is_told_in_an_alert_and_the_name_stays(browser: Any, locked: str) -> None:
    context = browser.new_context()  # the browser logs the answer 401 as an error
    page = context.new_page()
    page.set_default_timeout(SLOW)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(locked)
    fill(page, "wrong horse battery")
    page.get_by_role("alert").filter(has_text="wrong").wait_for()
    assert page.title().startswith("Not signed in")
    assert page.get_by_label("Name").input_value() == "anna"
    assert page.get_by_label("Password").input_value() == ""
    assert [url for url in asked if not url.startswith((locked, "data:"))] == []
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("place", ["login", "logout"])
def test_the_pages_around_a_login_have_no_faults_and_fit_a_phone(
    place: str, scheme: str, browser: Any, locked: str
) -> None:
    with watched(browser, locked, color_scheme=scheme, viewport={"width": 320, "height": 640}, bypass_csp=True) as page:
        page.goto(f"{locked}{place}")
        page.get_by_role("heading", level=1).wait_for()
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_browser_itself_lets_nothing_be_sent_to_or_loaded_from_another_host(context: Any, address: str) -> None:
    page = context.new_page()
    page.set_default_timeout(SLOW)
    ready(page, address)
    blocked = page.evaluate(
        """async () => {
        const seen = new Set();
        document.addEventListener('securitypolicyviolation', e => seen.add(e.effectiveDirective));
        await fetch('http://127.0.0.1:9/').catch(() => 0);
        for (const [name, key] of [['img', 'src'], ['script', 'src'], ['iframe', 'src'], ['object', 'data']]) {
          const made = document.createElement(name); made[key] = 'http://127.0.0.1:9/x'; document.body.append(made); }
        try { new WebSocket('ws://127.0.0.1:9/') } catch (e) {}
        await new Promise(done => setTimeout(done, 1500));
        return [...seen].sort() }"""
    )
    page.close()
    assert {"connect-src", "img-src", "script-src-elem", "object-src"} <= set(blocked)
    assert {"frame-src"} <= set(blocked)
