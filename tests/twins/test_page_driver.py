"""The model as WebAssembly gives the compiled driver's bits, and is made from the sources that are here."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import platform
import subprocess
import sys
from collections import Counter
from importlib.metadata import version
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from proofs import PAGE_MODEL
from random_worlds import Case, case_of, cases, mesa_model
from wasm_driver import PAGE, Driver, Table, batch, shared, shipped, wasmtime

from simulator.agents.decisions import DECISION_KINDS
from simulator.boards.table import make_equal_bodies, read_boards
from simulator.declarations.draw_ids import Event
from simulator.declarations.levers import QUARTER_DTYPE
from simulator.declarations.output_variables import AREA_YEAR_DTYPE, NATIONAL_DTYPE
from simulator.declarations.parameters import POINT_DTYPE
from simulator.engine.ensemble import Batch, YearlyRecords, simulate
from simulator.engine.lanes import choose_lanes
from simulator.engine.prefix_sharing import ENTRY_DTYPE
from simulator.engine.records import AREA_DTYPE, BOARD_DTYPE, board_dtype, count_records
from simulator.experiments.core.model_protocol import design_address, draw_uniforms
from simulator.runs.futures import draw_futures
from simulator.scenarios.library import library
from simulator.scenarios.scenario import load_scenario

pytestmark = pytest.mark.twins

SCRIPT = Path(__file__).parents[2] / "scripts" / "build_page_driver.py"
FUTURES, AT_ONCE, FIFTHS = 1_000, 25, 5


@pytest.fixture(scope="module")
def driver() -> Driver:
    return Driver()


def same(page: YearlyRecords, compiled: YearlyRecords) -> bool:
    assert page.areas is not None
    assert compiled.areas is not None
    return (
        page.nation.tobytes() == compiled.nation.tobytes()
        and page.areas.tobytes() == compiled.areas.tobytes()
        and page.imbalance == compiled.imbalance
    )


def of_case(case: Case) -> Batch:
    return batch(np.array([case.point]), np.array([case.run]), case.schedule, case.areas, case.seed, case.first_plan)


def test_a_thousand_futures_each_under_a_fifth_of_the_library_have_the_same_bits(driver: Driver) -> None:
    drawn, facts = draw_futures(FUTURES), read_boards().areas
    schedules = np.stack([load_scenario(name).schedule for name in library()])
    for turn, at in enumerate(range(0, FUTURES, AT_ONCE)):
        some = drawn.part(at, at + AT_ONCE)
        under = schedules[turn % FIFTHS :: FIFTHS]
        page, compiled = (batch(some.points, some.runs, under, facts, some.seed) for _ in range(2))
        assert same(driver.work_out(shared(page)), compiled.finish(workers=1)), f"futures {at} and after"


@settings(max_examples=150, deadline=None)
@given(case=cases())
def test_random_parameters_calendars_boards_and_addresses_have_the_same_bits(driver: Driver, case: Case) -> None:
    assert same(driver.work_out(of_case(case)), of_case(case).finish(workers=1))


def test_many_boards_which_are_sorted_in_another_way_have_the_same_bits(driver: Driver) -> None:
    for n in (128, 129, 300):
        case = case_of(("anywhere", "anywhere"), 8, n, seed=n)
        assert same(driver.work_out(of_case(case)), of_case(case).finish(workers=1)), f"{n} boards"


def side_by_side(saved: Table, lanes: int, areas: int) -> Table:
    """The state of boards (futures, slots, records) as records of so many lanes hold it."""
    futures, slots, _ = saved.shape
    laid = np.zeros((futures, slots, -(-areas // lanes)), board_dtype(lanes))
    for name in laid.dtype.names or ():
        laid[name].reshape(futures, slots, -1)[..., :areas] = saved[name].reshape(futures, slots, -1)[..., :areas]
    return laid


def test_going_on_from_any_quarter_gives_the_same_bits_as_running_whole(driver: Driver) -> None:
    some, facts, schedule = draw_futures(3), read_boards().areas, load_scenario("both").schedule
    whole = simulate(some.points, some.runs, schedule, facts, seed=some.seed, detail=True)
    assert whole.areas is not None
    for quarter in range(1, 32):
        standing = batch(some.points, some.runs, schedule, facts, some.seed)
        standing.until, standing.slots[quarter] = quarter, 0
        standing.saved = np.zeros((len(some), 1, count_records(len(facts))), BOARD_DTYPE)
        standing.finish(workers=1)
        saved = side_by_side(standing.saved, driver.lanes, len(facts))
        standing.saved = np.zeros_like(saved)
        driver.work_out(standing)
        for name in saved.dtype.names:
            assert standing.saved[name].tobytes() == saved[name].tobytes(), (quarter, name)
        resumed = batch(some.points, some.runs, schedule, facts, some.seed)
        resumed.entries["begin"] = quarter
        resumed.slots[quarter] = 0
        resumed.saved = saved
        closed = quarter // 4
        resumed.nation[:, :closed] = whole.nation[:, :closed]
        made = driver.work_out(resumed)
        assert made.areas is not None
        assert made.nation.tobytes() == whole.nation.tobytes(), quarter
        assert made.areas[:, closed:].tobytes() == whole.areas[:, closed:].tobytes(), quarter


def test_another_seed_or_another_last_digit_of_a_parameter_gives_other_bits(driver: Driver) -> None:
    some, facts, schedule = draw_futures(1), read_boards().areas, load_scenario("baseline").schedule
    first = driver.work_out(batch(some.points, some.runs, schedule, facts, some.seed)).nation.tobytes()
    assert driver.work_out(batch(some.points, some.runs, schedule, facts, some.seed + 1)).nation.tobytes() != first
    moved = some.points.copy()
    moved["gap"]["gap_spread"] = np.nextafter(moved["gap"]["gap_spread"], np.inf)
    assert driver.work_out(batch(moved, some.runs, schedule, facts, some.seed)).nation.tobytes() != first


def test_draws_at_an_address_are_those_of_the_compiled_driver(driver: Driver) -> None:
    word, event = design_address("first draw of the posterior")
    for seed in (0, 1, 20240323, 2**32 + 5, 2**64 - 1):
        low, high = (np.uint64(part).astype(np.int64).item() for part in (seed & 0xFFFFFFFF, seed >> 32))
        expected = draw_uniforms(3, seed, "first draw of the posterior")
        made = [driver.exports["uniform"](driver.store, row, word, 0, event, low, high) for row in range(3)]
        assert made == expected.tolist()


def check_trace(driver: Driver, case: Case) -> Counter[Event]:
    """Hold the decisions of a case, area by area in their order, against those that Mesa records; how many of each."""
    model = mesa_model(case, record=True).run()
    expected: dict[int, list[Any]] = {}
    for d in model.trace or ():
        pulls = tuple((pull.name, pull.value) for pull in d.pulls)
        told = (d.quarter, d.area, int(d.event), pulls, d.pull, d.draw, float(d.taken), d.width)
        expected.setdefault(d.area, []).append(told)
    made: dict[int, list[Any]] = {}
    decisions, deciders = driver.trace(case)
    for told in decisions:
        made.setdefault(told[1], []).append(told)
    for area in expected.keys() | made.keys():
        for ours, theirs in zip_longest(made.get(area, []), expected.get(area, [])):
            assert ours == theirs, f"{case!r}, area {area}"
    assert deciders.tolist() == [list(row) for row in model.deciders]
    return Counter(d.event for d in model.trace or ())


def test_every_decision_and_its_pulls_are_those_that_mesa_records(driver: Driver) -> None:
    seen: Counter[Event] = Counter()
    some, facts = draw_futures(3), read_boards().areas
    for j, name in enumerate(("baseline", "both", "full-package")):
        seen += check_trace(
            driver, Case(some.points[j], load_scenario(name).schedule, facts, some.seed, j, 1, False, name)
        )
    for seed in range(12):
        kinds = ("prior" if seed % 3 else "anywhere", "anywhere" if seed % 2 else "prior")
        seen += check_trace(driver, case_of(kinds, 1 + seed % 8, 3 + 5 * seed, seed, run=seed, first_plan=seed % 4))
    seen += check_trace(driver, case_of(("anywhere", "prior"), 2, 5, seed=0, run=2))  # a pilot certain to go on
    assert set(seen) == set(DECISION_KINDS)
    assert min(seen.values()) > 20


def test_a_run_that_does_not_fit_is_stopped_and_the_next_is_right(driver: Driver) -> None:
    some, schedule = draw_futures(1), load_scenario("baseline").schedule
    with pytest.raises(wasmtime.Trap):
        driver.work_out(batch(some.points, some.runs, schedule, np.tile(make_equal_bodies(500).areas, 20), some.seed))
    facts = read_boards().areas
    after = driver.work_out(batch(some.points, some.runs, schedule, facts, some.seed))
    assert same(after, simulate(some.points, some.runs, schedule, facts, seed=some.seed, detail=True, workers=1))


def test_the_module_asks_a_browser_for_nothing() -> None:
    made = wasmtime.Module(wasmtime.Engine(), shipped())
    assert [one.name for one in made.imports] == []
    assert {one.name for one in made.exports} == {"memory", "__heap_base", "run_block", "uniform", "trace"}


def test_a_browser_without_simd_refuses_the_module_before_it_runs() -> None:
    with pytest.raises(wasmtime.WasmtimeError, match="SIMD"):
        Driver(simd=False)


def test_lanes_are_not_chosen_once_records_have_their_shape() -> None:
    with pytest.raises(RuntimeError, match="lanes are chosen before"):
        choose_lanes(8)


def test_the_module_holds_no_file_name_of_the_computer_that_built_it() -> None:
    assert [part for part in (b"site-packages", b".py", b"/") if part in data_section(shipped())] == []


def data_section(module: bytes) -> bytes:
    """What a WebAssembly module lays into memory: its section of kind 11."""
    at = 8
    while at < len(module):
        kind, (size, at) = module[at], leb128(module, at + 1)
        if kind == 11:
            return module[at : at + size]
        at += size
    raise AssertionError("the module has no data")


def leb128(data: bytes, at: int) -> tuple[int, int]:
    """A whole number of variable length, and where what follows it begins."""
    number = shift = 0
    while data[at] & 0x80:
        number, shift, at = number | (data[at] & 0x7F) << shift, shift + 7, at + 1
    return number | data[at] << shift, at + 1


def test_the_layout_is_that_of_the_records_and_belongs_to_the_module() -> None:
    told = json.loads(PAGE.joinpath("model.json").read_text(encoding="utf-8"))
    assert told["sha256"] == hashlib.sha256(shipped()).hexdigest()
    kinds = {
        "parameters": POINT_DTYPE,
        "area": AREA_DTYPE,
        "levers": QUARTER_DTYPE,
        "entry": ENTRY_DTYPE,
        "board": board_dtype(told["lanes"]),
        "nation_year": NATIONAL_DTYPE,
        "area_year": AREA_YEAR_DTYPE,
    }
    assert set(told["records"]) == set(kinds)
    for name, kind in kinds.items():
        assert told["records"][name]["bytes"] == kind.itemsize
        told_of = told["records"][name]["float64"] | told["records"][name]["int64"]
        one = np.arange(kind.itemsize // 8, dtype=np.int64).view(kind)[0]
        assert told_of == {leaf: 8 * at for leaf, at in leaves(one)}, name
    assert told["lanes"] == len(read_boards().areas)  # in the page no lane is empty


def leaves(record: Any) -> list[tuple[str, int]]:
    """Every number of a record, and the first of every column, whose numbers, as whole ones, count from 0."""
    found = []
    for name in record.dtype.names:
        value = record[name]
        found += leaves(value) if value.dtype.names else [(name, int(np.array(value).view(np.int64).reshape(-1)[0]))]
    return found


def test_built_again_it_is_the_same_module(tmp_path: Path, whole: bool) -> None:
    """The same bytes from the same tools; from others the same bits. Where the code, the tools and the module are those
    of the last time it was built here (`proofs.py`), all but the module itself is made again.
    """
    if PAGE_MODEL.is_due(whole):
        build_again(tmp_path)
        if whole:
            PAGE_MODEL.keep()
        return
    told = json.loads(PAGE.joinpath("model.json").read_text(encoding="utf-8"))
    assert told.pop("made_with") and told.pop("sha256") == hashlib.sha256(shipped()).hexdigest()
    code = "import json, build_page_driver; print(json.dumps(build_page_driver.layout()))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=SCRIPT.parent, capture_output=True, text=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == told


def build_again(tmp_path: Path) -> None:
    if importlib.util.find_spec("ziglang") is None:
        pytest.skip("the linker, ziglang of the extra [dev], is not installed, so the module cannot be built")
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "--out", str(tmp_path)], capture_output=True, text=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    built = (tmp_path / "model.wasm").read_bytes()
    told, now = (json.loads(folder.joinpath("model.json").read_text(encoding="utf-8")) for folder in (PAGE, tmp_path))
    here = {"python": ".".join(platform.python_version_tuple()[:2])}
    here |= {name: version(name) for name in ("numba", "llvmlite", "ziglang")}
    assert now["made_with"] == here
    if told["made_with"] == here:
        advice = "the sources have changed; run python scripts/build_page_driver.py"
        assert built == shipped(), advice
        assert now == told, advice
    for part in ("entries", "records", "trace"):
        assert now[part] == told[part]
    some, facts = draw_futures(20), read_boards().areas
    page, compiled = (
        batch(some.points, some.runs, load_scenario("full-package").schedule, facts, some.seed) for _ in range(2)
    )
    assert same(Driver(built).work_out(page), compiled.finish(workers=1))
