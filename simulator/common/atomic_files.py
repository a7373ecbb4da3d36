"""Writes files completely or not at all, and says in plain words why one cannot be written.

A file is first written next to its target under a temporary name, and then moved into place, so that a reader sees
either the old file or the new one. If anything goes wrong, the temporary file is removed.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from simulator.common.errors import ResourceError

STALE = 3_600.0
"""Seconds after which a temporary file left behind by a killed process is removed."""

_PART = re.compile(r"\.ringfence-[0-9a-f]{16}\.tmp")
_ERRNO_IN_TEXT = re.compile(r"errno = (\d+)")  # as HDF5 reports it
_DISK_TROUBLE = {errno.ENOSPC, errno.EFBIG, errno.EROFS, errno.EIO, getattr(errno, "EDQUOT", errno.ENOSPC)}


class FileWriteError(ResourceError):
    """A file cannot be written. The message says which file, why, and what to do about it."""


def write_text(path: Path, text: str, *, durable: bool = True) -> None:
    """Write a UTF-8 file, keeping the line ends of `text`. Raises FileWriteError and then keeps the old file."""
    write_bytes(path, text.encode("utf-8"), durable=durable)


def write_bytes(
    path: Path, data: bytes, *, durable: bool = True, private: bool = False, follow_links: bool = True
) -> None:
    """Write a file; `replacing` describes the options. Raises FileWriteError and then keeps the old file."""
    with replacing(path, durable=durable, private=private, follow_links=follow_links) as part, part.open("wb") as file:
        file.write(data)


def write_with(path: Path, fill: Callable[[Path], object], *, durable: bool = True) -> None:
    """Call `fill` with a temporary path to write to. Raises FileWriteError, and whatever `fill` raises."""
    with replacing(path, durable=durable) as part:
        fill(part)


def write_together(files: Mapping[Path, bytes], *, last: Path | None = None, durable: bool = True) -> None:
    """Write files that belong together. None is moved into place before all are written. Raises FileWriteError.

    The file `last` is removed first and moved into place last. If the process is killed on the way, either all files
    are old, or all are new, or `last` is missing, which shows that old and new may be mixed.
    """
    with ExitStack() as stack:  # which ends in reverse order
        for path in sorted(files, key=lambda path: path != last):
            stack.enter_context(replacing(path, durable=durable)).write_bytes(files[path])
        if last is not None:
            target = Path(os.path.realpath(last))
            target.unlink(missing_ok=True)
            if durable:
                _flush_folder(target.parent)


@contextmanager
def replacing(path: Path, *, durable: bool = True, private: bool = False, follow_links: bool = True) -> Iterator[Path]:
    """Yield a temporary path to write to. It replaces `path` if the block succeeds, and is removed if it does not.

    A link is followed to the file that it names. An existing file keeps its permissions, its group and, where that is
    allowed, its owner. `durable` flushes the file to disk first. `private` lets only this user read a new file, and
    only the owner and the group read an existing one. Without `follow_links`, which is for Ringfence's own folders,
    anything at `path` but a folder is replaced. Raises FileWriteError, and whatever the block raises.
    """
    target = check_writable(path) if follow_links else path
    old = _read_status(target) if follow_links else None
    part = target.with_name(f".ringfence-{os.urandom(8).hex()}.tmp")
    try:
        _create(part, 0o600 if private or old else 0o666)
        yield part
        if old:
            _keep_rights(target, old, part)
            if private:
                part.chmod(stat.S_IMODE(part.stat().st_mode) & ~0o007)
        if durable:
            _flush(part)
        part.replace(target)
    except BaseException as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        if _concerns_file(error, part, target):
            raise FileWriteError(describe_write_error(error, path)) from error
        raise
    if durable:
        _flush_folder(target.parent)
    remove_leftovers(target.parent)


def make_folder(folder: Path) -> None:
    """Make a folder and its parents, unless they exist. Raises FileWriteError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise FileWriteError(_describe_no_folder(folder)) from None
    except (OSError, ValueError) as error:
        raise FileWriteError(describe_write_error(error, folder)) from error


def _describe_no_folder(path: Path) -> str:
    return f"{path} is {'a file' if path.is_file() else 'a pipe or a device'}; give the name of a folder"


def check_folder(folder: Path, names: Iterable[str]) -> None:
    """Check that files of these names can be written into a folder, which need not exist yet.

    Raises FileWriteError. Creates nothing.
    """
    try:
        if folder.is_dir():
            for name in names:
                check_writable(folder / name)
            return
        around = next(path for path in (folder, *folder.absolute().parents) if os.path.lexists(path))
        if not around.is_dir():
            raise FileWriteError(_describe_no_folder(around))
        check_writable(around / f".ringfence-{os.urandom(8).hex()}")
    except FileWriteError:
        raise
    except (OSError, ValueError) as error:
        raise FileWriteError(describe_write_error(error, folder)) from error


def check_writable(path: Path) -> Path:
    """Follow links from `path` and return the file they lead to, if it can be written now. Raises FileWriteError."""
    try:
        target = Path(os.path.realpath(path)) if path.is_symlink() else path
        if target.is_symlink():
            raise FileWriteError(f"{path} is a link that leads back to itself; remove it, or choose another name")
        old = _read_status(target)
        if old and stat.S_ISDIR(old.st_mode):
            raise FileWriteError(f"{path} is a folder; give the name of a file in it")
        if old and not stat.S_ISREG(old.st_mode):
            raise FileWriteError(f"{path} is a pipe or a device; give the name of an ordinary file")
        if not target.parent.is_dir():
            raise FileWriteError(f"{path}: there is no folder {target.parent}; make it first")
        if old and not os.access(target, os.W_OK):
            raise FileWriteError(f"{path} is read-only; choose another name, or allow writing to it first")
        trial = target.with_name(f".ringfence-{os.urandom(8).hex()}.tmp")
        _create(trial, 0o600)
        trial.unlink()
    except FileWriteError:
        raise
    except (OSError, ValueError) as error:
        raise FileWriteError(describe_write_error(error, path)) from error
    return target


_OTHER_FOLDER = "{path} cannot be written; choose another folder"
_NO_PERMISSION = "{path} cannot be written: no permission to write in {folder}{elsewhere}; choose another folder"
_NO_FOLDER = "{path}: there is no folder {folder}; make it first"
_REASONS = {
    errno.ENOSPC: "{path} cannot be written: the disk is full; make room, or choose another disk",
    getattr(errno, "EDQUOT", -1): "{path} cannot be written: your share of the disk is used up; make room, or "
    "choose another disk",
    errno.EFBIG: "{path} cannot be written: files may not be so large here; choose another disk, or raise the limit",
    errno.EROFS: "{path} cannot be written: the disk is read-only; choose another folder",
    errno.ENAMETOOLONG: "the name of {name}... is too long; choose a shorter one",
    errno.EACCES: _NO_PERMISSION,
    errno.EPERM: _NO_PERMISSION,
    errno.ENOENT: _NO_FOLDER,
    errno.ENOTDIR: _NO_FOLDER,
    errno.EISDIR: "{path} is a folder; give the name of a file in it",
    errno.ELOOP: "{path} is a link that leads back to itself; remove it, or choose another name",
    errno.EIO: "{path} cannot be written: the disk reports a fault; choose another disk",
}
"""Why a file cannot be written, and what to do, by the number of the system's error."""


def describe_write_error(error: BaseException, path: Path) -> str:
    """Why `path` cannot be written and what to do, in one sentence."""
    number = _find_error_number(error)
    if isinstance(error, ValueError):
        return f"{str(path)!r} cannot be the name of a file; choose another"
    elsewhere = " or the file is open in another program" if os.name == "nt" else ""
    reason = _REASONS.get(number or 0, _OTHER_FOLDER)
    return reason.format(path=path, folder=path.parent, name=path.name[:40], elsewhere=elsewhere)


def remove_leftovers(folder: Path, older_than: float = STALE) -> None:
    """Remove temporary files that killed processes left in a folder over `older_than` seconds ago, and nothing else."""
    with suppress(OSError):
        for path in folder.glob(".ringfence-*.tmp"):
            with suppress(OSError):
                about = path.lstat()
                old = time.time() - about.st_mtime > older_than
                if _PART.fullmatch(path.name) and stat.S_ISREG(about.st_mode) and old:
                    path.unlink()


def _read_status(path: Path) -> os.stat_result | None:
    try:
        return path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _create(part: Path, mode: int) -> None:
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode))


def _keep_rights(target: Path, old: os.stat_result, part: Path) -> None:
    if hasattr(os, "chown"):
        try:
            os.chown(part, old.st_uid, old.st_gid)
        except OSError:
            with suppress(OSError):
                os.chown(part, -1, old.st_gid)
    with suppress(OSError):
        shutil.copystat(target, part)
    new = part.stat()
    if hasattr(os, "chown") and new.st_gid != old.st_gid:  # the group could not be kept: give its rights to nobody new
        part.chmod(stat.S_IMODE(old.st_mode) & ~0o070 | (old.st_mode & 0o007) << 3)
    os.utime(part)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _flush_folder(folder: Path) -> None:
    """Flush a folder's list of names where the system allows it: not on Windows, nor on some network shares."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _find_error_number(error: BaseException) -> int | None:
    """The system's number for an error, even where a library gives it only in the message."""
    number = getattr(error, "errno", None)
    if isinstance(number, int):
        return number
    match = _ERRNO_IN_TEXT.search(str(error))
    return int(match[1]) if match else None


def _concerns_file(error: BaseException, part: Path, target: Path) -> bool:
    """Whether an error is about the file being written, rather than about something read at the same time."""
    if isinstance(error, FileWriteError) or not isinstance(error, (OSError, RuntimeError)):
        return False
    named = getattr(error, "filename", None)
    if named is not None:
        return str(named) in (str(part), str(target))
    number = _find_error_number(error)
    return number in _DISK_TROUBLE or (isinstance(error, OSError) and number is None)
