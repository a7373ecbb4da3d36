"""A file is written whole or not at all, keeps its rights, and every reason why it cannot be is a sentence."""

from __future__ import annotations

import errno
import json
import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.common.atomic_files import (
    STALE,
    FileWriteError,
    check_writable,
    describe_write_error,
    replacing,
    write_bytes,
    write_text,
    write_together,
    write_with,
)

pytestmark = pytest.mark.interface
posix = pytest.mark.skipif(os.name != "posix", reason="rights and links are those of POSIX systems")
ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_new_file_is_written_with_the_line_ends_of_its_text(tmp_path: Path) -> None:
    write_text(tmp_path / "new.txt", "£1\n£2\n")
    assert (tmp_path / "new.txt").read_bytes() == "£1\n£2\n".encode()
    assert names(tmp_path) == ["new.txt"]


@posix
def test_a_file_is_on_the_disk_before_it_takes_its_place_and_its_folder_after_that_unless_it_need_not_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    move = Path.replace

    def flush(handle: int) -> None:
        found = os.fstat(handle)
        steps.append("folder" if os.path.samestat(found, tmp_path.stat()) else f"{found.st_size} bytes")

    def replace(part: Path, target: Path) -> Path:
        steps.append("replace")
        return move(part, target)

    monkeypatch.setattr(os, "fsync", flush)
    monkeypatch.setattr(Path, "replace", replace)
    write_bytes(tmp_path / "a.csv", b"content")
    assert steps == ["7 bytes", "replace", "folder"]
    steps.clear()
    with replacing(tmp_path / "a.csv", durable=False) as part:
        part.write_bytes(b"other")
    assert steps == ["replace"]


@posix
def test_a_link_stays_and_the_file_that_it_names_is_written(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    target, link, chain = tmp_path / "folder" / "real.csv", tmp_path / "link.csv", tmp_path / "chain.csv"
    link.symlink_to(Path("folder") / "real.csv")
    chain.symlink_to("link.csv")
    for content in (b"dangling at first", b"then there"):
        write_bytes(chain, content)
        assert link.is_symlink() and chain.is_symlink() and not target.is_symlink()
        assert target.read_bytes() == content
    assert names(tmp_path / "folder") == ["real.csv"]


@posix
def test_rights_and_group_are_kept_and_new_files_obey_the_umask(tmp_path: Path) -> None:
    file = tmp_path / "shared.csv"
    file.write_bytes(b"old")
    file.chmod(0o664)
    other = next((g for g in os.getgroups() if g != os.getegid()), 12345 if ROOT else os.getegid())
    os.chown(file, 54321 if ROOT else -1, other)
    write_bytes(file, b"new")
    about = file.stat()
    assert (stat.S_IMODE(about.st_mode), about.st_gid) == (0o664, other)
    assert not ROOT or about.st_uid == 54321
    assert time.time() - about.st_mtime < 3_600
    before = os.umask(0o027)
    try:
        write_bytes(tmp_path / "new.csv", b"")
        write_bytes(tmp_path / "secret", b"", private=True)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new.csv").stat().st_mode) == 0o640
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


@posix
def test_a_private_file_stays_readable_by_its_group_and_by_nobody_else(tmp_path: Path) -> None:
    file = tmp_path / "people"
    file.write_bytes(b"old")
    file.chmod(0o644)
    write_bytes(file, b"new", private=True)
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


@pytest.mark.parametrize("problem", [ValueError("of its own"), KeyboardInterrupt(), OSError(errno.ENOSPC, "full")])
def test_whatever_stops_it_the_old_file_stands_and_no_part_is_left(problem: BaseException, tmp_path: Path) -> None:
    file = tmp_path / "file.csv"
    file.write_bytes(b"old")

    def fill(part: Path) -> None:
        part.write_bytes(b"half")
        raise problem

    with pytest.raises((type(problem), FileWriteError)) as raised:
        write_with(file, fill)
    assert file.read_bytes() == b"old" and names(tmp_path) == ["file.csv"]
    if isinstance(problem, OSError):
        assert str(raised.value) == f"{file} cannot be written: the disk is full; make room, or choose another disk"


def test_an_error_about_something_that_is_read_on_the_way_is_not_blamed_on_the_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_with(tmp_path / "out.csv", lambda part: (tmp_path / "missing.csv").read_bytes())
    assert names(tmp_path) == []


def test_files_that_belong_together_are_all_written_or_none(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    other.mkdir()
    with pytest.raises(FileWriteError, match="is a folder"):
        write_together({one: b"1", other: b"2"})
    assert names(tmp_path) == ["other"]
    other.rmdir()
    write_together({one: b"1", other: b"2"})
    assert (one.read_bytes(), other.read_bytes()) == (b"1", b"2")


def test_parts_that_a_killed_process_left_go_in_time_and_nothing_else_does(tmp_path: Path) -> None:
    old, new = tmp_path / f".ringfence-{'0' * 16}.tmp", tmp_path / f".ringfence-{'1' * 16}.tmp"
    theirs = [tmp_path / name for name in ("x.tmp", "x.part", ".ringfence-notes.tmp", f"ringfence-{'0' * 16}.tmp")]
    then = time.time() - 2 * STALE
    for path in (old, new, *theirs):
        path.write_bytes(b"")
        if path != new:
            os.utime(path, (then, then))
    write_bytes(tmp_path / "file", b"")
    assert not old.exists() and new.exists() and all(path.exists() for path in theirs)


def loop(folder: Path) -> Path:
    (folder / "loop").symlink_to("loop")
    return folder / "loop"


def pipe(folder: Path) -> Path:
    os.mkfifo(folder / "pipe")
    return folder / "pipe"


def read_only(folder: Path) -> Path:
    (folder / "fixed").write_bytes(b"old")
    (folder / "fixed").chmod(0o444)
    return folder / "fixed"


def closed_folder(folder: Path) -> Path:
    (folder / "closed").mkdir(mode=0o555)
    return folder / "closed" / "file"


def in_a_file(folder: Path) -> Path:
    (folder / "file").write_bytes(b"")
    return folder / "file" / "x"


CANNOT: dict[str, tuple[Callable[[Path], Path], str]] = {
    "a folder in its place": (lambda folder: folder, "is a folder; give the name of a file in it"),
    "no such folder": (lambda folder: folder / "no" / "file", "there is no folder .*no; make it first"),
    "a file for a folder": (in_a_file, "there is no folder .*file; make it first"),
    "a name too long": (lambda folder: folder / ("x" * 300), "is too long; choose a shorter one"),
    "no name at all": (lambda folder: folder / "a\0b", "cannot be the name of a file; choose another"),
}
if os.name == "posix":
    CANNOT |= {
        "a link to itself": (loop, "is a link that leads back to itself; remove it, or choose another name"),
        "a pipe": (pipe, "is a pipe or a device; give the name of an ordinary file"),
        "a device": (lambda _: Path("/dev/null"), "is a pipe or a device; give the name of an ordinary file"),
    }
    if not ROOT:
        CANNOT |= {
            "a read-only file": (read_only, "is read-only; choose another name, or allow writing to it first"),
            "no permission": (closed_folder, "no permission to write in .*closed.*; choose another folder"),
        }


@pytest.mark.parametrize("name", CANNOT)
def test_before_any_work_is_done_a_sentence_says_why_a_file_cannot_be_written(name: str, tmp_path: Path) -> None:
    make, says = CANNOT[name]
    path = make(tmp_path)
    before = names(tmp_path)
    for attempt in (check_writable, lambda file: write_bytes(file, b"x")):
        with pytest.raises(FileWriteError, match=says) as raised:
            attempt(path)
        assert "\n" not in str(raised.value) and "Errno" not in str(raised.value)
    assert names(tmp_path) == before


@pytest.mark.parametrize("number", sorted(errno.errorcode))
def test_every_number_of_the_system_is_told_in_one_sentence_that_names_the_file(number: int) -> None:
    write_error = describe_write_error(OSError(number, os.strerror(number)), Path("my.csv"))
    assert "my.csv" in write_error and "Errno" not in write_error and ";" in write_error and "\n" not in write_error


def test_where_a_library_tells_the_number_only_in_its_text_it_is_understood(tmp_path: Path) -> None:
    def fill(part: Path) -> None:
        raise RuntimeError("Unable to write (errno = 27, error message = 'File too large')")

    with pytest.raises(FileWriteError, match="files may not be so large here"):
        write_with(tmp_path / "results.nc", fill)


LIMITED = """
import json, resource, sys
sys.dont_write_bytecode = True  # Python would keep the first 2,000 bytes of a module's, and nothing could import it
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
from simulator.commands.cli import main
for file in sys.argv[1:]:
    sys.argv = ["ringfence", "run", "ringfence", "-n", "400", "--out", file]
    try:
        main()
    except SystemExit as end:
        print(json.dumps([file, end.code]), file=sys.stderr, flush=True)
"""


@posix
def test_where_a_file_does_not_fit_one_sentence_says_so_and_nothing_is_left(tmp_path: Path) -> None:
    files = [tmp_path / f"out.{ending}" for ending in ("csv", "json", "nc")]
    process = subprocess.run([sys.executable, "-c", LIMITED, *map(str, files)], capture_output=True, text=True)
    assert process.returncode == 0
    assert [line for line in process.stderr.splitlines() if line.startswith(("error: ", "["))] == [
        line
        for file in files
        for line in (
            f"error: {file} cannot be written: files may not be so large here; choose another disk, or raise the limit",
            json.dumps([str(file), 1]),
        )
    ]
    assert "Traceback" not in process.stderr and names(tmp_path) == []


SLOW = """
import signal, sys, time
for number in (signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.SIG_DFL)  # whoever runs the tests may have them ignored
signal.signal(signal.SIGINT, signal.default_int_handler)
from simulator.commands import cli
from simulator.common import atomic_files
def hang(out):
    def fill(part):
        part.write_bytes(b"half")
        print("half", flush=True)
        time.sleep(600)
    atomic_files.write_with(out, fill)
cli.app = lambda **_: hang(__import__("pathlib").Path(sys.argv[1]))
cli.main()
"""


@posix
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_a_signal_leaves_the_old_file_and_no_part(name: str, tmp_path: Path) -> None:
    import signal

    file = tmp_path / "out.csv"
    file.write_bytes(b"old")
    with subprocess.Popen([sys.executable, "-c", SLOW, str(file)], stdout=-1, stderr=-1, text=True) as running:
        assert running.stdout is not None and running.stdout.readline() == "half\n"
        assert len(names(tmp_path)) == 2
        running.send_signal(getattr(signal, name))
        try:
            running.communicate(timeout=120)
        finally:
            running.kill()
    assert file.read_bytes() == b"old" and names(tmp_path) == ["out.csv"]


def test_nothing_else_in_the_package_writes_files_by_itself() -> None:
    """One writer: others would forget links, rights or half-written files."""
    import re

    root = Path(__file__).parents[2]
    writing = re.compile(r"""\.write_(text|bytes)\(|os\.replace\(|mkstemp|\bopen\([^)]*["'][wx]b?["']""")
    texts = {
        str(path.relative_to(root)): line.strip()
        for folder in ("simulator", "dashboards")
        for path in sorted((root / folder).rglob("*.py"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if writing.search(line) and "atomic_files" not in path.name
    }
    allowed = {
        "simulator/commands/shared/console.py",
        "simulator/sweeps/lock.py",
        "simulator/sweeps/store_files.py",
        "simulator/sweeps/run_table.py",
    }
    assert {name: line for name, line in texts.items() if name not in allowed} == {}


def test_a_part_has_a_name_that_is_surely_ours_and_short_enough_for_the_longest(tmp_path: Path) -> None:
    longest = tmp_path / ("x" * 251 + ".csv")
    with replacing(longest) as part:
        part.write_bytes(b"whole")
        assert part.parent == tmp_path and len(part.name) < 40
    assert longest.read_bytes() == b"whole"
