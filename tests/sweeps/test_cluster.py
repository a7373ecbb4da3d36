"""A dask cluster gives the same table, also when workers, the scheduler or the driver go away. All on loopback."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from cli_runs import document
from sweep_toys import Slow, Stumbles, job, plan, swept, undisturbed

from simulator.sweeps import dask_executor as cluster
from simulator.sweeps.executor_protocol import ExecutorError
from simulator.sweeps.executors import make_executor
from simulator.sweeps.job import describe_code
from simulator.sweeps.progress import Meter
from simulator.sweeps.runner import run_sweep
from simulator.sweeps.store import open_store
from simulator.sweeps.worker import JobOrder, Task

pytestmark = [
    pytest.mark.sweeps,
    pytest.mark.skipif(find_spec("distributed") is None, reason="the extra [cluster] is not installed"),
]

HERE = Path(__file__).parent
EXAMPLE = HERE.parents[1] / "docs" / "examples" / "design.yaml"
PLUGIN = HERE.parents[1] / "docs" / "examples" / "reputation.py"
PENALTY = """
outcomes: [retained]
kind: latin
points: 4
runs: 2
factors: {reputation_pull: prior, public_report: [0, 1]}
"""
COMMANDS = """
import json, sys
from cli_runs import document
print(json.dumps([document(*words)["table_sha256"] for words in json.loads(sys.argv[1])]))
"""
ENVIRONMENT = {
    **os.environ,
    "PYTHONPATH": str(HERE),
    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",
    "RINGFENCE_THREADS": "1",  # who compiles does so without a second process
}
WAIT = 600.0


READY = """
import json, os, sys
from distributed.cli import dask_scheduler, dask_worker
import numba, pandas, simulator.sweeps.worker, sweep_toys
for line in sys.stdin:
    kind, *words = json.loads(line)
    started = os.fork()
    if not started:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        {"scheduler": dask_scheduler, "worker": dask_worker}[kind].main(words)
    print(started, flush=True)
"""


class Started:
    """A scheduler or a worker that was forked off a process that has loaded dask and numba, which takes a second each
    time, and no model.

    Who is killed stays a child of that process, and keeps its number.
    """

    def __init__(self, ready: subprocess.Popen[str], words: list[str]) -> None:
        assert ready.stdin is not None and ready.stdout is not None
        print(json.dumps(words), file=ready.stdin, flush=True)
        self.number = int(ready.stdout.readline())

    def kill(self) -> None:
        """End it at once."""
        os.kill(self.number, signal.SIGKILL)


@cache
def loaded() -> subprocess.Popen[str]:
    """The process that has loaded dask and the toys, from which the others are forked; it ends with this one."""
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, "-c", READY], stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True, env=ENVIRONMENT
    )


def dask(*words: str | Path) -> Started | subprocess.Popen[bytes]:
    """A scheduler or a worker as a process of its own, which can import the toys."""
    whole = [*map(str, words), "--host", "127.0.0.1", "--no-dashboard"]
    if hasattr(os, "fork"):
        return Started(loaded(), whole)
    none = subprocess.DEVNULL
    return subprocess.Popen([sys.executable, "-m", "dask", *whole], stdout=none, stderr=none, env=ENVIRONMENT)


class Machines:
    """A scheduler, which writes `file`, and workers without nannies: one that is killed stays away."""

    def __init__(self, folder: Path, workers: int = 2) -> None:
        self.file = folder / "scheduler.json"
        self.scheduler = dask("scheduler", "--port", "0", "--scheduler-file", self.file)
        self.workers: list[Started | subprocess.Popen[bytes]] = []
        self._wait()
        for _ in range(workers):
            self.add()

    @property
    def address(self) -> str:
        return str(json.loads(self.file.read_text(encoding="utf-8"))["address"])

    def add(self) -> None:
        self.workers.append(dask("worker", "--scheduler-file", self.file, "--nthreads", "1", "--no-nanny"))

    def _wait(self) -> None:
        until = time.monotonic() + WAIT
        while not (self.file.is_file() and self.file.read_text(encoding="utf-8").strip().endswith("}")):
            assert time.monotonic() < until
            time.sleep(0.05)

    def end(self) -> None:
        for one in (*self.workers, self.scheduler):
            one.kill()


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    cluster_made = Machines(tmp_path_factory.mktemp("cluster"))
    with ExitStack() as at_last:
        at_last.callback(cluster_made.end)
        yield cluster_made


@contextmanager
def other_machines(folder: Path, workers: int = 1) -> Iterator[Machines]:
    """Machines of its own, for a test that breaks them."""
    cluster_made = Machines(folder, workers)
    try:
        yield cluster_made
    finally:
        cluster_made.end()


class After(Meter):
    """Does something when so many rows are done."""

    def __init__(self, rows: int, action: object) -> None:
        super().__init__()
        self.rows = rows
        self.action = action
        self.notes: list[str] = []

    def add(self, rows: int) -> None:
        super().add(rows)
        if self.action and self.pace.done >= self.rows:
            action, self.action = self.action, None
            assert callable(action)
            action()

    def note(self, text: str) -> None:
        self.notes.append(text)


def test_a_cluster_gives_the_same_table_by_address_and_by_file(machines: Machines, tmp_path: Path) -> None:
    assert swept(tmp_path / "a", job(), machines.address, chunk=90)[1] == undisturbed()
    assert swept(tmp_path / "b", job(), f"file:{machines.file}", chunk=333)[1] == undisturbed()


def test_a_sweep_that_was_begun_here_is_gone_on_with_on_a_cluster(machines: Machines, tmp_path: Path) -> None:
    store, digest = swept(tmp_path / "s", job())
    for chunk in range(0, 40, 3):
        store.path(chunk).unlink()
    assert swept(tmp_path / "s", job(), machines.address, resume=True)[1] == digest


def test_chunks_that_fail_at_first_are_tried_again_on_a_cluster(machines: Machines, tmp_path: Path) -> None:
    (tmp_path / "marks").mkdir()
    assert swept(tmp_path / "s", job(Stumbles(tmp_path / "marks", 0.05)), machines.address)[1] == undisturbed()
    assert list((tmp_path / "marks").iterdir())


def test_the_real_model_gives_the_same_table_on_a_cluster_from_the_command_line(
    machines: Machines, tmp_path: Path
) -> None:
    places = (("a.csv", ()), ("b.parquet", ("--on", f"file:{machines.file}", "--chunk", "60")))
    documents = [document("sweep", EXAMPLE, "--out", tmp_path / name, *more) for name, more in places]
    assert documents[0]["table_sha256"] == documents[1]["table_sha256"]
    assert [document["chunks"] for document in documents] == [1, 5]
    assert documents[1]["sessions"][0]["place"].startswith("on the dask cluster at file:")


def test_a_worker_that_is_killed_on_the_way_and_one_that_joins_late_leave_the_table_as_it_is(tmp_path: Path) -> None:
    with other_machines(tmp_path, 2) as mine, open_store(tmp_path / "s", job(Slow(0.002)), chunk=50) as store:

        def change() -> None:
            mine.workers[0].kill()
            mine.add()

        count = run_sweep(store, make_executor(mine.address), After(400, change))
        assert (count.run, count.given_up) == (40, 0)
        assert store.summary()[1] == undisturbed()
        _sweep_with_a_plug_in(tmp_path, mine)


def _sweep_with_a_plug_in(folder: Path, mine: Machines) -> None:
    """Workers that have no file of a plug-in, and no model yet, take both from the sweep, and then no other."""
    (folder / "design.yaml").write_text(PENALTY, encoding="utf-8")
    mine.workers[1].kill()  # the one that joined late is enough
    words = ["--plugin", PLUGIN, "sweep", folder / "design.yaml", "--out"]
    here, there = [*words, folder / "here.csv"], [*words, folder / "there.csv", "--on", mine.address, "--chunk", "3"]
    done = subprocess.run(
        [sys.executable, "-c", COMMANDS, json.dumps([here, there], default=str)],
        env={**os.environ, "PYTHONPATH": str(HERE.parent / "support"), "RINGFENCE_THREADS": "1"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=WAIT,
    )
    tables = json.loads(done.stdout)
    assert tables[0] == tables[1]
    refusal = r"a worker has begun with the plug-in reputation\.py@.*, and this sweep has none.*Start the workers again"
    with pytest.raises(ExecutorError, match=refusal):
        swept(folder / "plain", job(), mine.address)


def test_a_scheduler_that_goes_away_stops_the_sweep_in_words_and_it_is_gone_on_with_here(tmp_path: Path) -> None:
    with other_machines(tmp_path) as mine, open_store(tmp_path / "s", job(Slow(0.002)), chunk=50) as store:
        with pytest.raises(ExecutorError, match=r"the scheduler at tcp.* went away; start it again"):
            run_sweep(store, make_executor(mine.address), After(400, mine.scheduler.kill))
        assert 8 <= store.survey().done < 40
    assert swept(tmp_path / "s", job(), resume=True)[1] == undisturbed()


def test_a_scheduler_that_goes_while_it_is_asked_for_its_workers_is_told_in_the_same_words() -> None:
    class Gone:
        status = "running"

        def nthreads(self) -> dict[str, int]:
            raise OSError("Connection reset by peer")

    executor = cluster.DaskExecutor("tcp://127.0.0.1:9")
    executor._client = Gone()
    assert executor.workers() == 0
    executor._client.status = "closed"
    with pytest.raises(ExecutorError, match=r"the scheduler at tcp://127\.0\.0\.1:9 went away; start it again"):
        executor.finished(0.01)


def test_a_chunk_that_only_waited_at_workers_that_were_lost_is_tried_again_and_one_that_was_begun_is_not() -> None:
    import distributed

    class Client:
        status = "running"

        def submit(self, run: object, order: JobOrder, task: Task, attempt: str, **named: object) -> Future[Any]:
            attempts.append(attempt)
            blamed: Future[Any] = Future()
            blamed.set_exception(killed(attempt, None, 3))
            return blamed

        def get_events(self, topic: str) -> tuple[tuple[float, str], ...]:
            return ((0.0, attempts[0]),)

    attempts: list[str] = []
    killed: Any = distributed.scheduler.KilledWorker
    executor = cluster.DaskExecutor("tcp://127.0.0.1:9")
    executor._client, executor._order = Client(), JobOrder("k", "s", describe_code(), 1, "")
    for chunk in (0, 1):
        executor.submit(Task(chunk, 0, 1))
    begun, waited = executor.finished(1.0)
    assert begun.last and begun.why == "every worker that ran it was lost"
    assert not waited.last and waited.lost and waited.why == "it waited at workers that were lost"


def test_a_chunk_that_kills_its_workers_is_given_up_and_the_rest_is_run(tmp_path: Path) -> None:
    (tmp_path / "marks").mkdir()
    work = job(Stumbles(tmp_path / "marks", 0.002, how="end", once=False), plan(500, 1))
    with other_machines(tmp_path, 3) as mine, open_store(tmp_path / "s", work, chunk=50) as store:
        count = run_sweep(store, make_executor(mine.address), Meter())
        assert (count.run, count.given_up) == (9, 1)
    whole = job(design=plan(500, 1))
    assert swept(tmp_path / "s", whole, resume=True)[1] == undisturbed(plan(500, 1))


def test_where_no_scheduler_answers_the_guide_is_named(tmp_path: Path) -> None:
    with open_store(tmp_path / "s", job(), chunk=500) as store:
        with pytest.raises(ExecutorError, match=r"no dask scheduler answers at tcp://127\..*docs/guide/sweeps\.md"):
            run_sweep(store, make_executor("tcp://127.0.0.1:9", 1.0))
        with pytest.raises(ExecutorError, match=r"there is no .*nowhere\.json; start: dask scheduler"):
            run_sweep(store, make_executor(f"file:{tmp_path / 'nowhere.json'}", 0.1))
        assert store.survey().done == 0


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"address": 7}', "[" * 99_999, "half", None])
def test_what_is_no_file_of_a_scheduler_is_told_with_its_name(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "scheduler.json"
    if text is None:
        file.mkdir()
    else:
        file.write_text(text, encoding="utf-8")
    wanted = r"scheduler\.json is (not the file of a scheduler|a folder)"
    with open_store(tmp_path / "s", job(), chunk=500) as store, pytest.raises(ExecutorError, match=wanted):
        run_sweep(store, make_executor(f"file:{file}", 0.1))


def answering(kind: str) -> tuple[socket.socket, str]:
    """Something that accepts connections and is no scheduler, and its address."""
    listener = socket.create_server(("127.0.0.1", 0))

    def answer(connection: socket.socket) -> None:
        with suppress(OSError), connection:
            if kind == "web server":
                connection.recv(9)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n" * 9)
            elif kind == "promises":
                connection.sendall((10**9).to_bytes(8, "little"))
            while kind == "drips" or connection.recv(1 << 16):
                if kind == "drips":
                    connection.sendall(b"\0")
                    time.sleep(0.05)

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=answer, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return listener, f"tcp://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize("kind", ["silent", "web server", "drips", "promises"])
def test_what_answers_and_is_no_scheduler_is_told_within_the_time_that_was_given(tmp_path: Path, kind: str) -> None:
    listener, address = answering(kind)
    with listener, open_store(tmp_path / "s", job(), chunk=500) as store:
        with pytest.raises(ExecutorError, match=r"(no|not a) dask scheduler"):
            run_sweep(store, make_executor(address, 1.0))
        assert store.survey().done == 0


def test_a_worker_in_place_of_a_scheduler_is_told_apart(machines: Machines) -> None:
    import distributed

    with distributed.Client(machines.address, set_as_default=False) as client:
        client.wait_for_workers(1)
        worker = next(iter(client.nthreads()))
    with pytest.raises(ExecutorError, match="is a dask worker, not a scheduler"):
        cluster.check_scheduler(worker, 20)


def test_a_scheduler_that_goes_away_is_told_without_a_word_of_dask(tmp_path: Path) -> None:
    design = tmp_path / "design.yaml"
    design.write_text("kind: random\npoints: 40000\nfactors: {plan_base: prior}\n", encoding="utf-8")
    with other_machines(tmp_path) as mine:
        words = ["sweep", design, "--out", tmp_path / "s", "--chunk", "200", "--on", mine.address]
        running = subprocess.Popen([sys.executable, "-m", "simulator", *words], stderr=subprocess.PIPE, text=True)
        while running.poll() is None and not list(tmp_path.glob("s/part-*")):
            time.sleep(0.05)
        mine.scheduler.kill()
        output = running.communicate(timeout=WAIT)[1]
    assert running.returncode == 1
    assert f"error: the scheduler at {mine.address} went away; start it again, and go on" in output
    assert "Traceback" not in output and "distributed" not in output
