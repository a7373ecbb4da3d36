"""The header's tools in a real browser: skip link, words explained, slides with a clicker, a page on paper."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from browsing import darken, ready, settle, violations

pytestmark = [pytest.mark.dashboards, pytest.mark.xdist_group("browser")]

FOCUSED = "() => { let at = document.activeElement; while (at.shadowRoot && at.shadowRoot.activeElement) "
FOCUSED += "{ at = at.shadowRoot.activeElement } return at.getAttribute('role') ?? at.tagName }"


def chosen(page: Any, name: str) -> None:
    page.get_by_role("tab", name=name, selected=True).wait_for()


def test_the_header_is_skipped_by_keyboard_explains_words_unfolds_settings_and_what_undo_did_goes_with_the_page(
    page: Any, address: str
) -> None:
    """Without a fault of access; and on paper there is nothing of what Undo did."""
    ready(page, address, "?v=1&B=ringfence&n=250")
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
    page.get_by_label("What counts").first.select_option("front")
    settle(page)
    page.get_by_role("button", name="Undo").click()
    told = page.get_by_text("Undid: What counts changed.")
    told.wait_for()
    page.emulate_media(media="print")
    assert not told.is_visible()
    page.emulate_media(media="null")
    assert told.is_visible()
    page.get_by_role("tab", name="Compare").click()
    told.wait_for(state="detached")


def shown_slide(page: Any, at: int, of: int = 6) -> Any:
    """The slide on the screen, once it is the one that was asked for."""
    page.get_by_text(f"Slide {at} of {of}", exact=True).wait_for()
    return page.get_by_role("group", name=re.compile(f"^{at} of {of}: "))


def test_slides_fit_a_projector_and_keys_buttons_and_links_lead_through_them(
    page: Any, address: str, tmp_path: Path
) -> None:
    page.set_viewport_size({"width": 1366, "height": 768})
    ready(page, address)
    page.keyboard.press("PageDown")
    settle(page)
    chosen(page, "Answer")
    page.get_by_role("button", name="Presenter view").click()
    shown_slide(page, 1)
    for keys, at in (("PageDown ArrowRight", 3), ("Space", 4), ("End", 6), ("PageDown", 6), ("PageUp ArrowLeft", 4)):
        for key in keys.split():
            page.keyboard.press(key)
        shown_slide(page, at)
    page.keyboard.press("Home")
    page.wait_for_function("location.search.includes('slide=1')")
    page.reload()  # a page that was asked for fills no screen, and can be given another size
    shown_slide(page, 1)
    page.wait_for_function("!document.fullscreenElement")
    for width, height, smallest in ((1366, 768, 28), (1920, 1080, 40)):
        page.set_viewport_size({"width": width, "height": height})
        for at in range(1, 7):
            slide = shown_slide(page, at)
            hidden = slide.evaluate("e => [e.scrollHeight - e.clientHeight, e.scrollWidth - e.clientWidth]")
            assert max(hidden) <= 1, (at, width)
            said = slide.locator(".said")
            if said.count():
                assert said.evaluate("e => parseFloat(getComputedStyle(e).fontSize)") > smallest, (at, width)
            page.get_by_role("button", name="Next" if at < 6 else "Previous").click()
        page.keyboard.press("Home")
    assert violations(page) == []
    page.get_by_role("button", name="Next").click()
    page.wait_for_function("location.search.includes('slide=2')")
    link = page.url
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="hidden")
    page.wait_for_function("!location.search.includes('slide=')")
    page.get_by_role("button", name="Show settings").click()  # the page behind is as it was
    darken(page)
    page.goto(link)
    slide = shown_slide(page, 2)
    assert page.get_by_role("status").filter(has_text="Slide 2 of 6: Money kept").count() == 1
    assert slide.locator("figure").count() == 4
    assert violations(page) == []
    sheet = tmp_path / "slides.pdf"
    page.pdf(path=str(sheet), prefer_css_page_size=True)
    assert sheet.read_bytes().count(b"/Type /Page\n") == 6


def test_a_square_on_a_slide_has_one_size_for_three_and_for_four_scenarios(page: Any, address: str) -> None:
    page.set_viewport_size({"width": 1366, "height": 768})
    sizes = []
    for more in ("", "&D=both"):
        ready(page, address, f"?v=2&B=ringfence&C=leadership{more}&n=250&slide=2")
        squares = shown_slide(page, 2).locator("figure rect")
        sizes.append(squares.first.evaluate("square => square.getBoundingClientRect().width"))
    assert sizes[0] == sizes[1] > 11


def read_sheet(sheet: Path) -> str:
    """The words of a PDF, on one line."""
    pdfium = pytest.importorskip("pypdfium2", reason="pypdfium2 is not installed")
    return " ".join(" ".join(page.get_textpage().get_text_range() for page in pdfium.PdfDocument(sheet)).split())


def test_a_printed_page_is_whole_short_and_has_no_controls(page: Any, address: str, tmp_path: Path) -> None:
    ready(page, address)
    page.emulate_media(media="print")
    assert not page.get_by_role("button", name="Undo").first.is_visible()
    assert not page.get_by_role("tab").first.is_visible()
    page.emulate_media(media="null")
    sheet = tmp_path / "page.pdf"
    for tab, folds, most in (("Answer", 1, 2), ("How sure?", 4, 6), ("Evidence", 4, 6)):
        page.get_by_role("tab", name=tab, exact=True).click()
        page.get_by_text("Show the numbers").locator("visible=true").nth(folds - 1).wait_for()
        settle(page)
        page.pdf(path=str(sheet), format="A4")
        assert 2 <= sheet.read_bytes().count(b"/Type /Page\n") <= most, tab
        if tab == "Answer":
            words = read_sheet(sheet)
            assert words.count("Running more futures could still move the average by") == 2
            assert "Says who?" not in words.partition("What this cannot tell you")[0] and "Sources: " in words
            assert re.search(r"\bB £[\d.]+ C £[\d.]+ D £", words), "the letters at the ends of the chart's lines"
            assert page.get_by_text("Running more futures could still move the average").first.is_hidden()


def test_build_on_paper_has_its_chart_whole_and_what_differs_from_todays_rules(
    page: Any, address: str, tmp_path: Path
) -> None:
    ready(page, address, "?v=1&B=ringfence&C=leadership")
    page.get_by_role("tab", name="Build", exact=True).click()
    page.get_by_text("What differs from today's rules (").wait_for()
    settle(page)
    sheet = tmp_path / "build.pdf"
    for landscape, most in ((False, 1), (True, 2)):
        page.pdf(path=str(sheet), format="A4", landscape=landscape)
        words = read_sheet(sheet)
        assert len(re.findall(rb"/Type\s*/Page[^s]", sheet.read_bytes())) <= most
        differs = r"Ring-fence: none → not waived from 2027/28\. [^.]*Ring-fence on the fund: none → in full;"
        assert re.search(rf"What differs from today's rules (\S )?{differs}", words)
        assert re.search(r"A £[\d.]+", words) and re.search(r"C £[\d.]+", words) and words.count("policy starts") == 1
        assert "What differs from “" not in words and words.count("2029/30") >= 2


def test_a_phone_shows_the_longest_title_whole_has_one_row_of_tabs_and_unfolds_its_settings_when_asked(
    page: Any, address: str
) -> None:
    title = "Ring-fence audited in every board and a programme for leaders, both from 2028/29"
    page.set_viewport_size({"width": 320, "height": 800})
    ready(page, address, f"?v=1&B=ringfence&B.title={title}&C=leadership&D=both&tab=evidence")
    chip = page.get_by_role("button", name=f"B: {title}")
    assert chip.evaluate("b => [b, ...b.querySelectorAll('span')].every(e => e.scrollHeight <= e.clientHeight + 1)")
    inside = "b => b.querySelector('span').getBoundingClientRect().bottom <= b.getBoundingClientRect().bottom + 1"
    assert chip.evaluate(inside)
    header = page.locator("header").first.bounding_box()
    heading = page.get_by_role("heading", level=1).bounding_box()
    assert header and heading and heading["y"] >= header["y"] + header["height"]
    buttons = page.get_by_role("button", name="Presenter view").bounding_box()
    assert buttons and buttons["y"] + buttons["height"] <= header["y"] + header["height"]
    box = page.get_by_role("tab", name="Evidence", selected=True).bounding_box()
    assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 320, "the open tab is in view"
    assert {tab.bounding_box()["y"] for tab in page.get_by_role("tab").all()} == {box["y"]}
    assert not page.get_by_label("Seed").first.is_visible()
    page.get_by_role("button", name="Show settings").click()
    page.get_by_label("Seed").first.wait_for()


WATCH = """() => {
  const find = (root, selector) => {
    for (const roots = [root]; roots.length;) {
      const next = roots.shift(), found = next.querySelector(selector)
      if (found && found.offsetParent !== null) { return found }
      for (const each of next.querySelectorAll('*')) { if (each.shadowRoot) { roots.push(each.shadowRoot) } }
    }
  }
  window.seen = []
  const look = () => {
    const chip = find(document, 'ul.chips')?.querySelectorAll('button')[1]?.title
    const says = find(document, '.says')
    const card = says?.querySelectorAll('.said')[1]?.textContent
    let shade = 1
    for (let at = says; at; at = at.parentElement ?? at.getRootNode().host) { shade *= getComputedStyle(at).opacity }
    const sample = JSON.stringify([chip, card ?? "", shade < 0.5])
    if (window.seen.at(-1) !== sample) { window.seen.push(sample) }
    requestAnimationFrame(look)
  }
  look()
}"""
"""Notes at every frame what B is called, the sentence that compares it, and whether that is grey."""


def test_no_sentence_about_a_former_choice_stands_under_a_new_name_unless_it_is_grey(page: Any, address: str) -> None:
    ready(page, address, "?v=2&B=ringfence&C=leadership&n=250")
    page.get_by_role("tab", name="Build").click()
    page.locator("#preset-title").click()
    page.evaluate(WATCH)
    page.locator("button.offer[data-preset=peer-forums]").click()
    page.get_by_role("tab", name="Answer").click()
    page.get_by_text("Peer forums in every board” keeps", exact=False).or_(
        page.get_by_text("keeps more than “Peer forums in every board”", exact=False)
    ).first.wait_for()
    page.wait_for_function("!JSON.parse(window.seen.at(-1))[2]")
    seen = [json.loads(sample) for sample in page.evaluate("window.seen")]
    wrong = [sample for sample in seen if sample[0] == "Peer forums in every board" and "Ring-fence" in sample[1]]
    assert all(grey for _, _, grey in wrong), seen
