"""What the browser tests share: where Chromium is, a server of one's own, and how to wait for a page."""

from __future__ import annotations

import re
import runpy
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

FINDER = Path(__file__).parents[2] / "scripts" / "find_browser.py"
FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-gpu",  # software drawing of GPU layers costs more than it gives
    "--js-flags=--single-threaded",  # all cores work for tests: what is compiled ahead in threads is lost to another
    # The last of such lists counts: Playwright's own, and the window's search box, whose pages would start with each
    # of ours and take longer than most of them.
    "--disable-features=AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,HttpsUpgrades,"
    "HttpsFirstBalancedModeAutoEnable,LensOverlay,MediaRouter,PaintHolding,ThirdPartyStoragePartitioning,"
    "AvoidCorsURLLoaderRestartOnRedirect,OptimizationHints,AimEnabled,PreconnectToSearch,"
    "WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup,PreloadTopChromeWebUI",
]
SLOW = 90_000
DESK = {"width": 1280, "height": 900}
TITLES = {
    "answer": "Answer",
    "build": "Build",
    "compare": "Compare",
    "money": "Follow the money",
    "boards": "Boards",
    "equals": "What equals what?",
    "sure": "How sure?",
    "evidence": "Evidence",
    "share": "Share",
}


def chromium() -> str:
    """Where the browser is; skips the test if there is none."""
    found: str | None = runpy.run_path(str(FINDER))["find_browser"]()
    if not found:
        pytest.skip("there is no Chromium on this machine")
    return found


@contextmanager
def serving(*options: str) -> Iterator[str]:
    """A dashboard of one's own on a free port; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "simulator", "serve", "--port", str(port), *options]
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


def note_faults(page: Any, *homes: str) -> list[str]:
    """A list that grows by any request elsewhere and any error in the browser."""
    wrong: list[str] = []
    allowed = (*homes, *(home.replace("http", "ws") for home in homes), "data:", "blob:")
    page.on(
        "request", lambda request: None if request.url.startswith(allowed) else wrong.append(f"asked {request.url}")
    )
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    return wrong


@contextmanager
def watched(browser: Any, *homes: str, **settings: Any) -> Iterator[Any]:
    """A page that fails the test for any request elsewhere and any error in the browser."""
    context = browser.new_context(**{"viewport": DESK, **settings})
    made = context.new_page()
    made.set_default_timeout(SLOW)
    wrong = note_faults(made, *homes)
    yield made
    context.close()
    assert wrong == [], wrong


@contextmanager
def opened_again(browser: Any, *homes: str) -> Iterator[tuple[Any, list[str]]]:
    """A page for one visit after another, whose scripts need not be compiled for each, and the list of its faults."""
    context = browser.new_context(viewport=DESK)
    made = context.new_page()
    made.set_default_timeout(SLOW)
    yield made, note_faults(made, *homes)
    context.close()


def forget_visit(page: Any, home: str) -> None:
    """Leave the page as a new one would be: nothing stored, of the usual size and in the usual colours."""
    page.unroute_all()
    page.set_viewport_size(DESK)
    page.emulate_media(media="null", color_scheme="light")
    page.goto(f"{home}favicon.ico")  # of the same site, so that the process stays, and without a script that stores
    page.evaluate("localStorage.clear(); sessionStorage.clear()")
    page.context.clear_cookies()


def ready(page: Any, address: str, query: str = "") -> None:
    """Open the dashboard and wait until it stands."""
    page.goto(address + query)
    page.get_by_role("tab", name="Answer").wait_for()
    page.get_by_role("heading", name=re.compile("What would keep")).wait_for()
    settle(page)


def open_levers(page: Any, group: str = "Rules") -> None:
    """Unfold a group of levers on the Build page."""
    page.get_by_text(re.compile(r"^Every lever \(\d+ levers\)$")).click()
    page.locator(f"[data-fold='group-{group}'] > summary").click()


def settle(page: Any) -> None:
    """Wait until nothing more comes."""
    page.wait_for_function("Bokeh.documents.length > 0 && Bokeh.documents[0].is_idle")
    page.wait_for_timeout(300)


def darken(page: Any) -> None:
    """Go over to dark colours, and wait until they no longer change: they do so little by little."""
    colour = "e => getComputedStyle(e).color"
    heading = page.get_by_role("heading", level=1)
    light = heading.evaluate(colour)
    page.get_by_role("button", name="Toggle theme").click()
    for _ in range(150):
        before = heading.evaluate(colour)
        page.wait_for_timeout(400)
        if before == heading.evaluate(colour) != light:
            break
    settle(page)


def widest(page: Any) -> int:
    """How wide the page is, in pixels, with what would have to be scrolled to."""
    found: int = page.evaluate(
        """() => { const out = []; const walk = root => { for (const e of root.querySelectorAll('*')) {
        if (e.classList.contains('main-content')) out.push(e.scrollWidth); if (e.shadowRoot) walk(e.shadowRoot) } };
        walk(document); return Math.max(document.documentElement.scrollWidth, ...out) }"""
    )
    return found


AXE = """(async ([within, rules]) => {
  // What lies in tabs that are not shown is taken out of the page meanwhile: axe reports nothing of it, and yet looks
  // at each node again. Its own way of leaving parts out leaves out all that shares their shadow root.
  const away = [];
  const look = root => {
    for (const one of root.children) {
      if (one.getAttribute("role") === "tabpanel" && getComputedStyle(one).display === "none") {
        away.push([one, [...one.childNodes]]);
      } else {
        if (one.shadowRoot) look(one.shadowRoot);
        look(one);
      }
    }
  };
  look(document.body);
  away.forEach(([panel]) => panel.replaceChildren());
  // Of rows and items of one list that differ in nothing but their words, three are looked at.
  const isSaid = /^(href|title|aria-label|value|data-.*)$/;
  const describe = one => [one.nodeName, one.textContent.trim() !== "",
    ...[...one.attributes].map(({ name, value }) => name + (isSaid.test(name) ? value !== "" : value)),
    ...[...one.children].map(describe)].join("|");
  const thin = root => {
    for (const one of root.querySelectorAll("tbody, ul, ol")) {
      const counted = new Map();
      const kept = [...one.childNodes].filter(child => {
        if (!["TR", "LI"].includes(child.nodeName)) return true;
        const kind = describe(child);
        counted.set(kind, (counted.get(kind) ?? 0) + 1);
        return counted.get(kind) <= 3;
      });
      if (kept.length < one.childNodes.length) {
        away.unshift([one, [...one.childNodes]]);
        one.replaceChildren(...kept);
      }
    }
    for (const one of root.querySelectorAll("*")) if (one.shadowRoot) thin(one.shadowRoot);
  };
  thin(document);
  // To find what scrolls, axe asks for the size of every parent of every node, half a million times on a long tab, for
  // places and colours again and again, and for the whole text of what lies behind each word: nothing moves meanwhile,
  // and each is read once.
  const kept = [];
  const keep = (owner, name, once) => {
    const own = Object.getOwnPropertyDescriptor(owner, name), part = own.get ? "get" : "value";
    Object.defineProperty(owner, name, { ...own, [part]: once(own[part]) });
    kept.push(() => Object.defineProperty(owner, name, own));
  };
  const remember = made => {
    const known = new Map();
    return (of, more) => {
      if (!known.has(of)) known.set(of, new Map());
      const own = known.get(of);
      if (!own.has(more)) own.set(more, made(of, more));
      return own.get(more);
    };
  };
  const ofItself = own => {
    const known = new Map();
    return function () {
      if (!known.has(this)) known.set(this, own.call(this));
      return known.get(this);
    };
  };
  for (const name of ["scrollWidth", "clientWidth", "scrollHeight", "clientHeight", "outerHTML",
      "getBoundingClientRect", "getClientRects"]) keep(Element.prototype, name, ofItself);
  keep(window, "getComputedStyle", own => remember((one, pseudo) => own.call(window, one, pseudo)));
  keep(CSSStyleDeclaration.prototype, "getPropertyValue", own => {
    const read = remember((style, property) => own.call(style, property));
    return function (property) { return read(this, property); };
  });
  try {
    const found = await axe.run(within || document, {
      runOnly: rules,
      resultTypes: ["violations"],  // every one; to describe all that passes takes as long as the search
    });
    return found.violations;
  } finally {
    kept.forEach(undo => undo());
    away.forEach(([panel, inside]) => panel.replaceChildren(...inside));
  }
})"""
EVERY_RULE = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
OF_COLOURS = ("color-contrast",)
"""The rules that can find more on the same page in other colours."""


def violations(page: Any, within: str = "", rules: tuple[str, ...] = EVERY_RULE) -> list[str]:
    """What axe finds against WCAG 2.2 AA on the page as it stands, or in the part of it that `within` names.

    Looking at a part takes a third of the time, where all the rest was looked at before.
    """
    package = pytest.importorskip("axe_core_python", reason="axe-core-python is not installed")
    if not page.evaluate("'axe' in window"):
        page.evaluate(resources.files(package).joinpath("axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate(AXE, [within, list(rules)])
    return [
        f"{one['id']}: {node['target']} {node['html'][:160]} {node['failureSummary'][:200]}"
        for one in found
        for node in one["nodes"]
    ]
