"""The screen: answers go to stdout, all else to stderr, readable on any terminal and in any pipe.

A service or a windowed program has neither, and a reader may close a pipe early: then nothing is printed, and the work
is done and files are written all the same.
"""

from __future__ import annotations

import codecs
import errno
import functools
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

from simulator.common.errors import ResourceError
from simulator.common.standard_streams import say

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

__all__ = ["AnswerLostError", "Bar", "close", "is_utf8", "make_console", "prepare", "print_safely", "put", "say"]

PIPED_WIDTH = 120
PATIENCE = 1.0
_PLAIN = {"−": "-", "–": "-", "—": "-", "’": "'", "‘": "'", "“": '"', "”": '"', "…": "...", "→": "->", "£": "GBP "}
_HANDLER = "ringfence-plain"
_READER_GONE = {errno.EPIPE, errno.EIO, errno.EBADF, errno.EINVAL}  # EINVAL: how Windows tells a closed pipe


class AnswerLostError(ResourceError):
    """The answer could not be printed, although somebody is there to read it."""


def prepare() -> None:
    """Let stdout and stderr print any text, even where they cannot hold a pound sign, and where there are none."""
    _fill_gaps()
    codecs.register_error(_HANDLER, _replace_plainly)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure and not is_utf8(stream):
            reconfigure(errors=_HANDLER)


def _replace_plainly(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(_PLAIN.get(c, "?") for c in error.object[error.start : error.end]), error.end


def is_utf8(stream: TextIO) -> bool:
    """True when a stream can hold every character."""
    return (getattr(stream, "encoding", None) or "utf-8").lower().replace("-", "").startswith("utf")


def make_console(stream: TextIO | None = None) -> Console:
    """A screen on stdout (or another stream): plain text without codes where it is no terminal."""
    from rich.console import Console

    class Screen(Console):
        def on_broken_pipe(self) -> None:  # elsewise rich ends the program
            raise BrokenPipeError(errno.EPIPE, "nobody reads on")

    stream = stream or sys.stdout
    width = None if stream.isatty() else PIPED_WIDTH
    return Screen(file=stream, width=width, markup=False, highlight=False, emoji=False)


def put(text: str) -> None:
    """Text on stdout as it stands. Raises AnswerLostError."""
    print_safely(lambda: sys.stdout.write(text if text.endswith("\n") else text + "\n"))


def print_safely(write: Callable[[], object]) -> None:
    """Print to stdout; once its reader has gone, to nowhere. Raises AnswerLostError, where a disk is full."""
    try:
        write()
        sys.stdout.flush()
    except ValueError:  # it was closed
        _to_nowhere()
    except OSError as error:
        if error.errno in _READER_GONE:
            _to_nowhere()
            return
        _to_nowhere()
        why = "the disk is full" if error.errno == errno.ENOSPC else "the system refused it"
        raise AnswerLostError(f"the answer could not be printed: {why}; print it elsewhere, or use --out") from error


def close() -> None:
    """Print what is still waiting, so that nothing can fail when the program ends. Raises AnswerLostError."""
    print_safely(lambda: None)
    try:
        sys.stderr.flush()
    except (OSError, ValueError):
        _lead_nowhere(sys.stderr)
        sys.stderr = _nowhere()


def _fill_gaps() -> None:
    """Give closed streams somewhere to go; otherwise the next file that is opened would get their number and words."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            with suppress(OSError):
                os.open(os.devnull, os.O_RDWR)  # the lowest number that is free
    if sys.stdout is None or sys.stdout.closed:
        _to_nowhere()
    if sys.stderr is None or sys.stderr.closed:
        sys.stderr = _nowhere()


@functools.cache
def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")


def _to_nowhere() -> None:
    _lead_nowhere(sys.stdout)
    sys.stdout = _nowhere()


def _lead_nowhere(stream: TextIO) -> None:
    """What is waiting in a stream must not fail when the program ends."""
    with suppress(OSError, ValueError, AttributeError):
        handle = os.open(os.devnull, os.O_WRONLY)
        os.dup2(handle, stream.fileno())
        os.close(handle)


class Bar:
    """A progress bar on stderr for `parts` pieces of work, seen only by a person who has waited for a second."""

    def __init__(self, label: str, parts: int = 1) -> None:
        self.label = label
        self.parts = parts
        self._finished = 0
        self._since = time.monotonic()
        self._shown: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Bar:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown:
            self._shown.stop()

    def __call__(self, done: int, total: int) -> None:
        """Take note that `done` of `total` steps of the present piece are finished."""
        share = (self._finished + done / max(total, 1)) / self.parts
        if done >= total:
            self._finished += 1
        if self._shown is None and sys.stderr.isatty() and time.monotonic() - self._since > PATIENCE:
            self._show()
        if self._shown is not None and self._task is not None:
            self._shown.update(self._task, completed=min(share, 1.0))

    def _show(self) -> None:
        from rich.progress import Progress

        self._shown = Progress(console=make_console(sys.stderr), transient=True)
        self._task = self._shown.add_task(self.label, total=1.0)
        self._shown.start()
