"""The two pages of questions in a real browser: at once on the opening, on request elsewhere, small and dark."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from typing import Any

import pytest
from browsing import SLOW, darken, open_levers, ready, settle, violations, watched

pytestmark = [pytest.mark.dashboards, pytest.mark.xdist_group("browser")]

OPENING = "?v=1&B=ringfence&C=leadership&D=both&tab="
OTHER = "?v=1&B=ringfence&B.audit=0.5_2027Q1&C=leadership&tab="
FIRST = {"equals": "does about as much as", "sure": "because we do not know the numbers"}


def opened(page: Any, address: str, query: str, key: str) -> None:
    ready(page, address, query + key)
    page.get_by_role("heading", level=2).filter(visible=True).first.wait_for()
    settle(page)


@pytest.fixture(scope="module")
def opening(browser: Any, address: str) -> Iterator[Callable[[str], Any]]:
    """Each page of the opening, opened once for all that only look at it."""
    with ExitStack() as standing:

        @cache
        def show(key: str) -> Any:
            page = standing.enter_context(watched(browser, address))
            opened(page, address, OPENING, key)
            return page

        yield show


@pytest.mark.parametrize(("key", "pictures", "tables_alone"), [("equals", 3, 0), ("sure", 6, 1)])
def test_the_opening_stands_at_once_with_pictures_that_have_names(
    key: str, pictures: int, tables_alone: int, opening: Callable[[str], Any]
) -> None:
    page = opening(key)
    page.get_by_role("heading", name=re.compile(FIRST[key])).wait_for(timeout=8_000)
    drawn = page.get_by_role("img").filter(visible=True).locator("xpath=self::*[local-name()='svg']")
    assert drawn.count() == pictures
    assert page.get_by_role("button", name=re.compile("^Work out")).filter(visible=True).count() == 0
    assert page.get_by_text("Show the numbers").filter(visible=True).count() == pictures + tables_alone


def find_nothing(page: Any) -> None:
    """Axe finds nothing, in light and in dark colours."""
    assert violations(page) == []
    darken(page)
    assert violations(page) == []


def test_axe_finds_nothing_where_questions_wait_one_is_worked_out_on_request_and_stays_when_one_comes_back(
    page: Any, address: str
) -> None:
    opened(page, address, OTHER, "equals")
    find_nothing(page)
    assert page.get_by_text("Not worked out yet").filter(visible=True).count() >= 2
    page.get_by_role("button", name="Work out the parts for the scenarios on the screen").click()
    page.get_by_role("heading", name=re.compile("brings .* of each £100")).wait_for()
    page.get_by_role("tab", name="Answer").click()
    page.get_by_role("tab", name="What equals what?").click()
    page.get_by_role("heading", name=re.compile("brings .* of each £100")).wait_for(timeout=8_000)


def test_work_shows_how_far_it_is_and_can_be_cancelled_while_others_move_levers(page: Any, address: str) -> None:
    opened(page, address, OTHER, "equals")
    other = page.context.new_page()
    other.set_default_timeout(SLOW)
    ready(other, address, "?v=1&B=baseline&tab=build")
    page.get_by_role("button", name="Work out the break-even for the scenarios on the screen").click()
    page.get_by_role("progressbar", name="How far: the break-even").wait_for()
    open_levers(other)
    other.get_by_role("slider", name="Ring-fence on the fund").first.focus()
    other.keyboard.press("End")
    other.wait_for_url(re.compile(r"B\.ringfence=1_2027Q1"))
    other.close()
    page.get_by_role("button", name="Cancel: the break-even").click()
    page.get_by_text("Cancelled.").wait_for()
    again = page.get_by_role("button", name="Work out the break-even for the scenarios on the screen")
    assert again.is_enabled()


def test_a_picture_of_a_question_can_be_taken_away(opening: Callable[[str], Any]) -> None:
    page = opening("equals")
    with page.expect_download() as coming:
        page.get_by_role("button", name=re.compile("^SVG: How much of one lever is worth another")).click()
    text = coming.value.path().read_text(encoding="utf-8")
    assert text.lstrip().startswith(("<svg", "<?xml")) and "does about as much as" in text


def test_axe_finds_nothing_where_questions_of_how_sure_one_is_wait_to_be_worked_out(page: Any, address: str) -> None:
    opened(page, address, OTHER, "sure")
    find_nothing(page)


def test_a_scenario_chosen_for_a_question_is_what_it_is_about_by_mouse_and_by_keys(page: Any, address: str) -> None:
    opened(page, address, OPENING, "equals")
    told = page.get_by_role("heading", name=re.compile("does less than “Ring-fence as in"))
    work = page.get_by_role("button", name="Work out the break-even for the scenarios on the screen")
    told.wait_for()
    policy = page.get_by_label("does as much as")
    policy.select_option(index=1)
    work.wait_for()
    told.wait_for(state="detached")  # what was said of another policy does not stand beside the one chosen
    assert "Stronger leadership" in policy.input_value()
    policy.focus()
    page.keyboard.press("ArrowUp")
    told.wait_for()
    work.wait_for(state="hidden")
    policy.evaluate(
        "field => { field.options[1].value = 'none that is offered'; field.selectedIndex = 1; "
        "field.dispatchEvent(new Event('change')) }"
    )
    page.wait_for_function("field => field.selectedIndex === 0", arg=policy.element_handle())
    page.get_by_label("The parts of").select_option(index=0)
    page.get_by_text(re.compile("^Not worked out yet")).filter(visible=True).first.wait_for()


def test_how_strong_has_no_answer_where_all_that_was_tried_does_less_and_the_page_says_what_was(
    opening: Callable[[str], Any],
) -> None:
    page = opening("equals")
    page.get_by_text(re.compile("from 0% .today. to 60% was tried, and on average none of it does as much")).wait_for()
    page.get_by_text(re.compile("It ends at 60% because the lever does")).wait_for()
