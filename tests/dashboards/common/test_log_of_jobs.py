"""Each piece of work is a line in the server's log: how long it took, how it ended, and nothing of a visitor."""

from __future__ import annotations

import ast
import logging
import re
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("panel", reason="the dashboard is not installed: pip install -e '.[dashboard]'")

from questions_kit import ImmediateExecutor

from dashboards.boards.board_upload import read_template
from dashboards.common.log import Cancelled, log_job
from dashboards.computing.result_store import ResultStore
from dashboards.computing.session import Session
from dashboards.computing.worker import Worker, WorkerCallbacks
from dashboards.export.chart_buttons import DownloadButton, DownloadButtons, DownloadFile
from dashboards.selection.permalink import make_link, restore
from dashboards.selection.selection import TODAYS_RULES, LeverEdit, Selection, Slot
from dashboards.tabs.share import ShareTab
from simulator.common.event_log import Level
from simulator.runs.results import Results

pytestmark = [pytest.mark.dashboards, pytest.mark.filterwarnings("default")]

ROOT = Path(__file__).parents[3] / "dashboards"
SECRET, REASON = "Mrs Winterbottom's plan", "because the chair of Borsetshire said so"
MINE = Selection((TODAYS_RULES, Slot("ringfence", SECRET, (LeverEdit("audit", 0.5, because=REASON),))), futures=250)


@pytest.fixture(autouse=True)
def everything_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "ringfence")


def jobs(caplog: pytest.LogCaptureFixture, kind: str) -> list[str]:
    """The lines on one kind of work; none of all lines holds a word of the visitor's."""
    for word in ("Winterbottom", "Borsetshire"):
        assert word not in caplog.text
    return re.findall(rf"event=job kind={kind} (ended=.*)", caplog.text)


def work(simulate: Any) -> list[str]:
    """Ask for an answer with a way to simulate; what went wrong, in words."""
    problems: list[str] = []
    hooks = WorkerCallbacks(lambda _: None, lambda *_: None, problems.append)
    Worker(ResultStore(simulate), lambda do: do(), hooks, (ImmediateExecutor(), ImmediateExecutor())).ask(
        MINE, refine=True
    )
    return problems


def test_a_quick_answer_and_a_full_one_are_a_line_each(caplog: pytest.LogCaptureFixture) -> None:
    from dashboards.computing.result_store import simulate

    assert work(simulate) == []
    (quick,), (full,) = jobs(caplog, "quick-answer"), jobs(caplog, "answer")
    assert re.fullmatch(r"ended=done seconds=\d+\.\d\d scenarios=2", quick)
    assert re.fullmatch(r"ended=done seconds=\d+\.\d\d scenarios=2 futures=250", full)
    levels = {record.levelname for record in caplog.records if "kind=quick-answer" in record.getMessage()}
    assert levels == {"DEBUG"}


def test_work_that_fails_leaves_a_line_and_its_traceback_and_a_visitor_gets_the_number(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(*_: object) -> Results:
        raise RuntimeError("index 7 is out of bounds")

    (problem,) = work(broken)
    (line,) = jobs(caplog, "quick-answer")
    assert line.startswith("ended=failed") and "Traceback" in caplog.text and "index 7" in caplog.text
    (number,) = re.findall(r"event=failure number=(\w+) doing=working-out-the-answer", caplog.text)
    assert number in problem and "index 7" not in problem


def test_work_that_nobody_wants_any_more_is_stopped_and_no_failure(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(Cancelled), log_job("example", Level.DEBUG, futures=4):
        raise Cancelled
    (line,) = jobs(caplog, "example")
    assert line.startswith("ended=stopped") and line.endswith("futures=4") and "Traceback" not in caplog.text


def test_files_links_and_uploads_are_a_line_each(caplog: pytest.LogCaptureFixture) -> None:
    offer = DownloadButton("CSV", "CSV", lambda: DownloadFile("a.csv", b"1"))
    DownloadButtons("Data", {"csv": offer}).make_message("csv")
    assert jobs(caplog, "file")[0].endswith("key=csv")
    restore(make_link(MINE))
    assert len(jobs(caplog, "link")) == 1
    session = Session(store=ResultStore(lambda *_: pytest.fail("nothing is to be run")), selection=MINE)
    session._worker.ask = lambda *_, **__: None  # type: ignore[method-assign]
    tab = ShareTab(session)
    tab.upload.param.update(filename="winterbottom.yaml", value=f"title: {SECRET}\nchanges: 7".encode())
    assert jobs(caplog, "upload")[0].startswith("ended=failed")
    from dashboards.boards.board_upload import _read_boards

    assert _read_boards(read_template().data, "borsetshire.csv")[1] == ""
    assert "what=boards" in jobs(caplog, "upload")[1]


def test_everything_that_is_handed_to_a_thread_writes_its_line() -> None:
    """Whatever is submitted to a pool, and what that calls in its own file or imports by name, comes by `log_job`."""
    found = {}
    everywhere = {path.stem: _list_functions(path) for path in ROOT.rglob("*.py")}
    for path in sorted(ROOT.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        functions = _list_functions(path)
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("dashboards."):
                there = everywhere.get(str(node.module).rpartition(".")[2], {})
                functions |= {each.name: there[each.name] for each in node.names if each.name in there}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "submit":
                name = ast.unparse(node.args[0]).rpartition(".")[2]
                found[f"{path.name}: {name}"] = _reaches(name, functions, set())
    assert len(found) > 8 and [name for name, logs in found.items() if not logs] == []


def _list_functions(path: Path) -> dict[str, ast.FunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def _reaches(name: str, functions: dict[str, ast.FunctionDef], seen: set[str]) -> bool:
    if name not in functions or name in seen:
        return False
    seen.add(name)
    called = [
        ast.unparse(node.func).rpartition(".")[2] for node in ast.walk(functions[name]) if isinstance(node, ast.Call)
    ]
    return "log_job" in called or any(_reaches(one, functions, seen) for one in called)
