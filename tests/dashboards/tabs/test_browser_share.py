"""What people take away, in a real browser: files come when asked for, and failures are read out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import ready, settle, watched
from explorer_pages import opened

pytestmark = [pytest.mark.dashboards, pytest.mark.xdist_group("browser")]

QUERY = "?v=1&B=ringfence&C=leadership&C.audit=0.5_2027Q2_4&C.title=My%20own&n=250&tab="


@pytest.fixture(scope="module")
def standing(browser: Any, address: str) -> Iterator[Any]:
    """One Share page for tests that take files from it."""
    with watched(browser, address) as page:
        ready(page, address, f"{QUERY}share")
        yield page


def save(page: Any, name: str, folder: Path) -> Path:
    """Press a button and keep the file that comes."""
    with page.expect_download() as coming:
        page.get_by_role("button", name=name, exact=True).click()
    path = folder / str(coming.value.suggested_filename)
    coming.value.save_as(path)
    return path


def test_charts_give_pictures_and_numbers_when_asked_for_and_again(page: Any, address: str, tmp_path: Path) -> None:
    ready(page, address, f"{QUERY}answer")
    drawn = save(page, "SVG: Chart over time", tmp_path)
    assert drawn.read_text(encoding="utf-8").startswith("<svg xmlns=")
    assert save(page, "PNG: Cards of 100 squares", tmp_path).read_bytes().startswith(b"\x89PNG")
    first = save(page, "CSV: Chart over time", tmp_path).read_bytes()
    page.get_by_text("Saved as ringfence-chart-over-time.csv").first.wait_for()
    assert save(page, "CSV: Chart over time", tmp_path).read_bytes() == first


def test_the_share_page_gives_its_files(standing: Any, tmp_path: Path) -> None:
    for name, file, begins in (
        ("PDF (Briefing)", "ringfence-briefing.pdf", b"%PDF-"),
        ("Web page (Briefing)", "ringfence-briefing.html", b"<!DOCTYPE html>"),
        ("Parquet (Data)", "ringfence-measures.parquet", b"PAR1"),
        ("Scenario C as a file, my-own.yaml", "my-own.yaml", b"# yaml-language-server"),
    ):
        path = save(standing, name, tmp_path)
        assert path.name == file
        assert path.read_bytes().lstrip().startswith(begins)


def test_a_browser_goes_on_where_it_left_off_until_it_is_told_to_forget(page: Any, address: str) -> None:
    ready(page, address, f"{QUERY}answer")
    page.get_by_role("tab", name="Share").click()
    page.wait_for_function("localStorage.getItem('ringfence-last')?.includes('tab=share')")
    page.goto(address)
    offer = page.get_by_role("region", name="Continue where you left off")
    assert re.search(r"^Continue with “.*” and “My own”, where you left off on ", offer.inner_text()), (
        "what is continued"
    )
    offer.get_by_role("button", name="Continue").click()
    page.wait_for_function("location.search.includes('C.title=My') && location.search.includes('tab=share')")
    page.goto(address)
    offer.wait_for()
    page.get_by_role("tab", name="Share").click()
    offer.wait_for(state="hidden")  # whoever does something else has answered it
    page.evaluate("localStorage.setItem('ringfence-last', JSON.stringify({search: '?B=both', at: Date.now()}))")
    page.goto(address)
    offer.get_by_role("button", name="Forget it").click()
    offer.wait_for(state="hidden")
    assert page.evaluate("localStorage.getItem('ringfence-last')") is None


def test_what_cannot_be_made_is_read_out(page: Any, address: str) -> None:
    ready(page, address, "?v=1&tab=share")
    page.get_by_role("button", name="Differences (Pictures as PNG)", exact=True).click()
    page.get_by_role("alert").filter(has_text="nothing to compare yet").first.wait_for()


def test_the_explorer_is_saved_and_opens_on_what_is_on_the_screen(browser: Any, standing: Any, tmp_path: Path) -> None:
    saved = save(standing, "Save ringfence-explorer.html (Explorer)", tmp_path)
    with opened(browser, saved, alone=True) as explorer:
        assert "My own" in explorer.inner_text("#cards")
        assert explorer.inner_text("#headline .main").startswith("In this model")


def test_however_often_a_page_was_visited_a_click_saves_one_file(standing: Any) -> None:
    page = standing
    saved: list[str] = []
    page.on("download", lambda one: saved.append(one.suggested_filename))
    for _ in range(3):
        for tab in ("Compare", "Share"):
            page.get_by_role("tab", name=tab, exact=True).click()
            settle(page)
    page.get_by_role("button", name="BibTeX (Citation)", exact=True).click()
    page.get_by_text("Saved as ringfence.bib").first.wait_for()
    page.wait_for_timeout(1500)
    assert saved == ["ringfence.bib"]


def test_however_often_the_slides_were_drawn_a_key_goes_one_step(page: Any, address: str) -> None:
    ready(page, address, f"{QUERY}answer")
    drawn = page.evaluate(
        """() => { const views = ['HeaderTools', 'SlideShow'].flatMap(kind =>
        [...Bokeh.index.query(view => view.model.class_name === kind)]);
        for (const view of views) { view.render_esm(); view.render_esm() } return views.length }"""
    )
    assert drawn == 2
    settle(page)
    page.get_by_role("button", name="Presenter view").click()
    page.get_by_text("Slide 1 of 6", exact=True).wait_for()
    page.keyboard.press("PageDown")
    page.wait_for_function("location.search.includes('slide=2')")  # the server has been told
    settle(page)
    assert page.get_by_text("Slide 2 of 6", exact=True).count() == 1
