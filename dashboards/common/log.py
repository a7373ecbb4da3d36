"""The server's log: one line for each event, and nothing about people.

A line is `event=session-opened session=3f9c21 open=4`: no names, addresses, links, titles or reasons. A visitor reads
what went wrong in plain words; the traceback is in the log alone, under a number that both have.
"""

from __future__ import annotations

import dis
import logging
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TypedDict

from simulator.common import event_log
from simulator.common.event_log import LOG, Fact, Level, is_log_open, log_failure, write_log

OUR_PACKAGES = ("simulator", "dashboards")


class Cancelled(Exception):  # noqa: N818 (it is no error)
    """Nobody wants the work any more."""


def start_log(process: int = 0, level: Level = Level.INFO, file: str = "") -> None:
    """Write to stderr, unless whoever runs this has chosen another log (`--log-file`), or set up logging already.

    Every line of one of several server processes ends with its number.
    """
    if process:
        write_log(level, Path(file) if file else None, f" process={process}")
    if not is_log_open():
        write_log()
    if LOG.level == logging.NOTSET:
        LOG.setLevel(logging.INFO)


class LogChoice(TypedDict):
    """What is written, and the file ("" for stderr)."""

    log_level: str
    log_file: str


def describe_log() -> LogChoice:
    """The log of this process, so that another one can write to it."""
    files = [handler.baseFilename for handler in LOG.handlers if isinstance(handler, logging.FileHandler)]
    level = logging.getLevelName(LOG.level).lower() if LOG.level else Level.INFO
    return {"log_level": str(level), "log_file": files[0] if files else ""}


def log_event(name: str, level: Level = Level.INFO, **facts: Fact) -> None:
    """Write one line: an event and its facts."""
    event_log.log_event(name, facts, level)


@contextmanager
def log_job(kind: str, level: Level = Level.INFO, **facts: Fact) -> Iterator[dict[str, Fact]]:
    """Write one line when a piece of work ends: how long it took, and whether it was done, stopped or failed.

    Facts that are known only later can be put into the mapping that the block gets.
    """
    started, ended = time.monotonic(), "done"
    try:
        yield facts
    except Cancelled:
        ended = "stopped"
        raise
    except BaseException:
        ended, level = "failed", Level.WARNING
        raise
    finally:
        seconds = f"{time.monotonic() - started:.2f}"
        event_log.log_event("job", {"kind": kind, "ended": ended, "seconds": seconds, **facts}, level)


def explain_failure(problem: BaseException, doing: str) -> str:
    """What a visitor reads of an exception: its own words if it was raised for people. The log has any other fault."""
    if isinstance(problem, ValueError) and _is_raised_by_us(problem.__traceback__) and str(problem):
        return str(problem)
    number = secrets.token_hex(3)
    log_failure({"number": number, "doing": doing.replace(" ", "-")}, problem)
    return (
        f"A fault in Ringfence stopped {doing}. What you have chosen is kept; try again, or reload the page. "
        f"Whoever runs this server finds the fault in its log under {number}."
    )


def _is_raised_by_us(trace: TracebackType | None) -> bool:
    """Whether a `raise` statement of our own raised it, so that its words are for people.

    The words of a library, or of Python itself in the middle of our code (`int("x")`), are for programmers.
    """
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None or str(trace.tb_frame.f_globals.get("__name__", "")).split(".")[0] not in OUR_PACKAGES:
        return False
    return trace.tb_frame.f_code.co_code[trace.tb_lasti] == dis.opmap["RAISE_VARARGS"]
