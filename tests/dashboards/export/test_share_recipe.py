"""The lines of the Share page give the numbers on the screen, or say which file is another one than was meant."""

from __future__ import annotations

import datetime as dt
import json
import random
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from dashboards.computing.answer_view import AnswerView, view_answer, write_provenance_line, write_sentences
from dashboards.computing.result_store import Answer
from dashboards.evidence.trace import make_trace
from dashboards.export import charts, data_exports
from dashboards.export.chart_files import make_chart_csv, make_chart_svg
from dashboards.selection.selection import OUTCOMES, TODAYS_RULES, LeverEdit, Selection, Slot
from dashboards.tabs.slides import make_slides
from simulator.boards.table import Boards
from simulator.boards.table import parse_boards as read_boards
from simulator.charts.palette import STYLES
from simulator.commands.cli import app
from simulator.reports import provenance
from simulator.runs.futures import draw_futures
from simulator.runs.recipe import make_file_names
from simulator.runs.run import run_many
from simulator.scenarios.scenario import load_scenario

pytestmark = pytest.mark.dashboards

HEAD = "code,name,fund_m,weight_m,target_distance_pct,core20_pct,region\n"
LIBRARYS = "Ring-fence as in 2022/23, not waived"
TITLES = ("", "", "Mine", "it's “mine”; $HOME", "=1+1", LIBRARYS)
SETUPS = 24


def table(luck: random.Random) -> bytes:
    rows = [
        f"{code},{code} board,{luck.randint(20, 90) / 10},{luck.randint(2000, 6000)},{luck.randint(-3, 3)},"
        f"{luck.randint(10, 40)},North"
        for code in ("QE1", "QKK", "QYG")
    ]
    return (HEAD + "\n".join(rows) + "\n").encode()


def slot(luck: random.Random) -> Slot:
    preset = luck.choice(("ringfence", "leadership", "both", "ringfence+committee", "baseline"))
    levers = luck.sample(("audit", "named", "oversight"), luck.randint(0, 2))
    edits = [
        LeverEdit(name, luck.randint(1, 9) / 10, luck.choice((20, 21, 24)), luck.choice((0, 4))) for name in levers
    ]
    text = (
        load_scenario("committee").with_lever("gateway", luck.randint(1, 9) / 10).to_yaml()
        if luck.random() < 0.3
        else ""
    )
    title = luck.choice(TITLES)
    if title == LIBRARYS and (text or edits or preset != "ringfence"):
        title += ", and more"  # the library's own titles are for its own policies
    return Slot("mine" if text else preset, title, tuple(edits), text)


def selection(luck: random.Random, own: Boards | None) -> Selection:
    slots = tuple(slot(luck) for _ in range(luck.randint(0, 3)))
    years = luck.choice(("", "2027/28", "2028/29-2029/30"))
    return Selection((TODAYS_RULES, *slots), luck.choice(OUTCOMES), years, luck.randint(0, 2**31 - 1), 250, own=own)


def answer(chosen: Selection) -> AnswerView:
    n = 100
    results = run_many(chosen.scenarios, futures=draw_futures(n, seed=chosen.seed), boards=chosen.boards)
    return view_answer(Answer(chosen, results, True))


def typed(line: str) -> tuple[int, str, Any]:
    program, *words = shlex.split(line)
    assert program == "ringfence"
    result = CliRunner().invoke(app, [*words, "--json"], prog_name="ringfence")
    return result.exit_code, result.stderr, json.loads(result.stdout) if result.exit_code == 0 else None


def numbers(view: AnswerView, found: Any) -> None:
    """The answer of the line is what is on the screen."""
    if not view.main:
        assert found["outcomes"][0]["mean"] == float(view.baseline.outcome(view.outcome, view.span).mean())
        return
    for comparison, c, run in zip(found["comparisons"], view.main, view.runs[1:], strict=True):
        assert (comparison["mean"], comparison["difference"], tuple(comparison["likely"])) == (
            c.new_mean,
            c.difference,
            c.likely,
        )
        assert comparison["manifest"]["scenario_fingerprint"] == run.manifest.scenario_fingerprint


@pytest.mark.parametrize("part", range(4))
def test_the_lines_give_the_numbers_on_the_screen_or_say_which_file_is_another(
    part: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    luck = random.Random(part)
    for at in range(SETUPS // 4):
        place = tmp_path / str(at)
        place.mkdir()
        monkeypatch.chdir(place)
        data = table(luck)
        own = read_boards(data, "our-boards.csv") if luck.random() < 0.8 else None
        chosen = selection(luck, own)
        view = answer(chosen)
        line = data_exports.list_commands(view)[0]
        for name, one in list(zip(make_file_names(chosen.scenarios), chosen.scenarios, strict=True))[1:]:
            Path(name).write_text(one.to_yaml(), encoding="utf-8")
        Path("our-boards.csv").write_bytes(data)
        code, message, found = typed(line)
        assert code == 0, (line, message)
        numbers(view, found)
        for file in view.recipe.files:
            content = Path(file.name).read_bytes()
            other = table(luck) if file.name.endswith(".csv") else load_scenario("no-letter").to_yaml().encode()
            Path(file.name).write_bytes(other)
            code, message, _ = typed(line)
            assert code == 1 and file.fingerprint in message and file.name in message and "Traceback" not in message
            Path(file.name).unlink()
            code, message, _ = typed(line)
            assert code == 1 and file.fingerprint in message and file.name in message
            Path(file.name).write_bytes(content)


def test_boards_that_were_uploaded_are_named_by_their_fingerprint_wherever_a_source_stands() -> None:
    own = read_boards(table(random.Random(9)), "our-boards.csv")
    view = answer(Selection((TODAYS_RULES, Slot("ringfence")), futures=250, own=own))
    mark = own.fingerprint
    text = " ".join(provenance.list_needs(view.recipe))
    assert f"the file you uploaded, fingerprint {mark}" in text and "our-boards.csv" in text
    assert mark in write_provenance_line(view)
    assert mark in provenance.write_citation(view, "The answer")
    line = data_exports.list_commands(view)[0]
    assert f"--boards our-boards.csv@{mark}" in line
    drawn = charts.export_cards(view)
    assert shlex.quote(f"our-boards.csv@{mark}") in make_chart_csv(drawn).decode("utf-8-sig")
    assert f"our-boards.csv@{mark}" in make_chart_svg(drawn).decode()
    assert json.loads(data_exports.make_csv_description(view))["ringfence:command"] == line


def test_scenarios_of_one_title_are_told_apart_in_every_table() -> None:
    slots = [Slot("ringfence", "Mine", (LeverEdit("audit", value),)) for value in (0.2, 0.4)]
    view = answer(Selection((TODAYS_RULES, *slots), futures=250))
    titles = [row[1] for row in charts.export_cards(view).rows]
    assert len(set(titles)) == 3
    assert len({c.new for c in view.main}) == 2


def test_files_have_the_letters_and_colours_that_scenarios_keep_when_another_is_removed() -> None:
    whole = Selection((TODAYS_RULES, Slot("ringfence"), Slot("leadership"), Slot("both")), futures=250)
    view = answer(whole.without_slot(1))
    for export in (charts.export_cards, charts.export_fan_chart, charts.export_comparisons, charts.export_cascade):
        chart = export(view)
        assert {row[0] for row in chart.rows} | {"A"} == {"A", "C", "D"}
        assert STYLES[1].colour not in chart.svg and STYLES[2].colour in chart.svg, export
    assert {line[0] for line in data_exports.make_csv(view).decode("utf-8-sig").splitlines()[1:]} == {"A", "C", "D"}
    assert [card.heading[-7:] for card in write_sentences(view)[1:]] == ["C or D?"] * 2
    trace = make_trace(view)
    assert [*trace["scenarios"]] == ["A", "C", "D"] and {each["scenario"] for each in trace["numbers"]} == {*"ACD"}
    slides = "".join(slide.body for slide in make_slides(view))
    assert {*re.findall(r'class="letter"[^>]*>(.)<', slides)} == {*"ACD"} and STYLES[1].colour not in slides
    figures = data_exports.prepare_briefing(view, dt.date(2026, 11, 29)).figures
    assert all(STYLES[1].colour not in figure.svg and STYLES[2].colour in figure.svg for figure in figures)
