"""Checks that nobody else could have changed a folder or file, because compiled code is run and results are trusted.

A file or folder is trusted if it belongs to this user or the administrator, is not a link, and nobody else may write to
it. Windows separates users' folders itself; there only links are refused.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

_WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def why_not_trusted(folder: Path) -> str:
    """Why a folder is not trusted, as the end of a sentence about it; empty if it is. Raises OSError."""
    about = folder.lstat()
    if stat.S_ISLNK(about.st_mode):
        return "is a link"
    if not stat.S_ISDIR(about.st_mode):
        return "is not a folder"
    return _explain_distrust(about)


def make_private(folder: Path) -> None:
    """Make a folder that only this user can use, unless it exists. Raises OSError."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)


def read_trusted(path: Path) -> bytes | None:
    """The content of an ordinary file that nobody else could have written, or None.

    Never waits: a pipe in its place is not read. Raises nothing but MemoryError.
    """
    try:
        handle = os.open(path, _READ)
    except (OSError, ValueError):
        return None
    try:
        about = os.fstat(handle)
        if not stat.S_ISREG(about.st_mode) or _explain_distrust(about):
            return None
        with os.fdopen(os.dup(handle), "rb") as file:
            return file.read()
    except OSError:
        return None
    finally:
        os.close(handle)


def _explain_distrust(about: os.stat_result) -> str:
    if not hasattr(os, "geteuid"):
        return ""
    if about.st_uid not in (0, os.geteuid()):
        return "belongs to somebody else"
    return "can be written to by others" if about.st_mode & _WRITABLE_BY_OTHERS else ""
