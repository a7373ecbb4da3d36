"""The header's tools in a real browser: skip link, link to copy, presenter view with a clicker, a page on paper."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from browsing import ready, settle, violations

pytestmark = [pytest.mark.dashboards, pytest.mark.xdist_group("browser")]

FOCUSED = "() => { let at = document.activeElement; while (at.shadowRoot && at.shadowRoot.activeElement) "
FOCUSED += "{ at = at.shadowRoot.activeElement } return at.getAttribute('role') ?? at.tagName }"


def chosen(page: Any, name: str) -> None:
    page.get_by_role("tab", name=name, selected=True).wait_for()


def test_the_keyboard_skips_from_the_header_to_the_page(page: Any, address: str) -> None:
    ready(page, address, "?v=1&B=ringfence")
    link = page.get_by_role("link", name="Skip to the page")
    for _ in range(4):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED) == "A" and link.evaluate("e => e.matches(':focus')"):
            break
    box = link.bounding_box()
    assert box is not None
    assert box["y"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate(FOCUSED) == "H2"


def test_a_clicker_leads_through_the_tabs_in_larger_type_and_escape_ends_it(page: Any, address: str) -> None:
    ready(page, address, "?v=1&B=ringfence")
    heading = page.get_by_role("heading", level=1)
    size = "e => parseFloat(getComputedStyle(e).fontSize)"
    before = heading.evaluate(size)
    page.keyboard.press("PageDown")
    settle(page)
    chosen(page, "Answer")
    page.get_by_role("button", name="Show settings").click()
    assert page.get_by_label("Seed").first.is_visible()
    page.get_by_role("button", name="What the words mean").first.click()
    page.get_by_role("dialog").get_by_text("Regret", exact=False).first.wait_for()
    page.get_by_label("Find a word").fill("log-odds")
    meanings = page.get_by_role("dialog").locator("dt")
    assert "log-odds" in meanings.all_text_contents() and "seed" not in meanings.all_text_contents()
    assert violations(page) == []
    page.keyboard.press("Escape")
    assert page.get_by_role("dialog").count() == 0
    page.get_by_role("button", name="Presenter view").click()
    settle(page)
    assert heading.evaluate(size) > 1.2 * before
    assert not page.get_by_label("Seed").first.is_visible()
    page.keyboard.press("PageDown")
    chosen(page, "Build")
    page.keyboard.press("PageUp")
    chosen(page, "Answer")
    page.get_by_role("button", name="Presenter view").click()
    settle(page)
    assert heading.evaluate(size) == before
    assert page.get_by_label("Seed").first.is_visible()


def test_a_printed_page_is_whole_and_has_no_controls(page: Any, address: str, tmp_path: Path) -> None:
    ready(page, address, "?v=1&B=ringfence")
    page.emulate_media(media="print")
    assert not page.get_by_role("button", name="Undo").first.is_visible()
    assert not page.get_by_role("tab").first.is_visible()
    sheet = tmp_path / "page.pdf"
    page.pdf(path=str(sheet), format="A4")
    assert sheet.read_bytes().count(b"/Type /Page\n") >= 2


def test_a_phone_unfolds_its_settings_when_asked(page: Any, address: str) -> None:
    page.set_viewport_size({"width": 320, "height": 800})
    ready(page, address, "?v=1&B=ringfence")
    assert not page.get_by_label("Seed").first.is_visible()
    page.get_by_role("button", name="Show settings").click()
    page.get_by_label("Seed").first.wait_for()
