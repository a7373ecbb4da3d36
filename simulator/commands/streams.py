"""Where words go: answers to stdout, everything else to stderr, readable on any terminal or in any pipe."""

from __future__ import annotations

import codecs
import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

PIPED_WIDTH = 120
PATIENCE = 1.0
_PLAIN = {"−": "-", "–": "-", "—": "-", "’": "'", "‘": "'", "“": '"', "”": '"', "…": "...", "→": "->", "£": "GBP "}
_HANDLER = "ringfence-plain"


def prepare() -> None:
    """Let stdout and stderr print any text, even where they cannot hold a minus sign or a pound sign."""
    codecs.register_error(_HANDLER, _plainly)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure and not is_utf8(stream):
            reconfigure(errors=_HANDLER)


def _plainly(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(_PLAIN.get(c, "?") for c in error.object[error.start : error.end]), error.end


def is_utf8(stream: TextIO) -> bool:
    """True when a stream can hold every character."""
    return (getattr(stream, "encoding", None) or "utf-8").lower().replace("-", "").startswith("utf")


def console(stream: TextIO | None = None) -> Console:
    """A screen on stdout (or another stream): plain text without codes where it is no terminal."""
    from rich.console import Console

    stream = stream or sys.stdout
    width = None if stream.isatty() else PIPED_WIDTH
    return Console(file=stream, width=width, markup=False, highlight=False, emoji=False)


def clean(text: str) -> str:
    """Text without control characters, so that no file can steer somebody's terminal."""
    return "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in text)


def say(text: str) -> None:
    """A message on stderr."""
    sys.stderr.write(clean(text) + "\n")
    sys.stderr.flush()


def put(text: str) -> None:
    """Text on stdout as it stands."""
    sys.stdout.write(text if text.endswith("\n") else text + "\n")
    sys.stdout.flush()


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

        self._shown = Progress(console=console(sys.stderr), transient=True)
        self._task = self._shown.add_task(self.label, total=1.0)
        self._shown.start()
