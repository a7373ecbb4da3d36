"""A dashboard that tells how long its parts take: what `bench_dashboard.py` starts and talks to.

It serves as `ringfence serve` does, and writes a line of JSON for every answer that it puts on a page. Written to with
a line, it answers with its memory and with how many pages and sessions are alive.
"""

from __future__ import annotations

import gc
import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

from dashboards.computing import worker
from dashboards.computing.session import Session
from dashboards.server import page


def tell(**what: Any) -> None:
    """One line for the bench."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def memory() -> float:
    """Resident memory in MB: now where the system tells it, else the largest so far."""
    place = Path("/proc/self/status")
    if place.exists():
        found = next(line for line in place.read_text(encoding="utf-8").splitlines() if line.startswith("VmRSS"))
        return int(found.split()[1]) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)


def count() -> None:
    """Memory, and pages and sessions that garbage collection leaves."""
    gc.collect()
    alive = gc.get_objects()
    tell(
        mb=memory(),
        pages=sum(type(one) is page.Dashboard for one in alive),
        sessions=sum(type(one) is Session for one in alive),
        cpu=time.process_time(),
    )


def watch_parts() -> None:
    """Note when a move arrives, when it is worked out, and when it has been put on the page."""
    seen: dict[str, float] = {}
    moved, answered, redrawn = Session.change, worker.ResultStore.answer, page.Dashboard._redraw

    def change(self: Session, *args: Any, **named: Any) -> None:
        seen["came"] = time.time()
        moved(self, *args, **named)

    def answer(self: worker.ResultStore, *args: Any, **named: Any) -> Any:
        seen["begun"] = time.time()
        made = answered(self, *args, **named)
        seen["made"] = time.time()
        return made

    def redraw(self: page.Dashboard) -> None:
        seen["read"] = time.time()
        redrawn(self)
        drawn = time.time()
        answer = self.session.answer
        if answer is not None and len(answer.results) > 1:
            last = float(answer.results[1].each_year(answer.selection.outcome)[:, -1].mean())
            tell(futures=answer.futures, drawn=drawn, last=100 * last, **seen)

    Session.change, worker.ResultStore.answer, page.Dashboard._redraw = change, answer, redraw  # type: ignore[method-assign,assignment]


def main(port: int, parts: bool) -> None:
    """Serve until the bench goes away. Closed pages are dropped after half a minute instead of five."""
    from tornado.ioloop import IOLoop

    from dashboards.access.options import AccessOptions
    from dashboards.server import server
    from simulator.common.event_log import Level, write_log

    write_log(Level.WARNING)  # a line for each page would stand between the bench's rows
    if parts:
        watch_parts()
    server.MINUTE = 6_000
    loop = IOLoop.current()

    def listen() -> None:
        for _ in sys.stdin:
            loop.add_callback(count)
        loop.add_callback(loop.stop)

    threading.Thread(target=listen, daemon=True).start()
    guard = AccessOptions(sessions=500)
    server.serve(port, "127.0.0.1", False, [], lambda words: tell(said=words), guard)


if __name__ == "__main__":
    main(int(sys.argv[1]), "parts" in sys.argv)
