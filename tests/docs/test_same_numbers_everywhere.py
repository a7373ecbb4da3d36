"""README, `compare`, report, dashboard and explorer begin with the same futures and give the same numbers."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from simulator.common.formatting import format_difference_range
from simulator.experiments.core.paired_comparison import Comparison
from simulator.runs.futures import DEFAULT_N, SEED, draw_futures
from simulator.scenarios.headline import HEADLINE
from simulator.scenarios.scenario import load_scenario

pytest.importorskip("panel", reason="the dashboard is not installed: pip install -e '.[dashboard]'")

from dashboards.computing.answer_view import AnswerView
from dashboards.offline import explorer
from dashboards.offline.commands import explorer as explorer_command
from dashboards.offline.page_answer import make_answer
from dashboards.offline.site.commands import site as site_command
from dashboards.selection.selection import Selection, make_opening_selection
from simulator.boards.table import read_boards
from simulator.calibration.scoreboard import scoreboard
from simulator.commands import compare as compare_command
from simulator.commands.report import report as report_command
from simulator.reports.content import make_intervals
from simulator.reports.page import make_study, write
from simulator.reports.pdf_content import make_number_rows
from simulator.reports.sentences import describe_gap, describe_gap_range, format_levels

ROOT = Path(__file__).parents[2]
OUTCOMES = ("retained", "additional")


def say(comparisons: Sequence[Comparison]) -> list[tuple[str, ...]]:
    """What is printed of comparisons that stand together."""
    return [
        (
            c.new,
            c.outcome.label.lower(),
            level,
            c.signed_gap,
            c.margin_words,
            format_difference_range(*c.likely, c.outcome.change_unit),
            c.better_in,
            c.verdict_words,
        )
        for c, level in zip(comparisons, format_levels(comparisons)[1:], strict=True)
    ]


def test_every_way_in_begins_with_the_same_number_of_futures_and_the_same_seed() -> None:
    commands = (compare_command.compare, report_command, explorer_command, site_command)
    for command in commands:
        defaults = inspect.signature(command).parameters
        assert (defaults["n"].default, defaults["seed"].default) == (DEFAULT_N, SEED), command
    for function in (write, scoreboard, draw_futures):
        assert inspect.signature(function).parameters["n"].default == DEFAULT_N
    for selection in (Selection(), make_opening_selection()):
        assert (selection.futures, selection.seed) == (DEFAULT_N, SEED)
    assert explorer.FUTURES == DEFAULT_N


def test_headline_numbers_are_the_same_wherever_they_are_printed() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = text.partition("<!-- answers")[2].partition("<!-- end of answers -->")[0]
    lines = [line.strip("| ").split(" | ") for line in block.splitlines() if line.startswith("|")]
    readme = [tuple(line) for line in lines[2:]]

    futures = draw_futures()
    study = make_study([load_scenario(name) for name in HEADLINE], futures)
    report = [line for outcome in OUTCOMES for line in say(study.of(outcome))]
    assert readme == report
    drawn = [interval.value for outcome in OUTCOMES for interval in make_intervals(study.of(outcome))]
    printed = [row[2] for outcome in OUTCOMES for row in make_number_rows(study.of(outcome))]
    assert [line[3] for line in report] == printed, "in the printed table"
    told = [re.sub(r"^(\S+) (more|less)$", lambda m: "+−"[m[2] == "less"] + m[1], words) for words in drawn]
    assert told == printed, "in the report's pictures, in words"

    for outcome in OUTCOMES:
        expected = [line for line in report if line[1] == study.of(outcome)[0].outcome.label.lower()]
        compared = compare_command.compare_scenarios(None, outcome=outcome)
        assert say(compared.comparisons) == expected
        document = json.loads(json.dumps(compare_command.make_answer(compared).document, default=str))
        assert [c["difference"] for c in document["comparisons"]] == [c.difference for c in study.of(outcome)]
        view = AnswerView(study.scenarios, study.runs, {}, read_boards(), outcome=outcome)
        assert say(view.main) == expected
        page = make_answer(study.runs, outcome)
        shown = next(group["rows"] for group in page["differences"] if group["outcome"] == outcome)
        told = [(describe_gap(c), describe_gap_range(*c.likely, c), c.verdict) for c in study.of(outcome)]
        assert [(row["change"], row["range"], row["verdict"]) for row in shown] == told
        assert [row["difference"] for row in shown] == [c.difference for c in study.of(outcome)]


def test_a_number_that_is_changed_in_readme_is_noticed() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    stated = re.search(r"\| (\+£[\d.]+) \|", text)
    assert stated is not None
    [expected] = say(make_study([load_scenario(HEADLINE[0])], draw_futures()).of("retained"))
    assert expected[3] == stated[1]
    assert expected[3] != stated[1].replace("+", "+1")
