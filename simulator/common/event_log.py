"""The log: one line for each event, and nothing personal.

A line is `2026-11-28T21:00:00Z INFO event=command-done command=sweep seconds=812`: no names of users, no addresses,
links, titles or reasons. Nothing is written unless `write_log` was called, or the program that uses Ringfence has set
up `logging` itself. Tracebacks are written here and nowhere else.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Mapping
from enum import StrEnum, auto
from pathlib import Path

from simulator.common.atomic_files import describe_write_error
from simulator.common.errors import InputError

LOG = logging.getLogger("ringfence")

Fact = str | int | float


class Level(StrEnum):
    """How much is written: events of this level and of more serious ones."""

    DEBUG = auto()
    INFO = auto()
    WARNING = auto()
    ERROR = auto()


def is_log_open() -> bool:
    """Whether log lines are written anywhere."""
    return LOG.hasHandlers()


def write_log(level: Level = Level.INFO, file: Path | None = None, ending: str = "") -> None:
    """Write events to the end of a file, or to stderr if there is one; lines end with `ending`.

    Raises InputError for a file that cannot be written.
    """
    handler: logging.Handler | None = None
    if file is not None:
        try:
            handler = logging.FileHandler(file, encoding="utf-8")
        except OSError as error:
            raise InputError(describe_write_error(error, file)) from error
    elif sys.stderr is not None:
        handler = logging.StreamHandler()
    stop_log()
    LOG.setLevel(level.upper())
    if handler is not None:
        formatter = logging.Formatter(f"%(asctime)s %(levelname)s %(message)s{ending}", "%Y-%m-%dT%H:%M:%SZ")
        formatter.converter = time.gmtime
        handler.setFormatter(formatter)
        LOG.addHandler(handler)
        LOG.propagate = False


def stop_log() -> None:
    """Write no more, and close the file."""
    for handler in LOG.handlers[:]:
        LOG.removeHandler(handler)
        handler.close()
    LOG.propagate = True


def log_event(name: str, facts: Mapping[str, Fact] | None = None, level: Level = Level.INFO) -> None:
    """Write one line: an event and its facts."""
    if is_log_open():
        words = "".join(f" {key}={value}" for key, value in (facts or {}).items())
        LOG.log(logging.getLevelNamesMapping()[level.upper()], "event=%s%s", name, words)


def log_failure(facts: Mapping[str, Fact], error: BaseException) -> None:
    """Write one line on a fault of the program, and its traceback."""
    if is_log_open():
        words = "".join(f" {key}={value}" for key, value in facts.items())
        LOG.error("event=failure%s", words, exc_info=error)
