"""No two numbers on the screen disagree about the same thing."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stated_numbers import CHANGE, LABELS, STEPS, TAKEN, Stated, Truth, is_rounding

pytest.importorskip("panel", reason="the dashboard is not installed: pip install -e '.[dashboard]'")

from taken_away import check_trace, check_workbook, list_taken

from dashboards.boards import board_text
from dashboards.boards.board_map import BoardMap
from dashboards.boards.merged_boards import BoardFilter, list_map_days
from dashboards.computing import answer_view
from dashboards.computing.answer_view import AnswerView, view_answer
from dashboards.computing.result_store import ResultStore, draw_shared_futures
from dashboards.computing.session import Session
from dashboards.computing.worker import Worker
from dashboards.export import charts as export_charts
from dashboards.export import data_exports
from dashboards.offline import explorer_work
from dashboards.selection.map_selection import MapSelection
from dashboards.selection.selection import OUTCOMES, TODAYS_RULES, LeverEdit, Selection, Slot
from dashboards.server.page import TAB_CLASSES
from dashboards.widgets.first_paint import render_first_words
from dashboards.widgets.toolbar import describe_basis, describe_status
from simulator.boards.table import read_boards
from simulator.charts.colour_scale import make_difference_scale, make_level_scale
from simulator.common.formatting import (
    adds_up,
    choose_decimals,
    choose_figures,
    format_amount,
    format_number,
    format_pair,
    format_pounds,
)
from simulator.declarations.evidence import load_register
from simulator.declarations.levers import LEVERS
from simulator.runs.board_sums import sum_over_years
from simulator.scenarios.change import is_switch
from simulator.scenarios.scenario import library

pytestmark = [pytest.mark.dashboards, pytest.mark.filterwarnings("default")]

N = 250


def number(text: str) -> tuple[float, float]:
    """An amount in pounds of each £100, and half of its last place."""
    match = re.search(r"[−-]?[+]?£?([\d,]*\.?\d+)", text)
    assert match, text
    digits = match[1].replace(",", "")
    sign, pence = (-1 if "−" in text else 1), (0.01 if re.search(r"\dp\b", text) else 1.0)
    return sign * pence * float(digits), 0.5 * pence * 10 ** -(len(digits.partition(".")[2]))


def differ_by(new: str, old: str, size: str, places: float = 0.5) -> bool:
    """Whether two levels differ by what is said of their difference, to a half of the coarsest of their last places."""
    (a, i), (b, j), (d, k) = number(new), number(old), number(size)
    return abs(abs(a - b) - abs(d)) <= 2 * places * max(i, j, k) + 1e-9


def shown(tab: Any) -> str:
    panes = [pane.object for pane in tab.view.select() if isinstance(getattr(pane, "object", None), str)]
    return "\n".join(panes)


TITLES = ("Alpha", "Beta", "Gamma")
TIMES = 36
FEW = (40, 100, 128)
"""How many futures the answers rest on, in turn: too few for a verdict, just enough, and no round number."""


@lru_cache(maxsize=1)
def selections() -> tuple[Selection, ...]:
    """Selections of every kind, the same in every run."""
    random, drawn_selections = np.random.default_rng(20), []
    names, levers = [*library()], [*LEVERS]
    for at in range(TIMES):
        slots = [TODAYS_RULES]
        for letter in range(at % 4 if at % 16 else 0):
            edits = []
            for lever in random.choice(levers, int(random.integers(0, 4)), replace=False):
                about = LEVERS[str(lever)].about
                value = min(about.high, max(about.low, round(float(random.uniform(about.low, about.high)), 2)))
                value = float(round(value)) if is_switch(str(lever)) else value
                edits.append(LeverEdit(str(lever), value, int(random.integers(16, 28))))
            slots.append(Slot(str(random.choice(names)), TITLES[letter], tuple(edits)))
        outcome = str(random.choice(OUTCOMES)) if at % 2 else "retained"
        years = str(random.choice(["", "2027/28", "2026/27-2029/30"]))
        drawn_selections.append(Selection(tuple(slots), outcome, years, futures=250))
    return tuple(drawn_selections)


class Screen:
    """One session with every tab, which sees one selection after the other, as a visitor's does."""

    def __init__(self, store: ResultStore) -> None:
        self.session = Session(store=store, selection=selections()[0])
        self.store, self.tabs = store, {kind.key: kind(self.session) for kind in TAB_CLASSES}

    def show(self, at: int) -> AnswerView:
        """Show a selection on every tab whose numbers are those of an answer."""
        selection = selections()[at]
        answer = self.store.answer(selection, FEW[at % len(FEW)])
        self.session.param.update(selection=selection, answer=answer)
        view = view_answer(answer)
        for key in ("answer", "build", "compare", "money", "share"):
            self.tabs[key].handle_change()
            self.tabs[key].show_answer(view)
        return view


@pytest.fixture(scope="module")
def screen(store: ResultStore) -> Iterator[Screen]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Worker, "ask", lambda *_, **__: None)
        yield Screen(store)


OTHER_NUMBERS = {
    "share": (
        r"on four pages|up to 2,000; 1,000 take about two minutes|@?[0-9a-f]{16}|--expect [0-9a-f]{12}|--outcome \w+"
        r'|<iframe src="ringfence-explorer.*?</iframe>|<a href="ringfence-explorer.*?</a>'
    ),
}
"""What else holds digits: the levers' own values and bounds, and fingerprints."""


def page_texts(screen: Screen, view: AnswerView) -> dict[str, str]:
    """Everything that a visitor may read about an answer, page by page."""
    answer = screen.session.answer
    assert answer is not None
    texts = {key: shown(screen.tabs[key]) for key in ("answer", "build", "compare", "money", "share")}
    on_paper = str(screen.tabs["build"].paper.object)  # the chart of the slides, whose numbers are held where those are
    also_on_paper = str(screen.tabs["answer"].paper.object)
    return texts | {
        "answer": texts["answer"].replace(also_on_paper, ""),
        "build": texts["build"].replace(on_paper, ""),
        "toolbar": f"{describe_basis(screen.session)} {describe_status(screen.session)}",
        "first page": render_first_words(answer),
    }


@cache
def cited() -> tuple[tuple[tuple[str, ...], tuple[re.Pattern[str], ...]], ...]:
    """What pages name of each source that may hold digits: words, and publications with the places in them."""
    return tuple(
        (
            (*entry.url, entry.source, f"({entry.id})"),
            tuple(
                re.compile(rf"{re.escape(publication)} \([A-Z]\d\d(?:, [A-Z]\d\d)*\)(?:: [\w.-]+)?")
                for publication in entry.source.split("; ")
            ),
        )
        for entry in load_register().values()
    )


def left_over(stated: Stated) -> list[str]:
    """Numbers of a page that state nothing that is known."""
    left = re.sub(OTHER_NUMBERS.get(stated.page, "(?!)"), " ", stated.left)
    for words, publications in cited():
        for word in words:
            left = left.replace(word, " ")
        for publication in publications:
            left = publication.sub(" ", left)
    return re.findall(r".{0,30}\d[\d,.]*.{0,30}", left)


@pytest.mark.parametrize("at", range(TIMES))
def test_every_page_says_the_same_of_the_same_thing(at: int, screen: Screen) -> None:
    """Each number is a rounding of what the runs give, so that no two numbers disagree; and none is left unread."""
    view = screen.show(at)
    truth, count = Truth(view), 0
    for page, text in page_texts(screen, view).items():
        stated = Stated(truth, page, view.outcome)
        stated.read(text)
        assert [statement for statement in stated.statements if not statement.holds] == []
        check_averages(stated, truth)
        assert left_over(stated) == []
        count += len(stated.statements)
    assert count > 140 * len(view.runs)
    check_levels(screen)
    check_charts(screen, truth)
    check_files(view, truth)
    check_taken(screen, view, truth)
    if at % 16 == 3:  # a workbook runs every board again; these are of every one of FEW
        answer = screen.session.answer
        assert answer is not None
        check_workbook(answer, view, truth, shown(screen.tabs["answer"]))


def check_taken(screen: Screen, view: AnswerView, truth: Truth) -> None:
    """What is copied, pasted, presented, printed or read by a program has the numbers of the pages."""
    page = shown(screen.tabs["answer"])
    for stated in list_taken(view, page):
        assert [statement for statement in stated.statements if not statement.holds] == []
        check_averages(stated, truth)
        assert left_over(stated) == []
        assert len(stated.statements) > 6
    check_trace(view, truth, page)


def check_averages(stated: Stated, truth: Truth) -> None:
    """An average has one text on every page; beside a difference below £1, or a level of pence, it may have pence."""
    levels = {name: [truth.level(at, name) for at in range(len(truth.titles))] for name in set(LABELS.values())}
    for statement in stated.statements:
        for told in levels.values() if re.fullmatch(r"£[\d.,]*\d", statement.text) else ():
            if statement.value in told and re.search(r"level|card [A-F]|, [A-Z]", statement.about):
                near = any(x < 1 or any(0 < abs(x - y) < 1 for y in told) for x in told)
                texts = {format_pounds(float(statement.value) / 100)}
                texts |= {format_amount(float(statement.value), 2)} if near else set()
                assert statement.text in texts, statement


def check_levels(screen: Screen) -> None:
    """Levels of two scenarios differ by what is said of their difference, to the last place that is shown: a card shows
    as many places as the sentence on two of them does, in which those of all policies stand as on the cards.
    """
    said = re.findall(r'<p class="said">(.*?)</p>', shown(screen.tabs["answer"]), re.S)[1]
    levels = re.findall(r'<p class="big">([^<]+)<small>', shown(screen.tabs["answer"]))
    for level in levels[1:] if "£" in said else ():
        assert re.search(rf"{level}(?!\.?\d)", said), (level, said)
    matches = re.findall(
        rf"<b>([B-D]) compared with A\.</b> [^<]*?({CHANGE}) of each £100 on average", shown(screen.tabs["compare"])
    )
    for letter, size in matches:
        if "under" not in size and "no more" not in size:
            assert differ_by(levels["ABCD".index(letter)], levels[0], size, 1), (levels, size)


def check_charts(screen: Screen, truth: Truth) -> None:
    """The chart over time has the averages and centiles of the runs, and its labels are roundings of them."""
    for key in ("answer", "build"):
        chart = screen.tabs[key].bands  # type: ignore[attr-defined]
        for text, value in zip(chart.ends.data["text"], truth.last_averages(), strict=True):
            assert is_rounding(text.split(" ", 1)[1], value), text
        for at, source in enumerate(chart.sources[: len(truth.titles)]):
            for year, middle, high in zip(*(source.data[name] for name in ("x", "middle", "high")), strict=True):
                span = slice(year, year + 1)
                assert middle == pytest.approx(truth.level(at, truth.view.outcome, span), abs=0.006)
                assert high == pytest.approx(truth.centile(at, 0.9, truth.view.outcome, span), abs=0.006)


def count_better(truth: Truth, at: int, outcome: str) -> int | str:
    """What a file holds of how often a scenario is better: no count where its sign is assumed."""
    assumed = truth.verdict(at, 0, outcome).endswith("sign assumed")
    return "" if assumed else truth.of_100(at, 0, outcome, 1)


def check_files(view: AnswerView, truth: Truth) -> None:
    """The files that people take away have the same numbers, in shares."""
    for row in export_charts.export_cards(view).rows:
        at = "ABCD".index(str(row[0]))
        assert 100 * float(row[4]) == pytest.approx(truth.level(at, view.outcome), abs=1e-4)
        if at and truth.n >= 100:
            assert row[7] == count_better(truth, at, view.outcome)
    for row in export_charts.export_comparisons(view).rows if view.main else ():
        at, name = "ABCD".index(str(row[0])), LABELS[str(row[2])]
        assert 100 * float(row[4]) == pytest.approx(float(truth.differences(at, 0, name).mean()), abs=1e-4)
        assert row[11] == truth.verdict(at, 0, name)
    for row in export_charts.export_cascade(view).rows:
        levels = [truth.level("ABCD".index(str(row[0])), name) for name in STEPS]
        assert [100 * float(x) for x in row[3:]] == pytest.approx(levels, abs=1e-4)
    for row in export_charts.export_money_taken_back(view).rows:
        levels = [truth.level("ABCD".index(str(row[0])), name) for name in TAKEN]
        assert [float(x) for x in row[3:]] == pytest.approx(levels, abs=1e-5)
    table = pd.read_csv(io.BytesIO(data_exports.make_csv(view)), encoding="utf-8-sig")
    assert len(table) == truth.n * len(view.runs) * len(truth.years)
    last = table[(table["Scenario"] == "A") & (table["Financial year"] == view.baseline.years[-1])]
    span = slice(len(truth.years) - 1, len(truth.years))
    assert last[f"{view.about.label} (£ in each £100)"].mean() == pytest.approx(
        truth.level(0, view.outcome, span), abs=1e-4
    )


def test_a_wrong_number_on_any_page_is_found(screen: Screen) -> None:
    """Another digit in any number is either no rounding of the runs or nothing that is known."""
    at = next(i for i, selection in enumerate(selections()) if len(selection.slots) == 4 and FEW[i % 3] >= 100)
    view = screen.show(at)
    truth, random = Truth(view), np.random.default_rng(3)
    for page, text in page_texts(screen, view).items():
        hidden = r'<text[^>]*>[+−]?\d+</text>|<pre><code>&lt;.*?</pre>|<p class="post">.*?</p>|<[^>]*>'
        # marks of an axis state nothing, the sentence in code for a web page is held to the picture's in
        # test_takeaway.py, and the one to be posted to its card in test_short_sentence.py
        words = re.sub(hidden, lambda m: "·" * len(m[0]), text)
        spots = [m.start() for m in re.finditer(r"(?<=[£+−(])[1-9](?!00\b| each|\d*px)|(?<=better in )[1-9]", words)]
        for spot in random.choice(spots, min(12, len(spots)), replace=False) if spots else ():
            changed = f"{text[:spot]}{10 - int(text[spot]) if text[spot] != '5' else 6}{text[spot + 1 :]}"
            stated = Stated(truth, page, view.outcome)
            stated.read(changed)
            assert left_over(stated) or not all(statement.holds for statement in stated.statements), text[
                spot - 40 : spot + 20
            ]


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100)), min_size=1, max_size=3))
def test_as_few_figures_are_shown_as_let_levels_differ_by_their_difference(pairs: list[tuple[float, float]]) -> None:
    needed = choose_figures(pairs)
    assert 2 <= needed <= 4
    if needed < 4:
        for new, old in pairs:
            assert adds_up(new, old, needed)
            if min(new, old) > 0.05 and abs(new - old) > 0.05:
                assert differ_by(*(f"£{format_number(x, needed)}" for x in (new, old)), format_number(abs(new - old)))
    assert needed == 2 or not all(adds_up(new, old, needed - 1) for new, old in pairs)


def test_93_less_72_does_not_stand_beside_20() -> None:
    assert choose_figures([(92.66, 72.34)]) == 3
    assert choose_figures([(92.4, 72.3)]) == 2
    assert format_pair(92.66, 72.34) == ("£92.7", "£72.3", "£20.4")
    assert format_pair(92.4, 72.3) == ("£92.4", "£72.3", "£20.1")


@given(st.floats(0, 100), st.floats(0, 100))
def test_a_difference_in_a_sentence_is_that_of_the_levels_beside_it(new: float, old: float) -> None:
    decimals = choose_decimals(new, old, new - old)
    *shown, size = format_pair(new, old)
    levels = [number(text)[0] for text in shown]
    assert "under 1p" in (size, *shown) or abs(number(size)[0] - abs(levels[0] - levels[1])) < 1e-9
    assert abs(abs(levels[0] - levels[1]) - abs(new - old)) <= (0.02 if "under 1p" in shown else 10.0**-decimals) + 1e-9


@pytest.mark.parametrize("names", [("peer-forums",), ("both", "peer-forums"), ("leadership",)])
def test_levels_beside_the_levers_have_the_digits_of_the_sentence_above_them(
    names: tuple[str, ...], store: ResultStore
) -> None:
    selection = Selection((TODAYS_RULES, *map(Slot, names)), futures=N)
    view = answer_view.view_answer(store.answer(selection, N))
    for at in range(1, len(view.runs)):
        headline, *_ = answer_view.speak_of(view, at)
        levels = [card.share for card in answer_view.make_cards(view, built=at)]
        for level in (levels[0], levels[at]):
            assert re.search(rf"{re.escape(level)}(?![.]?[0-9])", headline), (levels, headline)


def test_the_explorer_gives_the_numbers_of_the_screen(store: ResultStore) -> None:
    selection = Selection((TODAYS_RULES, Slot("ringfence"), Slot("leadership"), Slot("both")), futures=N)
    view = answer_view.view_answer(store.answer(selection, N))
    page = explorer_work.make(store, selection, N).decode("utf-8")
    matches = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    ahead = json.loads(matches[0])["ahead"]
    assert ahead["n"] == N
    assert (ahead["headline"], ahead["sure"]) == (
        answer_view.write_headline(view),
        answer_view.describe_certainty(view),
    )
    assert ahead["courses"] == answer_view.write_fan_chart_title(view)
    assert [scenario["course"] for scenario in ahead["scenarios"]] == answer_view.describe_fan_chart(view)
    for card, scenario in zip(answer_view.make_cards(view), ahead["scenarios"], strict=True):
        assert (scenario["title"], scenario["share"], scenario["likely"], scenario["line"]) == (
            card.title,
            card.share,
            card.likely,
            card.line,
        )
    assert [row["sentence"] for row in ahead["differences"][0]["rows"]] == [c.sentence for c in view.main]
    assert [(j, i, row["sentence"]) for j, i, row in ahead["pairs"]] == [
        (j, i, c.sentence) for j, i, c in view.pairs if i
    ]


@pytest.fixture(scope="module")
def looked(store: ResultStore) -> Callable[..., BoardMap]:
    selection = Selection((TODAYS_RULES, Slot("ringfence"), Slot("leadership")), futures=N)
    view = answer_view.view_answer(store.answer(selection, 64))
    sums = tuple(
        sum_over_years(scenario, draw_shared_futures(64, selection.seed), read_boards(), view.span, lambda _: None)
        for scenario in selection.scenarios
    )
    return lambda map_selection, filters: BoardMap(view, read_boards(), sums, map_selection, filters)


@pytest.mark.parametrize("day", list_map_days(read_boards()).values())
@pytest.mark.parametrize(
    "filters", [BoardFilter(), BoardFilter("London"), BoardFilter("Midlands", "", 2), BoardFilter("", "", 1)]
)
def test_title_table_and_caption_count_the_same_boards(
    looked: Callable[..., BoardMap], day: int, filters: BoardFilter
) -> None:
    board_map = looked(MapSelection(quarter=day, shown=1, against=0), filters)
    rows = board_map.make_rows()
    assert len(rows) == len(board_map.visible_boards) == sum(board_text.count_clear_differences(board_map))
    match = re.search(r"(?:for all|of) (\d+)(?: boards)?", board_text.write_title(board_map))
    assert match is None or int(match[1]) == len(rows)
    assert sum(float(row[5]) for row in rows) == pytest.approx(
        sum(
            float(read_boards().areas["alloc"][i])
            for body in board_map.visible_boards
            for i in board_map.merged.members[body]
        ),
        abs=0.5,
    )
    for row in rows:
        assert differ_by(row[7], row[6], row[9]), row
        assert board_map.find_row_code(row[0]) == row[0]


@given(st.lists(st.floats(-40, 40), min_size=2, max_size=42), st.booleans())
def test_the_same_words_on_two_tiles_have_one_colour(values: list[float], signed: bool) -> None:
    values = values if signed else [abs(x) for x in values]
    board_map = object.__new__(BoardMap)
    board_map.__dict__["colours"] = (make_difference_scale if signed else make_level_scale)(values)
    object.__setattr__(board_map, "map_selection", MapSelection(shown=1, against=0 if signed else -1))
    object.__setattr__(board_map, "sums", (None, None))
    object.__setattr__(board_map, "view", SimpleNamespace(letters="AB"))
    board_map.__dict__["means"] = np.asarray(values)
    colours: dict[str, set[str]] = {}
    for x in values:
        colours.setdefault(board_map.format_value(x), set()).add(board_map.find_fill(x))
    assert all(len(same) == 1 for same in colours.values()), colours
