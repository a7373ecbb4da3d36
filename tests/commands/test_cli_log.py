"""Every command can keep a log: one line per event, tracebacks there and nowhere else, and nothing about people."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest
import typer.main
from cli_runs import bad, good, process, ring

from simulator.commands.cli import app
from simulator.commands.shared import running
from simulator.common.event_log import LOG

pytestmark = pytest.mark.interface

LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (DEBUG|INFO|WARNING|ERROR) event=[\w-]+( [\w-]+=\S+)*")


def lines(log: Path) -> list[str]:
    return log.read_text(encoding="utf-8").splitlines()


def test_a_command_that_ends_well_leaves_two_lines(tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    good("run", "baseline", "-n", "8", "--log-file", log)
    started, done = (line for line in lines(log) if "command=" in line)  # what ended in this process may log as well
    assert LINE.fullmatch(started) and LINE.fullmatch(done)
    assert "INFO event=command-started command=run" in started
    assert re.search(r"INFO event=command-done command=run seconds=\d+$", done)


def test_a_later_command_adds_to_the_log(tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    good("scenarios", "list", "--log-file", log)
    before = lines(log)
    good("boards", "list", "--log-file", log)
    assert lines(log)[: len(before)] == before and "command=boards-list" in lines(log)[-1]


def test_a_refusal_is_one_line_that_holds_nothing_that_was_given(tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    bad("run", "my_secret_policy", "--log-file", log)
    assert "WARNING event=command-refused command=run" in lines(log)[-1] and "error=InputError" in lines(log)[-1]
    assert len(lines(log)) == 2 and "secret" not in log.read_text(encoding="utf-8")


def test_a_traceback_is_in_the_log_under_the_number_that_the_user_reads(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def slip(*_: object) -> None:
        raise KeyError("slip")

    monkeypatch.setattr(running, "run_scenarios", slip)
    log = tmp_path / "run.log"
    message = bad("run", "baseline", "-n", "8", "--log-file", log, code=3)
    number = re.search(r"under (\w{6})", message)
    text = log.read_text(encoding="utf-8")
    assert number and f"ERROR event=failure command=run seconds=0 number={number[1]}" in text.replace(
        "seconds=1", "seconds=0"
    )
    assert "Traceback" in text and "KeyError: 'slip'" in text


def test_a_level_chooses_what_is_kept(tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    good("scenarios", "list", "--log-level", "warning", "--log-file", log)
    assert lines(log) == []
    assert "command-started" in ring("scenarios", "list", "--log-level", "info").stderr
    assert "event=" not in ring("scenarios", "list").stderr


def test_a_log_ends_with_its_command() -> None:
    good("scenarios", "list", "--log-level", "debug")
    assert not [handler for handler in LOG.handlers if isinstance(handler, logging.StreamHandler)]


def test_every_command_takes_the_options_of_the_log_and_its_help_says_so() -> None:
    commands = typer.main.get_command(app).load_all()  # type: ignore[attr-defined]
    names = [(name, inner) for name, command in commands.items() for inner in getattr(command, "commands", [""])]
    for group, name in names:
        assert "--log-file" in good(*filter(None, (group, name)), "--help"), name
    assert len(names) > 25


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("joined", [True, False])
def test_the_options_of_the_log_may_stand_before_the_command_or_after_it(
    before: bool, joined: bool, tmp_path: Path
) -> None:
    log = tmp_path / "x.log"
    words = [f"--log-file={log}"] if joined else ["--log-file", str(log)]
    good(*(words if before else []), "scenarios", "list", *([] if before else words))
    assert len(lines(log)) == 2


def test_a_log_that_cannot_be_written_and_one_that_is_an_input_are_refused(tmp_path: Path) -> None:
    assert "there is no folder" in bad("scenarios", "list", "--log-file", tmp_path / "none" / "x.log")
    file = tmp_path / "mine.yaml"
    file.write_text("title: A\n", encoding="utf-8")
    assert "give --log-file another name" in bad("run", file, "--log-file", file)
    assert file.read_text(encoding="utf-8") == "title: A\n"


def test_a_sweep_logs_how_many_rows_it_has_run(tmp_path: Path) -> None:
    design = tmp_path / "design.yaml"
    design.write_text("kind: random\npoints: 4\nfactors: {audit: [0, 1]}\noutcomes: [retained]\n", encoding="utf-8")
    log = tmp_path / "sweep.log"
    good("sweep", design, "--out", tmp_path / "out.csv", "--log-file", log)
    assert [re.sub(r".*(event=\S+).*", r"\1", line) for line in lines(log)] == [
        "event=command-started",
        "event=sweep-started",
        "event=sweep-ended",
        "event=command-done",
    ]
    assert "rows=4 done=4" in lines(log)[2]


def test_without_a_log_a_fault_shows_no_traceback_in_a_process_of_its_own() -> None:
    assert "event=" not in process("scenarios", "list").stderr
