"""One sweep a store at a time. The operating system holds the lock, so it ends with its process, however that ends."""

from __future__ import annotations

import json
import os
import platform
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from simulator.common.errors import InputError, ResourceError
from simulator.common.json_shape import describe_misfit, read_json
from simulator.sweeps.store_files import NoFileError, describe_kind, read_regular, write_durably

LOCK_FILE, HOLDER_FILE = "_lock", "_running.json"


class StoreBusyError(InputError):
    """Another sweep is writing into the store."""


class Lock:
    """Held between `take` and `drop`. A second file says who holds it, for messages alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = FileLock(folder / LOCK_FILE, timeout=0)

    def take(self) -> None:
        """Take the lock. Raises StoreBusyError, with who holds it, and OSError."""
        if (kind := describe_kind(self.folder / LOCK_FILE)) not in ("", "a file"):
            raise NoFileError(f"{self.folder / LOCK_FILE} is {kind}, where a lock should be; remove it, and go on")
        try:
            self._lock.acquire()
        except Timeout:
            raise StoreBusyError(
                f"another sweep{self._holder()} is writing into {self.folder}; wait for it, stop it, or choose another "
                "folder"
            ) from None
        except OSError as error:
            raise ResourceError(f"{self.folder / LOCK_FILE} cannot be locked: {error.strerror or error}") from error
        about = {"process": os.getpid(), "computer": platform.node(), "since": datetime.now().isoformat(" ", "minutes")}
        with suppress(OSError):
            write_durably(self.folder / HOLDER_FILE, json.dumps(about).encode())

    def drop(self) -> None:
        """Let go."""
        with suppress(OSError):
            (self.folder / HOLDER_FILE).unlink(missing_ok=True)
        self._lock.release()

    def _holder(self) -> str:
        try:
            about = read_json(read_regular(self.folder / HOLDER_FILE))
        except (OSError, ValueError):
            return ""
        if describe_misfit(about, {"process": int, "computer": str, "since": str}):
            return ""
        return f" (process {about['process']} on {about['computer']}, since {about['since']})"
