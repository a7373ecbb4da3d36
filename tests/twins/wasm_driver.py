"""The page's WebAssembly run from Python, over a batch laid out as the compiled driver lays it out."""

from __future__ import annotations

import ctypes
import json
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from random_worlds import Case

from simulator.declarations.output_variables import AREA_YEAR_DTYPE, NATIONAL_DTYPE
from simulator.engine import prefix_sharing
from simulator.engine.ensemble import Batch, YearlyRecords
from simulator.engine.records import board_dtype

wasmtime: Any = pytest.importorskip("wasmtime", reason="wasmtime, of the extra [dev], is not installed")

PAGE = files("dashboards").joinpath("offline", "page")
Table = NDArray[Any]


def batch(points: Table, runs: Table, schedules: Table, areas: Table, seed: int, first_plan: int = 1) -> Batch:
    """Every future under every schedule, area rows kept."""
    k, n = (len(schedules) if schedules.ndim > 1 else 1), len(runs)
    which, policy = np.tile(np.arange(n), k), np.repeat(np.arange(k), n)
    return Batch(points, np.tile(runs, k), schedules, policy, areas, seed, first_plan, True, which)


def shared(run_batch: Batch) -> Batch:
    """The same batch, beginnings shared as in one block of all of it."""
    n = len(run_batch.entries)
    run_batch.entries = prefix_sharing.share_prefixes(
        run_batch.points, run_batch.entries, run_batch.runs, run_batch.schedules, n
    )
    run_batch.slots = prefix_sharing.assign_slots(run_batch.entries, run_batch.until)
    return run_batch


@cache
def shipped() -> bytes:
    """The module that ships."""
    return PAGE.joinpath("model.wasm").read_bytes()


class Driver:
    """One instance of a module: what a page's engine does in JavaScript."""

    def __init__(self, module: bytes | None = None, simd: bool = True) -> None:
        config = wasmtime.Config()
        config.wasm_relaxed_simd, config.wasm_simd = False, simd
        engine = wasmtime.Engine(config)
        self.store = wasmtime.Store(engine)
        wasm_module = wasmtime.Module(engine, shipped() if module is None else module)
        self.layout = json.loads(PAGE.joinpath("model.json").read_text(encoding="utf-8"))
        self.lanes: int = self.layout["lanes"]
        self.exports = wasmtime.Instance(self.store, wasm_module, []).exports(self.store)
        self.memory = self.exports["memory"]

    def work_out(self, batch_given: Batch) -> YearlyRecords:
        """Runs all entries of a batch at once: what `Batch.finish` gives. What is `saved` has this module's lanes."""
        n, quarters = batch_given.n, batch_given.schedules.shape[1]
        slots = int(batch_given.slots.max()) + 1
        saved = (
            np.zeros((1, slots, -(-len(batch_given.areas) // self.lanes)), board_dtype(self.lanes))
            if batch_given.saved is None
            else batch_given.saved
        )
        arrays = {
            "points": batch_given.points,
            "runs": batch_given.runs,
            "seed": batch_given.seed,
            "areas": batch_given.areas,
            "schedules": batch_given.schedules,
            "entries": batch_given.entries,
            "slots": batch_given.slots,
            "saved": saved,
            "nation": np.zeros((n, quarters // 4), NATIONAL_DTYPE),
            "detail": np.zeros((n, quarters // 4, len(batch_given.areas)), AREA_YEAR_DTYPE),
        }
        arrays["nation"][:] = batch_given.nation
        counts = {
            "point_count": len(batch_given.points),
            "futures": n,
            "area_count": len(batch_given.areas),
            "schedule_count": len(batch_given.schedules),
            "quarters": quarters,
            "first_plan": batch_given.first_plan,
            "entry_count": len(batch_given.entries),
            "until": batch_given.until,
            "saved_futures": saved.shape[0],
            "saved_slots": saved.shape[1],
            "detail_futures": n,
        }
        values = self._place(arrays) | counts
        arguments = (values[name] for name, _ in self.layout["entries"]["run_block"])
        imbalance = self.exports["run_block"](self.store, *arguments)
        for name in ("nation", "detail", "saved"):
            array = arrays[name]
            array.view(np.uint8).reshape(-1)[:] = self._bytes(values[name], array.nbytes)
        return YearlyRecords(arrays["nation"], arrays["detail"], imbalance)

    def trace(self, case: Case) -> tuple[list[tuple[Any, ...]], Table]:
        """Decisions of a future: quarter, area, event, pulls by name, pull, draw, taken, width; and who decides."""
        trace, (quarters, n) = self.layout["trace"], (len(case.schedule), len(case.areas))
        room = quarters * n * trace["most"]
        arrays = {
            "point": np.array([case.point]),
            "runs": np.array([case.run], np.uint64),
            "seed": np.array([case.seed & 0xFFFFFFFF, case.seed >> 32], np.uint64),
            "areas": case.areas,
            "schedule": case.schedule,
            "decisions": np.zeros((room, len(trace["whole"])), np.int64),
            "numbers": np.zeros((room, trace["columns"])),
            "deciders": np.zeros((quarters, n), np.int64),
        }
        values = self._place(arrays) | {"area_count": n, "quarters": quarters, "first_plan": case.first_plan}
        arguments = (values[name] for name, _ in self.layout["entries"]["trace"])
        count = int(self.exports["trace"](self.store, *arguments))
        for name in ("decisions", "numbers", "deciders"):
            array = arrays[name]
            array.view(np.uint8).reshape(-1)[:] = self._bytes(values[name], array.nbytes)
        found = []
        for whole, numbers in zip(arrays["decisions"][:count], arrays["numbers"][:count], strict=True):
            names = trace["events"][str(whole[2])]["pulls"]
            width = len(trace["numbers"])
            pulls = [(name, sign * value) for (name, sign), value in zip(names, numbers[width:].tolist(), strict=False)]
            found.append((*whole.tolist(), tuple(pulls), *numbers[:width].tolist()))
        return found, arrays["deciders"]

    def _place(self, arrays: dict[str, Table]) -> dict[str, int]:
        """Copies arrays into memory, one after the other; returns their addresses."""
        at, end = {}, (self.exports["__heap_base"].value(self.store) + 15) // 16 * 16
        for name, array in arrays.items():
            at[name], end = end, end + (array.nbytes + 15) // 16 * 16
        lacking = end - self.memory.data_len(self.store)
        if lacking > 0:
            self.memory.grow(self.store, -(-lacking // 65536))
        for name, array in arrays.items():
            self._bytes(at[name], array.nbytes)[:] = np.frombuffer(array.tobytes(), np.uint8)
        return at

    def _bytes(self, at: int, size: int) -> NDArray[np.uint8]:
        start = ctypes.addressof(self.memory.data_ptr(self.store).contents) + at
        return np.ctypeslib.as_array((ctypes.c_uint8 * size).from_address(start))
