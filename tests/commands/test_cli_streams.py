"""Commands work where nobody listens, and never write over what they read."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cli_runs import bad, good

from simulator.boards.table import read_boards
from simulator.commands.shared import console as streams

pytestmark = pytest.mark.interface
posix = pytest.mark.skipif(os.name != "posix", reason="streams are closed as POSIX shells close them")

ANSWER = ("run", "ringfence", "-n", "8")
HEADER = "code,name,fund_m,weight_m,target_distance_pct,core20_pct,region\n"


def shell(end: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a shell, with `end` after it."""
    line = f'"$0" -m simulator "$@" {end}'
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail; {line}", sys.executable, *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env={name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"},  # as for most people
    )


@posix
@pytest.mark.parametrize("end", [">&-", "2>&-", "<&- >&- 2>&-", "| true", "2>&1 | head -c 1", "2>/dev/full"])
def test_without_anybody_to_read_the_work_is_done_and_the_file_is_written(end: str, tmp_path: Path) -> None:
    file, expected = tmp_path / "out.csv", tmp_path / "expected.csv"
    good(*ANSWER, "--out", expected)
    ended = shell(end, *ANSWER, "--out", str(file))
    assert ended.returncode == 0, ended.stderr
    assert file.read_bytes() == expected.read_bytes()
    assert "Traceback" not in ended.stderr and "fault of Ringfence" not in ended.stderr


@posix
@pytest.mark.parametrize("words", [("--help",), ("--version",), ("cache",), ("scenarios", "list"), ("why", "--help")])
def test_every_kind_of_command_runs_without_streams(words: tuple[str, ...]) -> None:
    assert shell(">&- 2>&-", *words).returncode == 0


@posix
def test_what_nobody_hears_of_is_still_told_by_the_exit_code() -> None:
    assert shell(">&- 2>&-", "run", "rinfence").returncode == 1


@posix
@pytest.mark.parametrize("words", [ANSWER, ("scenarios", "list", "--json"), ("reference", "outcomes", "--csv")])
def test_an_answer_that_does_not_fit_on_the_disk_is_no_success(words: tuple[str, ...], tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    ended = shell(">/dev/full", *words, *(("--out", str(file)) if words == ANSWER else ()))
    assert ended.returncode == 1 and file.exists() == (words == ANSWER)
    assert [line for line in ended.stderr.splitlines() if line.startswith("error")] == [
        "error: the answer could not be printed: the disk is full; print it elsewhere, or use --out"
    ]


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_windowed_program_has_no_streams_and_none_is_missed(stream: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, stream, None)
    streams.say("to nobody")
    streams.prepare()
    streams.put("to nobody")
    streams.make_console().print("to nobody")
    with streams.Bar("nothing") as bar:
        bar(1, 1)
    streams.close()


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A table of boards."""
    path = tmp_path / "boards.csv"
    path.write_text(f"{HEADER}A,Ay,3,900,1,20,N\nB,Bee,2,800,-1,30,S\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("named", ["as it is", "by another way", "by a link", "by a hard link"])
def test_an_input_is_never_written_over(named: str, own: Path, tmp_path: Path) -> None:
    out = tmp_path / "other.csv"
    if named == "by a link":
        if os.name != "posix":
            pytest.skip("links need rights on Windows")
        out.symlink_to(own)
    elif named == "by a hard link":
        out.hardlink_to(own)
    else:
        (tmp_path / "folder").mkdir()
        out = own if named == "as it is" else tmp_path / "folder" / ".." / "boards.csv"
    before = own.read_bytes()
    assert "is an input of this command; give --out another name" in bad(*ANSWER, "--boards", own, "--out", out)
    assert own.read_bytes() == before and len(read_boards(own)) == 2


def test_two_outputs_need_two_names(tmp_path: Path) -> None:
    file = tmp_path / "both.html"
    assert "two files to be written" in bad("report", "ringfence", "--out", file, "--pdf", file)
    assert not file.exists()


@pytest.mark.parametrize("words", [("run", "ringfence"), ("compare", "ringfence"), ("report", "ringfence")])
def test_what_cannot_be_written_is_told_before_any_work_is_done(words: tuple[str, ...], tmp_path: Path) -> None:
    ending = ".html" if words[0] == "report" else ".csv"
    message = bad(*words, "--out", tmp_path / "no" / f"x{ending}", "-n", "8")
    assert "there is no folder" in message and "make it first" in message
    assert "too long" in bad(*words, "--out", tmp_path / f"{'x' * 300}{ending}", "-n", "8")
