"""Two processes compile the model: each part once, and what one cannot do the other does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from proofs import TWO_PROCESSES

from simulator.engine import kernel_cache, kernel_cache_helper
from simulator.engine.kernel_cache_helper import LARGE_AND_LATE, OTHERS, PARTS, Helper, start_helper
from simulator.engine.kernel_sources import cache_folder_name

pytestmark = pytest.mark.architecture

COLD = """
import json
from numba.core import event
from simulator.engine import kernel_cache, kernel_cache_helper as two
from simulator.runs.run import run

here = []
class Note(event.Listener):
    def on_start(self, event):
        here.append(two._name(event.data["dispatcher"].py_func))
    def on_end(self, event):
        pass
two.count_cores = lambda: 2
with event.install_listener("numba:compile", Note()):
    run("baseline", 1)
    helper = kernel_cache._helpers[0]
    kernel_cache.compile_all()
print(json.dumps([[name for name in here if name in two.PARTS + two.OTHERS], helper.taken, helper.why]))
"""

PART = """
import json
from simulator.engine import kernel_cache_helper as two
from simulator.engine.kernel_sources import cache_folder_name
helper = two.Helper(cache_folder_name())
helper._waiting[:] = ["kernel_money.open_pot"]
helper.begin()
helper._thread.join(two.LONGEST_PART)
print(json.dumps([helper.taken, helper.why, len(helper.made["kernel_money.open_pot"])]))
"""

AGAIN = """
from simulator.agents.explain import replay_future
from simulator.engine import kernel_cache
from simulator.runs.run import run
run("baseline", 1)
replay_future("baseline", 0)
print(kernel_cache.count_compiled())
"""


def test_two_processes_compile_each_part_once_and_all_is_kept(tmp_path: Path, whole: bool) -> None:
    """Where code and tools are those of the last time it was proved here (`proofs.py`), the other process compiles one
    part again, and whatever is kept on this computer serves futures and Mesa.
    """
    proved = not TWO_PROCESSES.is_due(whole)
    kernels = {} if proved else {"NUMBA_CACHE_DIR": str(tmp_path / "kernels")}
    environment = {**os.environ, **kernels, "RINGFENCE_CACHE": "off"}
    environment.pop("RINGFENCE_THREADS", None)

    def run(script: str) -> str:
        words = [sys.executable, "-c", script]
        return subprocess.run(words, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout

    if proved:
        taken, why, size = json.loads(run(PART))
        assert (taken, why) == (["kernel_money.open_pot"], "") and size > 1_000
        kernel_cache.compile_all()
        assert run(AGAIN) == "0\n", "neither futures nor Mesa compile anything again"
        return
    here, there, why = json.loads(run(COLD))
    assert why == ""
    assert here and there and sorted(here + there) == sorted(PARTS + OTHERS), "each once"
    kept = sorted(path.name.split("-")[0] for path in (tmp_path / "kernels").rglob("*.kernel"))
    assert kept == sorted([kernel_cache.WHOLE, *OTHERS])
    assert run(AGAIN) == "0\n", "neither futures nor Mesa compile anything again"
    if whole:
        TWO_PROCESSES.keep()


def imposter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> Helper:
    """A second process that does something else."""
    path = tmp_path / "imposter"
    path.write_text(f"#!{sys.executable}\n{script}\n", encoding="utf-8")
    path.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(path))
    helper = Helper(cache_folder_name())
    helper.begin()
    while len(helper._waiting) == len(PARTS + OTHERS):  # until it is asked for a part
        time.sleep(0.01)
    return helper


@pytest.mark.skipif(os.name != "posix", reason="a script stands in for Python")
@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("raise SystemExit(3)", "ended without a word"),
        ("import sys; sys.stdout.buffer.write(bytes(4)); sys.stdout.flush()", "ended without a word"),
        ("import sys; sys.stdout.buffer.write(bytes([1]) + (2).to_bytes(8, 'big') + b'no')", "no"),
    ],
)
def test_where_the_second_process_fails_the_first_compiles_all(
    script: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    helper = imposter(tmp_path, monkeypatch, script)
    assert [part for part in (*PARTS, *OTHERS) if helper.take(part) is not None] == []
    helper.stop()
    assert why in helper.why and helper.process.returncode is not None


@pytest.mark.skipif(os.name != "posix", reason="a script stands in for Python")
def test_a_second_process_that_hangs_is_ended_and_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel_cache_helper, "LONGEST_PART", 0.2)
    helper = imposter(tmp_path, monkeypatch, "import time; time.sleep(600)")
    assert helper.take(LARGE_AND_LATE[0]) is None and "took it more than" in helper.why
    assert helper.process.wait(10.0) != 0


def test_the_second_process_says_what_went_wrong_and_ends() -> None:
    helper = Helper("kernels-of-other-sources")
    helper.begin()
    assert helper.take(PARTS[-1]) is None or not helper.made
    helper._thread.join(60.0)
    assert "the sources have changed" in helper.why
    assert helper.process.returncode is not None


def test_the_second_process_compiles_nothing_until_the_first_begins_and_can_be_ended_before() -> None:
    helper = Helper(cache_folder_name())
    time.sleep(0.2)
    assert sorted(helper._waiting) == sorted(OTHERS + PARTS) and helper.made == {}
    helper.stop()
    assert helper.process.returncode is not None and helper.taken == []


def test_a_part_that_this_numba_cannot_take_in_is_compiled_here_and_the_reason_is_kept() -> None:
    helper: Any = SimpleNamespace(why="")
    assert kernel_cache_helper._unpack_or_give_up(b"no part", (), None, helper) is None
    assert "UnpicklingError" in helper.why


def test_one_core_compiles_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel_cache_helper, "count_cores", lambda: 1)
    assert start_helper(cache_folder_name()) is None


def test_threads_that_are_asked_for_bound_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RINGFENCE_THREADS", "1")
    assert kernel_cache_helper.count_cores() == 1


def test_where_no_process_can_be_started_one_line_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(kernel_cache_helper, "count_cores", lambda: 2)
    monkeypatch.setattr(kernel_cache, "_said", set())
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    kernel_cache._start_helper(cache_folder_name())
    assert kernel_cache._helpers == []
    assert "only one core compiles" in capsys.readouterr().err
