"""One board's decisions in the explorer: the words of `ringfence why`, the future of the dashboard, links for both."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browsing import violations, watched
from explorer_pages import choose, list_slots, open_again, opened, settled, write_page

from dashboards.boards import timeline
from dashboards.boards.board_replay import find_average_future, find_typical_future, name_example, replay_board
from dashboards.boards.story_pane import describe_future_beside_average
from dashboards.offline import explorer
from dashboards.selection.map_selection import MapSelection
from dashboards.selection.permalink import make_link, restore
from dashboards.selection.selection import TODAYS_RULES, LeverEdit, Selection, Slot
from simulator.agents.explain import CAVEAT, Explanation, explain
from simulator.boards.table import make_equal_bodies, read_boards
from simulator.charts.palette import STYLES
from simulator.commands.shared.rendering import render_json
from simulator.declarations.levers import LEVERS
from simulator.runs.board_sums import sum_over_years
from simulator.runs.futures import draw_futures
from simulator.scenarios.change import is_switch
from simulator.scenarios.scenario import library

pytestmark = [pytest.mark.dashboards, pytest.mark.xdist_group("browser")]

N, SEED = 120, 20240323
SETTING = explorer.Setting(N, SEED, dt.date(2026, 11, 22))
CODES = read_boards().codes
TOLD = "#story-result[data-state=done]"
LINK = f"#v=2&n={N}&B=ringfence&C=leadership&board=QJK&future=17"


SHAPES = """text => {
    const read = node => [node.tagName, Object.fromEntries([...node.attributes].filter(one => one.name !== "xmlns")
        .map(one => [one.name, one.value])), node.children.length ? [...node.children].map(read) : node.textContent];
    return read(new DOMParser().parseFromString(text, "image/svg+xml").documentElement);
}"""
"""The nodes of a picture with their attributes and words."""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_page(tmp_path_factory.mktemp("story") / "explorer.html", SETTING)


@pytest.fixture(scope="module")
def standing(browser: Any, file: Path) -> Iterator[Any]:
    """One page with its fold open, for tests that put whole stories into it."""
    with opened(browser, file, LINK, alone=True) as page:
        told(page)
        yield page


@pytest.fixture(scope="module")
def used(browser: Any, file: Path) -> Iterator[Any]:
    """One page for tests that move its folds and controls."""
    with opened(browser, file, alone=True) as page:
        yield page


@pytest.fixture
def page(used: Any) -> Any:
    """The page on its link, with the fold of the story open."""
    open_again(used, LINK)
    told(used)
    return used


def told(page: Any) -> dict[str, Any]:
    """The story, once it answers the newest question."""
    settled(page)
    page.locator(TOLD).wait_for()
    found: dict[str, Any] = page.evaluate("Ringfence.story.state.data")
    return found


def by_letter(shown: int, against: int) -> dict[str, str]:
    """The scenarios in these places as the page has them: by their letters, "" for none."""
    return {"shown": "ABCD"[shown], "against": "ABCD"[against] if against >= 0 else ""}


def show(page: Any, **more: Any) -> dict[str, Any]:
    """Another board, scenario (by its place) or future, by the page's own function."""
    more |= by_letter(more["shown"], more["against"]) if "shown" in more else {}
    page.evaluate("more => Ringfence.story.pick(more, true)", more)
    return told(page)


def put(page: Any, selection: Selection, settings: dict[str, float] | None = None) -> None:
    choose(page, {"slots": list_slots(selection), "seed": str(selection.seed), "n": 20, "settings": settings or {}})


def put_and_show(page: Any, selection: Selection, settings: dict[str, float], **story: Any) -> dict[str, Any]:
    """Put a selection into the page, and the board, scenarios (by place) and future of its story, told once."""
    story |= {**by_letter(story["shown"], story["against"]), "picked": True}
    page.evaluate("story => Object.assign(Ringfence.story.state, story)", story)
    put(page, selection, settings)
    return told(page)


def random_slot(rng: np.random.Generator) -> Slot:
    edits = []
    for name in rng.choice(list(LEVERS), int(rng.integers(0, 4)), replace=False):
        about, start = LEVERS[str(name)].about, int(rng.integers(0, 32))
        value = min(about.high, max(about.low, round(float(rng.uniform(about.low, about.high)), 6)))
        phase = int(rng.integers(0, 9))
        if is_switch(str(name)):
            value, phase = float(round(value)), 0
        edits.append(LeverEdit(str(name), value, start, phase, "", 31))
    return Slot(str(rng.choice(list(library()))), "", tuple(edits))


def lines(story: dict[str, Any]) -> dict[str, Any]:
    made = story["told"]
    return {
        "title": made["title"],
        "decisions": [each["sentence"] for each in made["decisions"]],
        "plain": [each["plain"] for each in made["decisions"]],
        "plain divergence": made["divergence"] and made["divergence"]["plain"],
        "money": made["money"],
        "divergence": made["divergence"] and made["divergence"]["sentence"],
    }


def by_python(explanation: Explanation) -> dict[str, Any]:
    return {
        "title": explanation.title,
        "decisions": [each.sentence for each in explanation.decisions],
        "plain": [each.plain for each in explanation.decisions],
        "plain divergence": explanation.divergence and explanation.divergence.plain,
        "money": list(explanation.money),
        "divergence": explanation.divergence and explanation.divergence.sentence,
    }


@pytest.mark.parametrize(("seed", "cases", "kinds"), [(SEED, 7, 13), (2**64 - 1, 3, 8)])
def test_its_sentences_are_those_of_why_for_random_scenarios_boards_and_futures(
    standing: Any, seed: int, cases: int, kinds: int
) -> None:
    """With the first seed every kind of decision occurs, and of what would have turned it; the other is the largest."""
    rng, words = np.random.default_rng(seed % 89), set()
    for case in range(cases):
        selection = Selection((TODAYS_RULES, random_slot(rng), random_slot(rng)), seed=seed)
        board, future = str(rng.choice(CODES)), int(rng.integers(0, 300 if case % 5 == 0 else 2_000))
        pair = [int(at) for at in rng.choice(3, 2, replace=False)]
        if selection.scenarios[pair[0]].title == selection.scenarios[pair[1]].title:
            continue
        held = {"pull_chief": float(np.round(rng.uniform(0, 2), 3)), "alignment_relief": 1.0} if case % 5 == 0 else {}
        story = put_and_show(
            standing, selection, held, board=CODES.index(board), future=future, shown=pair[0], against=pair[1]
        )
        given: dict[str, Any] = (
            {"futures": draw_futures(future + 1, seed=seed, settings=held)} if held else {"seed": seed}
        )
        scenario, against = (selection.scenarios[at] for at in pair)
        expected = explain(scenario, run=future, board=board, against=against, **given)
        assert lines(story) == by_python(expected), (case, make_link(selection), board, future, pair)
        head, text = standing.evaluate("Ringfence.story.wholeText()").split("\n", 1)
        trace = json.loads(standing.evaluate("Ringfence.story.traceText()"))
        assert f"board={board}" in trace.pop("link")
        assert trace == json.loads(render_json(expected.document)), (case, make_link(selection), board, future, pair)
        assert text == expected.text.removesuffix(f"\n\n{expected.badge}").split("\n", 1)[1]
        assert head.startswith(
            f"{name_example(read_boards(), CODES.index(board))}, in future {future:,} of seed {seed}"
        )
        words |= {each.decision.event for each in expected.decisions}
        words |= {f"flip {flip.fact}" for each in expected.decisions for flip in each.flips[:2]}
    assert len(words) >= kinds


def test_pulls_chance_and_the_extra_pull_add_up(standing: Any) -> None:
    put(standing, Selection((TODAYS_RULES, Slot("ringfence"), Slot("full-package")), seed=SEED))
    seen = set()
    for future in range(12):
        decisions = show(standing, board=future, future=future, shown=future % 3, against=-1)["told"]["decisions"]
        every = standing.evaluate("all => all.map(each => Ringfence.story.rowsOf(each))", decisions)
        for each, rows in zip(decisions, every, strict=True):
            pulls = math.fsum(value for _, value in each["pulls"])
            if each["pulls"] and each["event"] != "pilot_fate":
                assert pulls == pytest.approx(each["pull"], abs=1e-9)
            assert [row["kind"] for row in rows[-2:]] == ["chance", "total"]
            assert math.fsum(row["value"] for row in rows[:-1]) == pytest.approx(rows[-1]["value"], abs=1e-9)
            assert abs(rows[-1]["value"]) == pytest.approx(abs(each["flip"]), abs=1e-12)
            helps = rows[-1]["value"] > 0
            if not each["share"] and each["event"] != "pilot_fate":
                assert bool(each["taken"]) == (helps == (each["helps"] > 0))
            shown = [
                row["value"] for row in rows[:-2] if "smaller" not in row["name"] and "another way" not in row["name"]
            ]
            assert [abs(x) for x in shown] == sorted((abs(x) for x in shown), reverse=True)
            seen.add(each["event"])
    assert {"plan", "raid", "offset", "pilot_fate", "chief_leaves"} <= seen


@pytest.mark.parametrize(("board", "centile"), [("QJK", 0.5), ("QJM", 0.1), ("QOP", 0.9)])
def test_the_typical_future_is_the_dashboards(standing: Any, board: str, centile: float) -> None:
    put(standing, Selection((TODAYS_RULES, Slot("leadership")), seed=SEED))
    choose(standing, {"n": N})
    at = CODES.index(board)
    story = show(standing, board=at, future=None, centile=centile, shown=1, against=0)
    facts, drawn = read_boards(), draw_futures(N, seed=SEED)
    sums = sum_over_years(Slot("leadership").scenario, drawn, facts, slice(5, 8), lambda done: None)
    values = 100 * sums.compute_shares("retained", np.arange(len(facts)))[:, at]
    before = sum_over_years(TODAYS_RULES.scenario, drawn, facts, slice(5, 8), lambda done: None)
    changes = values - 100 * before.compute_shares("retained", np.arange(len(facts)))[:, at]
    expected = find_average_future(values, changes) if centile == 0.5 else find_typical_future(values, centile)
    assert (story["future"], story["typical"]["value"]) == (expected, values[expected])
    assert standing.evaluate("location.hash").count(f"future={expected}") == 1
    beside = describe_future_beside_average(values, changes, expected, ("B", "A"))
    assert beside in standing.evaluate("document.querySelector('#story-result > .small').textContent")


def test_the_timeline_is_the_dashboards(standing: Any) -> None:
    selection = Selection((TODAYS_RULES, Slot("both"), Slot("no-mergers")), seed=SEED)
    put(standing, selection)
    facts, letters = read_boards(), set()
    for board, future, pair in ((4, 3, (1, 0)), (14, 8, (0, 2)), (20, 1, (2, 1)), (33, 12, (0, 1)), (9, 5, (1, 2))):
        story = show(standing, board=board, future=future, shown=pair[0], against=pair[1])["told"]
        shown, other = (selection.scenarios[at] for at in pair)
        expected = replay_board(facts, board, draw_futures(1, seed=SEED), future, shown, other)
        assert story["course_words"] == timeline.describe_timeline(expected)
        assert [tuple(each) for each in story["happenings"]] == [
            (each.quarter, each.letter, each.words) for each in expected.events
        ]
        courses = standing.evaluate(
            "Ringfence.story.state.data.told.courses.map(one => [...one.left, ...one.taken, ...one.released])"
        )
        for course, wanted in zip(courses, (expected.course, expected.other), strict=True):
            assert wanted is not None
            assert np.array_equal(course, [*wanted.left, *wanted.taken, *wanted.released], equal_nan=True)
        costs = {i: each["cost"] for i, each in enumerate(story["decisions"]) if each["event"] in ("plan", "raid")}
        assert {i: cost for i, cost in costs.items() if cost} == {i: x for i, x in expected.costs.items() if x}
        made = standing.evaluate("new XMLSerializer().serializeToString(document.querySelector('.timeline svg'))")
        title = standing.evaluate("document.querySelector('.timeline svg title').textContent")
        wanted = timeline.draw_timeline(expected, "timeline", (STYLES[pair[0]], STYLES[pair[1]]), title)
        assert standing.evaluate(SHAPES, made) == standing.evaluate(SHAPES, str(wanted))
        letters |= {each.letter for each in expected.events}
    assert letters >= {"C", "F", "M"}


# Links, which the dashboard reads too.


def test_a_link_carries_the_board_the_scenarios_and_the_future_both_ways(standing: Any) -> None:
    """The policy that is named first in the answer, which is one's own, needs no name in the link."""
    put(standing, Selection((TODAYS_RULES, Slot("ringfence"), Slot("leadership", "Our programme")), seed=SEED))
    choose(standing, {"n": 250})
    for board, shown, against, future in (("QJK", 1, 0, 5), ("QOP", 2, 1, 1_999), ("QJM", 0, -1, 0), ("QJM", 2, 0, 0)):
        show(standing, board=CODES.index(board), shown=shown, against=against, future=future)
        link = standing.evaluate("location.hash").replace("#", "?")
        assert ("show=" in link) == ((shown, against) != (2, 0))
        found = restore(link)
        assert found.notes == () and found.tab == "boards"
        assert found.map_selection == MapSelection(board, shown=shown, against=against, future=future)
        back = standing.evaluate(
            "link => Ringfence.choice.restore(link)", make_link(found.selection, "boards", found.map_selection)
        )
        assert back["notes"] == []
        assert back["story"] == {"board": CODES.index(board), **by_letter(shown, against), "future": future}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ("board=QQQ", "names a board that is not there"),
        ("board=__proto__", "names a board that is not there"),
        ("board=%3Cimg+src=x+onerror=alert(1)%3E", "names a board that is not there"),
        ("board=QJK&show=DA", "scenarios of the link only"),
        ("board=QJK&show=BB", "scenarios of the link only"),
        ("board=QJK&show=constructor", "scenarios of the link only"),
        ("board=QJK&future=2000", "futures 0 to 1,999"),
        ("board=QJK&future=-1", "futures 0 to 1,999"),
        ("board=QJK&future=1e3", "futures 0 to 1,999"),
        ("board=QJK&future=NaN", "futures 0 to 1,999"),
        ("board=QJK&future=" + "9" * 99, "futures 0 to 1,999"),
        ("board=QJK&future=" + "9" * 300, "too long and was left out"),
    ],
)
def test_a_hostile_link_names_what_it_cannot_keep(standing: Any, fields: str, said: str) -> None:
    found = standing.evaluate("link => Ringfence.choice.restore(link)", f"v=2&B=ringfence&C=both&{fields}")
    assert any(said in note for note in found["notes"])
    assert found["story"] is None or (found["story"]["future"] is None and found["story"]["shown"] == "B")


def test_a_hostile_link_leaves_a_page_that_works(browser: Any, file: Path) -> None:
    with opened(browser, file, f"#v=2&n={N}&B=ringfence&board=QJK&show=ZZ&future=1e999", alone=True) as page:
        assert "cannot be kept" in page.inner_text("#notices")
        assert told(page)["typical"]["n"] == N
        assert page.locator("main img").count() == 0


# The page.


def test_what_is_taken_away_says_that_the_board_is_invented(page: Any) -> None:
    story = told(page)
    example = name_example(read_boards(), CODES.index("QJK"))
    assert example == "An invented example: a board with Devon's size, deprivation and merger"
    heading = page.locator("#story-result h3").first.inner_text()
    assert f"{example}, in future 17 of seed {SEED}, under “" in heading and CAVEAT in page.inner_text("#story-result")
    assert read_boards().names[CODES.index("QJK")] not in page.inner_text("#story-result")
    assert page.locator(".timeline svg text", has_text="An invented example").count() == 3
    page.locator("[data-year='5'] > summary").click()
    picture = page.locator(".pulls svg").first
    assert "An invented example: future 17" in picture.locator("text").all_text_contents()[0]
    assert picture.locator("title").text_content().startswith(f"{example}, in future 17")
    with page.expect_download() as saved:
        page.locator("[data-save='story-csv']").click()
    rows = list(csv.reader(io.StringIO(Path(saved.value.path()).read_text(encoding="utf-8-sig"))))
    assert rows[0][0] == "An invented example" and heading.endswith(rows[0][1]) and [CAVEAT] in rows
    assert "not a forecast" in rows[-1][0] and "board=QJK" in rows[-1][0] and "future=17" in rows[-1][0]
    sentences = [row[8] for row in rows if len(row) > 9 and row[0] != "quarter"]
    assert sentences == [each["sentence"] for each in story["told"]["decisions"]]
    with page.expect_download() as saved:
        page.locator("[data-save='story-json']").click()
    assert saved.value.suggested_filename == "ringfence-board-QJK-future-17-trace.json"
    trace = json.loads(Path(saved.value.path()).read_text(encoding="utf-8"))
    assert (trace["kind"], trace["caveat"], trace["seed"]) == ("An invented example", CAVEAT, SEED)
    assert "board=QJK" in trace["link"] and "future=17" in trace["link"]
    with page.expect_download() as saved:
        page.locator(".decision:has(svg) .tools").first.get_by_role("button", name="SVG").click()
    assert example in Path(saved.value.path()).read_text(encoding="utf-8")


def test_the_story_follows_a_lever_and_its_future_stays(page: Any) -> None:
    page.get_by_text("Every lever").click()
    page.locator("[data-fold='group-Rules'] > summary").click()
    page.locator("#lever-audit").evaluate(
        """async slider => {
            for (let i = 0; i <= 8; i++) {
                slider.value = i / 8;
                slider.dispatchEvent(new Event("input", { bubbles: true }));
                await new Promise(resolve => setTimeout(resolve, 20));
            }
            slider.dispatchEvent(new Event("change", { bubbles: true }));
        }"""
    )
    settled(page)
    story = told(page)
    slot = Slot("ringfence", "", (LeverEdit("audit", 1.0),))
    expected = explain(slot.scenario, run=17, board="QJK", against="baseline", seed=SEED)
    assert lines(story) == by_python(expected)
    page.get_by_role("button", name="Near its average").click()
    told(page)
    chosen = page.locator("#story-result > .small").first
    assert re.search(
        "nearest to this board's average. Of each £100 this board has £[0-9.]+ here under B", chosen.inner_text()
    )
    page.evaluate("Ringfence.change({...Ringfence.view.selection, settings: { pull_chief: 0 }})")
    told(page)
    said = chosen.inner_text()
    assert "before something was changed" in said and not any(letter.isdigit() for letter in said)


def test_a_closed_fold_asks_for_nothing(browser: Any, file: Path) -> None:
    with opened(browser, file, alone=True) as page:
        choose(page, {"slots": page.evaluate("Ringfence.view.selection.slots.slice(0, 2)")})
        assert page.evaluate("Ringfence.story.state.asked") == 0
        assert "board=" not in page.evaluate("location.hash")


def test_a_tile_of_the_map_or_the_keyboard_chooses_a_board(used: Any) -> None:
    page = used
    open_again(page)
    page.get_by_text("A map of averages by board").click()
    tile = page.locator(".chart.map svg text", has_text=read_boards().abbrevs[CODES.index("QJK")]).first
    tile.click()
    assert told(page)["board"] == CODES.index("QJK")
    page.locator("#story-board").focus()
    page.keyboard.press("ArrowDown")
    assert told(page)["board"] != CODES.index("QJK")
    assert page.evaluate("document.activeElement.id") == "story-board"
    page.get_by_label("Future (0 to 1,999; the answer uses the first of them)").fill("23")
    page.keyboard.press("Enter")
    assert told(page)["future"] == 23
    page.get_by_label("Future (0 to 1,999; the answer uses the first of them)").fill("9999")
    page.keyboard.press("Enter")
    page.get_by_text("A future has a number from 0 to 1,999.").wait_for()


def test_axe_finds_nothing_and_it_fits_a_phone_and_prints_in_light_and_dark(page: Any) -> None:
    """With the first years in which every kind of decision occurs; another year would show the same kinds again."""
    page.evaluate(
        """() => {
            const { decisions } = Ringfence.story.state.data.told, seen = new Set();
            for (const fold of document.querySelectorAll("#story-result details")) {
                const kinds = decisions.filter(one => Math.floor(one.quarter / 4) === Number(fold.dataset.year))
                    .map(one => [one.event, one.ranked.length > 0, Boolean(one.by)].join());
                fold.open = !fold.dataset.year || kinds.some(kind => !seen.has(kind));
                kinds.forEach(kind => seen.add(kind));
            }
        }"""
    )
    page.locator("#story-result table").nth(1).wait_for()
    assert page.locator("#story-result [data-year][open] .pulls svg").count() > 20
    for colours, width in (("light", 1280), ("dark", 320)):
        page.emulate_media(color_scheme=colours)
        page.set_viewport_size({"width": width, "height": 800})
        assert violations(page) == []
        page.set_viewport_size({"width": 320, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        assert page.pdf(format="A4").startswith(b"%PDF")


def test_on_a_phone_the_way_to_the_story_ends_at_its_head(used: Any) -> None:
    page = used
    open_again(page, width=320, height=700)
    page.get_by_role("button", name="Why? One board's reasons").click()
    told(page)
    assert 0 <= page.locator("#story-h").bounding_box()["y"] < 100


def test_without_webassembly_a_link_to_a_story_gives_the_answer_made_ahead(browser: Any, file: Path) -> None:
    with watched(browser, file.as_uri(), offline=True) as page:
        page.add_init_script("delete window.WebAssembly")
        page.goto(file.as_uri() + LINK)
        settled(page)
        assert "This needs a browser that runs the model." in page.inner_text("#story")
        assert page.get_by_role("button", name="Why? One board's reasons").count() == 0
        page.wait_for_timeout(400)  # a story that was put off would be asked for by now


def test_titles_of_ones_own_are_only_text_in_a_story(standing: Any) -> None:
    slot = Slot("ringfence", "<img src=x onerror=alert(1)>")
    put(standing, Selection((TODAYS_RULES, slot), seed=SEED))
    assert slot.title in show(standing, future=3, shown=1, against=0)["told"]["title"]
    assert slot.title in standing.inner_text("#story-result h3")
    assert standing.locator("main img, main script").count() == 0


def test_boards_of_ones_own_are_not_in_links(browser: Any, tmp_path: Path) -> None:
    own = write_page(
        tmp_path / "own.html", explorer.Setting(20, SEED, dt.date(2026, 11, 22), boards=make_equal_bodies(6))
    )
    with opened(browser, own, alone=True) as page:
        page.get_by_role("button", name="Why? One board's reasons").click()
        assert told(page)["told"]["decisions"]
        assert "board=" not in page.evaluate("location.hash")
