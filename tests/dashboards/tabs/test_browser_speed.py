"""What a visitor sees while things happen: before the scripts have come, during a drag, while more is worked out."""

from __future__ import annotations

import re
from typing import Any

import pytest
from browsing import open_levers, ready, settle

pytestmark = [pytest.mark.dashboards, pytest.mark.xdist_group("browser")]

SLIDER = "Added enforcement"
LAST = """() => { const doc = Bokeh.documents[0]
  const figure = [...doc._all_models.values()].filter(m => m.type == "Figure")
    .find(m => doc.views_manager.find_one(m)?.is_displayed)
  return [...figure.renderers[2].data_source.data.middle].at(-1) }"""
"""The last value of scenario B's line on the chart that is looked at."""
ENDS = LAST.replace(
    "[...figure.renderers[2].data_source.data.middle].at(-1)",
    "[0, 2, 4].map(at => [...figure.renderers[at].data_source.data.middle].at(-1) ?? null)",
)
"""The same of scenarios A, B and C; null where there is none."""
LOOKS = """items => items.map(item => [item.querySelector("b").textContent,
  item.querySelector("line").getAttribute("stroke"), item.querySelector("line").getAttribute("stroke-dasharray")])"""
"""Letter, colour and dash of each scenario."""


def shown(page: Any) -> float:
    settle(page)
    page.wait_for_timeout(500)
    return float(page.evaluate(LAST))


def slide_to_end(page: Any, address: str) -> Any:
    """Open the Build page and move the lever to its highest value by keyboard; its slider."""
    ready(page, address, "?v=1&B=ringfence&tab=build")
    open_levers(page)
    slider = page.get_by_role("slider", name=SLIDER).first
    slider.focus()
    page.keyboard.press("End")
    return slider


def test_the_answer_can_be_read_before_any_script_has_come(browser: Any, address: str) -> None:
    page = browser.new_page()
    page.route(re.compile(r"\.js"), lambda route: route.abort())
    page.goto(address)
    page.get_by_text(re.compile("In this model, .* keeps about £")).first.wait_for()
    assert page.get_by_text("The rest of the page is on its way").is_visible()
    page.close()


def test_the_chart_follows_a_lever_while_it_is_dragged(page: Any, address: str) -> None:
    ready(page, address, "?v=1&B=ringfence&tab=build")
    before = shown(page)
    open_levers(page)
    thumb = page.get_by_role("slider", name=SLIDER).first
    thumb.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    box = thumb.bounding_box()
    page.mouse.move(box["x"] + 8, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + box["height"] / 2, steps=4)
    page.wait_for_function(f"({LAST})() != {before}")
    page.get_by_text("First look: 200 of 1,000 futures").first.wait_for()  # not released yet: the quick answer
    page.mouse.up()
    page.get_by_text("1,000 futures").first.wait_for()


def test_a_tab_that_was_left_is_as_it_was_and_still_works_and_undo_and_redo_by_keyboard_move_the_lever(
    page: Any, address: str
) -> None:
    from playwright.sync_api import expect

    slider = slide_to_end(page, address)
    for name in ("Compare", "Answer", "Build"):
        page.get_by_role("tab", name=name, exact=True).click()
        settle(page)
    assert slider.input_value() == "1"
    page.get_by_role("button", name="Undo").and_(page.locator(":enabled")).focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Redo").and_(page.locator(":enabled")).wait_for()
    expect(slider).to_have_value("0")
    page.get_by_role("button", name="Redo").focus()
    page.keyboard.press("Enter")
    expect(slider).to_have_value("1")
    before = shown(page)
    slider.focus()
    page.keyboard.press("Home")
    page.wait_for_function(f"({LAST})() != {before}")


def test_cancel_stops_the_work_and_the_quick_answer_stays(page: Any, address: str) -> None:
    ready(page, address, "?v=1&B=ringfence&C=leadership&D=both&n=4000&seed=4711")
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Cancel").wait_for(state="hidden")
    page.wait_for_timeout(1500)
    page.get_by_role("button", name="Show settings").click()
    assert page.get_by_text("200 futures, seed 4711").first.is_visible()
    assert page.get_by_role("button", name="Cancel").count() == 0


def test_futures_are_added_until_the_differences_are_known_well_enough(page: Any, address: str) -> None:
    ready(page, address, "?v=1&B=ringfence&until=1")
    page.get_by_text("More futures would move no average difference by more than £1 of each £100").first.wait_for()
    page.wait_for_url(re.compile("until=1"))


def test_a_scenario_that_is_removed_leaves_every_page_and_can_be_brought_back(page: Any, address: str) -> None:
    ready(page, address, "?v=1&B=ringfence&C=leadership&tab=build")
    chips = page.get_by_role("list", name="Scenarios").get_by_role("listitem")
    assert chips.count() == 3
    page.get_by_role("button", name=re.compile("^C: (?!.*Open in Build)")).click()  # the form's, not the chip
    page.get_by_role("button", name="Remove C").click()
    page.wait_for_function("() => !location.search.includes('C=')")
    chips.nth(2).wait_for(state="detached")
    page.get_by_role("button", name="Undo").click()
    page.wait_for_url(re.compile("C=leadership"))
    chips.nth(2).wait_for()
    a, _, c = before = chips.evaluate_all(LOOKS)
    assert [letter for letter, *_ in before] == ["A", "B", "C"] and len({colour for _, colour, _ in before}) == 3
    settle(page)
    ends = page.evaluate(ENDS)
    page.get_by_role("button", name=re.compile("^B: (?!.*Open in Build)")).click()
    page.get_by_role("button", name="Remove B").click()
    chips.nth(2).wait_for(state="detached")
    page.wait_for_url(lambda url: "B=" not in url and "C=leadership" in url)
    assert chips.evaluate_all(LOOKS) == [a, c]
    settle(page)
    assert page.evaluate(ENDS) == [ends[0], None, *ends[2:]]
    assert page.locator("#slots button").first.inner_text().strip() == "C"
    assert page.locator(".cards .letter").all_inner_texts() == ["A", "C"]
    page.get_by_role("tab", name="Answer").click()
    page.get_by_text("Show the numbers").first.click()
    assert [row[0] for row in page.locator("table").first.locator("tbody th").all_inner_texts()] == ["A", "C"]
    page.reload()
    chips.nth(1).wait_for()
    assert chips.evaluate_all(LOOKS) == [a, c]
