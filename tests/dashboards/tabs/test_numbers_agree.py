"""No two numbers on the screen disagree about the same thing."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("panel_material_ui", reason="the dashboard is not installed: pip install -e '.[dashboard]'")

from dashboards.boards import board_words
from dashboards.boards.board_map import BoardMap
from dashboards.boards.board_sums import add_up
from dashboards.boards.merged_boards import Filters, days
from dashboards.computing import answer_view
from dashboards.computing.result_store import ResultStore, shared_futures
from dashboards.computing.session import Session
from dashboards.offline import explorer, explorer_work
from dashboards.selection.map_selection import MapSelection
from dashboards.selection.selection import OUTCOMES, TODAYS_RULES, LeverEdit, Selection, Slot
from dashboards.tabs.answer import AnswerTab
from dashboards.tabs.build import BuildTab
from dashboards.tabs.compare import CompareTab
from dashboards.tabs.money import MoneyTab
from simulator.boards.table import boards
from simulator.charts.colour_scale import scale_of_differences, scale_of_levels
from simulator.common.formatting import adds_up, change, figures_that_add_up, significant
from simulator.declarations.levers import LEVERS
from simulator.reports import content, sentences
from simulator.scenarios.scenario import library

pytestmark = [pytest.mark.dashboards, pytest.mark.filterwarnings("default")]

N = 250
AMOUNT = r"(?:£[\d,.]+|[\d.]+p)"


def number(text: str) -> tuple[float, float]:
    """An amount in pounds of each £100, or in points, and half of its last place."""
    found = re.search(r"[−-]?[+]?£?([\d,]*\.?\d+)", text)
    assert found, text
    digits = found[1].replace(",", "")
    sign, pence = (-1 if "−" in text else 1), (0.01 if text.endswith("p") else 1.0)
    return sign * pence * float(digits), 0.5 * pence * 10 ** -(len(digits.partition(".")[2]))


def agree(one: str, other: str) -> bool:
    """Whether two amounts can be roundings of one number; two figures of more than 100 would be coarser."""
    (a, near), (b, far) = number(one), number(other)
    return abs(a - b) <= near + far + 1e-9


def differ_by(new: str, old: str, size: str) -> bool:
    """Whether two levels differ by what is said of their difference, to the coarser of their last places."""
    (a, i), (b, j), (d, k) = number(new), number(old), number(size)
    return abs(abs(a - b) - abs(d)) <= max(i, j, k) + 1e-9


@pytest.fixture(scope="module")
def store() -> ResultStore:
    return ResultStore()


def shown(tab: Any) -> str:
    panes = [pane.object for pane in tab.view.select() if isinstance(getattr(pane, "object", None), str)]
    return unescape("\n".join(panes))


def selections() -> list[Selection]:
    """Choices of every kind, the same in every run."""
    random, found = np.random.default_rng(20), []
    names, levers = [*library()], [*LEVERS]
    for at in range(14):
        slots = [TODAYS_RULES]
        for letter in range(1 + at % 3):
            edits = {}
            for lever in random.choice(levers, int(random.integers(0, 4)), replace=False):
                about = LEVERS[str(lever)].about
                value = round(float(random.uniform(about.low, about.high)), 2)
                edits[str(lever)] = LeverEdit(
                    str(lever), min(about.high, max(about.low, value)), int(random.integers(16, 28))
                )
            slots.append(Slot(str(random.choice(names)), f"P{letter}", tuple(edits.values())))
        outcome = str(random.choice(OUTCOMES)) if at % 2 else "retained"
        found.append(
            Selection(tuple(slots), outcome, str(random.choice(["", "2027/28", "2026/27-2029/30"])), futures=N)
        )
    found.append(Selection((TODAYS_RULES, Slot("ringfence"), Slot("leadership"), Slot("both")), futures=N))
    return found


@pytest.mark.parametrize(
    "selection", selections(), ids=lambda one: f"{one.outcome}-{len(one.slots)}-{one.years or 'all'}"
)
def test_every_page_says_the_same_of_the_same_thing(selection: Selection, store: ResultStore) -> None:
    session = Session(store=store, selection=selection)
    answer = store.answer(selection, N)
    session.answer = answer
    view = answer_view.view_answer(answer)
    pages: dict[str, str] = {}
    for kind in (AnswerTab, BuildTab, CompareTab, MoneyTab):
        tab = kind(session)
        tab.show_answer(view)
        pages[kind.key] = shown(tab)
    cards = {key: re.findall(r'<p class="big">([^<]+)<small>', pages[key]) for key in ("answer", "build")}
    assert cards["answer"] == cards["build"] and len(cards["answer"]) == len(selection.slots)
    tallest = cards["answer"]
    if selection.outcome in content.CASCADE:
        rows = re.findall(
            r'<th scope="row">[^<]*</th>((?:<td>[^<]*</td>)+)', pages["money"].split("Where each £100 goes, ")[1]
        )
        column = content.CASCADE.index(selection.outcome)
        for level, row in zip(tallest, rows, strict=False):
            assert agree(level, re.findall(r"<td>([^<]*)</td>", row)[column])
    lines = re.findall(r"<b>([B-D]) against A\.</b> ([^<]*)", pages["compare"])
    for letter, words in lines:
        size = re.search(r"[:,] ([−+]?[\d.]+) points?", words)
        if size:
            assert differ_by(tallest["ABCD".index(letter)], tallest[0], size[1]), (tallest, words)
            assert f">{size[1]} point" in pages["compare"].replace("under ", "")  # the table says the same
        times = re.search(r"better in (\d+) of 100", words)
        if times:
            assert f"etter than today's rules in {times[1]} of 100" in pages["answer"]
    for key in ("answer", "build"):
        lead = re.search(
            rf"about ({AMOUNT}) in each £100.*?({AMOUNT}) (?:more|less) than today's rules \(({AMOUNT})\)", pages[key]
        )
        if lead:
            assert lead[1] in tallest and lead[3] == tallest[0]
            assert differ_by(lead[1], lead[3], lead[2])


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100)), min_size=1, max_size=3))
def test_as_few_figures_are_shown_as_let_levels_differ_by_their_difference(pairs: list[tuple[float, float]]) -> None:
    needed = figures_that_add_up(pairs)
    assert 2 <= needed <= 4
    if needed < 4:
        for new, old in pairs:
            assert adds_up(new, old, needed)
            if min(new, old) > 0.05 and abs(new - old) > 0.05:
                assert differ_by(*(f"£{significant(x, needed)}" for x in (new, old)), significant(abs(new - old)))
    assert needed == 2 or not all(adds_up(new, old, needed - 1) for new, old in pairs)


def test_93_less_72_does_not_stand_beside_20() -> None:
    assert figures_that_add_up([(92.66, 72.34)]) == 3
    assert figures_that_add_up([(92.4, 72.3)]) == 2


def test_the_explorer_gives_the_numbers_of_the_screen(store: ResultStore) -> None:
    selection = Selection((TODAYS_RULES, Slot("ringfence"), Slot("leadership"), Slot("both")), futures=N)
    view = answer_view.view_answer(store.answer(selection, N))
    futures = shared_futures(N, selection.seed)
    desk, times = explorer.Desk(), [("all", view.span)]
    runs = [store.get(one, futures) for one in selection.scenarios]
    cards = answer_view.cards(view)
    for run, card, c in zip(runs, cards, [None, *view.main], strict=True):
        kept = explorer._kept(desk, run, runs[0], times)
        words = kept["levels"][OUTCOMES.index("retained")][0]
        assert words[4] == card.likely and card.share in words[3]
        if c:
            told = kept["changes"][OUTCOMES.index("retained")][0]
            assert told[7] == change(c.difference, c.outcome.unit) and told[9] == sentences.frequency(c)
    session = Session(store=store, selection=selection)
    session.answer = store.answer(selection, N)
    maker = explorer_work.ExplorerMaker(session)
    taken: list[Any] = []
    maker._work = lambda *given: taken.append(given)  # type: ignore[method-assign]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(explorer_work, "shared_pools", lambda: (None, Here()))
        maker._start(None)
    assert taken[0][-1] == session.answer.futures == N


class Here:
    def submit(self, act: Callable[..., None], *given: Any) -> None:
        act(*given)


@pytest.fixture(scope="module")
def looked(store: ResultStore) -> Callable[..., BoardMap]:
    selection = Selection((TODAYS_RULES, Slot("ringfence"), Slot("leadership")), futures=N)
    view = answer_view.view_answer(store.answer(selection, 64))
    sums = tuple(
        add_up(one, shared_futures(64, selection.seed), boards(), view.span, lambda _: None)
        for one in selection.scenarios
    )
    return lambda map_selection, filters: BoardMap(view, boards(), sums, map_selection, filters)


@pytest.mark.parametrize("day", days(boards()).values())
@pytest.mark.parametrize("filters", [Filters(), Filters("London"), Filters("Midlands", "", 2), Filters("", "", 1)])
def test_title_table_and_caption_count_the_same_boards(
    looked: Callable[..., BoardMap], day: int, filters: Filters
) -> None:
    board_map = looked(MapSelection(quarter=day, shown=1, against=0), filters)
    rows = board_map.rows()
    assert len(rows) == len(board_map.looked_at) == sum(board_words.counts(board_map))
    told = re.search(r"(?:for all|of) (\d+)(?: boards)?", board_words.title(board_map))
    assert told is None or int(told[1]) == len(rows)
    assert sum(float(row[5]) for row in rows) == pytest.approx(
        sum(float(boards().areas["alloc"][i]) for body in board_map.looked_at for i in board_map.bodies.members[body]),
        abs=0.5,
    )
    for row in rows:
        assert differ_by(row[7], row[6], row[9]), row
        assert board_map.row_of(row[0]) == row[0]


@given(st.lists(st.floats(-40, 40), min_size=2, max_size=42), st.booleans())
def test_the_same_words_on_two_tiles_have_one_colour(values: list[float], signed: bool) -> None:
    values = values if signed else [abs(x) for x in values]
    board_map = object.__new__(BoardMap)
    board_map.__dict__["shades"] = (scale_of_differences if signed else scale_of_levels)(values)
    object.__setattr__(board_map, "map_selection", MapSelection(shown=1, against=0 if signed else -1))
    object.__setattr__(board_map, "sums", (None, None))
    colours: dict[str, set[int]] = {}
    for x in values:
        size = round(abs(x), 2)
        if abs(size - abs(x)) < 1e-9 or board_map.shades.class_of(np.copysign(size, x)) == board_map.shades.class_of(x):
            colours.setdefault(board_map.short(x), set()).add(board_map.shades.class_of(x))
    assert all(len(found) == 1 for found in colours.values()), colours
