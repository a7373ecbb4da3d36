"""What the server writes down: one line an event, and nothing about people.

A line is `event=session-opened session=3f9c21 open=4`: no names, addresses, links, titles or reasons. A visitor reads
what went wrong in words; its traceback stays here, under a number that both have.
"""

from __future__ import annotations

import dis
import logging
import secrets
from types import TracebackType

from simulator.common.event_log import LOG, is_written, log_event, write_log

OURS = ("simulator", "dashboards")


def begin() -> None:
    """Write to stderr, unless whoever runs this has chosen another log (`--log-file`), or set up logging already."""
    if not is_written():
        write_log()
    if LOG.level == logging.NOTSET:
        LOG.setLevel(logging.INFO)


def event(name: str, **facts: str | int | float) -> None:
    """Write one line: an event and its facts."""
    log_event(name, facts)


def explained(problem: BaseException, doing: str) -> str:
    """The words for a visitor. What was written for people is shown; of any other fault the log has the traceback."""
    if isinstance(problem, ValueError) and _written_here(problem.__traceback__) and str(problem):
        return str(problem)
    number = secrets.token_hex(3)
    LOG.error("event=failure number=%s doing=%s", number, doing.replace(" ", "-"), exc_info=problem)
    return (
        f"A fault in Ringfence stopped {doing}. What you have chosen is kept; try again, or reload the page. "
        f"Whoever runs this server finds the fault in its log under {number}."
    )


def _written_here(trace: TracebackType | None) -> bool:
    """Whether a `raise` of our own code made it: then its words are for people. A library's, and Python's own in the
    middle of our code (`int("x")`), are for programmers.
    """
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None or str(trace.tb_frame.f_globals.get("__name__", "")).split(".")[0] not in OURS:
        return False
    return trace.tb_frame.f_code.co_code[trace.tb_lasti] == dis.opmap["RAISE_VARARGS"]
