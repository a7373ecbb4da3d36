"""Evidence of a visitor's own, in a real browser: sent, weighed, on every page, and taken away with one click."""

from __future__ import annotations

from typing import Any

import pytest
from browsing import ready, settle

pytestmark = [pytest.mark.dashboards, pytest.mark.xdist_group("browser")]

BAD = "title: t\nbecause: b\nobservations:\n  - {board: QQQ, year: 2022/23, what: retained, value: 2, error: 0.1}\n"
GOOD = "title: t\nbecause: b\nstatements:\n  - {claim: leadership > ringfence, credence: 0.9, because: b}\n"


def send(page: Any, name: str, text: str) -> None:
    """Choose a file in the first field for files."""
    page.locator("input[type=file]").first.set_input_files(
        {"name": name, "mimeType": "text/yaml", "buffer": text.encode()}
    )


def test_a_visitor_sends_evidence_sees_the_answer_move_and_takes_it_away(page: Any, address: str) -> None:
    ready(page, address, "?v=2&B=ringfence&C=leadership&n=250&tab=evidence&with=0123456789abcdef")
    page.get_by_text(
        "This link was made with evidence of your own or somebody else's (fingerprint 0123456789abcdef)"
    ).wait_for()
    send(page, "mine.yaml", BAD)
    alert = page.get_by_role("alert").filter(has_text="mine.yaml:4: observations[1].board")
    alert.filter(has_text="mine.yaml:4: observations[1].value").wait_for()
    send(page, "mine.yaml", GOOD)
    page.get_by_text("Weighed: every answer is now drawn from it").wait_for(timeout=120_000)
    page.get_by_role("img", name="Money kept: before, and with your evidence").first.wait_for()
    assert page.get_by_text("With your evidence", exact=True).count() == 7  # 2 of policies on the screen, 5 of others
    page.get_by_role("tab", name="Answer", exact=True).click()
    strip = page.get_by_text("Answers weighed with your evidence: 1 statement")
    strip.wait_for()
    page.wait_for_function("location.search.includes('with=')")
    weighed = page.get_by_text("“Stronger leadership” keeps more than")
    weighed.first.wait_for()
    page.get_by_role("button", name="Stop using my evidence").click()
    strip.wait_for(state="detached")
    page.get_by_text("“Ring-fence as in 2022/23, not waived” keeps more than").first.wait_for()
    page.wait_for_function("!location.search.includes('with=')")
    settle(page)


def test_a_count_is_entered_without_a_file_and_who_sends_the_link_on_is_told_what_it_lacks(
    page: Any, address: str
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ready(page, address, "?v=2&B=ringfence&C=leadership&n=250&tab=evidence")
    page.get_by_label("How many boards", exact=True).fill("12")
    page.get_by_label("Out of how many that answered (of 42)").fill("50")
    page.get_by_label("Where it is from").fill("a survey")
    page.get_by_role("button", name="Weigh this count").click()
    page.get_by_role("alert").filter(has_text="Financial year: is missing").wait_for()
    page.get_by_label("Financial year").first.select_option(label="2023/24")
    page.get_by_role("button", name="Weigh this count").click()
    page.get_by_role("alert").filter(has_text="Out of how many: 50 boards cannot have answered").wait_for()
    page.get_by_label("Out of how many that answered (of 42)").fill("20")
    page.get_by_label("Financial year").select_option("2022/23")  # the sooner a year, the sooner it is weighed
    page.get_by_role("button", name="Weigh this count").click()
    page.get_by_text("Weighed: every answer is now drawn from it").wait_for(timeout=120_000)
    page.get_by_role("button", name="Save what you entered (my-counts.csv)").wait_for()
    page.get_by_text("Answers weighed with your evidence: 1 count of boards").wait_for()
    page.wait_for_function("location.search.includes('with=')")
    page.get_by_role("button", name="Copy link").first.click()
    page.get_by_text("Your own evidence does not travel with it: send its file too").wait_for()
    page.wait_for_function("localStorage.getItem('ringfence-last')?.includes('with=')")
    page.goto(address)
    offer = page.get_by_role("region", name="Continue where you left off")
    assert "Your own evidence is not kept" in offer.inner_text()
    settle(page)
