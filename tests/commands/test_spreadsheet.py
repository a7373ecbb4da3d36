"""Whatever a policy is called, a table opens in a spreadsheet as text, and a printed command is one command."""

from __future__ import annotations

import ast
import csv
import io
import json
import re
import shlex
from pathlib import Path

import pytest
from cli_runs import good, ring
from hypothesis import given
from hypothesis import strategies as st
from syntax import walk

from simulator.common.spreadsheet import make_cell_safe, make_line_safe
from simulator.scenarios.scenario import load_scenario

pytestmark = pytest.mark.interface

ROOT = Path(__file__).parents[2]
TITLES = ("=cmd|' /C calc'!A0", "+SUM(A1)", "-2+3", "@SUM(A1)", "＝1+1", " =1+1")
FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]")
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?(e[+-]?\d+)?")


def hostile(folder: Path) -> list[str]:
    """Files of policies with titles that a spreadsheet would run."""
    names = []
    for at, title in enumerate(TITLES):
        text = load_scenario("baseline").with_lever("named", (at + 1) / 10).to_yaml()
        lines = [f"title: {json.dumps(title)}" if line.startswith("title:") else line for line in text.splitlines()]
        names.append(f"p{at}.yaml")
        (folder / names[-1]).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return names


def cells(text: str) -> list[str]:
    return [cell for row in csv.reader(io.StringIO(text)) for cell in row]


@pytest.mark.parametrize(
    "words",
    [
        ("compare", "-n", "8"),
        ("run", "-n", "8"),
        ("robust", "--draws", "20", "--lucks", "1", "--structures", "0"),
        ("attribute", "-n", "8"),
        ("split", "--draws", "20", "--lucks", "2"),
    ],
)
def test_no_cell_of_a_table_of_the_command_line_is_a_formula(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names = hostile(tmp_path)
    names = names if words[0] in ("compare", "robust") else names[:1]
    cell_texts = cells(good(words[0], *names, *words[1:], "--csv"))
    assert [cell for cell in cell_texts if FORMULA.match(cell) and not NUMBER.fullmatch(cell)] == []
    if words[0] == "compare":
        assert {f"'{title.strip()}" for title in TITLES} <= set(cell_texts)


def test_every_module_that_writes_a_table_uses_the_one_guard() -> None:
    writers = {}
    for path in [*ROOT.glob("simulator/**/*.py"), *ROOT.glob("dashboards/**/*.py")]:
        names = {
            node.attr for node in walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Attribute)
        }
        text = path.read_text(encoding="utf-8")
        if "to_csv" in names or "csv.writer(" in text or "DictWriter" in names:
            writers[path.name] = "simulator.common.spreadsheet import" in text or "map(make_cell_safe).to_csv" in text
    assert len(writers) >= 4
    assert [name for name, guarded in writers.items() if not guarded] == []


@given(st.text(max_size=20))
def test_a_cell_never_begins_a_formula_and_plain_words_stay(text: str) -> None:
    cell = make_cell_safe(text)
    assert isinstance(cell, str)
    assert not FORMULA.match(cell) or re.fullmatch(r"\s*[+-]?\d+(\.\d+)?(e[+-]?\d+)?%?\s*", cell, re.IGNORECASE)
    if cell != text:
        assert cell.startswith("'") or "\r" in text or "\n" in text


@given(st.text(alphabet='=+-@,;" ab\t\n', max_size=20))
def test_a_note_that_is_cut_at_its_commas_begins_no_formula(text: str) -> None:
    parts = re.split(r"[,;]", make_line_safe(f"title: {text}"))
    assert [part for part in parts if re.match(r"\s*\"?\s*[=+\-@]", part)] == []


def test_what_is_printed_to_be_typed_next_is_quoted_for_the_shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run_result = ring("scenarios", "new", "Mine", "--out", "it's; mine.yaml")
    line = run_result.stderr.strip().rpartition("then: ")[2]
    assert shlex.split(line) == ["ringfence", "scenarios", "check", "it's; mine.yaml"]
    assert "ok" in good(*shlex.split(line)[1:])
    table = tmp_path / "$(boards).csv"
    table.write_text(
        "code,name,fund_m,weight_m,target_distance_pct,core20_pct,region\nQE1,A,7.5,3500,1,30,North\n"
        "QKK,B,6.4,3300,-2,12,South\n",
        encoding="utf-8",
    )
    line = good("boards", "check", table.name).strip().splitlines()[-1].rpartition("with: ")[2]
    assert shlex.split(line) == ["ringfence", "compare", "--boards", table.name]
