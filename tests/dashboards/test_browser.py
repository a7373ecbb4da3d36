"""The dashboard in a real browser: nothing from outside, no errors, every tab, a lever, a link, a phone, axe."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.dashboards, pytest.mark.xdist_group("browser")]

CHROMIUM = Path("/usr/bin/chromium")
if not CHROMIUM.exists():
    pytest.skip("there is no Chromium at /usr/bin/chromium", allow_module_level=True)
pytest.importorskip("panel_material_ui", reason="the dashboard is not installed")
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
TABS = ("Answer", "Build", "Compare", "Follow the money", "Evidence", "Share")
SLOW = 90_000


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "simulator", "serve", "--port", str(port)]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, encoding="utf-8")
    assert server.stderr is not None
    try:
        until = time.monotonic() + 180
        while "dashboard is at" not in (line := server.stderr.readline()):
            assert server.poll() is None, "the server ended"
            assert time.monotonic() < until, line
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.2)
        yield f"http://localhost:{port}/"
    finally:
        server.terminate()
        server.wait(20)
        server.stderr.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        made = started.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield made
        made.close()


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    """A page that fails the test for any request elsewhere and any error in the browser."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    made = context.new_page()
    made.set_default_timeout(SLOW)
    wrong: list[str] = []
    home = (address, address.replace("http", "ws"), "data:", "blob:")
    made.on("request", lambda request: None if request.url.startswith(home) else wrong.append(f"asked {request.url}"))
    made.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    made.on("pageerror", lambda error: wrong.append(str(error)))
    yield made
    context.close()
    assert wrong == []


def ready(page: Any, address: str, query: str = "") -> None:
    page.goto(address + query)
    page.get_by_role("tab", name="Answer").wait_for()
    page.get_by_role("heading", name=re.compile("What would keep")).wait_for()
    settle(page)


def settle(page: Any) -> None:
    page.wait_for_function("Bokeh.documents.length > 0 && Bokeh.documents[0].is_idle")
    page.wait_for_timeout(300)


def test_the_page_opens_on_an_answer_and_every_tab_has_a_heading(page: Any, address: str) -> None:
    ready(page, address)
    page.get_by_role("heading", name=re.compile("In this model, .* keeps about £")).first.wait_for()
    assert page.get_by_role("heading", level=1).count() == 1
    for name in TABS:
        page.get_by_role("tab", name=name).click()
        settle(page)
        panel = page.get_by_role("heading", level=2).filter(visible=True)
        panel.first.wait_for()  # a tab is drawn after the page says that it is idle
        assert panel.count() >= 1, name


def test_moving_a_slider_changes_the_answer_and_the_link_restores_it(page: Any, address: str, browser: Any) -> None:
    ready(page, address, "?v=1&B=baseline&tab=build")
    told = page.get_by_role("status").filter(visible=True)
    before = told.all_inner_texts()
    page.get_by_role("slider", name="Ring-fence label on the fund").first.focus()
    page.keyboard.press("End")
    page.wait_for_url(re.compile(r"B\.ringfence=1_2027Q1"))
    settle(page)
    after = told.all_inner_texts()
    assert after != before
    again = browser.new_page()
    again.set_default_timeout(SLOW)
    ready(again, page.url)
    again.get_by_role("slider", name="Ring-fence label on the fund").first.wait_for()
    assert again.get_by_role("slider", name="Ring-fence label on the fund").first.get_attribute("aria-valuenow") == "1"
    again.close()


def test_a_strangers_link_is_told_as_broken_and_its_text_is_not_run(page: Any, address: str) -> None:
    ready(page, address, "?v=1&B=ringfence&B.title=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E&B.wand=1_2027Q1")
    page.get_by_text("lever that is not there").first.wait_for()
    assert page.get_by_text("<img src=x onerror=alert(1)>").first.is_visible()


def test_a_wrong_file_is_refused_in_an_alert_with_its_line(page: Any, address: str) -> None:
    ready(page, address, "?v=1&B=ringfence&tab=share")
    bad = "title: Bad\nquestion: Why?\nchanges:\n  audit:\n    to: 7\n    from: 2027/28 Q1\n    because: no\n"
    page.locator("input[type=file]").first.set_input_files(
        {"name": "bad.yaml", "mimeType": "text/yaml", "buffer": bad.encode()}
    )
    page.get_by_role("alert").filter(has_text="bad.yaml:5").first.wait_for()


@pytest.mark.parametrize("name", TABS)
def test_nothing_is_wider_than_a_phone(name: str, page: Any, address: str) -> None:
    page.set_viewport_size({"width": 320, "height": 800})
    ready(page, address, f"?v=1&B=ringfence&C=leadership&tab={name.split()[-1].lower()}")
    wide = page.evaluate(
        """() => { const out = []; const walk = root => { for (const e of root.querySelectorAll('*')) {
        if (e.classList.contains('main-content')) out.push(e.scrollWidth); if (e.shadowRoot) walk(e.shadowRoot) } };
        walk(document); return Math.max(document.documentElement.scrollWidth, ...out) }"""
    )
    assert wide <= 320


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", TABS)
def test_axe_finds_nothing_serious(name: str, dark: bool, page: Any, address: str) -> None:
    package = pytest.importorskip("axe_core_python", reason="axe-core-python is not installed")
    ready(page, address, f"?v=1&B=ringfence&C=leadership&tab={name.split()[-1].lower()}")
    if dark:
        page.get_by_role("button", name="Toggle theme").click()
        page.wait_for_timeout(3000)  # colours change little by little
    page.evaluate(resources.files(package).joinpath("axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']})")
    told = [
        f"{one['id']}: {node['target']} {node['html'][:160]} {node['failureSummary'][:200]}"
        for one in found["violations"] if one["impact"] in ("serious", "critical") for node in one["nodes"]
    ]  # fmt: skip
    assert told == []
