"""The dashboard in a real browser: nothing from outside, no errors, every tab, a lever, a link, a phone, axe."""

from __future__ import annotations

import re
from typing import Any

import pytest
from browsing import DESK, SLOW, TITLES, darken, forget_visit, open_levers, ready, settle, violations, widest

pytestmark = [pytest.mark.dashboards, pytest.mark.xdist_group("browser")]


def test_the_page_opens_on_an_answer_its_first_words_go_and_keys_and_history_lead_through_its_tabs(
    page: Any, address: str
) -> None:
    ready(page, address)
    page.get_by_text("The rest of the page is on its way").wait_for(state="detached")
    page.get_by_text(re.compile(r"In this model, under today's rules about £[\d.]+ of each £100")).first.wait_for()
    assert page.get_by_role("heading", level=1).count() == 1
    for name in ("Evidence", "Share"):
        page.get_by_role("tab", name=name).click()
        page.wait_for_url(re.compile(f"tab={name.lower()}"))
        settle(page)
    for key, focused in (("Home", "Answer"), ("ArrowLeft", "Share"), ("ArrowRight", "Answer"), ("End", "Share")):
        page.keyboard.press(key)
        assert page.get_by_role("tab", name=focused, exact=True).evaluate("e => e.matches(':focus')"), key
    page.get_by_role("tab", name="Share", selected=True).wait_for()  # arrows look, Enter opens
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    page.get_by_role("tabpanel", name="Answer").wait_for()
    page.wait_for_url(re.compile("tab=answer"))
    for back in ("Share", "Evidence"):
        page.go_back()
        page.get_by_role("tab", name=back, exact=True, selected=True).wait_for()
        page.wait_for_url(re.compile(f"tab={back.lower()}"))
        settle(page)


def test_a_visit_leaves_nothing_for_the_next_one(page: Any, address: str) -> None:
    """All tests with a `page` share one, and none finds what another chose, stored or set."""
    looks = """() => [{...localStorage}, {...sessionStorage}, document.cookie, innerWidth, innerHeight,
        matchMedia("(prefers-color-scheme: dark)").matches, matchMedia("print").matches]"""
    page.goto(f"{address}favicon.ico")
    page.evaluate("localStorage.own = sessionStorage.own = document.cookie = 'own=1'")
    page.set_viewport_size({"width": 320, "height": 640})
    page.emulate_media(media="print", color_scheme="dark")
    own = {"own": "own=1"}
    assert page.evaluate(looks) == [own, own, "own=1", 320, 640, True, True]
    forget_visit(page, address)
    assert page.evaluate(looks) == [{}, {}, "", *DESK.values(), False, False]


def test_moving_a_slider_changes_the_answer_and_the_link_restores_it(page: Any, address: str, browser: Any) -> None:
    ready(page, address, "?v=1&B=baseline&tab=build")
    told = page.get_by_role("status").filter(visible=True)
    before = told.all_inner_texts()
    open_levers(page)
    page.get_by_role("slider", name="Ring-fence on the fund").first.focus()
    page.keyboard.press("End")
    page.wait_for_url(re.compile(r"B\.ringfence=1_2027Q1"))
    settle(page)
    after = told.all_inner_texts()
    assert after != before
    again = browser.new_page()
    again.set_default_timeout(SLOW)
    ready(again, page.url)
    open_levers(again)
    assert again.get_by_role("slider", name="Ring-fence on the fund").first.input_value() == "1"
    again.close()


def test_a_fold_that_is_opened_on_one_card_stays_open_there_and_nowhere_else(page: Any, address: str) -> None:
    ready(page, address, "?v=2&B=ringfence&C=leadership&n=250&tab=answer")
    folds = page.locator("details.who")
    folds.nth(1).locator("summary").first.click()
    page.get_by_label("What counts").select_option("New money, not replacing other spending")
    page.get_by_role("heading", name="In 2029/30 on average").wait_for()
    page.wait_for_function("location.search.includes('o=additional')")
    settle(page)
    assert [fold.evaluate("fold => fold.open") for fold in folds.all()] == [False, True, False]


def test_a_strangers_link_is_told_as_broken_and_its_text_is_not_run_and_a_file_that_cannot_be_used_is_refused(
    page: Any, address: str
) -> None:
    query = "?v=1&B=ringfence&B.title=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E&B.wand=1_2027Q1&n=250&tab=share"
    ready(page, address, query)
    page.get_by_text("lever that is not there").first.wait_for()
    assert page.get_by_text("<img src=x onerror=alert(1)>").first.is_visible()
    field = page.get_by_label("Upload a scenario (.yaml)")

    def send(name: str, data: bytes) -> None:
        field.set_input_files({"name": name, "mimeType": "text/yaml", "buffer": data})

    bad = "title: Bad\nquestion: Why?\nchanges:\n  audit:\n    to: 7\n    from: 2027/28 Q1\n    because: no\n"
    send("bad.yaml", bad.encode())
    page.get_by_role("alert").filter(has_text="bad.yaml:5").first.wait_for()
    send("big.yaml", b"#" * 262_145)
    page.get_by_role("alert").filter(has_text="big.yaml is larger than 256 kB").wait_for()
    text = b"title: Mine\nquestion: What?\nextends: ringfence\ncannot_say: Much.\nchanges: {}\n"
    send("mine.yaml", text + b"#" * (262_144 - len(text)))
    page.get_by_role("status").filter(has_text="is now “Mine”").first.wait_for()


def show_tab(page: Any, key: str) -> None:
    """Go to a tab and wait until its heading and all of it stands."""
    page.get_by_role("tab", name=TITLES[key], exact=True).click()
    page.get_by_role("tab", name=TITLES[key], exact=True, selected=True).wait_for()
    page.get_by_role("tabpanel", name=TITLES[key], exact=True).get_by_role("heading", level=2).first.wait_for()
    if key == "boards":
        page.get_by_role("heading", name=re.compile(r"^An invented example: .* under B")).wait_for()
    settle(page)


def test_every_tab_has_a_heading_axe_finds_nothing_in_light_or_dark_and_nothing_is_wider_than_a_phone(
    page: Any, address: str
) -> None:
    """One visit to every tab, by turns: a page of one's own for each would load nine times."""
    ready(page, address, "?v=1&B=ringfence&C=leadership&D=both&board=QUA&map=2027Q1")
    faults = {}
    for key in TITLES:
        show_tab(page, key)
        faults["light", key] = violations(page)
    page.set_viewport_size({"width": 320, "height": 800})
    darken(page)
    for key in TITLES:
        show_tab(page, key)
        faults["dark", key] = violations(page)
        cards = page.locator(".card, .chips li").evaluate_all(
            "all => all.map(e => getComputedStyle(e).backgroundColor)"
        )
        assert set(cards) <= {"rgb(38, 49, 58)"}, key
        inks = page.locator(".card svg text").evaluate_all("all => all.map(e => getComputedStyle(e).fill)")
        assert "rgb(33, 43, 50)" not in inks, key
        assert widest(page) <= 320, key
    assert {where: found for where, found in faults.items() if found} == {}
    assert len(faults) == 2 * len(TITLES)
    heading = page.get_by_role("heading", level=2).filter(visible=True).first
    heading.evaluate("e => e.insertAdjacentHTML('afterend', '<img src=\"data:,\"><p style=\"color: #444\">Dim.</p>')")
    assert {fault.split(":")[0] for fault in violations(page)} == {"image-alt", "color-contrast"}, "it can find faults"


def test_a_page_is_dark_where_the_system_is_until_somebody_chooses(page: Any, address: str) -> None:
    colours = "document.documentElement.dataset.colours"
    page.emulate_media(color_scheme="dark")
    ready(page, address, "?v=2&B=ringfence&C=leadership&D=both&n=250")
    assert page.evaluate(colours) == "dark"
    page.emulate_media(color_scheme="light")
    page.wait_for_function(f"{colours} === 'light'")
    page.get_by_role("button", name="Toggle theme").click()
    page.reload()
    page.wait_for_function(f"{colours} === 'dark'")
    settle(page)


def test_build_on_paper_says_what_the_policy_is_and_what_differs(page: Any, address: str) -> None:
    ready(page, address, "?v=2&B=ringfence&B.audit=0.5_2027Q2&n=250&tab=build")
    reads = page.locator("#reads")
    reads.wait_for()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert reads.is_visible()
    differs = page.locator(".printed", has_text="What differs from today's rules").locator("li")
    for line in ("Ring-fence on the fund: none → in full", "Added enforcement: audit and sanction: none → 50%"):
        differs.filter(has_text=line).wait_for()
    assert not page.locator("details[data-fold=differs]").is_visible()
    assert not page.get_by_role("button", name="Reset").is_visible()
    page.emulate_media(media="screen")
    settle(page)
