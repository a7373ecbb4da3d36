"""`ringfence evidence`, and `--with` on every command that draws from the posterior."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from cli_runs import bad, document, good, ring
from openpyxl import load_workbook
from test_cli_again import QUESTIONS, without_command

from simulator.boards.table import read_boards
from simulator.common.arrays import Floats
from simulator.evidence import board_likelihood, design_value, evidence
from simulator.evidence.evidence import Update
from simulator.evidence.template_workbook import EXAMPLE
from simulator.experiments.decision.sample_information import summarise_data_sets

pytestmark = [pytest.mark.interface, pytest.mark.usefixtures("weighed_once")]

STATEMENT = (
    "title: What leads said\nbecause: They were asked.\nstatements:\n"
    "  - {claim: leadership > ringfence, outcome: retained, credence: 0.9, because: said so}\n"
)
POSTERIOR = {
    "attribute": ("ringfence+leadership", "-n", "16"),
    "compare": ("leadership", "-n", "16"),
    "run": ("leadership", "-n", "16"),
    "why": ("ringfence", "--run", "3", "--board", "QWE", "--year", "2027/28"),
    "discover": (*QUESTIONS["discover"], "--source", "posterior"),
    **{name: QUESTIONS[name] for name in ("split", "equals", "package", "learn", "robust")},
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.yaml"
    path.write_text(STATEMENT, encoding="utf-8")
    return path


@pytest.mark.parametrize("command", POSTERIOR)
def test_with_draws_from_other_parameters_and_its_command_makes_the_same_again(command: str, file: Path) -> None:
    with_it = document(command, *POSTERIOR[command], "--with", file)
    words = shlex.split(with_it["command"])
    assert "--with" in words and words[words.index("--with") + 1].startswith(f"{file}@")
    assert without_command(document(*words[1:])) == without_command(with_it)
    without = document(command, *POSTERIOR[command])
    assert "--with" not in without["command"]
    assert without_command(without) != without_command(with_it)


def test_a_badge_says_so_and_the_manifest_names_the_file(file: Path) -> None:
    answer = document("compare", "leadership", "-n", "16", "--with", file)
    assert answer["badge"].endswith("; with 1 piece of your own evidence")
    (pair,) = answer["comparisons"][0]["manifest"]["posterior"]
    assert pair[0] == "--with" and pair[1].startswith(f"{file}@")


def test_saved_results_keep_it(file: Path, tmp_path: Path) -> None:
    from simulator.runs.results import load_results

    good("run", "leadership", "-n", "16", "--with", file, "--out", tmp_path / "x.nc")
    manifest = load_results(tmp_path / "x.nc").manifest
    assert manifest.posterior[0][0] == "--with" and "your own evidence" in manifest.badge


def test_an_empty_weight_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "known.yaml"
    path.write_text(
        "title: x\nbecause: y\nnational:\n  - {what: deficits, year: 2022/23, value: 17, error: 4, in_fit: yes}\n",
        encoding="utf-8",
    )
    plain = document("compare", "leadership", "-n", "16")
    assert document("compare", "leadership", "-n", "16", "--with", path) == plain


def test_a_mistake_is_said_before_anything_is_weighed(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> Update:
        raise AssertionError("evidence was weighed")

    monkeypatch.setattr(evidence, "weigh_evidence", fail)
    assert "did you mean 'leadership'" in bad("compare", "leadershp", "--with", file)
    assert "is not a file" in bad("compare", "leadership", "--with", file.with_name("none.yaml"))
    assert "leave out --with" in bad("run", "leadership", "--source", "prior", "--with", file)


def test_what_draws_nothing_from_the_posterior_says_so(file: Path) -> None:
    result = ring(
        "sensitivity",
        "ringfence",
        "--method",
        "screen",
        "--size",
        "8",
        "--over",
        "pull_chief,plan_base",
        "--with",
        file,
    )
    assert result.exit_code == 0 and "--with changed nothing" in result.stderr


def test_add_shows_before_and_after(file: Path) -> None:
    shown = document("evidence", "add", file, "-n", "200")
    (statement,) = shown["statements"]
    assert statement["before"] < 0.5 and statement["after"] == 0.9
    rivals = next(row for row in shown["answers"] if row["against"] == "ringfence" and row["outcome"] == "retained")
    assert rivals["better_of_100_before"] < 50 < rivals["better_of_100_after"]
    assert shown["effective"] < shown["pool"] and shown["problems"] == []
    assert f"--with {file}@{shown['fingerprint']}" in shown["command"]
    text = good("evidence", "add", file, "-n", "200")
    assert "Effective sample" in text and "leadership > ringfence" in text


def test_template_check_and_list_go_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "evidence check my-evidence.yaml" in good("evidence", "template")
    assert "is there already" in bad("evidence", "template")
    assert "evidence check rows.xlsx" in good("evidence", "template", "--out", "rows.xlsx")
    assert "is empty" in bad("evidence", "check", "rows.xlsx")
    filled = load_workbook("rows.xlsx")
    filled["Rows"].append(EXAMPLE)
    filled.save("rows.xlsx")
    assert document("evidence", "check", "rows.xlsx")["ok"]
    assert "the ending must be .yaml, or .xlsx" in bad("evidence", "template", "--out", "rows.csv")
    assert "3 rows by board to weigh" in good("evidence", "check", "my-evidence.yaml")
    assert good("evidence", "list", "my-evidence.yaml").count("2022/23: retained") == 3
    assert json.loads(good("evidence", "check", "my-evidence.yaml", "--json"))["counted"] == 3


def test_a_file_with_mistakes_is_refused_as_text_and_as_json(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(STATEMENT.replace("0.9", "90").replace("ringfence", "ringfenc"), encoding="utf-8")
    said = bad("evidence", "check", path)
    assert "credence" in said and "did you mean 'ringfence'" in said
    result = ring("evidence", "check", path, "--json")
    assert result.exit_code == 1 and len(json.loads(result.stdout)["problems"]) == 2


SAYS_WHEN_IT_WEIGHS = """
import sys
from simulator.commands.cli import main
from simulator.evidence import board_likelihood
weigh = board_likelihood.weigh_replicates
def weigh_aloud(*given):
    sys.stderr.write("weighing\\n")
    return weigh(*given)
board_likelihood.weigh_replicates = weigh_aloud
main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGINT for one process")
def test_a_real_ctrl_c_while_threads_weigh_ends_with_a_short_message_and_leaves_nothing(tmp_path: Path) -> None:
    table = "\n".join(f"{code},2022/23,retained,0.31,0.05,FOI" for code in read_boards().codes)
    (tmp_path / "rows.csv").write_text(f"board,year,what,value,error,source\n{table}\n", encoding="utf-8")
    words = ["evidence", "add", str(tmp_path / "rows.csv"), "--out", str(tmp_path / "out.json")]
    ready = (
        "import os, signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); sys.argv[0] = 'ringfence'"
    )
    running = subprocess.Popen(
        [sys.executable, "-c", f"{ready}\n{SAYS_WHEN_IT_WEIGHS}", *words],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "RINGFENCE_CACHE": str(tmp_path / "cache")},
    )
    assert running.stderr is not None
    while (line := running.stderr.readline()) and line.strip() != "weighing":
        pass
    running.send_signal(signal.SIGINT)
    said = [each for each in running.communicate(timeout=120)[1].splitlines() if each not in ("weighing", "")]
    assert (running.returncode, said) == (130, ["stopped"])
    assert [path.name for path in tmp_path.glob("*") if path.name != "cache"] == ["rows.csv"]
    assert not list((tmp_path / "cache").rglob("*.results"))


@pytest.mark.parametrize("words", [("evidence", "add"), ("learn", "--design")])
def test_ctrl_c_while_weighing_ends_with_a_short_message_and_leaves_nothing(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    for module in (board_likelihood, design_value):
        monkeypatch.setattr(module, "simulate_places", stop)
    monkeypatch.setenv("RINGFENCE_CACHE", str(tmp_path / "cache"))
    file, out = tmp_path / "mine.yaml", tmp_path / "out.json"
    row = "{board: QWO, year: 2022/23, what: retained, value: 0.31, error: 0.05, source: FOI}"
    file.write_text(f"title: t\nbecause: b\nobservations:\n  - {row}\n", encoding="utf-8")
    given = (str(file),) if words[0] == "evidence" else ("retained of 3 boards, 2022/23", "--replicates", "2")
    assert bad(*words, *given, "--out", out, code=130).strip() == "stopped"
    assert not out.exists() and not list(tmp_path.glob("out*"))


def test_threads_that_weigh_designs_change_nothing() -> None:
    gains = np.random.default_rng(1).normal(size=(130, 2))

    def weigh(j: int) -> Floats:
        return np.asarray(-0.5 * (gains[:, 0] - gains[j, 0]) ** 2)

    alone = summarise_data_sets(gains, weigh)
    assert np.array_equal(alone, summarise_data_sets(gains, weigh, threads=2))
