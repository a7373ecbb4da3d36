"""Files that are whole or not there, even after a power cut: written beside, flushed to the disk, then renamed."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

ENDING = ".tmp"


def write_durably(path: Path, data: bytes) -> None:
    """Write a file whole or not at all; once this returns, it stays. Raises OSError and leaves nothing behind."""
    part = path.with_name(f"_{path.name}{ENDING}")
    try:
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise
    _flush_folder(path.parent)


def _flush_folder(folder: Path) -> None:
    """Flush a folder's list of names, where the system can: Windows cannot open one, and some shares refuse."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def sweep_up(folder: Path) -> None:
    """Remove what a stopped process left half-written."""
    for left in folder.glob(f"_*{ENDING}"):
        left.unlink(missing_ok=True)
