"""Compiles the driver of the static page: the same kernels and rules, as WebAssembly.

    python scripts/build_page_driver.py        # writes dashboards/offline/page/model.wasm and model.json

1. Numba types `engine.ensemble.block`, and all that it calls, and translates it into LLVM's intermediate code, as for
   this computer, but leaves it unoptimised: so nothing of this computer is in it but its name.
2. The name becomes wasm32, all but a few functions become private, and LLVM optimises. Results do not change: without
   fast-math LLVM keeps every rounding, and WebAssembly rounds as IEEE 754 says. Exceptions lose the file and line that
   raised them: a page could not show them, and this computer's folders would stand in the module.
3. What LLVM widens for a processor is turned into what browsers do quickly: products of halves, conversions by halves,
   constants read from memory.
4. `page_runtime.c` gives it memory for arrays, and `page_draws.c` draws for four boards at once. Zig, a C compiler and
   linker that pip installs, joins them; nothing else needs it.

`model.json` says where everything lies in memory, so that no page holds a number of ours by hand.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

# Before numba is imported: nothing optimised for this computer, and nothing from a cache that was.
os.environ |= {"NUMBA_OPT": "0", "NUMBA_LOOP_VECTORIZE": "0", "NUMBA_SLP_VECTORIZE": "0"}
CACHE = tempfile.TemporaryDirectory(prefix="page-driver-")
os.environ |= {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": "", "NUMBA_CACHE_DIR": CACHE.name}

import llvmlite.binding as llvm
import numba
import numpy as np
from numba import carray, types
from numba.core.callconv import CPUCallConv
from numba.core.codegen import JITCodeLibrary
from numba.core.registry import cpu_target
from numba.core.runtime.nrt import rtsys

from simulator.engine.lanes import choose_lanes

choose_lanes(42)  # as many as England has boards: a browser works on two at once, and none of its lanes is empty

from simulator.engine import jitable, philox

WORDS = (types.uint64,) * 7
draw_boards = types.ExternalFunction("draw_boards", types.voidptr(types.CPointer(types.float64), *WORDS))


@jitable.register_jitable(forceinline=True, no_cfunc_wrapper=True, _nrt=False)
def draw(draws: Any, key: Any, quarter: Any, event: Any, first: Any) -> None:
    """As `philox.draw`, by `page_draws.c`, which draws for four boards at once."""
    words = np.uint64(quarter), np.uint64(event), np.uint64(first), np.uint64(draws.shape[0])
    draw_boards(draws.ctypes, key[0], key[1], key[2], *words)


philox.draw = draw  # before kernels take it from there

from simulator.declarations import levers, output_variables, parameters
from simulator.declarations.draw_ids import Event
from simulator.engine import decision_trace, ensemble, kernel_money, kernel_people, prefix_sharing, records
from simulator.engine.compilation import stage
from simulator.engine.kernel_cache import KernelCache
from simulator.rules.plans import CharacterPulls, RulePulls

HERE = Path(__file__).parent
OUT = HERE.parent / "dashboards" / "offline" / "page"
TARGET = "wasm32-unknown-unknown"
FEATURES = "+simd128,+nontrapping-fptoint,+bulk-memory,+sign-ext"
SOURCES = ("page_runtime.c", "page_draws.c")
PHILOX = (0xD2511F53, 0xCD9E8D57)
# Every loop that can be worked on two boards at a time is, whatever LLVM thinks it would cost: where a rule branches it
# counts on luck that a processor does not have. Sums keep their order, which such a wish would otherwise give up.
WIDENING = ("-force-vector-width=2", "-hints-allow-reordering=false")
RECORDS = {
    "parameters": parameters.POINT_DTYPE,
    "area": records.AREA_DTYPE,
    "levers": levers.QUARTER_DTYPE,
    "entry": prefix_sharing.ENTRY_DTYPE,
    "board": records.BOARD_DTYPE,
    "nation_year": output_variables.NATIONAL_DTYPE,
    "area_year": output_variables.AREA_YEAR_DTYPE,
}
C_TYPES = {"address": "void *", "int": "long long "}
NUMBA_TYPES = {"address": types.voidptr, "int": types.int64}


@stage
def round_up(count: int) -> int:
    """The next multiple of two: as many listed boards as are worked on at once here; processors take eight."""
    return min((count + 1) // 2 * 2, records.LANES)


kernel_money.round_up = kernel_people.round_up = round_up


class Entry(NamedTuple):
    """A function that the page calls: its arguments in order, each the address of an array or a whole number."""

    function: Callable[..., Any]
    arguments: dict[str, str]

    @property
    def name(self) -> str:
        """Its name in the module."""
        return self.function.__name__


def entry(**kinds: str) -> Callable[[Callable[..., Any]], Entry]:
    """Make an entry of a function; `address` and `int` list its arguments."""
    addresses = kinds["address"].split()

    def made(function: Callable[..., Any]) -> Entry:
        names = function.__code__.co_varnames[: function.__code__.co_argcount]
        return Entry(function, {name: "address" if name in addresses else "int" for name in names})

    return made


@entry(address="points runs seed areas schedules entries slots saved nation detail")
def run_block(
    points: Any,
    point_count: int,
    runs: Any,
    futures: int,
    seed: Any,
    areas: Any,
    area_count: int,
    schedules: Any,
    schedule_count: int,
    quarters: int,
    first_plan: int,
    entries: Any,
    entry_count: int,
    until: int,
    slots: Any,
    saved: Any,
    saved_futures: int,
    saved_slots: int,
    nation: Any,
    detail: Any,
    detail_futures: int,
) -> float:
    """`ensemble.block` over arrays at these addresses."""
    years = quarters // 4
    return ensemble.block(
        carray(points, (point_count,), parameters.POINT_DTYPE),
        carray(runs, (futures,), np.uint64),
        carray(seed, (2,), np.uint64),
        carray(areas, (area_count,), records.AREA_DTYPE),
        carray(schedules, (schedule_count, quarters), levers.QUARTER_DTYPE),
        first_plan,
        carray(entries, (entry_count,), prefix_sharing.ENTRY_DTYPE),
        until,
        carray(slots, (quarters + 1,), np.int64),
        carray(saved, (saved_futures, saved_slots, records.count_records(area_count)), records.BOARD_DTYPE),
        carray(nation, (futures, years), output_variables.NATIONAL_DTYPE),
        carray(detail, (detail_futures, years, area_count), output_variables.AREA_YEAR_DTYPE),
    )


@entry(address="")
def uniform(c0: int, c1: int, c2: int, c3: int, k0: int, k1: int) -> float:
    """One draw of the random generator: for a cell (run, area, quarter, event) under a seed's low and high word."""
    w0, w1, _, _ = philox.philox(
        np.uint64(c0), np.uint64(c1), np.uint64(c2), np.uint64(c3), np.uint64(k0), np.uint64(k1)
    )
    return min(philox.to_unit(w0, w1), philox.BELOW_ONE)


@entry(address="point runs seed areas schedule decisions numbers deciders")
def trace(
    point: Any,
    runs: Any,
    seed: Any,
    areas: Any,
    area_count: int,
    schedule: Any,
    quarters: int,
    first_plan: int,
    decisions: Any,
    numbers: Any,
    deciders: Any,
) -> float:
    """Every decision of one future, as `decision_trace` writes them; returns how many there are."""
    room = quarters * area_count * decision_trace.PER_QUARTER
    out = (
        np.zeros(1, np.int64),
        carray(decisions, (room, len(decision_trace.WHOLE)), np.int64),
        carray(numbers, (room, decision_trace.COLUMNS), np.float64),
    )
    words = carray(seed, (2,), np.uint64)
    return float(
        decision_trace.trace_future(
            carray(areas, (area_count,), records.AREA_DTYPE),
            carray(schedule, (quarters,), levers.QUARTER_DTYPE),
            first_plan,
            (words[0], words[1], carray(runs, (1,), np.uint64)[0]),
            carray(point, (1,), parameters.POINT_DTYPE)[0],
            out,
            carray(deciders, (quarters, area_count), np.int64),
        )
    )


ENTRIES = (run_block, uniform, trace)


def link_only(library: Any, _name: str) -> int:
    """Finish a library, and say that nothing of it can be called."""
    library._ensure_finalized()
    return 0


def make_no_machine_code() -> None:
    """Let numba stop at LLVM's intermediate code from now on: nothing of what it compiles runs on this computer."""
    rtsys.initialize(cpu_target.target_context)  # compiled in numba's own way, for this runs
    codegen = cpu_target.target_context.codegen()
    JITCodeLibrary._finalize_specific = lambda _: None
    JITCodeLibrary.get_pointer_to_function = link_only
    codegen.set_env = codegen._engine.get_global_value_address = lambda *_: 0
    KernelCache.save_overload = lambda *_: None  # type: ignore[method-assign]


def machine() -> llvm.TargetMachine:
    """What LLVM makes code for."""
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    return llvm.Target.from_triple(TARGET).create_target_machine(opt=3, reloc="static", features=FEATURES)


def intermediate_code(made: Entry, target: llvm.TargetMachine) -> str:
    """A function and all that it calls as LLVM's intermediate code for wasm32; its name ends with `_compiled`."""
    signature = types.float64(*(NUMBA_TYPES[kind] for kind in made.arguments.values()))
    compiled = numba.cfunc(signature, error_model="numpy")(made.function)
    name = compiled.native_name.removeprefix("cfunc.")
    code = compiled.inspect_llvm().replace(f"@{name}(", f"@{made.name}_compiled(")
    code = re.sub(r"^target datalayout = .*$", f'target datalayout = "{target.target_data}"', code, flags=re.M)
    return re.sub(r"^target triple = .*$", f'target triple = "{TARGET}"', code, flags=re.M)


def describe_exception(
    _convention: CPUCallConv, kind: type[BaseException], arguments: tuple[Any, ...], _place: Any, _function: str | None
) -> tuple[type[BaseException], tuple[Any, ...], None]:
    """What numba keeps of an exception: its type and arguments, without the place that raised it."""
    return kind, arguments, None


def object_code() -> bytes:
    """All entries, optimised, as one WebAssembly object."""
    CPUCallConv.build_excinfo_struct = describe_exception
    make_no_machine_code()
    target = machine()
    module, *others = (llvm.parse_assembly(intermediate_code(made, target)) for made in ENTRIES)
    for other in others:
        module.link_in(other)
    public = {f"{made.name}_compiled" for made in ENTRIES}
    for item in (*module.functions, *module.global_variables):
        if not item.is_declaration and item.name not in public:
            item.linkage = "internal"
    for option in WIDENING:
        llvm.set_option("", option)
    tuning = llvm.create_pipeline_tuning_options(speed_level=3)
    tuning.loop_vectorization, tuning.slp_vectorization = True, False
    builder = llvm.create_pass_builder(target, tuning)
    builder.getModulePassManager().run(module, builder)
    code = read_constants(convert_halves(multiply_halves(str(module))))
    return bytes(target.emit_object(llvm.parse_assembly(code)))


def multiply_halves(code: str) -> str:
    """Let Philox multiply 32 bits by 32 (`i64x2.extmul_low_i32x4_u`), which costs half of `i64x2.mul`.

    LLVM selects it where both factors are widened and neither is a constant, so multipliers are read from variables.
    """
    count = itertools.count()

    def multiply(found: re.Match[str]) -> str:
        result, factor, constant = found.groups()
        at = f"%philox{next(count)}"
        return f"""  {at}a = bitcast <2 x i64> {factor} to <4 x i32>
  {at}b = shufflevector <4 x i32> {at}a, <4 x i32> poison, <2 x i32> <i32 0, i32 2>
  {at}c = zext <2 x i32> {at}b to <2 x i64>
  {at}d = load <4 x i32>, ptr @philox_{constant}
  {at}e = shufflevector <4 x i32> {at}d, <4 x i32> poison, <2 x i32> <i32 0, i32 1>
  {at}f = zext <2 x i32> {at}e to <2 x i64>
  {result} = mul nuw <2 x i64> {at}c, {at}f"""

    product = r"^  (%\S+) = mul(?: nuw| nsw)* <2 x i64> (%\S+), splat \(i64 ({})\)"
    code = re.sub(product.format("|".join(map(str, PHILOX))), multiply, code, flags=re.M)
    globals_ = (f"@philox_{k} = internal global <4 x i32> splat (i32 {k - 2**32}), align 16\n" for k in PHILOX)
    return code + "".join(globals_)


def convert_halves(code: str) -> str:
    """Let two whole numbers become doubles at once: each half is put behind a power of two, which is then taken away.

    WebAssembly has no instruction for it, and LLVM would convert one number after the other.
    """
    count = itertools.count()

    def convert(found: re.Match[str]) -> str:
        result, whole = found.groups()
        at = f"%whole{next(count)}"
        return f"""  {at}a = and <2 x i64> {whole}, splat (i64 {2**32 - 1})
  {at}b = or <2 x i64> {at}a, splat (i64 {0x433 << 52})
  {at}c = bitcast <2 x i64> {at}b to <2 x double>
  {at}d = lshr <2 x i64> {whole}, splat (i64 32)
  {at}e = or <2 x i64> {at}d, splat (i64 {0x453 << 52})
  {at}f = bitcast <2 x i64> {at}e to <2 x double>
  {at}g = fsub <2 x double> {at}f, splat (double 0x4530000000100000)
  {result} = fadd <2 x double> {at}g, {at}c"""

    return re.sub(r"^  (%\S+) = uitofp(?: nneg)? <2 x i64> (%\S+) to <2 x double>", convert, code, flags=re.M)


FLOATING = r"(?:fadd|fsub|fmul|fdiv|fcmp \w+)"
OPERATION = re.compile(
    rf"  %\S+ = (?:(?:{FLOATING}|select <2 x i1> %\S+,) (?P<floats><2 x double>)|{FLOATING} (?P<float>double)"
    r"|(?:and|or|xor|add|sub)(?: nuw| nsw| disjoint)* (?P<wholes><2 x i64>)) "
)
CONSTANTS = {
    "floats": re.compile(r"splat \(double [^)]+\)"),
    "float": re.compile(r"(?<![%\w])(?!0\.0+e\+00)(?:0x[0-9A-F]{16}|-?\d+\.\d+e[+-]\d+)"),
    "wholes": re.compile(r"splat \(i64 (?!-1\))[^)]+\)"),
}


def read_constants(code: str) -> str:
    """Let operations read their constants from memory: a browser makes others anew where they stand, in three steps."""
    variables: dict[str, str] = {}
    count = itertools.count()

    def read(line: str) -> str:
        operation = OPERATION.match(line)
        if not operation:
            return line
        form = operation.lastgroup or ""
        reads = []

        def name(constant: re.Match[str]) -> str:
            variable = variables.setdefault(f"{operation[form]} {constant[0]}", f"@constant_{len(variables)}")
            result = f"%constant{next(count)}"
            reads.append(f"  {result} = load {operation[form]}, ptr {variable}, align {8 if form == 'float' else 16}\n")
            return result

        changed = CONSTANTS[form].sub(name, line)
        return "".join(reads) + changed

    lines = "\n".join(map(read, code.split("\n")))
    globals_ = (f"{variable} = internal global {constant}, align 16\n" for constant, variable in variables.items())
    return lines + "".join(globals_)


def c_function(made: Entry) -> str:
    """What the page calls, in C: what would raise an exception in Python is a trap."""
    given = ", ".join(f"{C_TYPES[kind]}{name}" for name, kind in made.arguments.items())
    return f"""
int {made.name}_compiled(double *, void **, {given});
__attribute__((export_name("{made.name}"))) double {made.name}({given}) {{
    double result = 0;
    void *raised = 0;
    forget();
    if ({made.name}_compiled(&result, &raised, {", ".join(made.arguments)})) __builtin_trap();
    return result;
}}
"""


def linked(compiled: bytes) -> bytes:
    """The object with its runtime, as a WebAssembly module."""
    with tempfile.TemporaryDirectory() as folder:
        part, runtime, whole = (Path(folder, name) for name in ("model.o", "runtime.c", "model.wasm"))
        part.write_bytes(compiled)
        text = "".join((HERE / name).read_text(encoding="utf-8") for name in SOURCES)
        runtime.write_text(text + "".join(map(c_function, ENTRIES)), encoding="utf-8")
        command = [sys.executable, "-m", "ziglang", "cc", "-target", "wasm32-freestanding", "-O2"]
        command += ["-mcpu=generic+simd128", "-ffp-contract=off"]
        command += ["-Wl,--no-entry", "-Wl,--strip-all", "-Wl,--export=__heap_base"]
        subprocess.run([*command, str(runtime), str(part), "-o", str(whole)], check=True)
        return whole.read_bytes()


def layout() -> dict[str, Any]:
    """Where things lie: arguments of the functions, and of each record its size and the offset of each number."""
    return {
        "block": ensemble.BLOCK,
        "lanes": records.LANES,
        "tolerance": ensemble.TOLERANCE,
        "trace": {
            "whole": decision_trace.WHOLE,
            "numbers": decision_trace.NUMBERS,
            "columns": decision_trace.COLUMNS,
            "most": decision_trace.PER_QUARTER,
            "events": {int(event): reasons(event) for event in decision_trace.REASONS},
        },
        "entries": {made.name: list(made.arguments.items()) for made in ENTRIES},
        "records": {name: record(kind) for name, kind in RECORDS.items()},
    }


def reasons(event: Event) -> dict[str, Any]:
    """A decision's name, and its pulls in order: each with its sign towards a yes."""
    groups = decision_trace.REASONS[event]
    against = (CharacterPulls, RulePulls) if event is Event.RAID else ()
    return {
        "name": event.name.lower(),
        "pulls": [[name, -1 if group in against else 1] for group in groups for name in group._fields],
    }


def record(kind: np.dtype[Any]) -> dict[str, Any]:
    """A record type: its bytes, and by name the offset of every 8-byte number (or column), floating or whole."""
    made: dict[str, Any] = {"bytes": kind.itemsize, "float64": {}, "int64": {}}
    for name in kind.names or ():
        field, offset = kind.fields[name][:2]  # type: ignore[index]
        inner = {name: (field, 0)} if field.names is None else field.fields
        for leaf, (number, further, *_) in inner.items():
            made[number.base.name][leaf] = offset + further
    return made


def tools() -> dict[str, str]:
    """What decides the bytes of the module, beside the sources."""
    names = ("numba", "llvmlite", "ziglang")
    return {"python": ".".join(platform.python_version_tuple()[:2]), **{name: version(name) for name in names}}


def main() -> None:
    """Write both files."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=OUT, help="the folder to write to")
    out: Path = parser.parse_args().out
    made = linked(object_code())
    told = {"made_with": tools(), "sha256": hashlib.sha256(made).hexdigest(), **layout()}
    out.mkdir(parents=True, exist_ok=True)
    (out / "model.wasm").write_bytes(made)
    (out / "model.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print(f"{out / 'model.wasm'}: {len(made):,} bytes")


if __name__ == "__main__":
    main()
