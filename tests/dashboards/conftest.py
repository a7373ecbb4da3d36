"""One server and one browser for all browser tests of a worker; results that the tests of a module share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from browsing import DESK, FLAGS, chromium, forget_visit, opened_again, serving

if TYPE_CHECKING:
    from dashboards.computing.result_store import Answer, ResultStore


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """Where a dashboard is served."""
    pytest.importorskip("panel", reason="the dashboard is not installed")
    chromium()
    with serving() as address_found:
        yield address_found


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A real browser."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    where = chromium()
    with playwright.sync_playwright() as started:
        browser_started = started.chromium.launch(executable_path=where, args=FLAGS)
        yield browser_started
        browser_started.close()


@pytest.fixture(scope="session")
def context(browser: Any) -> Iterator[Any]:
    """What the pages of one browser share: its cache."""
    context_shared = browser.new_context(viewport=DESK)
    yield context_shared
    context_shared.close()


@pytest.fixture(scope="session")
def visited(browser: Any, address: str) -> Iterator[tuple[Any, list[str]]]:
    """The page that visits share, and its faults."""
    with opened_again(browser, address) as page_and_faults:
        yield page_and_faults


@pytest.fixture
def page(visited: tuple[Any, list[str]], address: str) -> Iterator[Any]:
    """A page as a new one, which fails the test for any request elsewhere and any error in the browser."""
    page_shared, wrong = visited
    yield page_shared
    forget_visit(page_shared, address)
    found = [*wrong]
    wrong.clear()
    assert found == [], found


@pytest.fixture(scope="module")
def store() -> ResultStore:
    """Results that the tests of a module share."""
    from dashboards.computing.result_store import ResultStore

    return ResultStore()


@pytest.fixture(scope="module")
def answer(store: ResultStore, request: pytest.FixtureRequest) -> Answer:
    """What is on the screen for the `SELECTION` of a module."""
    selection = request.module.SELECTION
    return store.answer(selection, selection.futures)
