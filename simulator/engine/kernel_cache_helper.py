"""A second process that compiles stages of the kernel that runs futures, while this one compiles others of them.

Numba's own Python is most of the work and runs on one core. Both processes take stages from one list, this one in the
order of a quarter and the other large late ones first, so that each is compiled once and neither waits for long. A
stage is optimised where it is compiled (`stages_apart.py`) and comes back as LLVM code; this process joins the stages
and makes machine code of all. Meanwhile the other compiles the kernels that only Mesa needs. Where there is no second
core, or no second process can be had, or it fails, this process compiles everything itself, to the same code.
"""

from __future__ import annotations

import atexit
import inspect
import itertools
import json
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import IO, Any

PARTS = (
    "kernel_people.start",
    "kernel_people.draw_for_plugin",
    "kernel_people.merge",
    "kernel_people.assign",
    "kernel_people.move_leaders",
    "kernel_people.move_leads",
    "kernel_money.finance",
    "kernel_money.weigh",
    "kernel_money.open_pot",
    "kernel_money.plan",
    "kernel_money.raid",
    "kernel_money.commit",
    "kernel_money.spend",
    "kernel_money.weigh_books",
    "kernel_year_end.close_year",
    "kernel_year_end.offset",
    "kernel_record.nation",
    "kernel_record.write_areas",
    "kernel_year_end.learn",
)
"""The stages, in the order in which the kernel that runs futures calls them."""

LARGE_AND_LATE = (
    "kernel_money.raid",
    "kernel_year_end.close_year",
    "kernel_record.nation",
    "kernel_year_end.learn",
    "kernel_year_end.offset",
)
"""What the other process begins with. Then it takes the rest from the end: small parts, so that neither waits long."""

OTHERS = ("random_table.fill_table", "kernel_record.nation_of_rows")
"""The kernels that only Mesa needs. Nobody waits for them but `ringfence warm`."""

LONGEST_PART = 60.0
"""Seconds to wait for a part that the other process has begun."""

_ENGINE = "simulator.engine."
_APART = "simulator.engine.stages_apart"  # it loads numba
_FIRST_NUMBER = 1_000_000
"""Numba numbers functions and names their code after it: both processes' names meet in one program."""


class Helper:
    """The other process, and what it has compiled so far: `made` by part, and `why` it ended early, if it did."""

    def __init__(self, folder_name: str) -> None:
        self.made: dict[str, bytes] = {}
        self.taken: list[str] = []
        self.why = ""
        rest = (part for part in PARTS if part not in LARGE_AND_LATE)
        self._waiting = [*OTHERS, *rest, *reversed(LARGE_AND_LATE)]
        self._begun = self._ended = False
        self._change = threading.Condition()
        words = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
        words += f"from {__name__} import help_to_compile; help_to_compile(sys.argv[2])"
        self.process = subprocess.Popen(
            [sys.executable, "-c", words, json.dumps(sys.path), folder_name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        atexit.register(self.stop)
        self._thread = threading.Thread(target=self._hand_out, name="compiling", daemon=True)
        self._thread.start()

    def begin(self) -> None:
        """From now on the other process, which has loaded what it needs meanwhile, may compile."""
        with self._change:
            self._begun = True
            self._change.notify_all()

    def take(self, part: str) -> bytes | None:
        """The compiled form of a part; None if it is for this process to compile."""
        with self._change:
            if part in self._waiting:
                self._waiting.remove(part)
                return None
            if not self._change.wait_for(lambda: self._ended or part in self.made, LONGEST_PART):
                self.why, self._ended = f"{part} took it more than {LONGEST_PART:.0f} s", True
                self.process.kill()
            return self.made.pop(part, None)

    def stop(self) -> None:
        """End the other process now, whatever it is doing."""
        atexit.unregister(self.stop)
        with self._change:
            self._waiting.clear()
            self._begun = True
            self._change.notify_all()
        with suppress(OSError):
            self.process.kill()
        self._thread.join(LONGEST_PART)

    def _hand_out(self) -> None:
        """In a thread: give the other process one part after another, and keep what it makes."""
        asks, tells = self.process.stdin, self.process.stdout
        assert asks is not None and tells is not None
        try:
            while part := self._next():
                with suppress(OSError):  # if it has ended, it may have said why
                    asks.write(f"{part}\n".encode())
                    asks.flush()
                body = _read_frame(tells)
                with self._change:
                    self.made[part] = body
                    self.taken.append(part)
                    self._change.notify_all()
        except (OSError, EOFError, ValueError) as error:
            self.why = self.why or str(error) or "it ended without a word"
        with self._change:
            self._ended = True
            self._change.notify_all()
        for pipe in (asks, tells):
            with suppress(OSError):
                pipe.close()  # it ends when nobody asks any more
        self.process.wait()

    def _next(self) -> str:
        with self._change:
            self._change.wait_for(lambda: self._begun)
            return self._waiting.pop() if self._waiting else ""


def start_helper(folder_name: str) -> Helper | None:
    """A second process, where there is a second core for it; None where there is none. Raises OSError."""
    if count_cores() < 2 or os.environ.get("NUMBA_DISABLE_JIT", "0") != "0" or not sys.executable:
        return None
    return Helper(folder_name)


def count_cores() -> int:
    """The cores that this process may use, at most RINGFENCE_THREADS."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    asked = os.environ.get("RINGFENCE_THREADS", "")
    return min(cores, max(1, int(asked))) if asked.isdigit() else cores


@contextmanager
def take_parts(helper: Helper | None, context: Any) -> Iterator[None]:
    """While the kernel is compiled, with numba's lock held: take from the other process, if there is one, the parts
    that it compiles, and optimise each of the rest as it is compiled.
    """
    kind: Any = import_module("numba.core.dispatcher").Dispatcher
    compile_here: Callable[..., Any] = kind.compile

    def compile_or_take(self: Any, sig: Any) -> Any:
        part = _name(self.py_func)
        if part not in PARTS or self.overloads:
            return compile_here(self, sig)
        compiled = None
        if helper is not None and (body := helper.take(part)) is not None:
            compiled = _unpack_or_give_up(body, sig, self, helper)
        if compiled is None:
            entry = compile_here(self, sig)
            (made,) = self.overloads.values()
            made.library.optimise_as_stage(made.fndesc.llvm_func_name)
            return entry
        self.targetctx.insert_user_function(compiled.entry_point, compiled.fndesc, [compiled.library])
        self.add_overload(compiled)
        return compiled.entry_point

    kind.compile = compile_or_take
    try:
        with import_module(_APART).keep_stages_apart(context):
            yield
    finally:
        kind.compile = compile_here


def _find(part: str) -> Any:
    module, name = part.split(".")
    return getattr(import_module(_ENGINE + module), name)


def _name(function: Any) -> str:
    return f"{function.__module__}.{function.__qualname__}".removeprefix(_ENGINE)


def _unpack_or_give_up(body: bytes, sig: Any, dispatcher: Any, helper: Helper) -> Any:
    """A part as if it had been compiled here; None, and the reason is kept, if this numba cannot take it in."""
    try:
        return _unpack(body, sig, dispatcher)
    except Exception as error:  # what a part looks like inside is numba's own, and another version may change it
        helper.why = helper.why or f"{type(error).__name__}: {error}"
        return None


def _unpack(body: bytes, sig: Any, dispatcher: Any) -> Any:
    """A part of the program as if it had been compiled here; None if it is for other types."""
    code, described, environment, signature = pickle.loads(body)
    arguments, _ = import_module("numba.core.sigutils").normalize_signature(sig)
    if tuple(signature.args) != tuple(arguments):
        return None
    context = dispatcher.targetctx
    library = context.codegen().create_library(described.qualname)
    library.take_stage(code)
    return import_module("numba.core.compiler").compile_result(
        target_context=context,
        typing_context=context.typing_context,
        library=library,
        environment=environment,
        entry_point=context.get_executable(library, described, environment),
        fndesc=described,
        signature=signature,
        objectmode=False,
        lifted=(),
        reload_init=[],
    )


def help_to_compile(folder_name: str) -> None:
    """What the other process does: compile what it is asked for, until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started it ends it
    tell, sys.stdout = sys.stdout.buffer, sys.stderr
    try:
        _compile_parts(tell, folder_name)
    except BaseException as error:
        _write_frame(tell, f"{type(error).__name__}: {error}"[:500].encode(), failed=True)
        raise


def _compile_parts(tell: IO[bytes], folder_name: str) -> None:
    from numba.core.bytecode import FunctionIdentity
    from numba.core.compiler_lock import global_compiler_lock

    from simulator.engine import ensemble, kernel_cache, whole_program
    from simulator.engine.kernel_sources import cache_folder_name
    from simulator.engine.light_compilation import compile_lightly
    from simulator.engine.stages_apart import keep_stages_apart

    kernel_cache.hold_no_lock()  # whoever started it holds it
    if cache_folder_name() != folder_name:
        raise RuntimeError("the sources have changed meanwhile")
    FunctionIdentity._unique_ids = itertools.count(_FIRST_NUMBER)
    kernel: Any = ensemble.block
    types = _list_types()
    for line in sys.stdin:
        part = line.strip()
        if part in OTHERS:
            _compile_kernel(part, types)
            _write_frame(tell, b"kept")
            continue
        context = kernel.targetctx
        with (
            global_compiler_lock,
            compile_lightly(),
            whole_program.compile_as_one("", context),
            keep_stages_apart(context),
        ):
            body = _compile_part(part, types, kernel.targetoptions)
        _write_frame(tell, body)


def _compile_part(part: str, types: dict[str, Any], options: dict[str, Any]) -> bytes:
    """A stage as the kernel would compile it: called by a function that is compiled in the kernel's way."""
    dispatchers: Any = import_module("numba.core.dispatcher").Dispatcher
    stage = _find(part)
    names = list(inspect.signature(stage).parameters)
    known: dict[str, Any] = {"stage": stage}
    exec(f"def call({', '.join(names)}):\n    stage({', '.join(names)})\n", known)
    compiled: list[Any] = []
    compile_here = dispatchers.compile

    def note(self: Any, sig: Any) -> Any:
        entry = compile_here(self, sig)
        if self.py_func is stage:
            compiled[:] = self.overloads.values()
        return entry

    dispatchers.compile = note
    try:
        import_module("numba").njit(**options)(known["call"]).compile(tuple(types[name] for name in names))
    finally:
        dispatchers.compile = compile_here
    (made,) = compiled
    made.library.optimise_as_stage(made.fndesc.llvm_func_name)
    made.fndesc.typemap = made.fndesc.calltypes = None
    dumps: Callable[..., bytes] = import_module("numba.core.serialize").dumps
    return dumps((made.library.get_stage(), made.fndesc, made.environment, made.signature))


def _list_types() -> dict[str, Any]:
    """What the parameters of stages hold, by their names."""
    import numpy as np

    from simulator.declarations.levers import QUARTER_DTYPE
    from simulator.declarations.output_variables import AREA_YEAR_DTYPE, NATIONAL_DTYPE
    from simulator.declarations.parameters import POINT_DTYPE
    from simulator.engine.records import AREA_DTYPE, BOARD_DTYPE, FACTS_DTYPE, ROOM_DTYPE

    kinds = {
        "boards": BOARD_DTYPE,
        "facts": FACTS_DTYPE,
        "room": ROOM_DTYPE,
        "rows": AREA_YEAR_DTYPE,
        "areas": AREA_DTYPE,
        "ranks": np.dtype(np.int64),
    }
    numba: Any = import_module("numba")
    records = {"lv": QUARTER_DTYPE, "p": POINT_DTYPE, "out": NATIONAL_DTYPE}
    return {
        **{name: numba.typeof(np.zeros(1, kind)) for name, kind in kinds.items()},
        **{name: numba.from_dtype(kind) for name, kind in records.items()},
        "lines": numba.typeof(np.zeros((1, 1))),
        "table": numba.typeof(np.zeros((1, 1, 1))),
        "q": numba.int64,
        "key": numba.types.UniTuple(numba.uint64, 3),
    }


def compile_others(helper: Helper | None) -> None:
    """Compile the kernels that only Mesa needs, or read them: here or, where there is one, in the other process."""
    types = _list_types()
    for name in reversed(OTHERS):
        if helper is not None:
            helper.take(name)
        _compile_kernel(name, types)


def _compile_kernel(name: str, types: dict[str, Any]) -> None:
    kernel = _find(name)
    if hasattr(kernel, "compile"):  # it is plain Python with NUMBA_DISABLE_JIT
        names = inspect.signature(kernel.py_func).parameters
        kernel.compile(tuple(types[name] for name in names))


def _write_frame(to: IO[bytes], body: bytes, failed: bool = False) -> None:
    to.write(bytes([failed]) + len(body).to_bytes(8, "big") + body)
    to.flush()


def _read_frame(source: IO[bytes]) -> bytes:
    """What the other process says. Raises EOFError if it has ended, ValueError with its words if it failed."""
    head = source.read(9)
    size = int.from_bytes(head[1:], "big")
    body = source.read(size) if len(head) == 9 else b""
    if len(head) < 9 or len(body) < size:
        raise EOFError
    if head[0]:
        raise ValueError(body.decode(errors="replace"))
    return body
