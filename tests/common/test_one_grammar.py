"""One table of spellings goes through every door: files, designs, options, links, notebook functions and tables.

What one door takes, all take, and to the same value; what one refuses, all refuse in a sentence that quotes it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args, get_type_hints

import numpy as np
import pytest
import typer
from for_each import for_each

from dashboards.selection.permalink import restore
from dashboards.selection.selection import Selection
from dashboards.selection.selection import make_opening_selection as opening_choice
from dashboards.widgets.toolbar import parse_seed
from simulator.agents.explain import _find_period
from simulator.boards.table import parse_boards
from simulator.commands import cli, compare, run
from simulator.commands import package_search as package
from simulator.commands.shared import inputs
from simulator.common import characters, near_names, numbers
from simulator.common.formatting import count_both_ways, count_cases
from simulator.common.numbers import NotReadableError, read_number
from simulator.common.paths import expand_path
from simulator.common.yaml_nodes import Problems
from simulator.declarations.calendar import parse_quarter, parse_year, parse_years, quarter_name, span_name, year_name
from simulator.declarations.parameters import PARAMETERS
from simulator.experiments.core.design_parser import DesignError, parse_design
from simulator.experiments.core.model_protocol import Factor
from simulator.replays.replay import load_replay
from simulator.runs.futures import draw_futures, given_futures
from simulator.runs.results import Results
from simulator.runs.run import run as run_scenario
from simulator.runs.run import run_in_parts
from simulator.scenarios.scenario import load_scenario, parse_scenario
from simulator.studies.model_function import ModelFunction
from simulator.sweeps.design_file import parse_design_file

pytestmark = pytest.mark.interface

WHY = "because: b, assumption: true, evidence: []"
SHARE = next(name for name, d in PARAMETERS.items() if (d.about.low, d.about.high) == (0, 1))
REFUSED = (ValueError, LookupError, typer.BadParameter)
Door = Callable[[str], Any]


def changed(change: str) -> Any:
    return parse_scenario(f"title: T\nquestion: Q?\nchanges:\n  audit: {{{change}, {WHY}}}\n").changes[0]


def swept(lines: str) -> Any:
    notes = Problems("design.yaml")
    design_file = parse_design_file(f"kind: grid\n{lines}\n", Path("design.yaml"), notes)
    if design_file is None or notes.problems:
        raise ValueError("\n".join(map(str, notes.problems)))
    return design_file


def replayed(tmp: Path, line: str) -> Any:
    path = tmp / "w.yaml"
    head = "title: T\nquestion: Q?\nboards: 5 equal bodies\nstarts: 2019/20\nyears: 1\nfirst_plan: Q1\n"
    path.write_text(f"{head}{line}\nobserve:\n  x: {{measure: spent}}\n", encoding="utf-8")
    return load_replay(path)


def option(command: Callable[..., object], name: str) -> Door:
    """The reading of an option, as the program gives it to its command."""
    typer.main.get_command(cli.app).load_all()  # type: ignore[attr-defined] # each is given the grammar when loaded
    return next(info for info in get_args(get_type_hints(command, include_extras=True)[name])[1:]).parser


def row(column: str, text: str) -> float:
    cells = {
        "code": "A",
        "name": "Ay",
        "fund_m": "3",
        "weight_m": "900",
        "target_distance_pct": "1",
        "core20_pct": "20",
        "region": "N",
    } | {column: f'"{text}"'}
    data = f"{','.join(cells)}\n{','.join(cells.values())}\n".encode()
    areas = parse_boards(data, "mine.csv").areas
    return float({"fund_m": areas["alloc"], "core20_pct": areas["core20"]}[column][0])


# Numbers.

HALF = ("0.5", ".5", "0.50", "5e-1", "+0.5", "50%", "50 %", "50 points", "０.5", "0.5\u00a0", "\u200b0.5", "50\u2009%")
NO_NUMBER = ("0,5", "0,500", "-00,125", "half", "0.5.5", "--0.5", "nan", "0x1", "50%%", "1 2", "1,00", "x\u00a0y")
NUMBER_DOORS: dict[str, Door] = {
    "scenario": lambda text: changed(f"to: {text}, from: 2027/28").value,
    "path of a scenario": lambda text: changed(f"path: {{2027/28: {text}}}").path[0][1],
    "with_lever": lambda text: load_scenario("baseline").with_lever("audit", text).lever("audit")[-1],  # type: ignore[arg-type]
    "design": lambda text: swept(f"factors: {{audit: [{text}]}}").design.factors[0].prior.values[0],
    "design in Python": lambda text: (
        parse_design({"kind": "grid", "factors": {"x": [text]}}, [Factor("x", 0, 1, 0)]).factors[0].prior.values[0]
    ),
    "--lever": lambda text: inputs.read_levers([f"audit={text}"])["audit"],
    "--set": lambda text: inputs.read_settings([f"{SHARE}={text}"])[SHARE],
    "--cost": lambda text: package.read_prices([f"audit={text}"], {"audit": 1.0})[0]["audit"],
    "--target": lambda text: option(package.package, "target")(text),
    "--until": lambda text: option(compare.compare, "until")(text),
    "settings": lambda text: dict(draw_futures(1, settings={SHARE: text}).settings)[SHARE],  # type: ignore[dict-item]
    "given_futures": lambda text: given_futures({SHARE: [text]}).points[PARAMETERS[SHARE].group][SHARE][0],
}


@for_each(NUMBER_DOORS, HALF)
def test_a_number_is_the_same_at_every_door(door: str, text: str) -> None:
    if door == "--cost" and ("%" in text or "point" in text):  # a cost is an amount, of which nothing is a per cent
        with pytest.raises(REFUSED):
            NUMBER_DOORS[door](text)
        return
    assert NUMBER_DOORS[door](text) == 0.5


@for_each(NUMBER_DOORS, NO_NUMBER)
def test_what_is_no_number_is_refused_at_every_door_and_quoted(door: str, text: str) -> None:
    if "," in text and door in ("scenario", "path of a scenario", "design"):
        text = f"'{text}'"  # a comma ends a value in braces
    with pytest.raises(REFUSED) as caught:
        NUMBER_DOORS[door](text)
    text_shown = str(getattr(caught.value, "message", caught.value))
    assert characters.make_visible(text.strip("'")) in text_shown or characters.normalise_text(text) in text_shown, (
        text_shown
    )
    assert "could not convert" not in text_shown and "\ufffd" not in text_shown


def test_a_number_in_a_replay_and_in_a_table_follows_the_same_grammar(tmp_path: Path) -> None:
    for text in HALF:
        replay_read = replayed(tmp_path, f"levers:\n  audit: {{to: {text}, {WHY}}}")
        assert replay_read.schedule[_group("audit")]["audit"][0] == 0.5
        if "%" not in text and "points" not in text:
            assert row("fund_m", text) == 0.5
    assert row("core20_pct", "50%") == row("core20_pct", "50") == 0.5
    for text in NO_NUMBER:
        with pytest.raises(ValueError, match="is not a number"):
            row("fund_m", text)


def _group(lever: str) -> str:
    from simulator.declarations.levers import LEVERS

    return LEVERS[lever].group


# On and off.

ON = ("on", "ON", "On", "true", "True", "TRUE", "yes", "Yes", "1", "\u200bon")
OFF = ("off", "Off", "false", "False", "no", "NO", "0", "off\u00a0")
SWITCH_DOORS = [
    name
    for name in NUMBER_DOORS
    if name
    in (
        "scenario",
        "path of a scenario",
        "with_lever",
        "design",
        "design in Python",
        "--lever",
    )
]


@for_each(SWITCH_DOORS, (*ON, *OFF))
def test_a_lever_can_be_turned_on_and_off_in_the_same_words_at_every_door(door: str, text: str) -> None:
    value = float(text in ON)
    assert NUMBER_DOORS[door](text) == value
    assert numbers.parse_switch(text) is bool(value)


@for_each(SWITCH_DOORS, ["maybe", "y", "2", "onn"])
def test_a_word_for_neither_on_nor_off_is_refused_at_every_door(door: str, text: str) -> None:
    with pytest.raises(REFUSED, match=text):
        NUMBER_DOORS[door](text)


@pytest.mark.parametrize("text", [text for text in (*ON, *OFF) if text not in ("0", "1")])
def test_an_assumption_is_marked_in_the_same_words_and_a_wrong_one_is_told_once(text: str) -> None:
    scenario_text = (
        "title: T\nquestion: Q?\nchanges:\n  audit: {to: 1, from: 2027/28, because: b, evidence: [E60], assumption: "
    )
    assert parse_scenario(f"{scenario_text}{text}}}\n").changes[0].assumption is numbers.parse_switch(text)
    with pytest.raises(ValueError) as caught:
        parse_scenario(f"{scenario_text.replace('[E60]', '[]')}perhaps}}\n")
    assert str(caught.value).count("\n") == 0


# Quarters and spans of years.

QUARTER = (
    "2027/28 Q2",
    "2027-28 Q2",
    "2027/28Q2",
    "2027/2028 q2",
    "Q2 2027/28",
    "2027–28 Q2",
    "2027/28\u00a0Q2",
    "FY2027/28 Q2",
    "２０27/28 Q2",
    "2027/28 -Q2",
    "\ufeff2027/28 Q2",
)
NO_QUARTER = ("2027 Q2", "2027/29 Q2", "2027/28 Q5", "Q2", "soon", "27/28 Q2", "2027/28\u00a0Q9")
QUARTER_DOORS: dict[str, Door] = {
    "scenario": lambda text: changed(f"to: 1, from: '{text}'").start,
    "until": lambda text: changed(f"to: 1, from: 2023/24, until: '{text}'").end,
    "path of a scenario": lambda text: changed(f"path: {{'{text}': 1}}").path[0][0],
    "design": lambda text: swept(f"from: '{text}'\nfactors: {{audit: [0]}}").simulate.first,
    "starting": lambda text: load_scenario("ringfence").starting(text).start,
    "with_lever": lambda text: load_scenario("baseline").with_lever("audit", 1, start=text).start,
    "ModelFunction": lambda text: ModelFunction(start=text).first,
    "why": lambda text: _find_period(None, text)[0],
}


@for_each(QUARTER_DOORS, QUARTER)
def test_a_quarter_is_the_same_at_every_door(door: str, text: str) -> None:
    assert QUARTER_DOORS[door](text) == 21


@for_each(QUARTER_DOORS, NO_QUARTER)
def test_what_is_no_quarter_is_refused_at_every_door_with_an_example(door: str, text: str) -> None:
    with pytest.raises(REFUSED, match="is not a quarter; write it like 2023/24 Q3") as caught:
        QUARTER_DOORS[door](text)
    assert "\ufffd" not in str(caught.value)


SPAN = (
    "2027/28-2029/30",
    "2027/28 - 2029/30",
    "2027/28–2029/30",
    "2027/28 — 2029/30",
    "2027/28 to 2029/30",
    "2027-28 to 2029-30",
    "2027-28-2029-30",
    "2027/28\u00a0to\u00a02029/30",
    "from 2027/28 to 2029/30",
    "2027/2028 until 2029/2030",
)
NO_SPAN = ("2027", "2029/30-2027/28", "2027/29", "2027-2030", "2027/28 to", "2012/13", "soon", "2027/28, 2028/29")
SPAN_DOORS: dict[str, Door] = {
    "design": lambda text: swept(f"years: '{text}'\nfactors: {{audit: [0]}}").simulate.span,
    "ModelFunction": lambda text: ModelFunction(years=text).span,
    "--years": lambda text: parse_years(text),
    "results": lambda text: _results().span(text),
    "link": lambda text: parse_years(_kept(f"?v=1&y={text}").years),
    "dashboard": lambda text: parse_years(Selection(opening_choice().slots, years=text).years),
}


def _results() -> Results:
    return run_scenario("baseline", 2)


def _kept(query: str) -> Selection:
    restored = restore(query.replace("%", "%25").replace("+", "%2B"))
    if any("cannot be kept" in note for note in restored.notes):
        raise ValueError("\n".join(restored.notes))
    return restored.selection


@for_each(SPAN_DOORS, SPAN)
def test_a_span_of_years_is_the_same_at_every_door(door: str, text: str) -> None:
    assert SPAN_DOORS[door](text) == slice(5, 8)


@for_each(SPAN_DOORS, NO_SPAN)
def test_what_is_no_span_of_years_is_refused_at_every_door(door: str, text: str) -> None:
    with pytest.raises(REFUSED, match="is not a span of years"):
        SPAN_DOORS[door](text)


def test_what_the_program_prints_of_time_is_taken_back() -> None:
    for quarter in range(32):
        assert parse_quarter(quarter_name(quarter)) == quarter
    for first in range(8):
        assert parse_year(year_name(first)) == first
        for last in range(first, 8):
            assert parse_years(span_name(first, last)) == slice(first, last + 1)
    assert parse_years("2027/28-") == parse_years("2027/28 on") == parse_years("from 2027/28") == slice(5, 10_001)


def test_a_calendar_year_is_asked_about_and_never_guessed() -> None:
    for read, given, words in (
        (parse_year, 2027, "did you mean 2027/28, April 2027 to March 2028?"),
        (parse_years, "2027", "did you mean 2027/28, April 2027 to March 2028?"),
        (parse_quarter, "2027 Q4", "did you mean 2027/28 Q4, January to March 2028?"),
    ):
        with pytest.raises(ValueError) as caught:
            read(given)
        assert words in str(caught.value)


# Seeds and counts.

SEEDS = (("7", 7), ("7.0", 7), ("1,000", 1000), ("1e3", 1000), ("７", 7), ("7\u00a0", 7), (str(2**64 - 1), 2**64 - 1))
NO_SEED = ("-1", str(2**64), "1" * 5_000, "1.5", "seven", "7%", "0x7")
SEED_DOORS: dict[str, Door] = {
    "draw_futures": lambda text: draw_futures(1, seed=text).seed,  # type: ignore[arg-type]
    "given_futures": lambda text: given_futures({SHARE: [0.5]}, seed=text).seed,  # type: ignore[arg-type]
    "ModelFunction": lambda text: ModelFunction(luck_seed=text).luck_seed,  # type: ignore[arg-type]
    "design": lambda text: swept(f"seed: {text}\nfactors: {{audit: [0]}}").design.seed,
    "--seed of compare": lambda text: option(compare.compare, "seed")(text),
    "--seed of run": lambda text: option(run.run, "seed")(text),
    "link": lambda text: _kept(f"?v=1&seed={text[:40]}").seed,  # a longer part of a link is left out
    "dashboard": lambda text: Selection(opening_choice().slots, seed=parse_seed(text)).seed,
}


@for_each(SEED_DOORS, SEEDS)
def test_a_seed_is_the_same_at_every_door(door: str, seed: tuple[str, int]) -> None:
    text, value = seed
    assert SEED_DOORS[door](text) == value


@for_each(SEED_DOORS, NO_SEED)
def test_what_is_no_seed_is_refused_at_every_door_with_the_one_range(door: str, text: str) -> None:
    with pytest.raises(REFUSED) as caught:
        SEED_DOORS[door](text)
    text_shown = str(getattr(caught.value, "message", caught.value))
    assert f"is not a seed; write a whole number from 0 to {2**64 - 1}" in text_shown
    assert len(text_shown) < 400


@pytest.mark.parametrize("given", [7, 7.0, np.int64(7), np.float64(7), "7"])
def test_a_notebook_may_give_a_whole_number_as_its_tables_hold_it(given: Any) -> None:
    assert draw_futures(given, seed=given).seed == len(draw_futures(given)) == 7


COUNTS = (("10000", 10_000), ("10,000", 10_000), ("1e4", 10_000), ("10k", 10_000), ("10_000", 10_000), ("10.0", 10))


@pytest.mark.parametrize(("text", "value"), COUNTS)
def test_a_count_is_the_same_as_an_option_in_a_design_and_in_a_notebook(text: str, value: int) -> None:
    assert option(compare.compare, "n")(text) == value
    assert len(draw_futures(text)) == value  # type: ignore[arg-type]
    assert swept(f"runs: {text}\nfactors: {{audit: [0]}}").design.runs == value


@pytest.mark.parametrize("text", ["0", "-5", "2.5", "many", "10%", "1,00", "500001"])
def test_what_is_no_count_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="is not a whole number from 1 to 500,000"):
        option(compare.compare, "n")(text)
    with pytest.raises(ValueError, match="the number of futures at once must be 1 to 500,000"):
        draw_futures(text)  # type: ignore[arg-type]


def test_every_option_for_a_number_reads_it_by_the_one_grammar() -> None:
    top = typer.main.get_command(cli.app).load_all()  # type: ignore[attr-defined]
    loaded = [command for each in top.values() for command in (each, *getattr(each, "commands", {}).values())]
    commands = [command.callback for command in loaded if command.callback is not None]
    read = 0
    for command in commands:
        for hint in get_type_hints(command, include_extras=True).values():
            kind, *extras = get_args(hint) or (hint,)
            if any(leaf in (int, float) for leaf in (kind, *get_args(kind), *map(_first, get_args(kind)))):
                assert all(info.parser for info in extras), command
                read += len(extras)
    assert read > 30


def _first(kind: Any) -> Any:
    return next(iter(get_args(kind)), None)


@pytest.mark.parametrize("n", [-5, 0, 2.5, "many", True])
def test_parts_of_no_futures_are_refused_at_once(n: Any) -> None:
    with pytest.raises(ValueError, match=r"run_in_parts\(n=.* whole number of 1 or more"):
        run_in_parts("baseline", n)
    with pytest.raises(ValueError, match=r"run_in_parts\(part=.* whole number of 1 or more"):
        run_in_parts("baseline", 10, part=n)


def test_a_notebook_is_told_in_a_sentence_what_it_gave_amiss() -> None:
    import pandas as pd

    with pytest.raises(ValueError, match="more than once; keep one of each"):
        given_futures(pd.DataFrame([[0.1, 0.2]], columns=[SHARE, SHARE]))
    with pytest.raises(ValueError, match="did you mean 2027/28"):
        _find_period(2027, None)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="did you mean 2027/28"):
        _results().span(2027)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"nowhere\.csv: there is no such file"):
        run_scenario("baseline", 2, boards="nowhere.csv")
    with pytest.raises(DesignError, match="is not a number"):
        parse_design({"kind": "grid", "factors": {"x": [None]}}, [Factor("x", 0, 1, 0)])


def test_a_table_of_boards_may_be_named_by_its_file(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(
        "code,name,fund_m,weight_m,target_distance_pct,core20_pct,region\nA,Ay,3,1500,1,20,N\nB,Bee,2,1100,2,30,N\n"
    )
    assert run_scenario("baseline", 2, boards=str(path)).manifest.boards == "x.csv"


# Files.


def test_a_home_folder_and_variables_are_put_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("TABLES", str(tmp_path / "t"))
    assert expand_path("~/a.csv") == tmp_path / "a.csv"
    assert expand_path("$TABLES/a.csv") == expand_path("${TABLES}/a.csv") == expand_path("%TABLES%/a.csv")
    assert expand_path("$TABLES/a.csv") == tmp_path / "t" / "a.csv"
    assert expand_path("plain.csv") == Path("plain.csv")
    with pytest.raises(ValueError, match="there is no variable NOWHERE_AT_ALL"):
        expand_path("$NOWHERE_AT_ALL/a.csv")


def test_a_file_whose_name_holds_a_dollar_is_itself(tmp_path: Path) -> None:
    odd = tmp_path / "$cash.yaml"
    odd.write_text("title: T\nquestion: Q?\n", encoding="utf-8")
    assert expand_path(odd) == odd
    assert load_scenario(str(odd)).title == "T"


# Characters and near names.


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a\u200bb", "a<zero width space>b"),
        ("a\u00a0b", "a<no-break space>b"),
        ("\ufeff", "<zero width no-break space>"),
        ("a\x1bb", "a<character U+001B>b"),
        ("a\u202eb", "a<right-to-left override>b"),
        ("−1", "−1"),
    ],
)
def test_a_character_that_cannot_be_seen_is_called_by_its_name(text: str, words: str) -> None:
    assert characters.make_visible(text) == words


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("Ring Fence", "ring-fence"),
        ("ring_fense", "ring-fence"),
        ("RINGFENCE", "ring-fence"),
        ("zzz", ""),
    ],
)
def test_a_near_name_is_offered_whatever_its_capitals_spaces_and_hyphens(typed: str, offered: str) -> None:
    assert near_names.did_you_mean(typed, ["ring-fence", "audit"]) == (f"did you mean '{offered}'?" if offered else "")


def test_only_one_place_looks_for_near_names() -> None:
    root = Path(cli.__file__).parents[2]
    names = [
        path.name
        for folder in ("simulator", "dashboards")
        for path in (root / folder).rglob("*.py")
        if "difflib" in path.read_text(encoding="utf-8")
    ]
    assert names == ["near_names.py"]


@pytest.mark.parametrize("text", ["0,750", "0,001", "-0,125", "00,123"])
def test_a_comma_after_a_zero_is_a_decimal_comma_and_refused(text: str) -> None:
    with pytest.raises(NotReadableError, match="is not a number"):
        read_number(text)


@pytest.mark.parametrize("more", [0, 3, 5, 200, 333, 498, 504, 666, 989, 992, 997, 1_000])
def test_counts_of_all_futures_add_up_to_a_hundred_and_are_alike_from_either_side(more: int) -> None:
    for less in range(1_001 - more):
        same = 1_000 - more - less
        counts = count_both_ways(more, less, same, 1_000)
        assert sum(counts) == 100 and min(counts) >= 0 and (same or not counts[2])
        assert counts[:2] == (count_cases(more, 1_000), count_cases(less, 1_000))
        assert count_both_ways(less, more, same, 1_000) == (counts[1], counts[0], counts[2])
