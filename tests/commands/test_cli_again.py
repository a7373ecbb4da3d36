"""Commands that ask about the model take the same boards, and say how to make their answer again."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from cli_runs import bad, document, good

from simulator.boards.table import read_boards

pytestmark = pytest.mark.interface

DRAWS = ("--draws", "12", "--replicates", "2")
QUESTIONS = {
    "attribute": ("ringfence+leadership", "-n", "16"),
    "split": ("ringfence", *DRAWS),
    "sensitivity": ("ringfence", "--size", "200", "--replicates", "1", "--over", "plan_base,pull_chief"),
    "discover": ("ringfence", "--below", "0.75", "--points", "200", "--over", "plan_base,pull_chief"),
    "equals": ("leader_lift", "--to", "committee=1", *DRAWS, "--between", "0", "0.6"),
    "package": ("--lever", "committee=1", "--cost", "committee=1", "--draws", "10", "--packages", "4"),
    "learn": ("--ask", "pull_chief", "--draws", "200", "--replicates", "2"),
    "robust": (*DRAWS, "--structures", "0", "--threshold", "0.5"),
}


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Five boards of the 42, in a file of one's own."""
    lines = (Path(__file__).parents[2] / "simulator" / "data" / "boards.csv").read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if not line.startswith("#")]
    file = tmp_path / "my boards.csv"
    file.write_text("\n".join(rows[:6]) + "\n", encoding="utf-8")
    return file


def without_command(answer: Any) -> str:
    return json.dumps({key: value for key, value in answer.items() if key != "command"}, sort_keys=True)


@pytest.mark.parametrize("command", QUESTIONS)
def test_an_answer_on_boards_of_ones_own_is_made_again_by_its_command(command: str, table: Path) -> None:
    mine = document(command, *QUESTIONS[command], "--boards", table)
    words = shlex.split(mine["command"])
    assert words[:2] == ["ringfence", command] and "--boards" in words and "--seed" in words
    again = document(*words[1:])
    assert without_command(again) == without_command(mine)
    assert again["command"] == mine["command"]
    assert without_command(document(command, *QUESTIONS[command])) != without_command(mine)


def test_a_badge_names_boards_of_ones_own_by_their_fingerprint(table: Path) -> None:
    mine = document("split", "ringfence", *DRAWS, "--boards", table)
    assert f"boards: {table.name} (fingerprint {read_boards(table).fingerprint})" in mine["badge"]
    assert "fingerprint" not in document("split", "ringfence", *DRAWS)["badge"]


@pytest.mark.parametrize("command", ["sensitivity", "discover"])
def test_the_answer_is_written_where_out_says(command: str, tmp_path: Path) -> None:
    good(command, *QUESTIONS[command], "--out", tmp_path / "x.csv")
    assert (tmp_path / "x.csv").read_text(encoding="utf-8").startswith("factor,")


UNTIL = ("compare", "leadership", "--until", "0.05", "--most", "400")
WHY = ("why", "ringfence", "--run", "3", "--board", "QWE", "--year", "2027/28", "--against", "leadership")


@pytest.mark.parametrize("words", [UNTIL, WHY])
def test_the_command_expects_its_answer_and_refuses_another(words: tuple[str, ...]) -> None:
    answer = document(*words)
    again = shlex.split(answer["command"])
    assert "--expect" in again
    assert without_command(document(*again[1:])) == without_command(answer)
    assert "--expect" in bad(*again[1:], "--seed", "5")
    assert "leave out --expect" in bad(*words, "--expect", "0123456789ab")


def test_an_answer_that_stops_elsewhere_is_another_answer() -> None:
    mark = shlex.split(document(*UNTIL)["command"])[-1]
    assert "leave out --expect" in bad("compare", "leadership", "--until", "0.05", "--most", "300", "--expect", mark)


def test_home_and_variables_in_the_names_of_files_to_write_are_put_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("MINE", str(tmp_path))
    good("run", "baseline", "-n", "8", "--out", "~/x.csv")
    good("attribute", "leadership", "-n", "8", "--out", "$MINE/y.json")
    good("scenarios", "new", "A name", "--out", "~/mine.yaml")
    good("scenarios", "list", "--log-file", "~/x.log")
    written = {path.name for path in tmp_path.iterdir()} - {".cache"}  # where what is compiled is kept
    assert written == {"x.csv", "y.json", "mine.yaml", "x.log"}
