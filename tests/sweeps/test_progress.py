"""When a sweep will be done is told truly, also after a pause, a change of speed, and a resumption."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from sweep_toys import job

from simulator.commands.sweep import SweepProgress
from simulator.sweeps import progress
from simulator.sweeps.executors import LocalExecutor
from simulator.sweeps.progress import SPEED_SECONDS, Meter, Pace, format_duration
from simulator.sweeps.runner import run_sweep
from simulator.sweeps.store import open_store

pytestmark = pytest.mark.sweeps


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def go(pace: Pace, clock: Clock, chunks: int, rows: int, seconds: float) -> None:
    for _ in range(chunks):
        clock.now += seconds
        pace.add(rows)


def test_nothing_is_foretold_before_anything_is_done() -> None:
    assert math.isnan(Pace(100, 0, Clock()).left)
    assert format_duration(math.nan) == "not known yet"


def test_at_an_even_speed_the_end_is_foretold_exactly() -> None:
    clock = Clock()
    pace = Pace(1_000, 0, clock)
    for chunk in range(1, 10):
        go(pace, clock, 1, 100, 2.0)
        assert pace.left == pytest.approx((10 - chunk) * 2.0)


def test_rows_that_were_done_before_say_nothing_about_the_speed() -> None:
    clock = Clock()
    pace = Pace(1_000, 900, clock)
    go(pace, clock, 1, 10, 5.0)
    assert pace.speed == 2.0
    assert pace.left == pytest.approx(45.0)


def test_after_a_change_of_speed_the_old_one_is_forgotten() -> None:
    clock = Clock()
    pace = Pace(1_000_000, 0, clock)
    go(pace, clock, 1_000, 10, 1.0)
    go(pace, clock, int(SPEED_SECONDS) + 10, 80, 1.0)
    assert pace.speed == pytest.approx(80, rel=0.02)


def test_while_nothing_comes_the_end_moves_away() -> None:
    clock = Clock()
    pace = Pace(1_000, 0, clock)
    go(pace, clock, 2, 100, 1.0)
    before = pace.left
    clock.now += 60
    assert pace.left > 10 * before


def test_what_is_done_has_nothing_left() -> None:
    assert Pace(10, 10, Clock()).left == 0


@pytest.mark.parametrize(
    ("seconds", "message"),
    [(0.4, "0 s"), (59.6, "1 min 00 s"), (61, "1 min 01 s"), (3_600 * 5 + 125, "5 h 02 min"), (200_000, "2 d 7 h")],
)
def test_durations_are_said_as_people_say_them(seconds: float, message: str) -> None:
    assert format_duration(seconds) == message


def test_a_log_has_a_line_at_each_end_and_one_a_minute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "LOG_SECONDS", 0.0)
    log = tmp_path / "log.txt"
    with open_store(tmp_path / "s", job(), chunk=500) as store:
        run_sweep(store, LocalExecutor(), Meter(log))
    lines = [line[21:] for line in log.read_text(encoding="utf-8").splitlines()]
    assert lines[0] == "in this process: 2,000 rows, of which 0 are done"
    assert lines[1].startswith("500 of 2,000 rows; 1 at work, ")
    assert " rows a second, " in lines[1] and " left, until " in lines[1]
    assert lines[-1] == "2,000 of 2,000 rows are done"
    assert len(lines) == 6


def test_within_a_minute_nothing_is_logged(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    with open_store(tmp_path / "s", job(), chunk=100) as store:
        run_sweep(store, LocalExecutor(), Meter(log))
    assert len(log.read_text(encoding="utf-8").splitlines()) == 2


def test_a_log_that_cannot_be_written_stops_no_sweep(tmp_path: Path) -> None:
    with open_store(tmp_path / "s", job(), chunk=500) as store:
        assert run_sweep(store, LocalExecutor(), Meter(tmp_path)).run == 4


def test_a_pipe_gets_lines_and_no_bar(capsys: pytest.CaptureFixture[str]) -> None:
    meter = SweepProgress()
    meter.begin(100, 40, "in this process")
    meter.minute("how far")
    meter.note("a word")
    meter.end("done")
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err == "going on: 40 of 100 rows are done\nhow far\na word\n"


def test_a_terminal_gets_a_bar_with_the_end_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    meter = SweepProgress()
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    meter.begin(100, 0, "in this process")
    meter.add(50)
    meter.tick(3)
    assert meter._bar is not None
    (task,) = meter._bar.tasks
    assert (task.completed, task.total) == (50, 100)
    assert "3 at work" in task.description and "left, until" in task.description
    meter.end("done")
    assert meter._bar is None
