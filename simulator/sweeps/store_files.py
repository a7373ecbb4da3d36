"""The files of a store: written whole or not at all, even in a power cut; folders, pipes and devices are refused."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from contextlib import suppress
from pathlib import Path

from simulator.common.atomic_files import remove_leftovers, write_bytes
from simulator.common.errors import ResourceError


class NoFileError(ResourceError):
    """A folder, a pipe or a device stands where a file should be."""


def describe_kind(path: Path) -> str:
    """What a path is: "" if nothing is there, "a file", "a folder" and so on; follows no links. Raises OSError."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return ""
    kinds = {stat.S_IFREG: "a file", stat.S_IFDIR: "a folder", stat.S_IFLNK: "a link", stat.S_IFIFO: "a pipe"}
    return kinds.get(stat.S_IFMT(mode), "a device or a socket")


def read_regular(path: Path) -> bytes:
    """The bytes of a file, also where a link leads to it. Waits for no pipe.

    Raises FileNotFoundError, NoFileError where a folder or the like stands, and OSError that says what is wrong.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    if path.is_dir():  # Windows cannot open a folder to see that it is one
        raise NoFileError(_say_move(path, "a folder"))
    try:
        with os.fdopen(os.open(path, flags), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise NoFileError(_say_move(path, describe_kind(path)))
            return file.read()
    except (FileNotFoundError, NoFileError):
        raise
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):
            raise NoFileError(_say_move(path, describe_kind(path))) from None
        raise ResourceError(f"{path} cannot be read: {error.strerror or error}") from error


def hash_file(path: Path) -> str:
    """The SHA-256 of a file, however large, as 64 hexadecimal digits. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _say_move(path: Path, kind: str) -> str:
    return f"{path} is {kind}, where a file should be; move it elsewhere"


def write_durably(path: Path, data: bytes) -> None:
    """Write a file whole or not at all; once this returns, it stays. Raises OSError and leaves nothing behind.

    A link at this path is replaced; the file that it leads to is left alone.
    """
    if (kind := describe_kind(path)) == "a folder":
        raise NoFileError(_say_move(path, kind))
    write_bytes(path, data, follow_links=False)


def remove_half_written(folder: Path) -> None:
    """Remove what a stopped process left half-written in a folder that is locked, and nothing of anybody else's."""
    remove_leftovers(folder, older_than=0)
    for left in folder.glob("_part-*.parquet.tmp"):  # as the first version called them
        with suppress(OSError):
            left.unlink(missing_ok=True)
