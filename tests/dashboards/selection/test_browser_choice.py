"""In a real browser: a date that is chosen is the one that is computed, linked and saved; tables say what they hold."""

from __future__ import annotations

import base64
import re
import zlib
from typing import Any

import pytest
from browsing import SLOW, open_levers, ready, settle

from dashboards.selection.permalink import restore
from simulator.boards.table import read_boards
from simulator.scenarios.scenario import parse_scenario

pytestmark = [pytest.mark.dashboards, pytest.mark.xdist_group("browser")]

FILE = "title: Mine\nquestion: Q\nchanges:\n  audit: {to: 1, from: 2027/28, because: b, evidence: [E42]}\n"


def test_a_ring_fence_that_is_moved_to_2028_begins_in_2028(page: Any, address: str) -> None:
    ready(page, address, "?v=2&B=both&tab=build&n=250")
    open_levers(page)
    page.get_by_label("From: Ring-fence on the fund").select_option(label="2028/29 Q1")
    page.get_by_text("What differs from “").click()
    page.get_by_text(
        re.compile(r"Ring-fence on the fund: in full from 2028/29 Q1, and not already from 2027/28 Q1")
    ).wait_for()
    page.get_by_text("What differs from today's rules (").click()
    differs = re.compile(r"^Ring-fence: none → not waived from 2028/29\. .*Ring-fence on the fund: none → in full")
    page.get_by_text(differs).locator("visible=true").wait_for()
    page.wait_for_function("location.search.includes('B.ringfence=1_2028Q1')")
    kept = restore(page.evaluate("location.search")).selection.slots[1].scenario
    assert list(kept.lever("ringfence")[[20, 23, 24]]) == [0, 0, 1]
    page.get_by_role("tab", name="Share").click()
    settle(page)
    with page.expect_download() as coming:
        page.get_by_role("button", name=re.compile("Scenario B as a file")).click()
    text = coming.value.path().read_text(encoding="utf-8")
    assert text.count("ringfence:") == 1 and parse_scenario(text).fingerprint == kept.fingerprint


def test_a_link_with_a_file_opens_on_its_scenario(page: Any, address: str) -> None:
    packed = base64.urlsafe_b64encode(zlib.compress(FILE.encode(), 9)).decode()
    ready(page, address, f"?v=2&B=m&B.file={packed}&n=250")
    page.get_by_role("heading", name=re.compile("“Mine”")).first.wait_for()


def test_the_caption_of_the_boards_table_counts_its_rows_after_every_filter(page: Any, address: str) -> None:
    from playwright.sync_api import expect

    ready(page, address, "?v=2&B=ringfence&tab=boards&map=2025Q1&n=250")
    rows = page.locator("tbody tr:has(button)")
    page.get_by_text("42 boards: averages over futures").first.wait_for()
    for region, count in (("London", read_boards().regions.count("London")), ("All regions", 42)):
        page.get_by_role("combobox", name="Region").select_option(region)
        settle(page)
        page.get_by_text(f"{count} boards: averages over futures").first.wait_for()
        expect(rows).to_have_count(count, timeout=SLOW)
