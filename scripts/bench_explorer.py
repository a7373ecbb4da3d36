"""Speed of the explorer itself, in Chromium from a file: from a slider's move to the painted answer.

`python scripts/bench_explorer.py` moves levers with real mouse events; `drag MINUTES` goes on moving them and says what
is kept in memory. Times are wall-clock and hang on what else the machine does; beside them stand processor times, and
those of the engine alone in the same browser, which hang on it less. A target missed is no error.
"""

from __future__ import annotations

import datetime as dt
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1] / "tests" / "support"))
from bench_page import FLAGS, HEADLINES, PREPARE, SEED, SLIDE, document, line, processor_time
from explorer_memory import Memory, drag
from find_browser import find_browser

from dashboards.offline import explorer
from simulator.runs.futures import draw_futures
from simulator.runs.run import run

MOVES, OPENINGS, FUTURES = 120, 15, 200
THREADS = {"chromium": "the page's own thread", "DedicatedWorker": "workers", "ThreadPoolForeg": "painting"}
FILLED = 260
"""After so many moves everything that is kept for later is full."""

GROUP, STEPS = "[data-fold='group-Rules'] > summary", 16
WATCH = """() => {
  // From an input event to the frame that shows an answer to it, or to a later move.
  const waiting = [], { port1, port2 } = new MessageChannel();
  window.paints = [];
  window.moved = 0;
  port1.onmessage = ({ data }) => paints.push(...data.map(began => performance.now() - began));
  document.addEventListener("input", event => {
    moved++;
    waiting.push([event.timeStamp, Ringfence.view.newest]);
  });
  const look = () => {
    const due = waiting.filter(([, id]) => Ringfence.view.shown >= id);
    if (due.length) {
      waiting.splice(0, due.length);
      port2.postMessage(due.map(([began]) => began));
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""
UNTIL = """() => new Promise(resolve => {
  const look = () => paints.length < moved - started ? setTimeout(look, 2) : resolve();
  look();
})"""
LEVER = "details[open] .lever input[type=range]"
SLIDERS = f"""() => Array.from(document.querySelectorAll("{LEVER}"), slider => slider.id)"""
OPENED = """() => new Promise(resolve => {
  const look = () => window.openedAfter ? resolve(openedAfter) : setTimeout(look, 5);
  look();
})"""
OPENING = """() => {
  // The first frame with an answer, and the first with one that the model in the page worked out.
  const { port1, port2 } = new MessageChannel(), after = [];
  port1.onmessage = () => {
    after.push(performance.now());
    if (after.length === 2) window.openedAfter = after;
  };
  const signs = [() => document.querySelector("#headline .main"), () => window.Ringfence?.view.shown];
  const look = () => {
    while (signs.length && signs[0]()) {
      signs.shift();
      port2.postMessage(0);
    }
    if (signs.length) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""


def write_page(folder: str) -> Path:
    """The explorer with the headline scenarios."""
    setting = explorer.Setting(futures=FUTURES, today=dt.date(2026, 11, 22))
    drawn = draw_futures(FUTURES, seed=setting.seed)
    path = Path(folder, "explorer.html")
    path.write_bytes(explorer.make_page(explorer.make_document(lambda one: run(one, futures=drawn), setting)))
    return path


@contextmanager
def browsing(*flags: str) -> Iterator[Any]:
    """Chromium without a network."""
    from playwright.sync_api import sync_playwright

    where = find_browser()
    if not where:
        sys.exit("there is no Chromium on this machine")
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=where, args=[*FLAGS, *flags])
        yield browser
        browser.close()


def open_page(browser: Any, path: Path, board: str = "") -> Any:
    """The page with its first answer, a lever's group open, and with the story of a board where one is named."""
    page = browser.new_context(offline=True, viewport={"width": 1280, "height": 900}).new_page()
    page.goto(f"{path.as_uri()}#v=2&n={FUTURES}&B=ringfence&C=leadership{f'&board={board}' if board else ''}")
    page.locator("#result[data-state=done]").wait_for(state="attached")
    if board:
        page.locator("#story-result[data-state=done]").wait_for(state="attached")
        page.evaluate("window.scrollTo(0, 0)")
    page.get_by_text("Every lever").click()
    page.locator(GROUP).click()
    page.locator(LEVER).first.wait_for()
    return page


def sliders(page: Any) -> list[str]:
    """Levers of the open group."""
    names: list[str] = page.evaluate(SLIDERS)
    return names


def places(page: Any, lever: str) -> list[tuple[float, float]]:
    """Points along a slider, one for each step, far apart from one to the next."""
    slider = page.locator(f"[id='{lever}']")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    y, width = box["y"] + box["height"] / 2, box["width"] - 16
    return [(box["x"] + 8 + width * (i * 7 % STEPS + 0.5) / STEPS, y) for i in range(STEPS)]


def threads() -> dict[int, dict[str, float]]:
    """Processor seconds of every thread of Chromium's pages, by name; empty where the system does not tell."""
    found: dict[int, dict[str, float]] = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if b"--type=renderer" not in (process / "cmdline").read_bytes():
                continue
            names: Counter[str] = Counter()
            for task in (process / "task").iterdir():
                seconds = int((task / "schedstat").read_text().split()[0]) / 1e9
                names[(task / "comm").read_text().strip()] += seconds
            found[int(process.name)] = dict(names)
        except OSError:
            continue
    return found


def used(before: dict[int, dict[str, float]], after: dict[int, dict[str, float]]) -> dict[str, float]:
    """Processor seconds by thread between two looks, of the page that worked most."""
    grown = [
        {name: seconds - before.get(process, {}).get(name, 0.0) for name, seconds in names.items()}
        for process, names in after.items()
    ]
    return max(grown, key=lambda names: sum(names.values()), default={})


def moves(page: Any, count: int, rest: float = -1.0) -> list[float]:
    """Milliseconds from each move to its paint, lever by lever, so that no value of all levers comes twice.

    With `rest` -1 a move waits for the paint of the one before, else so many seconds.
    """
    times: list[float] = []
    names = sliders(page)
    for lever in (names * (count // STEPS // len(names) + 1))[: count // STEPS]:
        where = places(page, lever)
        page.mouse.move(*where[-1])
        page.mouse.down()
        page.evaluate("() => new Promise(resolve => setTimeout(resolve, 300))")
        page.evaluate("() => { paints.length = 0; window.started = moved; }")
        for at in where[:-1]:
            page.mouse.move(*at)
            if rest < 0:
                page.evaluate(UNTIL)
            else:
                time.sleep(rest)
        page.evaluate(UNTIL)
        times += page.evaluate("paints")
        page.mouse.up()
        page.locator("#result[data-state=done]").wait_for(state="attached")
    return times


def centiles(times: list[float]) -> str:
    """Best, middle and 95th centile."""
    ordered = sorted(times)
    return f"{ordered[0]:.0f}, {statistics.median(ordered):.0f}, {ordered[int(0.95 * len(ordered))]:.0f}"


def opening(browser: Any, path: Path) -> list[list[float]]:
    """Milliseconds from the opening of the file to its first painted answer, and to the model's, each in a new page."""
    found = []
    for _ in range(OPENINGS):
        context = browser.new_context(offline=True, viewport={"width": 1280, "height": 900})
        page = context.new_page()
        page.add_init_script(f"({OPENING})()")
        page.goto(path.as_uri())
        found.append(page.evaluate(OPENED))
        context.close()
    return found


def engine_time(browser: Any, folder: str) -> float:
    """Processor milliseconds of a lever's move in the engine alone, without words and pictures."""
    file = Path(folder, "model.html")
    file.write_text(document(), encoding="utf-8")
    page = browser.new_context(offline=True).new_page()
    page.goto(file.as_uri())
    page.evaluate(PREPARE % (FUTURES, SEED, list(HEADLINES)))
    processes = browser.new_browser_cdp_session()
    seconds, _ = processor_time(page, processes, SLIDE, MOVES)
    page.context.close()
    return 1e3 * seconds / (MOVES + 1)


def paint() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder, browsing() as browser:
        path = write_page(folder)
        line("the explorer, kB", f"{path.stat().st_size / 1e3:,.0f}", "at most 2,000")
        first, own = zip(*opening(browser, path), strict=True)
        line(
            "from opening the file to its first answer, ms: best, middle, 95th",
            centiles(list(first)),
            "middle at most 500",
        )
        line("to the first answer of the model in the page, ms", centiles(list(own)), "middle at most 500")
        page = open_page(browser, path)
        page.evaluate(WATCH)
        moves(page, 20)
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})

        def metrics() -> dict[str, float]:
            return {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}

        before, at = threads(), metrics()
        engine = engine_time(browser, folder)
        times = moves(page, MOVES)
        after, then = threads(), metrics()
        line(f"a move to its paint, {FUTURES} futures, ms: best, middle, 95th", centiles(times), "50 and 100")
        line("  processor time of the engine alone, ms", f"{engine:.1f}")
        spent = used(before, after)
        for name, seconds in sorted(spent.items(), key=lambda item: -item[1]):
            if seconds > 0.0005 * MOVES:
                line(f"  processor time of a move in {THREADS.get(name, name)}, ms", f"{1e3 * seconds / MOVES:.1f}")
        line("  all of it against the engine alone", f"{1e3 * sum(spent.values()) / MOVES / engine:.1f}")
        for name in ("TaskDuration", "ScriptDuration", "RecalcStyleDuration", "LayoutDuration"):
            line(f"  of the page's own thread: {name}, ms", f"{1e3 * (then[name] - at[name]) / MOVES:.1f}")
        line("moves every 16 ms, to the paint of this or a later one, ms", centiles(moves(page, 2 * MOVES, 0.016)))
        page.context.close()
        with_story(browser, path, 1e3 * sum(spent.values()) / MOVES)


def with_story(browser: Any, path: Path, without: float) -> None:
    """Print what a move costs while one board's story stands open, below the screen and on it."""
    for where, scroll in (
        ("below the screen", "0, 0"),
        ("on the screen", "0, document.getElementById('story').offsetTop"),
    ):
        page = open_page(browser, path, "QJK")
        page.evaluate(WATCH)
        moves(page, 2 * STEPS)
        page.evaluate(f"window.scrollTo({scroll})")
        before = threads()
        times = moves(page, MOVES)
        spent = 1e3 * sum(used(before, threads()).values()) / MOVES
        line(f"the same with a board's story open {where}, ms", centiles(times), "50 and 100")
        line("  processor time against that without a story", f"{spent / without:.2f}")
        page.context.close()


def drag_for(minutes: float) -> None:
    """Print what is kept while levers move for so long, once a tenth of it."""
    with tempfile.TemporaryDirectory() as folder, browsing() as browser:
        page = open_page(browser, write_page(folder))
        memory, began, moved, looks = Memory(page), time.monotonic(), 0, []
        while not looks or time.monotonic() < began + 60 * minutes:
            until = began + 6 * minutes * (len(looks) + 1)
            while not looks or time.monotonic() < until:
                drag(page, moved, 20)
                moved += 20
                if not looks and moved >= FILLED:
                    break
            looks.append(memory.used())
            held = {name: looks[-1][name] / 1e6 for name in looks[-1] if name != "nodes"}
            where = ", ".join(f"{name} {size:.1f}" for name, size in held.items())
            print(
                f"{moved:>6,} moves, {time.monotonic() - began:>4.0f} s: {sum(held.values()):.1f} MB "
                f"({where}), {looks[-1]['nodes']:,} nodes",
                flush=True,
            )


if __name__ == "__main__":
    drag_for(float(sys.argv[2])) if sys.argv[1:2] == ["drag"] else paint()
