"""Several server processes behind one address: a page stays in one, and what ends is started again."""

from __future__ import annotations

import os
import queue
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from cli_runs import bad, ring

pytest.importorskip("panel", reason="the dashboard is not installed: pip install -e '.[dashboard]'")

from visits import visitors

from dashboards.access.options import AccessOptions
from dashboards.server import front
from dashboards.server.front import ask_to_close, choose_process

pytestmark = [pytest.mark.dashboards, pytest.mark.filterwarnings("default")]

ROOT = Path(__file__).parents[3]
SOCKET = b"GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: bokeh, %s\r\n\r\n"


def test_every_connection_of_a_page_goes_to_the_same_process_and_pages_are_shared_out() -> None:
    chosen = [choose_process(SOCKET % f"token{i}".encode(), 3) for i in range(60)]
    assert {chosen.count(at) > 8 for at in range(3)} == {True}
    assert chosen == [choose_process((SOCKET % f"token{i}".encode()).lower(), 3) for i in range(60)]
    assert choose_process(b"GET /?v=1 HTTP/1.1\r\nHost: bokeh, x\r\n\r\n", 3) is None


def test_a_connection_without_a_page_ends_after_one_request() -> None:
    head = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\nAccept: */*\r\n\r\n"
    assert ask_to_close(head) == b"GET / HTTP/1.1\r\nHost: a\r\nAccept: */*\r\nConnection: close\r\n\r\n"


def test_passwords_do_not_go_with_several_processes() -> None:
    assert "--auth does not go with --processes" in bad("serve", "--processes", "2", "--auth", "basic:users.txt")


def test_a_browser_is_opened_once_all_processes_listen_if_wished(monkeypatch: pytest.MonkeyPatch) -> None:
    said, opened = list[str](), queue.Queue[str]()

    async def ready_at_once(self: front.Front, listeners: Any, say_ready: Any) -> None:
        say_ready()

    monkeypatch.setattr(front.Front, "serve", ready_at_once)
    monkeypatch.setattr("webbrowser.open", opened.put)
    with ThreadPoolExecutor(1) as thread:  # where no other test's loop runs
        for show in (False, True):
            options = (2, 0, "127.0.0.1", show, [], AccessOptions(), said.append)
            thread.submit(front.serve_processes, *options).result()
    address = opened.get(timeout=60)
    assert opened.empty() and said[-1] == f"The dashboard is at {address} (stop with Ctrl-C)"


def test_several_processes_too_say_that_anybody_can_come_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front, "serve_processes", lambda *_: None)
    assert "Anybody who reaches 0.0.0.0" in ring("serve", "--processes", "2", "--address", "0.0.0.0").stderr


HEEDS_CTRL_C = """
import runpy, signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # who starts the tests in the background has it ignored
runpy.run_module("simulator", run_name="__main__", alter_sys=True)
"""


class Running:
    """`ringfence serve --processes 2`, and what it writes."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"http://localhost:{free.getsockname()[1]}/"
            port = str(free.getsockname()[1])
        command = [sys.executable, "-c", HEEDS_CTRL_C, "serve", "--processes", "2", "--port", port]
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8"
        )
        self.lines = queue.Queue[str]()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line)

    def wait_for(self, pattern: str) -> re.Match[str]:
        """The next line in which a pattern stands."""
        while True:
            found = re.search(pattern, self.lines.get(timeout=120))
            if found:
                return found


@pytest.fixture
def running() -> Iterator[Running]:
    served = Running()
    yield served
    if served.process.poll() is None:
        served.process.terminate()
    served.process.wait(30)
    assert served.process.stdout is not None
    served.process.stdout.close()


def test_pages_open_and_answer_in_both_processes_and_again_after_one_has_died(running: Running) -> None:
    started = [running.wait_for(r"event=process-started process=(\d) pid=(\d+)").groups() for _ in range(2)]
    assert {number for number, _ in started} == {"1", "2"}
    running.wait_for("The dashboard is at")
    visits: Any = visitors()
    query = f"{running.address}?v=1&B=ringfence&C=leadership&n=250&tab=build"

    def visit_both() -> None:
        """Visitors come two by two and move a lever, until both processes have had one."""
        seen = set[str]()
        for _ in range(16):
            with ThreadPoolExecutor(1) as pool:  # a loop of its own, whatever runs in this one
                came, failed = pool.submit(visits.crowd, [query], 2, 1, 0.1).result()
            assert failed == 0 and all(visit.moves or visit.amid for visit in came)
            seen |= {running.wait_for(r"event=session-opened .* process=(\d)")[1] for _ in came}
            if seen == {"1", "2"}:
                return
        pytest.fail(f"all went to process {seen}")

    visit_both()
    number, pid = started[0]
    os.kill(int(pid), signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
    running.wait_for(f"event=process-ended process={number}")
    with ThreadPoolExecutor(1) as pool:  # while it is started again, whoever comes is led to the other
        assert pool.submit(visits.crowd, [query], 4, 0, 0.1).result()[1] == 0
    running.wait_for(f"event=process-started process={number}")
    visit_both()
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(30) == 0
