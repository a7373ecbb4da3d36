"""The page's WebAssembly, run from Python: what the page's engine does in JavaScript, with `wasmtime`."""

from __future__ import annotations

import ctypes
import json
from importlib.resources import files
from typing import Any

import numpy as np
import wasmtime
from numpy.typing import NDArray

from simulator.declarations.levers import QUARTER_DTYPE
from simulator.declarations.output_variables import AREA_YEAR_DTYPE, NATIONAL_DTYPE
from simulator.declarations.parameters import POINT_DTYPE
from simulator.engine import prefix_sharing
from simulator.engine.ensemble import Yearly
from simulator.engine.records import AREA_DTYPE, BOARD_DTYPE

PAGE = files("dashboards").joinpath("offline", "page")
Table = NDArray[Any]


class Driver:
    """One instance of the module; `run` gives what `ensemble.simulate` gives with `detail`."""

    def __init__(self, module: bytes | None = None) -> None:
        engine = wasmtime.Engine()
        self.store = wasmtime.Store(engine)
        made = wasmtime.Module(engine, module or PAGE.joinpath("model.wasm").read_bytes())
        self.layout = json.loads(PAGE.joinpath("model.json").read_text(encoding="utf-8"))
        self.exports = wasmtime.Instance(self.store, made, []).exports(self.store)
        self.memory = self.exports["memory"]
        self.end = 0

    def run(
        self, points: Table, runs: Table, schedule: Table, areas: Table, *, seed: int, first_plan: int = 1,
        entries: Table | None = None, slots: Table | None = None, saved: Table | None = None,
    ) -> Yearly:  # fmt: skip
        """Runs futures, or the given `entries`; `saved` (futures, slots, areas) is filled as in a `Batch`."""
        schedules = np.atleast_2d(np.array(schedule, QUARTER_DTYPE))
        n, quarters = len(runs), schedules.shape[1]
        years, kept = quarters // 4, saved is not None
        saved = np.zeros((1, 1, len(areas)), BOARD_DTYPE) if saved is None else saved
        entries = prefix_sharing.plain(np.arange(n), np.zeros(n, np.int64)) if entries is None else entries
        arrays = {
            "points": np.array(points, POINT_DTYPE),
            "runs": np.array(runs, np.uint64),
            "seed": np.array([seed & 0xFFFFFFFF, seed >> 32], np.uint64),
            "areas": np.array(areas, AREA_DTYPE),
            "schedules": schedules,
            "entries": entries,
            "slots": np.full(quarters + 1, -1, np.int64) if slots is None else slots,
            "saved": saved,
            "nation": np.zeros((n, years), NATIONAL_DTYPE),
            "detail": np.zeros((n, years, len(areas)), AREA_YEAR_DTYPE),
        }
        at = self._place(arrays)
        whole = {
            "point_count": len(points), "futures": n, "area_count": len(areas), "schedule_count": len(schedules),
            "quarters": quarters, "first_plan": first_plan, "entry_count": len(entries), "until": quarters,
            "saved_futures": saved.shape[0], "saved_slots": saved.shape[1], "detail_futures": n,
        }  # fmt: skip
        imbalance = self.exports["run_block"](self.store, *((at | whole)[name] for name, _ in self.layout["arguments"]))
        for name in ("nation", "detail", *(["saved"] if kept else [])):
            arrays[name].view(np.uint8).reshape(-1)[:] = self._bytes(at[name], arrays[name].nbytes)
        return Yearly(arrays["nation"], arrays["detail"], imbalance)

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
