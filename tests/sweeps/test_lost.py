"""Whatever stops a sweep, what was done stays, and going on ends in the same table. Processes are really killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sweep_toys import job, plan, swept, undisturbed

from simulator.sweeps.executors import make_executor
from simulator.sweeps.lock import StoreBusyError
from simulator.sweeps.runner import run_sweep
from simulator.sweeps.store import open_store

pytestmark = pytest.mark.sweeps

DRIVER = Path(__file__).parent / "sweep_driver.py"
WAIT = 120.0


def driver(folder: Path, on: str, chunk: int, seconds: float, *more: str) -> subprocess.Popen[str]:
    """A sweep in a process of its own."""
    words = [sys.executable, str(DRIVER), str(folder), on, str(chunk), str(seconds), *more]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8")


def files(folder: Path) -> dict[str, int]:
    """The chunks that are there, and when each was written."""
    return {path.name: path.stat().st_mtime_ns for path in folder.glob("part-*.parquet")}


def wait_for_chunks(folder: Path, many: int, running: subprocess.Popen[str]) -> None:
    """Wait until so many chunks are there."""
    until = time.monotonic() + WAIT
    while len(files(folder)) < many:
        assert running.poll() is None, running.communicate()[1]
        assert time.monotonic() < until, "no chunks are written"
        time.sleep(0.02)


@pytest.mark.parametrize("on", ["here", "processes:2"])
def test_a_driver_that_is_killed_loses_no_chunk_that_was_kept(tmp_path: Path, on: str) -> None:
    running = driver(tmp_path / "s", on, 20, 0.002)
    wait_for_chunks(tmp_path / "s", 10, running)
    running.kill()
    running.communicate()
    before = files(tmp_path / "s")
    assert 10 <= len(before) < 100
    with open_store(tmp_path / "s", job(), resume=True) as store:
        assert len(store.survey().left) == 100 - len(before)
    with open_store(tmp_path / "s", job(), resume=True) as store:
        assert run_sweep(store, make_executor(on)).run == 100 - len(before)
        assert store.summary()[1] == undisturbed()
    after = files(tmp_path / "s")
    assert {name for name in before if after[name] != before[name]} == set()


@pytest.mark.skipif(sys.platform == "win32", reason="asks the system which processes there are")
def test_workers_end_when_their_driver_is_killed(tmp_path: Path) -> None:
    psutil = pytest.importorskip("psutil")
    running = driver(tmp_path / "s", "processes:2", 20, 0.002)
    wait_for_chunks(tmp_path / "s", 4, running)
    workers = [worker for worker in psutil.Process(running.pid).children(recursive=True) if worker.is_running()]
    assert len(workers) >= 2
    running.kill()
    running.communicate()
    _, alive = psutil.wait_procs(workers, timeout=30)
    assert [one for one in alive if one.status() != psutil.STATUS_ZOMBIE] == []


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on the size of a file can be set")
def test_a_disk_that_is_full_stops_the_sweep_in_words_and_nothing_is_lost(tmp_path: Path) -> None:
    running = driver(tmp_path / "s", "processes:2", 20, 0.0, "limit=1000")
    output, error = running.communicate(timeout=WAIT)
    assert running.returncode == 1
    assert "StoreError" in error and "cannot be written: files may not be so large here" in error
    assert output == ""
    assert len(files(tmp_path / "s")) == 5
    assert list((tmp_path / "s").glob("*.tmp")) == []
    store, digest = swept(tmp_path / "s", job(), resume=True)
    assert digest == undisturbed()
    assert store.manifest.chunk_rows == 20


def test_two_sweeps_into_one_store_are_refused_and_a_killed_one_leaves_no_lock(tmp_path: Path) -> None:
    running = driver(tmp_path / "s", "here", 20, 0.002)
    wait_for_chunks(tmp_path / "s", 3, running)
    with pytest.raises(StoreBusyError, match=rf"another sweep \(process {running.pid} on .*wait for it, stop it"):
        open_store(tmp_path / "s", job(), resume=True)
    other = driver(tmp_path / "s", "here", 20, 0.0, "resume")
    assert "StoreBusyError" in other.communicate(timeout=WAIT)[1]
    assert other.returncode == 1
    assert running.poll() is None
    running.kill()
    running.communicate()
    assert (tmp_path / "s" / "_running.json").exists()
    assert swept(tmp_path / "s", job(), resume=True)[1] == undisturbed()


@pytest.mark.skipif(sys.platform == "win32", reason="no signal stops one process only")
def test_a_worker_killed_from_outside_is_replaced(tmp_path: Path) -> None:
    psutil = pytest.importorskip("psutil")
    running = driver(tmp_path / "s", "processes:2", 20, 0.004)
    wait_for_chunks(tmp_path / "s", 5, running)
    workers = [p.pid for p in psutil.Process(running.pid).children() if "spawn_main" in " ".join(p.cmdline())]
    assert len(workers) == 2
    os.kill(workers[0], signal.SIGKILL)
    output, error = running.communicate(timeout=WAIT)
    assert running.returncode == 0, error
    assert output.split() == ["100", undisturbed()]


def test_a_store_that_moved_is_gone_on_with_elsewhere(tmp_path: Path) -> None:
    store, _ = swept(tmp_path / "laptop", job(design=plan()), chunk=100)
    for chunk in range(5, 20):
        store.path(chunk).unlink()
    (tmp_path / "laptop").rename(tmp_path / "cluster")
    assert swept(tmp_path / "cluster", job(), "processes:2", resume=True)[1] == undisturbed()
