"""Speed of the model in a page, in a real browser from a file, against the compiled driver in the same minute.

Each figure is the best or the middle of several repeats, the two drivers taking turns. A target missed on a noisy
machine is no error; wrong bits are.
"""

from __future__ import annotations

import base64
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from find_browser import find_browser

from dashboards.offline import page_data
from simulator.boards.table import read_boards
from simulator.engine.ensemble import BLOCK, simulate
from simulator.runs.futures import draw_futures
from simulator.scenarios.scenario import load_scenario

os.environ["RINGFENCE_CACHE"] = "off"
SEED, TURNS, MOVES, FUTURES = 20240323, 6, 60, 200
HEADLINES = ("baseline", "ringfence", "leadership", "both")
FLAGS = ["--no-sandbox", "--disable-background-networking", "--no-first-run"]
PREPARE = """async () => {
  const bytes = text => Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
  const parts = JSON.parse(document.getElementById("parts").textContent);
  const began = performance.now();
  window.m = await RingfenceModel.load(bytes(parts.wasm), parts.layout, parts.data);
  const loaded = performance.now();
  window.few = m.futures({n: %d, seed: %d});
  for (const name of %s) m.run({schedule: m.schedule(parts.data.scenarios[name]), futures: few});
  return [loaded - began, performance.now() - began];
}"""
RUN = """({n, times}) => {
  const futures = m.futures({n, seed: 20240323});
  for (let i = 0; i < times; i++) {
    m.forget();
    m.run({schedule: m.baseline, futures});
  }
  m.forget();
}"""
SLIDE = """moves => {
  const times = [], move = value => m.schedule([{lever: "audit", kind: "to", value, start: 20, end: 31, phase: 0}]);
  m.run({schedule: move(0.5), futures: few});
  for (let i = 0; i < moves; i++) {
    const began = performance.now();
    m.run({schedule: move(i / moves), futures: few}).outcome("retained", 5, 8);
    times.push(performance.now() - began);
  }
  return times;
}"""
TOTAL = """() => {
  const {nation} = m.run({schedule: m.schedule(m.data.scenarios.both), futures: few});
  return Array.from(nation);
}"""


def line(what: str, value: str, target: str = "") -> None:
    """One line of the table."""
    print(f"{what:<66}{value:>16}   {target}", flush=True)


def document() -> str:
    """A page with the model in it and nothing else."""
    data = page_data.page_data({name: load_scenario(name) for name in HEADLINES})
    wasm = base64.b64encode(page_data.module()).decode("ascii")
    parts = page_data.as_json({"wasm": wasm, "layout": page_data.layout(), "data": data})
    return (
        f"<!DOCTYPE html><meta charset='utf-8'><title>The model</title><script>{page_data.engine()}</script>"
        f"<script id='parts' type='application/json'>{parts}</script>"
    )


def compiled_time(times: int) -> float:
    """Processor seconds of a block of futures on one thread, compiled for this computer."""
    some, facts, schedule = draw_futures(BLOCK), read_boards().areas, load_scenario("baseline").schedule
    began = time.process_time()
    for _ in range(times):
        simulate(some.points, some.runs, schedule, facts, seed=SEED, workers=1)
    return (time.process_time() - began) / times


def processor_time(page: Any, processes: Any, script: str, given: Any) -> tuple[float, Any]:
    """Processor seconds of a script, of the browser's process that worked most, and what it gave."""

    def used() -> dict[int, float]:
        every = processes.send("SystemInfo.getProcessInfo")["processInfo"]
        return {one["id"]: one["cpuTime"] for one in every if one["type"] == "renderer"}

    before = used()
    result = page.evaluate(script, given)
    return max(now - before.get(process, 0.0) for process, now in used().items()), result


def page_time(page: Any, processes: Any, times: int) -> float:
    """Processor seconds of the same block in the page."""
    return processor_time(page, processes, RUN, {"n": BLOCK, "times": times})[0] / times


def against_compiled(page: Any, processes: Any) -> None:
    """Runs a second of processor time, which others on this machine disturb less; the drivers take turns."""
    compiled_time(3)
    page_time(page, processes, 10)
    pairs = [(compiled_time(20), page_time(page, processes, 20)) for _ in range(TURNS)]
    ours, theirs = (BLOCK / min(times) for times in zip(*pairs, strict=True))
    ratios = sorted(compiled / in_page for compiled, in_page in pairs)
    line("compiled, one thread, runs a second", f"{ours:,.0f}")
    line("in the page, one thread, runs a second", f"{theirs:,.0f}")
    line("the page against compiled", f"{theirs / ours:.2f}", "at least 0.45")
    words = f"{statistics.median(ratios):.2f}, {ratios[0]:.2f}, {ratios[-1]:.2f}"
    line("the same turn by turn: middle, lowest, highest", words)


def same_bits(page: Any) -> bool:
    """Whether the page's national records are those of the compiled driver."""
    some = draw_futures(FUTURES)
    expected = simulate(
        some.points, some.runs, load_scenario("both").schedule, read_boards().areas, seed=SEED, workers=1
    ).nation
    return np.array(page.evaluate(TOTAL)).tobytes() == expected.tobytes()


def main() -> int:
    """Print the table."""
    from playwright.sync_api import sync_playwright

    where = find_browser()
    if not where:
        print("there is no Chromium on this machine")
        return 0
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as started:
        file = Path(folder, "model.html")
        file.write_text(document(), encoding="utf-8")
        browser = started.chromium.launch(executable_path=where, args=FLAGS)
        page = browser.new_context(offline=True).new_page()
        page.goto(file.as_uri())
        loaded, first = page.evaluate(PREPARE % (FUTURES, SEED, list(HEADLINES)))
        line("size of a page with the model and 2,000 parameter sets, kB", f"{file.stat().st_size / 1e3:,.0f}")
        line("of that the model itself, kB", f"{len(page_data.module()) / 1e3:,.0f}")
        line("model and parameter sets ready, ms", f"{loaded:.0f}")
        line(f"four headline policies, {FUTURES} futures each, from nothing, ms", f"{first:.0f}", "at most 500")
        processes = browser.new_browser_cdp_session()
        against_compiled(page, processes)
        seconds, times = processor_time(page, processes, SLIDE, MOVES)
        times.sort()
        words = f"{times[0]:.0f}, {times[len(times) // 2]:.0f}, {times[int(0.95 * len(times))]:.0f}"
        line(f"a lever moved, {FUTURES} futures, ms: best, middle, 95th centile", words, "middle at most 40")
        line("its processor time, ms", f"{1e3 * seconds / (MOVES + 1):.0f}", "28 to 40")
        alike = same_bits(page)
        line("the page gives the compiled driver's bits", "yes" if alike else "NO")
        browser.close()
    return 0 if alike else 1


if __name__ == "__main__":
    sys.exit(main())
