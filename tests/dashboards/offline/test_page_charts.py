"""Pictures of the page are those of the report, node for node; what is taken from it holds its caveat and its link."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import struct
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from explorer_pages import as_page, choose, opened, settled, write_page

from dashboards.computing.answer_view import AnswerView
from dashboards.export import share_picture
from dashboards.export.share_picture import draw_answer_picture
from dashboards.offline import explorer
from dashboards.selection.own_titles import define_own_policies, describe_own_titles
from dashboards.selection.permalink import restore
from dashboards.selection.selection import TODAYS_RULES, LeverEdit, Selection, Slot
from simulator.boards.table import read_boards
from simulator.charts.axes import find_range_around_zero
from simulator.charts.cascade import Step, draw_cascade
from simulator.charts.colour_scale import make_difference_scale, make_level_scale
from simulator.charts.differences import Interval, draw_intervals
from simulator.charts.over_time import Course, draw_over_time
from simulator.charts.palette import STYLES
from simulator.charts.share_picture import ShareWords, draw_share_picture
from simulator.charts.squares import Card, count_squares, draw_squares_picture
from simulator.charts.tile_map import Tile, draw_tile_map
from simulator.reports.content import list_later_changes
from simulator.runs.futures import draw_futures
from simulator.runs.run import run, run_many

pytestmark = [pytest.mark.dashboards, pytest.mark.xdist_group("browser")]

N, SEED = 100, 7
TITLES = (
    "Today's rules",
    "Ring-fence as in 2022/23, not waived",
    "A title that is long enough to need a second line",
    "B",
)
SAME = """([made, expected]) => {
    const parsed = new DOMParser().parseFromString(expected, "image/svg+xml").documentElement;
    const clean = node => {
        for (const name of ["xmlns"]) node.removeAttribute(name);
        return new XMLSerializer().serializeToString(node).replaceAll(' xmlns="http://www.w3.org/2000/svg"', "");
    };
    const sorted = node => {
        const copy = document.createElementNS("http://www.w3.org/2000/svg", node.tagName);
        [...node.attributes].filter(one => one.name !== "xmlns").sort((a, b) => a.name < b.name ? -1 : 1)
            .forEach(one => copy.setAttribute(one.name, one.value));
        copy.append(...[...node.childNodes].map(child => child.nodeType === 3 ? child.cloneNode() : sorted(child)));
        return copy;
    };
    return [clean(sorted(made)), clean(sorted(parsed))];
}"""


@pytest.fixture(scope="module")
def page(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    setting = explorer.Setting(N, SEED, dt.date(2026, 11, 22))
    file: Path = write_page(tmp_path_factory.mktemp("charts") / "explorer.html", setting)
    with opened(browser, file, alone=True) as page:
        yield page


def same(page: Any, drawn: Any, expected: str) -> None:
    """The page's picture is Python's."""
    shown, wanted = page.evaluate(SAME, [drawn, str(expected)])
    assert shown == wanted


def call(page: Any, name: str, *given: Any) -> Any:
    """A picture by one of the page's functions; None stands for what is not a number."""
    revive = (
        "value => value === null ? NaN : Array.isArray(value) ? value.map(revive) : value && typeof value === 'object'"
    )
    revive += " ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, revive(v)])) : value"
    return page.evaluate_handle(
        f"([name, given]) => {{ const revive = {revive}; return Ringfence.charts[name](...revive(given)); }}",
        [name, given],
    )


def styles() -> list[dict[str, Any]]:
    return [
        {"colour": style.colour, "dash": style.dash, "marker": style.marker, "letter": style.letter}
        for style in STYLES[:4]
    ]


def test_squares_are_those_of_the_report(page: Any) -> None:
    rng = np.random.default_rng(1)
    for mean, low, high in [*np.sort(rng.random((12, 3)))[:, [1, 0, 2]].tolist(), [0.5, 0.125, 0.625], [1.0, 1.0, 1.0]]:
        counts = page.evaluate("numbers => Ringfence.charts.countSquares(...numbers)", [mean, low, high])
        expected = count_squares(mean, low, high)
        assert list(counts.values()) == [expected.sure, expected.mean, expected.maybe, expected.lost]
        drawn = call(page, "squares", "card1", "A title", "Words & <words>", counts, styles()[1])
        same(page, drawn, draw_squares_picture("card1", "A title", "Words & <words>", expected, STYLES[1]))


@pytest.mark.parametrize("start", [0, 5])
def test_lines_over_time_are_those_of_the_report(page: Any, start: int) -> None:
    rng, years = np.random.default_rng(start), [f"202{i}/2{i + 1}" for i in range(8)]
    bands = np.sort(rng.random((4, 5, 8)), axis=1) * (0.39 if start else 1.0)
    changes = [(6, "B changes"), (7, "C and D change")] if start else []
    bands[2, :, 6:] = np.nan
    courses = [Course(title, STYLES[i], tuple(map(tuple, bands[i].tolist())), i) for i, title in enumerate(TITLES)]
    given = [
        {
            "title": title,
            "style": styles()[i],
            "bands": [[x if x == x else None for x in row] for row in bands[i].tolist()],
            "first": i,
        }
        for i, title in enumerate(TITLES)
    ]
    drawn = call(page, "overTime", given, years, start, "Title", "Description", changes)
    expected = draw_over_time(courses, years, start, "Title", "Description", changes)
    assert (">£40<" in expected, ">£100<" in expected) == (start > 0, start == 0)
    same(page, drawn, expected)


SAYS = ("better in 81 of 100 futures", "", "better in every future (no proof)")


def test_differences_are_those_of_the_report(page: Any) -> None:
    rng = np.random.default_rng(4)
    for case in range(8):
        numbers = np.sort(rng.normal(rng.normal(0, 10), 10.0 ** rng.integers(-2, 2), (3, 5)), axis=1).tolist()
        ends = find_range_around_zero([x for row in numbers for x in row])
        rows = [
            Interval(TITLES[i + 1], STYLES[i + 1], row[2], (row[1], row[3]), (row[0], row[4]), f"+{case}", SAYS[i])
            for i, row in enumerate(numbers)
        ]
        given = [
            {
                "title": TITLES[i + 1],
                "style": styles()[i + 1],
                "mean": row[2],
                "likely": [row[1], row[3]],
                "wide": [row[0], row[4]],
                "value": f"+{case}",
                "says": SAYS[i],
            }
            for i, row in enumerate(numbers)
        ]
        assert page.evaluate("all => Ringfence.charts.aroundZero(all)", [x for row in numbers for x in row]) == [*ends]
        drawn = call(page, "differences", "d", "Title", "Words", given, ends)
        same(page, drawn, draw_intervals("d", "Title", "Words", rows, ends))


@pytest.mark.parametrize(
    "title",
    [
        "",
        "B",
        "x" * 90,
        "Ring-fence-and-leadership-together-for-ever and always",
        "one two three four five six seven " * 3,
        "A well-known ring-fence, carried forward over years, then a 12-month one",
        "Two  spaces   here and then a long tail",
    ],
)
def test_titles_break_where_those_of_the_report_break(page: Any, title: str) -> None:
    rows = [Interval(title, STYLES[1], 1.0, (0.5, 2.0), (0.0, 3.0), "+1")]
    given = [{"title": title, "style": styles()[1], "mean": 1, "likely": [0.5, 2], "wide": [0, 3], "value": "+1"}]
    drawn = call(page, "differences", "d", "Title", "Words", given, (-1, 4))
    same(page, drawn, draw_intervals("d", "Title", "Words", rows, (-1, 4)))


def test_the_cascade_is_that_of_the_report(page: Any) -> None:
    rng = np.random.default_rng(5)
    shares = rng.random((7, 2)).tolist()
    steps = [Step(f"Step {i}", *pair, i == 4) for i, pair in enumerate(shares)] + [Step("None", np.nan, np.nan)]
    given = [{"label": f"Step {i}", "share": a, "reference": b, "part": i == 4} for i, (a, b) in enumerate(shares)] + [
        {"label": "None", "share": None, "reference": None, "part": False}
    ]
    for compared in (False, True):
        drawn = call(page, "cascade", "c", "Title", "Words", given, styles()[2], compared)
        same(page, drawn, draw_cascade("c", "Title", "Words", steps, STYLES[2], compared))


@pytest.mark.parametrize("signed", [False, True])
def test_the_map_of_tiles_is_that_of_the_dashboard(page: Any, signed: bool) -> None:
    rng = np.random.default_rng(6 + signed)
    for spread in (0.3, 4.0, 60.0):
        values = (rng.normal(0, spread / 2, 9) if signed else rng.random(9) * spread + 20).tolist()
        scale = make_difference_scale(values) if signed else make_level_scale(values)
        tiles = [
            Tile(i % 3, i // 3, f"T{i}", "£1", scale.fill(x), ("left", "up") if i == 4 else (), i in (1, 3, 4), False)
            for i, x in enumerate(values)
        ]
        given = [
            {"column": i % 3, "row": i // 3, "name": f"T{i}", "value": "£1", "joins": tile.joins, "merged": tile.merged}
            for i, tile in enumerate(tiles)
        ]
        drawn = page.evaluate_handle(
            """([values, signed, tiles]) => {
                const scale = Ringfence.charts.colourScale(values, signed);
                const filled = tiles.map((tile, i) => ({...tile, fill: scale.fill(values[i])}));
                return Ringfence.charts.tileMap("T", "D", filled, scale);
            }""",
            [values, signed, given],
        )
        same(page, drawn, draw_tile_map("T", "D", tiles, scale))


def test_the_map_shows_the_averages_of_the_boards_that_stand_together(page: Any) -> None:
    page.get_by_text("A map of averages by board").click()
    page.locator(".chart.map svg").wait_for()
    shown = page.evaluate("({of: Ringfence.view.map.of[1], boards: Ringfence.view.map.boards})")
    results = [run(name, futures=draw_futures(N, seed=SEED), detail=True).areas for name in ("baseline", "ringfence")]
    of = np.array(shown["of"])
    assert len(set(shown["of"])) == 25
    means = []
    for areas in results:
        assert areas is not None
        kept = areas["pot"] - areas["released"] + sum(-areas[f"raided_q{q}"] for q in (1, 2, 3, 4))
        money, fund = kept[:, 5:].sum(axis=1), (areas["pot"] + areas["direct"])[:, 5:].sum(axis=1)
        join = np.equal.outer(of, np.arange(len(of))).astype(float)
        with np.errstate(invalid="ignore", divide="ignore"):
            means.append(((money @ join) / (fund @ join)).mean(axis=0))
    for k in set(shown["of"]):
        assert shown["boards"][0][k]["level"] == pytest.approx(means[0][k], abs=1e-12)
        assert shown["boards"][1][k]["less"] == pytest.approx(means[1][k] - means[0][k], abs=1e-12)
    page.locator("[data-table='map'] > summary").click()
    page.locator("[data-table='map'] tbody tr").first.wait_for()
    lines = page.locator("[data-table='map'] tbody").evaluate(
        "body => [...body.rows].map(row => [...row.cells].map(cell => cell.textContent))"
    )
    amounts = [[float(re.sub(r"[£+]", "", cell).replace("−", "-")) for cell in line[2:]] for line in lines]
    assert len(amounts) == 25
    assert [round(shown_last - today, 9) for today, *_, shown_last, _ in amounts] == [less for *_, less in amounts], (
        "as they are shown"
    )
    title = page.locator("#map h3").text_content()
    assert not any(area["name"] in title for area in page.evaluate("Ringfence.given.areas"))


def saved(page: Any, key: str) -> bytes:
    with page.expect_download() as coming:
        page.locator(f"[data-save='{key}']").click()
    return Path(coming.value.path()).read_bytes()


def test_pictures_and_numbers_are_saved_with_caveat_and_link(page: Any) -> None:
    settled(page)
    drawing = saved(page, "bands-svg").decode("utf-8")
    assert drawing.startswith("<svg") and "not a forecast" in drawing and "B=ringfence" in drawing
    assert "--" not in drawing.split("<desc>")[0]
    png = saved(page, "bands-png")
    assert png.startswith(b"\x89PNG") and len(png) > 20_000
    table = list(csv.reader(io.StringIO(saved(page, "differences-retained-csv").decode("utf-8-sig"))))
    c = page.evaluate("Ringfence.view.answer.differences[0].rows[0]")
    assert table[0][:2] == ["scenario", "mean"] and table[1][0] == f"B {c['new']}"
    assert float(table[1][1]) == pytest.approx(c["difference"], abs=1e-6)
    assert table[-2] == ["Money kept: differences from today's rules"] and "not a forecast" in table[-1][0]


def test_a_sentence_is_copied_with_its_caveat_and_a_link_that_the_dashboard_opens(browser: Any, page: Any) -> None:
    page.evaluate(
        """() => Object.defineProperty(navigator, "clipboard", { configurable: true,
            value: { writeText: async text => { window.copied = text; } } })"""
    )
    page.get_by_role("button", name="Copy: the answer").click()
    page.get_by_role("button", name="Copied").or_(page.get_by_text("Copied", exact=True)).first.wait_for()
    text = page.evaluate("window.copied")
    said = page.inner_text("#headline .main").removeprefix("In this model, ")
    assert (
        text.startswith(f"In this model of the health inequalities money of England's integrated care boards, {said}")
        and "not a forecast" in text
    )
    assert page.inner_text("#say1-said") in text, "the pair that was asked for is copied with the headline"
    found = restore("?" + text.rsplit("#", 1)[1])
    assert [slot.preset for slot in found.selection.slots] == ["baseline", "ringfence", "leadership", "both"]
    assert text.splitlines()[-1].startswith("explorer.html#")
    for card in page.evaluate("Ringfence.view.answer.cards"):
        page.get_by_role("button", name=f"Copy: {card['heading']}", exact=True).click()
        page.wait_for_function("start => window.copied.startsWith(start)", arg=card["copied"])
        assert (
            card["copied"].startswith("In this model of the health inequalities money")
            and "2027/28 to 2029/30" in card["copied"]
        )
        assert card["caveat"] in page.evaluate("window.copied") and card["caveat"] != card["brief"]
    says = {"Copy link": "The link is copied; it opens", "Copy for a web page": "The code for a web page"}
    for button, told in says.items():
        page.get_by_role("button", name=button, exact=True).click()
        page.locator("#copied", has_text=told).wait_for()


def test_a_picture_to_share_is_that_of_the_dashboard_and_marks_what_somebody_built(
    page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(8)
    for titles in (TITLES[:2], TITLES, ("x" * 90, "word " * 40)):
        cards = [
            Card(title, STYLES[i], float(rng.random()), (0.1, 0.2 + i / 10), "", i % 3)
            for i, title in enumerate(titles)
        ]
        source = ["One. " * 40, "Two " * 60][: 1 + len(titles) % 2]
        said = "A sentence of some words. " * len(titles), "How sure. " * 9 * len(titles), "A caveat; " * 8
        words = ShareWords("An eyebrow " * len(titles), *said, ["Small " * 20] * len(titles), "Money", source, "Spoken")
        given = [
            {
                "title": card.title,
                "style": styles()[i],
                "mean": card.mean,
                "likely": card.likely,
                "level": card.level,
            }
            for i, card in enumerate(cards)
        ]
        drawn = page.evaluate_handle("given => Ringfence.shared.draw(...given)", [asdict(words), given])
        same(page, drawn, draw_share_picture(words, cards))
    # This page does not look at what is behind.
    monkeypatch.setattr(share_picture, "describe_weight", lambda _: "")
    monkeypatch.setattr(share_picture, "find_ways", lambda *_: ("", ""))
    selection = Selection((TODAYS_RULES, Slot("early-release")), futures=250, seed=SEED)
    choose(page, as_page(selection, 120))
    runs = run_many(list(selection.scenarios), futures=draw_futures(120, seed=selection.seed))
    view = AnswerView(tuple(selection.scenarios), tuple(runs), {}, read_boards())
    alone = draw_answer_picture(view, "")
    same(page, page.evaluate_handle("Ringfence.policyPicture()"), alone)
    spoken = " ".join(ElementTree.fromstring(alone).itertext())
    assert re.search(r"£[\d.]+m a year", spoken)
    own = Selection((TODAYS_RULES, Slot("baseline", "Ours & theirs", (LeverEdit("audit", 0.5),))), "front", "2028/29")
    choose(page, {**as_page(own, 120), "settings": {"pull_chief": 0.25}})
    with page.expect_download() as coming:
        page.get_by_role("button", name="Picture", exact=True).click()
    data = Path(coming.value.path()).read_bytes()
    assert coming.value.suggested_filename == "ringfence-ours-theirs.png"
    assert data.startswith(b"\x89PNG") and struct.unpack(">II", data[16:24]) == (1200, 630)
    picture = "Ringfence.policyPicture()"
    said = page.evaluate(f"{picture}.textContent")
    for part in (
        "A policy of one’s own: ",
        "“Ours & theirs”, somebody’s own: from 2027/28 “",
        "is set to 50%",
        "In this model, ",
        "2028/29",
        "Held by hand: ",
        "= 0.25",
        "£ in each £100",
    ):
        assert part in said
    page.locator("#copied", has_text="Saved as ringfence-ours-theirs.png.").wait_for()
    choose(page, {"settings": {}})
    assert page.inner_text("#copied") == "" and "Held by hand" not in page.evaluate(f"{picture}.textContent")
    named = Selection((TODAYS_RULES, Slot("ringfence", "Doing nothing at all")), futures=250, seed=SEED)
    choose(page, as_page(named, 120))
    runs = run_many(list(named.scenarios), futures=draw_futures(120, seed=named.seed))
    lines = describe_own_titles(named.slots, [scenario.title for scenario in named.scenarios])
    view = AnswerView(tuple(named.scenarios), tuple(runs), {}, read_boards(), renamed=lines, defined=lines)
    assert len(lines) == 1
    same(page, page.evaluate_handle(picture), draw_answer_picture(view, ""))
    edit = LeverEdit("direct_share", 0.4)
    titled, untitled = (Slot("trusts-stream", title, (edit,)) for title in ("Money for trusts directly", ""))
    told = define_own_policies((titled, untitled), (titled.shown, untitled.shown))
    assert all("is set to 40% (none under today's rules)" in line and "stays" not in line for line in told), told
    for slot, line in zip((titled, untitled), told, strict=True):
        choose(page, as_page(Selection((TODAYS_RULES, slot), futures=250, seed=SEED), 120))
        small = page.evaluate(f"[...{picture}.querySelectorAll('text')].map(text => text.textContent).join(' ')")
        assert line in small and "…" not in small, small


def test_every_change_of_a_calendar_is_marked_as_in_the_dashboard(page: Any) -> None:
    own = Slot("ringfence", "", (LeverEdit("audit", 0.5, 24), LeverEdit("support", 0.5, 20, 0, "", 27)))
    slots = (own, Slot("leadership"))
    selection = Selection((TODAYS_RULES, *slots), futures=250)
    choose(page, as_page(selection, 120))
    marked = page.locator("#bands svg text").all_text_contents()
    runs = run_many(list(selection.scenarios), futures=draw_futures(120, seed=selection.seed))
    later = list_later_changes(AnswerView(tuple(selection.scenarios), tuple(runs), {}, read_boards()))
    assert [words for _, words in later] == ["B changes", "B changes"]
    assert [words for words in marked if words.startswith(("policy", "B change", "C change"))] == [
        "policy starts",
        "B changes",
        "B changes in 2029/30",
    ]


def test_a_link_opens_on_the_policy_that_the_copied_sentence_is_about(page: Any) -> None:
    choose(page, as_page(Selection((TODAYS_RULES, Slot("ringfence"), Slot("leadership")), futures=250, seed=SEED), 120))
    for letter, slot in (("C", 2), ("B", 1)):
        page.locator("#slots button", has_text=re.compile(rf"^\s*{letter}\b")).first.click()
        said, link = page.inner_text("#main"), page.evaluate("document.getElementById('whole').href")
        assert f"built={letter}" in link and f"built={letter}" in page.evaluate("location.hash")
        title = page.evaluate(f"Ringfence.view.answer.scenarios[{slot}].title")
        assert f"“{title}”" in said
        found = page.evaluate("link => Ringfence.choice.restore(link.split('#')[1])", link)
        assert found["built"] == slot and found["notes"] == []
        query = "?" + link.split("#")[1]
        assert restore(query) == replace(restore(query.replace(f"&built={letter}", "")), built=slot)
    old = "v=2&tab=answer&o=retained&B=ringfence&C=leadership"
    for query, built in ((old, 0), (f"{old}&built=D", 0), (f"{old}&built=A", 0), (f"{old}&built=C", 2)):
        assert page.evaluate("link => Ringfence.choice.restore(link).built", query) == built
