"""The Boards page in a real browser: tiles by mouse and keys, the link, uploads, a phone, axe."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from browsing import SLOW, ready, settle, violations, watched, widest

from dashboards.selection.board_search import describe_found

pytestmark = [pytest.mark.dashboards, pytest.mark.xdist_group("browser")]

START = "?v=1&B=ringfence&n=250&tab=boards"
DEEPEST = """() => { let e = document.activeElement
    while (e.shadowRoot?.activeElement) { e = e.shadowRoot.activeElement }
    return e }"""
FOCUSED = f"() => ({DEEPEST})().dataset.code"
HEADER = "code,name,fund_m,weight_m,target_distance_pct,core20_pct,region"


def opened(page: Any, address: str, more: str = "") -> Any:
    """The page with its tiles."""
    ready(page, address, START + more)
    page.locator("button.tile").first.wait_for()
    page.get_by_role("heading", name=re.compile("In this model, (on average|under)")).first.wait_for()
    settle(page)
    return page.locator("button.tile")


@pytest.fixture(scope="module")
def standing(browser: Any, address: str) -> Iterator[Any]:
    """One page with its tiles, for tests that choose what they look at themselves."""
    with watched(browser, address) as page:
        opened(page, address)
        yield page


def test_forty_two_tiles_are_one_tab_stop_and_arrows_move_between_neighbours(standing: Any) -> None:
    page = standing
    assert page.locator("button.tile").count() == 42
    assert page.locator("button.tile[tabindex='0']").count() == 1
    page.locator("button.tile[data-code=QHL]").focus()
    for key, code in (("ArrowLeft", "QUA"), ("ArrowUp", "QOC"), ("ArrowRight", "QNC"), ("Home", "QH8")):
        page.keyboard.press(key)
        assert page.evaluate(FOCUSED) == code
    assert page.locator("button.tile[tabindex='0']").count() == 1


def test_choosing_a_tile_by_key_tells_its_story_and_the_link_brings_it_back(standing: Any, browser: Any) -> None:
    page = standing
    page.locator("button.tile[data-code=QUA]").focus()
    page.keyboard.press("Enter")
    story = page.get_by_role(
        "heading",
        name=re.compile(r"^An invented example: a board with Black Country's .* In one future \(number \d+\), under B"),
    )
    story.wait_for()
    assert page.locator("button.tile[data-code=QUA]").get_attribute("aria-pressed") == "true"
    page.get_by_role("img", name=re.compile("Black Country")).first.wait_for()
    page.wait_for_url(re.compile("board=QUA"))
    said = story.inner_text()
    again = browser.new_page()
    again.set_default_timeout(SLOW)
    ready(again, page.url)
    again.get_by_role(
        "heading",
        name=re.compile(r"^An invented example: a board with Black Country's .* In one future \(number \d+\), under B"),
    ).wait_for()
    assert again.get_by_role("heading", name=re.compile(r"^An invented example: .* In one future")).inner_text() == said
    again.close()


def test_a_name_in_the_table_chooses_its_board_and_its_tile(standing: Any) -> None:
    standing.get_by_role("row", name=re.compile("Kent & Medway")).get_by_role("button").click()
    standing.locator("button.tile[data-code=QKS][aria-pressed=true]").wait_for()


def test_merged_boards_join_and_say_with_whom_and_all_fit_on_a_phone_with_tiles_large_enough_to_touch(
    page: Any, address: str
) -> None:
    tiles = opened(page, address, "&board=QUA&map=2027Q1")
    tile = page.locator("button.tile[data-code=QUA]")
    assert "Black Country, in Birmingham & Solihull and Black Country: " in tile.get_attribute("aria-label")
    assert "join-right" in tile.get_attribute("class")
    left, right = (page.locator(f"button.tile[data-code={code}]").bounding_box() for code in ("QUA", "QHL"))
    assert abs(left["x"] + left["width"] - right["x"]) < 1
    up, down = (page.locator(f"button.tile[data-code={code}]").bounding_box() for code in ("QR1", "QUY"))
    assert abs(up["y"] + up["height"] - down["y"]) < 1
    page.set_viewport_size({"width": 320, "height": 800})
    settle(page)
    assert widest(page) <= 320
    for box in (tiles.nth(i).bounding_box() for i in range(42)):
        assert box["width"] >= 24 and box["height"] >= 24


def test_a_wrong_table_is_refused_with_its_line_and_a_right_one_drives_the_page(standing: Any) -> None:
    page = standing
    field = page.locator("input[type=file]").first
    bad = f"{HEADER}\nX1,One,-3,100,0,20,North\n"
    field.set_input_files({"name": "mine.csv", "mimeType": "text/csv", "buffer": bad.encode()})
    page.get_by_role("alert").filter(has_text="mine.csv:line 2, column fund_m").first.wait_for()
    good = f"{HEADER}\n" + "\n".join(f"X{i},<b>Board {i}</b>,{i},100,{i},20,North" for i in range(1, 6))
    field.set_input_files({"name": "mine.csv", "mimeType": "text/csv", "buffer": good.encode()})
    page.locator("button.tile[data-code=X5]").wait_for()
    assert page.locator("button.tile").count() == 5
    assert "X5" not in page.url
    page.get_by_role("button", name="Use the 42 boards again").click()
    page.locator("button.tile[data-code=QUA]").wait_for()


def test_a_board_is_found_by_a_place_and_chosen_with_the_keyboard_alone(standing: Any) -> None:
    """By the button that is found, or at once by the Enter key; both go to the story of the board."""
    page = standing
    field = page.get_by_label("Find a board by name")
    field.focus()
    page.keyboard.type("Leeds")
    page.get_by_text(describe_found("Leeds", 1), exact=True).wait_for()
    offer = page.get_by_role("button", name="West Yorkshire (QWO)")
    offer.wait_for()
    page.keyboard.press("Tab")
    assert offer.evaluate("button => button.matches(':focus')")
    for place, wanted, code in (("", "West Yorkshire", "QWO"), ("Sussex", "Sussex", "QNX")):
        if place:
            field.fill(place)
        page.keyboard.press("Enter")
        page.get_by_role("heading", name=f"An invented example: a board with {wanted}'s size").wait_for()
        page.wait_for_url(lambda url, code=code: f"board={code}" in url)
        page.wait_for_function(f"({DEEPEST})().textContent.includes({wanted!r})")
    assert violations(page) == []
