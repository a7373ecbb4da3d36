"""Speed of the dashboard as a visitor meets it: a slider in a real browser, a cold load, many sessions, memory.

Times are of this machine and this hour, so ratios to things measured in the same run stand beside them. Nothing but
wrong numbers makes the exit code other than 0. Parts can be chosen: scripts/bench dashboard [slider load users opening
crowd closed].
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import queue
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

MOVES, LOADS, USERS, TURNS, CLOSED = 40, 3, (1, 10, 20, 40), 5, 200
OPENED, ARRIVAL = 5, 5.0
FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run"]
QUERY = "?v=1&B=ringfence&C=leadership&D=both&tab="
LEVERS = ("Added enforcement", "Other money is conditional", "Explicit permission", "Money confirmed")
WATCH = """() => {
  const doc = Bokeh.documents[0], now = () => performance.timeOrigin + performance.now();
  const figure = [...doc._all_models.values()].filter(m => m.type == "Figure")
    .find(m => doc.views_manager.find_one(m)?.is_displayed);
  const view = doc.views_manager.find_one(figure);
  const sources = [...new Set(figure.renderers.map(r => r.data_source))];
  window.bench = {moved: 0, patched: 0, painted: 0, sources};
  window.addEventListener("mousemove", e => { bench.moved = performance.timeOrigin + e.timeStamp; }, true);
  let waiting = false;
  sources[1].properties.data.change.connect(() => {
    if (!waiting) bench.patched = now();
    waiting = true;
  });
  view.repainted.connect(() => {
    if (!waiting) return;
    waiting = false;
    requestAnimationFrame(() => { bench.painted = now(); });
  });
}"""
READ = "performance.getEntriesByName('first-contentful-paint')[0].startTime"  # the first words hold the headline
SEEN = "() => [bench.moved, bench.patched, bench.painted, [...bench.sources[1].data.middle].at(-1)]"


def line(what: str, value: str, target: str = "") -> None:
    """One line of the table."""
    print(f"{what:<66}{value:>16}   {target}", flush=True)


def spread(times: Sequence[float]) -> str:
    """Median and 95th centile in milliseconds."""
    return f"{1e3 * statistics.median(times):,.0f} / {1e3 * float(np.quantile(times, 0.95)):,.0f}"


class Served:
    """A dashboard in a process of its own, and what it tells."""

    def __init__(self, parts: bool = False) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        script = Path(__file__).with_name("bench_served.py")
        command = [sys.executable, str(script), str(self.port), *(["parts"] if parts else [])]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        self.told: queue.Queue[dict[str, Any]] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        self.hear("said", 240)
        while "dashboard is at" not in self.hear("said", 240)["said"]:
            pass
        while socket.socket().connect_ex(("127.0.0.1", self.port)):
            time.sleep(0.1)

    @property
    def address(self) -> str:
        """Where it is."""
        return f"http://localhost:{self.port}/"

    def _read(self) -> None:
        assert self.process.stdout is not None
        for text in self.process.stdout:
            if text.startswith("{"):
                self.told.put(json.loads(text))

    def hear(self, about: str, seconds: float = 30) -> dict[str, Any]:
        """The next thing told about something. Raises queue.Empty after a while."""
        while about not in (found := self.told.get(timeout=seconds)):
            pass
        return found

    def count(self) -> dict[str, Any]:
        """Memory, pages, sessions, seconds of CPU."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.hear("mb", 120)

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(20)


@contextmanager
def served(parts: bool = False) -> Iterator[Served]:
    """A dashboard while it is needed."""
    made = Served(parts)
    try:
        yield made
    finally:
        made.stop()


@contextmanager
def browser() -> Iterator[Any]:
    """A Chromium of the system, or the one that Playwright brings."""
    from find_browser import find_browser
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        made = started.chromium.launch(executable_path=find_browser(), args=FLAGS)
        yield made
        made.close()


def compute_alone(times: int = 12) -> list[float]:
    """Seconds for as many futures as a move takes, with nothing else going on in this process."""
    from dashboards.computing.worker import QUICK_FUTURES, draw_shared_futures, simulate
    from dashboards.selection.selection import LeverEdit, Slot

    found, futures = [], draw_shared_futures(QUICK_FUTURES, 20240323)
    for i in range(times):
        scenario = Slot("ringfence", "", (LeverEdit("audit", 0.01 * i),)).scenario
        start = time.perf_counter()
        simulate(scenario, futures)
        found.append(time.perf_counter() - start)
    return found[2:]


def slider() -> bool:
    """Drag real sliders; every move is waited for. Returns whether the charts showed what the model gives."""
    with served(parts=True) as place, browser() as made:
        page = made.new_page(viewport={"width": 1280, "height": 900})
        page.goto(place.address + QUERY + "build")
        page.get_by_role("tab", name="Build").wait_for(timeout=60_000)
        page.wait_for_timeout(2500)
        page.get_by_text("Every lever").click()
        for group in page.locator("[data-fold^='group-'] > summary").all():
            group.click()
        page.wait_for_function("Bokeh.documents[0].is_idle && Bokeh.documents[0]._all_models.size > 0")
        page.wait_for_timeout(2500)
        page.evaluate(WATCH)
        moves = [move for name in LEVERS for move in _drag(place, page, name)]
    time.sleep(3)  # the browser is still ending
    alone = compute_alone()
    whole = [move["painted"] - move["moved"] for move in moves]
    least = min(move["futures"] for move in moves)
    line(f"slider to painted chart, {len(moves)} moves, {least} futures, ms (median/p95)", spread(whole), "150 / 300")
    for words, first, last in (
        ("browser to model", "moved", "begun"),
        ("compute", "begun", "made"),
        ("back to the page's thread", "made", "read"),
        ("reading and patching", "read", "drawn"),
        ("to the browser", "drawn", "patched"),
        ("paint", "patched", "painted"),
    ):
        line(f"    of which {words}", spread([move[last] - move[first] for move in moves]))
    line("the same futures computed alone, ms (median/p95)", spread(alone))
    line("slider against compute alone", f"{statistics.median(whole) / statistics.median(alone):.1f}")
    return least >= 200 and all(move["right"] for move in moves)


def _drag(place: Served, page: Any, name: str) -> list[dict[str, Any]]:
    """Drag one slider in steps, up to a quarter of all moves; check the number on the chart against what was told."""
    thumb = page.get_by_role("slider", name=name).first
    thumb.scroll_into_view_if_needed()
    page.wait_for_timeout(800)
    track, found = thumb.bounding_box(), list[dict[str, Any]]()
    share = thumb.evaluate("e => (e.value - e.min) / (e.max - e.min)")
    y, x = track["y"] + track["height"] / 2, track["x"] + 8 + (track["width"] - 16) * share
    page.mouse.move(x, y)
    page.mouse.down()
    forward = x < track["x"] + track["width"] / 2
    for at in range(1, MOVES // len(LEVERS) + 1):
        while not place.told.empty():
            place.told.get()
        before = page.evaluate(SEEN)[2]
        share = at / (MOVES // len(LEVERS))
        page.mouse.move(track["x"] + track["width"] * (share if forward else 1 - share), y)
        if not _is_painted(page, before):
            print(f"a move was not answered: {name} {at}", flush=True)
            continue
        told = place.hear("came", 10)
        while not place.told.empty():
            told = place.told.get()
        moved, patched, painted, last = page.evaluate(SEEN)
        found.append(
            told
            | {
                "moved": moved / 1e3,
                "patched": patched / 1e3,
                "painted": painted / 1e3,
                "right": abs(last - told["last"]) < 0.006,
            }
        )
        page.wait_for_timeout(60)
    page.mouse.up()
    page.wait_for_timeout(3000)
    return found


def _is_painted(page: Any, before: float) -> bool:
    """Wait, for ten seconds at most, until the chart has been painted since."""
    for _ in range(500):
        page.wait_for_timeout(20)
        if page.evaluate(SEEN)[2] > before:
            return True
    return False


def load() -> bool:
    """Open the page in an empty browser until the headline can be read, and until a lever could be moved."""
    with served() as place, browser() as made:
        cold, again = [], []
        for _ in range(LOADS):
            context = made.new_context(viewport={"width": 1280, "height": 900})
            for kept in (cold, again):
                page = context.new_page()
                start = time.perf_counter()
                page.goto(place.address, wait_until="commit")
                page.get_by_role("tab", name="Build").wait_for(timeout=60_000)
                used = time.perf_counter() - start
                kept.append((page.evaluate(READ) / 1e3, used))
                page.wait_for_timeout(1500)
                page.close()
            context.close()
        cpu = place.count()["cpu"]
    for words, kept, target in (("cold load", cold, "0.5 / 1.5"), ("warm cache", again, "")):
        read, used = (statistics.median(one[i] for one in kept) for i in (0, 1))
        line(f"{words}: the headline can be read / the page can be used, s", f"{read:.2f} / {used:.2f}", target)
    line("the server's CPU a page, its own start shared out, s", f"{cpu / (2 * LOADS):.2f}")
    return True


def users() -> bool:
    """Visitors over the real protocol; nobody asks for what others asked for. Returns whether all went well."""
    from bench_visitor import crowd

    well = True
    for n in USERS:
        with served() as place:
            visits, wrong = crowd([place.address + QUERY + "build"], n, TURNS)
            found = place.count()
        moves, amid = [x for one in visits for x in one.moves], [x for one in visits for x in one.amid]
        words = f"{n} sessions, a move every 3 s each, ms (median/p95)"
        line(words, spread(moves) if moves else "none", "p95 under 1,000" if n == max(USERS) else "")
        if amid:
            line("    the same while others open the page", spread(amid))
        if visits:
            line("    to open the page", spread([one.opened for one in visits]))
        line("    memory, MB; sessions that failed", f"{found['mb']:,.0f}; {wrong}")
        well = well and not wrong
    with served_by(2) as (address, _):
        visits, wrong = crowd([address + QUERY + "build"], max(USERS), TURNS)
    moves, amid = [x for one in visits for x in one.moves], [x for one in visits for x in one.amid]
    line(f"{max(USERS)} sessions, --processes 2, ms (median/p95)", spread(moves), "p95 under 1,000")
    line("    the same while others open the page; sessions that failed", f"{spread(amid)}; {wrong}", "p95 under 1,000")
    return well and not wrong


def opening() -> bool:
    """What each page costs to open, in seconds of a core and against a fixed piece of work.

    The first who open it, and wait until all of it is there, are not counted: what they had worked out is kept.
    """
    from bench_visitor import crowd

    from dashboards.selection.permalink import TABS

    well, unit = True, _measure_unit()
    for tab in TABS:
        with served() as place:
            crowd([place.address + QUERY + tab], 2, 0)
            before = place.count()["cpu"]
            _, wrong = crowd([place.address + QUERY + tab], OPENED, 0)
            cost = (place.count()["cpu"] - before) / OPENED
        line(f"to open {tab}, s of a core; against a fixed piece of work", f"{cost:.2f}; {cost / unit:.1f}", "0.3")
        well = well and not wrong
    return well


def gather() -> bool:
    """Many who open the first page within a few seconds, at one server process and at two. Returns whether all did."""
    from bench_visitor import crowd

    well, n = True, max(USERS)
    for processes in (1, 2):
        with served_by(processes) as (address, measure_cpu):
            crowd([address + QUERY + "answer"], 4, 0)
            before = measure_cpu()
            visits, wrong = crowd([address + QUERY + "answer"], n, 0, ARRIVAL)
            cost = (measure_cpu() - before) / n
        slowest = max((visit.opened for visit in visits), default=float("nan"))
        words = f"{n} who open within {ARRIVAL:.0f} s, --processes {processes}: the last has its answer after, s"
        line(words, f"{slowest:.1f}", "10")
        line("    processor time an opening, s; sessions that failed", f"{cost:.2f}; {wrong}", "0.3")
        well = well and not wrong
    return well


@contextmanager
def served_by(processes: int) -> Iterator[tuple[str, Callable[[], float]]]:
    """`ringfence serve --processes`: its address, and what gives the processor seconds of all of it on Linux."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["serve", "--port", str(port), "--sessions", "500", "--processes", str(processes)]
    server = subprocess.Popen(
        [sys.executable, "-m", "simulator", *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    assert server.stderr is not None
    while "dashboard is at" not in server.stderr.readline():
        assert server.poll() is None, "the server ended"
    threading.Thread(target=server.stderr.read, daemon=True).start()
    try:
        yield f"http://localhost:{port}/", lambda: _measure_family(server.pid)
    finally:
        server.terminate()
        server.wait(20)


def _measure_family(pid: int) -> float:
    """Processor seconds of a process and of those that it started; not a number where /proc is not there."""
    ticks, found = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100, float("nan")
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
            if pid in (int(stat.parent.name), int(fields[1])):
                found = (0.0 if found != found else found) + (int(fields[11]) + int(fields[12])) / ticks
    return found


def _measure_unit() -> float:
    """Processor seconds of a fixed piece of work, the least of several."""
    found = []
    for _ in range(5):
        start = time.process_time()
        sum(i * i for i in range(1_000_000))
        found.append(time.process_time() - start)
    return min(found)


def closed() -> bool:
    """Open and close pages one after the other. Returns whether closed pages die."""
    from bench_visitor import crowd

    alive = 0
    with served() as place:
        before = place.count()
        line("memory before any page, MB", f"{before['mb']:,.0f}")
        for batch in range(4):
            for _ in range(CLOSED // 20):
                crowd([place.address + QUERY + "answer"], 5, 0)
            time.sleep(36)  # until the server drops them
            now = place.count()
            alive = now["pages"] + now["sessions"]
            line(
                f"    after {CLOSED // 4 * (batch + 1)} pages, MB; pages and sessions alive",
                f"{now['mb']:,.0f}; {now['pages']}, {now['sessions']}",
                "flat; 0, 0",
            )
    return alive <= 4


PARTS = {"slider": slider, "load": load, "users": users, "opening": opening, "crowd": gather, "closed": closed}


def main(wanted: Sequence[str]) -> int:
    """Run the parts that are wanted, or all."""
    os.environ["RINGFENCE_CACHE"] = "off"  # what is measured is working out, not looking up
    sys.path.insert(0, str(Path(__file__).parent))
    about = {
        name: (measure.__doc__ or "").splitlines()[0].partition(". ")[0].rstrip(".") for name, measure in PARTS.items()
    }
    parts = "\n".join(f"  {name:<9}{words}" for name, words in about.items())
    words = {"description": __doc__, "epilog": f"parts:\n{parts}"}
    parser = argparse.ArgumentParser("scripts/bench dashboard", formatter_class=argparse.RawTextHelpFormatter, **words)
    parser.add_argument("part", nargs="*", choices=[[], *PARTS], metavar="PART", help="all of them, if none is named")
    results = [PARTS[name]() for name in parser.parse_args(wanted).part or PARTS]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
