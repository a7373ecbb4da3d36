"""The explorer in a browser, from a folder and without a network, says what the command line says."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browsing import FLAGS, OF_COLOURS, chromium, violations, watched
from claim_cases import OUTSIDE, change_record, make_claim_of, sign_again
from explorer_memory import Memory, drag
from explorer_pages import (
    DONE,
    Tab,
    as_page,
    choose,
    list_slots,
    open_again,
    opened,
    random_selection,
    settled,
    write_page,
)

from dashboards.boards.merged_boards import BoardFilter
from dashboards.common.glossary import read_glossary
from dashboards.offline import explorer, page_data
from dashboards.offline.checks import list_limits_of_page, list_lines
from dashboards.offline.page_answer import make_answer
from dashboards.selection.board_search import describe_found, find_boards
from dashboards.selection.map_selection import THIRDS
from dashboards.selection.own_titles import name_for_post
from dashboards.selection.permalink import make_link, restore
from dashboards.selection.scenario_hints import list_hints
from dashboards.selection.selection import TODAYS_RULES, LeverEdit, Selection, Slot
from simulator.boards.table import read_boards
from simulator.calibration.evidence_status import BADGE_MEANINGS
from simulator.claims.claim import ClaimError
from simulator.claims.claim_file import format_claim, parse_claim
from simulator.claims.condition import Condition
from simulator.claims.verification import OTHER_NUMBERS
from simulator.commands.compare import compare_scenarios
from simulator.common.sentence_templates import get_template
from simulator.declarations.calendar import parse_years
from simulator.declarations.evidence import load_register
from simulator.declarations.levers import LEVERS
from simulator.reports.card_doubts import write_failed
from simulator.reports.check_words import describe_history
from simulator.reports.limits import list_failed_checks
from simulator.reports.sentences import describe_comparison, say_letters
from simulator.runs.futures import draw_futures
from simulator.runs.run import run
from simulator.scenarios.plain_controls import PLAIN_CONTROLS
from simulator.scenarios.scenario import load_scenario

pytestmark = [pytest.mark.dashboards, pytest.mark.xdist_group("browser")]

N, FEW, SEED = 250, 100, 20240323
UNCHANGED = "This was not applied, and the answer is unchanged."
NASTY = "</script><img src=x onerror=alert(1)>"
OWN = Slot("committee", NASTY, (LeverEdit("audit", 0.5),)).scenario
SETTING = explorer.Setting(N, SEED, dt.date(2026, 11, 22), (OWN,))
HEADLINE = {"slots": list_slots(Selection((TODAYS_RULES, Slot("ringfence"), Slot("leadership"))))}

LOOKS = """(() => {
  const line = place => [place.getAttribute("stroke"), place.getAttribute("stroke-dasharray")];
  const looks = (places, letter, look) => Object.fromEntries([...document.querySelectorAll(places)]
    .map(one => [letter(one), look(one)]).filter(([letter]) => letter));
  return {
    chips: looks("#slots [data-keep^=slot-]", one => one.textContent.trim(), one => line(one.querySelector("line"))),
    cards: looks("#cards .card", one => one.querySelector(".letter").textContent,
      one => getComputedStyle(one).borderTopColor),
    bands: looks("#bands svg text", one => /^[A-D](?= {2})/.exec(one.textContent)?.[0],
      one => line(one.previousElementSibling || one)),
  }
})()"""
"""How each scenario looks, by its letter."""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page, alone in its folder."""
    return write_page(tmp_path_factory.mktemp("page") / "explorer.html", SETTING)


@pytest.fixture(scope="module")
def standing(browser: Any, file: Path) -> Iterator[Any]:
    """One page for tests that put whole selections into it."""
    with opened(browser, file, alone=True) as page:
        yield page


@pytest.fixture(scope="module")
def used(browser: Any, file: Path) -> Iterator[Any]:
    """One page for tests that move its folds and controls."""
    with opened(browser, file, alone=True) as page:
        yield page


@pytest.fixture
def page(used: Any) -> Any:
    """The page as it opens, which takes a third of the work of opening it anew."""
    open_again(used)
    return used


@pytest.fixture
def fresh(tab: Tab) -> Iterator[Any]:
    """The page, opened anew."""
    yield tab.open()
    tab.check()


@pytest.fixture
def levers(page: Any) -> Any:
    """The page with the levers of the rules unfolded."""
    page.get_by_text("Every lever").click()
    page.locator("[data-fold='group-Rules'] > summary").click()
    return page


def plain(told: Any) -> Any:
    """The same with None for what is not a number, and whole numbers as Python has them."""
    if isinstance(told, dict):
        return {name: plain(value) for name, value in told.items()}
    if isinstance(told, list):
        return [plain(value) for value in told]
    return None if isinstance(told, float) and not math.isfinite(told) else told


def told_of_what_was_changed(page: Any, expected: dict[str, Any]) -> str:
    """The first sentence of the page: on the policy that is being changed, or on all where there is none."""
    slot = page.evaluate("Ringfence.view.slot")
    said: str = expected["scenarios"][slot]["headline"] if slot else expected["headline"]
    return said


def by_python(selection: Selection, n: int, settings: dict[str, float] | None = None) -> dict[str, Any]:
    """What Python answers."""
    drawn = draw_futures(n, seed=selection.seed, settings=settings or {})
    runs = [run(one, futures=drawn) for one in selection.scenarios]
    years = parse_years(selection.years) if selection.years else None
    posted = tuple(map(name_for_post, selection.slots))
    return make_answer(runs, selection.outcome, years, selection.letters, posted)


@pytest.mark.parametrize("seed", [3, 2**64 - 1, SEED])
def test_every_number_and_sentence_of_random_scenarios_is_pythons(standing: Any, seed: int) -> None:
    rng = np.random.default_rng(seed % 97)
    for case in range(5):
        selection = random_selection(rng, seed)
        n = 300 if case == 0 else 120
        shown = plain(choose(standing, as_page(selection, n)))
        expected = by_python(selection, n)
        assert shown == expected, (case, make_link(selection))
        assert standing.inner_text("#headline .main") == told_of_what_was_changed(standing, expected)


def test_its_sentences_are_those_of_the_command_line(standing: Any) -> None:
    selection = Selection((TODAYS_RULES, Slot("ringfence"), Slot("both")), "additional")
    shown = choose(standing, as_page(selection, N))
    told = compare_scenarios(["ringfence", "both"], outcome="additional", n=N).comparisons
    assert [row["sentence"] for row in shown["differences"][0]["rows"]] == [c.sentence for c in told]
    assert standing.locator("#sentences li").first.text_content() == describe_comparison(told[0])


def test_its_first_200_futures_have_the_bits_of_the_simulator(standing: Any) -> None:
    answer = choose(standing, as_page(Selection((TODAYS_RULES, Slot("leadership"))), 200))
    shown = [[one["mean"], one["low"], one["high"], *one["cascade"]] for one in answer["scenarios"]]
    drawn = draw_futures(200, seed=SEED)
    for numbers, name in zip(shown, ("baseline", "leadership"), strict=True):
        result = run(name, futures=drawn)
        values = result.outcome("retained", slice(5, 8))
        steps = [float(result.outcome(step, slice(5, 8)).mean()) for step in explorer.CASCADE]
        assert numbers == [float(values.mean()), *map(float, np.quantile(values, (0.1, 0.9))), *steps]


def test_a_number_that_is_held_is_held_for_all(standing: Any) -> None:
    selection = Selection((TODAYS_RULES, Slot("leadership")))
    held = {"pull_chief": 0.0, "pull_finance": 0.0}
    shown = plain(choose(standing, {**as_page(selection, 120), "settings": held}))
    assert shown == by_python(selection, 120, held)
    assert "pull_chief = 0" in standing.inner_text("#caveat")
    assert "set.pull_chief=0" in standing.evaluate("location.hash")


def test_scenarios_of_one_title_are_told_apart_as_in_python(standing: Any) -> None:
    same = [Slot("baseline", "Ours", (LeverEdit("audit", value),)) for value in (0.2, 0.4, 0.4)]
    selection = Selection((TODAYS_RULES, *same))
    assert plain(choose(standing, as_page(selection, 120))) == by_python(selection, 120)


# The form.


def start_from(page: Any, preset: str) -> None:
    page.locator("[data-fold=preset] > summary").click()
    page.locator(f".offer[data-preset={preset}]").click()


def test_a_scenario_is_found_by_the_words_that_find_it_in_the_dashboard(page: Any) -> None:
    page.locator("[data-fold=preset] > summary").click()
    sought, first = page.locator("#sought"), page.locator(".offer").first
    for words, title in {
        "peer support": "14. Peer forums in every board",
        "strong leadership": "25. Stronger leadership",
        "permanent funding": "6. Long-term framework",
        "trusts": "20. Protected stream for trusts",
    }.items():
        sought.fill(words)
        assert first.inner_text() == title
    assert "since 2023/24 it has sat" not in page.inner_text(".notes")
    sought.fill("permanent funding")
    assert "since 2023/24 it has sat" in page.inner_text(".notes")


def test_a_file_that_is_opened_is_found_by_its_title(fresh: Any) -> None:
    own = (
        b"title: Orchards for all\nquestion: What if?\n"
        b"changes:\n  audit: {to: 0.4, from: 2027/28 Q1, because: Somebody looks., evidence: [], assumption: true}\n"
    )
    fresh.locator("[data-fold=preset] > summary").click()
    fresh.locator("#sought").fill("trusts")
    fresh.set_input_files("#file", {"name": "orchards.yaml", "mimeType": "text/yaml", "buffer": own})
    fresh.locator("#preset-title", has_text="Orchards for all").wait_for()
    fresh.locator("#sought").fill("orchards")
    assert fresh.locator(".offer").all_inner_texts() == ["Orchards for all"]


def test_five_steps_build_an_audited_ring_fence_from_2028_with_half_a_programme(page: Any) -> None:
    start_from(page, "baseline")
    page.get_by_label("Starts in").select_option(label="2028/29")
    page.get_by_role("group", name="Ring-fence").get_by_label("Audited").check()
    page.get_by_role("group", name="Leadership programme").get_by_label("Half").check()
    settled(page)
    said = (
        "From 2028/29 the fund is ring-fenced and audited with no waiver, and half the leadership programme runs for "
        "chief executives, chairs and finance directors."
    )
    assert page.inner_text("#reads") == said
    edits = {"ringfence": 1.0, "waiver": 0.0, "waivable": 0.0, "audit": 1.0, "leader_lift": 0.225, "finance_lift": 0.1}
    slot = Slot("baseline", "", tuple(LeverEdit(lever, value, 24) for lever, value in edits.items()))
    expected = by_python(Selection((TODAYS_RULES, slot)), N)
    assert page.inner_text("#headline .main") == told_of_what_was_changed(page, expected)


def test_a_waiver_that_lifts_a_ring_fence_is_said_and_ended_as_in_the_dashboard(fresh: Any) -> None:
    start_from(fresh, "baseline")
    assert fresh.locator(".hint").count() == 0
    fresh.get_by_role("group", name="Ring-fence").get_by_label("Can be waived").check()
    [hint] = list_hints(Selection((TODAYS_RULES, Slot("baseline", "", (LeverEdit("ringfence", 1.0, 20),)))), 1)
    assert fresh.locator(".hint p").inner_text() == hint.says
    fresh.set_viewport_size({"width": 1366, "height": 768})
    box = fresh.locator("[data-fold=levers]").bounding_box()
    assert box["y"] + box["height"] <= 768, "every lever is one click away, below the hint as well"
    fresh.get_by_role("button", name=hint.button).click()
    assert fresh.locator(".hint").count() == 0
    settled(fresh)
    assert fresh.get_by_role("group", name="Ring-fence").get_by_label("Not waived").is_checked()


def test_the_first_sentence_is_about_what_was_changed_and_then_about_what_does_most(page: Any) -> None:
    opening = make_link(Selection((TODAYS_RULES, Slot("ringfence"), Slot("leadership"), Slot("both")))).removeprefix(
        "?"
    )
    page.evaluate("link => { Ringfence.open(link); Ringfence.ask(); }", opening)
    settled(page)
    answer = page.evaluate("Ringfence.view.answer")
    assert page.inner_text("#main") == answer["headline"] and "together" in answer["headline"]
    assert page.locator("#best").is_hidden()
    page.get_by_label("Half", exact=True).check()
    settled(page)
    answer = page.evaluate("Ringfence.view.answer")
    changed, (best, sentence) = answer["scenarios"][1], answer["best"]
    assert page.inner_text("#main") == changed["headline"] and changed["title"] in changed["headline"]
    assert best == 2 and page.inner_text("#best") == sentence and "together" in sentence
    page.locator("#slots button").nth(2).click()
    assert page.inner_text("#main") == answer["scenarios"][3]["headline"]
    assert page.locator("#best").is_hidden()
    before = page.evaluate(LOOKS)
    page.locator("#slots button", has_text="C").click()
    page.get_by_role("button", name="Remove C").click()
    settled(page)
    kept = {place: {letter: look for letter, look in looks.items() if letter != "C"} for place, looks in before.items()}
    assert page.evaluate(LOOKS) == kept and [*kept["cards"]] == ["A", "B", "D"]
    page.get_by_text("Show the numbers").first.click()
    assert [words[0] for words in page.locator("#bands th[scope=row]").all_inner_texts()] == ["A", "B", "D"]
    link = page.evaluate("location.hash")
    assert "&C=" not in link and "&D=both" in link
    page.evaluate("link => { Ringfence.open(link); Ringfence.ask(); }", link)
    settled(page)
    assert page.evaluate(LOOKS) == kept
    page.get_by_role("button", name="Add", exact=True).click()
    settled(page)
    assert page.evaluate("Ringfence.view.selection.slots.map(one => one.letter)") == ["A", "B", "C", "D"]
    assert page.evaluate("Ringfence.view.slot") == 2 and page.evaluate(LOOKS)["chips"] == before["chips"]


def test_moving_the_start_moves_all_that_a_preset_does(page: Any) -> None:
    start_from(page, "ringfence-audited")
    page.get_by_label("Starts in").select_option(label="2028/29")
    settled(page)
    moved = load_scenario("ringfence-audited").starting("2028/29")
    shown = page.evaluate("Ringfence.choice.changesOf(Ringfence.view.selection.slots[1]).map(one => one.start)")
    assert set(shown) == {24}
    drawn = draw_futures(N, seed=SEED)
    level = float(run(moved, futures=drawn).outcome("retained", slice(6, 8)).mean())
    assert page.evaluate("Ringfence.view.answer.scenarios[1].mean") == level


def test_a_first_look_says_so_beside_every_sentence_until_all_futures_are_there(standing: Any) -> None:
    shown = standing.evaluate(
        """async selection => {
            const said = [], places = ["sure", "say0-brief", "say1-brief", "say2-brief"];
            const at = id => document.getElementById(id);
            const watched = { childList: true, characterData: true, subtree: true };
            const read = () => [places.map(id => at(id).textContent), Boolean(at("copy-short"))];
            const note = () => said.push([Ringfence.view.answer.n, ...read()]);
            new MutationObserver(note).observe(at("sure"), watched);
            Ringfence.change({ ...Ringfence.view.selection, ...selection });
            for (let tries = 0; !(Ringfence.view.final && Ringfence.view.who) && tries < 300; tries++)
                await new Promise(resolve => setTimeout(resolve, 100));
            note();
            return said;
        }""",
        as_page(Selection((TODAYS_RULES, Slot("ringfence"), Slot("committee"))), 1000),
    )
    looks = [places for n, places, _ in shown if n == 200]
    assert [posted for *_, posted in shown] == [n == 1000 for n, *_ in shown], "a first look is not posted"
    assert looks and all(all(text.startswith("First look: 200 of 1,000 futures. ") for text in look) for look in looks)
    assert [n for n, *_ in shown][-1] == 1000 and not any("First look" in text for text in shown[-1][1])


def test_a_lever_that_moves_never_leaves_an_old_answer(levers: Any) -> None:
    choose(levers, {**HEADLINE, "n": 400})
    slider = levers.locator("#lever-audit")
    shown = slider.evaluate(
        """async slider => {
            const wait = ms => new Promise(resolve => setTimeout(resolve, ms)), seen = [];
            const put = (value, kind) => {
                slider.value = value;
                slider.dispatchEvent(new Event(kind, { bubbles: true }));
            };
            for (let i = 0; i < 40; i++) {
                put((i * 7 % 41) / 40, "input");
                const state = document.getElementById("result").dataset.state;
                seen.push([state, Ringfence.view.final]);
                if (i % 3 === 0) await wait(i);
            }
            put(0.35, "input");
            put(0.35, "change");
            return seen;
        }"""
    )
    assert {state for state, _ in shown} == {"working"} and not any(final for _, final in shown)
    settled(levers)
    selection = Selection((TODAYS_RULES, Slot("ringfence", "", (LeverEdit("audit", 0.35),)), Slot("leadership")))
    expected = by_python(selection, 400)
    assert plain(levers.evaluate("Ringfence.view.answer")) == expected
    levers.wait_for_timeout(300)
    assert levers.inner_text("#headline .main") == told_of_what_was_changed(levers, expected)


def test_a_policy_between_plain_words_is_not_called_unchanged(standing: Any) -> None:
    slot = Slot("baseline", "", (LeverEdit("ringfence", 0.5, 20),))
    choose(standing, as_page(Selection((TODAYS_RULES, slot)), FEW))
    assert (
        standing.inner_text("#reads")
        == "From 2027/28 “Ring-fence on the fund” is set to 50% (none under today's rules)."
    )
    assert standing.get_by_role("group", name="Ring-fence").locator("input:checked").count() == 0


def test_what_cannot_be_worked_out_is_said_and_no_old_answer_stays(standing: Any) -> None:
    usual = as_page(Selection((TODAYS_RULES, Slot("ringfence"), Slot("leadership"))), FEW)
    choose(standing, usual)
    slots = list_slots(Selection((TODAYS_RULES, Slot("baseline", "", (LeverEdit("pot_scale", 0.0, 0),)))))
    standing.evaluate("slots => Ringfence.change({...Ringfence.view.selection, slots})", slots)
    standing.get_by_role("alert").filter(has_text="is not defined in any of these futures").wait_for()
    assert standing.locator("#headline").is_hidden()
    choose(standing, usual)
    assert standing.locator("#headline").is_visible() and standing.get_by_role("alert").count() == 0


def test_it_works_with_the_keyboard_alone(fresh: Any) -> None:
    fresh.locator("body").press("Tab")
    assert fresh.evaluate("document.activeElement.id") == "skip"
    fresh.keyboard.press("Enter")
    assert fresh.evaluate("document.activeElement.id") == "answer"
    before = fresh.inner_text("#headline .main")
    fresh.get_by_text("Every lever").focus()
    fresh.keyboard.press("Enter")
    fresh.locator("[data-fold='group-Rules'] > summary").focus()
    fresh.keyboard.press("Enter")
    fresh.locator("#lever-ringfence").focus()
    for _ in range(3):
        fresh.keyboard.press("ArrowRight")
    settled(fresh)
    assert fresh.evaluate("document.activeElement.id") == "lever-ringfence"
    assert fresh.evaluate("Ringfence.view.selection.slots[1].edits[0].value") > 0
    assert fresh.inner_text("#headline .main") != before


def test_a_fold_stays_as_the_hand_left_it_where_the_form_is_drawn_in_the_same_instant(fresh: Any) -> None:
    drawn_at_once = """(summary, times) => {
      const fold = () => document.querySelector('[data-fold=levers]'), told = [];
      for (let i = 0; i < times; i++) {
        fold().querySelector('summary').click();
        Ringfence.change(Ringfence.view.selection);
        told.push([fold().open, fold().querySelectorAll('[data-fold^=group-]').length > 0]);
      }
      return told;
    }"""
    levers = fresh.locator("[data-fold=levers]")
    assert levers.evaluate(drawn_at_once, 2) == [[True, True], [False, False]]
    fresh.evaluate(
        "new Promise(done => setTimeout(() => requestAnimationFrame(done)))"
    )  # folds have told all they will
    assert levers.get_attribute("open") is None
    levers.locator("summary").first.focus()
    fresh.keyboard.press("Enter")
    assert levers.get_attribute("open") is not None
    fresh.locator("#map summary").evaluate(
        "summary => { summary.click(); Ringfence.change(Ringfence.view.selection); }"
    )
    settled(fresh)
    fresh.locator("#map details[open] svg").wait_for()


def test_what_was_set_by_hand_goes_back_to_the_scenario(levers: Any) -> None:
    choose(levers, {**HEADLINE, "n": FEW})
    before = levers.inner_text("#headline .main")
    levers.locator("[data-keep='lever-ringfence-box']").fill("0.25")
    levers.locator("[data-keep='lever-ringfence-box']").press("Enter")
    settled(levers)
    assert "Ring-fence at 25%" in levers.locator(".card").nth(1).inner_text()
    levers.get_by_role("button", name="As before: Ring-fence on the fund").click()
    settled(levers)
    assert levers.inner_text("#headline .main") == before


def test_a_number_that_a_lever_cannot_take_is_said_at_the_lever_and_changes_nothing(levers: Any) -> None:
    choose(levers, {**HEADLINE, "n": FEW})
    before = levers.inner_text("#headline .main")
    for group, lever, number, said in (
        (
            "Money pressure",
            "savings_ask",
            "11",
            "“Savings requirement in plans” (savings_ask) must be 0 to 10, not 11.",
        ),
        ("Rules", "audit", "3", "“Added enforcement: audit and sanction” (audit) must be 0 to 1, not 3."),
    ):
        if levers.locator(f"[data-fold='group-{group}']").get_attribute("open") is None:
            levers.locator(f"[data-fold='group-{group}'] > summary").click()
        box = levers.locator(f"[data-keep='lever-{lever}-box']")
        old = box.input_value()
        box.fill(number)
        box.press("Enter")
        assert levers.locator(f"[data-lever='{lever}'] [role=alert]").inner_text() == f"{said} {UNCHANGED}"
        levers.evaluate("Ringfence.change(Ringfence.view.selection)")  # drawn again, as when an answer comes meanwhile
        assert levers.locator(f"[data-lever='{lever}'] [role=alert]").inner_text() == f"{said} {UNCHANGED}"
        assert box.input_value() == old and levers.inner_text("#headline .main") == before
    assert levers.locator("[data-lever='reorganise'] [data-keep$='-phase']").count() == 0
    switch = levers.get_by_label("Mergers and shared leadership go ahead", exact=True)
    assert switch.locator("option").all_inner_texts() == ["No", "Yes"]
    switch.select_option("No")
    settled(levers)
    assert switch.input_value() == "0"
    assert levers.locator("[data-lever='reorganise'].moved [role=alert]").inner_text() == ""


def test_a_lever_names_its_evidence_with_plain_addresses(levers: Any) -> None:
    choose(levers, {**HEADLINE, "n": FEW})
    for lever, badge in (("ringfence", "Judgement, 3 sources"), ("waivable", "Judgement, 1 source")):
        fold = levers.locator(f"[data-fold='evidence-{lever}']")
        assert fold.locator("summary").text_content() == f"{LEVERS[lever].about.meaning}: {badge}"
        assert fold.locator("a").count() == 0
        fold.locator("summary").click()
        cited = [load_register()[entry] for entry in LEVERS[lever].about.evidence]
        assert BADGE_MEANINGS["judgement"] in fold.inner_text()
        assert all(entry.says in fold.inner_text() and entry.source in fold.inner_text() for entry in cited)
        assert [link.get_attribute("href") for link in fold.locator("a").all()] == [u for one in cited for u in one.url]
    assert violations(levers, "#build") == []


# Links.


def test_a_changed_policy_says_in_its_title_what_was_changed_as_the_dashboard_does(standing: Any) -> None:
    rng = np.random.default_rng(11)
    slots = [slot for case in range(12) for slot in random_selection(rng, case).slots[1:]]
    for control in PLAIN_CONTROLS:
        for choice in control.choices:
            edits = tuple(LeverEdit(lever, value) for lever, value in choice.sets.items())
            slots += [Slot(name, "", edits) for name in ("baseline", "ringfence", "both")]
    pairs = (("audit", "committee"), ("cut", "peers"), ("capacity", "devolve"), ("leader_lift", "stability"))
    slots += [Slot("leadership", "", tuple(LeverEdit(lever, 0.5) for lever in pair)) for pair in pairs]
    slots = [replace(slot, title="") for slot in slots]
    given = [as_page(Selection((TODAYS_RULES, slot)), 1000)["slots"][1] for slot in slots]
    assert standing.evaluate("slots => slots.map(Ringfence.choice.shown)", given) == [slot.shown for slot in slots]


def test_links_go_both_ways_between_the_page_and_the_dashboard(standing: Any) -> None:
    rng = np.random.default_rng(5)
    own = next(iter(explorer.name_own((OWN,)).values())).slot
    for case in range(25):
        chosen = random_selection(rng, case)
        slots = (*chosen.slots[:3], own) if case % 5 == 0 else chosen.slots
        letters = chosen.letters if slots is chosen.slots else ""
        selection = Selection(slots, chosen.outcome, chosen.years, case, letters=letters)
        found = standing.evaluate("link => Ringfence.choice.restore(link)", make_link(selection))
        assert found["notes"] == []
        assert found["selection"] == as_page(selection, 1000)
        back = restore("?" + standing.evaluate("one => Ringfence.choice.makeLink(one)", found["selection"]))
        assert (back.selection, back.notes) == (selection, ())


HOSTILE = [
    ("v=2&B=ringfence&B.audit=7_2027Q1", "must be 0 to 1"),
    ("v=2&B=ringfence&B.wand=1_2027Q1", "lever that is not there"),
    ("v=2&B=ringfence&B.__proto__=1_2027Q1", "lever that is not there"),
    ("v=2&B=ringfence&B.audit=lots", "cannot be read"),
    ("v=2&B=__proto__", "is not a scenario of this page"),
    ("v=2&B=constructor&C=toString", "is not a scenario of this page"),
    ("v=2&B=ringfence&n=99999999", "20 to 2,000 futures"),
    ("v=2&B=ringfence&n=4000", "20 to 2,000 futures"),
    ("v=2&B=ringfence&until=0.5", "does not go on until"),
    ("v=2&B=ringfence&seed=-4", "seed is a whole number"),
    ("v=2&B=ringfence&seed=18446744073709551616", "seed is a whole number"),
    ("v=2&B=ringfence&o=constructor", "not an outcome"),
    ("v=2&B=ringfence&y=2090/91", "not a span of years"),
    ("v=9&B=ringfence", "not made by this version"),
    ("v=2&m=9.9.9&B=ringfence", "made with Ringfence 9.9.9"),
    ("v=2&m=<script>&B=ringfence", "another version"),
    ("v=1&B=ringfence&B.waiver=0.5_2028Q1", "earlier version"),
    (
        "v=2&B=ringfence&B.reorganise=0.5_2028Q1",
        "“Mergers and shared leadership go ahead” (reorganise) is a switch: off (0) or on (1), not 0.5.",
    ),
    (
        "v=2&B=ringfence&B.reorganise=0_2028Q1_4",
        "“Mergers and shared leadership go ahead” (reorganise) is a switch and cannot be phased in; it changes at",
    ),
    ("v=2&B=ringfence&set.pull_chief=99", "lies between"),
    ("v=2&B=ringfence&set.constructor=1", "not an uncertain number"),
    ("v=2&B=mine&B.file=eJwDAAAAAAE=", "cannot be read out of it"),
    ("v=2&B=ringfence&B.title=" + "x" * 300, "at most 80 letters"),
    ("v=2&B=ringfence&B.audit=" + "1" * 300, "too long and was left out"),
    ("v=2&B=ringfence&B.title=%E2%80%AEevil", "control character"),
    ("a" * 40_000, "too long to be one of ours"),
    ("&".join(f"x{i}=1" for i in range(500)), "too long to be one of ours"),
    ("%E0%A4%A", "not made by this version"),
]
PLAIN = f"v=2&B=ringfence&n={FEW}"


@pytest.mark.parametrize(("link", "said"), HOSTILE)
def test_a_hostile_link_breaks_nothing_and_says_what_is_wrong(standing: Any, link: str, said: str) -> None:
    for place in (PLAIN, link if "n=" in link else f"{link}&n={FEW}"):
        standing.evaluate("link => { location.hash = link }", place)
        wanted = f"element.innerText.includes({json.dumps(said)})" if link in place else "!element.innerText.trim()"
        standing.wait_for_function(f"() => {{ const element = document.querySelector('#notices'); return {wanted} }}")
    settled(standing)
    assert standing.locator("img").count() == 0
    assert standing.inner_text("#headline .main").startswith("In this model")


@pytest.mark.parametrize("said", ["lever that is not there", "not made by this"])
def test_a_page_that_opens_on_a_hostile_link_says_so_and_works(tab: Tab, said: str) -> None:
    link = next(link for link, told in reversed(HOSTILE) if said in told)
    page = tab.open(f"#{link}")
    assert said in page.inner_text("#notices")
    assert page.locator("img").count() == 0
    assert page.inner_text("#headline .main").startswith("In this model")
    tab.check()


def test_what_somebody_wrote_is_only_text(standing: Any) -> None:
    own = next(iter(explorer.name_own((OWN,)).values())).slot
    choose(standing, as_page(Selection((TODAYS_RULES, own)), FEW))
    assert NASTY in standing.inner_text("#headline .main")
    assert standing.locator("img, main script").count() == 0
    choose(
        standing, {"slots": [HEADLINE["slots"][0], {"letter": "B", "preset": "ringfence", "title": NASTY, "edits": []}]}
    )
    assert NASTY in standing.inner_text("#cards") and standing.locator("img, main script").count() == 0


def test_a_link_that_changes_under_the_page_is_followed(standing: Any) -> None:
    choose(standing, as_page(Selection((TODAYS_RULES, Slot("ringfence"))), FEW))
    standing.evaluate("location.hash = 'v=2&o=front&n=250&B=uplift'")
    standing.locator("#cards .card", has_text="Faster growth of the fund").wait_for()
    settled(standing)
    assert standing.get_by_label("What counts").input_value() == "front"


# Whatever the screen, and without a model.


@pytest.fixture(scope="module")
def unfolded(browser: Any, file: Path) -> Iterator[Any]:
    """One page with all that it can show on it, and what stands behind the answer, for looks at all of it."""
    with opened(browser, file, f"#v=2&n={FEW}&B=ringfence") as page:
        page.get_by_text("Every lever").click()
        page.locator("[data-fold='group-Rules'] > summary").click()
        page.get_by_text("Hold an uncertain number").click()
        page.get_by_text("Futures and seed").click()
        page.get_by_text("A map of averages by board").click()
        page.locator(".chart.map svg").wait_for()
        for fold in page.get_by_text("Show the numbers").all():
            fold.click()
        page.locator(f"#behind[data-of='{page.evaluate('Ringfence.view.newest')}']").wait_for()
        yield page


def test_axe_finds_nothing_in_light_or_dark(unfolded: Any) -> None:
    page = unfolded
    page.emulate_media(color_scheme="light")
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != colour
    assert violations(page, rules=OF_COLOURS) == []
    page.get_by_role("button", name="What the words mean").click()
    rows = page.evaluate(
        "[...document.querySelectorAll('#glossary dt')].map(row => [row.textContent, row.nextSibling.textContent])"
    )
    assert rows == [list(row) for _, rows in read_glossary() for row in rows]
    assert violations(page, "#glossary") == []
    page.get_by_label("Find a word").fill("log-odds")
    assert "log-odds" in page.locator("#glossary dt").all_text_contents()
    assert 0 < page.locator("#glossary dt").count() < len(rows)
    page.get_by_label("Find a word").fill("no such word")
    assert "No word like this is explained here." in page.locator("#glossary").inner_text()
    page.keyboard.press("Escape")
    assert not page.locator("#glossary").is_visible()
    page.emulate_media(color_scheme="light")


def test_it_fits_a_phone_and_prints(unfolded: Any) -> None:
    page = unfolded
    page.set_viewport_size({"width": 320, "height": 800})
    page.evaluate("Ringfence.change(Ringfence.view.selection)")  # every part is drawn anew, for this width
    settled(page)
    for fold in page.locator("[data-fold^='group-']").all():
        if fold.get_attribute("open") is None:
            fold.locator("summary").first.click()
    page.locator(".chart.map svg").wait_for()
    assert page.locator("[data-table]:not([open])").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.get_by_role("link", name="Change the policy").click()
    assert page.locator("#preset-title").bounding_box()["y"] < 800
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_an_answer_that_is_drawn_after_a_policy_was_taken_away_or_added_breaks_nothing(standing: Any) -> None:
    more, fewer = HEADLINE, as_page(Selection((TODAYS_RULES, Slot("leadership"))), 300)
    standing.evaluate(
        """async ([more, fewer]) => {
            const wait = ms => new Promise(done => setTimeout(done, ms));
            const put = (one, moving) => Ringfence.change({ ...Ringfence.view.selection, ...one }, moving);
            for (let k = 0; k < 4; k++) {
                put(more);
                await wait(4 * k);
                put(fewer);
                await wait(200);
            }
            put({ ...fewer, seed: "7" }, true); // while a hand moves, pictures below are drawn after the answer
            while (Ringfence.view.shown < Ringfence.view.newest) await wait(1);
            put(more);
            await wait(200);
            put(fewer);
        }""",
        [{**more, "n": 300, "seed": "5"}, {**fewer, "seed": "6"}],
    )
    settled(standing)
    assert standing.locator("#cards .card").count() == 2


def test_a_card_is_short_and_paper_has_its_whole_caveat(standing: Any) -> None:
    choose(standing, {**HEADLINE, "n": FEW})
    cards = standing.evaluate("Ringfence.view.answer.cards")
    places = [standing.locator(f"#say{at}-caveat") for at in range(3)]
    assert [place.text_content() for place in places] == [card["caveat"] for card in cards]
    assert not any(place.is_visible() for place in places)
    standing.locator("#says .sure summary").first.click()
    assert [place.is_visible() for place in places] == [True, False, False]
    standing.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert all(place.is_visible() for place in places)
    standing.emulate_media(media="print")
    assert standing.locator("#says summary:visible").all_text_contents() == ["How sure?"] * 3
    standing.emulate_media(media="null")
    standing.evaluate("dispatchEvent(new Event('afterprint'))")
    assert [place.is_visible() for place in places] == [True, False, False]
    standing.locator("#says .sure summary").first.click()


def test_the_first_screen_shows_the_answer_and_the_controls(browser: Any, file: Path) -> None:
    with opened(browser, file, alone=True, viewport={"width": 1366, "height": 768}) as page:
        for where in ("#headline .main", "#says", "#reads", "#start", "[data-fold=levers]"):
            box = page.locator(where).bounding_box()
            assert box["y"] >= 0 and box["y"] + box["height"] <= 768, where
        for card in page.locator("#cards > *").all():  # each with its title and its number
            assert card.bounding_box()["y"] + 120 <= 768  # with the first of its squares


def test_the_answer_worked_out_ahead_stays_until_the_models_own_is_whole(browser: Any, file: Path) -> None:
    watch = """addEventListener("DOMContentLoaded", () => {
        const note = () => (window.said ||= new Set()).add(document.getElementById("main").textContent);
        note();
        const changes = { childList: true, characterData: true, subtree: true };
        new MutationObserver(note).observe(document.getElementById("main"), changes);
    })"""
    with watched(browser, file.as_uri(), offline=True) as page:
        page.add_init_script(watch)
        page.goto(file.as_uri())
        page.locator("#result[data-state=done]").wait_for()
        ahead = page.evaluate("Ringfence.given.ahead.headline")
        assert page.evaluate("[...window.said]") == [ahead]
        assert page.evaluate("Ringfence.view.answer.n") == N > 200


def test_the_map_shows_boards_by_region_third_and_footprint_in_the_colours_of_the_whole(page: Any) -> None:
    choose(page, {**HEADLINE, "n": 100})
    page.get_by_text("A map of averages by board").click()
    page.locator(".chart.map svg").wait_for()
    names = "document.querySelectorAll('.chart.map svg text[font-weight]')"
    tiles = f"() => Array.from({names}, node => node.textContent)"
    fills = f"""() => Object.fromEntries(Array.from({names}, node => {{
        let rect = node;
        while (rect.tagName !== 'rect') rect = rect.previousElementSibling;
        return [node.textContent, rect.getAttribute('fill')];
    }}))"""
    every, whole, facts = page.evaluate(tiles), page.evaluate(fills), read_boards()
    assert every == list(facts.abbrevs)
    by_region = [BoardFilter(region) for region in sorted(set(facts.regions))]
    by_third = [BoardFilter("", "", third) for third in range(3)]
    by_print = [BoardFilter("", name) for name in sorted({name for name in facts.footprints if name})]
    mixed = BoardFilter(facts.regions[0], "", int(facts.thirds()[0]))
    stands = dict.fromkeys(("Region", "Deprivation", "Merged board"), "")
    for chosen in (*by_region, *by_third, *by_print, mixed, BoardFilter()):
        third = THIRDS[chosen.third] if chosen.third >= 0 else "All"
        for field, value in zip(stands, (chosen.region, third, chosen.footprint), strict=True):
            if stands[field] != value:  # each choice draws the map
                page.locator("#map").get_by_label(field).select_option(value)
                stands[field] = value
        inside = [facts.abbrevs[i] for i in chosen.list_areas(facts)]
        assert page.evaluate(tiles) == inside
        assert page.evaluate(fills) == {name: whole[name] for name in inside}
        assert (f"Shown: {chosen.description}." in page.text_content("#map")) == (chosen != BoardFilter())
    assert page.evaluate(tiles) == every
    none = next(
        (region, third)
        for region in sorted(set(facts.regions))
        for third in range(3)
        if not BoardFilter(region, "", third).list_areas(facts)
    )
    page.locator("#map").get_by_label("Region").select_option(none[0])
    page.get_by_label("Deprivation").select_option(THIRDS[none[1]])
    assert page.evaluate(tiles) == [] and "No board is in all of these." in page.text_content("#map")


def test_a_board_is_found_as_in_the_dashboard_and_opens_its_story(page: Any) -> None:
    facts = read_boards()
    asked = (
        "Leeds",
        "North East",
        "QWO",
        "st helens",
        "King's Lynn",
        "NHS board",
        "sussex brighton",
        "b",
        "nowhere",
        "",
    )
    finder = "RingfenceBoardSearch(Ringfence.given, Ringfence.words, Ringfence.form)"
    for sought in asked:
        found = find_boards(facts, sought)
        assert page.evaluate(f"text => {finder}.find(text)", sought) == found, sought
        told = page.evaluate(f"([text, n]) => {finder}.describe(text, n)", [sought, len(found)])
        assert told == describe_found(sought, len(found)), sought
    page.get_by_label("Find a board by name").fill("Leeds")
    at = find_boards(facts, "Leeds")[0]
    page.get_by_role("button", name=f"{facts.short_names[at]} ({facts.codes[at]})").click()
    page.locator("#story-result[data-state=done]").wait_for()
    assert facts.short_names[at] in page.inner_text("#story-result")
    page.get_by_label("Find a board by name").fill("Bath")
    page.get_by_label("Find a board by name").press("Enter")
    page.locator("#story-result h3", has_text=facts.short_names[find_boards(facts, "Bath")[0]]).wait_for()


def test_a_policy_that_another_replaces_is_named_with_the_way_back_and_levers_are_found_by_words(fresh: Any) -> None:
    before = fresh.inner_text("#preset-title")
    fresh.click("[data-fold=preset] > summary")
    fresh.fill("#sought", "peer support")
    fresh.locator(".offer").first.click()
    assert fresh.inner_text("#preset-title") != before and f"was “{before}”" in fresh.inner_text("#replaced")
    fresh.get_by_role("button", name="Undo").click()
    assert fresh.inner_text("#preset-title") == before and fresh.locator("#replaced").count() == 0
    fresh.click("[data-fold=levers] > summary")
    fresh.fill("#sought-lever", "trusts")
    found = fresh.locator("[data-lever=direct_share]")
    assert "the model was not made for more than 60%" in found.inner_text()
    assert fresh.locator("[data-lever]").count() < 10


def test_a_button_that_comes_into_the_place_of_another_does_what_it_says(standing: Any) -> None:
    told = standing.evaluate("""() => {
        const place = document.createElement("div"), told = [];
        const button = says => {
            const made = document.createElement("button");
            made.textContent = says;
            RingfenceInPlace.listen(made, "click", () => told.push(says));
            return made;
        };
        for (const row of [["Link", "Picture"], ["Short", "Link", "Picture"], ["Link", "Picture"]]) {
            RingfenceInPlace.children(place, row.map(button));
            for (const one of place.children) one.click();
        }
        return told;
    }""")
    assert told == ["Link", "Picture", "Short", "Link", "Picture", "Link", "Picture"]


def test_in_another_page_it_shows_the_answer_that_its_frame_is_named_after(browser: Any, file: Path) -> None:
    link, screen = "#v=2&n=100&B=ringfence&C=leadership&D=both&embed=1", {"width": 1100, "height": 960}
    with opened(browser, file, link, alone=True, viewport=screen) as page:
        assert page.locator("#build").is_hidden() and page.locator("#bands").is_hidden()
        card = page.evaluate("Ringfence.view.answer.cards[1]")
        assert page.inner_text("#say1-said") == card["sentence"] and page.locator("#main").is_hidden()
        tops = page.evaluate(
            "[...document.querySelectorAll('.say, .card')].map(one => one.getBoundingClientRect().top)"
        )
        assert min(tops) == tops[1], "the two policies that were asked about come first"
        caveat = page.locator("#caveat-here")
        assert caveat.is_visible() and "not a forecast" in caveat.inner_text()
        assert page.locator("#squares-key").is_visible(), "what a square means stands beside the squares"
        whole = page.get_by_role("link", name="Open the whole page").get_attribute("href")
        assert "B=ringfence" in whole and "embed" not in whole
        frame = find_frame(page, link.replace("&embed=1", ""))
        assert f'title="Ringfence: {card["copied"]}' in unescape(frame)
        columns = "".join(f"<div style='width:{width}px'>{frame}</div>" for width in (390, 760, 1200))
        host = file.with_name(f"{file.name}.frames.html")
        host.write_text(f"<meta charset='utf-8'>{columns}", encoding="utf-8")
        page.set_viewport_size({"width": 1300, "height": 700})
        page.goto(host.as_uri())
        for framed in page.frames[1:]:
            framed.locator(DONE).wait_for()
            assert framed.evaluate("document.documentElement.scrollHeight <= innerHeight"), "nothing is cut"
            squares = framed.locator(".card svg")
            assert framed.evaluate("innerWidth") < 700 or all(one.is_visible() for one in squares.all())


def find_frame(page: Any, link: str) -> str:
    """The code for a web page that the explorer copies for a link."""
    page.evaluate("window.copied = ''; navigator.clipboard.writeText = async text => { window.copied = text; }")
    page.evaluate("link => { location.hash = link; }", link)
    page.locator(f"{DONE} #copy-embed").wait_for()
    page.click("#copy-embed")
    page.locator("#copied", has_text="The code for a web page is copied").wait_for()
    frame: str = page.evaluate("window.copied")
    return frame


def shows_what_was_worked_out_ahead(page: Any, file: Path) -> str:
    """Hold the page, opened anew, to the answer that Python gives, with nothing to move; what it says about that."""
    page.goto(file.as_uri())
    page.locator(DONE).wait_for(state="attached")
    page.locator("#notices", has_text="does not run the model").wait_for()
    slot = next(iter(explorer.name_own((OWN,)).values())).slot
    expected = by_python(Selection((TODAYS_RULES, slot)), N)
    assert page.inner_text("#headline .main") == expected["headline"]
    assert page.locator("#build input, #build select").count() == 0
    lettered = dict(page.evaluate("Ringfence.view.answer.scenarios.slice(1).map(one => [one.title, one.letter])"))
    failed = write_failed([slot.scenario], list_lines())
    doubts = [describe_history(list_lines(), "answer.brief.level"), failed, failed]
    for at, (card, doubt) in enumerate(zip(expected["cards"], doubts, strict=True)):
        brief = say_letters(f"{card['brief']} {doubt}", lettered)
        assert page.inner_text(f"#say{at}-brief") == brief and not page.is_visible(f"#say{at}-caveat")
    limits = [*list_failed_checks([slot.scenario], list_lines()), *list_limits_of_page(get_template("limits.which"))]
    assert page.locator("#limits li").all_inner_texts() == limits and "A check that bears on" in limits[0]
    page.locator("#says .sure summary").first.click()
    assert page.inner_text("#say0-caveat") == expected["cards"][0]["caveat"]
    said: str = page.inner_text("#notices")
    return said


def test_without_webassembly_it_says_so_and_gives_the_answer_worked_out_ahead(browser: Any, file: Path) -> None:
    with watched(browser, file.as_uri(), offline=True) as page:
        page.add_init_script("delete window.WebAssembly")
        assert "it has no WebAssembly" in shows_what_was_worked_out_ahead(page, file)


LACKS_SIMD = """const make = URL.createObjectURL.bind(URL), lack = "WebAssembly.validate = () => false;";
URL.createObjectURL = blob => make(new Blob([lack, blob], { type: blob.type }));"""


def test_where_webassembly_has_no_simd_it_says_so_and_gives_the_answer_worked_out_ahead(
    browser: Any, file: Path
) -> None:
    with watched(browser, file.as_uri(), offline=True) as page:
        page.add_init_script(LACKS_SIMD)
        assert "its WebAssembly has no SIMD" in shows_what_was_worked_out_ahead(page, file)


def test_a_browser_that_really_lacks_simd_is_known_by_it(browser: Any, file: Path) -> None:
    flags = [*FLAGS, "--js-flags=--no-enable-sse4-1"]  # what Chromium makes SIMD of, on processors by Intel and AMD
    lacking = browser.browser_type.launch(executable_path=chromium(), args=flags)
    try:
        with watched(lacking, file.as_uri(), offline=True) as page:
            module = list(page_data.module())
            if page.evaluate("bytes => WebAssembly.validate(new Uint8Array(bytes))", module):
                pytest.skip("this processor gives Chromium SIMD in another way")
            assert "its WebAssembly has no SIMD" in shows_what_was_worked_out_ahead(page, file)
    finally:
        lacking.close()


LESS_ROOM = """window.Blob = class extends Blob {
  constructor(parts, about) {
    const small = parts.map(part => part?.replace?.("ROOM = 48e6, CHECKPOINTS = 96e6",
      "ROOM = 6e6, CHECKPOINTS = 12e6"));
    super(parts.map((part, at) => small[at] ?? part), about);
    window.narrowed ||= small.some((part, at) => part !== undefined && part !== parts[at]);
  }
};"""
"""An eighth of the room for what the workers keep, which few moves of few futures fill."""


def test_moves_do_not_fill_memory(browser: Any, file: Path) -> None:
    """What is kept for later has limits; once they are reached, more moves add nothing, here and in the workers.

    `scripts/bench page drag` goes on for minutes.
    """
    with watched(browser, file.as_uri(), offline=True) as page:
        page.add_init_script(LESS_ROOM)
        page.goto(file.as_uri())
        settled(page)
        assert page.evaluate("window.narrowed"), "worker.js says its room in other words"
        choose(page, {**HEADLINE, "n": 128})  # a block of futures for each of two workers
        page.get_by_text("Every lever").click()
        page.locator("[data-fold='group-People'] > summary").click()
        memory = Memory(page)
        drag(page, 0, 20)  # results are full from here on
        uses = []
        for first in range(20, 60, 10):
            drag(page, first, 10)
            uses.append(memory.used())
        assert len([name for name in uses[0] if name.startswith("worker")]) >= 2
        before, after = uses[:2], uses[2:]
        # One chart that stayed at each move would make thousands; what waits to be collected differs by some 130.
        assert min(use["nodes"] for use in after) <= max(use["nodes"] for use in before) + 200
        kept = [sum(size for name, size in use.items() if name != "nodes") for use in uses]
        assert min(kept[2:]) <= max(kept[:2]) + 2e6, uses


def check_claim(page: Any, data: bytes, words: str) -> str:
    """What the page says of a claim, once it says these words."""
    page.set_input_files("#claim-file", {"name": "claim.json", "mimeType": "application/json", "buffer": data})
    page.locator("#claim-told", has_text=words).wait_for(state="attached")
    return str(page.locator("#claim-told").text_content())


def test_the_page_runs_a_claim_again_to_the_same_bits_and_notices_what_was_changed(standing: Any) -> None:
    claim = make_claim_of("ringfence", "leadership", that=["difference below 0 in at least 60 of 100"])
    data = format_claim(claim).encode()
    said = check_claim(standing, data, "The same bits: this browser gives every result of the claim again.")
    assert "Holds: difference below 0 in at least 60 of 100" in said
    assert "Today:" not in said
    moved = replace(claim, futures=replace(claim.futures, seed=2**60 + 1))
    assert "Today:" in check_claim(standing, format_claim(moved).encode(), "The same claim with other numbers")
    statement = replace(claim.statements[0], conditions=[Condition("settled", "above", 0.0)])
    false = format_claim(replace(claim, statements=[statement])).encode()
    assert "DOES NOT HOLD: settled above 0" in check_claim(standing, false, "No longer true")
    older = format_claim(replace(claim, software=replace(claim.software, code="0" * 16))).encode()
    check_claim(standing, older, "The rules of this page are others")
    check_claim(standing, data.replace(b"Stronger", b"Weaker"), "changed since it was saved")
    check_claim(standing, b"{", "this is no claim")
    boards = format_claim(replace(claim, boards=replace(claim.boards, fingerprint="0" * 16))).encode()
    check_claim(standing, boards, "other boards than this page")
    numbers = {**claim.statements[0].numbers, "difference": -0.5}
    other = format_claim(replace(claim, statements=[replace(claim.statements[0], numbers=numbers)])).encode()
    assert OTHER_NUMBERS in check_claim(standing, other, "The same claim with other numbers")
    standing.set_input_files("#file", {"name": "claim.json", "mimeType": "application/json", "buffer": data})
    standing.locator("#claim-told", has_text="The same bits").wait_for()
    assert "read as a claim" in standing.inner_text("#notices")


def test_the_page_checks_its_own_bits(standing: Any) -> None:
    standing.get_by_role("button", name="Check this page's numbers").click()
    standing.get_by_text(
        "Yes: this page gives the published numbers here, to the last bit (40 of 40 checks agree)."
    ).wait_for()
    standing.evaluate("() => { Ringfence.hearBits({ found: { equal: { a: 9, b: 10 }, blocks: 10, same: false } }); }")
    assert standing.inner_text("#bits-told").startswith("No: only 19 of 20 checks agree with the published numbers.")


def test_the_page_refuses_forged_words_outside_the_record_as_verify_does(standing: Any) -> None:
    """Each with a digest that fits, as somebody who forges would write it."""
    text = format_claim(make_claim_of("ringfence", "leadership", that=["difference below 0 in at least 60 of 100"]))
    for name, forge in OUTSIDE.items():
        document = json.loads(text)
        forge(document)
        forged = sign_again(document)
        with pytest.raises(ClaimError) as refused:
            parse_claim(forged)
        assert check_claim(standing, b"{", "this is no claim")
        assert check_claim(standing, forged, "never checked") == f"It was not checked: {refused.value}.", name
    parts = json.loads(text)
    change_record(parts, lambda record: record["statements"][0].update(sentence="All is well."))
    twice = text.replace('"@type": "Claim"', '"@type": "Claim", "@type": "Claim"').encode()
    for forged in (sign_again(parts), twice):
        with pytest.raises(ClaimError) as refused:
            parse_claim(forged)
        check_claim(standing, b"{", "this is no claim")
        check_claim(standing, forged, str(refused.value))
