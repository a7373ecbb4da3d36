"""The Build page in a real browser: a policy in plain words in five steps, with its date; scenarios found by words."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from browsing import darken, open_levers, ready, settle, violations, widest

from dashboards.selection.permalink import restore
from dashboards.selection.selection import LeverEdit, Slot

pytestmark = [pytest.mark.dashboards, pytest.mark.xdist_group("browser")]

AUDITED = {"ringfence": 1.0, "waiver": 0.0, "waivable": 0.0, "audit": 1.0, "leader_lift": 0.225, "finance_lift": 0.1}


def test_five_steps_build_an_audited_ring_fence_from_2028_with_half_a_programme(page: Any, address: str) -> None:
    ready(page, address, "?v=2&B=ringfence&C=leadership&n=250")
    steps: list[Callable[[], None]] = [
        lambda: page.get_by_role("tab", name="Build").click(),
        lambda: page.get_by_label("Starts in").select_option(label="2028/29"),
        lambda: page.get_by_role("group", name="Ring-fence").get_by_label("Audited").check(),
        lambda: page.get_by_role("group", name="Leadership programme").get_by_label("Half").check(),
    ]
    for step in steps:
        step()
    assert len(steps) <= 5
    said = (
        "From 2028/29 the fund is ring-fenced and audited with no waiver, and half the leadership programme runs for "
        "chief executives, chairs and finance directors."
    )
    page.get_by_text(said, exact=True).wait_for()
    page.wait_for_function("location.search.includes('finance_lift')")
    title = "Audited ring-fence and half the leadership programme, from 2028/29"
    page.get_by_text("Each part by itself: the audited ring-fence").wait_for()
    late = page.get_by_text(f"“{title}” starts in 2028/29 only: years before that count in the average too.")
    late.wait_for()
    last = r"In 2029/30 alone it is £9\d\.\d of each £100; the most of the others is £8\d\.\d, under “Stronger"
    assert re.search(last, late.inner_text())
    offered = "From when all policies act, 2028/29 to 2029/30"
    assert offered in page.get_by_label("Years").first.locator("option").all_inner_texts()
    built = restore(page.evaluate("location.search")).selection.slots[1].scenario
    meant = Slot("baseline", "", tuple(LeverEdit(lever, value, 24) for lever, value in AUDITED.items())).scenario
    assert built.differs_from(meant) == ()
    for _ in range(3):
        page.get_by_role("button", name="Undo").and_(page.locator(":enabled")).click()
        settle(page)
    page.wait_for_function("!location.search.includes('B.')")


def test_each_date_stands_beside_what_begins_then(page: Any, address: str) -> None:
    fence, others = "B.ringfence=1_2028Q1&B.waiver=0_2028Q1", "B.peers=1_2029Q3_4&B.named=1_2027Q1_0_2028Q4"
    ready(page, address, f"?v=2&B=baseline&{fence}&{others}&n=250&tab=build")
    said = (
        "From 2027/28 until the end of 2028/29 “Each board's amount is named and published” is set in full "
        "(25% under today's rules); from 2028/29 the fund is ring-fenced with no waiver; from 2029/30 Q3, "
        "over 4 quarters, every board learns from its peers."
    )
    assert page.locator("#reads").inner_text() == said
    both = (
        "From 2028/29 until the end of 2028/29 the fund is ring-fenced with no waiver (the dates differ: "
        "“Ring-fence on the fund” is set from 2027/28 until the end of 2028/29, “National waiver of ring-fences "
        "in force” is set from 2028/29)."
    )
    ready(page, address, "?v=2&B=baseline&B.ringfence=1_2027Q1_0_2028Q4&B.waiver=0_2028Q1&n=250&tab=build")
    assert page.locator("#reads").inner_text() == both, "while a waiver still lifts the ring-fence, none is promised"


def test_a_waiver_takes_the_dates_of_its_ring_fence_and_another_choice_keeps_them(page: Any, address: str) -> None:
    ready(page, address, "?v=2&B=ringfence&n=250&tab=build")
    open_levers(page)
    reads = page.locator("#reads")
    page.get_by_label("From: Ring-fence on the fund").select_option(label="2028/29 Q1")
    page.wait_for_function("location.search.includes('B.waiver=0_2028Q1')")
    page.get_by_label("Until: Ring-fence on the fund").select_option(label="the end of 2028/29")
    page.wait_for_function("location.search.includes('B.waiver=0_2028Q1_0_2028Q4')")
    assert reads.inner_text() == "From 2028/29 until the end of 2028/29 the fund is ring-fenced with no waiver."
    page.get_by_text("These dates are also those of: National waiver of ring-fences in force.").wait_for()
    page.get_by_role("group", name="Ring-fence").get_by_label("Audited").check()
    page.wait_for_function("location.search.includes('B.audit=1_2028Q1_0_2028Q4')")
    assert (
        reads.inner_text()
        == "From 2028/29 until the end of 2028/29 the fund is ring-fenced and audited with no waiver."
    )
    page.get_by_label("From: Ring-fence on the fund").select_option(label="2027/28 Q1")
    page.wait_for_function("location.search.includes('B.audit=1_2027Q1_0_2028Q4')")
    page.get_by_label("From: National waiver of ring-fences in force").select_option(label="2028/29 Q1")
    page.wait_for_function("location.search.includes('B.waiver=0_2028Q1_0_2028Q4')")
    assert (
        "“National waiver of ring-fences in force” is set from 2028/29 until the end of 2028/29" in reads.inner_text()
    )
    endless = "no end (the model's last year is 2029/30)"
    page.get_by_label("Until: Ring-fence on the fund").select_option(label=endless)
    page.wait_for_function(r"/B\.audit=1_2027Q1(&|$)/.test(location.search)")
    assert "B.waiver=0_2028Q1_0_2028Q4" in page.url, "a waiver with dates of its own keeps them"


EVERYDAY_WORDS = {
    "permanent funding": "Long-term framework",
    "peer support": "Peer forums in every board",
    "strong leadership": "Stronger leadership",
    "hospitals": "Protected stream for trusts",
    "voluntary sector": "Relations and community voice",
    "league table": "Data with consequences and support",
    "ring fence": "Ring-fence as in 2022/23, not waived",
    "audit": "Audited ring-fence",
    "mergers": "No clusters and no mergers",
    "job cuts": "Another cut of management capacity",
    "poverty": "Four fifths to the most deprived fifth",
    "councils": "Devolved to place, given out directly",
    "training": "Capability networks and academies",
    "waiting lists": "National targets aligned",
    "underspend": "Unspent money carried forward",
    "legal duty": "Statutory duty with a realistic task",
    "Treasury": "Health test in investment appraisal",
    "CFO": "Finance directors engaged",
    "transparency": "Each board's amount named",
    "multi-year funding": "Permission to commit for several years",
    "pilots": "Long contracts in place of pilots",
    "bailout": "Deficit support goes on",
    "more money": "Faster growth of the fund",
    "short-term funding": "Money by the year",
    "regulator": "Oversight that rewards prevention",
    "staff turnover": "Stable leadership and handover",
    "government should publish good practice": "Good practice and progress published",
    "money for charities": "Relations and community voice",
    "the money should reach trusts": "Protected stream for trusts",
}
"""What people type, and the scenario that they mean."""


def test_scenarios_are_found_by_number_and_by_other_words_and_typing_chooses_nothing(page: Any, address: str) -> None:
    ready(page, address, "?v=2&B=ringfence&n=250&tab=build")
    page.get_by_text("Start from:").click()
    sought, offers = page.get_by_label("Find by what it does"), page.locator(".offer")
    everything = offers.count()
    for words, title in (
        ("peer support", "14. Peer forums in every board"),
        ("strong leadership", "25. Stronger leadership"),
        ("Permanent funding", "18. Permission to commit for several years"),
        ("trusts", "20. Protected stream for trusts"),
        ("14", "14. Peer forums in every board"),
        ("recommendation 7", "7. Oversight that rewards prevention"),
        ("ring fence", "16. Audited ring-fence"),
        ("peer support for leaders", "14. Peer forums in every board"),
    ):
        sought.fill(words)
        assert 0 < offers.count() < everything and title.split(". ", 1)[1] in "\n".join(offers.all_inner_texts()), words
    first = page.locator(".offer").first
    for words, title in EVERYDAY_WORDS.items():
        sought.fill(words)
        assert first.inner_text().partition(". ")[2].startswith(title), words
    note = page.get_by_text("The money is permanent already.")
    assert note.count() == 0
    sought.fill("permanent funding")
    assert "since 2023/24 it has sat in each board's recurrent baseline" in note.inner_text()
    assert "Putting money where our mouth is?" in note.inner_text() and offers.count() > 0
    sought.fill("unicorn")
    assert offers.count() == 0 and page.get_by_text("Nothing is called that").is_visible()
    assert "B=ringfence&" in page.url + "&" and page.locator("#preset-title").inner_text().startswith(
        "Ring-fence as in"
    )
    sought.fill("peer forums")
    sought.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "B=peer-forums" in url)
    assert violations(page) == []


def test_four_policies_are_the_most_and_one_that_stands_already_is_not_compared_with_itself_unasked(
    page: Any, address: str
) -> None:
    ready(page, address, "?v=2&B=ringfence&C=leadership&D=both&n=250&tab=build")
    page.get_by_text("3 at most").wait_for()
    page.get_by_text("Start from:").click()
    page.locator("button.offer[data-preset=leadership]").click()
    page.get_by_text("“Stronger leadership” is there already, as C.").wait_for()
    settle(page)
    assert "B=ringfence&" in page.url + "&"
    page.get_by_role("button", name="Go to C").click()
    page.locator("#preset-title").filter(has_text="Stronger leadership").wait_for()
    assert "B=ringfence&" in page.url + "&"


def test_a_wrong_number_or_date_is_said_at_its_field_and_nothing_is_lost(page: Any, address: str) -> None:
    ready(page, address, "?v=2&B=ringfence&n=250&tab=build")
    open_levers(page)
    box = page.get_by_label("Number: Added enforcement")
    box.fill("7")
    box.press("Enter")
    page.locator("[data-lever=audit]").get_by_role("alert").filter(has_text="must be 0 to 1, not 7").wait_for()
    page.get_by_text("This was not applied, and the answer is unchanged.").wait_for()
    assert box.input_value() == "0" and "B.audit" not in page.url
    box.fill("0.35")
    box.press("Enter")
    page.wait_for_function("location.search.includes('B.audit=0.35_2027Q1')")
    assert page.get_by_text("must be 0 to 1").count() == 0
    page.get_by_label("Until: Added enforcement").select_option(label="the end of 2026/27 Q1")
    page.get_by_role("alert").filter(has_text="it would end before it begins in 2027/28 Q1.").wait_for()
    assert violations(page) == []


def test_the_answer_stays_in_view_beside_the_lever_that_moves(page: Any, address: str) -> None:
    page.set_viewport_size({"width": 1366, "height": 768})
    ready(page, address, "?v=2&B=ringfence&C=both&n=250&tab=answer")
    page.get_by_role("button", name="B: Ring-fence as in 2022/23, not waived. Open in Build").click()
    page.get_by_role("heading", name="In this model, “Ring-fence as in 2022/23, not waived” keeps").wait_for()
    page.get_by_text("Of the 2 policies compared here, “Ring-fence and leadership together” gives the most").wait_for()
    open_levers(page)
    page.get_by_role("slider").last.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    box = page.get_by_role("heading", name="In this model").first.bounding_box()
    assert 0 <= box["y"] < 400
    page.set_viewport_size({"width": 390, "height": 844})
    settle(page)
    page.get_by_role("slider").last.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    line = page.get_by_text("Money kept, of each £100: A £").bounding_box()
    assert 0 < line["y"] <= 844 - line["height"] + 1
    assert widest(page) <= 390
    darken(page)
    assert violations(page) == []
