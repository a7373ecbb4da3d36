"""How far a sweep is, and when it will be done."""

from __future__ import annotations

import math
import os
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

SPEED_SECONDS = 300.0
"""Seconds over which the present speed is taken, so that the end is foreseen as things are now."""
LOG_SECONDS = 60.0
"""Seconds between two lines of a log."""


class Pace:
    """Rows done over time, and what they say about the rest. `done` of the `total` rows were there already."""

    def __init__(self, total: int, done: int = 0, clock: Callable[[], float] = time.monotonic) -> None:
        self.total = total
        self.done = done
        self._clock = clock
        self._seen: deque[tuple[float, int]] = deque([(clock(), done)])

    def add(self, rows: int) -> None:
        """Take note that rows are done."""
        self.done += rows
        now = self._clock()
        self._seen.append((now, self.done))
        while len(self._seen) > 2 and self._seen[1][0] < now - SPEED_SECONDS:
            self._seen.popleft()

    @property
    def speed(self) -> float:
        """Rows a second over the last minutes; 0 before the first are done."""
        since, before = self._seen[0]
        span = self._clock() - since
        return (self.done - before) / span if span > 0 else 0.0

    @property
    def left(self) -> float:
        """Seconds until the end, as things are now: nan while nothing is known."""
        if self.done >= self.total:
            return 0.0
        return (self.total - self.done) / self.speed if self.speed else math.nan


def format_duration(seconds: float) -> str:
    """A time as people say it."""
    if math.isnan(seconds):
        return "not known yet"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


class Meter:
    """Counts how far a sweep is, and writes a line a minute into a log file, if one is given."""

    def __init__(self, log: Path | None = None) -> None:
        self.log = log
        self.pace = Pace(0)
        self.workers = 0
        self._said = 0.0

    def begin(self, total: int, done: int, words: str) -> None:
        """A sweep of `total` rows begins or goes on, with `done` of them done."""
        self.pace = Pace(total, done)
        self._said = time.monotonic()
        self.line(f"{words}: {total:,} rows, of which {done:,} are done")

    def add(self, rows: int) -> None:
        """Rows are done."""
        self.pace.add(rows)

    def tick(self, workers: int) -> None:
        """Called often; a line is written when a minute has gone."""
        self.workers = workers
        if time.monotonic() - self._said >= LOG_SECONDS:
            self._said = time.monotonic()
            self.minute(f"{self.pace.done:,} of {self.pace.total:,} rows; {self.words()}")

    def minute(self, text: str) -> None:
        """How far things are, once a minute."""
        self.line(text)

    def note(self, text: str) -> None:
        """Something that a reader must know."""
        self.line(text)

    def end(self, text: str) -> None:
        """The sweep is done, or stopped."""
        self.line(text)

    def words(self) -> str:
        """Speed, what is left, and when that will be."""
        speed, left = self.pace.speed, self.pace.left
        if not speed:
            return f"{self.workers} at work, speed not known yet"
        end = datetime.now() + timedelta(seconds=left)
        when = f"{end:%H:%M}" if left < 12 * 3600 else f"{end:%d %b %H:%M}"
        rows = f"{speed:,.0f}" if speed >= 10 else f"{speed:.2g}"
        return f"{self.workers} at work, {rows} rows a second, {format_duration(left)} left, until {when}"

    def line(self, text: str) -> None:
        """One line of the log. A log that cannot be written stops no sweep."""
        if self.log is None:
            return
        with suppress(OSError):
            append_line(self.log, f"{datetime.now():%Y-%m-%d %H:%M:%S}  {' '.join(text.split())}")


def append_line(path: Path, text: str = "") -> None:
    """Append a line to a log, or only make sure that it can be; a pipe that nobody reads is not waited for.

    Raises OSError.
    """
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NONBLOCK", 0)
    with os.fdopen(os.open(path, flags, 0o666), "a", encoding="utf-8") as file:
        if text:
            file.write(f"{text}\n")
