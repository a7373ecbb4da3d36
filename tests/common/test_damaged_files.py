"""Nothing depends on a file or a folder being healthy: what is damaged counts as not there, and is made again."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest
from filelock import FileLock
from typer.testing import CliRunner

from simulator.commands.cli import app
from simulator.declarations.output_variables import NATIONAL_DTYPE
from simulator.engine import kernel_cache
from simulator.runs import result_cache as cache

pytestmark = pytest.mark.interface

NAME = f"kernels-{'a' * 16}"
KEY = "0" * 32
ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


def flip(at: float) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        data = bytearray(path.read_bytes())
        data[int(at * (len(data) - 1))] ^= 1
        path.write_bytes(data)

    return change


def instead(make: Callable[[Path], object]) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        path.unlink()
        make(path)

    return change


def folder_with_a_file(path: Path) -> None:
    path.mkdir()
    (path / "something").write_bytes(b"of somebody")


DAMAGE: dict[str, Callable[[Path], None]] = {
    "emptied": lambda path: path.write_bytes(b"") and None,
    "halved": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]) and None,
    "without its head": lambda path: path.write_bytes(path.read_bytes().split(b"\n", 1)[1]) and None,
    "one bit of its head changed": flip(0.002),
    "one bit in the middle changed": flip(0.5),
    "its last bit changed": flip(1.0),
    "longer": lambda path: path.write_bytes(path.read_bytes() + b"\0") and None,
    "something else": lambda path: path.write_bytes(b"[" * 100_000) and None,
    "gone": lambda path: path.unlink(),
    "an empty folder": instead(lambda path: path.mkdir()),
    "a folder with a file": instead(folder_with_a_file),
}
if os.name == "posix":
    DAMAGE |= {
        "a link to nothing": instead(lambda path: path.symlink_to("nothing")),
        "a link to itself": instead(lambda path: path.symlink_to(path.name)),
        "a pipe": instead(lambda path: os.mkfifo(path)),
        "unreadable": lambda path: path.chmod(0),
        "open to everybody": lambda path: path.chmod(0o666),
    }
if ROOT:
    DAMAGE["somebody else's"] = lambda path: os.chown(path, 12345, 12345)


@pytest.fixture(autouse=True)
def _no_hang() -> Iterator[None]:
    """What waits for ever, such as a pipe that is opened, fails instead."""

    def stop(number: int, frame: object) -> None:
        raise AssertionError("it hangs")

    if hasattr(signal, "setitimer"):
        before = signal.signal(signal.SIGALRM, stop)
        signal.setitimer(signal.ITIMER_REAL, 300)
    yield
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Kernels and results kept in folders of this test alone."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "kernels"))
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "results"))
    (tmp_path / "temporary").mkdir(mode=0o700)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    monkeypatch.setattr(kernel_cache, "_said", set())
    monkeypatch.setattr(kernel_cache, "_compiled", [])
    kernel_cache._find_lock.cache_clear()
    return tmp_path


def tiny() -> Any:
    """A kernel that compiles in no time, as a new process would meet it."""

    def double(x: float) -> float:
        return x + x

    dispatcher = numba.njit(nogil=True, no_cfunc_wrapper=True, _nrt=False)(double)
    kernel_cache.keep_kernels(dispatcher, NAME)
    return dispatcher


def kernel_file(home: Path) -> Path:
    (path,) = (home / "kernels" / NAME).glob(f"*{kernel_cache.ENDING}")
    return path


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_kernel_is_compiled_again_and_kept_whole(damage: str, home: Path) -> None:
    assert tiny()(2.0) == 4.0
    path = kernel_file(home)
    assert tiny()(2.0) == 4.0 and kernel_cache.count_compiled() == 1, "a whole one is used"
    DAMAGE[damage](path)
    assert tiny()(2.0) == 4.0
    read_all_the_same = damage == "unreadable" and ROOT
    assert kernel_cache.count_compiled() == (1 if read_all_the_same else 2)
    assert tiny()(2.0) == 4.0
    assert kernel_cache.count_compiled() == (1 if read_all_the_same else 2), "it is mended"


@pytest.mark.parametrize("damage", DAMAGE)
def test_clearing_mends_every_damage_that_is_ours_to_mend(damage: str, home: Path) -> None:
    tiny()(2.0)
    path = kernel_file(home)
    DAMAGE[damage](path)
    kernel_cache.clear_kernels(NAME)
    assert not os.path.lexists(path)
    tiny()(2.0)
    assert kernel_cache.count_kept(NAME)[::2] == (1, 0)


def test_a_kernel_of_another_machine_or_numba_is_not_used(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny()(2.0)
    for name in ("platform.machine", "importlib.metadata.version"):
        with monkeypatch.context() as there:
            there.setattr(name, lambda *_: "other")
            before = kernel_cache.count_compiled()
            assert tiny()(2.0) == 4.0
            assert kernel_cache.count_compiled() == before + 1


def test_a_kernel_that_numba_cannot_read_is_compiled_again(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny()(2.0)

    def refuse(*_: object) -> None:
        raise SystemError("anything at all")

    monkeypatch.setattr("numba.core.compiler.CompileResult._rebuild", refuse)
    assert tiny()(2.0) == 4.0 and kernel_cache.count_compiled() == 2


@pytest.mark.parametrize("damage", [name for name in DAMAGE if name not in ("gone", "without its head")])
def test_a_damaged_lock_stops_nobody(damage: str, home: Path) -> None:
    folder = home / "kernels" / NAME
    folder.mkdir(parents=True, mode=0o700)
    lock = folder / kernel_cache.LOCK
    lock.write_bytes(b"some bytes\nof a lock")
    DAMAGE[damage](lock)
    assert tiny()(2.0) == 4.0


FOLDERS: dict[str, Callable[[Path], object]] = {
    "a file": lambda path: path.write_bytes(b""),
}
if os.name == "posix":
    FOLDERS |= {
        "a link to a folder": lambda path: path.symlink_to(path.parent),
        "a link to nothing": lambda path: path.symlink_to("nothing"),
        "a link to itself": lambda path: path.symlink_to(path.name),
        "a pipe": os.mkfifo,
        "open to everybody": lambda path: (path.mkdir(), path.chmod(0o777)),
    }
if ROOT:
    FOLDERS["somebody else's"] = lambda path: (path.mkdir(mode=0o700), os.chown(path, 12345, 12345))


@pytest.mark.parametrize("place", ["kernels", "temporary/ringfence"])
@pytest.mark.parametrize("kind", FOLDERS)
def test_no_kernel_is_run_from_a_folder_that_others_may_have_filled(
    kind: str, place: str, home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Compiled code is run as it stands: it must be this user's own."""
    first, second = kernel_cache.list_folders(NAME)
    folder, other = (first, second) if place == "kernels" else (second, first)
    for parent in (first.parent, second.parent):
        parent.mkdir(parents=True)
    FOLDERS[kind](folder)
    if place != "kernels":
        other.write_bytes(b"")  # so that only the other one is left
    read: list[Path] = []
    real = kernel_cache.read_trusted
    monkeypatch.setattr(kernel_cache, "read_trusted", lambda path: read.append(path) or real(path))
    assert tiny()(2.0) == 4.0
    assert [path for path in read if path.parent == folder] == []
    assert not folder.is_dir() or [p for p in folder.iterdir() if p.name.startswith("double")] == []
    errors_printed = capsys.readouterr().err
    if place == "kernels":
        assert "is not used, because the folder" in errors_printed
        before = kernel_cache.count_compiled()
        assert tiny()(2.0) == 4.0 and kernel_cache.count_compiled() == before, "the temporary folder keeps it"
    else:
        assert errors_printed.count("the compiled model cannot be saved") == 1


def test_where_nothing_can_be_written_kernels_stay_in_memory_and_one_line_says_so(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def none() -> str:
        raise FileNotFoundError("No usable temporary directory")

    monkeypatch.setattr("tempfile.gettempdir", none)
    (home / "kernels").write_bytes(b"")
    assert tiny()(2.0) == 4.0 and tiny()(3.0) == 6.0
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert "about half a minute" in lines[0] and "cannot be saved" in lines[1] and "NUMBA_CACHE_DIR" in lines[1]


def test_kernels_are_read_where_nothing_can_be_written(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny()(2.0)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    for name in ("os.mkdir", "os.utime", "simulator.engine.kernel_cache.write_bytes", "pathlib.Path.mkdir"):
        monkeypatch.setattr(name, refuse)
    monkeypatch.setattr("tempfile.gettempdir", refuse)
    assert tiny()(2.0) == 4.0 and kernel_cache.count_compiled() == 1


def test_no_kernel_is_lost_with_a_user_who_has_no_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *_, **__: "~/.cache/ringfence")
    assert all(folder.is_absolute() and "~" not in str(folder) for folder in kernel_cache.list_folders(NAME))
    monkeypatch.setenv(cache.VARIABLE, "")
    assert cache.find_folder() is None


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_result_is_worked_out_again_and_kept_whole(damage: str, home: Path) -> None:
    data = np.zeros((600, 8), NATIONAL_DTYPE)
    data["protected"] = 0.5
    folder = cache.find_folder()
    assert folder is not None
    cache.keep(KEY, data)
    path = folder / f"{KEY}{cache.SUFFIX}"
    DAMAGE[damage](path)
    again = cache.recall_or_run(KEY, 600, lambda: data)
    assert again.tobytes() == data.tobytes()
    recalled = cache.recall(KEY, 600)
    assert (recalled is None) == (damage in ("an empty folder", "a folder with a file"))
    assert recalled is None or recalled.tobytes() == data.tobytes()


@pytest.mark.parametrize("kind", FOLDERS)
def test_no_result_is_believed_from_a_folder_that_others_may_have_filled(kind: str, home: Path) -> None:
    data = np.zeros((600, 8), NATIONAL_DTYPE)
    folder = cache.find_folder()
    assert folder is not None
    folder.parent.mkdir()
    FOLDERS[kind](folder)
    cache.keep(KEY, data)
    assert cache.recall(KEY, 600) is None
    assert not (folder.parent / f"{KEY}{cache.SUFFIX}").exists(), "nothing is written through a link"


def test_clearing_says_so_when_something_could_not_be_removed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.keep(KEY, np.zeros((600, 8), NATIONAL_DTYPE))
    monkeypatch.setattr(Path, "unlink", lambda *_, **__: (_ for _ in ()).throw(PermissionError(1, "no")))
    result = CliRunner().invoke(app, ["cache", "--clear"])
    assert result.exit_code == 1
    assert "Removed 0 results" in result.stdout and "not everything could be removed" in result.stderr


TWO_AT_ONCE = """
import sys, time, numba
from pathlib import Path
from simulator.engine import kernel_cache
def double(x):
    return x + x
dispatcher = numba.njit(nogil=True)(double)
kernel_cache.keep_kernels(dispatcher, sys.argv[1])
compile_now = dispatcher._compiler.compile
def slowly(*args):
    Path(sys.argv[2]).touch()                       # this process compiles
    while not Path(sys.argv[3]).exists():           # until the other one has been seen to wait
        time.sleep(0.01)
    return compile_now(*args)
dispatcher._compiler.compile = slowly
assert dispatcher(2.0) == 4.0
print(kernel_cache.count_compiled())
"""


def test_of_two_processes_one_compiles_and_the_other_waits_for_it(home: Path, tmp_path: Path) -> None:
    begun, seen, script = tmp_path / "begun", tmp_path / "seen", tmp_path / "two.py"
    script.write_text(TWO_AT_ONCE, encoding="utf-8")  # the same file, for it is part of the name
    words = [sys.executable, str(script), NAME, str(begun), str(seen)]
    with subprocess.Popen(words, stdout=-1, text=True) as first:
        while not begun.exists() and first.poll() is None:
            time.sleep(0.01)
        with subprocess.Popen(words, stdout=-1, stderr=-1, text=True) as second:
            assert second.stderr is not None
            assert second.stderr.readline() == "another process is compiling the model; waiting for it\n"
            seen.touch()
            output = second.communicate()
        assert (first.communicate()[0], output[0]) == ("1\n", "0\n")


def test_a_process_that_was_killed_while_it_compiled_holds_nobody_up(home: Path, tmp_path: Path) -> None:
    begun, script = tmp_path / "begun", tmp_path / "two.py"
    script.write_text(TWO_AT_ONCE, encoding="utf-8")
    words = [sys.executable, str(script), NAME, str(begun), str(tmp_path / "never")]
    with subprocess.Popen(words, stdout=-1, stderr=-1) as first:
        while not begun.exists() and first.poll() is None:
            time.sleep(0.01)
        first.kill()
    assert tiny()(2.0) == 4.0


def test_who_holds_the_lock_for_ever_is_not_waited_for_for_ever(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = home / "kernels" / NAME
    folder.mkdir(parents=True, mode=0o700)
    monkeypatch.setattr(kernel_cache, "LONGEST_WAIT", 0.2)
    with FileLock(folder / kernel_cache.LOCK):
        assert tiny()(2.0) == 4.0
    assert "waiting for it" in capsys.readouterr().err
    assert kernel_cache.count_kept(NAME).whole == 1


def test_threads_that_compile_at_once_do_not_wait_for_each_other(home: Path) -> None:
    first, second = tiny(), tiny()
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda call: call(2.0), [first, second] * 4)) == [4.0] * 8
    assert gc.isenabled(), "collection of garbage goes on after compiling"


def test_the_line_while_compiling_is_said_once_and_only_when_something_is_compiled(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny()(2.0)
    tiny()(2)
    assert capsys.readouterr().err.count("compiling the model") == 1
    kernel_cache._said.clear()
    tiny()(2.0)
    assert capsys.readouterr().err == ""


@pytest.mark.skipif(os.name != "posix", reason="the limit is one of POSIX systems")
def test_where_kernels_do_not_fit_on_the_disk_they_stay_in_memory(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import resource

    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # of which Python would keep a part
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, before[1]))
    try:
        assert tiny()(2.0) == 4.0
        cache.keep(KEY, np.zeros((600, 8), NATIONAL_DTYPE))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "files may not be so large here" in capsys.readouterr().err
    assert [p for p in home.rglob("*") if p.is_file() and p.name != kernel_cache.LOCK] == []


def test_a_command_with_a_damaged_kernel_answers_and_the_model_is_kept_where_it_was(home: Path) -> None:
    """The real thing, with the smallest of the real kernels."""
    environment = {**os.environ, "TMPDIR": str(home / "temporary")}
    sheet = "from simulator.engine.random_table import draw_random_table; print(draw_random_table(1, 0, 2, 2, 2).sum())"

    def told() -> str:
        return subprocess.run(
            [sys.executable, "-c", sheet], env=environment, check=True, capture_output=True, text=True
        ).stdout

    right = told()
    files = list((home / "kernels").rglob(f"*{kernel_cache.ENDING}"))
    assert files
    for path in files:
        flip(0.5)(path)
    assert told() == right
    assert kernel_cache.count_kept(files[0].parent.name) == (len(files), sum(p.stat().st_size for p in files), 0)
