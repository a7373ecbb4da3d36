"""Pages that work out numbers of their own give those of the other pages wherever they speak of the same thing."""

from __future__ import annotations

import re
from html import unescape

import numpy as np
import pytest

pytest.importorskip("panel", reason="the dashboard is not installed: pip install -e '.[dashboard]'")

from questions_kit import find_code_names, shipped
from stated_numbers import POUNDS, Truth, is_rounding, plain

from dashboards.analyses import attribution
from dashboards.analyses.registry import request_for_scenario
from dashboards.analyses.report import AnalysisReport
from dashboards.analyses.shipped_answers import load_scoreboard
from dashboards.boards import board_text
from dashboards.boards.board_map import BoardMap
from dashboards.boards.merged_boards import BoardFilter
from dashboards.boards.story_pane import write_title as story_title
from dashboards.computing.answer_view import view_answer
from dashboards.computing.result_store import ResultStore, draw_shared_futures
from dashboards.evidence import register
from dashboards.selection.map_selection import MapSelection
from dashboards.selection.selection import OUTCOMES, TODAYS_RULES, Selection, Slot, make_opening_selection
from dashboards.tabs import evidence, evidence_words
from simulator.boards.table import read_boards
from simulator.calibration.scoreboard import tell_kind
from simulator.common.formatting import format_signed_gap
from simulator.common.units import Unit
from simulator.declarations.calendar import YEARS, year_name
from simulator.declarations.outcomes import OUTCOMES as ALL_OUTCOMES
from simulator.experiments.tradeoffs.attribution import format_shares
from simulator.reports import check_words
from simulator.runs.board_sums import sum_over_years
from simulator.runs.futures import DEFAULT_N
from simulator.runs.posterior import read_fit_document
from simulator.runs.run import run

pytestmark = [pytest.mark.dashboards, pytest.mark.filterwarnings("default")]

N = 100


def read_pounds(text: str) -> float:
    """An amount as it is shown, in pounds."""
    size = float(re.sub(r"[£+−p,]", "", text)) * (0.01 if text.endswith("p") else 1.0)
    return -size if text.startswith("−") else size


BOTH = (TODAYS_RULES, Slot("ringfence"), Slot("leadership"), Slot("both"))


def text_of(truth: Truth, new: int, old: int, outcome: str) -> str:
    """The difference of two scenarios as Compare, Answer and the tables of every other page give it."""
    return format_signed_gap(*(truth.level(at, outcome) / 100 for at in (new, old)))


def agrees_with_compare(analysis_report: AnalysisReport, truth: Truth, outcome: str) -> None:
    """The parts of the fourth scenario, which joins the second and third, beside what Compare says of these."""
    rows = {row[0]: row[1:] for row in analysis_report.rows}
    whole = truth.differences(3, 0, outcome)
    gain, _, likely, *_ = rows.pop("Together")
    assert gain == text_of(truth, 3, 0, outcome)
    assert re.findall(rf"[+−]?{POUNDS}", analysis_report.title)[0] == gain, analysis_report.title
    for text, share in zip(likely.split(" to "), (0.1, 0.9), strict=True):
        assert is_rounding(text, float(np.quantile(whole, share))), likely
    shares = []
    for at, (title, cells) in enumerate(rows.items(), 1):
        assert title == truth.titles[at]
        assert cells[3] == text_of(truth, at, 0, outcome), cells
        assert cells[4] == text_of(truth, 3, 3 - at, outcome), cells
        shares.append(cells[0])
    assert len(shares) == 2
    if all("p" not in text for text in (*shares, gain)):
        pounds = [float(re.sub("[+£]", "", text.replace("−", "-"))) for text in (*shares, gain)]
        assert sum(pounds[:2]) == pytest.approx(pounds[2], abs=1e-9), (shares, gain)


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_the_parts_of_a_package_add_what_compare_says_of_them(
    outcome: str, store: ResultStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attribution, "FUTURES", N)
    selection = Selection(BOTH, outcome, futures=250)
    truth = Truth(view_answer(store.answer(selection, N)))
    told = attribution.describe(attribution.compute(request_for_scenario(selection, "parts", 3), lambda *_: None))
    agrees_with_compare(told, truth, outcome)


def test_the_shipped_parts_of_the_opening_add_what_its_answer_says(store: ResultStore) -> None:
    truth = Truth(view_answer(store.answer(make_opening_selection(), DEFAULT_N)))
    agrees_with_compare(attribution.describe(shipped("parts")), truth, "retained")


@pytest.mark.parametrize(("outcome", "at"), [("retained", (1, 0)), ("additional", (2, 1)), ("front", (3, -1))])
def test_the_map_its_table_and_its_title_say_what_the_runs_of_its_boards_give(
    outcome: str, at: tuple[int, int], store: ResultStore
) -> None:
    selection, n = Selection(BOTH, outcome, futures=250), 24
    view = view_answer(store.answer(selection, n))
    futures = draw_shared_futures(n, selection.seed)
    sums = tuple(
        sum_over_years(scenario_here, futures, read_boards(), view.span, lambda _: None)
        for scenario_here in selection.scenarios
    )
    shown, against = at
    board_map = BoardMap(
        view, read_boards(), sums, MapSelection(quarter=20, shown=shown, against=against), BoardFilter()
    )
    levels = [board_levels(scenario, outcome, view.span, board_map, n) for scenario in selection.scenarios]
    values = levels[shown] - levels[against] if against >= 0 else levels[shown]
    rows = {row[1]: row for row in board_map.make_rows()}
    for body, name in enumerate(board_map.merged.names):
        row = rows[name]
        for slot in range(len(levels)):
            assert is_rounding(row[6 + slot], float(levels[slot][:, body].mean())), row
        mean = float(values[:, body].mean())
        if against >= 0:
            between = read_pounds(row[6 + shown]) - read_pounds(row[6 + against])
            assert read_pounds(row[10]) == pytest.approx(between, abs=1e-9), row
            assert abs(read_pounds(row[10]) - mean) <= 0.101, row
        for text, share in zip(row[-1].split(" to "), (0.1, 0.9), strict=True):
            assert is_rounding(text, float(np.quantile(values[:, body], share))), row
    for tile, body in zip(board_map.make_tiles(), board_map.merged.board_of, strict=True):
        row = rows[board_map.merged.names[body]]
        assert str(tile["value"]) == row[10 if against >= 0 else 6 + shown], tile
        stated = re.findall(rf"[+−]?{POUNDS}", str(tile["label"]).split(": ")[1])[0]
        assert abs(float(re.sub(r"[£+−]", "", stated)) - float(re.sub(r"[£+−]", "", str(tile["value"])))) < 1e-9
    ends = re.findall(rf"([+−]?{POUNDS}) to ([+−]?{POUNDS}) in each", board_text.write_title(board_map))[0]
    amounts = [read_pounds(row[10 if against >= 0 else 6 + shown]) for row in rows.values()]
    assert [read_pounds(end) for end in ends] == [min(amounts), max(amounts)], board_text.write_title(board_map)
    assert f"Averages over {n} futures" in board_text.describe_precision(board_map)


def board_levels(scenario: object, outcome: str, span: slice, board_map: BoardMap, n: int) -> np.ndarray:
    """£ in each £100 of every body in every future, from the boards' own records."""
    areas = run(scenario, futures=draw_shared_futures(n, board_map.view.baseline.manifest.seed), detail=True).areas  # type: ignore[arg-type]
    assert areas is not None
    about = ALL_OUTCOMES[outcome]

    def total(terms: tuple[str, ...]) -> np.ndarray:
        parts = [(-1 if term[0] == "-" else 1) * areas[term.lstrip("-")][:, span].sum(axis=1) for term in terms]
        each = np.sum(parts, axis=0)
        return np.stack([each[:, list(members)].sum(axis=1) for members in board_map.merged.members], axis=1)

    return np.asarray(100 * total(about.over) / total(about.by))


def test_the_evidence_page_counts_the_numbers_that_every_answer_counts() -> None:
    fit_document, rows = read_fit_document(), register.list_assumptions()
    pinned, every = re.findall(r"(\d+) of (\d+) uncertain numbers are pinned down", evidence.render_heading())[0]
    assert (int(pinned), int(every)) == (
        fit_document["uncertain"] - fit_document["not_pinned"],
        fit_document["uncertain"],
    )
    kinds = dict(re.findall(r"(\d+) <span class=\"badge[^>]*>([^<]+)<", evidence.render_heading()))
    assert sum(map(int, kinds)) == int(every) == len(rows)
    assert f"Of {every} uncertain numbers" in register.write_title() or register.write_title().startswith(
        f"{every} numbers"
    )
    visible = re.findall(r", (one|\d+) visibly", register.write_title())
    if visible:
        assert {"one": 1}.get(visible[0], visible[0]) in (
            sum(row.clear for row in rows),
            str(sum(r.clear for r in rows)),
        )
    table = evidence_words.render_assumptions(rows, len(rows))
    assert f"Showing {every} of {every}" in table and table.count("<tr>") == int(every) + 1


def test_the_scoreboard_counts_its_own_rows() -> None:
    lines = load_scoreboard()
    assert lines is not None
    html = evidence.render_board(lines)
    assert find_code_names(html) == []
    results = re.findall(r"<td[^>]*>(passed|failed)</td>", html)
    counts = (
        r"(\d+) of (\d+) checks are passed; (\d+) of the (\d+) on sizes that the fit never saw</h2>"
        r"<p>(\d+) of the checks are of the \d+ findings that the model was fitted to \((\d+) are passed\), (\d+) cite "
        r"the same evidence \((\d+)\), and (\d+) ask for a sign alone \((\d+)\)"
    )
    passed, every, fresh, of_fresh, *others = map(int, re.findall(counts, html)[0])
    kinds = [of_fresh, fresh, *others]
    assert (passed, every) == (results.count("passed"), len(results))
    assert (sum(kinds[1::2]), sum(kinds[::2])) == (passed, every)
    signs = [line for line in lines if tell_kind(line) == "sign"]
    assert kinds[6] == len(signs) and html.count("any size ") == sum(0 in line.tolerance for line in signs)
    assert {line.tolerance for line in signs if 0 not in line.tolerance} == {(1.0, 1.0)}
    captions = re.findall(r"<h3>[^<]*: (\d+) of (\d+) passed</h3>", html)
    assert [sum(int(pair[at]) for pair in captions) for at in (0, 1)] == [passed, every]
    piece = html.split("What fails")[1].split("<h3>")[0] if "What fails" in html else ""
    assert piece.count("<li>") == every - passed
    for line in lines:
        if not line.passes:
            name = re.escape(check_words.name_line(line))
            plain = re.escape(check_words.describe_failure(line).partition(": the model gives ")[0])
            shown = re.findall(rf"<li>{plain}: the model gives (.+?)[,;]", unescape(piece))
            assert shown == [
                re.findall(rf">{name}</th>(?:<td[^>]*>[^<]*</td>){{3}}<td[^>]*>([^<]*)", unescape(html))[0]
            ]


def test_one_boards_story_has_the_title_that_its_own_run_gives(store: ResultStore) -> None:
    from dashboards.boards.board_replay import replay_board

    selection, n, future = Selection(BOTH, futures=250), 8, 5
    view = view_answer(store.answer(selection, n))
    futures = draw_shared_futures(n, selection.seed)
    sums = tuple(
        sum_over_years(scenario, futures, read_boards(), view.span, lambda _: None) for scenario in selection.scenarios
    )
    board_map = BoardMap(
        view, read_boards(), sums, MapSelection("QWE", shown=1, against=0, future=future), BoardFilter()
    )
    at = read_boards().position("QWE")
    story = replay_board(read_boards(), at, futures, future, selection.scenarios[1], selection.scenarios[0])
    alone = np.arange(len(read_boards()))
    kept_share = 100 * float(sums[1].compute_shares("retained", alone)[future, at])
    matches = re.findall(rf"has (?:about )?({POUNDS}) in each £100", story_title(board_map, story))
    assert matches and is_rounding(matches[0], kept_share), (matches, kept_share, plain(story_title(board_map, story)))
    blamed = re.findall(r"the (?:plan of|money taken back in) (20\d\d/\d\d)", story_title(board_map, story))
    measured = [year_name(year) for year in range(*view.span.indices(YEARS))]
    assert all(year in measured for year in blamed), "the loss that is named is of the years that the amount is of"
    lost = story.find_costliest(view.span)
    assert lost is not None and story.find_costliest(slice(0, 0)) is None
    assert [lost.decision.when[:7]] == blamed


@pytest.mark.parametrize("seed", range(40))
def test_shares_of_a_gain_add_up_to_the_gain_that_every_page_shows(seed: int) -> None:
    rng = np.random.default_rng(seed)
    start, means = float(rng.uniform(0.2, 0.7)), rng.uniform(0.01, 0.09, int(rng.integers(1, 5))).tolist()
    *shares, whole = format_shares(means, sum(means), start, Unit.SHARE)
    assert whole == format_signed_gap(start + sum(means), start)
    pounds = [float(text.removeprefix("+£")) for text in (*shares, whole)]
    assert sum(pounds[:-1]) == pytest.approx(pounds[-1], abs=1e-9)
    assert all(abs(shown - 100 * mean) < 0.06 + 0.1 * len(means) for shown, mean in zip(pounds, means, strict=False))
