"""One server and one browser for all browser tests of a worker."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from browsing import FLAGS, chromium, serving, watched


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """Where a dashboard is served."""
    pytest.importorskip("panel_material_ui", reason="the dashboard is not installed")
    chromium()
    with serving() as found:
        yield found


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A real browser."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    where = chromium()
    with playwright.sync_playwright() as started:
        made = started.chromium.launch(executable_path=where, args=FLAGS)
        yield made
        made.close()


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    """A page that fails the test for any request elsewhere and any error in the browser."""
    with watched(browser, address) as made:
        yield made
