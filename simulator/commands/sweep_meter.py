"""How far a sweep is: a bar on a terminal, and a line a minute on stderr where it is no terminal."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.commands.shared.console import clean, console, say
from simulator.common.event_log import log_event
from simulator.sweeps.progress import Meter

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class Shown(Meter):
    """A meter that somebody sees."""

    def __init__(self, log: Path | None = None) -> None:
        super().__init__(log)
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def begin(self, total: int, done: int, words: str) -> None:
        super().begin(total, done, words)
        log_event("sweep-started", {"rows": total, "done": done})
        if done:
            say(f"going on: {done:,} of {total:,} rows are done")
        if sys.stderr.isatty():
            self._show(words)

    def tick(self, workers: int) -> None:
        super().tick(workers)
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=self.pace.done, description=self.words())

    def minute(self, text: str) -> None:
        super().minute(text)
        log_event("sweep-running", {"rows": self.pace.total, "done": self.pace.done, "workers": self.workers})
        if self._bar is None:
            say(text)

    def note(self, text: str) -> None:
        super().note(text)
        if self._bar is None:
            say(text)
        else:
            self._bar.console.print(clean(text))

    def end(self, text: str) -> None:
        super().end(text)
        log_event("sweep-ended", {"rows": self.pace.total, "done": self.pace.done})
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _show(self, words: str) -> None:
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

        columns = (BarColumn(24), TaskProgressColumn(), TextColumn("{task.description}", markup=False))
        self._bar = Progress(*columns, console=console(sys.stderr), transient=True, refresh_per_second=2)
        self._task = self._bar.add_task(words, total=self.pace.total, completed=self.pace.done)
        self._bar.start()
